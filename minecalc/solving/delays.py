"""What later delays of a conversion do to its plan: which flow gains by them, and what its lead then rests on."""

from __future__ import annotations

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.cashflows import Line
from minecalc.engine import Engine, PlanEvaluation
from minecalc.levers import Lever
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.varying import vary

#: A gain this small, as a share of the present values that the NPV is made of, is rounding.
_ROUNDING = 1e-10


def delay_note(scenario: Scenario, lever: Lever) -> str | None:
    """What to know of a break-even in an input if that is a delay: whether being late is worth money to its plan."""
    if not lever.path.endswith(".delay_months"):
        return None
    engine = Engine(scenario)
    return gain_by_delay(late(engine.evaluate(scenario.plans[split_path(lever.path)[1]]), lever), lever)


def late(plan: PlanEvaluation, delay: Lever) -> PlanEvaluation:
    """A plan of a single case at each delay from the present one to the longest, as cases.

    ``delay`` may be that of another plan.
    """
    varied = vary(plan.engine.scenario, {path: _delays(delay) * factor for path, factor in delay.puts})
    return Engine(varied, plan).evaluate(varied.plans[plan.plan.name])


def _delays(delay: Lever) -> FloatArray:
    """The present delay and all later ones, in months, ``(cases,)``."""
    return np.arange(delay.present, delay.high + 1.0)


def residual_note(plan: PlanEvaluation, baseline: PlanEvaluation, delay: Lever) -> str | None:
    """How far the lead of a plan that is ahead as planned rests on the residual at later delays, if it does.

    ``plan`` and ``baseline`` are at each of the delays (see ``late``); worth is at the scenario's rate.
    """
    months = _delays(delay)
    lead = plan.npv_at_scenario_rate_usd - baseline.npv_at_scenario_rate_usd
    residual = plan.npv_of_residual_at_scenario_rate_usd - baseline.npv_of_residual_at_scenario_rate_usd
    lead, residual = (np.broadcast_to(values, months.shape) for values in (lead, residual))
    alone = _leading(lead - residual > 0.0)
    if alone == 0:
        return "the lead rests on the residual: without it the plan is behind even as planned"
    if alone < _leading(lead > 0.0):
        return f"from a delay of {months[alone]:g} months on the lead rests on the residual alone"
    return None


def _leading(holds: BoolArray) -> int:
    """How many of the first in a row hold."""
    return int(holds.size if holds.all() else np.argmin(holds))


def gain_by_delay(plan: PlanEvaluation, delay: Lever) -> str | None:
    """The largest rise of the NPV of ``plan`` from one delay to a later one, and the line that gains most by it.

    None where being later never adds anything. ``plan`` is at each of the delays (see ``late``); worth is at the
    scenario's rate.
    """
    months = _delays(delay)
    npv = np.broadcast_to(plan.npv_at_scenario_rate_usd, months.shape)
    lowest = np.minimum.accumulate(npv)
    after = int(np.argmax(npv - lowest))
    before = int(np.argmin(npv[: after + 1]))
    if npv[after] <= npv[before]:
        return None
    gains: dict[str, float] = {}
    for line in plan.lines:
        moves = line.usd.shape[1] > 1
        worth = np.broadcast_to(_present_value_usd(plan, line), months.shape) if moves else np.zeros(months.shape)
        gains[line.name] = gains.get(line.name, 0.0) + float(worth[after] - worth[before])
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


def _present_value_usd(plan: PlanEvaluation, line: Line) -> FloatArray:
    """What one line is worth at the scenario's rate, ``(·,)``."""
    discount = plan.engine.discount(plan.engine.scenario.discount_rate_fraction_per_year)
    factors = discount[:-1] if line.at_start else discount[1:]
    usd = np.broadcast_to(line.usd, (plan.engine.months, line.usd.shape[1]))
    return accumulate(usd * factors)
