"""Sorted hours of a month: what a limit finds in them, which months stand for which, and curves of several hours."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.series.sorted_hours import Curve, HourlyPrice, MonthOfFile, SortedHours, month_curves
from minecalc.timeline import parse_month

YEAR = {month: np.array([3.0, 1.0, 2.0, 2.0]) * (month + 1) / 100 for month in range(12)}


def sorted_year(year: int | None = None) -> SortedHours:
    curves = {MonthOfFile(year, month): Curve(prices, np.ones(4)) for month, prices in YEAR.items()}
    return SortedHours.of(f"made up {year}", "made up", curves)


def price(hours: SortedHours, start: str, months: int) -> HourlyPrice:
    rows = hours.rows(parse_month(start), months)
    return HourlyPrice(hours, rows, np.ones((1, 1)), np.zeros((1, 1)))


def test_below_a_limit_by_hand_ties_are_not() -> None:
    january = price(sorted_year(), "2027-01", 1)
    found = january.below(np.array([[0.005, 0.01, 0.0100001, 0.02, 0.025, 0.03, 9.0]]))
    assert found.hours_fraction.tolist() == [[0.0, 0.0, 0.25, 0.25, 0.75, 0.75, 1.0]]
    assert found.usd_per_kwh[0] == pytest.approx([0.0, 0.0, 0.0025, 0.0025, 0.0125, 0.0125, 0.02])
    assert january.mean_usd_per_kwh()[0, 0] == pytest.approx(0.02)


def test_scale_and_adder_are_those_of_every_hour() -> None:
    january = price(sorted_year(), "2027-01", 1)._replace(
        scale=np.array([[2.0, 2.0, 0.0, 0.0]]), adder_usd_per_kwh=np.array([[0.01, 0.01, 0.01, 0.01]])
    )
    found = january.below(np.array([[0.05, 0.050001, 0.01, 0.010001]]))
    assert found.hours_fraction.tolist() == [[0.25, 0.75, 0.0, 1.0]]
    assert found.usd_per_kwh[0] == pytest.approx([0.03 / 4, (0.03 + 0.05 + 0.05) / 4, 0.0, 0.01])
    assert january.mean_usd_per_kwh()[0] == pytest.approx([0.05, 0.05, 0.01, 0.01])


def test_the_same_bits_for_one_case_and_for_many() -> None:
    year = price(sorted_year(), "2026-07", 30)
    limits = np.random.default_rng(3).uniform(0.0, 0.4, (30, 70))
    many = year.below(limits)
    for case in (0, 17, 69):
        alone = year.below(limits[:, case : case + 1])
        assert alone.hours_fraction.tobytes() == many.hours_fraction[:, case : case + 1].tobytes()
        assert alone.usd_per_kwh.tobytes() == many.usd_per_kwh[:, case : case + 1].tobytes()


@pytest.mark.parametrize("cases", [1, 4, 5, 300])
def test_limits_in_many_cases_find_what_each_finds_by_itself(cases: int) -> None:
    """In months of many prices, of one, of a few far apart, and at limits that are prices, or beyond all."""
    rng = np.random.default_rng(5)
    months = [rng.normal(0.03, 0.02, 500).round(3), np.full(700, 0.03), np.array([0.01, 0.01, 5.0]), np.array([-0.02])]
    curves = {MonthOfFile(None, month): months[month % 4] for month in range(12)}
    hours = SortedHours.of("many", "many", {of: Curve(prices, np.ones_like(prices)) for of, prices in curves.items()})
    rows = hours.rows(parse_month("2027-01"), 40)
    limits = rng.choice([*months[0][:50], -np.inf, np.inf, 0.01, 0.03, -0.02, 5.0, 5.1], (40, cases))
    for given in (limits, limits[:1]):
        share, paid = hours.below(given, rows)
        for month, row in enumerate(rows):
            prices = curves[hours.months[row]]
            below = prices[:, None] < (given if len(given) == 1 else given[month : month + 1])
            assert share[month] == pytest.approx(below.mean(axis=0), abs=1e-12)
            assert paid[month] == pytest.approx(np.where(below, prices[:, None], 0.0).mean(axis=0), abs=1e-12)


def test_a_curve_of_bins_counts_the_hours_of_each() -> None:
    curve = Curve(np.array([0.02, 0.05, 0.01]), np.array([14.5, 1.0, 0.5]))
    hours = SortedHours.of("bins", "bins", {MonthOfFile(None, month): curve for month in range(12)})
    found = price(hours, "2027-01", 2).below(np.array([[0.03], [0.03]]))
    assert found.hours_fraction[:, 0] == pytest.approx([15.0 / 16.0] * 2)
    assert found.usd_per_kwh[:, 0] == pytest.approx([(14.5 * 0.02 + 0.5 * 0.01) / 16.0] * 2)


def test_a_month_has_its_own_year_or_the_years_in_turn() -> None:
    two = {MonthOfFile(year, month): Curve(np.ones(1), np.ones(1)) for year in (2023, 2024) for month in range(12)}
    hours = SortedHours.of("two years", "two", two)
    found = [hours.months[row] for row in hours.rows(parse_month("2024-11"), 28)]
    assert found[:2] == [MonthOfFile(2024, 10), MonthOfFile(2024, 11)], "the same year, where the file has it"
    assert {month.year for month in found[2:14]} == {2024}, "year 1 of the horizon"
    assert {month.year for month in found[14:26]} == {2023}, "year 2"
    assert {month.year for month in found[26:]} == {2024}
    assert [month.month for month in found[2:14]] == list(range(12))


@pytest.mark.parametrize(
    ("start", "leap", "wanted"),
    [
        ("2028-02", False, [1.0] * 27 + [2.0, 2.0]),
        ("2027-02", False, [1.0] * 27 + [2.0]),
        ("2028-02", True, [1.0] * 27 + [2.0, 5.0]),
        ("2027-02", True, [1.0] * 27 + [2.0]),
        ("2100-02", True, [1.0] * 27 + [2.0]),
    ],
)
def test_the_29th_of_february_is_its_own_or_the_28th(start: str, leap: bool, wanted: list[float]) -> None:
    curves = dict[MonthOfFile, Curve]()
    for month in range(12):
        prices = np.array([1.0] * 27 + [2.0] + ([5.0] if leap else []))
        curves |= month_curves(MonthOfFile(None, month), np.arange(1, len(prices) + 1), prices)
    hours = SortedHours.of("february", "february", curves)
    assert price(hours, start, 1).mean_usd_per_kwh()[0, 0] == pytest.approx(np.mean(wanted))


def test_equal_keys_are_equal_hours() -> None:
    assert sorted_year() == sorted_year()
    assert sorted_year() != sorted_year(2023)
    assert len({sorted_year(), sorted_year(), sorted_year(2023)}) == 2
    assert sorted_year(2023).calendar[:5] == (2023 * 12,) * 4 + (2023 * 12 + 1,)
    assert sorted_year().mean_usd_per_kwh == pytest.approx(0.13)
