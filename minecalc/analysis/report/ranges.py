"""Over which values of which input pictures of break-evens go: about where plans draw level, with round ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable
from minecalc.scenario.places import EVERY
from minecalc.schema.names import split_path

Record = Mapping[str, Any]

#: Prices of a market and a site, in the order in which a reader thinks of them.
_PRICES = (
    "market.btc_price_usd",
    "market.hash_price_usd_per_ph_per_day",
    "site.electricity_price_usd_per_kwh",
)
#: From which share of the present value to which a picture goes at least, and how far past a break-even.
_LOW, _HIGH, _PAST = 0.5, 1.5, 1.2
#: A break-even at more than so many times the present value, or below so little of it, is out of sight.
_FAR, _NEAR_ZERO = 5.0, 0.05
#: About so many steps lie between the ends, each 1, 2, 2.5 or 5 times a power of ten.
_STEPS = 12
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class Range(NamedTuple):
    """Evenly spread values of the input at ``path``, as people know it; ``vary`` and ``by`` are what questions take."""

    path: str
    vary: str
    by: str


def price_range(scenario: Scenario, plan: Record) -> Range | None:
    """A range of the first price, or else of the first input of its own, at which a ``plan`` draws level.

    A value over time is moved as a whole, so that its range is one of its scale. None if nothing makes it level within
    sight of its present value.
    """
    levels = _levels(plan)
    first = [path for path in _PRICES if path in levels]
    for path in (*first, *(path for path in levels if path not in first and EVERY not in split_path(path))):
        found = movable(scenario, path)
        if found.whole or found.is_month or found.shifts or found.value <= 0.0:
            continue
        ratio = levels[path]["value"] / found.value
        if _NEAR_ZERO <= ratio <= _FAR:
            return _range(found, min(_LOW, ratio / _PAST), max(_HIGH, ratio * _PAST))
    return None


def solved_input(plan: Record, over: Range) -> str | None:
    """The first input of the plan's own that makes it level, to be solved for over the range of a price."""
    if not over.path.startswith(("market.", "site.")):
        return None
    own = (path for path, level in _levels(plan).items() if path.startswith("plans.") and level["kind"] == "root")
    return next(own, None)


def _levels(plan: Record) -> dict[str, Record]:
    """The break-evens of a plan that have a value, by path."""
    found = plan["vs_baseline"]["break_evens"]
    return {path: level for path, level in found.items() if level["value"] is not None}


def _range(found: Movable, low: float, high: float) -> Range:
    """From ``low`` to ``high`` times the present value, rounded outwards, within what the input may be."""
    least, most = sorted((found.low, found.high))
    begin, end = low * found.present, high * found.present
    size = 10.0 ** math.floor(math.log10((end - begin) / _STEPS))
    step = next(digit * size for digit in _ROUND if digit * size >= (end - begin) / _STEPS * (1.0 - 1e-9))
    first = max(math.floor(begin / step), math.ceil(least / step))
    last = min(math.ceil(end / step), math.floor(most / step))
    count = last - first + 1
    values = found.value_at(first * step), found.value_at(last * step)
    return Range(found.path, _text(found.at, first * step, last * step, count), _text(found.path, *values, count))


def _text(path: str, low: float, high: float, count: int) -> str:
    return f"{path}={low:.10g}:{high:.10g}:{count}"
