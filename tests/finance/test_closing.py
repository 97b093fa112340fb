"""Financial close by hand and against ``oracles/finance-2.json``: sizes by seniority, and total cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.arrays import as_row, truth
from minecalc.finance import debt
from minecalc.finance.closing import Closing, close
from minecalc.finance.waterfall import first_shares
from tests.finance.deals import build, by_period, by_point, column, drawing, lent, oracle, points, project

FINANCE = oracle("finance-2")
TERMS = by_period(2, 0.0)
LEVEL = debt.level(TERMS, 1.0)
FREE = drawing(0.0)
#: 100 of cost at once, and 30 and 60 of cash.
COST, CASH = build(100), column(30, 60)


def amounts(deal: Closing) -> list[float]:
    return [one.amount_usd.item() for one in deal.lent]


def test_a_share_an_amount_and_what_cash_carries() -> None:
    """A level loan without interest pays half on each date: at a DSCR of 1.5 20 a date, 40 in all."""
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, share=0.6)])) == [60]
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, amount=25.0)])) == [25]
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, dscr=1.5)])) == pytest.approx([40])


def test_of_two_sizes_the_smaller_counts() -> None:
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, share=0.6, dscr=1.5)])) == pytest.approx([40])
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, share=0.3, dscr=1.5)])) == pytest.approx([30])


def test_a_sculpted_loan_carries_all_cash_over_its_dscr_and_reports_what_a_smaller_one_comes_to() -> None:
    assert amounts(close(project(COST, CASH), [lent(TERMS, FREE, dscr=1.5)])) == pytest.approx([60])
    (smaller,) = close(project(COST, CASH), [lent(TERMS, FREE, share=0.45, dscr=1.5)]).lent
    assert smaller.sculpted_dscr_ratio == pytest.approx([2.0])
    assert by_point(smaller.schedule.instalment_usd) == pytest.approx([0, 15, 30])
    assert by_point(smaller.service_usd) == pytest.approx([0, 15, 30])
    (other,) = close(project(COST, CASH), [lent(TERMS, FREE, LEVEL, share=0.45)]).lent
    assert other.sculpted_dscr_ratio is None


def test_juniors_are_paid_from_what_seniors_leave() -> None:
    """The senior pays 20 on each date; of 30 and 60, over 1.2, that leaves 5 and 30."""
    senior = lent(TERMS, FREE, LEVEL, amount=40.0)
    assert amounts(close(project(COST, CASH), [senior, lent(TERMS, FREE, dscr=1.2)])) == pytest.approx([40, 35])
    assert amounts(close(project(COST, CASH), [senior, lent(TERMS, FREE, LEVEL, dscr=1.2)])) == pytest.approx([40, 10])


def test_a_junior_moves_with_its_senior_while_total_cost_is_sought() -> None:
    """The fee of the senior is in the cost that it is a share of, and its service in the cash of the junior."""
    loans = [lent(TERMS, drawing(0.0, fee=0.1), LEVEL, share=0.4), lent(TERMS, drawing(0.0, fee=0.05), dscr=1.2)]
    found = close(project(COST, CASH), loans)
    senior, junior = amounts(found)
    total = found.total_usd.item()
    assert (senior, junior) == pytest.approx((0.4 * total, 75 - senior))
    assert total == pytest.approx(100 + 0.1 * senior + 0.05 * junior, rel=1e-14)


def test_a_loan_of_a_fixed_amount_between_two_that_move_hides_neither_from_the_other() -> None:
    """The middle one stands while total cost is sought; what the last one is left by the first one does not."""
    first = lent(TERMS, drawing(0.0, fee=0.1), LEVEL, share=0.4)
    loans = [first, lent(TERMS, FREE, LEVEL, amount=10.0), lent(TERMS, drawing(0.0, fee=0.05), dscr=1.2)]
    found = close(project(COST, column(60, 60)), loans)
    senior, middle, junior = amounts(found)
    total = found.total_usd.item()
    assert (senior, middle, junior) == pytest.approx((0.4 * total, 10, 90 - senior))
    assert total == pytest.approx(100 + 0.1 * senior + 0.05 * junior, rel=1e-14)


def test_nothing_is_lent_where_nothing_is_built() -> None:
    loans = [lent(TERMS, FREE, LEVEL, amount=40.0), lent(TERMS, FREE, dscr=1.2)]
    found = close(project(build(0.0, 0.0), CASH), loans)
    assert amounts(found) == [0, 0]


def test_only_dates_within_the_horizon_bound_a_loan() -> None:
    late = project(COST, column(30, 0))._replace(inside=column(1, 0))
    assert amounts(close(late, [lent(TERMS, FREE, LEVEL, dscr=1.5)])) == pytest.approx([40])


def test_a_reserve_is_part_of_total_cost() -> None:
    """Six tenths of U = 100 + r, r the first service, 0.3 U: U = 100 / 0.7."""
    shares = first_shares(points(2), 1.0, 1)
    found = close(project(COST, CASH, shares), [lent(TERMS, FREE, LEVEL, share=0.6)])
    assert found.total_usd.item() == pytest.approx(100 / 0.7)
    assert found.reserve_usd.item() == pytest.approx(30 / 0.7)
    sculpted = close(project(COST, CASH, shares), [lent(TERMS, FREE, share=0.6)])
    assert sculpted.reserve_usd.item() == pytest.approx(20 / 0.8)  # a third of the loan is due first: 0.2 U
    assert sculpted.total_usd.item() == pytest.approx(100 / 0.8)


def test_a_fixed_schedule_is_kept_whatever_the_build_costs() -> None:
    agreed = debt.repaid_by_principal(TERMS, 50.0, column(20, 30))
    loan = lent(TERMS, FREE, agreed, amount=50.0)._replace(fixed=True)
    for cost in (100, 400):
        (found,) = close(project(build(cost), CASH, first_shares(points(2), 1.0, 1)), [loan]).lent
        assert found.amount_usd.item() == 50
        assert by_point(found.schedule.instalment_usd) == [0, 20, 30]
        assert found.reserved_usd(column(1, 0)).item() == 20


def test_all_is_linear_in_the_debt_of_a_deal_with_fees_interest_and_reserve() -> None:
    """The case pays a commitment fee in the month of its first draw, too: months 1 to 18 are those of the build."""
    case = FINANCE["funding-all-circular"]
    given, expected = case["inputs"], case["expected"]
    rate, months = given["rate_nominal"] / 12, given["level_months"]
    at = build(0, *given["base_cost_per_month"], closes=1, fees_from=1)
    since = points(18 + months) - 18.0
    terms = debt.terms(debt.dates(since, 1, as_row(1.0), as_row(float(months))), truth(since > 0) * rate, 0.0)
    drawn = drawing(rate, fee=given["upfront_fee_of_commitment"], commitment=given["commitment_fee_on_undrawn"] / 12)
    loan = lent(terms, drawn, debt.level(terms, 1.0), share=given["ltc"])
    shares = first_shares(since, float(given["dsra_months_of_level_debt_service"]), 1)
    found = close(project(at, since * 0.0, shares), [loan])
    (amount,) = amounts(found)
    assert amount == pytest.approx(expected["debt"], rel=1e-9)
    assert found.total_usd.item() == pytest.approx(expected["total_uses"], rel=1e-9)
    assert found.total_usd.item() - amount == pytest.approx(expected["equity"], rel=1e-9)
    assert found.reserve_usd.item() == pytest.approx(expected["dsra"], rel=1e-9)
    before = [0.0, *by_point(found.funding.drawn_fraction)]
    interest = sum(rate * amount * drawn for drawn in before[:-1])
    undrawn = sum((1 - drawn) * amount * given["commitment_fee_on_undrawn"] / 12 for drawn in before[1:-1])
    assert interest == pytest.approx(expected["idc"], rel=1e-9)
    assert undrawn == pytest.approx(expected["commitment_fees"], rel=1e-9)
    assert amount * before[-1] == pytest.approx(expected["balance_at_completion"], rel=1e-9)


@pytest.mark.parametrize("kind", ["share", "cash", "amount"])
@pytest.mark.parametrize("equity_first", [False, True])
def test_a_deal_is_the_same_alone_and_among_others(kind: str, equity_first: bool) -> None:
    random = np.random.default_rng(2)
    cost, cash = random.uniform(50, 150, (3, 70)), np.concatenate([np.zeros((3, 70)), random.uniform(5, 60, (2, 70))])
    since = points(4) - 2.0
    terms = debt.terms(debt.dates(since, 1, as_row(1.0), as_row(2.0)), truth(since > 0) * 0.01, 0.0)
    sizes: dict[str, Any] = {"share": {"share": 0.5}, "cash": {"share": 0.9, "dscr": 1.3}, "amount": {"amount": 20.0}}
    drawn = drawing(0.01, fee=0.02, commitment=0.001)
    loans = [
        lent(terms, drawn, **sizes[kind]),
        lent(terms, drawing(0.02, at_close=True, escrow=0.01), debt.level(terms, 1.0), share=0.1),
    ]
    at = build(1, 1, 1, equity_first=equity_first)

    def closed(which: slice) -> Closing:
        shares = first_shares(since, 1.0, 1)
        return close(project(at._replace(capex_usd=cost[:, which]), cash[:, which], shares), loans)

    whole = closed(slice(None))
    assert whole.funding.spent_usd[-1] == pytest.approx(whole.total_usd, rel=1e-13)
    for case in range(70):
        alone = closed(slice(case, case + 1))
        assert alone.total_usd[0] == whole.total_usd[case]
        for one, among in zip(alone.lent, whole.lent, strict=True):
            assert one.amount_usd[0] == among.amount_usd[case]
            assert np.array_equal(one.schedule.instalment_usd[:, 0], among.schedule.instalment_usd[:, case])
            assert np.array_equal(one.instalment_usd, one.schedule.instalment_usd)  # on dates alone, and at all points


def test_a_loan_that_total_cost_does_not_move_is_sized_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sized, carried = 0, debt.carried

    def counted(*given: Any) -> Any:
        nonlocal sized
        sized += 1
        return carried(*given)

    monkeypatch.setattr(debt, "carried", counted)
    at = build(100, equity_first=True)
    by_cash, by_share = lent(TERMS, drawing(0.0, fee=0.01), LEVEL, dscr=1.5), lent(TERMS, FREE, LEVEL, share=0.2)
    close(project(at, CASH), [by_cash, by_share])
    assert sized == 2  # for the root, and at close
