"""Control variates: noise taken out of what is worth on a path, without changing what is expected of it.

A control variate is a number whose mean is zero given what is known on a date, whatever that is: a shock that drives
prices until the next one, say. Worth less coefficients times control variates is worth the same on average, for every
policy, if the coefficients are known on the date. With coefficients fitted to follow the worth of each mode, values
of policies have smaller errors, and the best modes of a path with foresight, which then foresees little, bound the
value of every policy from above: the dual bound of Rogers (2002, Mathematical Finance 12, 271-286), without nested
simulation (Belomestny, Bender and Schoenmakers 2009, Mathematical Finance 19, 53-71), of modes in place of stopping
times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minecalc.analysis.timing.regression import Basis, LeastSquares, fitted
from minecalc.analysis.timing.sums import blocks
from minecalc.arrays import FloatArray

#: The degree in the features of what control variates are multiplied by; more is bought more cheaply with hinge terms.
_DEGREE = 1
#: On how many paths coefficients are fitted at most: they need not be exact, and have many terms.
_FITTED = 16_384


@dataclass(frozen=True, eq=False)
class ControlVariates:
    """What is learnt after each date, of mean zero given the ``features`` that are known on it; there may be none.

    ``before_next (dates, controls, paths)``: from a date to the next, after the last date to the end; these explain
    what a mode is worth. ``to_the_end (dates, controls, paths)``: from a date to the end, for a move that brings at
    once all that follows from it. Features are ``(dates, features, paths)``. What follows worths by the controls of
    each date is kept: problems that share them, as phases do, share what is costly to find.
    """

    features: FloatArray
    before_next: FloatArray
    to_the_end: FloatArray

    @cached_property
    def of_modes(self) -> list[Follower]:
        """What follows the worths of modes, by date."""
        return [Follower(*pair) for pair in zip(self.features, self.before_next, strict=True)]

    @cached_property
    def of_moves(self) -> list[Follower]:
        """What follows the worths of moves, by date."""
        return [Follower(*pair) for pair in zip(self.features, self.to_the_end, strict=True)]


def of_normals(shocks: FloatArray) -> FloatArray:
    """Control variates of the first and second order from independent standard normals ``(..., shocks, paths)``.

    They are the shocks, then their products with each other and, less 1, with themselves.
    """
    pairs = [(i, j) for i in range(shocks.shape[-2]) for j in range(i, shocks.shape[-2])]
    products = [shocks[..., i, :] * shocks[..., j, :] - (1.0 if i == j else 0.0) for i, j in pairs]
    return np.concatenate([shocks, np.stack(products, axis=-2)], axis=-2)


@dataclass(frozen=True, eq=False)
class ControlCoefficients:
    """How many of each control variate of a date to take away from several worths, given the features of the date.

    ``coefficients (worths, controls, terms)``.
    """

    basis: Basis
    coefficients: FloatArray

    def noise(self, features: FloatArray, controls: FloatArray) -> FloatArray:
        """What to take away from each worth: ``(worths, paths)``."""
        total = np.zeros((len(self.coefficients), features.shape[1]))
        if len(controls):
            for block in blocks(features.shape[1]):
                known = self.basis.terms(features[:, block])
                for k, control in enumerate(controls[:, block]):
                    total[:, block] += fitted(self.coefficients[:, k], known) * control
        return total


class Follower:
    """Finds the coefficients that follow worths best, given ``features`` and ``controls`` of a date; for any worths."""

    def __init__(self, features: FloatArray, controls: FloatArray) -> None:
        self._features, self._controls = features[:, :_FITTED], controls[:, :_FITTED]
        self._basis = Basis.of(self._features, _DEGREE)

    def of(self, worths: FloatArray) -> ControlCoefficients:
        """Those of ``worths (worths, paths)``."""
        if not len(self._controls):
            return ControlCoefficients(self._basis, np.empty((len(worths), 0, 1)))
        coefficients = self._squares.coefficients(worths[:, :_FITTED])
        each = coefficients.shape[1] // (1 + len(self._controls))
        split = coefficients.reshape(len(worths), 1 + len(self._controls), each)
        return ControlCoefficients(self._basis, split[:, 1:])

    @cached_property
    def _squares(self) -> LeastSquares:
        return LeastSquares(self._terms, self._features.shape[1])

    def _terms(self, block: slice) -> FloatArray:
        known = self._basis.terms(self._features[:, block])
        return np.concatenate([known, *(control * known for control in self._controls[:, block])])
