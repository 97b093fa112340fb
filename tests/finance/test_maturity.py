"""Loans that end in a month whatever a build does: by hand, and what a late build makes of them.

The lease of ``tests.finance.deals`` is ready at point 4 and pays every three months; 2028-03 is point 15.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.checks import debt_checks
from minecalc.deals.financed import Financed
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.scenario.movables import movables
from minecalc.scenario.varying import vary
from tests.by_hand import Data
from tests.finance.deals import by_point, loan, plan

LENT = 1e6
MATURITY = "plans.it.financing.tranches.notes.maturity"
DELAY = "plans.it.conversion.delay_months"
LATE = {"conversion": {"starts": "2027-03", "ready": "2027-05", "delay_months": 4, "capex_usd_per_critical_mw": 1e6}}


def notes(repayment: Any = "equal_principal", maturity: str = "2028-03", **keys: Any) -> Data:
    """A million at 3% a period that matures at point 15."""
    found = loan(repayment, amount_usd=LENT, maturity=maturity, **keys)
    del found["term_months"]
    return found


def of(found: PlanEvaluation) -> Financed:
    assert found.financed is not None
    return found.financed


def paid(debt: Financed, case: int = 0) -> dict[int, tuple[float, float, float]]:
    """Interest, instalment and balloon at each point at which any is due."""
    (flow,) = debt.flows
    rows = flow.interest_usd, flow.instalment_usd, flow.balloon_usd
    by_kind = [usd[:, case if usd.shape[1] > 1 else 0] * np.ones(debt.months + 1) for usd in rows]
    return {k: tuple(usd[k] for usd in by_kind) for k in range(debt.months + 1) if any(usd[k] for usd in by_kind)}


def test_dates_count_back_from_the_maturity_and_the_first_period_is_short() -> None:
    debt = of(plan({"notes": notes()}, months=30))
    third = LENT / 3
    expected = {6: (2e4, 0, 0), 9: (3e4, third, 0), 12: (2e4, third, 0), 15: (1e4, third, 0)}
    assert {k: pytest.approx(usd) for k, usd in expected.items()} == paid(debt)
    assert by_point(debt.period_cfads_usd)[6:10:3] == [1e6, 1.5e6]
    assert by_point(debt.dates)[4:19] == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_a_late_build_leaves_the_maturity_and_takes_payments() -> None:
    """On time, two, four and twelve months late: three payments, three, two, and all of it after the maturity."""
    scenario = plan({"notes": notes()}, months=30).engine.scenario
    debt = of(evaluate(vary(scenario, {DELAY: np.array([0.0, 2.0, 4.0, 12.0])})).plans["it"])
    third, half = LENT / 3, LENT / 2
    late: list[dict[int, Any]] = [
        {6: (2e4, 0, 0), 9: (3e4, third, 0), 12: (2e4, third, 0), 15: (1e4, third, 0)},
        {9: (3e4, third, 0), 12: (2e4, third, 0), 15: (1e4, third, 0)},
        {9: (1e4, 0, 0), 12: (3e4, half, 0), 15: (1.5e4, half, 0)},
        {18: (2e4, 0, LENT)},
    ]
    for case, expected in enumerate(late):
        assert {k: pytest.approx(usd) for k, usd in expected.items()} == paid(debt, case), case


def test_shares_of_dates_that_have_passed_are_repaid_on_those_left() -> None:
    shares = notes({"shares": [0.1, 0.2, 0.3]}, balloon_fraction=0.4)
    on_time, late = plan({"notes": shares}, months=30), plan({"notes": shares}, months=30, use=LATE)
    assert [usd[1] for usd in paid(of(on_time)).values()] == pytest.approx([0, 1e5, 2e5, 3e5])
    assert [usd[1] for usd in paid(of(late)).values()] == pytest.approx([0, 2.4e5, 3.6e5])
    assert paid(of(late))[15][2] == pytest.approx(4e5)
    (text,) = debt_checks.warnings(late)
    assert text == "notes has 3 shares for 2 dates from 2027-09 on: the last ones repay as much as all"


@pytest.mark.parametrize("repayment", ["level", "equal_principal", "sculpted", {"shares": [0.2, 0.3, 0.5]}])
def test_a_deal_that_is_closed_keeps_its_dates_where_the_build_is_late(repayment: Any) -> None:
    """What `simulate` does: amounts stay, instalments by date, those that have passed in proportion on the others."""
    closed = of(plan({"notes": notes(repayment)}, months=30))
    late = Financed(closed.terms.with_deal(closed.deal), closed.timeline, closed.ready + 4.0, closed.lines)
    before, after = paid(closed), paid(late)
    assert list(after) == [9, 12, 15]
    left = before[12][1] + before[15][1]
    assert [after[k][1] for k in (12, 15)] == pytest.approx([before[k][1] * LENT / left for k in (12, 15)])
    same = Financed(closed.terms.with_deal(closed.deal), closed.timeline, closed.ready, closed.lines)
    assert same.effect_usd == pytest.approx(closed.effect_usd, abs=1e-6)
    never = Financed(closed.terms.with_deal(closed.deal), closed.timeline, closed.ready + 12.0, closed.lines)
    assert paid(never) == {18: pytest.approx((2e4, 0, LENT))}


def test_a_maturity_before_all_is_ready_is_said_and_falls_to_equity() -> None:
    found = plan({"notes": notes("level", "2027-03") | {"amount_usd": 4e6}}, months=30)
    debt = of(found)
    assert paid(debt) == {6: pytest.approx((8e4, 0, 4e6))}
    assert debt.waterfall.refinancing_usd[6, 0] == pytest.approx(4e6 + 8e4 - 1e6)
    (text,) = debt_checks.warnings(found)
    assert text == "notes matures in 2027-03, before all is ready in 2027-05: all of it is due in 2027-06"


def test_a_maturity_before_the_first_payment_is_a_balloon_and_said() -> None:
    found = plan({"notes": notes("level", first_payment_months=24)}, months=30)
    assert paid(of(found))[15] == pytest.approx((3e4, 0, LENT))
    (text,) = debt_checks.warnings(found)
    assert text == "notes has no date of repayment from 2027-05 to its maturity in 2028-03: all is due then"


def test_a_maturity_beyond_the_horizon_is_owed_there() -> None:
    debt = of(plan({"notes": notes("bullet", "2030-03")}, months=20))
    (flow,) = debt.flows
    assert flow.at_end_usd[20, 0] == pytest.approx(LENT * 1.02)
    assert not debt.matures_inside.any()


def test_the_reserve_holds_the_months_ahead_of_a_short_period_too() -> None:
    debt = of(plan({"notes": notes()}, months=30, reserve_months=3))
    of_second = (LENT / 3 + 3e4) / 3
    assert debt.closing.reserve_usd.item() == pytest.approx(2e4 + of_second)


def test_a_maturity_moves_like_any_month_of_the_file() -> None:
    scenario = plan({"notes": notes()}, months=30).engine.scenario
    months = np.array([12.0 * 2028 + 2, 12.0 * 2028 + 5])
    debt = of(evaluate(vary(scenario, {MATURITY: months})).plans["it"])
    for case, last in ((0, 15), (1, 18)):
        assert max(paid(debt, case)) == last


def test_one_beyond_the_horizon_moves_too_and_no_further_than_loans_are_for() -> None:
    scenario = plan({"notes": notes("bullet", "2031-03")}, months=20).engine.scenario
    found = movables(scenario)[MATURITY]
    assert (found.present, found.high) == (12.0 * 2031 + 2, 12.0 * 2032 + 2)
    debt = of(evaluate(vary(scenario, {MATURITY: np.array([found.low + 16, found.present, found.high])})).plans["it"])
    assert debt.matures_inside.tolist() == [True, False, False]
    with pytest.raises(ValueError, match=r"maturity lies outside the horizon, 2027-01 to 2078-08"):
        vary(scenario, {MATURITY: 12.0 * 2100})


def test_cover_and_life_are_of_the_dates_as_they_are() -> None:
    debt = of(plan({"notes": notes()}, months=15))
    assert debt.llcr_ratio.item() == debt.plcr_ratio.item()
    assert debt.average_life_years.item() == pytest.approx((5 + 8 + 11) / 36)
    longer = of(plan({"notes": notes()}, months=20))
    factors = np.cumprod([1.02, 1.03, 1.03, 1.03, 1.03, 1.02])
    cash = np.array([1e6, 1.5e6, 1.5e6, 1.5e6, 1.5e6, 1e6])
    assert longer.plcr_ratio.item() == pytest.approx((cash / factors).sum() / LENT)
