"""Identities: sums that agree, rates that bring a value to zero, quantities that balance, answers that solve."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.cashflow.statement import statement
from minecalc.analysis.compare.record import compare
from minecalc.arrays import FloatArray
from minecalc.cashflows import CATEGORIES, DEBT_AND_TAX, net_flow
from minecalc.checks import warnings
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.figures import annual, plan_metrics
from minecalc.finance.returns import irr, mirr, npv
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.scenario.varying import vary
from tests import shipped
from tests.by_hand import CLOUD, MINER, Data, run
from tests.invariants.rules import about, holds, money, scenario_of
from tests.randomly import randomly
from tests.strategies import scenarios


def check_identities(evaluation: Evaluation) -> None:
    for plan in evaluation.plans.values():
        sums_of_money(plan)
        rates_of_return(plan)
        energy_and_bitcoin(plan)


def sums_of_money(plan: PlanEvaluation) -> None:
    rate = float(np.asarray(plan.engine.scenario.rate(plan.plan)))
    months, lines, flows = plan.engine.months, plan.flows.lines, plan.net_usd
    # npv-sums: the parts' NPVs add up, by line and by category
    parts = sum(float(npv(net_flow([line], months), rate)[0]) for line in lines)
    assert parts == about(plan, float(plan.npv_usd[0]))
    categories = [
        net_flow([line for line in lines if line.category == name], months) for name in (*CATEGORIES, *DEBT_AND_TAX)
    ]
    assert sum(categories) == about(plan, flows)
    # npv-at-zero, monthly-annual
    assert float(npv(flows, 0.0)[0]) == about(plan, float(flows.sum()))
    assert sum(float(year["net_usd"][0]) for year in annual(plan)) == about(plan, float(flows.sum()))
    # cash-corkscrew, cash-not-negative: a purse filled with the peak funding never runs empty, and once runs dry
    purse = plan_metrics(plan)["peak_funding_usd"].number() or 0.0
    lowest = purse
    for flow in flows[:, 0].tolist():
        purse += flow
        lowest = min(lowest, purse)
    assert lowest >= -1e-12 * money(plan)
    assert lowest == about(plan, 0.0) or plan_metrics(plan)["peak_funding_usd"].number() == 0.0


def rates_of_return(plan: PlanEvaluation) -> None:
    found = irr(plan.project_usd)
    size = float(np.abs(plan.project_usd).sum())
    for root in found.roots():
        assert abs(float(npv(plan.project_usd, root)[0])) <= 1e-8 * size * max(
            (1 + root) ** -(plan.engine.months / 12), 1
        )
    rate = found.number()
    if rate is not None:
        assert mirr(plan.project_usd, rate, rate).number() == pytest.approx(rate, rel=1e-7, abs=1e-7)


def energy_and_bitcoin(plan: PlanEvaluation) -> None:
    engine, scenario = plan.engine, plan.engine.scenario
    hours = scenario.timeline.hours
    energy = plan.flows.quantities["energy_mwh"]
    if np.any(energy > scenario.site.gross_mw * hours * (1 + 1e-9)):
        assert any("above the" in text for text in warnings(scenario))
    given_mw = sum(float(np.asarray(engine.use_mw(use))) for use in plan.plan.uses)
    assert given_mw <= scenario.site.gross_mw * (1 + 1e-6)
    mined = plan.flows.quantities.get("btc_mined")
    if mined is not None:
        mines = [use for _, use in scenario.uses() if use.kind == "bitcoin_mining"]
        fleets = sum(float(fleet.hash_rate_eh_per_s) for use in mines for fleet in use.inputs.every_fleet())
        issued = 144 * scenario.timeline.days * engine.market.block_reward_btc
        assert np.all(mined <= issued * np.minimum(fleets / engine.market.network_hash_rate_eh_per_s, 1.0) * (1 + 1e-9))


IDENTITIES = (
    "npv-sums",
    "npv-at-zero",
    "npv-at-irr",
    "mirr-collapse",
    "monthly-annual",
    "cash-corkscrew",
    "cash-not-negative",
    "btc-sum",
    "power-balance",
)


@holds(*IDENTITIES)
@pytest.mark.parametrize("name", shipped.NAMES)
def test_identities_of_shipped_scenarios(name: str) -> None:
    check_identities(shipped.evaluation(name))


@holds(*IDENTITIES)
@randomly(10)
@given(scenarios())
def test_identities_of_random_scenarios(data: Data) -> None:
    check_identities(evaluate(scenario_of(data)))


@holds("monthly-annual", "cash-corkscrew", "npv-sums")
@randomly(8)
@given(scenarios(40))
def test_statements_of_months_quarters_and_years_agree(data: Data) -> None:
    for plan in evaluate(scenario_of(data)).plans.values():
        by_month, *others = (statement(plan, months) for months in (1, 3, 12))
        for found in (by_month, *others):
            assert max(found.differences_usd.values()) <= 1e-12 * money(plan)
            closing, net = found.row("cumulative_cash_usd").values, found.row("net_usd").values
            assert np.array(closing) == about(plan, np.array((0.0, *closing[:-1])) + net)
        for found in others:
            ends = [period.last - 1 for period in found.periods]
            for name in ("cumulative_cash_usd", "cumulative_present_value_usd", "peak_funding_to_date_usd"):
                assert np.array(found.row(name).values) == about(plan, np.array(by_month.row(name).values)[ends]), name


def numbers_in(record: Any) -> Iterator[Any]:
    if isinstance(record, dict | list):
        for item in record.values() if isinstance(record, dict) else record:
            yield from numbers_in(item)
    else:
        yield record


@holds("nan-free")
@randomly(8)
@given(scenarios(30))
def test_records_hold_numbers_or_none_with_a_reason(data: Data) -> None:
    record = compare(scenario_of(data), with_break_evens=False)
    json.dumps(record, allow_nan=False)
    assert not [x for x in numbers_in(record) if isinstance(x, float) and x == 0 and math.copysign(1, x) < 0]
    for plan in record["plans"]:
        figures = plan["metrics"] | plan["quantities"] | plan["vs_baseline"] | plan["memo"]
        assert {name for name, figure in figures.items() if figure is None} == set(plan["reasons"])


@holds("energy-hours")
@randomly(20)
@given(start=st.integers(2010, 2060), month=st.integers(1, 12))
def test_years_have_8760_hours_or_8784(start: int, month: int) -> None:
    plan = run(CLOUD, start=f"{start}-{month:02d}", months=48)
    years = plan.engine.scenario.timeline.hours.reshape(4, 12).sum(axis=1).tolist()
    assert set(years) <= {8760.0, 8784.0}
    assert years.count(8784.0) == 1
    sold = plan.flows.quantities["gpu_hours_sold"].reshape(4, 12).sum(axis=1)
    assert sold.tolist() == [1000 * hours for hours in years]


@holds("halving")
@pytest.mark.parametrize("month", ["2024-04", "2028-04", "2032-04"])
def test_output_halves_within_the_month_of_the_halving(month: str) -> None:
    market = {"network_hash_rate_eh_per_s": 900, "fee_btc_per_block": 0, "btc_price_usd": 1e5}
    year, number = map(int, month.split("-"))
    plan = run(MINER, start=f"{year}-{number - 1:02d}", months=3, market=market)
    a_day = plan.flows.quantities["btc_mined"][:, 0] / plan.engine.scenario.timeline.days[:, 0]
    assert a_day[2] == pytest.approx(a_day[0] / 2)
    assert a_day[2] < a_day[1] < a_day[0]


@holds("breakeven-plug-back", "breakeven-none")
@pytest.mark.parametrize("name", shipped.NAMES)
def test_break_evens_of_shipped_scenarios(name: str) -> None:
    check_break_evens(shipped.scenario(name), shipped.record(name)["plans"])


@holds("breakeven-plug-back", "breakeven-none")
@randomly(8)
@given(scenarios(36))
def test_break_evens_of_random_scenarios(data: Data) -> None:
    scenario = scenario_of(without_scales(data))
    check_break_evens(scenario, compare(scenario)["plans"])


def without_scales(data: Any) -> Any:
    """``data`` with every path as it stands: a break-even's ``scale`` or ``shift`` is that of the file's path."""
    if not isinstance(data, dict):
        return data
    return {key: without_scales(value) for key, value in data.items() if key not in ("scale", "shift")}


def check_break_evens(scenario: Scenario, plans: list[Data]) -> None:
    capex = max(plan["metrics"]["capex_usd"] for plan in plans)
    for plan in plans:
        size = max(capex, abs(plan["metrics"]["npv_usd"]), 1.0)
        for path, found in plan["vs_baseline"]["break_evens"].items():
            if path.endswith("delay_months"):
                check_delay(scenario, plan["name"], path, found)
            elif found["value"] is None:
                check_none(scenario, plan["name"], path, found, size)
            else:
                check_solved(scenario, plan["name"], path, found, size)


def at_one_rate(scenario: Scenario, name: str) -> FloatArray:
    """NPV of a plan less that of the baseline, both at the scenario's rate, ``(·,)``."""
    found = evaluate(scenario, [name])
    return found.plans[name].npv_at_scenario_rate_usd - found.baseline.npv_at_scenario_rate_usd


