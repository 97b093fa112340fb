"""The stationary bootstrap: blocks of history of random length, and the mean that their growth has."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.randomness.bootstrap import log_mean, places
from tests.randomness.measuring import has_correlation, has_mean, has_share, has_variance

STEPS = np.array([0.3, -0.5, 0.1, 0.25, -0.2])


def drawn(months: int, paths: int, length: float, history: int = 40, seed: int = 1) -> FloatArray:
    generator = np.random.default_rng(seed)
    return places(generator, months, paths, history, length)


def test_a_block_goes_on_with_the_next_month_and_after_the_last_with_the_first() -> None:
    found = drawn(200, 4, 1e9, history=7)
    assert np.array_equal(np.diff(found, axis=0) % 7, np.ones((199, 4)))
    assert set(np.unique(found)) == set(range(7))


def test_blocks_of_one_month_are_independent_draws() -> None:
    found = drawn(2, 200_000, 1.0, history=8)
    for month in range(8):
        assert has_share(found == month, 1 / 8)
    assert has_correlation(found[0], found[1], 0.0)


@pytest.mark.parametrize("length", [2.0, 6.0, 24.0])
def test_blocks_have_the_mean_length_asked_for(length: float) -> None:
    """A month follows that before it unless it jumps, and one jump in ``history`` lands there too."""
    found = drawn(120, 4000, length)
    follows = (np.diff(found, axis=0) % 40) == 1
    wanted = 1.0 - (1.0 - 1.0 / 40) / length
    assert has_share(follows, wanted)
    assert not has_share(follows, 1.0 - 1.0 / (length * 1.1))
    for month in (0, 17, 39):
        assert has_share(found[60] == month, 1 / 40)


def exact(steps: FloatArray, weights: FloatArray, length: float) -> list[float]:
    """log E[exp(weighted sum)] from every sequence of places and its probability."""
    count, jump, months = len(steps), 1.0 / length, len(weights)
    means = []
    for horizon in range(1, months + 1):
        total = 0.0
        for path in product(range(count), repeat=horizon):
            chance = 1.0 / count
            for before, after in pairwise(path):
                chance *= jump / count + (1.0 - jump) * (after == (before + 1) % count)
            total += chance * float(np.exp(np.sum(steps[list(path)] * weights[:horizon][::-1])))
        means.append(float(np.log(total)))
    return means


@pytest.mark.parametrize("length", [1.0, 1.7, 6.0, 1e6])
def test_the_mean_of_growth_is_that_of_all_its_paths(length: float) -> None:
    two = np.stack([STEPS, STEPS[::-1] ** 2], axis=1)
    for steps, weights in (
        (STEPS[:, None], np.ones((5, 1))),
        (two, np.array([[1, 0], [0.8, 0.5], [0.7, 0.6], [0.65, 0], [0.6, -1]])),
    ):
        found = log_mean(steps, weights, length)
        assert found.shape == (5, 1)
        assert found[:, 0] == pytest.approx(exact(steps, weights, length), abs=1e-12)


def test_the_mean_of_growth_is_that_of_simulated_paths() -> None:
    history = np.random.default_rng(3).normal(0.0, 0.2, 40)
    months = 36
    index = drawn(months, 100_000, 6.0).astype(np.intp)
    grown = np.exp(np.cumsum(history[index], axis=0) - log_mean(history[:, None], np.ones((months, 1)), 6.0))
    for month in (0, 11, 35):
        assert has_mean(grown[month], 1.0)
        assert not has_mean(grown[month] * 1.1, 1.0)


def test_a_long_horizon_does_not_overflow() -> None:
    found = log_mean(np.full((12, 1), 3.0), np.ones((600, 1)), 6.0)
    assert found[:, 0] == pytest.approx(3.0 * np.arange(1, 601))


def test_what_happened_in_one_month_stays_together() -> None:
    """Months drawn once serve every series, so their correlation is that of history."""
    generator = np.random.default_rng(9)
    price = generator.normal(size=40)
    network = 0.5 * price + generator.normal(size=40)
    index = drawn(1, 100_000, 6.0)[0].astype(np.intp)
    wanted = float(np.corrcoef(price, network)[0, 1])
    assert has_correlation(price[index], network[index], wanted)
    assert not has_correlation(price[index], network[index], wanted - 0.03)
    assert has_variance(price[index], float(price.var()))
