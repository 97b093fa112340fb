"""Shapes of a value over time: what an input is in each month of a scenario, before it is scaled or shifted."""

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_column, as_row, power, rows_at
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from minecalc.series.sorted_hours import HourlyPrice, SortedHours
else:
    SortedHours = Any


class Constant(NamedTuple):
    """The same value in every month."""

    value: Number

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(1, 1)`` or ``(1, cases)``: one row stands for every month."""
        return as_row(self.value)


def _grown(growth_fraction_per_year: Number, timeline: Timeline) -> FloatArray:
    """``(1 + g)^((k - 1) / 12)`` in month k, ``(months, 1|cases)``: growth within the year, counted from month 1."""
    if type(growth_fraction_per_year) is float and type(timeline) is Timeline:
        return _grown_over(growth_fraction_per_year, timeline.months)
    return _growth(growth_fraction_per_year, timeline)


@lru_cache(maxsize=256)
def _grown_over(growth_fraction_per_year: float, months: int) -> FloatArray:
    """As ``_grown``, computed once for a growth that is one number, as many scenarios have: ``(months, 1)``."""
    grown = _growth(growth_fraction_per_year, Timeline(0, months))
    grown.flags.writeable = False
    return grown


def _growth(growth_fraction_per_year: Number, timeline: Timeline) -> FloatArray:
    years = named("years_from_start", (timeline.numbers - 1.0) / MONTHS_PER_YEAR)
    return power(1.0 + as_row(growth_fraction_per_year), years)


class Growth(NamedTuple):
    """``start x (1 + g)^((k - 1) / 12)`` in month k, counted from the scenario's start."""

    start: Number
    growth_fraction_per_year: Number

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)`` or ``(months, cases)``."""
        return _grown(self.growth_fraction_per_year, timeline) * self.start

    def ends(self, timeline: Timeline) -> FloatArray:
        """The values of the first and of the last month, ``(2, 1|cases)``."""
        years = np.array([[0.0], [timeline.months - 1.0]]) / MONTHS_PER_YEAR
        return power(1.0 + as_row(self.growth_fraction_per_year), years) * self.start


class Steps(NamedTuple):
    """Each value holds from its calendar month until the next; the first also before."""

    months: tuple[int, ...]
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        calendar = timeline.start + np.arange(timeline.months)
        index = np.searchsorted(np.array(self.months), calendar, side="right")
        return rows_at(as_column(self.amounts), np.maximum(index, 1.0)[:, None])


class Points(NamedTuple):
    """Linear by month number between the given calendar months, flat outside."""

    months: tuple[int, ...]
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        calendar = timeline.start + np.arange(timeline.months)
        known = np.array(self.months, dtype=np.float64)
        place = np.interp(calendar, known, np.arange(1.0, len(known) + 1.0))[:, None]
        before, amounts = np.floor(place), as_column(self.amounts)
        left, right = rows_at(amounts, before), rows_at(amounts, before + 1.0)
        between: FloatArray = left + (right - left) * (place - before)
        return between


class Series(NamedTuple):
    """One value a month from calendar month ``start`` (None: the scenario's first), flat outside.

    ``held``: the file is dated and may leave months of the scenario out (``outside: hold``).
    """

    start: int | None
    amounts: tuple[float, ...]
    held: bool = False

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        offset = 0 if self.start is None else timeline.start - self.start
        index = np.arange(timeline.months) + offset
        return rows_at(as_column(self.amounts), np.asarray(index + 1.0)[:, None])


class Recorded(NamedTuple):
    """What history has for an input that a scenario leaves out: a value a month from ``start``, the last one held."""

    start: int
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        return Series(self.start, self.amounts).values(timeline)


class Season(NamedTuple):
    """Twelve values, January's first, that repeat every year; times growth, if any (0 is one), as in ``Growth``."""

    amounts: tuple[float, ...]
    growth_fraction_per_year: Number | None = None

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)`` or ``(months, cases)``."""
        month_of_year = (timeline.start + np.arange(timeline.months)) % MONTHS_PER_YEAR
        season = rows_at(as_column(self.amounts), np.asarray(month_of_year + 1.0)[:, None])
        if self.growth_fraction_per_year is None:
            return season
        return season * _grown(self.growth_fraction_per_year, timeline)


class Hourly(NamedTuple):
    """A price by the hour: the ``hours`` of a file, which grow as ``Growth`` does, and what is added in each."""

    hours: SortedHours
    growth_fraction_per_year: Number = 0.0
    adder_usd_per_kwh: Number = 0.0
    adder_growth_fraction_per_year: Number = 0.0

    def over(self, timeline: Timeline) -> "HourlyPrice":
        """The prices of every hour of every month."""
        from minecalc.series.sorted_hours import HourlyPrice

        rows = self.hours.rows(timeline.start, timeline.months)
        scale, adder = as_row(1.0), as_row(self.adder_usd_per_kwh)
        if not is_no_step(self.growth_fraction_per_year, 0.0):
            scale = _grown(self.growth_fraction_per_year, timeline)
        if not is_no_step(self.adder_growth_fraction_per_year, 0.0):
            adder = adder * _grown(self.adder_growth_fraction_per_year, timeline)
        return HourlyPrice(self.hours, rows, scale, adder)

    def values(self, timeline: Timeline) -> FloatArray:
        """The mean of all hours of each month, ``(months, ·)``."""
        return self.over(timeline).mean_usd_per_kwh()


def is_no_step(part: Number, neutral: float) -> bool:
    """Whether a scale (``neutral`` 1), a shift or a growth (0) does nothing, so that it is no step of a computation."""
    return isinstance(part, float) and part == neutral


class Unstated(NamedTuple):
    """``{scale: s}`` or ``{shift: s}`` alone: the default of the input, or what the market implies, is moved."""


Shape = Constant | Growth | Steps | Points | Series | Recorded | Season | Hourly | Unstated

_GROWTH = "growth_fraction_per_year"
#: The numbers of each shape, by what a file and its fields call them; lists of amounts are none.
_PARTS: dict[type[Shape], tuple[str, ...]] = {
    Constant: ("value",),
    Growth: ("start", _GROWTH),
    Season: (_GROWTH,),
    Hourly: (_GROWTH, "adder_usd_per_kwh", "adder_growth_fraction_per_year"),
}


def parts_of(shape: Shape) -> dict[str, Number]:
    """The numbers that a shape has, by what a file calls them: value, start, growth, adder and its growth."""
    found = ((part, getattr(shape, part)) for part in _PARTS.get(type(shape), ()))
    return {part: number for part, number in found if number is not None}


def in_larger_unit(amount: Number, per_unit: int) -> float:
    """An amount typed in a unit of which ``per_unit`` make one: the number that moving its point by hand gives."""
    return float(Decimal(repr(float(amount))) / per_unit)


def shape_in_larger_unit(shape: Shape, per_unit: int) -> Shape:
    """``shape`` with each of its amounts ``in_larger_unit``."""
    match shape:
        case Constant(value):
            return Constant(in_larger_unit(value, per_unit))
        case Growth(start):
            return shape._replace(start=in_larger_unit(start, per_unit))
        case Unstated():
            return shape
        case Hourly():
            raise TypeError("a price by the hour has one unit")
        case _:
            return shape._replace(amounts=tuple(in_larger_unit(amount, per_unit) for amount in shape.amounts))
