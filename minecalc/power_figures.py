"""Figures of what mining pays for power: how many of the hours it runs, and at which price.

All are of the energy of a plan's mines over the horizon: what they draw, over what they would draw if power never kept
them off.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, accumulate, added
from minecalc.engine import PlanEvaluation
from minecalc.metrics import Figure, Metric, ratio

#: What mines draw, what they would draw and pay if they never were off; memos of their flows.
ENERGY, ENERGY_IF_RUN, POWER_IF_RUN = "mining_energy_mwh", "mining_energy_if_run_mwh", "mining_power_if_run_usd"

_NO_MINING = "the plan has no mining"
_NEVER_RUNS = "mining never runs"


def power_usd(plan: PlanEvaluation) -> FloatArray:
    """What mines pay for power by month, negative, ``(months, ·)``."""
    own = (line.usd for line in plan.operating_lines if line.name == "mining_power_usd")
    return added(plan.engine.months, *own)


def _total(plan: PlanEvaluation, name: str) -> FloatArray:
    values = plan.flows.memo.get(name, np.zeros((1, 1)))
    return accumulate(np.broadcast_to(values, (plan.engine.months, values.shape[1])))


def _hours_run(plan: PlanEvaluation) -> Metric:
    return ratio(_total(plan, ENERGY), _total(plan, ENERGY_IF_RUN), _NO_MINING)


def _price_paid(plan: PlanEvaluation) -> Metric:
    return ratio(-accumulate(power_usd(plan)), _total(plan, ENERGY), _NEVER_RUNS)


def _price_of_all_hours(plan: PlanEvaluation) -> Metric:
    return ratio(-_total(plan, POWER_IF_RUN), _total(plan, ENERGY_IF_RUN), _NO_MINING)


FIGURES = (
    Figure("mining_hours_run_fraction", "memo", _hours_run),
    Figure("mining_price_paid_usd_per_mwh", "memo", _price_paid),
    Figure("mining_price_of_all_hours_usd_per_mwh", "memo", _price_of_all_hours),
)
