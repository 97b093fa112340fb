"""Months unpaid on paper: a fleet that does not run for so many months in a row shuts for good, and is sold."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.explain.explanation import explain, find_target, trace_plans
from minecalc.businesses import bitcoin_mining
from minecalc.engine import evaluate
from minecalc.fleets.stops import StopValues, UnpaidMonths
from minecalc.loading import loads
from minecalc.scenario.movables import movables
from minecalc.scenario.varying import vary
from tests.by_hand import DAYS, MARGIN_A_DAY, MINER, Data, flows, line, run, terms

#: Off from March to May and from August to the end: 11 USD a day and PH/s do not pay for 12 USD of power.
MARKET: Data = {
    "hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-03": 11, "2027-06": 20, "2027-08": 11}}
}
RESALE: Data = {"machine_resale_usd_per_th": {"steps": {"2027-01": 9, "2027-06": 5, "2027-10": 2}}}


def unpaid(months: int, **more: object) -> Data:
    return MINER | {"stops": {"unpaid_months": months}} | more


def runs(use: Data, market: Data = MARKET) -> list[int]:
    """The months in which it earns anything."""
    return [k + 1 for k, usd in enumerate(line(run(use, market=market), "mining_revenue_usd")) if usd]


def sold(use: Data, market: Data = MARKET) -> dict[int, float]:
    """USD per TH/s of the sale by month, of the million that there are."""
    found = line(run(use | RESALE, market=market), "machines_sold_usd")
    return {k + 1: usd / 1e6 for k, usd in enumerate(found) if usd}


def test_it_shuts_at_the_start_of_the_month_after_so_many_off_in_a_row() -> None:
    assert runs(unpaid(4)) == [1, 2, 6, 7]
    assert sold(unpaid(4)) == {12: 2.0}  # off in August to November
    assert runs(unpaid(3)) == [1, 2], "for good: June would pay again"
    assert sold(unpaid(3)) == {6: 5.0}
    assert sold(unpaid(1)) == {4: 9.0}


def test_what_never_is_off_so_long_is_not_shut() -> None:
    assert sold(unpaid(18)) == {}  # off in 17 of its months, from August on
    assert line(run(unpaid(18, **RESALE), market=MARKET), "machines_residual_usd")[-1] == 2e6
    assert sold(unpaid(17)) == {}, "the month after the last is the horizon"
    assert flows(run(unpaid(600), market=MARKET)) == flows(run(MINER, market=MARKET))


def test_demand_response_does_not_make_a_month_off_one_of_running() -> None:
    use = unpaid(3, demand_response_usd_per_month=1e6)
    assert line(run(use, market=MARKET), "demand_response_usd") == [1e6] * 5 + [0.0] * 19


def test_a_fleet_that_is_never_kept_off_is_never_shut() -> None:
    use = unpaid(1, curtail=False)
    assert runs(use) == list(range(1, 25))
    assert flows(run(use, market=MARKET)) == flows(run(MINER | {"curtail": False}, market=MARKET))


def test_operating_cost_ends_with_it() -> None:
    use = unpaid(3, opex_usd_per_mw_per_year=12_000)
    assert line(run(use, market=MARKET), "mining_opex_usd") == pytest.approx([-10_000] * 5 + [0.0] * 19)


def test_the_count_runs_on_through_a_refresh_that_is_judged_without_the_rule() -> None:
    refresh = {"every_months": 4, "price_usd_per_th": 3, "efficiency_j_per_th": 10}
    market = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-03": 11}}}
    # off from March; new machines in May do not run either, and are sold with the old ones gone before
    bought = line(run(unpaid(4, refresh=refresh), market=market), "machines_bought_usd")
    assert {k + 1: usd for k, usd in enumerate(bought) if usd} == {5: -3e6}
    fetched = line(run(unpaid(4, refresh=refresh) | RESALE, market=market), "machines_sold_usd")
    assert {k + 1: usd for k, usd in enumerate(fetched) if usd} == {5: 9e6, 7: pytest.approx(3e6 * 5 / 9)}
    none = line(run(unpaid(2, refresh=refresh), market=market), "machines_bought_usd")
    assert not any(none), "what is shut at the start of May buys nothing in May"


def test_better_machines_of_a_refresh_run_again() -> None:
    refresh = {"every_months": 6, "price_usd_per_th": 3, "efficiency_j_per_th": 5}
    market = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-03": 11}}}
    assert runs(unpaid(5, refresh=refresh), market) == [1, 2, *range(7, 25)]
    assert runs(unpaid(4, refresh=refresh), market) == [1, 2]


def test_until_a_conversion_the_rule_and_its_start_both_end_it() -> None:
    plans = {
        "mine": unpaid(3) | RESALE,
        "lease": {"kind": "colocation", "rent_usd_per_kw_per_month": 100}
        | {"conversion": {"starts": "2027-09", "ready": "2027-10", "meanwhile": "mine"}},
    }
    data = {"name": "x", "months": 24, "site": {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}}
    scenario = loads(str(data | {"market": MARKET, "plans": plans}).replace("'", '"'))
    lease = evaluate(scenario).plans["lease"]
    earned = [usd for usd in line(lease, "mining_revenue_usd") if usd]
    assert len(earned) == 2
    assert line(lease, "machines_sold_usd")[5] == 5e6


def test_the_best_stop_takes_the_place_of_the_rule() -> None:
    plan = run(unpaid(1) | RESALE, market=MARKET)
    best, stops = plan.engine.at_best_stop(plan.plan)
    never = run(MINER | RESALE, market=MARKET)
    wanted, months = never.engine.at_best_stop(never.plan)
    assert stops["it"].tolist() == months["it"].tolist()
    assert best.npv_usd.tolist() == wanted.npv_usd.tolist()


def test_a_column_of_months_and_of_worlds_is_each_alone() -> None:
    use = unpaid(3, refresh={"every_months": 5, "price_usd_per_th": 2, "efficiency_j_per_th": 9}) | RESALE
    data: Data = {"name": "x", "months": 24, "site": {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}}
    scenario = loads(str(data | {"market": MARKET, "plans": {"it": use}}).replace("'", '"'))
    columns = {
        "plans.it.stops.unpaid_months": np.tile([1.0, 2.0, 3.0, 4.0, 9.0], 20),
        "site.electricity_price_usd_per_kwh": np.linspace(0.03, 0.09, 100),
    }
    many = evaluate(vary(scenario, columns)).plans["it"]
    shut = set()
    for case in range(100):
        one = {path: float(column[case]) for path, column in columns.items()}
        alone = evaluate(vary(scenario, one)).plans["it"]
        assert np.array_equal(many.net_usd[:, case], alone.net_usd[:, 0])
        sale = next(item.usd[:, 0] for item in alone.flows.lines if item.name == "machines_sold_usd")
        shut.add(int(np.flatnonzero(sale)[-1]) if sale.any() else 24)
    assert len(shut) > 5, "cases shut in different months"


def test_it_is_a_movable_and_explained() -> None:
    data: Data = {"name": "x", "months": 24, "site": {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}}
    scenario = loads(str(data | {"market": MARKET, "plans": {"it": unpaid(3) | RESALE}}).replace("'", '"'))
    assert movables(scenario)["plans.it.stops.unpaid_months"].whole
    evaluation = trace_plans(scenario)
    told = explain(evaluation, "it", find_target(evaluation, "it", "machines_sold_usd@2027-06"))
    formulas = {entry.name: entry.formula for entry in told.entries if entry.formula is not None}
    count = formulas["months_unpaid_count"]
    assert count.names == "(its value of the month before + 1) × kept_off"
    stop = formulas["unpaid_stop_month"]
    assert stop.names == "(the first month in which unpaid_too_long holds) + 1"
    assert "2027-05" in stop.numbers
    assert float(evaluate(scenario).plans["it"].npv_usd[0]) == float(evaluation.plans["it"].npv_usd[0].value)
    assert flows(run(unpaid(3), market=MARKET))[:3] == pytest.approx([0.0, *(d * MARGIN_A_DAY for d in DAYS[:2])])


def test_a_date_by_values_is_the_best_up_to_what_follows() -> None:
    values = StopValues(np.array([[1.0], [5.0], [3.0], [5.0], [7.0]]))
    assert values.best(99.0).tolist() == [5.0]
    assert values.best(4.0).tolist() == [4.0], "of equals the latest"
    assert values.best(np.array([1.0, 3.0, 5.0])).tolist() == [1.0, 2.0, 5.0]


@pytest.mark.parametrize("months", [0, 601])
def test_its_range(months: int) -> None:
    with pytest.raises(ValueError, match="unpaid_months"):
        UnpaidMonths(unpaid_months=months)


@pytest.mark.parametrize("stops", ["2027-01", {"unpaid_months": 2}])
def test_machines_that_are_never_bought_need_no_warning(stops: object) -> None:
    """A hall that is ready after the horizon, or a stop before the first month."""
    late = {"conversion": {"starts": "2027-01", "ready": "2028-12", "delay_months": 9}} if stops != "2027-01" else {}
    plan = run(MINER | {"machine_price_usd_per_th": 5, "stops": stops} | late)
    assert not any(plan.net_usd)
    setting = plan.engine.setting(plan.plan, plan.plan.uses[0])
    assert list(bitcoin_mining.warnings(terms(plan.plan.uses[0]), setting)) == []
