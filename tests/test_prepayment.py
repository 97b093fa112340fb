"""A prepayment moves a contract's money in time."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import accumulate
from minecalc.prepayment import Prepayment
from minecalc.timeline import Timeline, parse_month

TIMELINE = Timeline(parse_month("2027-01"), 48)


def test_received_at_the_start_and_credited_over_the_named_years() -> None:
    prepayment = Prepayment(fraction=0.25, credited_years=(2, 3))
    received, credited = prepayment.lines(4.8e6, TIMELINE, 4.0)
    assert received.at_start
    assert not credited.at_start
    assert {received.category, credited.category} == {"prepayment"}
    assert np.flatnonzero(received.usd[:, 0]).tolist() == [3]
    assert received.usd[3, 0] == 1.2e6
    # from month 4, year 2 is months 16 to 27 and year 3 months 28 to 39
    assert np.flatnonzero(credited.usd[:, 0]).tolist() == list(range(15, 39))
    assert credited.usd[15:39, 0] == pytest.approx(-50_000)


def test_columns_of_values_and_of_first_months() -> None:
    prepayment = Prepayment(fraction=0.5, credited_years=(1,))
    first, value = np.array([1.0, 20.0, 60.0]), np.array([1e6, 2e6, 3e6])
    received, credited = prepayment.lines(value, TIMELINE, first)
    assert accumulate(received.usd).tolist() == [5e5, 1e6, 0]
    assert accumulate(credited.usd) == pytest.approx([-5e5, -1e6, 0])
    for case in range(3):
        alone = prepayment.lines(float(value[case]), TIMELINE, float(first[case]))
        for many, one in zip((received, credited), alone, strict=True):
            assert np.array_equal(many.usd[:, case], one.usd[:, 0])


def test_credits_after_the_horizon_are_told() -> None:
    prepayment = Prepayment(fraction=0.5, credited_years=(2, 4))
    assert prepayment.warnings(TIMELINE, 1) == []
    assert len(prepayment.warnings(TIMELINE, 2)) == 1


def test_a_prepayment_that_is_credited_in_no_year_is_refused() -> None:
    with pytest.raises(ValueError, match="credited_years names no year"):
        Prepayment(fraction=0.2, credited_years=())
