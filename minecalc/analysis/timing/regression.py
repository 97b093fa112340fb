"""What is to be expected, given what is known: least squares on polynomials and hinge terms of features.

Normal equations of standardised features, added up in a fixed order (``sums``) and solved without a library, so
that a fit has the same bits on any number of threads. Terms that earlier ones already explain (features that are
constant, equal, or multiples of each other) are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from minecalc.analysis.timing.sums import LANES, add_lanes, blocks, mean_over_paths
from minecalc.arrays import FloatArray

#: In how many places a term of each feature bends: the worth of an option bends where it is used.
HINGES = 4
#: Of how many paths the places are quantiles.
_RANKED = 4096
#: A feature that spreads by less than this share of its size is constant but for rounding.
_CONSTANT = 1e-12
#: A term of which less than this share is not explained by those before it is left out: sums of squares lose twice as
#: many digits as the numbers in them, and the terms after it would be fitted to what is left.
_DEPENDENT = 1e-6


@dataclass(frozen=True, eq=False)
class Basis:
    """Polynomials up to ``degree`` in standardised features, cross terms included, then hinge terms of each feature.

    A feature x counts as (x - ``centre``) * ``per_unit``, and a hinge term as what it exceeds one of ``places`` by.
    Features are held within ``low..high``, the range they were fitted on: a polynomial says nothing beyond it.
    ``places`` are ``(features, HINGES)``, the others ``(features, 1)``.
    """

    degree: int
    centre: FloatArray
    per_unit: FloatArray
    low: FloatArray
    high: FloatArray
    places: FloatArray

    @classmethod
    def of(cls, features: FloatArray, degree: int) -> Basis:
        """The basis for ``features (features, paths)``, which bends at their quantiles."""
        centre = mean_over_paths(features)[:, None]
        spread = np.sqrt(mean_over_paths((features - centre) ** 2))[:, None]
        varies = spread > _CONSTANT * np.abs(centre)
        per_unit = np.divide(1.0, spread, out=np.zeros_like(spread), where=varies)
        low, high = features.min(axis=1, keepdims=True), features.max(axis=1, keepdims=True)
        ranked = np.sort(features[:, :_RANKED], axis=1)
        ranks = np.arange(1, HINGES + 1) * ranked.shape[1] // (HINGES + 1)
        return cls(degree, centre, per_unit, low, high, (ranked[:, ranks] - centre) * per_unit)

    def terms(self, features: FloatArray) -> FloatArray:
        """The terms at ``features (features, paths)``, the constant first: ``(terms, paths)``."""
        x = (np.clip(features, self.low, self.high) - self.centre) * self.per_unit
        rows: dict[tuple[int, ...], FloatArray] = {(): np.ones(x.shape[1])}
        for degree in range(1, self.degree + 1):
            for factors in combinations_with_replacement(range(len(x)), degree):
                rows[factors] = rows[factors[:-1]] * x[factors[-1]]
        hinges = np.maximum(x[:, None] - self.places[:, :, None], 0.0).reshape(-1, x.shape[1])
        return np.concatenate([np.stack(list(rows.values())), hinges])


def least_squares(
    terms: Callable[[slice], FloatArray], targets: FloatArray, weights: FloatArray | None = None
) -> FloatArray:
    """Coefficients ``(targets, terms)`` that bring the terms nearest to each of ``targets (targets, paths)``.

    ``terms`` gives a block of paths its terms ``(terms, paths)``; the first is 1. No more of them are used than half
    the paths, the first ones. Targets are counted from their first path, so that a constant one is met exactly. The
    squares count by ``weights (paths,)``, all alike without.
    """
    count, paths = targets.shape
    first = targets[:, :1]
    every = len(terms(slice(0, 1)))
    size = min(every, (paths + 1) // 2)
    total, product = np.zeros((size, size + count, LANES)), np.empty((size + count, LANES))
    for block in blocks(paths):
        used = terms(block)[:size]
        joined = np.concatenate([used, targets[:, block] - first])
        if weights is not None:
            used = used * weights[block]
        width = joined.shape[1]
        for i in range(size):
            part = product[i:, :width]
            np.multiply(used[i], joined[i:], out=part)
            total[i, i:, :width] += part
    sums = add_lanes(total)
    below = np.tril_indices(size, -1)
    sums[below] = sums.T[below]
    coefficients = np.zeros((count, every))
    coefficients[:, :size] = _solved(sums).T
    coefficients[:, 0] += first[:, 0]
    return coefficients


def _solved(system: FloatArray) -> FloatArray:
    """The unknowns ``(n, k)`` of normal equations ``(n, n + k)``, by elimination; 0 for a dependent one."""
    size = len(system)
    whole = np.diagonal(system).copy()
    kept = np.zeros(size, dtype=np.bool_)
    for j in range(size):
        pivot = system[j, j]
        if pivot > _DEPENDENT * whole[j]:
            kept[j] = True
            share = system[:, j] / pivot
            share[j] = 0.0
            system -= share[:, None] * system[j]
    pivots = np.where(kept, np.diagonal(system), 1.0)
    return np.where(kept[:, None], system[:, size:] / pivots[:, None], 0.0)


def fitted(coefficients: FloatArray, terms: FloatArray) -> FloatArray:
    """The sum of ``terms (terms, paths)`` by ``coefficients (targets, terms)``, in order: ``(targets, paths)``."""
    values = np.zeros((len(coefficients), terms.shape[1]))
    for column, row in zip(coefficients.T, terms, strict=True):
        values += column[:, None] * row
    return values


@dataclass(frozen=True, eq=False)
class Regression:
    """What some worths are expected to be, given features: ``coefficients (worths, terms)`` of a basis."""

    basis: Basis
    coefficients: FloatArray

    @classmethod
    def of(
        cls, basis: Basis, features: FloatArray, worths: FloatArray, weights: FloatArray | None = None
    ) -> Regression:
        """Fitted to ``worths (worths, paths)`` at ``features (features, paths)`` by ``least_squares``."""
        return cls(basis, least_squares(lambda block: basis.terms(features[:, block]), worths, weights))

    def at(self, features: FloatArray) -> FloatArray:
        """What they are expected to be at ``features (features, paths)``: ``(worths, paths)``."""
        values = np.empty((len(self.coefficients), features.shape[1]))
        for block in blocks(features.shape[1]):
            values[:, block] = fitted(self.coefficients, self.basis.terms(features[:, block]))
        return values
