"""The break-even of one input over the range of another: a line on which two plans are worth the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable
from minecalc.scenario.varying import vary
from minecalc.solving.gap import Question
from minecalc.solving.solve import Solutions, solve


class Frontier(NamedTuple):
    """For each value of ``by`` (as people know it, of the first month, ``(points,)``) the answers of another input."""

    by: Movable
    by_values: FloatArray
    solutions: Solutions

    @property
    def by_x(self) -> FloatArray:
        """What the movable input ``by`` takes for its values, ``(points,)``."""
        return _x(self.by, self.by_values)


class AxisError(ValueError):
    """Values that the input of an axis cannot take."""


def axis(by: Movable, low: float, high: float, points: int) -> FloatArray:
    """Values of ``by`` from ``low`` to ``high``, evenly spread, each once; whole numbers for a count or a date.

    Raises AxisError for values outside the range of the input, too few points or an input that cannot be scaled.
    """
    if points < 2 or not low < high:
        raise AxisError(f"{by.path} takes low:high:n with low below high and at least 2 points")
    if by.base == 0.0:
        raise AxisError(f"{by.path} begins at 0, so it cannot be scaled to another value")
    values = np.linspace(low, high, points)
    if by.whole:
        values = np.unique(np.rint(values))
    x = _x(by, values)
    if min(x) < by.low or max(x) > by.high:
        raise AxisError(f"{by.path} lies in {by.range[0]:,.12g}..{by.range[1]:,.12g}")
    return values


def frontier(scenario: Scenario, path: str, question: Question, by: Movable, by_values: FloatArray) -> Frontier:
    """Where the gap of ``question`` closes as the input at ``path`` moves, for every value of ``by``.

    The scenario must be a single case. Raises ValueError as ``solve``, and if both are one input.
    """
    return Frontier(by, by_values, solve(vary(scenario, {by.at: _x(by, by_values)}), path, question))


def _x(by: Movable, values: FloatArray) -> FloatArray:
    """What the movable input takes for values of the first month."""
    return (values - by.offset) / by.base
