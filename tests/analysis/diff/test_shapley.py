"""Shapley values against games whose solution is published, against all orders one by one, and by their axioms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.diff.shapley import (
    Shares,
    antithetic_orders,
    coalitions,
    coalitions_along,
    sampled,
    shapley,
)
from minecalc.arrays import FloatArray

Worth = Callable[[frozenset[int]], float]


def game(players: int, worth: Worth) -> FloatArray:
    """The value of every coalition, in the order of ``coalitions``."""
    return np.array([worth(frozenset(np.flatnonzero(who).tolist())) for who in coalitions(players)])


def by_all_orders(values: FloatArray) -> list[float]:
    """The definition: the mean over all orders of what an arrival adds."""
    players = len(values).bit_length() - 1
    gained = [0.0] * players
    orders = list(permutations(range(players)))
    for order in orders:
        there = 0
        for player in order:
            gained[player] += values[there | 1 << player] - values[there]
            there |= 1 << player
    return [total / len(orders) for total in gained]


def glove(who: frozenset[int]) -> float:
    """Player 0 has a left glove, 1 and 2 a right one each; a pair is worth 1."""
    return float(0 in who and len(who) > 1)


def airport(who: frozenset[int]) -> float:
    """A runway for the largest of aeroplanes that need 1, 2 and 3 (Littlechild and Owen 1973)."""
    return max((player + 1.0 for player in who), default=0.0)


def votes(quota: int, weights: Iterable[int]) -> Worth:
    """Whether a coalition's votes reach the quota (Shapley and Shubik 1954)."""
    held = tuple(weights)
    return lambda who: float(sum(held[player] for player in who) >= quota)


def bankruptcy(who: frozenset[int]) -> float:
    """An estate of 200 under claims of 100, 200 and 300 (O'Neill 1982): what the others' claims leave."""
    claims = (100.0, 200.0, 300.0)
    return max(0.0, 200.0 - sum(claim for player, claim in enumerate(claims) if player not in who))


@pytest.mark.parametrize(
    ("players", "worth", "shares"),
    [
        (3, glove, [2 / 3, 1 / 6, 1 / 6]),
        (3, airport, [1 / 3, 5 / 6, 11 / 6]),
        (4, votes(4, (3, 2, 1, 1)), [1 / 2, 1 / 6, 1 / 6, 1 / 6]),
        (3, votes(51, (50, 49, 1)), [2 / 3, 1 / 6, 1 / 6]),
        (3, bankruptcy, [100 / 3, 250 / 3, 250 / 3]),
        (3, lambda who: sum((5.0, -2.0, 7.0)[p] for p in who), [5, -2, 7]),
        (1, lambda who: 4.0 * len(who), [4]),
    ],
    ids=["glove", "airport", "votes", "dictated", "bankruptcy", "additive", "alone"],
)
def test_games_whose_solution_is_known(players: int, worth: Worth, shares: list[float]) -> None:
    assert shapley(game(players, worth)).tolist() == pytest.approx(shares, rel=1e-14, abs=1e-15)


def test_coalitions_are_counted_in_bits() -> None:
    assert coalitions(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]
    assert coalitions(0).shape == (1, 0)
    assert shapley(np.array([7.0])).shape == (0,)


@pytest.mark.parametrize("count", [0, 3, 6])
def test_a_game_has_a_value_for_every_coalition(count: int) -> None:
    with pytest.raises(ValueError, match=f"not {count}"):
        shapley(np.zeros(count))


amounts = st.floats(-1e3, 1e3)
games = st.integers(1, 5).flatmap(lambda n: st.lists(amounts, min_size=1 << n, max_size=1 << n)).map(np.array)


@given(games)
def test_it_is_the_mean_over_all_orders_and_adds_up(values: FloatArray) -> None:
    shares = shapley(values)
    assert shares.tolist() == pytest.approx(by_all_orders(values), abs=1e-9)
    assert sum(shares) == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(games, games)
def test_the_shares_of_a_sum_of_games_are_the_sums(one: FloatArray, other: FloatArray) -> None:
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    assert shapley(one + other).tolist() == pytest.approx((shapley(one) + shapley(other)).tolist(), abs=1e-9)


