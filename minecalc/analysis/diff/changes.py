"""What differs between two scenarios, input by input, after defaults and records have been filled in.

A change is what can be made alone: mostly one input, sometimes several that only make sense together, such as the
difficulty that takes the place of a network's hash rate, or the efficiency that comes with another machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

from minecalc.loading import Reading
from minecalc.loading.origins import Origin, supplied, written
from minecalc.scenario import Plan, Plans, Scenario
from minecalc.scenario.places import Path, Place, places, places_in
from minecalc.schema.names import dotted
from minecalc.schema.node import Node
from minecalc.uses.meanwhile import Meanwhile
from minecalc.values.costs import stands_still
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Unstated

#: Inputs that come or go together: when the first does, the others, if they differ, are part of the same change.
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "network_difficulty": ("network_hash_rate_eh_per_s",),
    "fee_fraction": ("fee_btc_per_block",),
    "machine_count": ("hash_rate_eh_per_s", "machine_hash_rate_th_per_s"),
    "contract": ("rent_usd_per_kw_per_month",),
    "lease_usd_per_gpu_hour": ("contract", "contract.gpu_fraction"),
    "conversion": ("capex_usd_per_critical_mw",),
    "exit_cap_rate_fraction": ("exit_basis",),
    "share_of_cost_fraction": ("amount_usd", "dscr_ratio"),
    "amount_usd": ("dscr_ratio",),
    "maturity": ("term_months",),
}

#: What says on which dates a loan repays how much. With another calendar or another shape all of it is another.
_DATED = ("repayment", "balloon_fraction", "first_payment_months", "term_months", "maturity", "refinance_term_months")

_HASH_PRICE = "hash_price_usd_per_ph_per_day"

#: Inputs that name a record, whose figures fill in what is not given. They have no effect of their own.
_RECORDS = ("machine", "gpu", "lease")

#: Inputs that no cash flow depends on.
_UNPRICED = (("name",), ("headline_plan",), ("site", "convertible_fraction"))


#: What is compared apart from the other inputs of a scenario, or not at all as it enters no figure.
_APART = ("plans", "require", "uncertainty")


class Input(NamedTuple):
    """An input that differs: its value in A and in B, None where it is not given or plays no part.

    ``is_month``: a date that may vary as a column. ``is_fixed``: what may not.
    """

    path: Path
    a: Any
    b: Any
    origin_a: Origin | None = None
    origin_b: Origin | None = None
    is_month: bool = False
    is_fixed: bool = False

    @property
    def dotted(self) -> str:
        """The path as ``--set`` takes it."""
        return dotted(self.path)


class Change(NamedTuple):
    """Inputs that go from A's values to B's together; the first names the change."""

    inputs: tuple[Input, ...]

    @property
    def path(self) -> str:
        """The dotted path of the first input."""
        return self.inputs[0].dotted


class Differences(NamedTuple):
    """Two scenarios, A with the plan names of B, and all that differs between them.

    ``unpriced`` inputs differ but enter no cash flow. Plans are ``common`` to both, ``added`` in B or ``removed`` from
    A; ``renamed`` maps A's names of plans to those of B.
    """

    a: Scenario
    b: Scenario
    changes: tuple[Change, ...]
    unpriced: tuple[Input, ...]
    common: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: Mapping[str, str]


def differences(a: Reading, b: Reading) -> Differences:
    """All that differs between two readings. ValueError if one of them holds no scenario."""
    if a.scenario is None or b.scenario is None:
        raise ValueError(f"{(a if a.scenario is None else b).file} holds no scenario")
    renamed = _renamed_plans(a.scenario.plans, b.scenario.plans)
    before, after = _with_names(a.scenario, renamed), _with_names(b.scenario, {})
    own_names = {new: old for old, new in renamed.items()}
    sides = [{place.path: place for place in places(scenario)} for scenario in (before, after)]
    inputs = []
    for found in _inputs(before, after):
        *start, name = found.path[:2]
        in_a = (*start, own_names.get(name, name), *found.path[2:]) if start == ["plans"] else found.path
        origin_a = _origin(a.node, in_a, found.a, sides[0].get(found.path))
        origin_b = _origin(b.node, found.path, found.b, sides[1].get(found.path))
        inputs.append(found._replace(origin_a=origin_a, origin_b=origin_b))
    changes = [Change(tuple(inputs[i] for i in group)) for group in _groups(inputs, sides)]
    unpriced = [change for change in changes if all(_is_unpriced(found) for found in change.inputs)]
    return Differences(
        a=before,
        b=after,
        changes=tuple(change for change in changes if change not in unpriced),
        unpriced=tuple(found for change in unpriced for found in change.inputs),
        common=tuple(name for name in after.plans if name in before.plans),
        added=tuple(name for name in after.plans if name not in before.plans),
        removed=tuple(name for name in before.plans if name not in after.plans),
        renamed=renamed,
    )


def _is_unpriced(found: Input) -> bool:
    in_a_plan = found.path[0] == "plans" and len(found.path) > 2
    return found.path in _UNPRICED or (in_a_plan and found.path[-1] in (*_RECORDS, "evidence"))


def _inputs(a: Scenario, b: Scenario) -> Iterator[Input]:
    """Every input that differs, in the order of the file format; a plan of other uses is one input."""
    yield from (found for found in _of(a, b, ()) if found.path[0] not in _APART)
    for name, plan in a.plans.items():
        if name in b.plans:
            yield from _of_plan(plan, b.plans[name])


def _of_plan(a: Plan, b: Plan) -> Iterator[Input]:
    at = ("plans", a.name)
    if a.flat != b.flat or {use.name: use.kind for use in a.uses} != {use.name: use.kind for use in b.uses}:
        yield Input(at, a, b)
    else:
        yield from _of(a, b, at)


def _of(a: Scenario | Plan, b: Scenario | Plan, at: Path) -> Iterator[Input]:
    """The inputs that differ of two parts that stand at the same place; of a group that both have, those inside it.

    Members that have other names, or another order, are one input.
    """
    others, whole = {place.path: place for place in places_in(b, at)}, list[Path]()
    for place in places_in(a, at):
        other = others.get(place.path)
        if other is None or _is_group(place.value, other.value):
            continue
        if any(place.path[: len(above)] == above for above in whole):
            continue
        if isinstance(place.value, Mapping):
            whole.append(place.path)
        x, y = _value(place), _value(other)
        x, y = _as_scale(x, y), _as_scale(y, x)
        if not _same(x, y):
            yield Input(
                place.path, x, y, is_month=place.is_month, is_fixed=place.is_fixed or _rises_in_one(place, x, y)
            )


def _rises_in_one(place: Place, a: Any, b: Any) -> bool:
    """Whether inflation moves a running cost in one of the two, and the other says its own growth."""
    of_a_cost = place.name in place.owner.costs and isinstance(a, ValueOverTime) and isinstance(b, ValueOverTime)
    return of_a_cost and stands_still(a) != stands_still(b)


def _is_group(a: Any, b: Any) -> bool:
    """Whether two values hold inputs of the same names, so that these can be compared one by one."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b)
    return isinstance(a, TimedInputs) and isinstance(b, TimedInputs)


