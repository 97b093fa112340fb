"""What each change adds adds up to the whole, exactly or sampled, for every plan and for its lead over the baseline."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.analysis.diff import attribution as module
from minecalc.analysis.diff import question
from minecalc.analysis.diff.attribution import Record, attributions, diff, written
from minecalc.analysis.diff.changes import differences
from minecalc.analysis.questions import QuestionError
from minecalc.engine import evaluate
from minecalc.figures import IS_BASELINE
from minecalc.loading import Reading, loads, read, read_bytes
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Unstated
from tests.by_hand import CLOUD, LEASE, MARKET, MINER, SITE, Data, freed
from tests.randomly import randomly
from tests.strategies import scenarios

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"
LEASED = 'plans."lease to an AI tenant".'
GPUS = 'plans."rent out GPUs".'
FOURTEEN = (
    "site.electricity_price_usd_per_kwh=0.05",
    "site.fixed_cost_usd_per_year=100000",
    "market.btc_price_usd=90000",
    "market.fee_btc_per_block=0.03",
    "market.network_hash_rate_eh_per_s.growth_fraction_per_year=0.05",
    "discount_rate_fraction_per_year=0.1",
    'plans."keep mining".efficiency_j_per_th=16',
    'plans."keep mining".pool_fee_fraction=0.01',
    GPUS + "gpu_count=16000",
    GPUS + "kw_per_gpu=1.5",
    GPUS + "utilisation_fraction=0.9",
    GPUS + "capex_usd_per_gpu=50000",
    GPUS + "conversion.delay_months=3",
    LEASED + "rent_usd_per_kw_per_month=150",
)


def reading(plans: Data, assignments: tuple[str, ...] = (), **rest: Any) -> Reading:
    content = {"name": "it", "months": 24, "site": SITE, "market": MARKET, "plans": freed(plans)} | rest
    content = {"discount_rate_fraction_per_year": 0} | content
    return read_bytes(json.dumps(content).encode(), "it.yaml", Path(), assignments)


def plan(record: Record, name: str) -> Record:
    (found,) = (plan for plan in record["plans"] if plan["name"] == name)
    assert isinstance(found, dict)
    return found


def effects(part: Record) -> dict[str, float]:
    return {effect["path"]: effect["usd"] for effect in part["effects"]}


def parts(record: Record) -> list[Record]:
    return [part for plan in record["plans"] for part in (plan["npv"], plan["vs_baseline"]) if part is not None]


def adds_up(part: Record, size: float = 0.0) -> bool:
    size = max(size, abs(part["a_usd"]), abs(part["b_usd"]))
    total = sum(effect["usd"] for effect in part["effects"])
    return bool(abs(total - part["change_usd"]) <= 1e-9 * size)


def test_a_product_is_shared_by_hand() -> None:
    """Rent and space: 12 million become 17.28; each of them is worth its step at the mean of the other."""
    a = reading({"let": LEASE})
    larger = LEASE | {"rent_usd_per_kw_per_month": 120, "critical_per_gross_fraction": 0.6}
    record = diff(a, reading({"let": larger}))
    npv = plan(record, "let")["npv"]
    assert (npv["a_usd"], npv["b_usd"]) == pytest.approx((12e6, 17.28e6))
    assert effects(npv) == pytest.approx(
        {
            "plans.let.critical_per_gross_fraction": 0.1 * 110 * 240_000,
            "plans.let.rent_usd_per_kw_per_month": 20 * 0.55 * 240_000,
        }
    )
    assert npv["method"] == "exact"
    assert plan(record, "let")["vs_baseline"] is None
    assert plan(record, "let")["reasons"] == {"vs_baseline": IS_BASELINE}


def test_what_moves_a_lead_is_what_moves_the_plan_less_what_moves_the_baseline() -> None:
    record = diff(read(TEXAS), read(TEXAS, FOURTEEN[:9]))
    before = effects(plan(record, "keep mining")["npv"])
    for found in record["plans"][1:]:
        own = effects(found["npv"])
        assert effects(found["vs_baseline"]) == pytest.approx({path: own[path] - before[path] for path in own})
    evaluations = [evaluate(read(TEXAS, sets).scenario or loads("")) for sets in ((), FOURTEEN[:9])]
    for name in ("lease to an AI tenant", "half and half"):
        ends = [float(evaluation.difference_npv_usd(name)[0]) for evaluation in evaluations]
        assert [plan(record, name)["vs_baseline"][key] for key in ("a_usd", "b_usd")] == ends


def test_a_plan_is_not_moved_by_what_stands_in_others() -> None:
    record = diff(read(TEXAS), read(TEXAS, FOURTEEN))
    lease = effects(plan(record, "lease to an AI tenant")["npv"])
    assert {path for path, usd in lease.items() if usd == 0.0} == {
        *(item.split("=")[0] for item in FOURTEEN[8:13]),
        "discount_rate_fraction_per_year",
    }


def test_a_few_changes_that_move_a_plan_are_exact_among_many() -> None:
    """Fourteen changes, nine of which can move the lease and thirteen the GPUs."""
    record = diff(read(TEXAS), read(TEXAS, FOURTEEN))
    methods = {
        found["name"]: (found["npv"]["method"], (found["vs_baseline"] or {}).get("method")) for found in record["plans"]
    }
    assert methods == {
        "keep mining": ("exact", None),
        "lease to an AI tenant": ("exact", "exact"),
        "rent out GPUs": ("sampled", "sampled"),
        "half and half": ("exact", "exact"),
    }
    assert (record["samples"], record["seed"]) == (1000, 0)
    assert all(map(adds_up, parts(record)))
    exact = plan(record, "lease to an AI tenant")["npv"]["effects"]
    assert {effect["standard_error_usd"] for effect in exact} == {None}
    sampled = plan(record, "rent out GPUs")["npv"]["effects"]
    assert all(effect["standard_error_usd"] > 0.0 for effect in sampled if abs(effect["usd"]) > 1.0)


def test_sampled_shares_lie_where_their_errors_say(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = read(TEXAS), read(TEXAS, FOURTEEN[3:])
    exact = diff(a, b)
    assert exact["samples"] is None
    monkeypatch.setattr(module, "EXACT_MOST", 2)
    sampled = diff(a, b, samples=400, seed=7)
    assert (sampled["samples"], sampled["seed"]) == (400, 7)
    scores = []
    for one, other in zip(parts(exact), parts(sampled), strict=True):
        assert other["method"] == "sampled"
        assert adds_up(other)
        for sure, unsure in zip(one["effects"], other["effects"], strict=True):
            error = unsure["standard_error_usd"]
            assert abs(unsure["usd"] - sure["usd"]) <= 5.0 * error + 1e-6
            if error > 1.0:
                scores.append((unsure["usd"] - sure["usd"]) / error)
    assert len(scores) > 20
    assert 0.5 < float(np.std(scores)) < 1.5


def test_a_seed_gives_the_same_answer_again_and_more_samples_a_surer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_MOST", 3)
    a, b = read(TEXAS), read(TEXAS, FOURTEEN)
    few = [diff(a, b, samples=20, seed=seed) for seed in (1, 1, 2)]
    assert few[0] == few[1]
    assert few[0]["plans"] != few[2]["plans"]
    many = diff(a, b, samples=500, seed=1)

    def error(record: Record) -> float:
        return sum(float(effect["standard_error_usd"]) for effect in plan(record, "rent out GPUs")["npv"]["effects"])

    assert error(many) < 0.5 * error(few[0])


def test_another_baseline_is_a_change_of_the_lead_alone() -> None:
    """Shares of the lead against the definition: every order of a rent, a rate and the baseline."""
    plans = {"mine": MINER, "let": LEASE, "rent": CLOUD}
    sets = ("plans.let.rent_usd_per_kw_per_month=130", "plans.mine.hash_rate_eh_per_s=0.5", "baseline=let")
    record = diff(reading(plans), reading(plans, sets))
    assert [change["path"] for change in record["changes"]] == [
        "baseline",
        "plans.mine.hash_rate_eh_per_s",
        "plans.let.rent_usd_per_kw_per_month",
    ]

    def lead(taken: set[str]) -> float:
        scenario = reading(plans, tuple(taken)).scenario
        assert scenario is not None
        return float(evaluate(scenario).difference_npv_usd("rent")[0])

    shares = dict.fromkeys(sets, 0.0)
    for order in permutations(sets):
        for i, change in enumerate(order):
            shares[change] += (lead(set(order[: i + 1])) - lead(set(order[:i]))) / 6
    rent = plan(record, "rent")
    assert effects(rent["vs_baseline"]) == pytest.approx({item.split("=")[0]: usd for item, usd in shares.items()})
    assert set(effects(rent["npv"]).values()) == {0.0}
    assert plan(record, "mine")["vs_baseline"]["a_usd"] == plan(record, "let")["vs_baseline"]["b_usd"] == 0.0
    assert all(map(adds_up, parts(record)))


def test_another_baseline_among_many_changes_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = read(TEXAS), read(TEXAS, (*FOURTEEN[:8], "baseline=half and half"))
    exact = diff(a, b)
    monkeypatch.setattr(module, "EXACT_MOST", 2)
    sampled = diff(a, b, samples=400)
    for one, other in zip(parts(exact), parts(sampled), strict=True):
        assert adds_up(other)
        for sure, unsure in zip(one["effects"], other["effects"], strict=True):
            assert abs(unsure["usd"] - sure["usd"]) <= 5.0 * unsure["standard_error_usd"] + 1e-6


def test_without_a_baseline_in_both_there_is_no_lead() -> None:
    a, b = reading({"mine": MINER, "let": LEASE}), reading({"dig": MINER | {"stops": "best"}, "let": LEASE})
    record = diff(a, b)
    (only,) = record["plans"]
    assert (only["name"], only["vs_baseline"]) == ("let", None)
    assert only["reasons"]["vs_baseline"] == (
        "the baseline of A, mine, is not in both; the baseline of B, dig, is not in both"
    )
    assert (list(record["added"]), list(record["removed"])) == (["dig"], ["mine"])
    worth = [evaluate(r.scenario).baseline.npv_usd[0] for r in (a, b) if r.scenario is not None]
    assert [record["removed"]["mine"], record["added"]["dig"]] == worth
    assert diff(a, reading({"other": LEASE | {"free_months": 1}}))["plans"] == []


def test_the_best_plan_is_that_at_one_rate() -> None:
    a = reading({"mine": MINER, "b": LEASE | {"discount_rate_fraction_per_year": 0.9, "free_months": 1}, "c": LEASE})
    b = reading({"mine": MINER, "b": LEASE | {"discount_rate_fraction_per_year": 0.9}, "c": LEASE | {"free_months": 1}})
    record = diff(a, b)
    assert (record["a"]["best_plan"], record["b"]["best_plan"]) == ("c", "b")


def test_the_record_says_what_was_compared() -> None:
    a = reading({"mine": MINER, "let": LEASE})
    b = reading({"let": LEASE, "mine": MINER}, ("baseline=mine", "name=new", "plans.mine.hash_rate_eh_per_s=0.9"))
    record = diff(a, b)
    assert record["a"] == {
        "file": "it.yaml",
        "sha256": a.sha256,
        "files": [],
        "name": "it",
        "baseline": "mine",
        "own_rates": False,
        "best_plan": "let",
        "headline_plan": "let",
    }
    assert (record["b"]["name"], record["samples"], record["seed"]) == ("new", None, None)
    (change,) = record["changes"]
    assert change["path"] == "plans.mine.hash_rate_eh_per_s"
    (place,) = change["inputs"]
    assert (place["a"], place["b"]) == (1, 0.9)
    assert place["origin_a"] == {"source": "it.yaml", "line": 1}
    assert place["origin_b"] == {"source": "--set", "line": None}
    assert [place["path"] for place in record["without_effect"]] == ["name"]


def test_plans_may_be_chosen() -> None:
    a, b = read(TEXAS), read(TEXAS, FOURTEEN[:4])
    record = diff(a, b, plans=["half and half"])
    assert record["plans"] == [plan(diff(a, b), "half and half")]
    assert diff(a, b, plans=[])["plans"] == []


def test_what_cannot_be_answered_is_refused() -> None:
    a, b = reading({"mine": MINER}).scenario, reading({"let": LEASE, "mine": MINER}).scenario
    assert a is not None
    assert b is not None
    with pytest.raises(QuestionError, match="there is no plan let in both; there are mine"):
        question.diff(a, b, plan="let")
    for samples in (2, 5):
        with pytest.raises(QuestionError, match=f"samples is {samples}"):
            question.diff(a, b, samples=samples)


def test_no_figure_is_moved_by_no_change() -> None:
    found = differences(read(TEXAS), read(TEXAS))
    (only,) = attributions(found, [("keep mining", "keep mining")], samples=4, seed=0).values()
    assert only.a_usd == only.b_usd == evaluate(found.a).plans["keep mining"].npv_usd[0]
    assert only.shares.values.shape == (0,)


def test_values_are_written_as_files_give_them() -> None:
    forms: list[Any] = [
        5.0,
        {"value": 5.0, "scale": 2.0},
        {"value": 5.0, "shift": 2.0},
        {"start": 5.0, "growth_fraction_per_year": 0.1},
        {"steps": {"2027-01": 1.0, "2028-01": 2.0}},
        {"points": {"2027-01": 1.0, "2028-01": 2.0}, "scale": 0.5},
    ]
    for form in forms:
        scenario = reading({"x": MINER}, market={"btc_price_usd": form}).scenario
        assert scenario is not None
        assert written(scenario.market.btc_price_usd) == form
    for scale in (1.0, 1.5):
        assert written(ValueOverTime(Unstated(), scale)) == {"scale": scale}
    scenario = reading({"x": {"uses": {"a": LEASE | {"gross_mw": 1}}}}).scenario
    assert scenario is not None
    assert written(scenario.plans["x"]) == {"a": "colocation"}
    assert written((0.5, 0.5)) == [0.5, 0.5]
    assert (written(None), written(True), written("best")) == (None, True, "best")


def test_a_csv_file_is_written_as_its_amounts(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("month,p\n2027-01,1\n2027-02,2\n")
    (tmp_path / "q.csv").write_text("p\n3\n")
    year = [float(month) for month in range(1, 13)]
    (tmp_path / "year.csv").write_text("p\n" + "".join(f"{amount}\n" for amount in year))
    season: Record = {"repeat": "yearly", "growth_fraction_per_year": 0.1}
    for name, beside, wanted in (
        ("p.csv", {"outside": "hold"}, {"from": "2027-01", "csv": [1.0, 2.0], "outside": "hold"}),
        ("q.csv", {}, {"from": None, "csv": [3.0]}),
        ("year.csv", {"repeat": "yearly"}, {"repeat": "yearly", "csv": year}),
        ("year.csv", season, season | {"csv": year}),
    ):
        market = {"btc_price_usd": {"csv": name, "column": "p", **beside}}
        scenario = loads(
            json.dumps({"name": "it", "site": SITE, "market": market, "plans": {"x": MINER}}), folder=tmp_path
        )
        assert written(scenario.market.btc_price_usd) == wanted


def test_inner_inputs_are_written_as_far_as_given() -> None:
    conversion = {"starts": "2027-03", "ready": "2027-05", "capex_usd_per_critical_mw": 0, "spend": [0.5, 0.5]}
    record = diff(reading({"let": LEASE}), reading({"let": LEASE | {"conversion": conversion}}))
    (change,) = record["changes"]
    assert (change["inputs"][0]["a"], change["inputs"][0]["b"]) == (None, conversion)


def test_two_financings_are_told_apart_in_plain_data() -> None:
    """Another calendar is no column, and other loans are written as a file has them: all of it fits into JSON."""
    loan = {"amount_usd": 1e6, "rate_fraction_per_year": 0.07, "repayment": "level", "term_months": 12}
    bond = loan | {"repayment": {"shares": [0.25, 0.75]}}
    conversion = {"starts": "2027-03", "ready": "2027-05", "capex_usd_per_critical_mw": 1e6}
    one, other = (
        {"let": LEASE | {"conversion": conversion, "financing": {"every_months": every, "tranches": tranches}}}
        for every, tranches in ((3, {"loan": loan}), (6, {"bond": bond}))
    )
    record = diff(reading(one), reading(other))
    (change,) = record["changes"]
    assert [(place["a"], place["b"]) for place in change["inputs"]] == [(3, 6), ({"loan": loan}, {"bond": bond})]
    assert json.loads(json.dumps(record["changes"])) == record["changes"]
    (found,) = record["plans"]
    for side, plans in (("a_usd", one), ("b_usd", other)):
        scenario = reading(plans).scenario
        assert scenario is not None
        assert found["npv"][side] == evaluate(scenario).plans["let"].npv_usd[0]


def test_a_cost_that_inflation_moves_and_one_with_its_own_growth_have_no_columns_in_common() -> None:
    growing = {"start": 5000.0, "growth_fraction_per_year": -0.4}
    before, after = (
        reading({"mine": MINER | {"opex_usd_per_mw_per_year": cost}}, inflation_fraction_per_year=0.03)
        for cost in (9000.0, growing)
    )
    (found,) = diff(before, after)["plans"]
    for side, asked in (("a_usd", before), ("b_usd", after)):
        assert asked.scenario is not None
        assert found["npv"][side] == evaluate(asked.scenario).plans["mine"].npv_usd[0]


@randomly(6)
@given(scenarios(months=30), scenarios(months=30))
def test_attributions_of_any_two_scenarios_add_up(a: Data, b: Data) -> None:
    """Whatever differs, each plan starts at its worth in A and ends at its worth in B, and nothing is left over."""
    readings = [read_bytes(json.dumps(data).encode(), "", Path()) for data in (a, b)]
    record = diff(*readings, samples=10)
    json.dumps(record, allow_nan=False)
    before, after = (evaluate(r.scenario) for r in readings if r.scenario is not None)
    assert {found["name"] for found in record["plans"]} == set(before.plans) & set(after.plans)
    for found in record["plans"]:
        npv = found["npv"]
        assert npv["a_usd"] == pytest.approx(float(before.plans[found["name"]].npv_usd[0]), rel=1e-12, abs=1e-6)
        assert npv["b_usd"] == pytest.approx(float(after.plans[found["name"]].npv_usd[0]), rel=1e-12, abs=1e-6)
        assert adds_up(npv, 1.0)
        if found["vs_baseline"] is not None:
            assert adds_up(found["vs_baseline"], max(1.0, abs(npv["a_usd"]), abs(npv["b_usd"])))
