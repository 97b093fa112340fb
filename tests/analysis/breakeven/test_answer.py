"""The records of break-evens: every answer with what sets it, the gap at the ends, and reasons where there is none."""

from __future__ import annotations

import json

import pytest

from minecalc.analysis.breakeven.answer import Record, axis, frontier, frontiers, has_answer, head, overview, solved
from minecalc.engine import evaluate
from minecalc.figures import plan_metrics
from minecalc.loading import load, read
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.solving.gap import Question
from minecalc.version import VERSION
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, compared
from tests.cli.running import TEXAS
from tests.solving.test_solve import KINK, POWER, RIVAL, gap_usd, scenario_of, two_slopes, with_jump

KEEP, LEASING, CLOUDY, HALF = "keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"
ALL = [Question(name, KEEP) for name in (LEASING, CLOUDY, HALF)]
HASH_PRICE = "market.hash_price_usd_per_ph_per_day"


def only(record: Record) -> Record:
    (plan,) = record["plans"]
    assert isinstance(plan, dict)
    return plan


def test_head_says_which_file() -> None:
    reading = read(TEXAS)
    scenario = load(TEXAS)
    found = head(scenario, reading)
    assert found["format"] == "minecalc.breakeven/1"
    assert (found["version"], found["file"], found["name"]) == (VERSION, TEXAS, "Texas 50 MW")
    assert (found["baseline"], len(found["sha256"])) == (KEEP, 64)


def test_an_answer_can_be_set_and_its_slope_is_that_of_the_gap() -> None:
    scenario = load(TEXAS)
    record = solved(scenario, "market.btc_price_usd", ALL)
    assert record["solve"]["path"] == "market.btc_price_usd"
    assert (record["solve"]["present"], record["solve"]["low"], record["solve"]["high"]) == (
        63_001,
        0,
        pytest.approx(1e6),
    )
    found = {plan["plan"]: plan for plan in record["plans"]}
    assert found[CLOUDY]["answers"] == []
    assert found[CLOUDY]["reason"] == "rent out GPUs stays behind keep mining from 0 to 1,000,000 USD"
    for name in (LEASING, HALF):
        plan = found[name]
        (answer,) = plan["answers"]
        assert (plan["figure"], plan["against"], plan["target"], plan["reason"]) == (
            "npv_difference_at_scenario_rate_usd",
            KEEP,
            None,
            None,
        )
        there = load(TEXAS, [answer["set"]])
        assert abs(gap_usd(there, Question(name, KEEP))) < 1e-3
        assert answer["scale"] == pytest.approx(answer["value"] / 63_001)
        one_more = load(TEXAS, [f"market.btc_price_usd.scale={answer['scale'] + 1 / 63_001!r}"])
        assert gap_usd(one_more, Question(name, KEEP)) == pytest.approx(answer["slope_per_unit"], rel=1e-3)
        assert plan["at_present"] == gap_usd(scenario, Question(name, KEEP))
        assert plan["at_low"] > 0 > plan["at_high"]
        assert plan["reasons"] == {}


def test_plans_that_the_input_leaves_alone_are_left_out_unless_that_are_all() -> None:
    path = f'plans."{CLOUDY}".lease_usd_per_gpu_hour'
    record = solved(load(TEXAS), path, ALL)
    assert only(record)["plan"] == CLOUDY
    assert record["unmoved"] == [LEASING, HALF]
    alone = solved(load(TEXAS), path, [ALL[0]])
    assert (only(alone)["reason"], alone["unmoved"]) == ("it has no bearing on that", [])
    assert not has_answer(alone)
    assert has_answer(record)


def test_two_roots_a_stretch_and_a_step() -> None:
    both = only(solved(two_slopes(1e6), POWER, [RIVAL]))
    assert [answer["kind"] for answer in both["answers"]] == ["root", "root"]
    assert both["answers"][0]["slope_per_unit"] > 0 > both["answers"][1]["slope_per_unit"]
    (stretch,) = only(solved(scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}), POWER, [RIVAL]))["answers"]
    assert (stretch["kind"], stretch["value"], stretch["beyond"]) == ("stretch", pytest.approx(KINK), 2.0)
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 450_000}
    scenario = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130, "conversion": conversion})
    record = solved(scenario, "plans.rival.conversion.ready", [RIVAL])
    (step,) = only(record)["answers"]
    assert (record["solve"]["present"], record["solve"]["whole"]) == ("2027-01", True)
    assert (step["kind"], step["value"], step["beyond"], step["scale"]) == ("step", "2027-03", "2027-04", None)
    assert step["figure_there"] > 0 > step["figure_beyond"]
    assert step["set"] == "plans.rival.conversion.ready=2027-03"


def test_a_jump_and_what_would_be_refused_are_no_answers() -> None:
    plan = only(solved(with_jump(), HASH_PRICE, [RIVAL]))
    assert [answer["kind"] for answer in plan["answers"]] == ["root"]
    assert [answer["kind"] for answer in plan["not_answers"]] == ["jump"]
    path = f'plans."{KEEP}".hash_rate_eh_per_s'
    refused = only(solved(load(TEXAS), path, [ALL[1]]))
    assert refused["answers"] == []
    assert refused["reason"].startswith("level at 16.85 EH per s, which is refused: keep mining needs 16.8501 EH/s")
    assert refused["not_answers"][0]["refused"] in refused["reason"]


