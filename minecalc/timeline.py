"""Months 1..T from the start of a scenario: real calendar days, UTC.

Time points are 0..T. What month k earns is paid at its end, point k; what is spent for the start of month k
falls at point k - 1. Point 0 is the decision date.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TypeVar

import numpy as np

from minecalc.arrays import FloatArray, Number
from minecalc.trace import primitive
from minecalc.trace.operations import OPERAND, SUM
from minecalc.units import HOURS_PER_DAY, MONTHS_PER_YEAR

#: January to December of no year in particular, as the months that a season states.
MONTHS_OF_ANY_YEAR = tuple(range(MONTHS_PER_YEAR))

#: Quantities whose rows are months of a lease's term, or of the plan of a build, not of the calendar.
MONTHS_OF = {"term_months_since_ready": "term", "term_escalation_ratio": "term", "plan_spent_fraction": "plan"}

Constant = TypeVar("Constant", float, FloatArray)

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Of a date with its time: year, month, day, hours, minutes, seconds, zone.
_DATE_WORDS_MOST = 8
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=1024)
def parse_month(text: str) -> int:
    """``"2027-01"`` as a calendar month (months since year 0). ValueError for anything else."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a month such as 2027-01")
    return int(match[1]) * MONTHS_PER_YEAR + int(match[2]) - 1


def month_written(text: str) -> int | None:
    """The calendar month that ``text`` writes as ``parse_month`` takes it; None if it writes none."""
    return parse_month(text) if _MONTH.fullmatch(text) else None


def parse_day(text: str) -> int:
    """The calendar month (months since year 0) of a full date, ``"2027-01-31"``. ValueError for anything else."""
    if _DAY.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a date such as 2027-01-31")
    day = date.fromisoformat(text)
    return day.year * MONTHS_PER_YEAR + day.month - 1


def near_month(text: str) -> str:
    """The month that was probably meant by ``text``, as ``"2027-01"``: of a date, a year, a name; "" if none was."""
    words = re.findall(r"[0-9]+|[a-z]+", text.casefold())
    years = [word for word in words if re.fullmatch("(?:19|20|21)[0-9]{2}", word)]
    names = [_MONTH_NAMES.index(word[:3]) + 1 for word in words if word[:3] in _MONTH_NAMES]
    numbers = [int(word) for word in words if word.isdecimal() and word not in years]
    if len(years) != 1 or len(words) > _DATE_WORDS_MOST:
        return ""
    month = next((n for n in [*names, *numbers] if 1 <= n <= MONTHS_PER_YEAR), 0 if numbers or names else 1)
    return f"{years[0]}-{month:02d}" if month else ""


def format_month(month: int) -> str:
    """A calendar month (months since year 0) as ``"2027-01"``."""
    return f"{month // MONTHS_PER_YEAR:04d}-{month % MONTHS_PER_YEAR + 1:02d}"


def span(first: int, last: int) -> str:
    """Calendar months from ``first`` to ``last`` as text: ``2027-01 to 2027-06``, or the one month."""
    return format_month(first) if first == last else f"{format_month(first)} to {format_month(last)}"


@primitive("month_number({0})", least=(OPERAND,), reads="all", cell="{0}-({1}-1)", binds=SUM)
def number_of_month(month: Number, start: int) -> Number:
    """The number of a calendar month, counted from 1 in the calendar month ``start``; floats or columns."""
    return month - (start - 1.0)


@dataclass(frozen=True)
class Timeline:
    """``months`` months from the calendar month ``start`` (months since year 0)."""

    start: int
    months: int

    def number(self, month: int) -> int:
        """The number (1..T inside the horizon) of a calendar month."""
        return month - self.start + 1

    def number_of(self, month: str | Number) -> Number:
        """The number of a month given as text, or as a calendar month (float or column)."""
        if isinstance(month, str):
            return float(self.number(parse_month(month)))
        return number_of_month(month, self.start)

    def label(self, number: int) -> str:
        """``"YYYY-MM"`` of month ``number``."""
        return format_month(self.start + number - 1)

    def extended(self, months: int) -> Timeline:
        """The same start with at least ``months`` months."""
        return self if months <= self.months else replace(self, months=months)

    def constant(self, name: str, values: Constant) -> Constant:
        """``values`` that the calendar alone decides; a traced timeline calls them ``name``."""
        return values

    @property
    def after(self) -> float:
        """The number of the first month after the horizon."""
        return self.constant("after_horizon_month", self.months + 1.0)

    @property
    def numbers(self) -> FloatArray:
        """Month numbers 1..T, shape ``(months, 1)``."""
        return self.constant("month_number", _numbers(self.months))

    @property
    def days(self) -> FloatArray:
        """Days of each month, shape ``(months, 1)``."""
        return self.constant("days", _days(self.start, self.months))

    @property
    def hours(self) -> FloatArray:
        """Hours of each month, shape ``(months, 1)``."""
        return self.constant("hours", _hours(self.start, self.months))

    @property
    def years(self) -> FloatArray:
        """The calendar years that the months lie in, shape ``(years, 1)``."""
        return self.constant("calendar_by_year", _years(self.start, self.months))

    @property
    def year_ends(self) -> tuple[int, ...]:
        """The number of the last month of each of these years: of December, and of the horizon."""
        first = MONTHS_PER_YEAR - self.start % MONTHS_PER_YEAR
        return (*range(first, self.months, MONTHS_PER_YEAR), self.months)

    def year_row(self, number: int) -> int:
        """The row of ``years`` in which month ``number`` lies."""
        return (self.start + number - 1) // MONTHS_PER_YEAR - self.start // MONTHS_PER_YEAR

    def calendar_month(self, number: Number) -> Number:
        """The calendar month (months since year 0) of a month by its number (float or column)."""
        return number + (self.start - 1.0)

    def year_of(self, number: Number) -> Number:
        """The calendar year of a month by its number (float or column)."""
        return np.floor(self.calendar_month(number) / MONTHS_PER_YEAR)

    def begins(self, number: int) -> datetime:
        """The first instant (UTC) of month ``number``."""
        month = self.start + number - 1
        return datetime(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def timeline_from(start: str, months: int) -> Timeline:
    """``months`` months from the calendar month ``start``, ``"YYYY-MM"``. ValueError for anything else."""
    return Timeline(parse_month(start), months)


def _constant(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values


@lru_cache(maxsize=64)
def _numbers(months: int) -> FloatArray:
    return _constant(np.arange(1.0, months + 1.0)[:, None])


@lru_cache(maxsize=64)
def _years(start: int, months: int) -> FloatArray:
    years = range(start // MONTHS_PER_YEAR, (start + months - 1) // MONTHS_PER_YEAR + 1)
    return _constant(np.array(years, dtype=np.float64)[:, None])


@lru_cache(maxsize=64)
def _days(start: int, months: int) -> FloatArray:
    calendar_months = range(start, start + months)
    days = [calendar.monthrange(m // MONTHS_PER_YEAR, m % MONTHS_PER_YEAR + 1)[1] for m in calendar_months]
    return _constant(np.array(days, dtype=np.float64)[:, None])


@lru_cache(maxsize=64)
def _hours(start: int, months: int) -> FloatArray:
    return _constant(_days(start, months) * HOURS_PER_DAY)
