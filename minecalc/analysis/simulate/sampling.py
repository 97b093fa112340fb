"""Which paths are independent of which, and what that makes of the error of a mean or of a share.

One rule serves independent, antithetic and replicated Sobol draws: paths are in units that are independent of each
other (a path, a mirrored pair, a scrambled copy), and the scatter of the units' sums is the error: the linearised
variance of cluster samples (Wolter 2007, Introduction to Variance Estimation, chapter 6). For independent paths it is
the usual standard error; for equal replicates, their standard deviation over the root of their number.
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


class MeanError(NamedTuple):
    """The standard error of a mean, and how many of them its interval reaches to each side (Student's t)."""

    error: float
    reach: float


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
        squares, units = self._scatter(influence, known)
        if units < 2:
            return None
        error = math.sqrt(squares * units / (units - 1)) / int(np.count_nonzero(known))
        return MeanError(error, _reach(units))

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
        squares, units = self._scatter(np.where(known, event - share, 0.0), known)
        if units < 2:
            return None
        variance = max(squares, 1.0) * units / (units - 1) / paths**2
        return share * (1.0 - share) / variance * (NORMAL_QUANTILE / _reach(units)) ** 2

    def _scatter(self, influence: FloatArray, known: BoolArray) -> tuple[float, int]:
        """The sum of squares of the units' sums, and how many units have a known path."""
        sums, count = influence, int(np.count_nonzero(known))
        if self.units is not None:
            sums = np.bincount(self.units, weights=influence).astype(np.float64)
            count = int(np.count_nonzero(np.bincount(self.units, weights=known)))
        return float(accumulate((sums * sums)[:, None])[0]), count


def _reach(units: int) -> float:
    """Student's t for the confidence and one degree of freedom less than units."""
    from scipy.special import stdtrit

    return float(stdtrit(units - 1, 0.5 + CONFIDENCE / 2))
