"""A prepayment moves a contract's money in time."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import accumulate
from minecalc.timeline import Timeline, parse_month
from minecalc.uses.prepayment import Prepayment
from minecalc.uses.tenant_default import TenantDefault

TIMELINE = Timeline(parse_month("2027-01"), 48)


def test_received_at_the_start_and_credited_over_the_named_years() -> None:
    prepayment = Prepayment(fraction=0.25, credited_years=(2, 3))
    received, credited, owed = prepayment.lines(4.8e6, TIMELINE, 4.0, None)
    assert received.at_start
    assert not credited.at_start
    assert {received.category, credited.category} == {"prepayment"}
    assert np.flatnonzero(received.usd[:, 0]).tolist() == [3]
    assert received.usd[3, 0] == 1.2e6
    # from month 4, year 2 is months 16 to 27 and year 3 months 28 to 39
    assert np.flatnonzero(credited.usd[:, 0]).tolist() == list(range(15, 39))
    assert credited.usd[15:39, 0] == pytest.approx(-50_000)
    assert not owed.usd.any()


def test_columns_of_values_and_of_first_months() -> None:
    prepayment = Prepayment(fraction=0.5, credited_years=(1,))
    first, value = np.array([1.0, 40.0, 60.0]), np.array([1e6, 2e6, 3e6])
    received, credited, owed = prepayment.lines(value, TIMELINE, first, None)
    assert accumulate(received.usd).tolist() == [5e5, 1e6, 0]
    assert accumulate(credited.usd) == pytest.approx([-5e5, -0.75e6, 0])
    assert accumulate(owed.usd) == pytest.approx([0, -0.25e6, 0])
    assert owed.category == "residual"
    for case in range(3):
        alone = prepayment.lines(float(value[case]), TIMELINE, float(first[case]), None)
        for many, one in zip((received, credited, owed), alone, strict=True):
            assert np.array_equal(many.usd[:, case], one.usd[:, 0])


def test_what_is_not_credited_by_the_horizon_is_owed_there_unless_the_tenant_has_defaulted() -> None:
    prepayment = Prepayment(fraction=0.5, credited_years=(3, 4))

    def owed(month: str) -> float:
        default = TenantDefault(month=month)
        return float(accumulate(prepayment.lines(2.4e6, TIMELINE, 13.0, default)[2].usd)[0])

    assert owed("2030-12") == 0.0
    assert owed("2031-01") == -0.6e6  # just after the horizon it never happens


def test_what_is_owed_or_kept_is_told() -> None:
    prepayment = Prepayment(fraction=0.5, credited_years=(2, 4))
    assert list(prepayment.warnings(TIMELINE, 1, None)) == []
    [owed] = prepayment.warnings(TIMELINE, 7, None)
    assert owed == "25% of the prepayment is not credited by the horizon: it is owed and paid back there"
    [kept] = prepayment.warnings(TIMELINE, 1, TenantDefault(month="2028-07"))
    assert kept == "the tenant defaults in 2028-07: 75% of the prepayment not credited by then is kept"
    assert list(prepayment.warnings(TIMELINE, 49, None)) == []


def test_a_prepayment_that_is_credited_in_no_year_is_refused() -> None:
    with pytest.raises(ValueError, match="credited_years names no year"):
        Prepayment(fraction=0.2, credited_years=())
