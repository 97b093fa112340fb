"""How much of the variance of a result each input explains, alone and together with the others: Sobol indices.

The first-order index of an input is the share of the variance that would go if it were known; the total index is the
share that would stay if it alone were unknown. Inputs are independent and uniform between low and high. Estimators of
Saltelli et al. (2010, Computer Physics Communications 181, 259-270), by scipy, on scrambled Sobol points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, accumulate

#: Cases drawn again, each as often as there are samples, for the confidence intervals.
RESAMPLES = 999
CONFIDENCE = 0.95


class UndefinedError(ValueError):
    """The function has no value in some cases, so its variance has none either."""


class NothingToShareError(ValueError):
    """There is no variance, or only one input to have it."""


class Indices(NamedTuple):
    """Sobol indices ``(inputs,)``, the ends of their intervals at ``CONFIDENCE``, and what was found on the way."""

    first: FloatArray
    first_low: FloatArray
    first_high: FloatArray
    total: FloatArray
    total_low: FloatArray
    total_high: FloatArray
    mean: float
    standard_deviation: float
    cases: int


def sobol_indices(
    function: Callable[[FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    *,
    samples: int,
    seed: int,
) -> Indices:
    """Sobol indices of ``function``, which maps cases ``(inputs, n)`` to ``(n,)``, over ``low`` to ``high (inputs,)``.

    It is evaluated at ``samples * (inputs + 2)`` points, in one call. ``samples`` is a power of two. The intervals
    are percentiles of resampled cases, as if the points were drawn at random: Sobol points do better. Raises
    NothingToShareError for fewer than two inputs or a result that never varies, and UndefinedError where the function
    is NaN or infinite somewhere.
    """
    from scipy.stats import bootstrap
    from scipy.stats.qmc import Sobol

    inputs = len(low)
    if inputs < 2:
        raise NothingToShareError("fewer than two inputs move it, so there is nothing to share out")
    share = Sobol(2 * inputs, rng=np.random.default_rng(seed)).random(samples).T
    points = np.concatenate([low, low])[:, None] + share * np.concatenate([high - low, high - low])[:, None]
    first, second = points[:inputs], points[inputs:]
    mixed = np.tile(first, (inputs, 1, 1))
    mixed[np.arange(inputs), np.arange(inputs)] = second
    values = function(np.concatenate([first, second, *mixed], axis=1))
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        raise UndefinedError(f"no value in {missing:,} of {values.size:,} cases")
    at_first, at_second = values[:samples], values[samples : 2 * samples]
    if np.ptp(values) == 0.0:
        raise NothingToShareError("it is the same in every case")
    at_mixed = values[2 * samples :].reshape(inputs, samples)
    found = _estimate(at_first, at_second, at_mixed)
    drawn: Any = bootstrap(
        (np.arange(samples),),
        lambda cases: _estimate(at_first[cases], at_second[cases], at_mixed[:, cases]),
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng((seed, 1)),
    )
    interval = drawn.confidence_interval
    independent = np.concatenate([at_first, at_second])
    return Indices(
        first=found[0],
        first_low=interval.low[0],
        first_high=interval.high[0],
        total=found[1],
        total_low=interval.low[1],
        total_high=interval.high[1],
        mean=float(accumulate(independent[:, None])[0]) / independent.size,
        standard_deviation=float(np.std(independent)),
        cases=values.size,
    )


def _estimate(first: FloatArray, second: FloatArray, mixed: FloatArray) -> FloatArray:
    """First-order and total indices ``(2, inputs)`` from the function's values in both samples and mixed ones."""
    from scipy.stats import sobol_indices as scipy_indices

    found: Any = scipy_indices(func={"f_A": first[None], "f_B": second[None], "f_AB": mixed[:, None]}, n=first.size)
    return np.array([np.atleast_1d(found.first_order), np.atleast_1d(found.total_order)])
