"""Months, days and hours of a scenario's calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.timeline import Timeline, format_month, month_written, near_month, parse_day, parse_month, timeline_from


@given(st.integers(0, 9999 * 12 + 11))
def test_a_month_is_written_as_it_is_read(month: int) -> None:
    assert parse_month(format_month(month)) == month_written(format_month(month)) == month


@pytest.mark.parametrize(
    "text", ["2027-13", "2027-00", "2027-1", "27-01", "2027/01", "2027-01-01", " 2027-01", "2027-01\n", "٢٠٢٧-01", ""]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        parse_month(text)
    assert month_written(text) is None


def test_a_full_date_is_of_its_month() -> None:
    assert parse_day("2028-02-29") == parse_month("2028-02")
    for text in ("2027-02-29", "2027-13-01", "2027-02", "2027-2-1", "20270201", "٢٠٢٧-01-01", "2027-01-01T00:00", ""):
        with pytest.raises(ValueError, match=r"."):
            parse_day(text)


def test_days_and_hours_are_those_of_the_calendar() -> None:
    timeline = Timeline(parse_month("2027-12"), 4)
    assert timeline.days[:, 0].tolist() == [31, 31, 29, 31]  # 2028 is a leap year
    assert timeline.hours[:, 0].tolist() == [744, 744, 696, 744]
    assert Timeline(parse_month("2100-02"), 1).days.tolist() == [[28]]  # 2100 is none


@pytest.mark.parametrize(("year", "hours"), [(2027, 8760), (2028, 8784), (2100, 8760), (2000, 8784)])
def test_a_year_has_8760_hours_or_8784(year: int, hours: int) -> None:
    assert float(Timeline(year * 12, 12).hours.sum()) == hours


def test_month_numbers_and_labels_count_from_the_start() -> None:
    timeline = Timeline(parse_month("2027-11"), 3)
    assert [timeline.label(k) for k in (0, 1, 2, 3, 4)] == ["2027-10", "2027-11", "2027-12", "2028-01", "2028-02"]
    assert [timeline.number(parse_month(label)) for label in ("2027-10", "2027-11", "2028-01")] == [0, 1, 3]
    assert timeline.numbers[:, 0].tolist() == [1, 2, 3]
    assert timeline.begins(3) == datetime(2028, 1, 1, tzinfo=UTC)


def test_a_timeline_is_only_ever_extended() -> None:
    timeline = Timeline(parse_month("2027-01"), 12)
    assert timeline.extended(6) is timeline
    assert timeline.extended(30) == Timeline(parse_month("2027-01"), 30)


def test_the_month_after_the_horizon() -> None:
    assert Timeline(24324, 12).after == 13.0
    assert Timeline(24324, 12).extended(24).after == 25.0


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026", "2026-01"),
        ("2026-1", "2026-01"),
        ("2026-01-15", "2026-01"),
        ("2026-07-15T00:00:00Z", "2026-07"),
        ("07/2026", "2026-07"),
        ("Jul 2026", "2026-07"),
        ("July 3, 2026", "2026-07"),
        ("2026-13", ""),
        ("soon", ""),
        ("2026 2027", ""),
        ("1 2 3 4 5 6 7 8 2026", ""),
    ],
)
def test_the_month_that_was_meant(text: str, month: str) -> None:
    assert near_month(text) == month


def test_a_timeline_begins_with_the_month_that_is_written() -> None:
    assert timeline_from("2027-03", 5) == Timeline(parse_month("2027-03"), 5)
    with pytest.raises(ValueError, match="is not a month"):
        timeline_from("March", 5)


@pytest.mark.parametrize(
    ("start", "months", "years", "ends"),
    [
        ("2027-01", 24, [2027, 2028], (12, 24)),
        ("2027-07", 14, [2027, 2028], (6, 14)),
        ("2027-12", 2, [2027, 2028], (1, 2)),
        ("2027-03", 5, [2027], (5,)),
        ("2027-03", 10, [2027], (10,)),
    ],
)
def test_calendar_years(start: str, months: int, years: list[int], ends: tuple[int, ...]) -> None:
    timeline = timeline_from(start, months)
    assert timeline.years[:, 0].tolist() == years
    assert timeline.year_ends == ends
    numbers = range(1, months + 1)
    assert [int(timeline.year_of(float(number))) for number in numbers] == [
        int(timeline.label(number)[:4]) for number in numbers
    ]
    assert timeline.calendar_month(1.0) == parse_month(start)


def test_the_row_of_a_months_year() -> None:
    timeline = timeline_from("2027-07", 14)
    assert [timeline.year_row(number) for number in (1, 6, 7, 14)] == [0, 0, 1, 1]
