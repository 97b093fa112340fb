"""The engine against the second, independent calculation in ``second_engine``: every figure of every plan.

Cases are the examples of the file format, the scenarios that ship, and random ones of ``strategies``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.figures import CATALOGUE, against_baseline, annual, irr_roots, plan_metrics, quantities
from minecalc.loading import loads, read, scenario_files
from minecalc.scenario import Plans, Scenario
from minecalc.schema.parsing import parse
from tests.randomly import randomly
from tests.second_engine import calculate
from tests.strategies import Data, scenarios

ROOT = Path(__file__).parents[1]
RELATIVE = 1e-9
#: Scenarios of what the second engine does not know, and what holds that instead.
ELSEWHERE = {
    "hosting-site-converts": "hosting equals the mine of the same machines: businesses/test_hosting.py",
    "texas-by-the-hour": "a loop over all hours: test_sorted_hours.py, test_hourly_scenarios.py",
}
SHIPPED = [file for file in scenario_files(str(ROOT / "scenarios")) if Path(file).stem not in ELSEWHERE]

HILLTOP = """
name: Hilltop
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  keep mining: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9}
  rent out GPUs: {kind: gpu_cloud, gpu_count: 8192, lease_usd_per_gpu_hour: 2.65}
"""

TEXAS = """
name: Texas 50 MW
start: 2027-01
months: 120
discount_rate_fraction_per_year: 0.12
baseline: keep mining
site:
  gross_mw: 50
  convertible_fraction: 1.0
  electricity_price_usd_per_kwh: 0.045
  fixed_cost_usd_per_year: 0
market:
  btc_price_usd: {start: 63001, growth_fraction_per_year: 0.0}
  network_hash_rate_eh_per_s: {start: 969, growth_fraction_per_year: 0.10}
  fee_btc_per_block: 0.019
plans:
  keep mining:
    kind: bitcoin_mining
    hash_rate_eh_per_s: 2.6
    efficiency_j_per_th: 18
    pue_ratio: 1.05
    uptime_fraction: 0.95
    pool_fee_fraction: 0.005
    opex_usd_per_mw_per_year: 92000
    machine_resale_usd_per_th: {start: 5, growth_fraction_per_year: -0.5}
    refresh: {every_months: 48, price_usd_per_th: 15, efficiency_j_per_th: 12}
    demand_response_usd_per_month: {steps: {2027-01: 0}}
  lease to an AI tenant:
    kind: colocation
    critical_per_gross_fraction: 0.70
    pue_ratio: 1.25
    rent_usd_per_kw_per_month: 130
    escalator_fraction_per_year: 0.03
    term_months: 120
    leased_fraction: 1.0
    tenant_pays_power: true
    opex_fraction_of_rent: 0.15
    exit_cap_rate_fraction: 0.07
    conversion: {starts: 2027-06, ready: 2028-06, capex_usd_per_critical_mw: 10000000, meanwhile: keep mining}
    discount_rate_fraction_per_year: 0.09
  rent out GPUs:
    kind: gpu_cloud
    gpu_count: 17000
    lease_usd_per_gpu_hour: {points: {2028-06: 2.6, 2032-06: 1.5}}
    utilisation_fraction: 0.85
    availability_fraction: 0.99
    kw_per_gpu: 1.7
    pue_ratio: 1.25
    capex_usd_per_gpu: 54000
    life_months: 60
    opex_fraction_of_revenue: 0.15
    conversion: {starts: 2027-06, ready: 2028-06, capex_usd_per_critical_mw: 10000000, meanwhile: keep mining}
  half and half:
    uses:
      mining: {kind: bitcoin_mining, gross_mw: 25, hash_rate_eh_per_s: 1.3, efficiency_j_per_th: 18}
      lease: {kind: colocation, gross_mw: 25, rent_usd_per_kw_per_month: 130}