def differences(scenario: Scenario, name: str, path: str, found: Data, values: FloatArray) -> FloatArray:
    """The difference in NPV at these values of the first month; a value over time is scaled if it is not zero."""
    scales = values / (found["present"] or 1.0)
    if crosses_zero(scenario, path):
        return np.broadcast_to(
            at_one_rate(vary(scenario, {f"{path}.shift": values - found["present"]}), name), values.shape
        )
    try:
        varied = vary(scenario, {f"{path}.scale": scales} if found["present"] else {path: values})
    except ValueError:  # a plain number has no scale
        varied = vary(scenario, {path: values})
    return np.broadcast_to(at_one_rate(varied, name), values.shape)


def crosses_zero(scenario: Scenario, path: str) -> bool:
    """Whether an input is above zero in some months and below in others, and so moved by a shift."""
    return movable(scenario, path).shifts


def check_solved(scenario: Scenario, name: str, path: str, found: Data, size: float) -> None:
    """At the value the plans are worth the same; a millionth below and above, one and then the other is ahead.

    Of a stretch, all of which is level, one of these lies inside and the other is the first to be ahead.
    """
    assert found["low"] <= found["value"] <= found["high"]
    values = found["value"] * np.array([1 - 1e-6, 1, 1 + 1e-6])
    below, here, above = differences(scenario, name, path, found, values)
    assert abs(here) <= 1e-9 * size, path
    if found["kind"] == "stretch":
        inside, outside = (below, above) if found["beyond"] < found["value"] else (above, below)
        assert abs(inside) <= 1e-9 * size, path
        assert outside != 0.0, path
    else:
        assert np.sign(below) == -np.sign(above), path
    scaled = found["present"] and found["shift"] is None
    assert found["scale"] == (pytest.approx(found["value"] / found["present"]) if scaled else None)


