"""When the fleets of a plan stop, if they choose: where that turns as an input moves, the plan's worth may jump."""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import PlanEvaluation
from minecalc.scenario import Scenario

#: Lines that a fleet has in the months in which it is there, whether it runs or is shut off, and when it is traded.
_OF_FLEETS = ("opex", "capex", "sale", "residual")


def chooses(scenario: Scenario, name: str) -> bool:
    """Whether a fleet of the plan ``name``, or of a plan it could run meanwhile, has no stop that is typed.

    It stops when that is worth most, or after months unpaid.
    """
    plans = [scenario.plans[name]]
    if any(use.inputs.conversion is not None for use in plans[0].uses):
        plans = list(scenario.plans.values())
    return any(fleet.chooses_when_to_stop for plan in plans for use in plan.uses for fleet in use.inputs.every_fleet())


def choices(plan: PlanEvaluation) -> FloatArray:
    """A number that is another one where a plan's fleets stop or are bought in other months, ``(·,)``."""
    weights = np.square(np.arange(1.0, plan.engine.months + 1.0))[:, None]
    found: FloatArray = np.zeros(1)
    for number, line in enumerate(plan.operating_lines):
        if line.category in _OF_FLEETS:
            found = found + (number + 1.0) * accumulate(np.where(line.usd != 0.0, weights, 0.0))
    return found
