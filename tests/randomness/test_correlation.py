"""Correlations by name: which are possible, which are nearest, and normals that have them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray
from minecalc.randomness import correlation
from minecalc.randomness.streams import Sampler
from tests.randomness.measuring import has_correlation, has_variance

NAMES = ["price", "network", "power", "rent"]
PAIRS = {
    ("price", "network"): 0.28,
    ("power", "price"): 0.1,
    ("price", "rent"): -0.6,
    ("network", "power"): 0.4,
}
MATRIX = np.array(
    [
        [1.0, 0.28, 0.1, -0.6],
        [0.28, 1.0, 0.4, 0.0],
        [0.1, 0.4, 1.0, 0.0],
        [-0.6, 0.0, 0.0, 1.0],
    ]
)


def lower(correlations: FloatArray) -> FloatArray:
    """The factor as a matrix."""
    rows = correlation.factor(correlations)
    return np.array([[row.get(j, 0.0) for j in range(len(rows))] for row in rows])


def random_correlations(seed: int, size: int, rank: int) -> FloatArray:
    """A correlation matrix of that rank."""
    vectors = np.random.default_rng(seed).normal(size=(size, rank))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: FloatArray = vectors @ vectors.T
    np.fill_diagonal(found, 1.0)
    return found


def test_a_matrix_by_name() -> None:
    assert np.array_equal(correlation.matrix(NAMES, PAIRS), MATRIX)
    assert np.array_equal(correlation.matrix(["one"], {}), [[1.0]])


@given(st.integers(0, 10_000), st.integers(1, 7), st.integers(1, 7))
def test_the_factor_gives_the_matrix_back(seed: int, size: int, rank: int) -> None:
    """Also where some names are made of others."""
    wanted = random_correlations(seed, size, rank)
    assert correlation.is_possible(wanted)
    found = lower(wanted)
    assert found @ found.T == pytest.approx(wanted, abs=2e-5)
    assert np.all(np.triu(found, 1) == 0.0)
    if rank >= size and correlation.least_eigenvalue(wanted) > 1e-3:
        assert found @ found.T == pytest.approx(wanted, abs=1e-12)
        assert found == pytest.approx(np.linalg.cholesky(wanted), abs=1e-10)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_two_names_that_are_one(sign: float) -> None:
    matrix = correlation.matrix(["a", "b", "c"], {("a", "b"): sign, ("b", "c"): 0.5, ("a", "c"): 0.5 * sign})
    assert lower(matrix) @ lower(matrix).T == pytest.approx(matrix, abs=1e-12)


def test_a_name_keeps_its_stream_as_far_as_it_is_uncorrelated() -> None:
    normals = [Sampler(1).normals({name: 3}, 0)[name] for name in NAMES]
    pairs = {("price", "rent"): 0.5}
    alone = correlation.apply(correlation.factor(correlation.matrix(NAMES, pairs)), [z.copy() for z in normals])
    for i in (0, 1, 2):
        assert np.array_equal(alone[i], normals[i])
    more = correlation.factor(correlation.matrix(NAMES, pairs | {("price", "power"): 0.3}))
    again = correlation.apply(more, [z.copy() for z in normals])
    assert np.array_equal(again[1], normals[1])
    assert not np.array_equal(again[2], normals[2])


def test_normals_are_correlated_as_asked() -> None:
    sampler, rows = Sampler(4), correlation.factor(MATRIX)
    blocks = [sampler.normals(dict.fromkeys(NAMES, 1), block) for block in range(200)]
    independent = [np.concatenate([block[name][0] for block in blocks]) for name in NAMES]
    assert has_correlation(independent[0], independent[3], 0.0)
    found = correlation.apply(rows, independent)
    for i in range(4):
        assert has_variance(found[i], 1.0)
        for j in range(i):
            assert has_correlation(found[i], found[j], MATRIX[i, j]), (i, j)
            assert not has_correlation(found[i], found[j], MATRIX[i, j] + 0.02)


@given(st.integers(0, 10_000))
def test_what_no_numbers_can_have_is_seen(seed: int) -> None:
    made = random_correlations(seed, 4, 4)
    values, vectors = np.linalg.eigh(made)
    assert correlation.least_eigenvalue(made) == pytest.approx(values[0])
    worse = made - (values[0] + 0.01) * np.outer(vectors[:, 0], vectors[:, 0])
    assert correlation.is_possible(made)
    assert not correlation.is_possible(worse)


def test_higham_s_example() -> None:
    """Higham (2002), section 4: the nearest to a matrix with eigenvalue 1 - sqrt 2."""
    given = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    wanted = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    assert correlation.least_eigenvalue(given) == pytest.approx(1 - np.sqrt(2))
    found = correlation.nearest(given)
    assert found == pytest.approx(np.array(wanted), abs=5e-5)
    assert correlation.least_eigenvalue(found) > -1e-9


@given(st.integers(0, 10_000))
def test_nothing_possible_is_nearer_than_the_nearest(seed: int) -> None:
    generator = np.random.default_rng(seed)
    given = correlation.matrix(NAMES, {("price", "network"): 0.9, ("price", "rent"): 0.9, ("network", "rent"): -0.5})
    given += np.triu(generator.uniform(-0.1, 0.1, (4, 4)), 1)
    given = np.triu(given, 1) + np.triu(given, 1).T + np.eye(4)
    found = correlation.nearest(given)
    assert correlation.least_eigenvalue(found) > -1e-6
    assert np.all(np.diagonal(found) == 1.0)
    distance = np.linalg.norm(found - given)
    for share in (0.01, 0.3):
        mixed = (1 - share) * found + share * random_correlations(seed, 4, 4)
        assert np.linalg.norm(mixed - given) >= distance - 1e-6
    possible = random_correlations(seed, 4, 4)
    assert correlation.nearest(possible) == pytest.approx(possible, abs=1e-9)


@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 9]), st.sampled_from([1.0, 0.7]))
def test_what_is_offered_is_possible_as_it_is_written(seed: int, size: int, kept: float) -> None:
    generator = np.random.default_rng(seed)
    asked = np.clip(np.triu(generator.normal(0.0, 1.0, (size, size)), 1), -1.0, 1.0)
    asked = asked + asked.T + np.eye(size)
    keeps = np.ones((size, size))
    keeps[0, 1:] = keeps[1:, 0] = kept
    offered = correlation.nearest_written(asked / keeps, keeps)
    assert np.array_equal(offered, offered.T)
    assert np.all(np.diagonal(offered) == 1.0)
    assert np.array_equal(offered, np.round(offered, 3))
    shocks = offered / keeps
    np.fill_diagonal(shocks, 1.0)
    assert correlation.is_possible(shocks)
    asked_of_shocks = asked / keeps
    np.fill_diagonal(asked_of_shocks, 1.0)
    near = correlation.nearest(asked_of_shocks) * keeps
    assert np.max(np.abs(offered - near - np.diag(np.diagonal(offered - near)))) <= 0.001 * (size + 2)
