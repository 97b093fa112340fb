"""Sums over paths: right, in one order, exact where all are equal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.timing.sums import LANES, add_lanes, blocks, mean_over_paths


@pytest.mark.parametrize("paths", [1, LANES - 1, LANES, LANES + 1, 3 * LANES])
def test_blocks_hold_every_path_once_and_in_order(paths: int) -> None:
    assert [path for block in blocks(paths) for path in range(paths)[block]] == [*range(paths)]


def test_lanes_are_all_added() -> None:
    lanes = np.arange(2.0 * LANES).reshape(2, LANES)
    assert add_lanes(lanes).tolist() == [sum(range(LANES)), sum(range(LANES, 2 * LANES))]


@pytest.mark.parametrize("paths", [1, 7, 5000])
def test_a_mean_is_near_the_exact_one(paths: int) -> None:
    values = np.random.default_rng(paths).standard_normal((2, 3, paths)) + 1e6
    means = mean_over_paths(values)
    exact = [[math.fsum(row) / paths for row in rows] for rows in values.tolist()]
    assert means.shape == (2, 3)
    np.testing.assert_allclose(means, exact, rtol=1e-15)


def test_the_mean_of_equal_numbers_is_that_number() -> None:
    assert mean_over_paths(np.full((1, 4999), 0.1)).tolist() == [0.1]
