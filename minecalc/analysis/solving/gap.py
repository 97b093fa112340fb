"""What a break-even brings to zero: the gap between two plans' worth, or between a plan's figure and its target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.analysis.solving.crossings import Whole
from minecalc.analysis.solving.dependence import Measure, OwnCases, in_chunks, own_cases, reads
from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.metrics import plan_metrics
from minecalc.scenario import Scenario
from minecalc.varying import vary

_NPV = "npv_usd"

#: Short names of figures that are often asked for.
TARGETS = {
    "npv": _NPV,
    "irr": "irr_fraction_per_year",
    "mirr": "mirr_fraction_per_year",
    "payback": "payback_months",
    "moic": "moic_ratio",
}


class Question(NamedTuple):
    """When is ``plan`` worth as much as ``against``? Without that: when is its ``metric`` the number ``target``?

    Worth is the NPV at each plan's own rate; a metric is a name of ``plan_metrics``.
    """

    plan: str
    against: str | None = None
    metric: str = _NPV
    target: float = 0.0


class Gap:
    """The gap that a question is about, in some cases, as a function of one input; NaN where there is none.

    Only the plans that the input moves are evaluated, and each only for the cases that differ to it.
    """

    def __init__(self, scenario: Scenario, at: str, question: Question) -> None:
        self._at, self._question = at, question
        self._own: dict[str, OwnCases] = {}
        self._still: dict[str, tuple[FloatArray, FloatArray]] = {}
        for name in (question.plan, question.against):
            if name is None:
                continue
            needs = reads(scenario, name)
            own = own_cases(scenario, needs)
            if needs.input(at):
                self._own[name] = own
            else:
                figure, size = in_chunks(own.scenario, name, self._measure(with_size=True))
                self._still[name] = figure[own.place], size[own.place]

    def __call__(self, x: FloatArray, which: Whole) -> FloatArray:
        """The gap in the cases ``which (m,)`` at ``x (m,)``."""
        gap: FloatArray = self._gap(x, which, with_size=False)[0]
        return gap

    def sized(self, x: FloatArray, which: Whole) -> FloatArray:
        """The gap and the size of what it is a difference of, which its rounding goes by: ``(2, m)``."""
        return self._gap(x, which, with_size=True)

    def _gap(self, x: FloatArray, which: Whole, *, with_size: bool) -> FloatArray:
        question = self._question
        found = self._figures(question.plan, x, which, with_size=with_size)
        with np.errstate(all="ignore"):
            found[0] -= question.target
            if question.against is not None:
                other = self._figures(question.against, x, which, with_size=with_size)
                found[0] -= other[0]
                found[1:] += other[1:]
        found[~np.isfinite(found)] = np.nan
        return found

    def _figures(self, name: str, x: FloatArray, which: Whole, *, with_size: bool) -> FloatArray:
        """The plan's figure, and its size if wanted, ``(1|2, m)``."""
        if name in self._still:
            return np.stack([part[which] for part in self._still[name][: 1 + with_size]])
        own = self._own[name]
        rows, back = own.place[which], None
        if own.scenario.cases < own.place.size:  # some cases are the same to this plan: so may be some rows
            rows, x, back = _distinct(rows, x)
        columns = {path: column[rows] for path, column in own.scenario.columns.items()}
        varied = vary(own.scenario, {**columns, self._at: x}, used_ranges=False)
        with np.errstate(all="ignore"):
            found = in_chunks(varied, name, self._measure(with_size=with_size))
        return found if back is None else found[:, back]

    def _measure(self, *, with_size: bool) -> Measure:
        metric = self._question.metric
        if metric == _NPV:
            return _worth_and_size if with_size else _worth
        return lambda plan: _figure(plan, metric)[: 1 + with_size]


def figures(scenario: Scenario) -> list[str]:
    """The names of the figures of a plan of ``scenario``."""
    return list(plan_metrics(evaluate(scenario, ()).baseline))


def _distinct(rows: Whole, x: FloatArray) -> tuple[Whole, FloatArray, Whole]:
    """The different pairs of a row and a number, and which pair each is."""
    numbers, code = np.unique(x, return_inverse=True)
    pairs, back = np.unique(rows * numbers.size + code, return_inverse=True)
    return pairs // numbers.size, numbers[pairs % numbers.size], back


def _worth(plan: PlanEvaluation) -> FloatArray:
    """NPV at the plan's own rate, ``(1, ·)``."""
    return plan.npv_usd[None]


def _worth_and_size(plan: PlanEvaluation) -> FloatArray:
    """NPV at the plan's own rate, and the sum of the present values it is made of without their signs, ``(2, ·)``."""
    present_values = plan.net_usd * plan.engine.discount(plan.engine.scenario.rate(plan.plan))
    return np.stack([plan.npv_usd, accumulate(np.abs(present_values))])


def _figure(plan: PlanEvaluation, metric: str) -> FloatArray:
    """A figure of the plan, and the money that moves, or 1 where the figure is none of money, ``(2, ·)``."""
    known = plan_metrics(plan)
    if metric not in known:
        raise ValueError(f"{metric} is no figure of a plan; there are {', '.join(known)}")
    number = known[metric].numbers
    size = accumulate(np.abs(plan.net_usd)) if metric.endswith("_usd") else np.ones(1)
    return np.stack(np.broadcast_arrays(number, size))