def check_none(scenario: Scenario, name: str, path: str, found: Data, size: float) -> None:
    """A reason, the range, and no change of sign anywhere in it but in a jump, which is the reason then."""
    assert found["reason"]
    assert found["low"] <= found["high"]
    values = np.linspace(found["low"], found["high"], 101)
    within = differences(scenario, name, path, found, values)
    if not (within.min() < -1e-9 * size and within.max() > 1e-9 * size):
        return
    assert "in a jump" in found["reason"], path
    turn = int(np.flatnonzero(np.diff(np.sign(within)))[0])
    low, high = values[turn], values[turn + 1]
    for _ in range(40):
        middle = np.array([(low + high) / 2])
        same = np.sign(differences(scenario, name, path, found, middle)) == np.sign(within[turn])
        low, high = (middle[0], high) if same[0] else (low, middle[0])
    assert np.all(np.abs(differences(scenario, name, path, found, np.array([low, high]))) > 1e-9 * size), path


def check_delay(scenario: Scenario, name: str, path: str, found: Data) -> None:
    """The last whole month at which the ranking is what it is now, or at which the two are level."""
    if found["value"] is None:
        assert found["reason"]
        return
    beyond = found["value"] if found["beyond"] is None else found["beyond"]  # 0 months, where being early turns it
    delays = np.array([found["present"], found["value"], beyond])
    now, last, after = np.broadcast_to(at_one_rate(vary(scenario, {path: delays}), name), (3,))
    if found["kind"] == "step":
        assert np.sign(now) == np.sign(last) != np.sign(after)
    else:  # a tie is level
        assert last == after == 0.0
