"""What is to be expected, given what is known: least squares on polynomials and hinge terms of features.

Normal equations of standardised features, added up in a fixed order (``sums``) and solved without a library, so
that a fit has the same bits on any number of threads. Terms that earlier ones already explain (features that are
constant, equal, or multiples of each other) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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


#: So many numbers, of terms by paths, are kept between two uses of them; more are computed anew, for the memory.
_KEPT_MOST = 500_000


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


class LeastSquares:
    """Least squares on the terms of some paths, for any targets: what does not depend on those is done once.

    ``terms`` gives a block of paths its terms ``(terms, paths)``; the first is 1. No more of them are used than half
    the ``paths``, the first ones. The squares count by ``weights (paths,)``, all alike without.
    """

    def __init__(self, terms: Callable[[slice], FloatArray], paths: int, weights: FloatArray | None = None) -> None:
        self._terms, self._paths, self._weights = terms, paths, weights
        self._kept: list[tuple[slice, FloatArray, FloatArray]] | None = None
        self._every = len(terms(slice(0, 1)))
        self._size = min(self._every, (paths + 1) // 2)
        every = list(self._parts())
        self._kept = every if self._size * paths <= _KEPT_MOST else None
        parts = [(used, weighted) for _, used, weighted in every]
        products = np.zeros((self._size, self._size))
        for i in range(self._size):
            products[i:, i] = products[i, i:] = _sums([(weighted[i], used[i:]) for used, weighted in parts])
        self._steps, self._pivots = _eliminated(products)

    def coefficients(self, targets: FloatArray) -> FloatArray:
        """Those that bring the terms nearest to each of ``targets (targets, paths)``: ``(targets, terms)``.

        Targets are counted from their first path, so that a constant one is met exactly.
        """
        first = targets[:, :1]
        parts = [(weighted, targets[:, block] - first) for block, _, weighted in self._parts()]
        unknown = np.empty((self._size, len(targets)))
        for t in range(len(targets)):
            unknown[:, t] = _sums([(target[t], weighted) for weighted, target in parts])
        for j, share in self._steps:
            unknown -= share[:, None] * unknown[j]
        coefficients = np.zeros((len(targets), self._every))
        kept = self._pivots != 0.0
        coefficients[:, : self._size][:, kept] = (unknown[kept] / self._pivots[kept, None]).T
        coefficients[:, 0] += first[:, 0]
        return coefficients

    def _parts(self) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
        """Each block of paths with the terms used ``(size, paths)``, as they are and by weight."""
        if self._kept is not None:
            yield from self._kept
            return
        for block in blocks(self._paths):
            used = self._terms(block)[: self._size]
            yield block, used, used if self._weights is None else used * self._weights[block]


def _sums(parts: Sequence[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """The sums over the paths of a row ``(paths,)`` times rows ``(rows, paths)``, given by block: ``(rows,)``."""
    rows, width = parts[0][1].shape
    lanes, product = np.zeros((rows, LANES)), np.empty((rows, width))
    for row, others in parts:
        here = product[:, : row.size]
        np.multiply(row, others, out=here)
        lanes[:, : row.size] += here
    return add_lanes(lanes)


def _eliminated(system: FloatArray) -> tuple[list[tuple[int, FloatArray]], FloatArray]:
    """How normal equations ``(n, n)`` are solved: the row and the shares of it to take away, step by step.

    With the pivots ``(n,)``; 0 for a dependent term.
    """
    whole, steps = np.diagonal(system).copy(), list[tuple[int, FloatArray]]()
    pivots = np.zeros(len(system))
    for j in range(len(system)):
        pivot = system[j, j]
        if pivot > _DEPENDENT * whole[j]:
            share = system[:, j] / pivot
            share[j] = 0.0
            system -= share[:, None] * system[j]
            steps.append((j, share))
    for j, _ in steps:
        pivots[j] = system[j, j]
    return steps, pivots


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
        """Fitted to ``worths (worths, paths)`` at ``features (features, paths)`` by least squares."""
        squares = LeastSquares(lambda block: basis.terms(features[:, block]), worths.shape[1], weights)
        return cls(basis, squares.coefficients(worths))

    def at(self, features: FloatArray) -> FloatArray:
        """What they are expected to be at ``features (features, paths)``: ``(worths, paths)``."""
        values = np.empty((len(self.coefficients), features.shape[1]))
        for block in blocks(features.shape[1]):
            values[:, block] = fitted(self.coefficients, self.basis.terms(features[:, block]))
        return values
