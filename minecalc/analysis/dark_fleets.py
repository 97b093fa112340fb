"""From which month on a plan's machines stand still: kept off by ``curtail``, stopped, or too old."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, of_case
from minecalc.businesses import Setting, business
from minecalc.cashflows import CashFlows
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.reference.machines import machines
from minecalc.scenario import Plan, Use


class DarkFleet(NamedTuple):
    """Machines of a use, or of one of its fleets, that never run again from the month ``off_from`` on.

    That is the plan's first month at the earliest; ``months_off_before`` is how many earlier months they were off in.
    """

    plan: str
    use: str
    name: str
    off_from: str
    months_off_before: int


def fleet_flows(plan: PlanEvaluation) -> Mapping[str, CashFlows]:
    """What each fleet of the plan's uses with several earns, by its name; of a plan with uses with that of its own.

    What runs until a use is converted is none of them.
    """
    found: dict[str, CashFlows] = {}
    for use in plan.plan.uses:
        if set(use.inputs.stopping) - {""}:
            flows = business(use.kind).fleet_flows(use.inputs, plan.engine.setting(plan.plan, use))
            found |= {name if plan.plan.flat else f"{use.name}: {name}": of for name, of in flows.items()}
    return found


def running(plan: PlanEvaluation, use: Use) -> Mapping[str, FloatArray]:
    """1 in the months in which each fleet of a mining use draws power, ``(months, ·)``, by its name.

    What runs until the use is converted is none of them.
    """
    if set(use.inputs.stopping) == {""}:
        return {"": _draws(plan, plan.parts[use.name][0])}
    flows = business(use.kind).fleet_flows(use.inputs, plan.engine.setting(plan.plan, use))
    return {name: _draws(plan, of) for name, of in flows.items()}


def _draws(plan: PlanEvaluation, flows: CashFlows) -> FloatArray:
    """1 in the months in which flows take energy, ``(months, ·)``."""
    energy = flows.quantities["energy_mwh"]
    return np.where(np.broadcast_to(energy, (plan.engine.months, energy.shape[1])) > 0.0, 1.0, 0.0)


def hash_rate_running(plan: PlanEvaluation) -> FloatArray:
    """EH/s of the plan's machines in the months in which they run, until a conversion too, ``(months, ·)``.

    By their nameplate, however worn, and whatever profile they run.
    """
    engine, total = plan.engine, np.zeros((plan.engine.months, 1))
    for use in plan.plan.uses:
        if use.inputs.mines:
            total = total + _hash_rate(use, running(plan, use), engine.setting(plan.plan, use))
        conversion = use.inputs.conversion
        if conversion is None:
            continue
        before = engine.scenario.runs_until(use)
        for other in before:
            setting = engine.setting(plan.plan, other, conversion.starts_in(engine.scenario.timeline))
            if other.inputs.mines:
                flows = business(other.kind).fleet_flows(other.inputs, setting)
                runs = {name: _draws(plan, of) for name, of in flows.items()}
                total = total + engine.share_of(use, before) * _hash_rate(other, runs, setting)
    return total


def _hash_rate(use: Use, runs: Mapping[str, FloatArray], setting: Setting) -> FloatArray:
    """EH/s of the machines of a use that are there, in the months in which their fleet runs, ``(months, ·)``."""
    total, timeline = np.zeros((1, 1)), setting.timeline
    for fleet in use.inputs.every_fleet():
        there = runs[fleet.name]
        if fleet.arrives is not None:
            there = there * (timeline.numbers >= fleet.begins(setting.first, timeline))
        total = total + fleet.hash_rate_eh_per_s * there
    return total


def dark_fleets(evaluation: Evaluation, case: int = 0) -> list[DarkFleet]:
    """Every mining use of every plan that is off before the horizon ends, in one case, the earliest first."""
    return dark_fleets_of_each(evaluation, [case])[0]


def dark_fleets_of_each(evaluation: Evaluation, cases: Sequence[int]) -> list[list[DarkFleet]]:
    """As ``dark_fleets`` for some cases, in their order."""
    every = [_of_plan(plan, cases) for plan in evaluation.plans.values()]
    of_cases = ([dark for plan in plans for dark in plan] for plans in zip(*every, strict=True))
    return [sorted(found, key=lambda dark: dark.off_from) for found in of_cases]


def _of_plan(plan: PlanEvaluation, cases: Sequence[int]) -> list[list[DarkFleet]]:
    timeline, found = plan.engine.scenario.timeline, [list[DarkFleet]() for _ in cases]
    for use in plan.plan.uses:
        if not use.inputs.mines:
            continue
        setting = plan.engine.setting(plan.plan, use)
        begins: dict[str, Number] = dict.fromkeys(use.inputs.stopping, np.inf)
        for fleet in use.inputs.every_fleet():
            begins[fleet.name] = np.minimum(begins[fleet.name], fleet.begins(setting.first, timeline))
        for called, months in running(plan, use).items():
            begun, name = np.atleast_1d(begins[called]), fleet_name(plan.plan, use, called)
            for own, case in zip(found, cases, strict=True):
                first, runs = int(of_case(begun, case)), of_case(months.T, case)
                last = int(np.max(np.flatnonzero(runs), initial=first - 2)) + 1
                if last < timeline.months:
                    off = int(np.count_nonzero(runs[first - 1 : last] == 0.0))
                    own.append(DarkFleet(plan.plan.name, use.name, name, timeline.label(last + 1), off))
    return found


def fleet_name(plan: Plan, use: Use, fleet: str = "") -> str:
    """What a reader calls machines: the name of their fleet, of a use that has several, else that of their record.

    Without a record they go by the use, beside other uses by the plan too.
    """
    if fleet:
        return fleet if plan.flat else f"{fleet} ({use.name})"
    record = machines().get(getattr(use.inputs, "machine", None) or "")
    if record is None:
        return use.name if plan.flat else f"{use.name} of {plan.name}"
    return record.name if plan.flat else f"{record.name} ({use.name})"


def off_words(dark: Sequence[Mapping[str, Any]]) -> str:
    """``Antminer S19 XP off from 2028-04, Antminer S21 from 2028-06`` of records of ``DarkFleet``; "" of none.

    Machines of a use, ``Antminer S21 (mining)``, are not told apart from those of the same name off in the same month.
    """
    months: dict[str, dict[str, None]] = {}
    for one in dark:
        months.setdefault(one["off_from"], {})[one["name"]] = None
    told = [
        f"{' and '.join(_once(names))} {'' if number else 'off '}from {month}"
        for number, (month, names) in enumerate(months.items())
    ]
    return ", ".join(told)


def _once(names: Collection[str]) -> list[str]:
    """``names`` without those that only add a use, in brackets, to another of them."""
    known = tuple(f"{name} (" for name in names)
    return [name for name in names if not name.startswith(known)]
