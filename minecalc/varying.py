"""Columns in place of inputs: one scenario that stands for many cases.

``vary`` puts numbers or columns where a dotted path says; ``slices`` cuts many cases into parts that fit the cache.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from minecalc.arrays import FloatArray, Number
from minecalc.market import scaled_hash_price_excess
from minecalc.paths import (
    GROWTH_LEAST,
    GROWTH_MOST,
    SCALE_LEAST,
    SCALE_MOST,
    SHIFT_LEAST,
    SHIFT_MOST,
    TimedInputs,
    ValueOverTime,
)
from minecalc.scenario import Plan, Plans, PlanTerms, Scenario, ScenarioText, Use
from minecalc.schema.alternatives import MODIFIERS
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted, split_path
from minecalc.schema.numbers import range_words
from minecalc.shapes import Unstated
from minecalc.timeline import Timeline, format_month, parse_month
from minecalc.used_ranges import excess

#: Freed once, memory of this size makes the allocator keep what is freed later instead of returning it to the system,
#: whose fresh pages would cost more than the arithmetic on them: half of the time of a large batch.
_KEPT_BYTES = 16_000_000

#: Ends the path of a factor by month and case.
_DEVIATION = ".deviation"

#: Parts of a value over time that change it and do not say what it is.
_MODIFIERS = MODIFIERS | {"deviation"}


def slices(scenario: Scenario, most: int) -> Iterator[Scenario]:
    """``scenario`` in parts of at most ``most`` cases, in order."""
    if scenario.cases <= most:
        yield scenario
        return
    keep_freed_memory()
    for start in range(0, scenario.cases, most):
        part = {path: column[..., start : start + most] for path, column in scenario.columns.items()}
        yield vary(scenario, part, used_ranges=False)


def keep_freed_memory() -> None:
    """Make the allocator keep what is freed from now on, before a large batch."""
    np.empty(_KEPT_BYTES, dtype=np.uint8)


class _Whole(NamedTuple):
    """What one of several paths must know of the rest: the months, and all the paths that are varied together."""

    timeline: Timeline
    paths: tuple[tuple[str, ...], ...]


def vary(
    scenario: Scenario,
    values: Mapping[str, Number | str | Sequence[float] | Sequence[str]],
    *,
    used_ranges: bool = True,
) -> Scenario:
    """``scenario`` with numbers or columns of shape ``(cases,)`` in place of the inputs at these dotted paths.

    A path is what ``--set`` takes, such as ``plans.lease.rent_usd_per_kw_per_month`` or
    ``market.btc_price_usd.scale``; a name with spaces or dots may be quoted. A value over time is replaced by a
    constant, or scaled or shifted as a whole, or has its ``start`` or growth replaced; its ``deviation`` is a factor by
    month and case, ``(1 | months, cases)``. A date takes months such as ``2028-06``, or calendar months (since year 0).
    What an input excludes, as a hash price does the price of bitcoin, it replaces. Raises ValueError for a path that is
    no number or date, a value outside the input's range, two inputs that exclude each other, or columns of different
    lengths. The values of a path that is moved or grows lie in the range in every month, unless ``used_ranges`` is
    False: for inputs that move together within ranges that each may have alone.
    """
    varied = scenario
    columns = dict(scenario._columns)
    whole = _Whole(scenario.timeline, tuple(tuple(split_path(path)) for path in (*columns, *values)))
    for path, given in values.items():
        column = _column(path, given, scenario.months)
        value: Number = float(column) if column.ndim == 0 else column
        varied = _with(varied, split_path(path), value, path, whole)
        columns.pop(path, None)
        if column.ndim:
            columns[path] = column
    lengths = {path: column.shape[-1] for path, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length: {lengths}")
    varied = varied.model_copy()
    varied._columns, varied._source = columns, ScenarioText()
    if used_ranges:
        for path in values:
            _demand_range(varied, path)
        _demand_hash_price_range(varied, values)
    return varied


def _demand_range(scenario: Scenario, path: str) -> None:
    """ValueError where growth or scale carries the value over time that has a part at ``path`` out of its range."""
    *above, part = split_path(path)
    owner: Any = scenario
    for name in above[:-1]:
        owner = _below(owner, name)
    value = getattr(owner, above[-1], None) if above else None
    if not isinstance(value, ValueOverTime) or isinstance(value.shape, Unstated) or part == "deviation":
        return
    meta = field_meta(type(owner), above[-1])
    wrong = excess(value, scenario.timeline, meta.low, meta.high)
    if wrong is not None:
        raise ValueError(f"{path}: {wrong.message(above[-1], scenario.timeline, meta.low, meta.high)}")


def _demand_hash_price_range(scenario: Scenario, paths: Iterable[str]) -> None:
    """ValueError where inputs of the market carry the hash price that they imply, scaled, out of its range."""
    moved = [path for path in paths if split_path(path)[0] == "market" and not path.endswith(_DEVIATION)]
    wrong = scaled_hash_price_excess(scenario.market, scenario.timeline) if moved else None
    if wrong is not None:
        name = "hash_price_usd_per_ph_per_day"
        meta = field_meta(type(scenario.market), name)
        raise ValueError(f"{moved[-1]}: {wrong.message(name, scenario.timeline, meta.low, meta.high)}")


def _below(owner: Any, name: str) -> Any:
    """What stands at ``name`` below a part of a scenario that is known to have it."""
    match owner:
        case Plans():
            plan = owner[name]
            return plan.uses[0].inputs if plan.flat else plan
        case Plan():
            return {use.name: use.inputs for use in owner.uses}
        case dict():
            return owner[name]
        case _:
            return getattr(owner, name, None)


def _column(path: str, given: Number | str | Sequence[float] | Sequence[str], months: int) -> FloatArray:
    """What ``vary`` was given for an input, as an array of one number or of one a case, or by month and case."""
    texts = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
    try:
        if texts and all(isinstance(text, str) for text in texts):
            calendar = [float(parse_month(str(text))) for text in texts]
            column = np.array(calendar[0] if isinstance(given, str) else calendar)
        else:
            column = np.asarray(given, dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if path.endswith(_DEVIATION):
        if column.ndim != 2 or column.shape[0] not in (1, months):
            raise ValueError(f"{path} takes a factor by month and case, an array of 1 or {months} rows")
        return column
    if column.ndim > 1 or not np.isfinite(column).all():
        raise ValueError(f"{path} takes a finite number or a column of them, one a case")
    return column


def _with(owner: Any, parts: Sequence[str], value: Number, path: str, whole: _Whole) -> Any:
    """``owner`` with the input at ``parts`` below it replaced."""
    part, rest = parts[0], parts[1:]
    match owner:
        case ValueOverTime():
            try:
                return owner.with_part(part, value)
            except KeyError:
                raise ValueError(f"{path}: this value over time has no {part}") from None
        case Plans():
            plan = _member(owner, part, path)
            return Plans({**owner, part: _with(plan, rest or [""], value, path, whole)})
        case Plan() if part == "discount_rate_fraction_per_year":
            return owner._replace(discount_rate_fraction_per_year=_checked(PlanTerms, part, value, path))
        case Plan() if owner.flat:
            return owner._replace(uses=(_with(owner.uses[0], parts, value, path, whole),))
        case Plan():
            named = {use.name: use for use in owner.uses}
            if part != "uses" or not rest:
                raise ValueError(f"{path}: the plan {owner.name} has uses; name one after uses")
            use = _member(named, rest[0], path)
            changed = _with(use, rest[1:] or [""], value, path, whole)
            return owner._replace(uses=tuple(changed if u is use else u for u in owner.uses))
        case Use():
            return owner._replace(inputs=_with(owner.inputs, parts, value, path, whole))
        case TimedInputs():
            return _with_field(owner, part, rest, value, path, whole)
        case _:
            raise ValueError(f"{path}: there is nothing to vary below {part}")


def _with_field(
    owner: TimedInputs, name: str, rest: Sequence[str], value: Number, path: str, whole: _Whole
) -> TimedInputs:
    model = type(owner)
    _member(model.model_fields, name, path)
    if model is Scenario and name == "months":
        raise ValueError("months is the length of every array; load the scenario with another one instead")
    if not rest or rest[-1] not in _MODIFIERS or (rest[-1] in MODIFIERS and name in owner.given()):
        inside = _inside(owner, name)
        if inside:
            return _with_field(owner, inside[0], (*inside[1:], *rest), value, path, whole)
        owner = _choosing(owner, name, rest, path, whole)
    timed = name in model.over_time_fields()
    current = getattr(owner, name)
    if timed and list(rest) in (["scale"], ["shift"]) and current is None and name in model.implied:
        _check_part(model, name, rest[0], value, path)
        return owner.model_copy(update={name: ValueOverTime(Unstated()).with_part(rest[0], value)})
    if rest:
        if current is None:
            raise ValueError(f"{path}: {name} is not given in this scenario, so nothing below it can vary")
        if timed:
            _check_part(model, name, rest[0], value, path)
        return owner.model_copy(update={name: _with(current, rest, value, path, whole)})
    if name in model.month_fields:
        return owner.model_copy(update={name: _months(value, path, whole.timeline)})
    if not timed and field_meta(model, name).low is None:
        raise ValueError(f"{path} is no number")
    return owner.with_values({name: _checked(model, name, value, path)})


def _inside(owner: TimedInputs, name: str) -> tuple[str, ...]:
    """Where an input belongs instead, as the building cost of a use in its conversion; () where it stands."""
    given = owner.given()
    places = (one.inside[name] for one in owner.alternatives if name in one.inside)
    return next((place for place in places if place[0] in given), ())


def _choosing(owner: TimedInputs, name: str, rest: Sequence[str], path: str, whole: _Whole) -> TimedInputs:
    """``owner`` without what the input ``name`` excludes. ValueError if that is varied as well."""
    excluded = {other for one in owner.alternatives for other in one.others(name) if other not in one.inside}
    *place, _ = split_path(path)[: -len(rest) or None]
    for other in whole.paths:
        beside = other[: len(place)] == tuple(place) and len(other) > len(place)
        if beside and other[len(place)] in excluded and other[-1] not in _MODIFIERS:
            raise ValueError(f"{path} and {'.'.join(map(quoted, other))} exclude each other")
    return owner.without_alternatives(name)


def _months(value: Number, path: str, timeline: Timeline) -> str | FloatArray:
    """Calendar months for a date: as text for all cases, or a column. They lie in the horizon or just after it."""
    months = np.asarray(value)
    if np.any(months != np.rint(months)):
        raise ValueError(f"{path} takes whole months")
    if np.any(months < timeline.start) or np.any(months > timeline.start + timeline.months):
        last = timeline.label(timeline.months)
        raise ValueError(f"{path} lies outside the horizon, {timeline.label(1)} to {last}")
    return value if isinstance(value, np.ndarray) else format_month(int(value))


def _checked(model: type[TimedInputs], name: str, value: Number, path: str) -> Number:
    meta = field_meta(model, name)
    _check(value, meta.low, meta.high, path)
    return value


def _check_part(model: type[TimedInputs], name: str, part: str, value: Number, path: str) -> None:
    """A part of a value over time lies in its own range, an amount in that of the input."""
    match part:
        case "scale":
            _check(value, SCALE_LEAST, SCALE_MOST, path)
        case "shift":
            _check(value, SHIFT_LEAST, SHIFT_MOST, path)
        case "deviation":
            pass
        case "growth_fraction_per_year":
            _check(value, GROWTH_LEAST, GROWTH_MOST, path)
        case _:
            _checked(model, name, value, path)


def _check(value: Number, low: float | None, high: float | None, path: str) -> None:
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    if np.any(np.asarray(value) < least) or np.any(np.asarray(value) > most):
        raise ValueError(f"{path} must {range_words(low, high)}")


Member = TypeVar("Member")


def _member(members: Mapping[str, Member], name: str, path: str) -> Member:
    if name not in members:
        near = difflib.get_close_matches(name, members, n=1)
        raise ValueError(f"{path}: there is no {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return members[name]
