"""Shapley values: a total shared out among the players of a game, whatever the order in which they join.

A player's share is the mean, over all orders of joining, of what its arrival adds to the value of those who are there
already (Shapley 1953). The shares add up to the value of all less that of none, equal players get equal shares, and a
player who never adds anything gets nothing. With few players every coalition is valued; with many, orders are drawn at
random, each followed by its reverse, and the shares still add up, because every order telescopes.
"""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray, accumulate

IntArray = NDArray[np.int64]


class Shares(NamedTuple):
    """What each of n players adds, as ``draws (draws, n)``: one exact draw, or one for every pair of sampled orders."""

    draws: FloatArray

    @property
    def is_exact(self) -> bool:
        """Whether every coalition was valued."""
        return len(self.draws) == 1

    @property
    def values(self) -> FloatArray:
        """The share of each player, ``(n,)``; they add up to the value of all less that of none."""
        return accumulate(self.draws) / len(self.draws)

    @property
    def standard_errors(self) -> FloatArray:
        """The standard error of each share, ``(n,)``; zero if they are exact."""
        count = len(self.draws)
        if self.is_exact:
            return np.zeros(self.draws.shape[1])
        return np.sqrt(accumulate((self.draws - self.values) ** 2) / (count - 1) / count)

    def minus(self, other: Shares) -> Shares:
        """The shares in the difference of two games, whose sampled draws must be of the same orders."""
        return Shares(self.draws - other.draws)


def shapley(values: FloatArray) -> FloatArray:
    """The exact shares ``(n,)`` of a game whose coalition ``c`` is worth ``values[c]``, ``(2**n,)``.

    Bit i of ``c`` says whether player i is in it; ``coalitions(n)`` lists them in this order. ValueError if the number
    of values is no power of two.
    """
    if len(values).bit_count() != 1:
        raise ValueError(f"a game of n players has 2**n values, not {len(values)}")
    players = len(values).bit_length() - 1
    sizes = np.bitwise_count(np.arange(len(values)))
    weights = np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)])
    shares = np.zeros(players)
    for player in range(players):
        without, joined = np.moveaxis(values.reshape(-1, 2, 1 << player), 1, 0)
        before = sizes.reshape(-1, 2, 1 << player)[:, 0]
        shares[player] = accumulate(((joined - without) * weights[before]).reshape(-1, 1))[0]
    return shares


def coalitions(players: int) -> BoolArray:
    """Who is in each of the ``2**n`` coalitions, ``(2**n, n)``; the first is empty, the last has all."""
    bits: BoolArray = (np.arange(1 << players)[:, None] >> np.arange(players)) & 1 == 1
    return bits


def antithetic_orders(players: int, pairs: int, seed: int) -> IntArray:
    """Random orders of joining, ``(2 * pairs, n)``, each followed by its reverse, which makes the shares surer."""
    generator = np.random.default_rng(seed)
    forth = generator.permuted(np.tile(np.arange(players), (pairs, 1)), axis=1)
    return np.stack([forth, forth[:, ::-1]], axis=1).reshape(2 * pairs, players)


def coalitions_along(orders: IntArray) -> BoolArray:
    """Who is there before the first and after each arrival, ``(orders, n + 1, n)``."""
    place = np.argsort(orders, axis=1)
    there: BoolArray = place[:, None, :] < np.arange(orders.shape[1] + 1)[:, None]
    return there


def sampled(values: FloatArray, orders: IntArray) -> Shares:
    """The shares estimated from the values ``(orders, n + 1)`` of ``coalitions_along`` antithetic orders."""
    gains = np.take_along_axis(np.diff(values, axis=1), np.argsort(orders, axis=1), axis=1)
    return Shares(0.5 * (gains[0::2] + gains[1::2]))
