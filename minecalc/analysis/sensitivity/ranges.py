"""How far each input of a scenario may plausibly move: the range on record, else a stated share around its value.

A range on record counts only where the present value lies in it; elsewhere the record is about another kind of site.
An input that other inputs imply, or that is zero, is held unless a range is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minecalc.analysis.on_record import published
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable, movables_and_shared
from minecalc.schema.scalars import number_written
from minecalc.timeline import parse_month
from minecalc.units import MONTHS_PER_YEAR, unit_of
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Recorded

#: How far an input without a record moves, as a share of its value.
SPREAD = 0.2

#: How far a growth moves either way, and how many months a date or a delay moves on.
GROWTH_POINTS, MONTHS_LATER = 0.10, 12

#: How far the inflation of running costs moves either way, where a file has one.
INFLATION_POINTS = 0.02

_HASH_PRICE = "market.hash_price_usd_per_ph_per_day"
_GIVEN = "given"


class Span(NamedTuple):
    """An input and how far it moves: ``vary`` takes ``low`` to ``high`` at ``movable.at``; ``basis`` says why."""

    movable: Movable
    low: float
    high: float
    basis: str
    source: str = ""

    @property
    def grain(self) -> float:
        """The step that the input moves by: 1 where whole numbers count, or more, a month of a year, 0 for any."""
        if self.movable.whole:
            return self.movable.step
        return 1.0 / MONTHS_PER_YEAR if unit_of(self.movable.path) == "years" else 0.0

    def holds(self, x: float) -> bool:
        """Whether x lies in the range."""
        return self.low <= x <= self.high


class Ranges(NamedTuple):
    """The inputs that move, in file order, and why each of the others, by path, does not."""

    spans: tuple[Span, ...]
    held: Mapping[str, str]


def input_ranges(scenario: Scenario, spread: float = SPREAD, given: Mapping[str, Span] | None = None) -> Ranges:
    """The range of every input of a scenario of a single case; ``given`` spans, by path, come before all others."""
    spans, held = [], {}
    for path, found in movables_and_shared(scenario).items():
        if given and path in given:
            spans.append(given[path])
            continue
        span = _span(scenario, found, spread)
        if isinstance(span, str):
            held[path] = span
        else:
            spans.append(span)
    return Ranges(tuple(spans), held)


def given_range(scenario: Scenario, text: str) -> Span:
    """The range that ``PATH=low:high`` gives to an input, in the input's unit; months for a date.

    Raises ValueError for a path that is no input, ends that are no numbers or out of order, or a range that leaves
    the input's own.
    """
    path, equals, ends = text.rpartition("=")
    first, colon, last = ends.partition(":")
    if not equals or not colon:
        raise ValueError(f"{text} is no range; write PATH=low:high, such as market.btc_price_usd=40000:120000")
    found = movable(scenario, path)
    low, high = (_amount(found, end, text) for end in (first, last))
    if low >= high:
        raise ValueError(f"{text}: the low end must lie below the high end")
    for x, end in ((low, first), (high, last)):
        if not found.low <= x <= found.high:
            raise ValueError(f"{text}: {end} lies outside what {found.path} may be")
    return Span(found, low, high, _GIVEN)


def _amount(found: Movable, end: str, text: str) -> float:
    """One end of a given range as what ``vary`` takes."""
    if found.is_month:
        try:
            return float(parse_month(end))
        except ValueError:
            raise ValueError(f"{text}: {end} is no month such as 2028-06") from None
    value = number_written(end.strip())
    if value is None:
        raise ValueError(f"{text}: {end} is no number")
    if found.whole and value != round(value):
        raise ValueError(f"{text}: {found.path} takes whole numbers")
    if found.base == 0.0:
        raise ValueError(f"{text}: {found.path} is scaled and begins with 0; give its scale with --set instead")
    return found.x_at(value)


def _span(scenario: Scenario, found: Movable, spread: float) -> Span | str:
    """The range of one input, or why it has none."""
    name = found.path.rsplit(".", 1)[-1]
    if found.path == _HASH_PRICE and not scenario.market.hash_price_is_given:
        return "it follows from the price of bitcoin, the network and the fees"
    if name == "ready":
        return "delay_months moves it"
    if found.is_month or name in ("delay_months", "free_months"):
        return _within(found, found.present, found.present + MONTHS_LATER, f"+{MONTHS_LATER} months")
    points = GROWTH_POINTS if found.path.endswith(".growth_fraction_per_year") else 0.0
    if name == "inflation_fraction_per_year" and name in scenario.model_fields_set:
        points = INFLATION_POINTS
    if points:
        return _within(found, found.present - points, found.present + points, f"±{100 * points:g} points")
    if found.value == 0.0:
        return f"it is 0, and ±{100 * spread:g}% of 0 is no range"
    on_record = _on_record(scenario, found)
    if on_record is not None:
        return on_record
    if found.shifts:
        low, high = sorted((found.x_at(found.value * (1.0 - spread)), found.x_at(found.value * (1.0 + spread))))
    else:
        low, high = sorted((found.present * (1.0 - spread), found.present * (1.0 + spread)))
    if found.whole:
        step = found.step
        low, high = round(low / step) * step, round(high / step) * step
        low, high = min(low, found.present - step), max(high, found.present + step)
    return _within(found, low, high, f"±{100 * spread:g}%")


def _within(found: Movable, low: float, high: float, basis: str) -> Span | str:
    """The part of ``low`` to ``high`` that the input may take."""
    low, high = max(low, found.low), min(high, found.high)
    return Span(found, low, high, basis) if low < high else "it cannot move within its limits"


def _on_record(scenario: Scenario, found: Movable) -> Span | None:
    """The range of a reference record that holds the present value."""
    given = getattr(scenario.market, found.path.removeprefix("market."), None)
    if isinstance(given, ValueOverTime) and isinstance(given.shape, Recorded):
        return None  # the record is of the snapshot, not of the months of history
    ends = published(scenario, found.path)
    if ends is None or not ends.low <= found.value <= ends.high:
        return None
    low, high = sorted((found.x_at(ends.low), found.x_at(ends.high)))
    span = _within(found, low, high, f"record {ends.as_of}")
    return None if isinstance(span, str) else span._replace(source=ends.source)