def test_a_target_shows_the_figure_itself() -> None:
    path = f'plans."{CLOUDY}".lease_usd_per_gpu_hour'
    plan = only(solved(load(TEXAS), path, [Question(CLOUDY, None, "irr_fraction_per_year", 0.12)]))
    assert (plan["figure"], plan["against"], plan["target"]) == ("irr_fraction_per_year", None, 0.12)
    (answer,) = plan["answers"]
    found = plan_metrics(evaluate(load(TEXAS, [answer["set"]])).plans[CLOUDY])["irr_fraction_per_year"].number()
    assert found == pytest.approx(0.12, rel=1e-9)
    assert answer["figure_there"] == pytest.approx(0.12, rel=1e-12)
    assert (plan["at_low"], plan["at_high"]) == (None, None)
    assert set(plan["reasons"]) == {"at_low", "at_high"}
    assert plan["reasons"]["at_low"] == "rent out GPUs has no IRR there"


def test_an_end_of_the_range_that_no_file_may_hold_has_no_figure() -> None:
    """A site of no megawatts would be worth anything, for what runs there is scaled to them."""
    plan = only(solved(load(TEXAS), "site.gross_mw", [ALL[0]]))
    assert plan["at_low"] is None
    assert plan["reasons"]["at_low"].startswith("check would refuse that: keep mining needs 2.6 EH/s ")
    assert plan["at_present"] == gap_usd(load(TEXAS), ALL[0])
    row = overview(load(TEXAS), [ALL[0]])["plans"][0]["break_evens"]
    (site,) = (found for found in row if found["path"] == "site.gross_mw")
    assert (site["at_low"], site["reasons"]) == (None, plan["reasons"])


def line(scenario: Scenario, path: str, question: Question, by: str, low: float, high: float, points: int) -> Record:
    of = movable(scenario, by)
    return frontiers(scenario, [frontier(scenario, path, question, of, axis(of, low, high, points))])


def test_every_point_of_a_frontier_can_be_set() -> None:
    record = line(load(TEXAS), "market.btc_price_usd", ALL[0], POWER, 0.02, 0.08, 4)
    assert (record["by"]["path"], record["unmoved"]) == (POWER, [])
    points = only(record)["frontier"]
    assert [point["by"] for point in points] == pytest.approx([0.02, 0.04, 0.06, 0.08])
    for point in points:
        assert abs(gap_usd(load(TEXAS, [point["by_set"], point["set"]]), ALL[0])) < 1e-2
        assert (point["others"], point["reason"]) == ([], None)
    assert has_answer(record)


def test_a_frontier_has_the_nearest_answer_and_names_the_others() -> None:
    cloud = CLOUD | {"life_months": 24}
    record = line(scenario_of(MINER, cloud), POWER, RIVAL, "plans.rival.lease_usd_per_gpu_hour", 1.5, 1.7, 5)
    points = only(record)["frontier"]
    assert points[0]["value"] is None
    assert points[0]["reason"] == "rival stays behind baseline from -1 to 2 USD per kWh"
    assert len(points[-1]["others"]) == 1
    now = 0.05
    assert abs(points[-1]["value"] - now) < abs(points[-1]["others"][0] - now)


def test_a_frontier_leaves_out_what_would_be_refused_at_that_point() -> None:
    record = line(load(TEXAS), f'plans."{KEEP}".hash_rate_eh_per_s', ALL[1], "site.gross_mw", 50, 400, 2)
    small, large = only(record)["frontier"]
    assert small["value"] is None
    assert "which is refused" in small["reason"]
    assert large["value"] == pytest.approx(16.85, rel=1e-3)


@pytest.fixture(scope="module")
def everything() -> Record:
    return overview(load(TEXAS), ALL)


def test_an_overview_has_every_input_that_moves_a_plan_nearest_first(everything: Record) -> None:
    assert [plan["plan"] for plan in everything["plans"]] == [LEASING, CLOUDY, HALF]
    rows = everything["plans"][0]["break_evens"]
    paths = [row["path"] for row in rows]
    assert "market.btc_price_usd" in paths
    assert not [path for path in paths if CLOUDY in path], "the other plan's inputs move nothing here"
    solved_ = [row for row in rows if row["value"] is not None]
    assert rows[: len(solved_)] == solved_
    distances = [abs(row["scale"] - 1) for row in solved_ if row["scale"] is not None]
    assert distances == sorted(distances)
    assert all(row["reason"] for row in rows[len(solved_) :])
    growth = next(row for row in rows if row["path"] == "market.network_hash_rate_eh_per_s.growth_fraction_per_year")
    assert (growth["value"] is not None, growth["scale"]) == (True, None), "a growth is no multiple of another"


def test_each_of_an_overview_can_be_set(everything: Record) -> None:
    for plan, question in zip(everything["plans"], ALL, strict=True):
        for row in plan["break_evens"]:
            if row["kind"] == "root":
                found = gap_usd(load(TEXAS, [row["set"]]), question)
                assert abs(found) <= 1e-9 * 5e8, row["path"]
            assert row["at_present"] == pytest.approx(gap_usd(load(TEXAS), question), rel=1e-12)


def test_records_are_json(everything: Record) -> None:
    jump = solved(with_jump(), HASH_PRICE, [RIVAL])
    ready = line(
        load(TEXAS), f'plans."{CLOUDY}".conversion.ready', ALL[1], f'plans."{CLOUDY}".lease_usd_per_gpu_hour', 2, 6, 3
    )
    for record in (everything, jump, ready):
        assert json.loads(json.dumps(record, allow_nan=False)).keys() == record.keys()


def test_an_overview_of_plans_without_mining_has_machines_but_no_fleets() -> None:
    record = overview(compared({"baseline": LEASE, "rival": CLOUD}).scenario, [RIVAL])
    assert record["fleets"] == []
    assert len(record["machines"]) > 40


def test_all_plans_together_have_the_break_evens_of_each_alone() -> None:
    scenario = load(TEXAS)
    together = overview(scenario, ALL)["plans"]
    assert together == [only(overview(scenario, [question])) for question in ALL]