"""


def disagreements(scenario: Scenario, data: Data, folder: Path) -> list[str]:
    """One line for each figure on which the engine and the second one differ."""
    evaluation = evaluate(scenario)
    wanted = calculate(data, folder)
    assert list(wanted) == list(evaluation.plans)
    return [
        f"{name}: {line}"
        for name, want in wanted.items()
        for line in _of_plan(evaluation, evaluation.plans[name], want)
    ]


def _of_plan(evaluation: Evaluation, plan: PlanEvaluation, want: dict[str, Any]) -> Iterator[str]:
    flows = want["flows_usd"]
    money = sum(map(abs, flows)) + sum(map(abs, want["own_flows_usd"])) + 1e-9
    npv = abs(want["metrics"]["npv_usd"])
    scales = {"residual_share_of_npv_fraction": money / npv if npv else 0.0}  # a quotient of what is nearly zero
    ours = {name: figure.number() for name, figure in plan_metrics(plan).items()}
    ours |= {name: figure.number() for name, figure in quantities(plan).items()}
    ours["btc_held"] = CATALOGUE["btc_held"].measure(plan).number()
    want_numbers = {**want["metrics"], **want["quantities"], **want["memo"]}
    words = {name: want_numbers.pop(name) for name in ("best_stop", "npv_at_best_stop_usd", "irr_roots")}
    if plan.plan.name != evaluation.baseline.plan.name:
        against = against_baseline(evaluation, plan.plan.name)
        ours |= {name: figure.number() for name, figure in against.items()}
        want_numbers |= want["vs_baseline"]
    for name, number in want_numbers.items():
        scale = scales.get(name, money if name.endswith("_usd") else 0.0)
        if not _same(number, ours[name], scale):
            yield f"{name}: second {number}, engine {ours[name]}"
    roots = irr_roots(plan)
    if words["irr_roots"] and roots != pytest.approx(words["irr_roots"], rel=RELATIVE, abs=RELATIVE):
        yield f"irr_roots: second {words['irr_roots']}, engine {roots}"
    yield from _at_best_stop(plan, words, money)
    columns = [("flows_usd", plan.net_usd), ("own_flows_usd", plan.project_usd)]
    for name, engine in columns:
        for point, number in enumerate(want[name]):
            if not _same(number, float(engine[point, 0]), money):
                yield f"{name} at {point}: second {number}, engine {engine[point, 0]}"
    for row, engine_row in zip(want["annual"], annual(plan), strict=True):
        for name, values in engine_row.items():
            if not _same(row[name], float(values[0]), money):
                yield f"{name} of year {row['year']}: second {row[name]}, engine {values[0]}"


def _at_best_stop(plan: PlanEvaluation, want: dict[str, Any], money: float) -> Iterator[str]:
    stopped, stops = plan.engine.at_best_stop(plan.plan)
    if not stops:
        if want["best_stop"] is not None or want["npv_at_best_stop_usd"] is not None:
            yield f"best stop: second {want}, engine none"
        return
    timeline = plan.engine.scenario.timeline
    label = {use: "never" if month > timeline.months else timeline.label(int(month)) for use, (month,) in stops.items()}
    text = next(iter(label.values())) if len(label) == 1 else "; ".join(f"{u}: {m}" for u, m in label.items())
    if text != want["best_stop"]:
        yield f"best_stop: second {want['best_stop']}, engine {text}"
    if not _same(want["npv_at_best_stop_usd"], float(stopped.npv_usd[0]), money):
        yield f"npv_at_best_stop_usd: second {want['npv_at_best_stop_usd']}, engine {stopped.npv_usd[0]}"


def _same(want: float | None, ours: float | None, scale: float) -> bool:
    """Equal to a billionth, or to a thousandth of that of ``scale``, the size of what was added up."""
    if want is None or ours is None:
        return want is ours
    return math.isclose(want, ours, rel_tol=RELATIVE, abs_tol=1e-3 * RELATIVE * scale)


def plain(file: str, text: bytes) -> Data:
    """The data of a scenario file."""
    node, problems = parse(text, file)
    assert node is not None, problems
    data = node.plain_data()
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("text", [HILLTOP, TEXAS], ids=["shortest", "fuller"])
def test_examples_of_the_format(text: str) -> None:
    assert disagreements(loads(text), plain("example", text.encode()), ROOT) == []


def test_values_from_csv(tmp_path: Path) -> None:
    (tmp_path / "price.csv").write_text("month,usd\n2026-12,50000\n2027-01,60000\n2027-02,70000\n")
    (tmp_path / "rate.csv").write_text("rate\n3\n2\n1\n")
    data = plain("example", HILLTOP.encode())
    (tmp_path / "season.csv").write_text("month,power\n" + "".join(f"2026-{4 + i:02d},0.{i}\n" for i in range(9)))
    with (tmp_path / "season.csv").open("a") as file:
        file.write("2027-01,0.9\n2027-02,0.02\n2027-03,0.03\n")
    held = {"csv": "price.csv", "column": "usd", "scale": 1.1, "outside": "hold"}
    data["market"] = {"btc_price_usd": held}
    season = {"csv": "season.csv", "column": "power", "repeat": "yearly", "scale": 0.05}
    for growth in ({}, {"growth_fraction_per_year": 0.03}):
        data["site"]["electricity_price_usd_per_kwh"] = season | growth
        assert disagreements(loads(json.dumps(data), folder=tmp_path), data, tmp_path) == []
    data["plans"]["rent out GPUs"]["lease_usd_per_gpu_hour"] = {"csv": "rate.csv", "column": "rate"}
    assert disagreements(loads(json.dumps(data), folder=tmp_path), data, tmp_path) == []


@pytest.mark.parametrize("file", SHIPPED, ids=[Path(file).stem for file in SHIPPED])
def test_shipped_scenarios(file: str) -> None:
    scenario = read(file).scenario
    assert scenario is not None
    scenario = before_debt_and_tax(scenario)
    data = plain(file, Path(file).read_bytes())
    _with_records(data, scenario)
    assert disagreements(scenario, data, Path(file).parent) == []


def before_debt_and_tax(scenario: Scenario) -> Scenario:
    """What the second engine knows; of debt and tax ``test_second_finance`` has another."""
    plans = {name: plan.with_terms(financing=None, tax=None) for name, plan in scenario.plans.items()}
    return scenario.model_copy(update={"tax": None, "plans": Plans(plans)})


def _with_records(data: Data, scenario: Scenario) -> None:
    """Put the figures of named machines and GPUs into ``data``: the second engine knows no catalogue."""
    for plan, use in scenario.uses():
        written = data["plans"][plan.name]
        written = written if plan.flat else written["uses"][use.name]
        written |= {name: figure.value for name, figure in use.sourced.items()}


@randomly(12)
@given(scenarios())
def test_random_scenarios(data: Data) -> None:
    assert disagreements(loads(json.dumps(data)), data, ROOT) == []


#: Fleets of one mine, each as the second engine knows a use of its own.
FLEETS: list[dict[str, Data]] = [
    {"old": {"hash_rate_eh_per_s": 0.5, "efficiency_j_per_th": 30}, "new": {"hash_rate_eh_per_s": 0.7}},
    {
        "old": {"hash_rate_eh_per_s": 0.5, "efficiency_j_per_th": 27, "age_months": 31, "life_months": 48},
        "best": {"hash_rate_eh_per_s": 0.4, "stops": "best", "machine_resale_usd_per_th": 6},
        "new": {"hash_rate_eh_per_s": 0.3, "bought": "2027-09", "machine_price_usd_per_th": 15, "life_months": 20},
    },
    {
        "worn": {
            "hash_rate_eh_per_s": 0.6,
            "hash_rate_loss_fraction_per_year": 0.06,
            "age_months": 5,
            "refresh": {"every_months": 18, "price_usd_per_th": 12, "efficiency_j_per_th": 14},
            "machine_resale_usd_per_th": {"start": 8, "growth_fraction_per_year": -0.3},
        },
        "tuned": {
            "hash_rate_eh_per_s": 0.5,
            "efficiency_j_per_th": 24,
            "stops": {"unpaid_months": 4},
            "profiles": [
                {"hash_fraction": 0.5, "power_fraction": 0.41},
                {"hash_fraction": 0.8, "power_fraction": 0.72},
                {"hash_fraction": 1, "power_fraction": 1},
                {"hash_fraction": 1.1, "power_fraction": 1.25},
            ],
        },
        "dear": {"hash_rate_eh_per_s": 0.2, "bought": "2028-02", "machine_price_usd_per_th": 90, "stops": "best"},
    },
]


@pytest.mark.parametrize("fleets", FLEETS)
@pytest.mark.parametrize("curtail", [True, False])
def test_fleets_of_one_mine_are_so_many_uses(fleets: dict[str, Data], *, curtail: bool) -> None:
    data = plain("example", HILLTOP.encode()) | {"start": "2027-01", "months": 60}
    data["site"] |= {"electricity_price_usd_per_kwh": {"start": 0.05, "growth_fraction_per_year": 0.04}}
    common = {"kind": "bitcoin_mining", "curtail": curtail, "pool_fee_fraction": 0.01}
    uses = {name: common | fleet | {"gross_mw": data["site"]["gross_mw"] / 3} for name, fleet in fleets.items()}
    wanted = calculate(data | {"plans": {"mine": {"uses": uses}}}, ROOT)["mine"]
    plan = evaluate(loads(json.dumps(data | {"plans": {"mine": common | {"fleets": fleets}}}))).plans["mine"]
    assert plan.net_usd[:, 0] == pytest.approx(wanted["flows_usd"], rel=RELATIVE, abs=1e-3)
    for name in ("btc_mined", "energy_mwh"):
        assert quantities(plan)[name].number() == pytest.approx(wanted["quantities"][name], rel=RELATIVE)
    stopped, stops = plan.engine.at_best_stop(plan.plan)
    assert float(stopped.npv_usd[0]) == pytest.approx(wanted["metrics"]["npv_at_best_stop_usd"], rel=RELATIVE, abs=1e-3)
    label = plan.engine.scenario.timeline.label
    told = {name: "never" if month > 60 else label(int(month)) for name, (month,) in stops.items()}
    assert "; ".join(f"{name}: {month}" for name, month in told.items()) == wanted["metrics"]["best_stop"]
