"""Scenarios between two: some changes as in B, the others still as in A, valued as columns of few evaluations.

Numbers, dates and values over time that are constant or grow take A's or B's value case by case. What has no numbers in
between (a switch, another form of a value over time, the months) is put in place as it is, one scenario for each
combination. A mixture is computed by the formulas; it need not pass the checks that A and B pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

import numpy as np

from minecalc.analysis.diff.changes import Differences, Input
from minecalc.arrays import BoolArray, FloatArray, Number
from minecalc.engine import CHUNK_CASES, evaluate
from minecalc.scenario import Plans, Scenario
from minecalc.scenario.places import Path, replaced
from minecalc.timeline import month_written, parse_month
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Constant, Growth, Unstated


class NoMixtureError(ValueError):
    """A scenario between the two has no value, so that nothing can be attributed."""


def npv_usd(found: Differences, takes_b: BoolArray, plans: Sequence[str]) -> dict[str, FloatArray]:
    """NPV of each common plan, ``(cases,)``, where each case takes the changes of B that ``takes_b (cases, n)`` says.

    Raises NoMixtureError if a mixture has no finite NPV.
    """
    values = {name: np.empty(len(takes_b)) for name in plans}
    varied = np.array([all(map(_varies, change.inputs)) for change in found.changes], dtype=np.bool_)
    added = {name: found.b.plans[name] for name in found.added}
    base = found.a.model_copy(update={"plans": Plans({**found.a.plans, **added}), "baseline": plans[0]})
    fixed, number = np.unique(takes_b & ~varied, axis=0, return_inverse=True)
    for i, taken in enumerate(fixed):
        scenario = base
        for change in np.flatnonzero(taken):
            scenario = replaced(scenario, {place.path: place.b for place in found.changes[change].inputs})
        cases = np.flatnonzero(number.reshape(-1) == i)
        for begin in range(0, len(cases), CHUNK_CASES):
            chunk = cases[begin : begin + CHUNK_CASES]
            for name, usd in _evaluated(found, scenario, varied, takes_b[chunk], plans).items():
                values[name][chunk] = usd
    for name, usd in values.items():
        if not np.isfinite(usd).all():
            raise NoMixtureError(f"{name} has no NPV in some scenario between the two, so nothing can be attributed")
    return values


def _evaluated(
    found: Differences, scenario: Scenario, varied: BoolArray, takes_b: BoolArray, plans: Sequence[str]
) -> dict[str, FloatArray]:
    """NPV of each plan with the changes that vary as columns put into ``scenario``."""
    for change in np.flatnonzero(varied):
        mixed = {place.path: _mixed(place, takes_b[:, change]) for place in found.changes[change].inputs}
        scenario = replaced(scenario, mixed)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        evaluation = evaluate(scenario, plans)
        return {name: evaluation.plans[name].npv_usd for name in plans}


def relevant(found: Differences, plans: Iterable[str]) -> list[int]:
    """The numbers of the changes that can move the NPV of these plans: all but those inside other plans.

    A plan that runs until a conversion starts counts as one of them. The choice of the baseline moves no NPV.
    """
    wanted = set(plans)
    for scenario in (found.a, found.b):
        for plan in (scenario.plans[name] for name in tuple(wanted) if name in scenario.plans):
            wanted |= {meanwhile.plan for meanwhile in plan.meanwhile}
    return [
        i for i, change in enumerate(found.changes) if any(_concerns(place.path, wanted) for place in change.inputs)
    ]


def _concerns(path: Path, plans: set[str]) -> bool:
    return path[1] in plans if path[0] == "plans" else path != ("baseline",)


def _varies(place: Input) -> bool:
    """Whether an input can take A's value in one column and B's in the next."""
    if place.is_fixed:
        return False
    if place.is_month:
        return all(isinstance(value, str) and month_written(value) is not None for value in (place.a, place.b))
    if isinstance(place.a, ValueOverTime) and isinstance(place.b, ValueOverTime):
        shapes = (place.a.shape, place.b.shape)
        return all(isinstance(shape, Constant | Growth) for shape in shapes) or shapes == (Unstated(), Unstated())
    return _is_number(place.a) and _is_number(place.b) and place.path != ("months",)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mixed(place: Input, takes_b: BoolArray) -> FloatArray | ValueOverTime:
    """An input that takes A's value or B's in each case."""

    def either(a: Number, b: Number) -> FloatArray:
        return np.where(takes_b, np.float64(b), np.float64(a))

    if isinstance(place.a, ValueOverTime):
        a: Any = place.a.shape
        b: Any = place.b.shape
        if type(a) is not type(b):
            a, b = _growing(a), _growing(b)
        scale, shift = either(place.a.scale, place.b.scale), either(place.a.shift, place.b.shift)
        return ValueOverTime(a._make(map(either, a, b)), scale, shift=shift)
    if place.is_month:
        return either(float(parse_month(place.a)), float(parse_month(place.b)))
    return either(place.a, place.b)


def _growing(shape: Constant | Growth) -> Growth:
    """What is constant, as what grows by nothing."""
    return Growth(shape.value, 0.0) if isinstance(shape, Constant) else shape
