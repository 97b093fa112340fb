"""A scenario whose numbers are traced: what the engine computes from it can be explained.

Every number, date, list and amount over time becomes an ``input`` that knows its path in the file, and every array that
the calendar decides a named ``constant``. Switches and names stay plain: they choose the formula and are no part of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.reference.power_years import power_years
from minecalc.scenario import Scenario
from minecalc.scenario.places import Place, places, replaced
from minecalc.schema.names import split_path
from minecalc.series.sorted_hours import SortedHours
from minecalc.timeline import MONTHS_OF_ANY_YEAR, Timeline, parse_month
from minecalc.trace import Traced, named
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Hourly, Points, Recorded, Season, Series, Steps, is_no_step, parts_of


class TracedValue(ValueOverTime):
    """A value over time whose months an explanation calls by the input's ``name``."""

    name = ""

    def moved(self, values: FloatArray) -> FloatArray:
        """As those of ``ValueOverTime``, named."""
        return named(self.name, super().moved(values))


class TracedTimeline(Timeline):
    """A timeline whose arrays are named constants."""

    @cached_property
    def _constants(self) -> dict[tuple[str, int], Any]:
        return {}

    def constant(self, name: str, values: Any) -> Any:
        """``values`` as the constant ``name``, always the same one for as many rows."""
        return self._constants.setdefault((name, np.size(values)), Traced(values, "constant", name=name))


def traced(scenario: Scenario) -> Scenario:
    """``scenario``, of a single case, with every number traced."""
    values = {place.path: _traced(place) for place in places(scenario)}
    copy = replaced(scenario, {path: value for path, value in values.items() if value is not None})
    copy._timeline = TracedTimeline(scenario.timeline.start, scenario.timeline.months)
    return copy


def _traced(place: Place) -> Any:
    """The value of an input, traced; None if it cannot be. The length of the horizon is that of every array."""
    value = place.value
    if isinstance(value, ValueOverTime):
        return _over_time(value, place.dotted)
    if isinstance(value, int | float) and not isinstance(value, bool) and not place.is_fixed:
        return _input(value, place.dotted)
    if isinstance(value, tuple) and value and all(isinstance(item, int | float) for item in value):
        return Traced(np.array(value, dtype=np.float64)[:, None], "list", name=place.dotted)
    if place.is_month and isinstance(value, str) and value[:1].isdigit():
        return Traced(float(parse_month(value)), "date", name=place.dotted)
    return None


def _over_time(value: ValueOverTime, path: str) -> ValueOverTime:
    shape: Any = value.shape
    inputs: dict[str, Any] = {
        part: _input(number, path if part == "value" else f"{path}.{part}")
        for part, number in parts_of(shape).items()
        if not (isinstance(shape, Hourly) and is_no_step(number, 0.0))
    }
    match shape:
        case Hourly(hours):
            prices = Traced(hours.prices, "input", (), f"{path}.{form_of(hours)}", hours.calendar)
            inputs["hours"] = hours.with_prices(prices)
        case Steps() | Points() | Series() | Recorded() | Season():
            rows = np.array(shape.amounts, dtype=np.float64)[:, None]
            inputs["amounts"] = Traced(rows, "input", (), path + _LISTED_AS[type(shape)], _months(shape))
    shape = shape._replace(**inputs)
    scale: Any = value.scale if is_no_step(value.scale, 1.0) else _input(value.scale, f"{path}.scale")
    shift: Any = value.shift if is_no_step(value.shift, 0.0) else _input(value.shift, f"{path}.shift")
    found = TracedValue(shape, scale, shift=shift)
    found.name = split_path(path)[-1]
    return found


def form_of(hours: SortedHours) -> str:
    """By which key a file names these hours."""
    return "duration_curve" if hours.name in power_years() else "hourly"


#: What stands behind the path of an input in that of its list of amounts.
_LISTED_AS = {Steps: ".steps", Points: ".points", Series: ".csv", Season: ".csv", Recorded: ""}


def _months(shape: Steps | Points | Series | Recorded | Season) -> tuple[int, ...]:
    """The calendar months of the amounts; none for those of the scenario's own months."""
    match shape:
        case Steps(months) | Points(months):
            return months
        case Season():
            return MONTHS_OF_ANY_YEAR
        case Series(start) | Recorded(start):
            return () if start is None else tuple(range(start, start + len(shape.amounts)))


def _input(value: Any, path: str) -> Any:
    return Traced(np.asarray(value, dtype=np.float64), "input", name=path)
