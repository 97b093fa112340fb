"""The record of a comparison holds the figures of the engine, plan by plan, with a reason for each that is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc import checks
from minecalc.analysis.compare.record import FORMAT, compare, compare_each, compare_readings, summary
from minecalc.arrays import accumulate
from minecalc.engine import Evaluation, evaluate
from minecalc.figures import against_baseline, annual, irr_roots, plan_metrics, quantities
from minecalc.loading import load, read
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.places import places
from minecalc.scenario.stacking import stacks
from minecalc.solving.screen import break_evens
from tests.by_hand import CONVERSION, LEASE, MINER, compared
from tests.cli.running import ROOT

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(load(TEXAS))


@pytest.fixture(scope="module")
def record(evaluation: Evaluation) -> dict[str, Any]:
    return compare(evaluation.scenario)


def test_it_says_what_was_compared(evaluation: Evaluation, record: dict[str, Any]) -> None:
    assert FORMAT == "minecalc.compare/1"
    assert record["name"] == "Texas 50 MW"
    assert (record["start"], record["months"], record["baseline"]) == ("2027-01", 120, "keep mining")
    assert (record["gross_mw"], record["discount_rate_fraction_per_year"]) == (50, 0.12)
    assert [plan["name"] for plan in record["plans"]] == list(evaluation.plans)
    assert record["warnings"] == checks.warnings(evaluation.scenario)
    assert record["hash_price_usd_per_ph_per_day_by_year"] == checks.hash_price_by_year(evaluation.scenario)
    assert [plan["kinds"] for plan in record["plans"]] == [
        ["bitcoin_mining"],
        ["colocation"],
        ["gpu_cloud"],
        ["bitcoin_mining", "colocation"],
    ]
    rates = [plan["discount_rate_fraction_per_year"] for plan in record["plans"]]
    assert rates == [0.12, 0.09, 0.12, 0.12]


def test_every_figure_is_the_engines(evaluation: Evaluation, record: dict[str, Any]) -> None:
    for plan in record["plans"]:
        evaluated = evaluation.plans[plan["name"]]
        named = {**plan_metrics(evaluated), **quantities(evaluated)}
        if plan["name"] != "keep mining":
            named |= against_baseline(evaluation, plan["name"])
        shown = plan["metrics"] | plan["quantities"] | plan["vs_baseline"]
        for name, metric in named.items():
            assert shown[name] == metric.number(), name
            assert plan["reasons"].get(name) == metric.reason(), name
        extra = set(plan["metrics"]) - set(plan_metrics(evaluated))
        assert extra == {"irr_roots", "npv_at_best_stop_usd", "npv_at_best_stop_at_scenario_rate_usd", "best_stop"}
        assert plan["metrics"]["irr_roots"] == irr_roots(evaluated)
        for row, year in zip(plan["annual"], annual(evaluated), strict=True):
            assert row == {"year": row["year"]} | {name: float(values[0]) + 0.0 for name, values in year.items()}


def test_the_baseline_is_compared_with_nothing(record: dict[str, Any]) -> None:
    against = record["plans"][0]["vs_baseline"]
    assert (against["npv_difference_usd"], against["npv_difference_at_scenario_rate_usd"]) == (0, 0)
    assert (against["incremental_irr_fraction_per_year"], against["incremental_payback_months"]) == (None, None)
    assert against["break_evens"] == {}
    reasons = record["plans"][0]["reasons"]
    assert reasons["incremental_irr_fraction_per_year"] == "this is the baseline"


def test_break_evens_are_those_of_the_analysis(evaluation: Evaluation, record: dict[str, Any]) -> None:
    solved = break_evens(evaluation)
    for plan in record["plans"][1:]:
        shown = plan["vs_baseline"]["break_evens"]
        assert list(shown) == list(solved[plan["name"]])
        for path, item in shown.items():
            found = solved[plan["name"]][path]
            plain = found._asdict() | {"all": [one._asdict() for one in found.all]}
            assert {"path": path, **item} == plain
    quick = compare(evaluation.scenario, with_break_evens=False)
    assert [plan["vs_baseline"]["break_evens"] for plan in quick["plans"]] == [{}, {}, {}, {}]
    for plan in [*quick["plans"], *record["plans"]]:
        del plan["vs_baseline"]["break_evens"]
    assert "draw level" not in quick.pop("headline")
    assert quick == {key: value for key, value in record.items() if key != "headline"}


def test_best_stop_of_mining_and_why_there_is_none() -> None:
    loss = MINER | {"opex_usd_per_mw_per_year": 1e6, "machine_resale_usd_per_th": 1}
    halves = {
        "uses": {
            "old": loss | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5},
            "new": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5},
        }
    }
    plans = compare(compared({"loss": loss, "gain": MINER, "lease": LEASE, "halves": halves}).scenario)["plans"]
    stops = [plan["metrics"]["best_stop"] for plan in plans]
    assert stops == ["2027-01", "never", None, "old: 2027-01; new: never"]
    assert plans[0]["metrics"]["npv_at_best_stop_usd"] == 1e6, "the machines are sold at once"
    assert plans[1]["metrics"]["npv_at_best_stop_usd"] == plans[1]["metrics"]["npv_usd"]
    reason = "the plan has no mining of its own to stop"
    assert plans[2]["metrics"]["npv_at_best_stop_usd"] is None
    assert (plans[2]["reasons"]["npv_at_best_stop_usd"], plans[2]["reasons"]["best_stop"]) == (reason, reason)


def test_memo_has_what_is_not_in_the_flows() -> None:
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
    evaluation = compared({"mine": MINER, "lease": lease})
    mine, converted = compare(evaluation.scenario)["plans"]
    assert mine["memo"]["lost_mining_margin_usd"] == 0
    assert converted["memo"]["lost_mining_margin_usd"] == pytest.approx((31 + 30) * 8000)
    dear = compare(compared({"mine": MINER}, market={"hash_price_usd_per_ph_per_day": 10}).scenario)["plans"][0]
    assert dear["memo"]["curtailment_value_usd"] == pytest.approx(2000 * 731)
    lost = evaluation.plans["lease"].engine.lost_margin_usd(evaluation.plans["lease"].plan)
    assert converted["memo"]["lost_mining_margin_usd"] == float(accumulate(lost)[0])


def test_what_was_defaulted_is_listed_with_its_source(record: dict[str, Any]) -> None:
    by_path = {item["path"]: item for item in record["defaulted"]}
    life = by_path['plans."keep mining".life_months']
    assert (life["value"], life["as_of"]) == (60, "2023-12")
    assert "judgement" in life["source"]
    assert "market.btc_price_usd" not in by_path, "the file gives it"
    keys = {"path", "value", "as_of", "source", "file", "line", "from_record", "published"}
    assert all(set(item) == keys for item in record["defaulted"])


def test_a_reading_adds_its_file_and_checksum(record: dict[str, Any], tmp_path: Path) -> None:
    reading = read(TEXAS)
    (found,) = compare_readings([reading])
    assert (found["file"], found["sha256"]) == (str(TEXAS), reading.sha256)
    assert {**found, "plans": 0} == {"file": str(TEXAS), "sha256": reading.sha256, "files": [], **record, "plans": 0}
    (tmp_path / "broken.yaml").write_text("name: x")
    with pytest.raises(ValueError, match=r"broken\.yaml holds no scenario"):
        compare_readings([read(tmp_path / "broken.yaml")])


def test_requirements_are_judged_in_the_record_and_the_summary(record: dict[str, Any]) -> None:
    assert (record["requirements"], summary(load(TEXAS))["requirements"]) == ([], [])
    required = load(TEXAS, ["require=[months > 100, plans.'keep mining'.npv_usd > 1e12]"])
    judged = compare(required)["requirements"]
    assert [verdict["holds"] for verdict in judged] == [True, False]
    assert judged == summary(required)["requirements"]
    assert json.loads(json.dumps(judged, allow_nan=False)) == judged


def test_records_are_plain_data(record: dict[str, Any]) -> None:
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def moved(file: str) -> list[Scenario]:
    """A scenario, and two whose given prices, rates and sizes are a little less, as far as a file may hold that."""
    several = [load(file)]
    given = {place.dotted for place in places(several[0]) if place.given and place.value is not None}
    for share in (0.97, 0.9):
        settings = list[str]()
        for one in movables(several[0]).values():
            setting = one.setting(one.present * share)
            if one.path in given and not one.whole and read(file, [*settings, setting]).scenario is not None:
                settings.append(setting)
        several.append(load(file, settings))
    return several


@pytest.mark.parametrize("name", ["retrofit", "gpus-in-leased-space", "quebec-hydro"])
def test_many_scenarios_are_compared_as_one_by_one(name: str) -> None:
    several = moved(str(ROOT / "scenarios" / "archetypes" / f"{name}.yaml"))
    assert [len(stack.places) for stack in stacks(several)] == [3]
    together = compare_each([*several, load(TEXAS)])
    assert json.dumps(together) == json.dumps([compare(scenario) for scenario in (*several, load(TEXAS))])
    assert len({record["plans"][1]["metrics"]["npv_usd"] for record in together}) == 4


def test_a_plan_that_no_number_moves_is_told_in_every_record() -> None:
    """Its figures are one number for all cases, and so are its rates of return."""
    rents = (80, 100)
    several = [
        compared({"mine": MINER, "lease": LEASE | {"rent_usd_per_kw_per_month": rent}}).scenario for rent in rents
    ]
    first, second = compare_each(several)
    assert first["plans"][0] == second["plans"][0] == compare(several[1])["plans"][0]
