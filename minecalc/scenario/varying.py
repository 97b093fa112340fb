"""Columns in place of inputs: one scenario that stands for many cases.

``vary`` puts numbers or columns where a dotted path says; ``slices`` cuts many cases into parts that fit the cache.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import FloatArray, Number
from minecalc.scenario import Scenario, ScenarioText
from minecalc.scenario.places import EVERY, NoPlaceError, Path, changed, expanded, group_at, member_of, place_at
from minecalc.schema.alternatives import MODIFIERS
from minecalc.schema.fields import field_meta
from minecalc.schema.names import dotted, split_path
from minecalc.schema.numbers import range_words
from minecalc.timeline import Timeline, format_month, parse_month
from minecalc.values.forms import PARTS
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Unstated
from minecalc.values.used_ranges import out_of_range
from minecalc.work.freed_memory import keep_freed_memory

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


def taken(scenario: Scenario, cases: NDArray[np.intp]) -> Scenario:
    """A scenario of some of the cases of one that has columns, in the order of ``cases``, which may name one twice."""
    return vary(scenario, {path: column[..., cases] for path, column in scenario.columns.items()}, used_ranges=False)


def replaced_by(scenario: Scenario, path: str, column: FloatArray) -> Scenario:
    """``scenario`` with ``column (cases,)`` at ``path``, in place of the columns that it makes idle.

    Those are the parts of the same value over time, and inputs that it excludes, which ``vary`` refuses to replace.
    """
    (*way, name) = split_path(path)
    owner, _ = group_at(scenario, (*way, name))
    idle = {name, *(other for one in owner.alternatives for other in one.others(name))}
    kept = scenario.model_copy()
    kept._columns = {
        at: column
        for at, column in scenario.columns.items()
        if (parts := split_path(at))[: len(way)] != way or parts[len(way)] not in idle
    }
    return vary(kept, {path: column}, used_ranges=False)


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
    A part ``*`` is every plan, every use of a plan, every fleet, or every tranche that has the input.
    What an input excludes, as a hash price does the price of bitcoin, it replaces. Raises ValueError for a path that is
    no number or date, a value outside the input's range, two inputs that exclude each other, or columns of different
    lengths. The values of a path that is moved or grows lie in the range in every month, unless ``used_ranges`` is
    False: for inputs that move together within ranges that each may have alone.
    """
    if any(EVERY in path for path in values):
        values = _of_every(scenario, values)
    varied = scenario
    columns = dict(scenario._columns)
    whole = _Whole(scenario.timeline, tuple(tuple(split_path(path)) for path in (*columns, *values)))
    for path, given in values.items():
        column = _column(path, given, scenario.months)
        value: Number = float(column) if column.ndim == 0 else column
        varied = _with(varied, path, value, whole)
        columns.pop(path, None)
        if column.ndim:
            columns[path] = column
    lengths = {path: column.shape[-1] for path, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns differ in length: {lengths}")
    varied = varied.model_copy()
    varied._columns, varied._source = columns, ScenarioText()
    if used_ranges:
        _demand_ranges(varied, values)
    return varied


def _of_every(scenario: Scenario, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with each path that holds ``*`` replaced by those it stands for.

    There a plain number has a ``scale`` too, which multiplies what it is now.
    """
    found = dict[str, Any]()
    for path, given in values.items():
        parts = tuple(split_path(path))
        try:
            ways = expanded(scenario, parts)
        except NoPlaceError as error:
            raise ValueError(f"{path}: {error}") from None
        for way in ways if EVERY in parts else ():
            place = place_at(scenario, way[:-1])
            plain = way[-1] == "scale" and place is not None and isinstance(place.value, int | float)
            at, value = (way[:-1], np.asarray(given) * place.value) if plain and place is not None else (way, given)
            found[dotted(at)] = value
        if EVERY not in parts:
            found[path] = given
    return found


def _demand_ranges(scenario: Scenario, paths: Iterable[str]) -> None:
    """ValueError where growth, scale or shift carries a value over time, varied or implied, out of its range."""
    for path in paths:
        parts = tuple(split_path(path))
        if parts[-1] == "deviation":
            continue
        owner, (name, *part) = group_at(scenario, parts)
        implied = (other for other in owner.implied if _is_only_moved(getattr(owner, other)))
        for over_time in dict.fromkeys([*([name] if part else []), *implied]):
            if wrong := out_of_range(owner, over_time, scenario.timeline):
                raise ValueError(f"{path}: {wrong}")


def _is_only_moved(value: ValueOverTime | None) -> bool:
    return value is not None and isinstance(value.shape, Unstated)


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


def _with(scenario: Scenario, path: str, value: Number, whole: _Whole) -> Scenario:
    """``scenario`` with the input at ``path`` replaced."""

    def put(owner: Any, below: Path) -> Any:
        if not isinstance(owner, TimedInputs):
            raise ValueError(f"{path} is no number")
        return _with_field(owner, below[0], below[1:], value, path, whole)

    try:
        return changed(scenario, tuple(split_path(path)), put)
    except NoPlaceError as error:
        raise ValueError(f"{path}: {error}") from None


def _with_field(
    owner: TimedInputs, name: str, rest: Sequence[str], value: Number, path: str, whole: _Whole
) -> TimedInputs:
    model = type(owner)
    member_of(model.model_fields, name)
    if name in owner.other_units:
        meant, per_unit = owner.other_units[name]
        _check(model, name, rest[0] if rest else "value", value, path)
        amount = value / per_unit if (list(rest) or ["value"])[-1] in ("value", "start", "shift") else value
        return _with_field(owner, meant, rest, amount, path, whole)
    current = getattr(owner, name)
    if name in owner.fixed:
        raise ValueError(f"{name} is the same in every case; load the scenario with another one instead")
    if rest and isinstance(current, TimedInputs):
        inner = _with_field(current, rest[0], rest[1:], value, path, whole)
        return owner.model_copy(update={name: inner})
    if not rest or rest[-1] not in _MODIFIERS or (rest[-1] in MODIFIERS and name in owner.given()):
        inside = _inside(owner, name)
        if inside:
            return _with_field(owner, inside[0], (*inside[1:], *rest), value, path, whole)
        owner = _choosing(owner, name, rest, path, whole)
    timed, current = name in model.over_time_fields(), getattr(owner, name)
    if timed and current is None and name in model.implied and list(rest) in (["scale"], ["shift"]):
        current = ValueOverTime(Unstated())
    if rest:
        if current is None:
            raise ValueError(f"{path}: {name} is not given in this scenario, so nothing below it can vary")
        if not isinstance(current, ValueOverTime):
            raise ValueError(f"{path}: there is nothing to vary below {rest[0]}")
        _check(model, name, rest[0], value, path)
        try:
            return owner.model_copy(update={name: current.with_part(rest[0], value)})
        except KeyError:
            raise ValueError(f"{path}: this value over time has no {rest[0]}") from None
    if name in model.month_fields:
        beyond = model.months_beyond.get(name, 0)
        return owner.model_copy(update={name: _months(value, path, whole.timeline, beyond)})
    if not timed and field_meta(model, name).low is None:
        raise ValueError(f"{path} is no number")
    _check(model, name, "value", value, path)
    return owner.with_values({name: value})


def _inside(owner: TimedInputs, name: str) -> tuple[str, ...]:
    """Where an input belongs instead, as the building cost of a use in its conversion; () where it stands."""
    places = [one.inside[name] for one in owner.alternatives if name in one.inside]
    given = owner.given() if places else frozenset()
    return next((place for place in places if place[0] in given), ())


def _choosing(owner: TimedInputs, name: str, rest: Sequence[str], path: str, whole: _Whole) -> TimedInputs:
    """``owner`` without what the input ``name`` excludes. ValueError if that is varied as well."""
    if not any(one.others(name) for one in owner.alternatives):
        return owner
    excluded = {other for one in owner.alternatives for other in one.others(name) if other not in one.inside}
    ours = tuple(split_path(path))
    *place, _ = ours[: -len(rest) or None]
    for other in (other for other in whole.paths if other != ours):
        beside = other[: len(place)] == tuple(place) and len(other) > len(place)
        if beside and other[len(place)] in excluded and other[-1] not in _MODIFIERS:
            raise ValueError(f"{path} and {dotted(other)} exclude each other")
    return owner.without_alternatives(name)


def _months(value: Number, path: str, timeline: Timeline, beyond: int) -> str | FloatArray:
    """Calendar months for a date: as text for all cases, or a column.

    They lie in the horizon, just after it, or so many months ``beyond``.
    """
    months = np.asarray(value)
    if np.any(months != np.rint(months)):
        raise ValueError(f"{path} takes whole months")
    if np.any(months < timeline.start) or np.any(months > timeline.start + timeline.months + beyond):
        last = timeline.label(timeline.months + beyond)
        raise ValueError(f"{path} lies outside the horizon, {timeline.label(1)} to {last}")
    return value if isinstance(value, np.ndarray) else format_month(int(value))


def _check(model: type[TimedInputs], name: str, part: str, value: Number, path: str) -> None:
    """A part of a value over time lies in its own range, an amount in that of the input."""
    if part == "deviation":
        return
    meta, numbers = field_meta(model, name), np.asarray(value)
    low, high = PARTS.get(part, (meta.low, meta.high))
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    if numbers.size and (numbers.min() < least or numbers.max() > most):
        raise ValueError(f"{path} must {range_words(low, high)}")