@given(st.lists(amounts, min_size=5, max_size=5))
def test_equal_players_get_equal_shares(by_size: list[float]) -> None:
    shares = shapley(game(4, lambda who: by_size[len(who)]))
    assert shares.tolist() == pytest.approx([shares[0]] * 4, abs=1e-9)


@given(games)
def test_a_player_who_adds_nothing_gets_nothing(values: FloatArray) -> None:
    """Player 0 joins a game that the others play."""
    assert shapley(np.repeat(values, 2))[0] == 0.0


def estimate(values: FloatArray, pairs: int, seed: int = 0) -> Shares:
    players = len(values).bit_length() - 1
    orders = antithetic_orders(players, pairs, seed)
    place = coalitions_along(orders).astype(int) @ (1 << np.arange(players))
    return sampled(values[place], orders)


def test_every_order_is_followed_by_its_reverse() -> None:
    orders = antithetic_orders(7, 50, seed=3)
    assert orders.shape == (100, 7)
    assert (orders[0::2] == orders[1::2, ::-1]).all()
    assert (np.sort(orders, axis=1) == np.arange(7)).all()
    assert len({tuple(order) for order in orders.tolist()}) > 90
    assert (orders == antithetic_orders(7, 50, seed=3)).all()
    assert (orders != antithetic_orders(7, 50, seed=4)).any()


def test_coalitions_along_an_order_grow_by_one() -> None:
    there = coalitions_along(np.array([[2, 0, 1]]))
    assert there[0].tolist() == [
        [False, False, False],
        [False, False, True],
        [True, False, True],
        [True, True, True],
    ]


@given(games, st.integers(2, 9), st.integers(0, 99))
def test_sampled_shares_add_up_too(values: FloatArray, pairs: int, seed: int) -> None:
    found = estimate(values, pairs, seed)
    assert not found.is_exact
    assert sum(found.values) == pytest.approx(values[-1] - values[0], abs=1e-9)


def test_sampled_shares_of_an_additive_game_are_sure() -> None:
    found = estimate(game(5, lambda who: float(sum(who))), pairs=3)
    assert found.values.tolist() == [0, 1, 2, 3, 4]
    assert found.standard_errors.tolist() == [0] * 5


def test_sampled_shares_of_a_game_of_pairs_are_sure() -> None:
    """What an order misses of the joint value of two players, its reverse has."""
    found = estimate(game(4, lambda who: float(len(who) ** 2)), pairs=2)
    assert found.values.tolist() == pytest.approx([4] * 4)
    assert found.standard_errors.tolist() == pytest.approx([0] * 4)


def test_the_standard_error_is_the_spread_of_the_estimates() -> None:
    """Over many seeds, estimates lie around the exact shares as far as their standard errors say."""
    values = np.random.default_rng(5).normal(size=1 << 6)
    exact = shapley(values)
    found = [estimate(values, 40, seed) for seed in range(300)]
    scores = np.array([(one.values - exact) / one.standard_errors for one in found])
    assert abs(float(scores.mean())) < 0.1
    assert 0.9 < float(scores.std()) < 1.1


def test_the_standard_error_by_hand() -> None:
    found = Shares(np.array([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]]))
    assert found.values.tolist() == [4, 5]
    assert found.standard_errors.tolist() == pytest.approx([sqrt((9 + 1 + 16) / 2 / 3), 0])


def test_differences_of_games_are_taken_draw_by_draw() -> None:
    """What both games share cancels, and with it its error; an exact game has none to add."""
    one, other = Shares(np.array([[1.0], [3.0]])), Shares(np.array([[0.0], [2.0]]))
    assert one.minus(other).values.tolist() == [1]
    assert one.minus(other).standard_errors.tolist() == [0]
    exact = Shares(np.array([[10.0]]))
    assert exact.is_exact
    assert exact.standard_errors.tolist() == [0]
    assert exact.minus(one).values.tolist() == [8]
    assert exact.minus(one).standard_errors.tolist() == one.standard_errors.tolist()