def _value(place: Place) -> Any:
    """The value of an input; of one that plays no part, that of the one inside what takes its place, None without."""
    if not place.idle:
        return place.value
    inside = next((one.inside[place.name] for one in place.owner.alternatives if place.name in one.inside), None)
    return None if inside is None else reduce(getattr, inside, place.owner)


def _as_scale(value: Any, other: Any) -> Any:
    """What is not given, as a scale of 1 if the other side scales what is implied."""
    scaled = isinstance(other, ValueOverTime) and isinstance(other.shape, Unstated)
    return ValueOverTime(Unstated()) if value is None and scaled else value


def _same(a: Any, b: Any) -> bool:
    """Equality that tells the forms of a value over time apart; tuples of different names may be equal."""
    if isinstance(a, ValueOverTime) and isinstance(b, ValueOverTime) and type(a.shape) is not type(b.shape):
        return False
    return bool(a == b)


def _renamed_plans(a: Plans, b: Plans) -> dict[str, str]:
    """Plans of A that B has under another name, with the same content."""
    found: dict[str, str] = {}
    nameless = dict.fromkeys([*a, *b], "")
    for name, plan in a.items():
        if name in b:
            continue
        for other, candidate in b.items():
            free = other not in a and other not in found.values()
            if free and not any(_of_plan(_called(plan, "", nameless), _called(candidate, "", nameless))):
                found[name] = other
                break
    return found


def _called(plan: Plan, name: str, names: Mapping[str, str]) -> Plan:
    """``plan`` under another name, and with other names for what runs meanwhile."""
    uses = []
    for use in plan.uses:
        runs = use.inputs.meanwhile
        if runs is not None and runs.plan in names:
            use = use._replace(inputs=use.inputs.with_meanwhile(runs._replace(plan=names[runs.plan])))
        uses.append(use._replace(name=name) if plan.flat else use)
    return plan._replace(name=name, uses=tuple(uses))


