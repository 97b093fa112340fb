"""The tree of inputs: every input of a scenario, and the way there by its path.

A scenario, its site, its market, its plans and their uses are groups of inputs, and groups may hold groups. What walks
all inputs, or changes one, does it here: an input that a class declares is found without another line.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial, reduce
from types import MappingProxyType, NoneType
from typing import Any, NamedTuple, TypeVar

from minecalc.scenario import Plan, Scenario, Use
from minecalc.schema.fields import FieldMeta, field_meta
from minecalc.schema.names import did_you_mean, dotted, quoted
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime

#: The names on the way to an input, as in ``("plans", "lease", "conversion", "ready")``.
Path = tuple[str, ...]

#: The part of a path that stands for every name.
EVERY = "*"


class Place(NamedTuple):
    """One input: its ``path``, the group ``owner`` that declares it as ``name``, and its ``value`` there.

    The value may be a group itself. ``given``: does the file state it? ``sourced`` is the figure of a record that
    stands there otherwise; ``idle`` is why it has no effect here, if it has none.
    """

    path: Path
    owner: TimedInputs
    name: str
    value: Any
    given: bool = True
    sourced: Sourced | None = None
    idle: str = ""

    @property
    def dotted(self) -> str:
        """The path as ``--set`` takes it."""
        return dotted(self.path)

    @property
    def meta(self) -> FieldMeta:
        """What the class of inputs declares of it."""
        return field_meta(type(self.owner), self.name)

    @property
    def is_month(self) -> bool:
        """Whether it names a month."""
        return self.name in self.owner.month_fields

    @property
    def is_fixed(self) -> bool:
        """Whether it is the same in all cases of a scenario, though it is a number."""
        return self.name in self.owner.fixed


class NoPlaceError(ValueError):
    """A path that leads nowhere."""


def places(scenario: Scenario) -> Iterator[Place]:
    """Every input and group of inputs of ``scenario``, a group before what is in it, in the order of the file format.

    The uncertainty, which is about inputs, is one place. They are found once of each scenario.
    """
    known = scenario._known
    if known.places is None:
        known.places = tuple(places_in(scenario, ()))
    return iter(known.places)


def places_in(owner: Any, at: Path) -> Iterator[Place]:
    """As ``places`` for a part of a scenario that stands ``at`` a path."""
    found: list[Place] = []
    _add(found, owner, at)
    return iter(found)


#: No figures of records.
_NONE: Mapping[str, Sourced] = MappingProxyType({})


def _add(found: list[Place], owner: Any, at: Path, sourced: Mapping[str, Sourced] = _NONE) -> None:
    """Append what stands in a part of a scenario; those ``sourced`` come from records, by their paths below it."""
    match owner:
        case Plan():
            _add(found, owner.inputs, at)
            for use in owner.uses:
                _add_group(found, use.inputs, owner.place(use), use.given, use.sourced)
        case TimedInputs():
            _add_group(found, owner, at, owner.model_fields_set, sourced)
        case Mapping():
            for name, member in owner.items():
                _add(found, member, (*at, str(name)), _inside(sourced, str(name)))


def _inside(sourced: Mapping[str, Sourced], name: str) -> Mapping[str, Sourced]:
    """Of the figures of records, those below the input or member ``name``, by their paths from there on."""
    if not sourced:
        return sourced
    before = f"{quoted(name)}."
    return {key.removeprefix(before): one for key, one in sourced.items() if key.startswith(before)}


#: What holds no inputs, which is most of what stands in a group.
_LEAVES = frozenset({float, int, str, bool, NoneType, ValueOverTime})


def _add_group(
    found: list[Place], owner: TimedInputs, at: Path, given: Container[str], sourced: Mapping[str, Sourced]
) -> None:
    """Append the inputs of a group, of which a file states those ``given``, and what stands in them."""
    idle, values = owner.idle, vars(owner)
    figure: Sourced | None = None
    for name in type(owner).model_fields:
        value, path = values[name], (*at, name)
        if sourced:
            figure = sourced.get(name)
        why = idle.get(name, "") if idle else ""
        found.append(Place(path, owner, name, value, name in given and figure is None, figure, why))
        if type(value) not in _LEAVES:
            _add(found, value, path, _inside(sourced, name))


class _Step(NamedTuple):
    """One step down the tree: what is there, the path from there on, and how its parent takes another in its place."""

    below: Any
    path: Path
    put: Callable[[Any], Any]


def _step(owner: Any, path: Path) -> _Step | None:
    """The next step from ``owner`` along ``path``; None where an input of it is reached. NoPlaceError for no way."""
    name, rest = path[0], path[1:]
    match owner:
        case Plan() if name in type(owner.inputs).model_fields:
            return _Step(owner.inputs, path, lambda inputs: owner._replace(inputs=inputs))
        case Plan():
            use, below = _use(owner, path)
            return _Step(use.inputs, below, lambda inputs: owner.with_use(use._replace(inputs=inputs)))
        case TimedInputs():
            value = getattr(owner, name, None)
            if rest and isinstance(value, TimedInputs | Mapping):
                return _Step(value, rest, lambda new: _with(owner, {name: new}))
            return None
        case Mapping():
            if rest:
                member = member_of(owner, name)
                return _Step(member, rest, lambda new: _with(owner, {name: new}))
            return None
        case _:
            raise NoPlaceError(f"there is nothing to vary below {name}")


def _use(plan: Plan, path: Path) -> tuple[Use, Path]:
    """The use of ``plan`` that has the input at ``path`` below the plan, and the rest of the path."""
    if plan.flat:
        return plan.uses[0], path
    if path[0] != "uses" or len(path) < 3:
        raise NoPlaceError(f"the plan {plan.name} has uses; name one after uses, and an input of it")
    return member_of({use.name: use for use in plan.uses}, path[1]), path[2:]


Member = TypeVar("Member")


def member_of(members: Mapping[str, Member], name: str) -> Member:
    """The member called ``name``. NoPlaceError, with the nearest name, if there is none."""
    if name not in members:
        raise NoPlaceError("; ".join(filter(None, (f"there is no {name}", did_you_mean(name, members)))))
    return members[name]


def _way(scenario: Scenario, path: Path) -> list[_Step]:
    """The steps to the innermost group on the way along ``path``."""
    steps = [_Step(scenario, path, lambda new: new)]
    while (step := _step(steps[-1].below, steps[-1].path)) is not None:
        steps.append(step)
    return steps


def group_at(scenario: Scenario, path: Path) -> tuple[Any, Path]:
    """The innermost group, mostly a class of inputs, on the way along ``path``, and the rest of the path below it.

    NoPlaceError if there is no way.
    """
    last = _way(scenario, path)[-1]
    return last.below, last.path


def place_at(scenario: Scenario, path: Path) -> Place | None:
    """The input at ``path``; None if there is none."""
    try:
        owner, rest = group_at(scenario, path)
    except NoPlaceError:
        return None
    if not isinstance(owner, TimedInputs) or len(rest) != 1 or rest[0] not in type(owner).model_fields:
        return None
    (name,) = rest
    return Place(path, owner, name, getattr(owner, name), idle=owner.idle.get(name, ""))


def expanded(scenario: Scenario, path: Path) -> list[Path]:
    """The paths that ``path`` stands for: ``*`` is every plan, use, fleet of a mine, or tranche that has the input.

    NoPlaceError for a ``*`` elsewhere, and where nothing has the input.
    """
    if EVERY not in path:
        return [path]
    found = [way for way in _named(scenario, path) if _leads_to_input(scenario, way)]
    if not found:
        raise NoPlaceError(f"nothing that {EVERY} stands for has {'.'.join(path[path.index(EVERY) + 1 :])}")
    return found


def _named(scenario: Scenario, path: Path) -> list[Path]:
    """``path`` with every name for each ``*`` in turn."""
    if EVERY not in path:
        return [path]
    at = path.index(EVERY)
    ways = ((*path[:at], name, *path[at + 1 :]) for name in _names(scenario, path[:at]))
    return [each for way in ways for each in _named(scenario, way)]


def _names(scenario: Scenario, at: Path) -> list[str]:
    """What ``*`` stands for after the parts ``at``."""
    match at:
        case ("plans",):
            return list(scenario.plans)
        case ("plans", plan, "uses"):
            found = member_of(scenario.plans, plan)
            return [] if found.flat else [use.name for use in found.uses]
        case ("plans", plan, "financing", "tranches"):
            financing = member_of(scenario.plans, plan).inputs.financing
            return [] if financing is None else list(financing.tranches)
        case ("plans", plan, *_, "fleets") if len(at) in (3, 5):
            found = member_of(scenario.plans, plan)
            if found.flat == (len(at) == 5):
                return []
            use = found.uses[0] if found.flat else member_of({use.name: use for use in found.uses}, at[3])
            return [name for name in use.inputs.stopping if name]
    raise NoPlaceError(
        f"{EVERY} stands for the name of a plan, of a use after uses, of a fleet after fleets, or of a tranche after "
        "tranches"
    )


def _leads_to_input(scenario: Scenario, path: Path) -> bool:
    """Whether an input, or a part of one over time, stands at ``path`` and nothing takes its place."""
    place = place_at(scenario, path)
    if place is None:
        place = place_at(scenario, path[:-1])
        if place is not None and not (place.value is not None or place.name in place.owner.implied):
            return False
    return place is not None and not place.idle and not isinstance(place.value, TimedInputs)


def groups_on(scenario: Scenario, path: Path) -> list[TimedInputs]:
    """The classes of inputs on the way along ``path``, the scenario left out. NoPlaceError if there is no way."""
    return [step.below for step in _way(scenario, path)[1:] if isinstance(step.below, TimedInputs)]


def changed(scenario: Scenario, path: Path, change: Callable[[Any, Path], Any]) -> Scenario:
    """``scenario`` with the innermost group on the way along ``path`` replaced by what ``change`` makes of it.

    ``change`` takes what ``group_at`` gives. NoPlaceError if there is no way.
    """
    *above, last = _way(scenario, path)
    new = last.put(change(last.below, last.path))
    result: Scenario = reduce(lambda below, step: step.put(below), reversed(above), new)
    return result


def replaced(scenario: Scenario, values: Mapping[Path, Any]) -> Scenario:
    """``scenario`` with ``values`` at these paths, unchecked. NoPlaceError for a path of no group."""

    for path, value in values.items():
        scenario = changed(scenario, path, partial(_put, value=value))
    return scenario


def _put(owner: Any, path: Path, value: Any) -> Any:
    (name,) = path
    return _with(owner, {name: value})


def _with(owner: Any, members: Mapping[str, Any]) -> Any:
    """A group with other members of these names."""
    return owner.model_copy(update=members) if isinstance(owner, TimedInputs) else type(owner)({**owner, **members})
