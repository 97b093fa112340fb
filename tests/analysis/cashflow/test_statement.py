"""A statement is worked out on paper, ties to ``compare`` in every shipped scenario, and is the same in any batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.cashflow.statement import Row, Statement, periods, statement
from minecalc.cashflows import CATEGORIES, GROSS_PROFIT
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.scenario.varying import vary
from minecalc.timeline import parse_month
from tests import shipped
from tests.by_hand import CLOUD, CONVERSION, DAYS, LEASE, MINER, RENT_A_MONTH, REVENUE_A_DAY, SITE, compared, run

CENT = 0.005

CONVERTED = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
PLANS = {"mine": MINER | {"machine_resale_usd_per_th": 4}, "lease": CONVERTED}


def lines(found: Statement, name: str) -> list[Row]:
    return [row for row in found.rows if row.section in CATEGORIES and row.name == name]


def line(found: Statement, name: str) -> tuple[float, ...]:
    """The values of the only line of this name."""
    (row,) = lines(found, name)
    return row.values


@pytest.mark.parametrize(
    ("start", "months", "each", "labels"),
    [
        ("2027-01", 24, 12, ["2027", "2028"]),
        ("2027-01", 15, 12, ["2027", "2028-Q1"]),
        ("2027-01", 14, 12, ["2027", "2028-01..2028-02"]),
        ("2027-03", 24, 12, ["2027-03..2028-02", "2028-03..2029-02"]),
        ("2027-10", 7, 3, ["2027-Q4", "2028-Q1", "2028-04"]),
        ("2027-02", 6, 3, ["2027-02..2027-04", "2027-05..2027-07"]),
        ("2027-12", 2, 1, ["2027-12", "2028-01"]),
        ("2027-01", 12, 6, ["2027-01..2027-06", "2027-07..2027-12"]),
        ("2027-01", 3, 12, ["2027-Q1"]),
    ],
)
def test_periods_are_named_after_the_calendar_where_they_are_of_it(
    start: str, months: int, each: int, labels: list[str]
) -> None:
    found = periods(parse_month(start), months, each)
    assert [period.label for period in found] == labels
    numbers = [number for period in found for number in range(period.first, period.last + 1)]
    assert numbers == list(range(1, months + 1))
    assert found[0].begins == start


@pytest.mark.parametrize("months", [-12, 0, 5, 24])
def test_other_periods_than_whole_parts_of_a_year_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="whole part of a year"):
        statement(run(MINER), months)


def test_lines_by_hand() -> None:
    found = statement(compared(PLANS).plans["lease"], 3)
    assert [period.label for period in found.periods][:2] == ["2027-Q1", "2027-Q2"]
    assert line(found, "rent_usd") == (0, 2 * RENT_A_MONTH, *[3 * RENT_A_MONTH] * 6)
    (mining,) = lines(found, "mining_revenue_usd")
    assert mining.values == pytest.approx((REVENUE_A_DAY * (31 + 28), *[0] * 7))
    assert mining.total == mining.values[0]
    assert (mining.section, mining.unit, mining.use) == ("revenue", "usd", "lease")
    assert (mining.meanwhile, mining.at_start) == (True, False)


def test_what_is_paid_at_the_start_of_a_month_belongs_to_that_month() -> None:
    """Building is spent at the start of March and April 2027, points 2 and 3; machines are sold at point 2."""
    plan = compared(PLANS).plans["lease"]
    found = statement(plan, 1)
    assert line(found, "building_usd")[:5] == (0, 0, -2.5e6, -2.5e6, 0)
    assert line(found, "machines_sold_usd")[:4] == pytest.approx((0, 0, 4e6, 0))
    assert plan.net_usd[2:4, 0] == pytest.approx([found.row("net_usd").values[1] - 2.5e6 + 4e6, -2.5e6])
    (building,) = lines(found, "building_usd")
    assert building.at_start
    assert not building.meanwhile


def test_the_first_year_holds_point_0_and_the_last_may_be_short() -> None:
    plan = run(CLOUD, months=14)
    found = statement(plan)
    assert found.periods[-1][1:3] == (13, 14)
    assert line(found, "gpus_bought_usd") == (-24e6, 0)
    assert line(found, "gpu_revenue_usd") == tuple(2000 * 24 * sum(days) for days in (DAYS[:12], DAYS[12:14]))


def test_present_values_are_of_the_points_where_money_moves() -> None:
    """At 21% a year a flow of month 12 is worth 1/1.21 of its money, what is spent at point 0 all of it."""
    rate = {"discount_rate_fraction_per_year": 0.21}
    found = statement(run(LEASE | {"capex_usd_per_critical_mw": 1e6}, months=24, **rate))
    months = sum(1.21 ** (-k / 12) for k in range(1, 13))
    years = (RENT_A_MONTH * months - 5e6, RENT_A_MONTH * months / 1.21)
    assert found.row("present_value_usd").values == pytest.approx(years)
    assert found.row("cumulative_present_value_usd").values == pytest.approx((years[0], sum(years)))
    assert found.row("discount_factor_at_end_fraction").values == pytest.approx((1 / 1.21, 1 / 1.21**2))
    assert found.discount_rate_fraction_per_year == 0.21


def test_a_plans_own_rate_discounts_it() -> None:
    plan = compared({"mine": MINER, "lease": LEASE | {"discount_rate_fraction_per_year": 0.05}}).plans["lease"]
    found = statement(plan)
    assert found.discount_rate_fraction_per_year == 0.05
    assert found.row("present_value_usd").total == pytest.approx(float(plan.npv_usd[0]))


def test_cash_runs_on_from_period_to_period_and_funding_is_its_deepest_point() -> None:
    plan = compared(PLANS).plans["lease"]
    by_month = statement(plan, 1)
    cash, net = by_month.row("cumulative_cash_usd").values, by_month.row("net_usd").values
    opening = (0.0, *cash[:-1])
    assert cash == pytest.approx([before + flow for before, flow in zip(opening, net, strict=True)])
    # the deepest is point 3, when the second half of the building is paid: the start of April
    deepest = -float(np.cumsum(plan.net_usd[:, 0]).min())
    assert deepest == -float(np.cumsum(plan.net_usd[:, 0])[3]) > 0
    funding = by_month.row("peak_funding_to_date_usd")
    assert funding.values[:5] == pytest.approx([0, 0, 0, deepest, deepest], abs=1e-6)
    assert funding.total == pytest.approx(deepest)
    assert statement(plan, 3).row("peak_funding_to_date_usd").values[:3] == pytest.approx([0, deepest, deepest])


def test_a_loss_of_the_last_month_is_funded_too() -> None:
    """Nothing is paid at the start of a month: the deepest point is the last."""
    plan = run(MINER | {"curtail": False}, site=SITE | {"electricity_price_usd_per_kwh": 1}, months=2)
    found = statement(plan, 1).row("peak_funding_to_date_usd").values
    assert found == pytest.approx((220_000 * 31, 220_000 * (31 + 28)))


def test_funding_is_never_less_than_the_cash_that_is_out_and_never_more_than_compare_says() -> None:
    for name in shipped.NAMES:
        for plan in shipped.evaluation(name).plans.values():
            found = statement(plan)
            cash, funding = found.row("cumulative_cash_usd").values, found.row("peak_funding_to_date_usd").values
            assert list(funding) == sorted(funding)
            assert all(funded >= min(-out, funding[-1]) - CENT for out, funded in zip(cash, funding, strict=True))


def test_quantities_by_hand() -> None:
    halves = {
        "hall": LEASE | {"gross_mw": 5, "conversion": CONVERSION},
        "cloud": CLOUD | {"gross_mw": 5, "gpu_count": 500},
    }
    found = statement(compared({"halves": {"uses": halves}}).plans["halves"], 1)
    assert found.row("critical_mw").values[3:6] == (1, 3.5, 3.5)
    assert found.row("gpu_hours_sold").values[:2] == (500 * 24 * 31, 500 * 24 * 28)
    assert found.row("energy_mwh").values[0] == pytest.approx(1.25 * 24 * 31)
    assert found.row("share_of_gross_mwh_fraction").values[0] == pytest.approx(0.125)
    a_month = 2 * 500 - 1250 * 0.05
    assert found.row("gross_profit_usd_per_gross_mwh").values[0] == pytest.approx(a_month / 10)
    profit = sum(found.row("gross_profit_usd").values)
    assert found.row("gross_profit_usd_per_gross_mwh").total == pytest.approx(profit / (10 * 24 * sum(DAYS)))


def test_bitcoin_without_a_price_has_a_reason_instead_of_figures() -> None:
    mined = statement(run(MINER)).row("btc_mined")
    assert (mined.values, mined.total) == ((), None)
    assert mined.reason == "the hash price is given without a price of bitcoin"
    assert statement(run(LEASE)).row("btc_mined").values == (0, 0)


def test_memo_lines_are_not_summed() -> None:
    found = statement(compared(PLANS).plans["lease"])
    lost = found.row("lost_mining_margin_usd")
    assert lost.section == "memo"
    assert lost.values == pytest.approx((8_000 * (31 + 30), 0))
    lines_total = sum(row.total or 0.0 for row in found.rows if row.section in CATEGORIES)
    assert found.row("net_usd").total == pytest.approx(lines_total)


def test_there_is_no_row_of_another_name() -> None:
    with pytest.raises(KeyError, match="ebitda"):
        statement(run(MINER)).row("ebitda")


def test_lines_of_the_same_name_use_and_time_are_one() -> None:
    """A plan of two fleets that runs until a conversion has every mining line twice."""
    fleet = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    plan = compared({"mine": {"uses": {"a": fleet, "b": fleet}}, "lease": CONVERTED}).plans["lease"]
    assert sum(item.name == "mining_revenue_usd" for item in plan.flows.lines) == 2
    found = statement(plan)
    assert line(found, "mining_revenue_usd") == pytest.approx((REVENUE_A_DAY * (31 + 28), 0))
    assert max(found.differences_usd.values()) < CENT


def test_a_case_of_many_is_that_case_alone() -> None:
    scenario = compared(PLANS).scenario
    path, rents = "plans.lease.rent_usd_per_kw_per_month", [80.0, 100.0, 120.0]
    rates = {"discount_rate_fraction_per_year": [0.05, 0.1, 0.2]}
    many = evaluate(vary(scenario, {path: rents, **rates})).plans["lease"]
    for case, rent in enumerate(rents):
        one = {name: column[case] for name, column in rates.items()}
        alone = evaluate(vary(scenario, {path: rent, **one})).plans["lease"]
        assert statement(many, 3, case) == statement(alone, 3)


def by_year(row: Row, months: int) -> list[float]:
    each = 12 // months
    return [sum(row.values[begin : begin + each]) for begin in range(0, len(row.values), each)]


def check_tie(plan: PlanEvaluation, record: dict[str, Any], months: int) -> None:
    """Every figure that ``compare`` has is in the statement, to the cent or the twelfth digit."""
    found = statement(plan, months)
    for name in ("net_usd", *(f"{category}_usd" for category in CATEGORIES)):
        wanted = [year[name] for year in record["annual"]]
        assert by_year(found.row(name), months) == pytest.approx(wanted, rel=0, abs=CENT), name
        assert found.row(name).total == pytest.approx(sum(wanted), rel=0, abs=CENT)
    profit = [sum(year[f"{name}_usd"] for name in GROSS_PROFIT) for year in record["annual"]]
    assert by_year(found.row("gross_profit_usd"), months) == pytest.approx(profit, rel=0, abs=CENT)
    metrics = record["metrics"]
    cash, worth = found.row("cumulative_cash_usd"), found.row("cumulative_present_value_usd")
    assert cash.values[-1] == cash.total == pytest.approx(found.row("net_usd").total, rel=0, abs=CENT)
    assert worth.values[-1] == worth.total == pytest.approx(metrics["npv_usd"], rel=0, abs=CENT)
    assert found.row("peak_funding_to_date_usd").total == pytest.approx(metrics["peak_funding_usd"], rel=0, abs=CENT)
    assert -(found.row("capex_usd").total or 0.0) == pytest.approx(metrics["capex_usd"], rel=0, abs=CENT)
    per_mwh = found.row("gross_profit_usd_per_gross_mwh").total
    assert per_mwh == pytest.approx(metrics["gross_profit_usd_per_gross_mwh"], rel=1e-12)
    for name, wanted in (record["quantities"] | record["memo"]).items():
        assert found.row(name).total == (None if wanted is None else pytest.approx(wanted, rel=1e-12)), name
    assert set(found.differences_usd) == {*record["annual"][0], "npv_usd", "peak_funding_usd"} - {"year"}
    assert max(found.differences_usd.values()) < CENT


@pytest.mark.parametrize("months", [1, 3, 12])
@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_shipped_statement_ties_to_compare(name: str, months: int) -> None:
    records, plans = shipped.brief(name)["plans"], shipped.evaluation(name).plans
    assert [record["name"] for record in records] == list(plans)
    for record in records:
        check_tie(plans[record["name"]], record, months)


def test_a_statement_that_does_not_tie_says_by_how_much() -> None:
    """The figures of compare are those of another plan: the differences are the gaps between the two."""
    evaluation = compared({"small": LEASE, "large": LEASE | {"rent_usd_per_kw_per_month": 101}})
    small, large = evaluation.plans["small"], evaluation.plans["large"]
    mixed = PlanEvaluation(small.engine, small.plan, small.parts)
    mixed.__dict__["npv_usd"] = large.npv_usd
    found = statement(mixed).differences_usd
    assert found["npv_usd"] == pytest.approx(float(large.npv_usd[0] - small.npv_usd[0]))
    assert found["net_usd"] < CENT
