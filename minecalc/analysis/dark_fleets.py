"""From which month on a plan's machines stand still: kept off by ``curtail``, stopped, or too old."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, of_case
from minecalc.businesses import business
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.reference import machines
from minecalc.scenario import Plan, Use


class DarkFleet(NamedTuple):
    """Machines of a use that never run again from the month ``off_from`` on, the plan's first month at the earliest.

    ``months_off_before`` is how many earlier months they were off in.
    """

    plan: str
    use: str
    name: str
    off_from: str
    months_off_before: int


def running(plan: PlanEvaluation, use: Use) -> FloatArray:
    """1 in the months in which a mining use draws power, ``(months, ·)``, without what runs until it is converted."""
    energy = plan.parts[use.name][0].quantities["energy_mwh"]
    return np.where(np.broadcast_to(energy, (plan.engine.months, energy.shape[1])) > 0.0, 1.0, 0.0)


def hash_rate_running(plan: PlanEvaluation) -> FloatArray:
    """EH/s of the plan's machines in the months in which they run, until a conversion too, ``(months, ·)``."""
    engine, total = plan.engine, np.zeros((plan.engine.months, 1))
    for use in plan.plan.uses:
        if use.inputs.mines:
            total = total + _hash_rate(use) * running(plan, use)
        conversion = use.inputs.conversion
        if conversion is None:
            continue
        before = engine.scenario.runs_until(use)
        for other in before:
            setting = engine.setting(plan.plan, other, conversion.starts_in(engine.scenario.timeline))
            energy = business(other.kind).cash_flows(other.inputs, setting).quantities["energy_mwh"]
            if other.inputs.mines:
                total = total + engine.share_of(use, before) * _hash_rate(other) * np.where(energy > 0.0, 1.0, 0.0)
    return total


def _hash_rate(use: Use) -> Number:
    """EH/s of all machines of a use."""
    rates: Number = sum(fleet.hash_rate_eh_per_s for fleet in use.inputs.fleets())
    return rates


def dark_fleets(evaluation: Evaluation, case: int = 0) -> list[DarkFleet]:
    """Every mining use of every plan that is off before the horizon ends, in one case, the earliest first."""
    found = [dark for plan in evaluation.plans.values() for dark in _of_plan(plan, case)]
    return sorted(found, key=lambda dark: dark.off_from)


def _of_plan(plan: PlanEvaluation, case: int) -> Iterator[DarkFleet]:
    timeline = plan.engine.scenario.timeline
    for use in plan.plan.uses:
        if not use.inputs.mines:
            continue
        first = int(of_case(np.atleast_1d(plan.engine.setting(plan.plan, use).first), case))
        runs = of_case(running(plan, use).T, case)
        last = int(np.max(np.flatnonzero(runs), initial=first - 2)) + 1
        if last < timeline.months:
            off = int(np.count_nonzero(runs[first - 1 : last] == 0.0))
            yield DarkFleet(plan.plan.name, use.name, fleet_name(plan.plan, use), timeline.label(last + 1), off)


def fleet_name(plan: Plan, use: Use) -> str:
    """What a reader calls the machines of a use: their record's name, else its own, beside other uses with the plan."""
    record = machines().get(getattr(use.inputs, "machine", None) or "")
    if record is None:
        return use.name if plan.flat else f"{use.name} of {plan.name}"
    return record.name if plan.flat else f"{record.name} ({use.name})"


def off_words(dark: Sequence[Mapping[str, Any]]) -> str:
    """``Antminer S19 XP off from 2028-04, Antminer S21 from 2028-06`` of records of ``DarkFleet``; "" of none."""
    months: dict[str, dict[str, None]] = {}
    for one in dark:
        months.setdefault(one["off_from"], {})[one["name"]] = None
    told = [
        f"{' and '.join(names)} {'' if number else 'off '}from {month}"
        for number, (month, names) in enumerate(months.items())
    ]
    return ", ".join(told)
