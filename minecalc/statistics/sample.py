"""One figure over all simulated paths: mean, spread, percentiles, probability of loss, expected shortfall.

Each says of how many paths it is; a path without the figure is counted with its reason and never taken for zero.
Percentiles are percentiles, never exceedances: P90 is the high end, of costs too. Sums run over the paths in their
order, so no number depends on blocks or workers.

Where tails are so heavy that a few paths which are not there would make the mean, its error cannot be told from those
that are: then none is. A standard deviation, a mean of squares, comes to that far sooner.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.statistics.estimates import (
    UNKNOWN,
    Estimate,
    deviation_estimate,
    lower_tail_index,
    mean_estimate,
    percentile,
    percentile_estimate,
    probability,
    tail_index,
)
from minecalc.statistics.sampling import Sampling, total

#: Paths that an expected shortfall needs in its tail before its error is told: below, the error is itself a guess.
TAIL_PATHS = 10

#: Tails from this index on leave no error of a mean, and of a standard deviation: intervals would hold the truth in
#: clearly less than 95% of simulations (measured on lognormal and Student-t prices, and on plans that live by them).
MEAN_TAIL_MOST, DEVIATION_TAIL_MOST = 0.8, 0.4
#: Unless what is averaged is less skewed than this (its skewness over the root of the paths): a figure that few paths
#: have at all looks as heavy, but has no path that outweighs all others.
MEAN_SKEWNESS_LEAST, DEVIATION_SKEWNESS_LEAST = 0.1, 0.2


@dataclass(frozen=True, eq=False)
class Sample:
    """One figure of every path: ``values (paths,)``, NaN where it has none, and how they were drawn.

    ``undefined`` counts the paths without it by reason. Raises ``ValueError`` for an infinity, another number of
    values than of paths drawn, or counts that do not add up to the NaNs.
    """

    values: FloatArray
    sampling: Sampling
    undefined: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != (self.sampling.paths,):
            raise ValueError(f"values of shape {self.values.shape} for {self.sampling.paths} paths")
        if np.isinf(self.values).any():
            raise ValueError("an infinity is no figure; use NaN and a reason")
        missing, told = self.values.size - self.paths, sum(self.undefined.values())
        if missing != told:
            raise ValueError(f"{missing} paths have no figure, {told} have a reason")

    @cached_property
    def known(self) -> BoolArray:
        """Whether each path has the figure ``(paths,)``."""
        return ~np.isnan(self.values)

    @cached_property
    def paths(self) -> int:
        """How many paths have the figure."""
        return int(np.count_nonzero(self.known))

    @cached_property
    def ordered(self) -> FloatArray:
        """The figures that there are, in ascending order."""
        return np.sort(self.values)[: self.paths]

    @cached_property
    def mean(self) -> Estimate:
        """The mean."""
        return self._estimate(self._mean, self._centred(), self._tail) if self.paths else UNKNOWN

    @cached_property
    def standard_deviation(self) -> Estimate:
        """The sample standard deviation (over n - 1)."""
        if self.paths < 2:
            return UNKNOWN._replace(paths=self.paths)
        squares = self._centred() ** 2
        mean_square = total(squares) / self.paths
        deviation = math.sqrt(mean_square * self.paths / (self.paths - 1))
        if deviation == 0.0:
            return Estimate(0.0, 0.0, 0.0, 0.0, self.paths)
        influence = (squares - mean_square) * self.known
        if self._tail >= DEVIATION_TAIL_MOST and _skewness(influence) >= DEVIATION_SKEWNESS_LEAST:
            return self._untold(deviation)
        return deviation_estimate(deviation, self.sampling.error_of_mean(influence, self.known), self.paths)

    def percentile(self, percent: float) -> Estimate:
        """The ``percent``-th percentile (0..100), as Excel's PERCENTILE.INC, between order statistics."""
        if not self.paths:
            return UNKNOWN
        number = percentile(self.ordered, percent)
        worth = self.sampling.effective_paths(self.values <= number, self.known)
        return percentile_estimate(self.ordered, percent, worth)

    @cached_property
    def probability_of_loss(self) -> Estimate:
        """The share of paths on which the figure is below zero."""
        return probability(self.values < 0.0, self.known, self.sampling)

    def expected_shortfall(self, tail_fraction: float) -> Estimate:
        """The mean of the worst (lowest) ``tail_fraction`` of paths, as an amount of the figure: a loss is negative.

        Of Rockafellar and Uryasev (2002, Journal of Banking and Finance 26, 1443-1471): the path on the boundary has
        the part of its weight that lies in the tail. Without an error if fewer than ``TAIL_PATHS`` lie in it. Raises
        ``ValueError`` for a tail outside 0..1 or empty.
        """
        if not 0.0 < tail_fraction <= 1.0:
            raise ValueError(f"a tail of {tail_fraction} is none; it lies above 0 and up to 1")
        if not self.paths:
            return UNKNOWN
        weight = tail_fraction * self.paths
        boundary = float(self.ordered[min(math.ceil(weight), self.paths) - 1])
        beyond = np.maximum(boundary - np.where(self.known, self.values, boundary), 0.0)
        below = total(beyond) / weight
        if weight < TAIL_PATHS:
            return Estimate(boundary - below, None, None, None, self.paths)
        influence = (below - beyond / tail_fraction) * self.known
        return self._estimate(boundary - below, influence, lower_tail_index(self.ordered))

    @cached_property
    def _mean(self) -> float:
        """Added up from the median on, so that equal figures have exactly their mean."""
        middle = float(self.ordered[self.paths // 2])
        return middle + total(np.where(self.known, self.values - middle, 0.0)) / self.paths

    def _centred(self) -> FloatArray:
        """Not kept: it is as large as the sample."""
        return np.where(self.known, self.values - self._mean, 0.0)

    @cached_property
    def _tail(self) -> float:
        return tail_index(self.ordered)

    def _estimate(self, number: float, influence: FloatArray, tail: float) -> Estimate:
        if tail >= MEAN_TAIL_MOST and _skewness(influence) >= MEAN_SKEWNESS_LEAST:
            return self._untold(number)
        return mean_estimate(number, self.sampling.error_of_mean(influence, self.known), self.paths)

    def _untold(self, number: float) -> Estimate:
        reason = f"the tail is too heavy for {self.paths:,} paths to tell"
        return Estimate(number, None, None, None, self.paths, reason=reason)


def _skewness(influence: FloatArray) -> float:
    """The skewness of a mean, without its sign, from what each path adds to it; at most 1, of one path that is all."""
    size = math.sqrt(total(influence * influence))
    return abs(total((influence / size) ** 3)) if size else 0.0
