"""Recorded years of hourly prices: the curves are whole, in order, and have the means that their records say."""

from __future__ import annotations

import pytest

from minecalc.reference.power_years import SINGLE_HOURS, duration_curves, power_years

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@pytest.mark.parametrize("name", power_years())
def test_a_year_has_twelve_months_of_pieces_in_order_with_its_mean(name: str) -> None:
    year, months = power_years()[name], duration_curves()[name]
    assert [month.month for month in months] == list(range(1, 13))
    assert sum(month.hours for month in months) == year.hours
    total = 0.0
    for month, days in zip(months, DAYS, strict=True):
        prices, hours = zip(*month.pieces, strict=True)
        assert len(prices) == 2 * SINGLE_HOURS + 48
        assert list(prices) == sorted(prices)
        assert sum(hours) == pytest.approx(month.hours)
        assert abs(month.hours - 24 * days) in (0, 1, 24), "a day of a leap year, an hour of daylight saving"
        total += sum(price * each for price, each in month.pieces)
    assert total / year.hours == pytest.approx(year.mean_price, rel=1e-5)
    assert max(month.pieces[-1][0] for month in months) == pytest.approx(year.highest_price, rel=1e-5)
    assert year.p5_price <= year.mean_price <= year.highest_price


def test_every_curve_has_a_record() -> None:
    assert set(duration_curves()) == set(power_years())
