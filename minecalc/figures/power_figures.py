"""Figures of what a plan pays for power: how many of the hours mining runs, at which price, and what peaks cost.

Hours and prices are of the energy of a plan's mines over the horizon: what they draw, over what they would draw if
power never kept them off. What is charged on peaks is of all that draws; what is avoided is what mining that runs in a
month would be charged more if it stayed on in its peak. AI stays on, so what the baseline avoids and a plan does not is
what converting costs in avoided peaks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minecalc.arrays import FloatArray, accumulate, added
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.figures.metrics import Figure, Metric, ratio, total
from minecalc.power.power_charges import AVOIDED, ENERGY, ENERGY_IF_RUN, PEAKS, POWER_IF_RUN


def power_usd(plan: PlanEvaluation) -> FloatArray:
    """What mines pay for power by month, negative, ``(months, ·)``."""
    own = (line.usd for line in plan.operating_lines if line.name == "mining_power_usd")
    return added(plan.engine.months, *own)


def _total(plan: PlanEvaluation, name: str) -> FloatArray:
    return total(plan.flows.memo, name, plan.engine.months)


def peak_charges_usd(plan: PlanEvaluation) -> FloatArray:
    """What demand charges and coincident peaks come to by month, positive, ``(months, ·)``."""
    charged = (line.usd for line in plan.operating_lines if line.name in PEAKS)
    return 0.0 - added(plan.engine.months, *charged)


def avoided_peaks_usd(plan: PlanEvaluation) -> FloatArray:
    """What these would be more by month if mining stayed on in the peaks, ``(months, ·)``."""
    avoided: FloatArray = plan.flows.memo.get(AVOIDED, np.zeros((plan.engine.months, 1)))
    return avoided


def peak_charges_if_on_usd(plan: PlanEvaluation) -> FloatArray:
    """What they would be by month if it did, ``(months, ·)``."""
    return peak_charges_usd(plan) + avoided_peaks_usd(plan)


def _summed(by_month: Callable[[PlanEvaluation], FloatArray]) -> Callable[[PlanEvaluation], Metric]:
    return lambda plan: Metric(accumulate(by_month(plan)))


def _avoided_peaks_lost(evaluation: Evaluation, name: str) -> Metric:
    theirs, ours = (avoided_peaks_usd(plan) for plan in (evaluation.baseline, evaluation.plans[name]))
    return Metric(accumulate(theirs) - accumulate(ours))


#: What is charged on peaks and what is avoided by month, by the names of the figures.
OF_PEAKS = {
    "peak_charges_usd": peak_charges_usd,
    "peak_charges_if_on_usd": peak_charges_if_on_usd,
    AVOIDED: avoided_peaks_usd,
}
#: What readers call them, where the words of the name would not do.
_LABELS = {"peak_charges_if_on_usd": "peak charges if mining stayed on"}

#: Those of hours and prices, which a statement tells by month too.
OF_HOURS = (
    Figure(
        "mining_hours_run_fraction",
        "memo",
        lambda plan: ratio(_total(plan, ENERGY), _total(plan, ENERGY_IF_RUN), "the plan has no mining"),
    ),
    Figure(
        "mining_price_paid_usd_per_mwh",
        "memo",
        lambda plan: ratio(-accumulate(power_usd(plan)), _total(plan, ENERGY), "mining never runs"),
    ),
    Figure(
        "mining_price_of_all_hours_usd_per_mwh",
        "memo",
        lambda plan: ratio(-_total(plan, POWER_IF_RUN), _total(plan, ENERGY_IF_RUN), "the plan has no mining"),
    ),
)
FIGURES = (
    *OF_HOURS,
    *(Figure(name, "memo", _summed(by_month), _LABELS.get(name, "")) for name, by_month in OF_PEAKS.items()),
    Figure(
        "avoided_peaks_lost_usd",
        "incremental",
        _avoided_peaks_lost,
        "avoided peaks lost by converting",
        of_baseline=0.0,
    ),
)
