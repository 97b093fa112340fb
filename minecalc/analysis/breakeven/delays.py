"""Whether being late is worth money to a plan, and which flow it is that gains."""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, accumulate
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
    return gain_by_delay(scenario, split_path(lever.path)[1], lever)


def gain_by_delay(scenario: Scenario, plan: str, delay: Lever) -> str | None:
    """The largest rise of the NPV of ``plan`` from one delay to a later one, and the line that gains most by it.

    None where being later never adds anything. Worth is at the scenario's rate. The scenario must be a single case.
    """
    months = np.arange(delay.present, delay.high + 1.0)
    varied = vary(scenario, {delay.at: months})
    late = Engine(varied).evaluate(varied.plans[plan])
    npv = np.broadcast_to(late.npv_at_scenario_rate_usd, months.shape)
    lowest = np.minimum.accumulate(npv)
    after = int(np.argmax(npv - lowest))
    before = int(np.argmin(npv[: after + 1]))
    if npv[after] <= npv[before]:
        return None
    gains: dict[str, float] = {}
    for line in late.flows.lines:
        worth = np.broadcast_to(_present_value_usd(late, line), months.shape)
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
