"""Whether a sample has the moments asked for, judged by the standard errors that the sample itself shows.

Seeds are fixed, so these tests never fail by chance; five standard errors leave a sound generator room for any seed.
A test shows how sharp it is by a wrong request that the same sample refuses.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from minecalc.arrays import FloatArray

ERRORS = 5.0


def has_mean(sample: npt.ArrayLike, wanted: float) -> bool:
    """Whether the mean of independent numbers may be ``wanted``."""
    values = np.ravel(sample)
    return bool(abs(values.mean() - wanted) <= ERRORS * values.std() / np.sqrt(values.size))


def has_variance(sample: npt.ArrayLike, wanted: float) -> bool:
    """Whether the variance of independent numbers may be ``wanted``."""
    values = np.ravel(sample)
    return has_mean((values - values.mean()) ** 2, wanted)


def has_correlation(one: FloatArray, other: FloatArray, wanted: float) -> bool:
    """Whether independent pairs may have this correlation; the error is that of its influence function."""
    x, y = ((np.ravel(values) - values.mean()) / values.std() for values in (one, other))
    found = float((x * y).mean())
    influence = x * y - found * (x**2 + y**2) / 2.0
    return bool(abs(found - wanted) <= ERRORS * influence.std() / np.sqrt(x.size))


def has_share(event: npt.ArrayLike, wanted: float) -> bool:
    """Whether independent trials may succeed in this share of cases."""
    trials = np.ravel(np.asarray(event, dtype=np.float64))
    error = np.sqrt(wanted * (1.0 - wanted) / trials.size)
    return bool(abs(trials.mean() - wanted) <= ERRORS * error)
