"""Machines are not run twice: the hash rate that a plan runs and did not buy, beside what there is of it.

A fleet is sunk unless ``machine_price_usd_per_th`` is given, refreshed or not. What a plan did not buy are its own sunk
fleets and those that run meanwhile, scaled to the megawatts of each conversion. In no month may they have more hash
rate than the sunk fleets of the whole plan that ``meanwhile`` names (of several plans, of the one that has most).

A fleet counts from its first month to the conversion's start, its typed stop or the end of its life: ``best`` and
``unpaid_months`` stop nothing here, as they stop on other dates in another plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, added, truth
from minecalc.engine import Engine
from minecalc.fleets.fleet import Fleet
from minecalc.scenario import Plan, Use
from minecalc.timeline import Timeline
from minecalc.uses.meanwhile import Meanwhile

#: Hash rate over what there is for which rounding of inputs does not matter, as a share.
_SLACK = 1e-6


class Part(NamedTuple):
    """A sunk fleet as a plan runs it: its hash rate, from month ``first`` until before ``end`` (floats or columns)."""

    name: str
    hash_rate_eh_per_s: Number
    first: Number
    end: Number

    def in_months(self, timeline: Timeline) -> FloatArray:
        """The hash rate that counts in each month, ``(months, ·)``."""
        k = timeline.numbers
        return truth((k >= self.first) & (k < self.end)) * self.hash_rate_eh_per_s


class Sunk(NamedTuple):
    """What a plan runs without having bought it, and the plan that has most of what it names (None: it names none).

    ``total_eh_per_s`` and ``exceeds`` are by month, ``(months, ·)``; ``limit_eh_per_s`` is a float or a column.
    """

    parts: Sequence[Part]
    owner: str | None
    limit_eh_per_s: Number
    total_eh_per_s: FloatArray
    exceeds: BoolArray


def sunk(engine: Engine, plan: Plan) -> Sunk:
    """The sunk fleets that run in ``plan``, and their limit."""
    timeline = engine.scenario.timeline
    parts = list(_parts(engine, plan))
    total = added(engine.months, *(part.in_months(timeline) for part in parts))
    owned = {name: hash_rate_eh_per_s(engine.scenario.plans[name]) for name in named_meanwhile(plan)}
    if not owned:
        return Sunk(parts, None, np.inf, total, np.zeros(total.shape, dtype=np.bool_))
    limit = reduce(np.maximum, owned.values())
    owner = max(owned, key=lambda name: float(np.max(owned[name])))
    return Sunk(parts, owner, limit, total, total > limit * (1.0 + _SLACK))


def can_run_until(engine: Engine, plan: Plan, name: str) -> bool:
    """Whether the plan ``name`` could run until every conversion of ``plan`` that names nothing starts."""
    uses = engine.scenario.plans[name].uses
    if any(not use.inputs.runs_meanwhile or use.inputs.conversion is not None for use in uses):
        return False
    if all(use.inputs.gross_mw == 0.0 for use in uses):
        return False
    return not sunk(engine, running_until(plan, name)).exceeds.any()


def running_until(plan: Plan, name: str) -> Plan:
    """``plan`` with the plan ``name`` as what runs until those of its conversions start that name nothing."""
    uses = []
    for use in plan.uses:
        if use.inputs.conversion is not None and use.inputs.meanwhile is None:
            use = use._replace(inputs=use.inputs.with_meanwhile(Meanwhile(name)))
        uses.append(use)
    return plan._replace(uses=tuple(uses))


def hash_rate_eh_per_s(plan: Plan) -> Number:
    """The hash rate of the sunk fleets of ``plan`` (float or column)."""
    return sum((fleet.hash_rate_eh_per_s for use in plan.uses for fleet in sunk_fleets(use)), 0.0)


def sunk_fleets(use: Use) -> list[Fleet]:
    """The fleets of a use whose machines were there before."""
    return [fleet for fleet in use.inputs.every_fleet() if fleet.is_sunk]


def named_meanwhile(plan: Plan) -> Mapping[str, None]:
    """The plans that run meanwhile, in order."""
    return dict.fromkeys(meanwhile.plan for meanwhile in plan.meanwhile)


def _parts(engine: Engine, plan: Plan) -> Iterator[Part]:
    timeline = engine.scenario.timeline
    for use in plan.uses:
        for fleet in sunk_fleets(use):
            first = engine.setting(plan, use).first
            yield Part(_called(use, fleet), fleet.hash_rate_eh_per_s, first, fleet.ends_as_typed(first, timeline))
        conversion = use.inputs.conversion
        if conversion is None:
            continue
        starts, runs = conversion.starts_in(timeline), engine.scenario.runs_until(use)
        share = engine.share_of(use, runs)
        for other in runs:
            for fleet in sunk_fleets(other):
                name = f"{_called(other, fleet)} until {use.name}"
                ends = np.minimum(starts, fleet.ends_as_typed(1.0, timeline))
                yield Part(name, fleet.hash_rate_eh_per_s * share, 1.0, ends)


def _called(use: Use, fleet: Fleet) -> str:
    """What a reader calls a fleet: its own name, of a use that has several, else that of the use."""
    return fleet.name or use.name