def _with_names(scenario: Scenario, names: Mapping[str, str]) -> Scenario:
    """``scenario`` with some of its plans under other names, and its baseline by name."""
    plans = (_called(plan, names.get(name, name), {**names}) for name, plan in scenario.plans.items())
    baseline = scenario.baseline_plan.name
    told = scenario.headline_plan and names.get(scenario.headline_plan, scenario.headline_plan)
    update = {
        "plans": Plans({plan.name: plan for plan in plans}),
        "baseline": names.get(baseline, baseline),
        "headline_plan": told,
    }
    return scenario.model_copy(update=update)


def _origin(node: Node | None, path: Path, value: Any, place: Place | None) -> Origin | None:
    """Where a value stands, or what it was taken from; None for no value."""
    for part in path:
        node = None if node is None else node.child(part)
    if node is not None:
        return written(node)
    if place is not None and place.sourced is not None:
        return supplied(place.sourced)
    return None if value is None else Origin(None, None, None, "")


def _groups(inputs: Sequence[Input], sides: Sequence[Mapping[Path, Place]]) -> list[list[int]]:
    """The numbers of the inputs that are one change each, what names it first."""
    number = {found.path: i for i, found in enumerate(inputs)}
    group = {i: [i] for i in range(len(inputs))}
    for leader, follower in _ties(inputs, sides):
        one, other = number[leader], number.get(follower)
        if other is not None and group[one] is not group[other]:
            group[one] += group[other]
            for i in group[other]:
                group[i] = group[one]
    return [[leader, *sorted(others)] for i, (leader, *others) in group.items() if leader == i]


def _ties(inputs: Sequence[Input], sides: Sequence[Mapping[Path, Place]]) -> Iterator[tuple[Path, Path]]:
    """Pairs of an input that differs and another that, if it does, is part of the same change."""
    for found in inputs:
        *above, name = found.path
        came_or_went = found.a is None or found.b is None
        if name == _HASH_PRICE and _is_stated(found.a) != _is_stated(found.b):
            yield from ((found.path, other.path) for other in inputs if other.path[0] == "market")
        elif name == "meanwhile":
            named = [side.plan for side in (found.a, found.b) if isinstance(side, Meanwhile) and side.uses]
            yield from ((found.path, ("plans", plan)) for plan in named)
        elif name in _TOGETHER and came_or_went:
            yield from ((found.path, (*above, *other.split("."))) for other in _TOGETHER[name])
        elif name in _RECORDS:
            yield from ((found.path, figure) for figure in _figures(sides, tuple(above)))
        elif name in ("every_months", *_DATED):
            yield from ((found.path, other) for other in _dated_with(name, tuple(above), inputs))
        elif above[-1:] == ["conversion"]:
            yield from ((found.path, (*above, other)) for other in _dates_moved_with(name, above, inputs))


def _is_stated(value: Any) -> bool:
    return value is not None and not isinstance(value.shape, Unstated)


def _figures(sides: Sequence[Mapping[Path, Place]], at: Path) -> set[Path]:
    """The inputs below ``at`` that another record changes: those that neither side gives itself."""
    below = [place for side in sides for place in side.values() if place.path[: len(at)] == at]
    return {place.path for place in below if place.sourced} - {place.path for place in below if place.given}


def _dated_with(name: str, above: Path, inputs: Sequence[Input]) -> Iterator[Path]:
    """What of a loan's dates cannot stay behind: all with another calendar or shape, first and last with each other."""
    tied = {"every_months": ("tranches", *_DATED), "repayment": _DATED, "first_payment_months": ("term_months",)}
    for other in inputs:
        if other.path[: len(above)] == above and other.path[-1] in tied.get(name, ()):
            yield other.path


def _dates_moved_with(name: str, above: Sequence[str], inputs: Sequence[Input]) -> Sequence[str]:
    """Dates of a conversion that cannot move alone: one would overtake the other, or the spending has other months."""
    changed = {found.path[-1]: found for found in inputs if list(found.path[:-1]) == list(above)}
    if name == "spend":
        return ("starts", "ready")
    if name == "starts" and "ready" in changed:
        starts, ready = changed["starts"], changed["ready"]
        return ("ready",) if starts.b > ready.a or starts.a > ready.b else ()
    return ()
