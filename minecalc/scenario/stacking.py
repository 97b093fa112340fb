"""Scenarios that differ in numbers only, as the cases of one scenario: many files are then one evaluation.

The shape of a scenario is all of it that is no number: its months, plans, uses and kinds, which inputs are given, how
each goes over time. Scenarios of one shape have the same numbers in the same places, and a place whose number differs
becomes a column. What is said of a scenario and not calculated with (name, requirements, uncertainty) is left out.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.scenario import Scenario
from minecalc.scenario.places import Path, Place, places
from minecalc.scenario.varying import vary
from minecalc.schema.names import dotted
from minecalc.timeline import month_written
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import parts_of

#: What no cash flow is calculated from.
_UNUSED = {("name",), ("require",), ("uncertainty",)}

#: A number of every scenario, which is a column where none differs.
_ANY = ("discount_rate_fraction_per_year",)

#: Types of which no value is a number; nor is a text that names no month.
_NO_NUMBERS = frozenset({NoneType, bool})

#: Plans of more uses are not stacked: alone, a break-even evaluates only the use that it moves again.
_USES_MOST = 8


class Shape(NamedTuple):
    """What a scenario of a single case is but for its numbers, and these by the paths that ``vary`` takes, in parts."""

    form: Hashable
    numbers: Mapping[Path, float]


class Stack(NamedTuple):
    """Scenarios of one shape: their ``places`` among those that were asked about, and all as cases of ``scenario``."""

    places: Sequence[int]
    scenario: Scenario


def stacks(scenarios: Sequence[Scenario]) -> list[Stack]:
    """Scenarios of a single case each, those of one shape together, in the order of the first of each.

    A scenario alone in its shape stays as it is.
    """
    found: dict[Hashable, list[int]] = {}
    shapes = [shape(scenario) for scenario in scenarios] if len(scenarios) > 1 else []
    for place, scenario in enumerate(scenarios):
        several = len(scenarios) > 1 and all(len(plan.uses) <= _USES_MOST for plan in scenario.plans.values())
        found.setdefault(shapes[place].form if several else place, []).append(place)
    return [
        Stack(where, scenarios[where[0]])
        if len(where) == 1
        else Stack(where, _stacked(scenarios[where[0]], [shapes[place].numbers for place in where]))
        for where in found.values()
    ]


def shape(scenario: Scenario) -> Shape:
    """The shape of a scenario of a single case."""
    form, numbers = list[Hashable](), dict[Path, float]()
    for place in places(scenario):
        if place.path in _UNUSED:
            continue
        kind = type(place.value)
        if kind in _NO_NUMBERS or (kind is str and not place.is_month):
            form.append((place.path, type(place.owner), place.given, (kind, place.value)))
            continue
        mine = dict(_numbers(place))
        numbers |= mine
        form.append((place.path, type(place.owner), place.given, _rest(place, bool(mine))))
    return Shape(tuple(form), numbers)


def _stacked(first: Scenario, numbers: Sequence[Mapping[Path, float]]) -> Scenario:
    """``first`` with a column in the place of each number that differs."""
    columns: dict[str, FloatArray] = {}
    for path, number in numbers[0].items():
        column = np.array([mine[path] for mine in numbers])
        if np.any(column != number):
            columns[dotted(path)] = column
    return vary(first, columns or {_ANY[0]: np.full(len(numbers), numbers[0][_ANY])}, used_ranges=False)


def _numbers(place: Place) -> Iterator[tuple[Path, float]]:
    """The numbers of one input that may differ between the cases of a scenario; a month counts from year 0."""
    value, path = place.value, place.path
    if place.idle or place.is_fixed or isinstance(value, bool):
        return
    if isinstance(value, ValueOverTime):
        yield (*path, "scale"), float(value.scale)
        yield (*path, "shift"), float(value.shift)
        yield from (((*path, part), float(number)) for part, number in parts_of(value.shape).items())
    elif place.is_month and isinstance(value, str):
        month = month_written(value)
        if month is not None:  # no word, such as never
            yield path, float(month)
    elif isinstance(value, int | float) and place.meta.low is not None:
        yield path, float(value)


def _rest(place: Place, is_number: bool) -> Hashable:
    """What one input is but for its numbers."""
    value = place.value
    kind = type(value).__name__
    if isinstance(value, ValueOverTime) and not place.idle:
        shape: Any = value.shape
        return type(shape), shape._replace(**dict.fromkeys(parts_of(shape), 0.0))
    return kind if is_number or isinstance(value, TimedInputs | Mapping) else (kind, repr(value))
