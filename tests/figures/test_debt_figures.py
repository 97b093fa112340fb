"""Figures of corners and of debt, worked out by hand, and why they are missing where they are."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.breakeven.question import breakeven
from minecalc.engine import evaluate
from minecalc.figures import CATALOGUE, figures_of, names_of
from minecalc.finance.returns import Missing
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared
from tests.test_corners import LOAN, lease, plans

NONE_LENT: Data = {**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "share_of_cost_fraction": 0}}}


def test_a_loan_by_hand() -> None:
    """Capex of 2.5M at the start of March and of April; half of it, with 1% of interest a month, is lent.

    Interest of a month is on what was owed before it: half of 2.5M and, by May, half of all. Total cost U is
    5M + 0.005 x (2.5M + V) with V what is spent by the end of March: 2.5M + 2.5M + 0.0125M.
    """
    found = {
        name: metric.number() for name, metric in figures_of(lease(plans(financing=LOAN)), names_of("debt")).items()
    }
    first = 2.5e6
    second = first * 1.005 + 2.5e6
    total = second * 1.005
    debt = total / 2.0
    assert found["total_cost_usd"] == pytest.approx(total, rel=1e-12)
    assert found["debt_usd"] == pytest.approx(debt, rel=1e-12)
    assert found["debt_to_cost_fraction"] == pytest.approx(0.5, rel=1e-12)
    instalment = debt / 12
    assert found["dscr_min_ratio"] == pytest.approx(500_000 / (instalment + 0.01 * debt), rel=1e-12)
    service = [instalment + 0.01 * (debt - k * instalment) for k in range(12)]
    assert found["dscr_average_ratio"] == pytest.approx(np.mean([500_000 / due for due in service]), rel=1e-12)
    worth = sum(500_000 / 1.01**k for k in range(1, 13))
    assert found["llcr_ratio"] == pytest.approx(worth / debt, rel=1e-12)
    assert found["plcr_ratio"] == pytest.approx(sum(500_000 / 1.01**k for k in range(1, 21)) / debt, rel=1e-12)
    assert found["average_life_years"] == pytest.approx(6.5 / 12, rel=1e-12)
    assert found["all_in_cost_fraction_per_year"] == pytest.approx(1.01**12 - 1.0, rel=1e-9)
    assert found["peak_equity_usd"] == pytest.approx(debt, rel=1e-12)
    assert (found["shortfall_usd"], found["refinancing_usd"], found["covenant_breach_count"]) == (0.0, 0.0, 0.0)


def test_a_cost_beyond_all_rates_is_none_and_says_why() -> None:
    """Half of what is owed, and that with 17% a month, soon costs more than 1,000% a year."""
    loan = {"share_of_cost_fraction": 0.1, "discount_fraction": 0.5, "rate_fraction_per_year": 2.0, "term_months": 1}
    debt = {**LOAN, "tranches": {"loan": {**loan, "draw": "at_close", "repayment": "bullet"}}}
    metric = CATALOGUE["all_in_cost_fraction_per_year"].measure(lease(plans(financing=debt)))
    assert metric.number() is None
    assert metric.reason() == "no rate between -99% and 1,000% a year brings the lenders' flows to zero"


def test_without_debt_there_is_no_figure_of_it() -> None:
    plan = lease(plans())
    for name in names_of("debt"):
        assert CATALOGUE[name].measure(plan).reason() == "the plan has no debt"


def test_where_nothing_is_lent_ratios_have_no_answer_and_money_is_nought() -> None:
    found = figures_of(lease(plans(financing=NONE_LENT)), names_of("debt"))
    assert found["debt_usd"].number() == 0.0
    assert found["dscr_min_ratio"].reason() == "nothing is lent"
    assert found["all_in_cost_fraction_per_year"].reason() == "nothing is lent"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_case_whose_deal_never_closes_leaves_the_others_as_they_are() -> None:
    """At 200% a year no loan pays nine tenths of a build of two years, whose interest is part of the cost."""
    rate, long = "plans.lease.financing.tranches.loan.rate_fraction_per_year", {**CONVERSION, "ready": "2029-01"}
    at_close = {**LOAN["tranches"]["loan"], "draw": "at_close", "share_of_cost_fraction": 0.9}
    scenario = compared(
        {"mine": MINER, "lease": LEASE | {"conversion": long, "financing": {**LOAN, "tranches": {"loan": at_close}}}},
        months=48,
    ).scenario
    names = names_of("debt")
    mixed = figures_of(evaluate(vary(scenario, {rate: [0.12, 2.0, 0.06]})).plans["lease"], names)
    for case, value in ((0, 0.12), (2, 0.06)):
        alone = figures_of(evaluate(vary(scenario, {rate: value})).plans["lease"], names)
        for name in names:
            assert mixed[name].number(case) == alone[name].number(), name
            assert mixed[name].reason(case) == alone[name].reason(), name
    never = [name for name in names if not name.endswith(("_usd", "_count"))]
    assert {mixed[name].reason(1) for name in ("debt_usd", *never)} == {Missing.NOT_FINITE}


def test_a_loan_of_nothing_leaves_every_number_as_it_is() -> None:
    bare, none = lease(plans()), lease(plans(financing={**NONE_LENT, "equity_rate_fraction_per_year": 0.12}))
    for name in names_of("plan"):
        ours, theirs = CATALOGUE[name].measure(bare).numbers, CATALOGUE[name].measure(none).numbers
        assert ours.tobytes() == theirs.tobytes(), name


def test_a_maturity_beyond_the_horizon_has_no_cover_of_the_life() -> None:
    long = {**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "term_months": 60}}}
    for name, metric in figures_of(lease(plans(financing=long)), ["llcr_ratio", "plcr_ratio"]).items():
        assert metric.reason() == "the last maturity lies beyond the horizon", name


@pytest.mark.parametrize("every", [1, 3, 6])
def test_the_project_covers_debt_as_its_life_does_and_more_where_there_is_cash_after_it(every: int) -> None:
    """The last of 36 months of operation is a date of each calendar; two months less end within a period."""
    terms = np.array([12.0, 24.0, 36.0])
    scenario = compared(plans(financing={**LOAN, "every_months": every}), months=40).scenario
    path = "plans.lease.financing.tranches.loan.term_months"
    found = figures_of(evaluate(vary(scenario, {path: terms})).plans["lease"], ["llcr_ratio", "plcr_ratio"])
    life, project = found["llcr_ratio"].numbers, found["plcr_ratio"].numbers
    assert (project[:2] > life[:2]).all()
    assert project[2] == life[2]
    for place, term in enumerate(terms):
        alone = figures_of(evaluate(vary(scenario, {path: term})).plans["lease"], ["plcr_ratio"])["plcr_ratio"]
        assert alone.number() == project[place]
    short = evaluate(vary(compared(plans(financing={**LOAN, "every_months": every}), months=38).scenario, {path: 12.0}))
    left = figures_of(short.plans["lease"], ["plcr_ratio"])["plcr_ratio"].numbers
    assert life[0] < left[0] < project[0]


def test_a_corner_that_does_not_exist_says_why() -> None:
    found = figures_of(lease(plans()), names_of("corner"))
    reasons = {metric.reason() for metric in found.values()} - {None}
    assert reasons == {
        "the plan pays no tax here",
        "the plan has no debt",
        "the plan has no debt that is taxed here",
    }
    assert found["npv_unlevered_usd"].number() == pytest.approx(float(lease(plans()).npv_usd[0]))


def test_a_case_in_which_no_deal_closes_is_missing_and_says_so() -> None:
    loan = "plans.lease.financing.tranches.loan"
    of_one = {"upfront_fee_fraction": 0.5, "discount_fraction": 0.5, "share_of_cost_fraction": 1.0}
    columns = {f"{loan}.{name}": np.array([0.25, number]) for name, number in of_one.items()}
    plan = evaluate(vary(compared(plans(financing=LOAN)).scenario, columns)).plans["lease"]
    reason = "no deal closes: what the debt costs outgrows what it pays for"
    of_flows = "irr_levered_fraction_per_year irr_fraction_per_year payback_months moic_ratio peak_funding_usd"
    for name in f"total_cost_usd debt_usd dscr_min_ratio npv_levered_usd {of_flows}".split():
        metric = CATALOGUE[name].measure(plan)
        assert metric.number(0) is not None, name
        assert (metric.number(1), metric.reason(1)) == (None, reason), name


def test_figures_of_debt_are_solved_for_and_required() -> None:
    """The rent at which the least DSCR is 1.3, put back, gives 1.3."""
    scenario = compared(plans(financing=LOAN)).scenario
    found = breakeven(scenario, plan="lease", target="dscr=1.3", solve="plans.lease.rent_usd_per_kw_per_month")
    (answer,) = found.record["plans"][0]["answers"]
    again = evaluate(vary(scenario, {"plans.lease.rent_usd_per_kw_per_month": np.array([answer["value"]])}))
    assert CATALOGUE["dscr_min_ratio"].measure(again.plans["lease"]).number() == pytest.approx(1.3, rel=1e-9)


def test_debt_yield_is_the_cash_of_a_year_over_the_balloon() -> None:
    """Half of the loan is due after five months; of the fifteen months then left twelve count, at 500,000 each."""
    loan = {**LOAN["tranches"]["loan"], "repayment": {"shares": [0.1] * 5}, "balloon_fraction": 0.5, "term_months": 5}
    plan = lease(plans(financing={**LOAN, "tranches": {"loan": loan}}))
    found = figures_of(plan, ["debt_yield_fraction", "debt_usd"])
    debt = found["debt_usd"].number()
    assert debt is not None
    assert found["debt_yield_fraction"].number() == pytest.approx(12 * 500_000 / (0.5 * debt), rel=1e-9)


def test_a_loan_that_is_repaid_has_no_debt_yield() -> None:
    metric = CATALOGUE["debt_yield_fraction"].measure(lease(plans(financing=LOAN)))
    assert metric.reason() == "no balloon falls due"


def test_a_loan_that_the_horizon_ends_is_due_there_and_the_last_year_counts() -> None:
    loan = {**LOAN["tranches"]["loan"], "term_months": 40}
    plan = lease(plans(financing={**LOAN, "tranches": {"loan": loan}}))
    found = figures_of(plan, ["debt_yield_fraction", "debt_usd"])
    debt = found["debt_usd"].number()
    assert debt is not None
    left = debt * 20 / 40  # after twenty of its forty instalments
    assert found["debt_yield_fraction"].number() == pytest.approx(12 * 500_000 / left, rel=1e-9)
