"""Noise that is taken out: it follows worth, has a mean of zero on other paths, and is none where nothing is learnt."""

from __future__ import annotations

import math

import numpy as np

from minecalc.analysis.timing.control_variates import Follower, of_normals
from minecalc.arrays import FloatArray
from tests.analysis.timing.problems import nothing_learnt

PATHS = 20_000


def draw(seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What is known, what is learnt, and two worths that depend on both."""
    known, learnt, other = np.random.default_rng(seed).standard_normal((3, PATHS))
    worths = np.stack([2.0 + known + (1.0 + known) * learnt, known + np.maximum(known, 0.0) * learnt])
    return known[None], np.stack([learnt, other]), worths + 0.1 * other


def test_control_variates_of_normals_are_uncorrelated_with_a_mean_of_zero_and_known_size() -> None:
    controls = of_normals(np.random.default_rng(1).standard_normal((2, PATHS)))
    error = 6.0 / math.sqrt(PATHS)
    products = controls @ controls.T / PATHS
    assert len(controls) == 5
    np.testing.assert_allclose(controls.mean(axis=1), 0.0, atol=error)
    np.testing.assert_allclose(products, np.diag([1.0, 1.0, 2.0, 1.0, 2.0]), atol=4.0 * error)
    by_date = of_normals(np.zeros((4, 3, 7)))
    assert by_date.shape == (4, 9, 7)
    assert by_date[0, :, 0].tolist() == [0, 0, 0, -1, 0, 0, -1, 0, -1]


def test_multiples_follow_worth_on_other_paths_with_a_mean_of_zero() -> None:
    features, controls, worths = draw(1)
    coefficients = Follower(features, controls).of(worths)
    features, controls, worths = draw(2)
    noise = coefficients.noise(features, controls)
    assert noise.shape == worths.shape
    unexplained = worths - noise
    error = noise.std(axis=1) / math.sqrt(PATHS)
    assert (np.abs(noise.mean(axis=1)) < 4.0 * error).all()
    # what is left is about what is known, and no more: 2 + known, and known
    np.testing.assert_allclose((unexplained[0] - 2.0 - features[0]).std(), 0.0, atol=0.02)
    np.testing.assert_allclose((unexplained[1] - features[0]).std(), 0.0, atol=0.1)


def test_the_first_paths_are_enough_to_fit_multiples() -> None:
    features, controls, worths = draw(1)
    coefficients = Follower(features, controls).of(worths)
    first = Follower(features[:, :16_384], controls[:, :16_384]).of(worths[:, :16_384])
    np.testing.assert_array_equal(coefficients.coefficients, first.coefficients)


def test_multiples_have_no_mean_even_where_they_were_fitted_to_nonsense() -> None:
    """What is expected of worth never depends on how well it is followed."""
    features, controls, _ = draw(1)
    coefficients = Follower(features[:, :100], controls[:, :100]).of(np.exp(3.0 * controls[:1, :100]))
    features, controls, _ = draw(2)
    noise = coefficients.noise(features, controls)
    assert np.abs(noise).max() > 1.0
    assert abs(noise.mean()) < 4.0 * noise.std() / math.sqrt(PATHS)


def test_where_nothing_is_learnt_or_worth_is_certain_there_is_no_noise() -> None:
    features, controls, worths = draw(1)
    none = nothing_learnt(3, PATHS)
    assert none.before_next.shape == none.to_the_end.shape == (3, 0, PATHS)
    silent = Follower(features, none.before_next[0]).of(worths)
    assert not silent.noise(features, none.before_next[0]).any()
    certain = Follower(features, controls).of(np.full((1, PATHS), 0.1))
    assert not certain.noise(features, controls).any()
