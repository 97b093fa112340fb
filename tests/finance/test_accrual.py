"""Interest is of the month in which it accrues, and what a loan cost to raise is of all the months of its term."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.finance import debt
from minecalc.finance.lending import accrued, amortised

SINCE = np.arange(-2.0, 7.0)[:, None]
ENDS = (SINCE == 6.0).astype(np.float64)


def column(*values: float) -> FloatArray:
    return np.array(values)[:, None]


def loan(term_months: float, every_months: int = 3) -> debt.Terms:
    """1% a month from the third point on, due every so often."""
    dates = debt.dates(SINCE, every_months, float(every_months), term_months)
    return debt.terms(dates, 0.01 * (SINCE > 0.0).astype(np.float64), 0.0)


def rates(terms: debt.Terms) -> tuple[FloatArray, FloatArray]:
    return terms.monthly_rate, terms.unpaid_rate


def test_interest_accrues_by_month_and_is_owed_until_the_next_date() -> None:
    """100 from the start of operation, 60 after the first date and nothing after the second."""
    owed = column(20, 50, 100, 100, 100, 60, 60, 60, 0)
    found = accrued(*rates(loan(6)), owed, ENDS)
    assert found.interest_usd[:, 0] == pytest.approx([0, 0, 0, 1, 1, 1, 0.6, 0.6, 0.6])
    assert found.owed_usd[:, 0] == pytest.approx([0, 0, 0, 1, 2, 0, 0.6, 1.2, 0])
    assert not found.at_end_usd.any()


def test_what_has_accrued_by_the_horizon_is_paid_there() -> None:
    """Four months between dates: the horizon lies two months after one."""
    found = accrued(*rates(loan(8, every_months=4)), column(0, 0, 100, 100, 100, 100, 50, 50, 0), ENDS)
    assert found.interest_usd[:, 0] == pytest.approx([0, 0, 0, 1, 1, 1, 1, 0.5, 0.5])
    assert found.owed_usd[:, 0] == pytest.approx([0, 0, 0, 1, 2, 3, 0, 0.5, 0])
    assert found.at_end_usd[:, 0] == pytest.approx([0] * 8 + [1])


def test_a_cost_is_spread_evenly_from_the_start_of_operation() -> None:
    assert amortised(12.0, SINCE, 4, ENDS)[:, 0] == pytest.approx([0, 0, 0, 3, 3, 3, 3, 0, 0])


def test_what_is_left_of_it_at_the_horizon_falls_there() -> None:
    assert amortised(12.0, SINCE, 12, ENDS)[:, 0] == pytest.approx([0, 0, 0, 1, 1, 1, 1, 1, 7])


@pytest.mark.parametrize("term", [1.0, 5.0, 6.0, 7.0, 240.0])
def test_all_of_it_is_spread(term: float) -> None:
    assert float(amortised(12.0, SINCE, term, ENDS).sum()) == pytest.approx(12.0)
