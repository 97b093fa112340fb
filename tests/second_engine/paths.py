"""Months of a scenario, and values over time."""

import calendar
import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

Value = Callable[[int], float]
"""A value over time: month number (1 is the scenario's first month) to value."""


@cache
def months_since_year_zero(text: str) -> int:
    """Count the months before `YYYY-MM`, so that differences are months."""
    year, month = text.split("-")
    return 12 * int(year) + int(month) - 1


@cache
def days_of(year: int, month: int) -> int:
    """Return the days of a month of the calendar."""
    return calendar.monthrange(year, month)[1]


@dataclass(frozen=True)
class Timeline:
    """Months 1..`months`; the flow of month k is at point k."""

    start: str
    months: int

    def month(self, text: str) -> int:
        """Return the number of month `YYYY-MM`; the scenario's first month is 1."""
        return months_since_year_zero(text) - months_since_year_zero(self.start) + 1

    def year_and_month(self, k: int) -> tuple[int, int]:
        """Return calendar year and month of month k."""
        year, month = divmod(months_since_year_zero(self.start) + k - 1, 12)
        return year, month + 1

    def text(self, k: int) -> str:
        """Return month k as `YYYY-MM`."""
        year, month = self.year_and_month(k)
        return f"{year:04d}-{month:02d}"

    def begin(self, k: int) -> datetime:
        """Return the first instant of month k, UTC."""
        year, month = self.year_and_month(k)
        return datetime(year, month, 1, tzinfo=UTC)

    def days(self, k: int) -> int:
        """Return the days of month k."""
        return days_of(*self.year_and_month(k))

    def hours(self, k: int) -> int:
        """Return the hours of month k: 24 for each day."""
        return 24 * self.days(k)

    def last_of_year(self, year: int) -> int:
        """Return the last month of scenario year 1, 2, ... within the horizon."""
        return min(12 * year, self.months)


def read_value(spec: Any, timeline: Timeline, folder: Path) -> Value:
    """Turn what the scenario file says about a value over time into a function of the month number.

    Months after the horizon follow the same rule (growth goes on, the rest is held).
    """
    if not isinstance(spec, dict):
        constant = float(spec)
        return lambda k: constant
    scale, shift = float(spec.get("scale", 1.0)), float(spec.get("shift", 0.0))
    unmoved = unmoved_value(spec, timeline, folder)
    return cache(lambda k: scale * unmoved(k) + shift)


def unmoved_value(spec: dict[str, Any], timeline: Timeline, folder: Path) -> Value:
    """Read each of the written forms of a value over time, but for its scale and shift."""
    if "value" in spec:
        return lambda k: float(spec["value"])
    if "start" in spec:
        start, growth = float(spec["start"]), float(spec.get("growth_fraction_per_year", 0.0))
        return lambda k: float(start * (1.0 + growth) ** ((k - 1) / 12.0))
    if "steps" in spec:
        return held(knots(spec["steps"], timeline))
    if "points" in spec:
        return interpolated(knots(spec["points"], timeline))
    with (folder / spec["csv"]).open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if spec.get("repeat") == "yearly":
        return repeated(rows, spec, timeline)
    months = [timeline.month(row["month"]) if "month" in row else 1 + i for i, row in enumerate(rows)]
    return held(sorted(zip(months, (float(row[spec["column"]]) for row in rows), strict=True)))


def repeated(rows: list[dict[str, str]], spec: dict[str, Any], timeline: Timeline) -> Value:
    """Let a year of rows come back every year, growing from the scenario's first month on."""
    of_month = {}
    for i, row in enumerate(rows):
        month = int(row["month"][5:7]) if "month" in row else i + 1
        of_month[month] = float(row[spec["column"]])
    growth = 1.0 + float(spec.get("growth_fraction_per_year", 0.0))
    return lambda k: of_month[timeline.year_and_month(k)[1]] * growth ** ((k - 1) / 12)


def knots(written: dict[str, Any], timeline: Timeline) -> list[tuple[int, float]]:
    """Return (month number, value) in order of time."""
    return sorted((timeline.month(month), float(x)) for month, x in written.items())


def held(known: list[tuple[int, float]]) -> Value:
    """Keep each value until the next one; the first also before its month."""

    def at(k: int) -> float:
        value = known[0][1]
        for month, x in known:
            if month <= k:
                value = x
        return value

    return at


def interpolated(known: list[tuple[int, float]]) -> Value:
    """Draw straight lines between the points, by month number; flat outside."""

    def at(k: int) -> float:
        if k <= known[0][0]:
            return known[0][1]
        for (m0, x0), (m1, x1) in pairwise(known):
            if k <= m1:
                return x0 + (x1 - x0) * (k - m0) / (m1 - m0)
        return known[-1][1]

    return at
