"""What later delays of a conversion do to its plan: which flow gains by them, and what its lead then rests on."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.cashflows import Line
from minecalc.engine import CHUNK_CASES, Engine, PlanEvaluation
from minecalc.engine.sunk_fleets import named_meanwhile
from minecalc.scenario import Plan, Scenario
from minecalc.scenario.movables import Movable
from minecalc.scenario.varying import taken, vary
from minecalc.schema.names import split_path

#: A gain this small, as a share of the present values that the NPV is made of, is rounding.
_ROUNDING = 1e-10


class Late(NamedTuple):
    """A plan at each of some delays, ``months (delays,)``: they are the ``cases`` of ``plan``, or all one that it is.

    The delay may be that of another plan.
    """

    months: FloatArray
    plan: PlanEvaluation
    cases: slice = slice(None)

    def own(self, values: FloatArray) -> FloatArray:
        """What one number a case of the plan is at each of the delays, ``(delays,)``."""
        found: FloatArray = np.broadcast_to(values[self.cases] if values.size > 1 else values, self.months.shape)
        return found


def delay_note(scenario: Scenario, movable: Movable) -> str | None:
    """What to know of a break-even in an input if that is a delay: whether being late is worth money to its plan."""
    if not movable.path.endswith(".delay_months"):
        return None
    engine = Engine(scenario)
    return gain_by_delay(late(engine.evaluate(scenario.plans[split_path(movable.path)[1]]), movable))


def late(plan: PlanEvaluation, delay: Movable) -> Late:
    """A plan of a single case at each delay from the present one to the longest."""
    months = _delays(delay)
    varied = vary(plan.engine.scenario, {path: months * factor for path, factor in delay.puts})
    return Late(months, Engine(varied, plan).evaluate(varied.plans[plan.plan.name]))


def late_each(plan: PlanEvaluation, cases: Sequence[int], delays: Sequence[Movable]) -> Iterator[Late]:
    """As ``late`` for some cases of a plan of many, each with a movable input of the same places."""
    scenario, name, months = plan.engine.scenario, plan.plan.name, [_delays(delay) for delay in delays]
    if delays and not _is_late_with(plan.plan, delays[0]):
        yield from (Late(own, plan, slice(case, case + 1)) for own, case in zip(months, cases, strict=True))
        return
    begin = 0
    while begin < len(months):
        ends = list(itertools.accumulate(own.size for own in months[begin:]))
        end = begin + max(bisect_right(ends, CHUNK_CASES), 1)
        part = months[begin:end]
        placed = dict[str, FloatArray]()
        for number, (path, _) in enumerate(delays[begin].puts):
            factors = (delay.puts[number][1] for delay in delays[begin:end])
            placed[path] = np.concatenate([own * factor for own, factor in zip(part, factors, strict=True)])
        varied = vary(taken(scenario, np.repeat(cases[begin:end], [own.size for own in part])), placed)
        moved = Engine(varied).evaluate(varied.plans[name])
        for own, after in zip(part, ends, strict=False):
            yield Late(own, moved, slice(after - own.size, after))
        begin = end


def _is_late_with(plan: Plan, delay: Movable) -> bool:
    """Whether a plan reads a delay: one of its own, or of what it runs meanwhile."""
    return not {split_path(path)[1] for path, _ in delay.puts}.isdisjoint((plan.name, *named_meanwhile(plan)))


def _delays(delay: Movable) -> FloatArray:
    """The present delay and all later ones, in months, ``(cases,)``."""
    return np.arange(delay.present, delay.high + 1.0)


def residual_note(plan: Late, baseline: Late) -> str | None:
    """How far the lead of a plan that is ahead as planned rests on the residual at later delays, if it does.

    Both are at the same delays; worth is at the scenario's rate.
    """
    ours, theirs = plan.plan, baseline.plan
    lead = plan.own(ours.npv_at_scenario_rate_usd) - baseline.own(theirs.npv_at_scenario_rate_usd)
    residual = plan.own(ours.npv_of_residual_at_scenario_rate_usd) - baseline.own(
        theirs.npv_of_residual_at_scenario_rate_usd
    )
    alone = _leading(lead - residual > 0.0)
    if alone == 0:
        return "the lead rests on the residual: without it the plan is behind even as planned"
    if alone < _leading(lead > 0.0):
        return f"from a delay of {plan.months[alone]:g} months on the lead rests on the residual alone"
    return None


def _leading(holds: BoolArray) -> int:
    """How many of the first in a row hold."""
    return int(holds.size if holds.all() else np.argmin(holds))


def gain_by_delay(late: Late) -> str | None:
    """The largest rise of the NPV of a plan from one delay to a later one, and the line that gains most by it.

    None where being later never adds anything. Worth is at the scenario's rate.
    """
    plan, months = late.plan, late.months
    npv = late.own(plan.npv_at_scenario_rate_usd)
    lowest = np.minimum.accumulate(npv)
    after = int(np.argmax(npv - lowest))
    before = int(np.argmin(npv[: after + 1]))
    if npv[after] <= npv[before]:
        return None
    first, gains = late.cases.start or 0, dict[str, float]()
    for line in plan.lines:
        worth = _present_values_usd(plan, line, [first + before, first + after])
        gains[line.name] = gains.get(line.name, 0.0) + float(worth[-1] - worth[0])
    gain = float(npv[after] - npv[before])
    if gain <= _ROUNDING * max(map(abs, gains.values()), default=0.0):
        return None
    name = max(gains, key=lambda line: gains[line])
    instead = "" if before == 0 else f" instead of {months[before]:g}"
    return (
        f"a delay of {months[after]:g} months{instead} raises the plan's NPV by {_millions(gain)}, "
        f"most of it by {name} (+{_millions(gains[name])})"
    )


def _millions(usd: float) -> str:
    """``$36.1M``: three digits, or whole millions."""
    millions = usd / 1e6
    return f"${millions:,.0f}M" if millions >= 1000.0 else f"${millions:.3g}M"


def _present_values_usd(plan: PlanEvaluation, line: Line, cases: list[int]) -> FloatArray:
    """What one line is worth at the scenario's rate in two cases, ``(1|2,)``."""
    discount = plan.engine.discount(plan.engine.scenario.discount_rate_fraction_per_year)
    factors = discount[:-1] if line.at_start else discount[1:]
    usd = np.broadcast_to(line.usd, (plan.engine.months, line.usd.shape[1]))
    usd, factors = (values[:, cases] if values.shape[1] > 1 else values for values in (usd, factors))
    return accumulate(usd * factors)
