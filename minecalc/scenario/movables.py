"""Movable inputs of a scenario: what they are now, and how far they may go.

A number is moved itself, a value over time is scaled as a whole, or shifted as a whole if it is above zero in some
months and below in others, a date moves by whole months. Every question that turns an input (break-even, sensitivity,
the difference of two scenarios) finds it here by its ``--set`` path.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, accumulate
from minecalc.scenario import Scenario
from minecalc.scenario.places import EVERY, NoPlaceError, Path, Place, expanded, place_at, places
from minecalc.schema.alternatives import MODIFIERS
from minecalc.schema.fields import field_meta
from minecalc.schema.names import did_you_mean, dotted, split_path
from minecalc.timeline import format_month, month_written, parse_month
from minecalc.uses.conversion import Conversion
from minecalc.values.forms import PARTS, SCALE, SHIFT
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Constant, Growth, Hourly, Unstated, parts_of
from minecalc.values.used_ranges import growth_range


class Movable(NamedTuple):
    """An input that can be moved: ``vary`` takes x at ``at``: ``path`` itself, or a value over time's scale or shift.

    ``present``, ``low`` and ``high`` are x now and its range. The value that people know, of the first month, is x
    times ``base`` plus ``offset``; of inputs that move together, that of the first. ``whole``: only whole numbers make
    sense, and of these only multiples of ``step``; ``is_month``: x is a calendar month (since year 0). ``moves`` are
    the inputs that move together.
    """

    path: str
    at: str
    present: float
    low: float
    high: float
    base: float = 1.0
    whole: bool = False
    is_month: bool = False
    offset: float = 0.0
    step: float = 1.0
    moves: tuple[tuple[str, float], ...] = ()

    @property
    def puts(self) -> tuple[tuple[str, float], ...]:
        """The inputs, none of them twice, that ``vary`` takes to put x in place, each with what x is multiplied by."""
        return self.moves or ((self.at, 1.0),)

    @property
    def value(self) -> float:
        """What people know the input by: its value in the first month."""
        return self.value_at(self.present)

    def value_at(self, x: float) -> float:
        """The value of the first month where x is in place."""
        return x * self.base + self.offset

    def x_at(self, value: float) -> float:
        """What gives the first month ``value``; ``base`` must not be 0."""
        return (value - self.offset) / self.base

    @property
    def range(self) -> tuple[float, float]:
        """The values of the first month at ``low`` and at ``high``."""
        return self.value_at(self.low), self.value_at(self.high)

    @property
    def shifts(self) -> bool:
        """Whether x is added to every month of a value over time."""
        return self.at == f"{self.path}.shift"

    def shift(self, x: float) -> float | None:
        """The shift to be set in place of the present one, if that is how the input moves."""
        return x if self.shifts else None

    def scale(self, x: float) -> float | None:
        """The scale to be set in place of the present one, or how much more x is than now; None by a shift."""
        if self.shifts:
            return None
        if self.at.endswith(".scale"):
            return x
        return x / self.present if self.present != 0.0 and not self.is_month else None

    @property
    def size(self) -> float:
        """The size of what moves: of the value of the first month under a shift, else of x; 0 for a date."""
        return 0.0 if self.is_month else abs(self.value if self.shifts else self.present)

    def setting(self, x: float) -> str:
        """What ``--set`` takes to put x in place."""
        return f"{self.at}={format_month(round(x)) if self.is_month else repr(float(x)).removesuffix('.0')}"


def movable(scenario: Scenario, path: str) -> Movable:
    """The movable input at a ``--set`` path. Raises ValueError, with the nearest path, if there is none."""
    parts = split_path(path)
    wanted = dotted(parts)
    known = movables(scenario)
    if EVERY in parts:
        return _of_every(scenario, tuple(parts), known)
    if wanted in known:
        return known[wanted]
    if parts[-1] in ("scale", "shift"):
        moved = _moved_by(scenario, parts[:-1], parts[-1])
        if moved is not None:
            return moved
    advice = did_you_mean(wanted, known, f"there are {', '.join(list(known)[:5])} and more")
    raise ValueError(f"{path} is no number or date of this scenario; {advice}")


def movables(scenario: Scenario, names: Container[str] | None = None) -> dict[str, Movable]:
    """Every number, value over time and date that a scenario of a single case has, by path, in file order.

    Only the inputs of these ``names``, if they are given.
    """
    wanted = (place for place in places(scenario) if names is None or place.name in names)
    return {found.path: found for place in wanted for found in _of(scenario, place)}


#: How many parts the paths of a use or a flat plan's fleet, of a tranche, and of a fleet of a use have.
_OWNER_DEPTHS = (4, 5, 6)


def movables_and_shared(scenario: Scenario, names: Container[str] | None = None) -> dict[str, Movable]:
    """As ``movables``; inputs that several uses of one kind share in a plan come first together, then one at a time.

    So do those of its tranches, and of the fleets of a mine. Those together have a path with ``*``: moved alone, the
    rent of one phase says little of a deal, nor the interest of one tranche of its debt.
    """
    known, shared = movables(scenario, names), dict[str, list[Movable]]()
    owners = {plan.place(use): use.kind for plan, use in scenario.uses() if not plan.flat}
    for plan in scenario.plans.values():
        tranches = () if plan.inputs.financing is None else plan.inputs.financing.tranches
        owners |= {("plans", plan.name, "financing", "tranches", name): "tranche" for name in tranches}
        for use in plan.uses:
            owners |= {(*plan.place(use), "fleets", name): "fleet" for name in use.inputs.stopping if name}
    kinds = dict[str, set[str]]()
    for found in known.values():
        parts = tuple(split_path(found.path))
        for depth in _OWNER_DEPTHS:
            if parts[:depth] in owners:
                together = dotted((*parts[: depth - 1], EVERY, *parts[depth:]))
                shared.setdefault(together, []).append(found)
                kinds.setdefault(together, set()).add(owners[parts[:depth]])
    first = {}
    for path, members in shared.items():
        if len(members) == 1 or len(kinds[path]) > 1 or not _are_all(scenario, path, members):
            continue
        one = _together(scenario, path, members)
        if isinstance(one, Movable):
            first[members[0].path] = one
    every = ((first.get(path), found) for path, found in known.items())
    return {found.path: found for pair in every for found in pair if found is not None}


def _are_all(scenario: Scenario, path: str, members: Sequence[Movable]) -> bool:
    """Whether a path with ``*`` stands for these inputs and no other, such as one that is not given."""
    try:
        ways = expanded(scenario, tuple(split_path(path)))
    except NoPlaceError:
        return False
    return {dotted(way) for way in ways} == {member.path for member in members}


def flat_movable(scenario: Scenario, of: Movable) -> Movable | None:
    """The input that puts one number in place of a whole path; None for one of no path, or of a path that is flat.

    Its present x is the mean of the path.
    """
    if of.moves or of.at not in (f"{of.path}.scale", f"{of.path}.shift"):
        return None
    place = place_at(scenario, tuple(split_path(of.path)))
    if place is None:
        return None
    value, meta = place.value, place.meta
    if value is None or isinstance(value.shape, Unstated):
        values = place.owner.implied_values(place.name, scenario.timeline)
    elif isinstance(value.shape, Constant) and value.deviation is None:
        return None
    else:
        values = value.values(scenario.timeline)
    if not np.ptp(values):
        return None
    mean = float(accumulate(values)[0]) / len(values)
    return Movable(of.path, of.path, mean, float(meta.low or 0.0), float(meta.high or 0.0))


def _of_every(scenario: Scenario, parts: Path, known: Mapping[str, Movable]) -> Movable:
    """All inputs that a path with ``*`` stands for as one. ValueError if they are none that move together."""
    path = dotted(parts)
    scaled = parts[-1] == "scale" and not _is_over_time(scenario, parts)
    of = parts[:-1] if parts[-1] in MODIFIERS else parts
    try:
        ways = [dotted(way) for way in expanded(scenario, parts[:-1] if scaled else parts)]
    except NoPlaceError as error:
        raise ValueError(f"{path}: {error}") from None
    members = [known[way] if way in known else movable(scenario, way) for way in ways]
    found = _together(scenario, dotted(of), members, scaled=scaled)
    if isinstance(found, str):
        raise ValueError(f"{path}: {found}")
    return found


def _is_over_time(scenario: Scenario, parts: Path) -> bool:
    """Whether the first input that a path to a part of inputs stands for goes over time."""
    try:
        place = place_at(scenario, expanded(scenario, parts[:-1])[0])
    except NoPlaceError:
        return False
    return place is not None and isinstance(place.value, ValueOverTime)


def _together(scenario: Scenario, path: str, members: Sequence[Movable], *, scaled: bool = False) -> Movable | str:
    """Inputs that move together as one, by their common value or a common scale; or why they cannot.

    What differs is scaled: amounts over time, and numbers that the file states, so that ``--set`` can scale them.
    """
    one, *others = members
    own = one.at.removeprefix(one.path)
    alike = all(m._replace(path=one.path, at=one.at, low=one.low, high=one.high) == one for m in others)
    if alike and not scaled and all(m.at.removeprefix(m.path) == own for m in members):
        low, high = max(m.low for m in members), min(m.high for m in members)
        return one._replace(path=path, at=path + own, low=low, high=high, moves=tuple((m.at, 1.0) for m in members))
    if any(m.whole or m.is_month or m.shifts or m.present == 0.0 for m in members):
        return "they differ, and are nothing to be scaled together"
    in_place = [place_at(scenario, tuple(split_path(m.path))) for m in members]
    if not all(p is not None and (isinstance(p.value, ValueOverTime) or p.given) for p in in_place):
        return "they differ, and not all are given"
    presents = {m.present for m in members if m.at != m.path}
    if len(presents) > 1 or (presents and any(m.at == m.path for m in members) and presents != {1.0}):
        return "they differ, and have scales of their own"
    present = presents.pop() if presents else 1.0
    ends = [sorted(_scale_to(end, m, present) for end in (m.low, m.high)) for m in members]
    low, high = max(SCALE[0], *(end[0] for end in ends)), min(SCALE[1], *(end[1] for end in ends))
    moves = tuple((m.at, m.present / present) for m in members)
    return Movable(path, f"{path}.scale", present, low, high, one.value / present, moves=moves)


def _scale_to(end: float, member: Movable, present: float) -> float:
    """The common scale at which an input is at an ``end`` of its range, and by no rounding outside it."""
    factor = member.present / present
    scale = end / factor
    return scale if member.low <= scale * factor <= member.high else float(np.nextafter(scale, present))


def _of(scenario: Scenario, place: Place) -> Iterator[Movable]:
    """What moves of one input, if it is one that moves and has an effect."""
    value, owner = place.value, place.owner
    if place.idle or place.is_fixed or isinstance(value, bool):
        return
    if place.name in owner.implied and (value is None or isinstance(value.shape, Unstated)):
        yield _implied(scenario, place)
    elif isinstance(value, ValueOverTime):
        yield from _over_time(scenario, place, value)
    elif place.is_month and isinstance(value, str):
        yield from _date(scenario, place)
    elif isinstance(owner, Conversion) and place.name == "delay_months":
        yield _delay(scenario, owner, place.dotted)
    elif isinstance(value, int | float):
        yield _number(scenario, place)


def _number(scenario: Scenario, place: Place) -> Movable:
    low = -np.inf if place.meta.low is None else place.meta.low
    high = np.inf if place.meta.high is None else place.meta.high
    whole = type(place.owner).model_fields[place.name].annotation in (int, int | None)
    step = _step_months(scenario, place) if whole else 1.0
    if step > 1.0:
        low, high = np.ceil(low / step) * step, np.floor(high / step) * step
    return Movable(place.dotted, place.dotted, float(place.value), float(low), float(high), whole=whole, step=step)


def _step_months(scenario: Scenario, place: Place) -> float:
    """How far apart the months are that an input may take: the dates of a loan lie on the calendar of its plan."""
    if place.path[0] != "plans" or place.path[2:4] != ("financing", "tranches"):
        return 1.0
    financing = scenario.plans[place.path[1]].inputs.financing
    return 1.0 if financing is None else float(financing.every_months)


def _over_time(scenario: Scenario, place: Place, value: ValueOverTime) -> Iterator[Movable]:
    """A value over time as a whole, its growth, and what is added to a price by the hour."""
    meta, path = place.meta, place.dotted
    low, high = float(meta.low or 0.0), float(meta.high or 0.0)
    values = value.values(scenario.timeline)
    first, scale, shift = float(values[0, 0]), float(np.asarray(value.scale)), float(np.asarray(value.shift))
    if isinstance(value.shape, Constant) and shift == 0.0 and (scale == 1.0 or first == 0.0):
        yield Movable(path, path, first, low, high)
        return
    if shift != 0.0 or np.min(values) < 0.0 < np.max(values):
        yield _shifted(path, values, shift, low, high)
    else:
        yield _scaled_within(path, value, values, low, high)
    for part, number in parts_of(value.shape).items():
        present = float(np.asarray(number))
        if part in PARTS and (present != 0.0 or not isinstance(value.shape, Hourly)):
            steady = isinstance(value.shape, Growth)
            ends = growth_range(first, low, high, scenario.months) if steady else PARTS[part]
            yield Movable(f"{path}.{part}", f"{path}.{part}", present, *ends)


def _scaled_within(path: str, value: ValueOverTime, values: FloatArray, low: float, high: float) -> Movable:
    """A path of ``values (1|months, 1)``, scaled while all stay within the range."""
    first, scale = float(values[0, 0]), float(np.asarray(value.scale))
    if isinstance(value.shape, Constant) and first != 0.0:
        return _scaled(path, first, scale, low / first, high / first)
    limits = [sorted((low / end, high / end)) for end in (float(np.min(values)), float(np.max(values))) if end]
    least = min(max([0.0, *(limit[0] for limit in limits)]), 1.0)  # what must lie above zero is never scaled to it
    return _scaled(path, first, scale, least, min((limit[1] for limit in limits), default=1.0))


def _shifted(path: str, values: FloatArray, shift: float, low: float, high: float) -> Movable:
    """A path whose ``values (1|months, 1)`` hold the ``shift`` of now, every month moved by a further one."""
    least, most = low - float(np.min(values)) + shift, high - float(np.max(values)) + shift
    low, high = (float(np.clip(end, *SHIFT)) for end in (min(least, shift), max(most, shift)))
    return Movable(path, f"{path}.shift", shift, low, high, offset=float(values[0, 0]) - shift)


def _moved_by(scenario: Scenario, parts: Sequence[str], part: str) -> Movable | None:
    """The value over time at ``parts``, moved by its ``scale`` or ``shift``, whichever is asked."""
    place = place_at(scenario, tuple(parts))
    value = None if place is None else place.value
    if place is None or not isinstance(value, ValueOverTime) or isinstance(value.shape, Unstated):
        return None
    meta, path = place.meta, place.dotted
    values, low, high = value.values(scenario.timeline), float(meta.low or 0.0), float(meta.high or 0.0)
    if part == "shift":
        return _shifted(path, values, float(np.asarray(value.shift)), low, high)
    shift = float(np.asarray(value.shift))
    return _scaled_within(path, value, values - shift, low - shift, high - shift)._replace(offset=shift)


def _scaled(path: str, first: float, scale: float, least: float, most: float) -> Movable:
    """A path whose first value is ``first`` at its ``scale`` now, scaled by ``least`` to ``most``."""
    low, high = sorted(float(np.clip(end * scale, *SCALE)) for end in (least, most))
    return Movable(path, f"{path}.scale", scale, low, high, first / scale if scale else 0.0)


def _implied(scenario: Scenario, place: Place) -> Movable:
    """A value over time that others imply, as the hash price is by those of the market: moved as a whole."""
    values = place.owner.implied_values(place.name, scenario.timeline)
    moved = ValueOverTime(Unstated()) if place.value is None else place.value
    high, shift = float(place.meta.high or 0.0), float(np.asarray(moved.shift))
    if shift != 0.0:
        return _shifted(place.dotted, values, shift, 0.0, high)
    return _scaled_within(place.dotted, moved, values, 0.0, high)


#: By how many months a date that may lie after the horizon moves beyond its own.
_LATER = 12


def _date(scenario: Scenario, place: Place) -> Iterator[Movable]:
    """A date inside the horizon, a conversion's two in their order; ``stops`` may be no date but a word."""
    inputs, name, path = place.owner, place.name, place.dotted
    month = month_written(place.value)
    if month is None:
        return
    first, last = scenario.timeline.start, scenario.timeline.start + scenario.months - 1
    if isinstance(inputs, Conversion):
        first = parse_month(inputs.starts) if name == "ready" else first
        last = parse_month(inputs.ready) if name == "starts" else last
    else:
        last += 1  # a fleet that stops just after the horizon never stops
        if inputs.months_beyond.get(name):
            last = max(last, month + _LATER)
    yield Movable(path, path, float(month), float(first), float(last), whole=True, is_month=True)


def _delay(scenario: Scenario, conversion: Conversion, path: str) -> Movable:
    """The delay of a conversion, to the end of the horizon at the most: later than that changes nothing."""
    present = float(conversion.delay_months)
    left = scenario.months - scenario.timeline.number(parse_month(conversion.ready)) + 1
    high = min(float(left), float(field_meta(Conversion, "delay_months").high or 0))
    return Movable(path, path, present, 0.0, max(high, present), whole=True)
