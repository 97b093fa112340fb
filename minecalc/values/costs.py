"""Costs that rise: what a running cost is in each month where a scenario has a rate of inflation.

A running cost (of a site, of mining, of GPUs, of rented space) that says no growth of its own, as a plain number or a
season does, grows by the scenario's inflation from its first month on, (1 + i)^((k - 1) / 12); one that grows, or is
given at dates, is what it says. Power has prices of its own, and what machines, GPUs and buildings cost is no running
cost: neither is meant. Without inflation costs stand still.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, Number
from minecalc.timeline import Timeline
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Constant, Growth, Season, Shape, Unstated


def cost_by_month(value: ValueOverTime, inflation_fraction_per_year: Number, timeline: Timeline) -> FloatArray:
    """A running cost by month, ``(1|months, ·)``, in its own unit; the inflation is a float or a column."""
    still = not isinstance(inflation_fraction_per_year, np.ndarray) and not inflation_fraction_per_year
    shape = value.shape if still else _rising(value.shape, inflation_fraction_per_year)
    if shape is value.shape or isinstance(shape, Unstated):
        return value.values(timeline)
    return value.moved(shape.values(timeline))


def stands_still(value: ValueOverTime) -> bool:
    """Whether a running cost says no growth of its own, so that inflation moves it."""
    return _rising(value.shape, 0.0) is not value.shape


def _rising(shape: Shape, growth_fraction_per_year: Number) -> Shape:
    """``shape`` with this growth, if it has none of its own."""
    match shape:
        case Constant(amount):
            return Growth(amount, growth_fraction_per_year)
        case Season(amounts, None):
            return Season(amounts, growth_fraction_per_year)
    return shape
