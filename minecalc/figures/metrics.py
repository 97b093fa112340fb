"""What a figure of a plan is, and the catalogue of them: names, units, labels, and how each is measured."""

from collections.abc import Callable, Mapping
from math import isnan
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate
from minecalc.finance import returns
from minecalc.trace import decided, plain, recorded
from minecalc.units import unit_of

#: What a figure is of: a plan, its choice of when to stop, its physical amounts, what is told beside its flows, or
#: what its flows add to the baseline's. Those of a corner or of debt exist only where a plan has them.
Of = Literal["plan", "corner", "debt", "choice", "quantity", "memo", "incremental"]


class Metric(NamedTuple):
    """One figure for every case: ``numbers (cases,)`` with NaN where ``reasons`` says why there is none."""

    numbers: FloatArray
    reasons: Mapping[int, str] = MappingProxyType({})

    def number(self, case: int = 0) -> float | None:
        """The figure of one case, or None; never NaN, never -0."""
        value = float(self.numbers[case if self.numbers.size > 1 else 0])
        return None if isnan(value) else value + 0.0

    def reason(self, case: int = 0) -> str | None:
        """Why one case has no figure; None if it has one."""
        return self.reasons.get(case if self.numbers.size > 1 else 0)


def answered(rule: Callable[..., returns.Answers], *operands: FloatArray | Number) -> Metric:
    """A rule of ``returns`` on flows and rates; a trace records it as one step of its name."""
    found = returns.where_finite(rule, *map(plain, operands))
    return from_answers(found, rule.__name__, *operands)


def from_answers(answers: returns.Answers, rule: str, *operands: FloatArray | Number) -> Metric:
    """Answers of the rule of ``returns`` that is called ``rule``, with the reasons of those that are missing."""
    missing = np.flatnonzero(~answers.known).tolist()
    numbers = recorded(rule, answers.numbers, *operands)
    return Metric(numbers, {case: answers.reason(case) or "" for case in missing})


def known(numbers: FloatArray, known: BoolArray | bool, reason: str) -> Metric:
    """``numbers (·,)`` where ``known (·,)``, else none for ``reason``."""
    there = np.asarray(decided(known), dtype=np.bool_)
    keep = np.broadcast_to(there, np.broadcast_shapes(there.shape, numbers.shape))
    found = recorded("where", np.where(keep, plain(numbers), np.nan), known, numbers, np.nan)
    return Metric(found, dict.fromkeys(np.flatnonzero(~keep).tolist(), reason))


def missing(reason: str) -> Metric:
    """None in any case, for ``reason``."""
    return Metric(np.array([np.nan]), {0: reason})


def total(arrays: Mapping[str, FloatArray], name: str, months: int) -> FloatArray:
    """The sum over the horizon of what flows tell month by month under this name, 0 where they tell none: ``(·,)``."""
    values = arrays.get(name, np.zeros((1, 1)))
    return accumulate(np.broadcast_to(values, (months, values.shape[1])))


def ratio(above: FloatArray, below: FloatArray, reason: str) -> Metric:
    """Numbers ``(·,)`` over others, case by case; none for ``reason`` where these are zero."""
    return known(above / np.where(below != 0.0, below, 1.0), below != 0.0, reason)


def peak_funding(flow: FloatArray) -> Metric:
    """The most money that ``flow (points, ·)`` has needed by any point in time, positive."""
    finite = np.isfinite(plain(flow)).all(axis=0)
    if finite.all():
        return Metric(recorded("peak_funding", returns.peak_funding(plain(flow)), flow))
    return known(returns.peak_funding(np.where(finite, plain(flow), 0.0)), finite, returns.Missing.NOT_FINITE)


class Figure(NamedTuple):
    """One figure of a plan.

    ``measure`` takes a ``PlanEvaluation``, or, of an incremental figure, an ``Evaluation`` and the plan's name, and
    gives a ``Metric``. Incremental figures of the baseline itself are ``of_baseline``. ``label`` is what readers call
    it within a sentence, by default the words of its name; ``short`` is another name of it for ``--target``; a
    figure that is ``difference_of`` another is that of the plan less that of the baseline.
    """

    name: str
    of: Of
    measure: Callable[..., Metric]
    label: str = ""
    short: str = ""
    own_unit: str = ""
    difference_of: str = ""
    of_baseline: float | None = None

    @property
    def unit(self) -> str:
        """Its unit, a suffix of ``units``: that at the end of its name, or its own."""
        return self.own_unit or unit_of(self.name) or "ratio"


#: Every figure by name; in JSON they stand in this order.
CATALOGUE: dict[str, Figure] = {}


def register(*figures: Figure) -> None:
    """Add figures to the catalogue. ValueError for a name that it has already, or whose last words are no unit."""
    for figure in figures:
        unit = unit_of(figure.name)
        if unit is not None and "_per_" in figure.name.removesuffix(unit):
            raise ValueError(f"{figure.name} would be shown in {unit}; add its unit to units.UNIT_SUFFIXES first")
        if figure.name in CATALOGUE:
            raise ValueError(f"there is a figure {figure.name} already")
        CATALOGUE[figure.name] = figure
