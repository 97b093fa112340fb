"""Figures of plans for every case of a scenario: as arrays, with the number of a reason where there is none.

What is a plan's own is computed once for cases that do not differ to that plan.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import FloatArray
from minecalc.engine import Evaluation, outcomes
from minecalc.figures import CATALOGUE, Metric, figures_of, names_of, of_baseline
from minecalc.scenario import Scenario
from minecalc.solving.dependence import measured

#: Reasons why figures are missing, each with its number, from 1.
Reasons = dict[str, int]


def metric_names() -> list[str]:
    """Every figure of a plan in many cases, the differences from the baseline included."""
    return names_of("plan", "corner", "debt", "quantity", "incremental")


def figures(
    scenario: Scenario, plans: Sequence[str], names: Sequence[str], reasons: Reasons
) -> tuple[FloatArray, NDArray[np.uint16]]:
    """Figures and reason numbers, ``(cases, plans, names)`` both: NaN where there is no figure, 0 where there is one.

    New reasons are added to ``reasons``.
    """
    shape = (scenario.cases, len(plans), len(names))
    numbers, codes = np.empty(shape), np.zeros(shape, dtype=np.uint16)
    differences = {name: CATALOGUE[name].difference_of for name in names if CATALOGUE[name].difference_of}
    added = [name for name in names if CATALOGUE[name].of == "incremental" and name not in differences]
    own = [name for name in names if name not in differences and name not in added]
    own += [of for of in differences.values() if of not in own]
    baseline = scenario.baseline_plan.name
    among = [*plans, *({baseline} - {*plans} if differences else ())]
    found = {plan: _own(scenario, plan, own, reasons) for plan in among}
    against = _incremental(scenario, plans, added, reasons) if added else {}
    for p, plan in enumerate(plans):
        for m, name in enumerate(names):
            if name in differences:
                of = own.index(differences[name])
                (ours, why), (theirs, why_theirs) = found[plan][of], found[baseline][of]
                numbers[:, p, m], codes[:, p, m] = ours - theirs, np.where(why > 0, why, why_theirs)
            else:
                pair = against[plan][added.index(name)] if name in added else found[plan][own.index(name)]
                numbers[:, p, m], codes[:, p, m] = pair
    return numbers, codes


def _own(scenario: Scenario, plan: str, names: Sequence[str], reasons: Reasons) -> FloatArray:
    """A plan's own figures and their reason numbers, ``(names, 2, cases)``."""
    if not names:
        return np.empty((0, 2, scenario.cases))
    found = measured(scenario, plan, lambda one: _stacked(list(figures_of(one, names).values()), reasons))
    return found.reshape(len(names), 2, -1)


def _incremental(
    scenario: Scenario, plans: Sequence[str], names: Sequence[str], reasons: Reasons
) -> dict[str, FloatArray]:
    """Figures of what each plan adds to the baseline, and their reason numbers, ``(names, 2, ·)`` by plan."""
    baseline = scenario.baseline_plan.name
    rivals = [plan for plan in plans if plan != baseline]

    def measure(evaluation: Evaluation) -> dict[str, FloatArray]:
        rows = {}
        for plan in rivals:
            named = [CATALOGUE[name].measure(evaluation, plan) for name in names]
            for row, values in enumerate(_stacked(named, reasons)):
                rows[f"{row} {plan}"] = values
        return rows

    found = outcomes(scenario, measure) if rivals else {}
    own = _stacked([of_baseline(name) for name in names], reasons)
    rows = {plan: np.stack([found[f"{row} {plan}"] for row in range(2 * len(names))]) for plan in rivals}
    return {plan: rows.get(plan, own).reshape(len(names), 2, -1) for plan in plans}


def _stacked(metrics: Sequence[Metric], reasons: Reasons) -> FloatArray:
    """Each metric's numbers and, in the next row, its reason numbers, ``(2 x metrics, ·)``."""
    rows = [row for metric in metrics for row in coded(metric, reasons)]
    return np.stack(np.broadcast_arrays(*rows))


def coded(metric: Metric, reasons: Reasons) -> tuple[FloatArray, FloatArray]:
    """A metric's numbers and their reason numbers, ``(·,)`` both; new reasons are added to ``reasons``."""
    numbers = metric.numbers + 0.0  # which turns -0.0 into 0.0
    codes = np.zeros(numbers.shape)
    for case in np.flatnonzero(np.isnan(numbers)).tolist():
        codes[case] = reasons.setdefault(metric.reasons[case], len(reasons) + 1)
    return np.where(codes == 0.0, numbers, np.nan), codes
