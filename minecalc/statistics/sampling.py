"""Which paths are independent of which, and what that makes of the error of a mean or of a share.

One rule serves independent, antithetic and replicated Sobol draws: paths are in units that are independent of each
other (a path, a mirrored pair, a scrambled copy), and the scatter of the units' sums is the error: the linearised
variance of cluster samples (Wolter 2007, Introduction to Variance Estimation, chapter 6). For independent paths it is
the usual standard error; for equal replicates, their standard deviation over the root of their number.

A mean of skewed units is skewed too, and Student's t then misses the truth on the side of the long tail more often than
it says. Hall's transformation of t (1992, Journal of the Royal Statistical Society B 54, 221-228) takes the skewness
out: its interval reaches further on that side and less far on the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES, Draws

#: What share of intervals holds the truth, and how many standard errors a normal's interval is wide to each side.
CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.959963984540054

#: From how many units on their skewness is told from chance; a skewness that changes nothing.
_UNITS_SKEWED, _NO_SKEWNESS = 100, 1e-6


class MeanError(NamedTuple):
    """The standard error of a mean, and how far its interval reaches below and above, in the mean's own unit."""

    error: float
    below: float
    above: float


@dataclass(frozen=True)
class Sampling:
    """How ``paths`` paths were drawn; they lie in the order of ``randomness.streams``."""

    draws: Draws
    paths: int

    @cached_property
    def units(self) -> NDArray[np.intp] | None:
        """The number of the unit that each path belongs to ``(paths,)``; None if every path is its own."""
        if self.draws == "independent":
            return None
        block, place = np.divmod(np.arange(self.paths), BLOCK_PATHS)
        half = BLOCK_PATHS // 2
        units: NDArray[np.intp] = block * half + place % half if self.draws == "antithetic" else block % REPLICATES
        return units

    def error_of_mean(self, influence: FloatArray, known: BoolArray) -> MeanError | None:
        """The error of the mean of ``influence (paths,)`` over the ``known`` paths; None from fewer than two units.

        ``influence`` is centred (its sum is zero), and zero where not ``known``. What is no mean has one too:
        how much each path moves it, times the number of paths.
        """
        sums, units = self._unit_sums(influence, known)
        if units < 2:
            return None
        squares = total(sums * sums)
        error = math.sqrt(squares * units / (units - 1)) / int(np.count_nonzero(known))
        below = above = reach = _reach(units)
        if units >= _UNITS_SKEWED and squares > 0.0:
            below, above = _skewed(reach, total((sums / math.sqrt(squares)) ** 3))
        return MeanError(error, error * below, error * above)

    def effective_paths(self, event: BoolArray, known: BoolArray) -> float | None:
        """As how many independent paths these count for the share of ``event`` among the ``known``; None if unknowable.

        An event is ``known``. The share's variance decides (Korn and Graubard 1998, Survey Methodology 24, 193-201),
        never below that of one path more or less. If it happens in all paths or in none, a pair counts once.
        """
        paths, happened = int(np.count_nonzero(known)), int(np.count_nonzero(event))
        if paths == 0:
            return None
        if self.draws == "independent":
            return float(paths)
        if happened in (0, paths):
            return paths / 2 if self.draws == "antithetic" else float(paths)
        share = happened / paths
        sums, units = self._unit_sums(np.where(known, event - share, 0.0), known)
        if units < 2:
            return None
        variance = max(total(sums * sums), 1.0) * units / (units - 1) / paths**2
        return share * (1.0 - share) / variance * (NORMAL_QUANTILE / _reach(units)) ** 2

    def _unit_sums(self, influence: FloatArray, known: BoolArray) -> tuple[FloatArray, int]:
        """The units' sums ``(units,)``, and how many units have a known path."""
        sums, count = influence, int(np.count_nonzero(known))
        if self.units is not None:
            sums = np.bincount(self.units, weights=influence).astype(np.float64)
            count = int(np.count_nonzero(np.bincount(self.units, weights=known)))
        return sums, count


def total(values: FloatArray) -> float:
    """The sum of ``values (paths,)``, added in order."""
    return float(accumulate(values[:, None])[0])


def _skewed(reach: float, skewness: float) -> tuple[float, float]:
    """How many standard errors Hall's interval reaches below and above, where t's is ``reach`` both ways.

    ``skewness`` is that of the mean: that of a unit over the root of the number of units.
    """
    if abs(skewness) < _NO_SKEWNESS:
        return reach, reach
    below = math.cbrt(1.0 + skewness * (reach - skewness / 6.0)) - 1.0
    above = 1.0 - math.cbrt(1.0 - skewness * (reach + skewness / 6.0))
    return 3.0 / skewness * below, 3.0 / skewness * above


def _reach(units: int) -> float:
    """Student's t for the confidence and one degree of freedom less than units."""
    from scipy.special import stdtrit

    return float(stdtrit(units - 1, 0.5 + CONFIDENCE / 2))
