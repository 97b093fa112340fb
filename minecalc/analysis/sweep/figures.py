"""Figures of plans for every case of a scenario: as arrays, with the number of a reason where there is none.

What is a plan's own is computed once for cases that do not differ to that plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from minecalc.analysis.solving.dependence import measured
from minecalc.arrays import FloatArray
from minecalc.engine import Evaluation, PlanEvaluation, outcomes
from minecalc.metrics import Metric, against_baseline, plan_metrics, quantities
from minecalc.scenario import Scenario

#: Differences from the baseline, and of which figure.
_DIFFERENCES = {
    "npv_difference_usd": "npv_usd",
    "npv_difference_at_scenario_rate_usd": "npv_at_scenario_rate_usd",
}
#: Figures of what differs from the baseline, which itself has none.
_INCREMENTAL = (
    "npv_difference_without_residual_at_scenario_rate_usd",
    "residual_share_of_npv_difference_at_scenario_rate_fraction",
    "incremental_irr_fraction_per_year",
    "incremental_payback_months",
)
_PHYSICAL = ("btc_mined", "energy_mwh", "gpu_hours_sold", "critical_mw")

#: Figures of a plan that need not be computed with all the others.
_DIRECT: Mapping[str, Callable[[PlanEvaluation], FloatArray]] = {
    "npv_usd": lambda plan: plan.npv_usd,
    "npv_at_scenario_rate_usd": lambda plan: plan.npv_at_scenario_rate_usd,
}

#: Reasons why figures are missing, each with its number, from 1.
Reasons = dict[str, int]

_OF_THE_BASELINE = "this is the baseline"


def metric_names(evaluation: Evaluation) -> list[str]:
    """Every figure of a plan that there is, the differences from the baseline included."""
    return [*plan_metrics(evaluation.baseline), *_PHYSICAL, *_DIFFERENCES, *_INCREMENTAL]


def figures(
    scenario: Scenario, plans: Sequence[str], names: Sequence[str], reasons: Reasons
) -> tuple[FloatArray, NDArray[np.uint16]]:
    """Figures and reason numbers, ``(cases, plans, names)`` both: NaN where there is no figure, 0 where there is one.

    New reasons are added to ``reasons``.
    """
    shape = (scenario.cases, len(plans), len(names))
    numbers, codes = np.empty(shape), np.zeros(shape, dtype=np.uint16)
    own = [name for name in names if name not in _DIFFERENCES and name not in _INCREMENTAL]
    own += [of for name, of in _DIFFERENCES.items() if name in names and of not in own]
    baseline = scenario.baseline_plan.name
    among = [*plans, *({baseline} - {*plans} if {*names} & {*_DIFFERENCES} else ())]
    added = [name for name in names if name in _INCREMENTAL]
    found = {plan: _own(scenario, plan, own, reasons) for plan in among}
    against = _incremental(scenario, plans, added, reasons) if added else {}
    for p, plan in enumerate(plans):
        for m, name in enumerate(names):
            if name in _DIFFERENCES:
                of = own.index(_DIFFERENCES[name])
                (ours, why), (theirs, why_theirs) = found[plan][of], found[baseline][of]
                numbers[:, p, m], codes[:, p, m] = ours - theirs, np.where(why > 0, why, why_theirs)
            else:
                pair = against[plan][added.index(name)] if name in added else found[plan][own.index(name)]
                numbers[:, p, m], codes[:, p, m] = pair
    return numbers, codes


def _own(scenario: Scenario, plan: str, names: Sequence[str], reasons: Reasons) -> FloatArray:
    """A plan's own figures and their reason numbers, ``(names, 2, cases)``."""

    def measure(evaluated: PlanEvaluation) -> FloatArray:
        named = {name: Metric(_DIRECT[name](evaluated)) for name in names if name in _DIRECT}
        if {*names} & {*_PHYSICAL}:
            named |= quantities(evaluated)
        if {*names} - {*named}:
            named = plan_metrics(evaluated) | named
        return _stacked([named[name] for name in names], reasons)

    if not names:
        return np.empty((0, 2, scenario.cases))
    return measured(scenario, plan, measure).reshape(len(names), 2, -1)


def _incremental(
    scenario: Scenario, plans: Sequence[str], names: Sequence[str], reasons: Reasons
) -> dict[str, FloatArray]:
    """Figures of what each plan adds to the baseline, and their reason numbers, ``(names, 2, ·)`` by plan."""
    baseline = scenario.baseline_plan.name
    rivals = [plan for plan in plans if plan != baseline]

    def measure(evaluation: Evaluation) -> dict[str, FloatArray]:
        rows = {}
        for plan in rivals:
            named = against_baseline(evaluation, plan)
            for row, values in enumerate(_stacked([named[name] for name in names], reasons)):
                rows[f"{row} {plan}"] = values
        return rows

    found = outcomes(scenario, measure) if rivals else {}
    of_baseline = _stacked([Metric(np.array([np.nan]), {0: _OF_THE_BASELINE})] * len(names), reasons)
    rows = {plan: np.stack([found[f"{row} {plan}"] for row in range(2 * len(names))]) for plan in rivals}
    return {plan: rows.get(plan, of_baseline).reshape(len(names), 2, -1) for plan in plans}


def _stacked(metrics: Sequence[Metric], reasons: Reasons) -> FloatArray:
    """Each metric's numbers and, in the next row, its reason numbers, ``(2 x metrics, ·)``."""
    rows = [row for metric in metrics for row in _coded(metric, reasons)]
    return np.stack(np.broadcast_arrays(*rows))


def _coded(metric: Metric, reasons: Reasons) -> tuple[FloatArray, FloatArray]:
    numbers = metric.numbers + 0.0  # which turns -0.0 into 0.0
    codes = np.zeros(numbers.shape)
    for case in np.flatnonzero(np.isnan(numbers)).tolist():
        codes[case] = reasons.setdefault(metric.reasons[case], len(reasons) + 1)
    return np.where(codes == 0.0, numbers, np.nan), codes
