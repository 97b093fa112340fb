"""The engine as a whole: published figures reproduced, plans put together from uses, and batches of site and market."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.cashflows import net_flow
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import annual, quantities
from minecalc.finance.returns import npv
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import slices, vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, compared

ORACLE = Path(__file__).parents[1] / "oracles" / "published-cases.json"
CASES: list[dict[str, Any]] = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]


def measures(plan: PlanEvaluation) -> dict[str, float]:
    """What published figures are compared with."""
    timeline = plan.engine.scenario.timeline
    rows = annual(plan)
    total = {name: sum(float(row[name][0]) for row in rows) for name in rows[0]}
    found = {name: figure.number() or 0.0 for name, figure in quantities(plan).items()}
    days, years = float(timeline.days.sum()), timeline.months / 12
    critical_mw, gpu_hours = found["critical_mw"] or 1.0, found["gpu_hours_sold"] or 1.0
    profit = total["revenue_usd"] + total["power_usd"] + total["opex_usd"]
    return {
        "btc_mined": found["btc_mined"],
        "btc_per_day": found["btc_mined"] / days,
        "mean_draw_mw": found["energy_mwh"] / (24 * days),
        "revenue_usd": total["revenue_usd"],
        "power_usd": total["power_usd"],
        "gross_profit_usd": profit,
        "gross_profit_usd_per_year": profit / years,
        "revenue_usd_per_day": total["revenue_usd"] / days,
        "revenue_usd_per_critical_mw_per_year": total["revenue_usd"] / critical_mw / years,
        "rent_usd_per_kw_per_month": total["revenue_usd"] / (critical_mw * 1000 * timeline.months),
        "usd_per_gpu_hour": total["revenue_usd"] / gpu_hours,
        "prepaid_in_year_1_usd": float(rows[0]["prepayment_usd"][0]),
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_published_figures(case: dict[str, Any]) -> None:
    given = dict(case["scenario"])
    site = {"gross_mw": 1000, "electricity_price_usd_per_kwh": given.pop("electricity_price_usd_per_kwh", 0)}
    data = {"name": case["name"], "site": site, "plans": {"it": given.pop("plan")}} | given
    computed = measures(evaluate(loads(json.dumps(data))).plans["it"])
    assert case["source"]
    assert case["working"]
    for wanted in case["expected"]:
        low, high = wanted["ratio"]
        assert low <= wanted["published"] / computed[wanted["measure"]] <= high, wanted["measure"]


@pytest.fixture
def scenario() -> Scenario:
    """Mining, a conversion of all, and a mix, with something of everything."""
    miner = MINER | {"opex_usd_per_mw_per_year": 9_000, "machine_resale_usd_per_th": 3}
    half = {"gross_mw": 4, "hash_rate_eh_per_s": 0.4}
    plans = {
        "mine": miner,
        "lease": LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}, "discount_rate_fraction_per_year": 0.07},
        "mix": {
            "uses": {"old": miner | half, "gpus": CLOUD | {"gross_mw": 5, "electricity_price_usd_per_kwh": 0.07}},
            "discount_rate_fraction_per_year": 0.2,
        },
    }
    market = {"network_hash_rate_eh_per_s": 900, "btc_price_usd": {"start": 7e4, "growth_fraction_per_year": 0.1}}
    site = SITE | {"fixed_cost_usd_per_year": 120_000}
    return compared(plans, site=site, market=market, discount_rate_fraction_per_year=0.1).scenario


def test_a_plan_is_the_sum_of_its_uses_and_the_sites_cost(scenario: Scenario) -> None:
    plan = evaluate(scenario).plans["mix"]
    lines = plan.flows.lines
    assert [line.use for line in lines].count("") == 1
    parts = [net_flow([line for line in lines if line.use == use], 24) for use in ("old", "gpus", "")]
    assert sum(parts) == pytest.approx(plan.net_usd)
    assert parts[2][:, 0].tolist() == [0.0, *[-10_000.0] * 24]
    # 1,000 GPUs draw 2.5 MW at their own 70 USD per MWh
    power = next(line for line in lines if line.name == "ai_power_usd")
    assert float(power.usd[0, 0]) == pytest.approx(-2.5 * 744 * 70)


def test_what_runs_until_a_conversion_and_what_spends_nothing_is_left_out_of_the_project(scenario: Scenario) -> None:
    evaluation = evaluate(scenario)
    lease, mine, mix = (evaluation.plans[name] for name in ("lease", "mine", "mix"))
    assert np.array_equal(mine.project_usd, mine.net_usd)
    assert mix.project_members == {"old": [False], "gpus": [True]}
    gpus = [line for line in mix.flows.lines if line.use == "gpus"]
    share_of_fixed_cost = np.array([[0.0], *[[-0.5 * 10_000]] * 24])
    assert mix.project_usd == pytest.approx(net_flow(gpus, 24) + share_of_fixed_cost)
    mined = lease.net_usd - lease.project_usd
    assert mined[1] == pytest.approx(mine.net_usd[1] + 10_000)
    assert mined[3:] == pytest.approx(np.zeros((22, 1)), abs=1e-6)


def test_each_plan_has_its_own_rate_and_the_scenarios_beside_it(scenario: Scenario) -> None:
    evaluation = evaluate(scenario)
    for name, rate in (("mine", 0.1), ("lease", 0.07), ("mix", 0.2)):
        plan = evaluation.plans[name]
        assert plan.npv_usd == pytest.approx(npv(plan.net_usd, rate))
        assert plan.npv_at_scenario_rate_usd == pytest.approx(npv(plan.net_usd, 0.1))
        assert evaluation.difference_npv_usd(name) == pytest.approx(plan.npv_usd - evaluation.baseline.npv_usd)


def test_the_baseline_is_the_first_plan_or_the_one_named(scenario: Scenario) -> None:
    assert evaluate(scenario).baseline.plan.name == "mine"
    named = compared({"a": MINER, "b": MINER}, baseline="b")
    assert named.baseline.plan.name == "b"


def test_differences_of_rounding_are_none() -> None:
    half = {"gross_mw": 3.3, "hash_rate_eh_per_s": 0.33}
    rest = {"gross_mw": 6.7, "hash_rate_eh_per_s": 0.67}
    evaluation = compared({"one": MINER, "two": {"uses": {"a": MINER | half, "b": MINER | rest}}})
    assert evaluation.plans["two"].net_usd == pytest.approx(evaluation.baseline.net_usd)
    assert not np.any(evaluation.incremental_flow_usd("two"))


def test_the_best_stop_of_a_plan_is_that_of_each_of_its_mining_uses() -> None:
    falling = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-06": 5}}}
    part = MINER | {"hash_rate_eh_per_s": 0.4, "gross_mw": 4, "opex_usd_per_mw_per_year": 12_000}
    uses = {"poor": part, "rich": part | {"electricity_price_usd_per_kwh": 0.001}}
    plan = compared({"it": {"uses": uses}}, market=falling).plans["it"]
    stopped, stops = plan.engine.at_best_stop(plan.plan)
    assert {use: stop.tolist() for use, stop in stops.items()} == {"poor": [6], "rich": [25]}
    # from June the poor half would only cost 4 MW x 1,000 USD a month
    assert stopped.net_usd[6:, 0] - plan.net_usd[6:, 0] == pytest.approx([4_000] * 19)


COLUMNS: dict[str, FloatArray] = {
    "site.gross_mw": np.linspace(10, 30, 11),
    "site.electricity_price_usd_per_kwh": np.linspace(-0.02, 0.2, 11),
    "site.fixed_cost_usd_per_year": np.linspace(0, 1e7, 11),
    "market.btc_price_usd": np.linspace(0, 3e5, 11),
    "market.btc_price_usd.scale": np.linspace(0, 5, 11),
    "market.btc_price_usd.start": np.linspace(1, 2e5, 11),
    "market.btc_price_usd.growth_fraction_per_year": np.linspace(-0.9, 3, 11),
    "market.network_hash_rate_eh_per_s": np.linspace(2, 2e3, 11),
    "market.network_difficulty": np.linspace(1e13, 2e14, 11),
    "market.fee_btc_per_block": np.linspace(0, 5, 11),
    "market.fee_fraction": np.linspace(0, 1, 11),
    "market.hash_price_usd_per_ph_per_day": np.linspace(0, 200, 11),
    "market.hash_price_usd_per_ph_per_day.scale": np.linspace(0, 4, 11),
    "discount_rate_fraction_per_year": np.linspace(-0.3, 2, 11),
    "plans.lease.discount_rate_fraction_per_year": np.linspace(-0.3, 2, 11),
    "plans.mix.uses.gpus.electricity_price_usd_per_kwh.scale": np.linspace(0, 2, 11),
}


@pytest.mark.parametrize("path", COLUMNS)
def test_batch_equals_loop_for_site_market_and_rates(path: str, scenario: Scenario) -> None:
    column = COLUMNS[path]
    many = evaluate(vary(scenario, {path: column}))
    moved = False
    for case, value in enumerate(column.tolist()):
        one = evaluate(vary(scenario, {path: value}))
        for name, plan in many.plans.items():
            alone = one.plans[name]
            pairs = [(plan.net_usd, alone.net_usd), (plan.npv_usd, alone.npv_usd)]
            pairs.append((plan.npv_at_scenario_rate_usd, alone.npv_at_scenario_rate_usd))
            for ours, theirs in pairs:
                full = np.broadcast_to(ours, (*ours.shape[:-1], column.size))
                assert np.array_equal(full[..., case], theirs[..., 0])
                moved = moved or bool(np.any(full[..., case] != full[..., 0]))
    assert moved, "the input does not matter here, so the test shows nothing"


def test_all_columns_together_equal_their_slices(scenario: Scenario) -> None:
    columns = {path: np.resize(column, 500) for path, column in COLUMNS.items() if path.count(".") == 1}
    for replacing in ("hash_price_usd_per_ph_per_day", "fee_fraction", "network_difficulty"):
        del columns[f"market.{replacing}"]
    varied = vary(scenario, columns)
    whole = {name: plan.net_usd for name, plan in evaluate(varied).plans.items()}
    for most in (7, 77, 499, 500, 501):
        parts = [evaluate(part) for part in slices(varied, most)]
        for name, flows in whole.items():
            found = np.concatenate([part.plans[name].net_usd for part in parts], axis=1)
            assert np.array_equal(found, flows)
