"""Distributions of a single number, from standard normals: each input's quantile function at Phi(z).

So a correlation of the normals carries over (a Gaussian copula), and antithetic and Sobol draws work for all. Normals
have any shape, and what is drawn has the same; numbers are in the unit of the input.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from minecalc.arrays import FloatArray


def uniforms(normals: FloatArray) -> FloatArray:
    """Phi(z), in 0..1."""
    from scipy.special import ndtr

    levels: FloatArray = ndtr(normals)
    return levels


def normal(normals: FloatArray, mean: float, sd: float) -> FloatArray:
    """Normal with this mean and standard deviation."""
    return mean + sd * normals


def lognormal(normals: FloatArray, mean: float, sd: float) -> FloatArray:
    """Lognormal with this mean and standard deviation of the number itself, not of its logarithm; mean > 0."""
    variance = math.log1p((sd / mean) ** 2)
    drawn: FloatArray = mean * np.exp(math.sqrt(variance) * normals - 0.5 * variance)
    return drawn


def uniform(normals: FloatArray, low: float, high: float) -> FloatArray:
    """Uniform between ``low`` and ``high``."""
    return low + (high - low) * uniforms(normals)


def triangular(normals: FloatArray, low: float, mode: float, high: float) -> FloatArray:
    """Triangular with this mode."""
    if high == low:
        return np.full_like(normals, mode)
    level, width = uniforms(normals), high - low
    rising = low + np.sqrt(level * width * (mode - low))
    falling = high - np.sqrt((1.0 - level) * width * (high - mode))
    return np.where(level * width < mode - low, rising, falling)


def pert(normals: FloatArray, low: float, mode: float, high: float) -> FloatArray:
    """PERT: a beta distribution with mean (low + 4 mode + high) / 6 (Malcolm et al. 1959; Vose's shape 4)."""
    from scipy.special import betaincinv

    if high == low:
        return np.full_like(normals, mode)
    width = high - low
    first, second = 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width
    drawn: FloatArray = low + width * betaincinv(first, second, uniforms(normals))
    return drawn


def discrete(normals: FloatArray, values: Sequence[float], probabilities: Sequence[float]) -> FloatArray:
    """One of ``values``, in the order given, with these probabilities (which sum to 1)."""
    edges = list(accumulate(probabilities))[:-1]
    drawn: FloatArray = np.array(values, dtype=np.float64)[np.searchsorted(edges, uniforms(normals), side="right")]
    return drawn
