"""What a whole sweep says: the spread of each figure, where its ends are, who wins how often, what has no answer.

Chunks are taken one after the other from a function, so that they may lie on disk; at most one figure of one plan is
in memory for all cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from minecalc.analysis.sweep.cases import Chunk, IntArray, Sweep
from minecalc.arrays import FloatArray

Load = Callable[[int], Chunk]

_TURNS_MOST = 4

#: Figures that rank plans, the first that is there; what a plan is ahead of the baseline ranks as its worth does.
_WORTH = ("npv_at_scenario_rate_usd", "npv_difference_at_scenario_rate_usd", "npv_usd")


class Spread(NamedTuple):
    """One figure of one plan over all cases; None if no case has it. ``missing`` counts the cases without, by reason.

    ``low_case`` and ``high_case`` are the first cases (from 0) with the smallest and the largest figure; ``turns`` are
    the first few cases after which the figure changes sign.
    """

    plan: str
    metric: str
    low: float | None
    median: float | None
    high: float | None
    low_case: int
    high_case: int
    positive: int
    turns: tuple[int, ...]
    missing: Mapping[str, int]


class Summary(NamedTuple):
    """The spreads by plan and metric, and in how many cases each plan is worth most (none without a worth).

    Plans are ranked at the scenario's rate where a figure at it is there, else by ``npv_usd``.

    Of plans worth the same the first counts.
    """

    spreads: Mapping[tuple[str, str], Spread]
    wins: Mapping[str, int]


def summary(sweep: Sweep, load: Load) -> Summary:
    """What all cases of a finished sweep say."""
    missing = {(plan, metric): Counter[str]() for plan in sweep.plans for metric in sweep.metrics}
    worth_by = next((name for name in _WORTH if name in sweep.metrics), "")
    wins = dict.fromkeys(sweep.plans, 0) if worth_by else {}
    for number in range(sweep.chunks):
        chunk = load(number)
        for p, m in np.argwhere(chunk.codes.any(axis=0)).tolist():
            codes, counts = np.unique(chunk.codes[:, p, m], return_counts=True)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                if code:
                    missing[sweep.plans[p], sweep.metrics[m]][chunk.reasons[code - 1]] += count
        if wins:
            worth = np.nan_to_num(chunk.figures[:, :, sweep.metrics.index(worth_by)], nan=-np.inf)
            for p, count in enumerate(np.bincount(worth.argmax(axis=1), minlength=len(wins)).tolist()):
                wins[sweep.plans[p]] += count
    spreads = {
        (plan, metric): _spread(sweep, load, p, m, missing[plan, metric])
        for p, plan in enumerate(sweep.plans)
        for m, metric in enumerate(sweep.metrics)
    }
    return Summary(spreads, wins)


def _spread(sweep: Sweep, load: Load, p: int, m: int, missing: Mapping[str, int]) -> Spread:
    known, count = np.empty(sweep.cases), 0
    low, high, low_case, high_case = np.inf, -np.inf, 0, 0
    positive, turns, before = 0, list[int](), np.zeros(0, dtype=np.bool_)
    for number in range(sweep.chunks):
        values = load(number).figures[:, p, m]
        first = number * sweep.chunk_cases
        above = values > 0.0
        changes = np.flatnonzero(np.diff(np.concatenate([before, above]))) - before.size
        turns += (changes + first)[: _TURNS_MOST - len(turns)].tolist()
        before, positive = above[-1:], positive + int(np.count_nonzero(above))
        here = np.flatnonzero(~np.isnan(values))
        if not here.size:
            continue
        known[count : count + here.size] = values[here]
        count += here.size
        least, most = here[np.argmin(values[here])], here[np.argmax(values[here])]
        if values[least] < low:
            low, low_case = float(values[least]), first + int(least)
        if values[most] > high:
            high, high_case = float(values[most]), first + int(most)
    plan, metric = sweep.plans[p], sweep.metrics[m]
    if not count:
        return Spread(plan, metric, None, None, None, 0, 0, 0, (), missing)
    median = float(np.median(known[:count], overwrite_input=True))
    return Spread(plan, metric, low, median, high, low_case, high_case, positive, tuple(turns), missing)


def figures_at(sweep: Sweep, load: Load, cases: IntArray) -> FloatArray:
    """The figures of some cases, ``(cases, plans, metrics)``."""
    found = np.empty((cases.size, len(sweep.plans), len(sweep.metrics)))
    chunks = cases // sweep.chunk_cases
    for number in np.unique(chunks).tolist():
        here = np.flatnonzero(chunks == number)
        found[here] = load(number).figures[cases[here] - number * sweep.chunk_cases]
    return found


def reason_at(sweep: Sweep, load: Load, case: int, plan: str, metric: str) -> str:
    """Why a case has no figure; "" if it has one."""
    chunk = load(case // sweep.chunk_cases)
    code = int(chunk.codes[case % sweep.chunk_cases, sweep.plans.index(plan), sweep.metrics.index(metric)])
    return chunk.reasons[code - 1] if code else ""
