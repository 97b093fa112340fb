"""How often what came lay inside the forecast's bands, and what chance alone would make of bands that are right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.randomness.processes import walk

#: Months ahead at which forecasts are compared with what came.
HORIZONS = (3, 6, 12, 24)


class Band(NamedTuple):
    """A band of a forecast, between two percentiles given as fractions."""

    low: float
    high: float

    @property
    def name(self) -> str:
        """As people write it: ``P10-P90``."""
        return f"P{100.0 * self.low:.0f}-P{100.0 * self.high:.0f}"

    @property
    def width(self) -> float:
        """The share of outcomes that it should hold."""
        return self.high - self.low


BANDS = (Band(0.25, 0.75), Band(0.10, 0.90), Band(0.05, 0.95))
#: The one that is judged.
JUDGED = BANDS[1]

#: Made-up histories that tell how far chance takes the coverage, and the share of them that the interval holds.
_HISTORIES, CHANCE = 2000, 0.9
_CHANCE_SEED = 1


class Chance(NamedTuple):
    """What chance makes of the share of outcomes inside a band that is right.

    It lies from ``low`` to ``high`` in nine of ten histories; ``error`` is its standard error, and as many independent
    forecasts as ``effective_count`` would have the same.
    """

    low: float
    high: float
    error: float
    effective_count: float

    def holds(self, share: float) -> bool:
        """Whether chance explains ``share``."""
        return self.low <= share <= self.high


@dataclass(frozen=True)
class Coverage:
    """Forecasts of one variable at one horizon: the shares inside each band and above the median.

    ``errors`` are the standard errors of the shares inside, and the others end in ``_error``: how far other paths would
    move them. They are 0 of forecasts that are exact.
    """

    dates: int
    inside: Mapping[Band, float]
    above_median: float
    mean_pit: float
    errors: Mapping[Band, float]
    above_median_error: float
    mean_pit_error: float

    @property
    def judged(self) -> float:
        """The share inside P10-P90."""
        return self.inside[JUDGED]


def coverage(pits: FloatArray, paths: int | None) -> Coverage:
    """The coverage of forecasts, one or more, from the share of each one's ``paths`` that lies below what came.

    ``paths`` None: the shares are no estimates. Forecasts are drawn independently of each other.
    """
    inside = {band: float(np.count_nonzero((pits >= band.low) & (pits <= band.high))) / pits.size for band in BANDS}
    above = float(np.count_nonzero(pits > 0.5)) / pits.size
    errors = {band: _error_of_share(pits, paths, band.low, band.high) for band in BANDS}
    mean_pit_error = 0.0
    if paths is not None:  # a share that came out as 0 or 1 is not known to be: one path more either way
        shares = (pits * paths + 1.0) / (paths + 2.0)
        mean_pit_error = math.sqrt(math.fsum(shares * (1.0 - shares) / paths)) / pits.size
    return Coverage(
        pits.size,
        inside,
        above,
        math.fsum(pits) / pits.size,
        errors,
        _error_of_share(pits, paths, 0.5, 1.0),
        mean_pit_error,
    )


def _error_of_share(pits: FloatArray, paths: int | None, low: float, high: float) -> float:
    """The standard error of the share of forecasts whose outcome lies from ``low`` to ``high``.

    On other paths an outcome's place is another, by a binomial's scatter, so those near an edge might fall on the other
    side of it.
    """
    if paths is None:
        return 0.0
    variances = []
    for pit in pits.tolist():
        share = (pit * paths + 1.0) / (paths + 2.0)
        place = NormalDist(share, math.sqrt(share * (1.0 - share) / paths))
        chance = (1.0 if high == 1.0 else place.cdf(high)) - place.cdf(low)
        variances.append(max(chance * (1.0 - chance), 0.0))
    return math.sqrt(math.fsum(variances)) / pits.size


@cache
def by_chance(dates: int, horizon: int) -> Mapping[Band, Chance]:
    """What chance makes of right bands, for monthly forecasts from so many ``dates``, ``horizon`` months ahead.

    Forecasts from neighbouring months share most of what comes after, so a hundred of them are far from a hundred
    independent ones. Made-up random walks of the same length, with bands that are right, count that in. As many
    independent forecasts would have the same error as its square goes into the variance of a single one.
    """
    walks = walk(np.random.default_rng(_CHANCE_SEED).standard_normal((dates + horizon - 1, _HISTORIES)))
    errors = walks[horizon - 1 :].copy()
    errors[1:] -= walks[: dates - 1]
    found = {}
    for band in BANDS:
        reach = NormalDist().inv_cdf(band.high) * math.sqrt(horizon)
        shares = np.count_nonzero(np.abs(errors) <= reach, axis=0) / dates
        low, high = np.quantile(shares, [(1.0 - CHANCE) / 2.0, (1.0 + CHANCE) / 2.0]).tolist()
        error = float(np.std(shares, ddof=1))
        count = min(band.width * (1.0 - band.width) / error**2, float(dates))
        found[band] = Chance(low, high, error, count)
    return found
