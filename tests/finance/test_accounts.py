"""A tranche's account by month, by hand: two points of build, operation from point 2 on, one date, the horizon."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.deals.closed_deal import from_build
from minecalc.finance.accounts import Charged, account, by_month, held, in_all
from minecalc.finance.lending import Flow
from minecalc.finance.month import Paid
from tests.finance.deals import by_point


def column(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)[:, None]


#: Months of operation at points 0 to 6; the date is three months after its start, at point 5.
SINCE = np.arange(-2.0, 5.0)[:, None]
NOTHING = column(0, 0, 0, 0, 0, 0, 0)


def in_the_build(**usd: FloatArray) -> Flow:
    return Flow(**{name: usd.get(name, column(0, 0, 0)) for name in Flow._fields})


def in_operation(**usd: FloatArray) -> Paid:
    return Paid(**{name: usd.get(name, NOTHING) for name in Paid._fields})


#: 60 and 40 are drawn, with a fee of 6, and all is repaid on the date with three months of interest at 1%.
BUILT = in_the_build(
    drawn_usd=column(60, 40, 0),
    upfront_fee_usd=column(6, 0, 0),
    capitalised_usd=column(0, 0.6, 0),
    owed_usd=column(60, 100, 0),
)
PAID = in_operation(
    interest_usd=column(0, 0, 0, 0, 0, 3, 0),
    instalment_usd=column(0, 0, 0, 0, 0, 100, 0),
    owed_usd=column(0, 0, 100, 100, 100, 0, 0),
)
RATE = column(0, 0, 0, 0.01, 0.01, 0.01, 0.01)
CHARGED = Charged(
    RATE, column(0, 0, 0, 0.01, 0.02, 0, 0.01), SINCE, column(0, 0, 0, 0, 0, 0, 1), column(6), column(0), column(3)
)


def test_money_of_the_build_belongs_to_the_month_that_begins_and_that_of_operation_to_the_one_that_ends() -> None:
    """Operation starts at point 2: the month after it has both."""
    assert by_point(by_month(column(10, 5, 2, 1, 1, 7, 3), SINCE)) == [10, 5, 2 + 1, 1, 7, 3]


def test_a_tranche_has_its_money_of_the_build_and_none_of_it_after() -> None:
    flow = in_all(BUILT, PAID, partial(from_build, points=7))
    assert by_point(flow.drawn_usd) == [60, 40, 0, 0, 0, 0, 0]
    assert by_point(flow.owed_usd) == [60, 100, 100, 100, 100, 0, 0]
    assert flow.interest_usd is PAID.interest_usd


def test_what_a_month_is_charged_is_of_that_month_whenever_it_is_paid() -> None:
    found = account(in_all(BUILT, PAID, partial(from_build, points=7)), CHARGED)
    assert by_point(found.drawn_usd) == [60, 40, 0, 0, 0, 0]
    assert by_point(found.capitalised_usd) == [0, 0.6, 0, 0, 0, 0]
    assert by_point(found.owed_usd) == [60, 100, 100, 100, 0, 0]
    assert by_point(found.accrued_usd) == pytest.approx([0, 0, 1, 1, 1, 0])
    assert by_point(found.interest_usd) == [0, 0, 0, 0, 3, 0]
    assert by_point(found.accrued_interest_usd) == pytest.approx([0, 0, 1, 2, 0, 0])
    assert by_point(found.fees_amortised_usd) == pytest.approx([0, 0, 2, 2, 2, 0])
    assert by_point(found.repaid_usd) == [0, 0, 0, 0, 100, 0]


def test_a_reserve_that_is_funded_at_the_start_of_operation_is_held_from_the_month_after() -> None:
    funded, cash = column(0, 0, 9, 9, 9, 9, 0), column(0, 0, 0, 1, 2, 0, 0)
    found = held(cash, funded, NOTHING, SINCE)
    assert by_point(found.cash_usd) == [0, 0, 1, 2, 0, 0]
    assert by_point(found.reserve_usd) == [0, 0, 9, 9, 9, 0]
