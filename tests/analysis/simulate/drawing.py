"""Samples for tests: normals drawn as the product lays them out, and samples of given figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES, Draws
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling

REPEATS = 400
Statistic = Callable[[Sample], Estimate]
Function = Callable[[FloatArray, FloatArray], FloatArray]


def sample(values: FloatArray | list[float], draws: Draws = "independent") -> Sample:
    """A sample of ``values``; NaNs have a reason."""
    array = np.asarray(values, dtype=np.float64)
    missing = int(np.isnan(array).sum())
    return Sample(array, Sampling(draws, array.size), {"it never pays back": missing} if missing else {})


def normals(draws: Draws, paths: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Two independent normals ``(paths,)``: drawn freely, in mirrored pairs, or the first evenly in each replicate.

    The even ones are a lattice with a random shift, in an order of its own: the simplest randomised point set.
    """
    first, second = rng.standard_normal((2, paths))
    blocks = paths // BLOCK_PATHS
    if draws == "antithetic":
        half = BLOCK_PATHS // 2
        for drawn in (first, second):
            rows = drawn.reshape(blocks, BLOCK_PATHS)
            rows[:, half:] = -rows[:, :half]
    elif draws == "sobol":
        turns = blocks // REPLICATES
        points = turns * BLOCK_PATHS
        shifted = (np.arange(points) + rng.random((REPLICATES, 1))) / points
        even = ndtri(rng.permuted(shifted, axis=1)).reshape(REPLICATES, turns, BLOCK_PATHS)
        first = even.swapaxes(0, 1).reshape(-1)
    return first, second


def held(draws: Draws, paths: int, function: Function, statistic: Statistic, truth: float) -> tuple[float, float]:
    """In what share of repeats the interval holds ``truth``, and the stated error over the true one."""
    rng = np.random.default_rng(20261122)
    estimates = [statistic(sample(function(*normals(draws, paths, rng)), draws)) for _ in range(REPEATS)]
    inside = [e.low <= truth <= e.high for e in estimates if e.low is not None and e.high is not None]
    errors = [e.error for e in estimates if e.error is not None]
    numbers = [e.number for e in estimates if e.number is not None]
    assert len(inside) == len(errors) == len(numbers) == REPEATS
    return float(np.mean(inside)), float(np.sqrt(np.mean(np.square(errors))) / np.std(numbers))
