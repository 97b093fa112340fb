"""Sobol points: evenly spread over paths, differently scrambled by replicate, best coordinates where paths end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from minecalc.arrays import FloatArray
from minecalc.randomness.sobol import sobol_normals
from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES, Draws, Sampler
from tests.randomness.measuring import ERRORS, has_mean

SOBOL = Sampler(1, "sobol")


def ends(block: int, rows: int = 12, seed: int = 1) -> FloatArray:
    """Where the walk that the steps make ends, as standard normals: made of a path's first coordinate alone."""
    steps = sobol_normals(Sampler(seed, "sobol"), {"price": rows}, block)["price"]
    end: FloatArray = steps.sum(axis=0) / np.sqrt(rows)
    return end


def worth(sampler: Sampler, block: int) -> float:
    """Mean over a block of the exponential of a year's walk: smooth in 12 normals, expected exp(0.18)."""
    steps = sampler.normals({"price": 12}, block)["price"]
    return float(np.exp(0.6 * steps.sum(axis=0) / np.sqrt(12.0)).mean())


def cells(normals: FloatArray, count: int) -> set[int]:
    """Which of ``count`` equally likely cells have a point."""
    return set(np.floor(ndtr(normals) * count).astype(int).tolist())


def test_the_points_of_a_block_fill_every_cell_once() -> None:
    for block in (0, 5, REPLICATES, 3 * REPLICATES + 2):
        assert len(cells(ends(block), BLOCK_PATHS)) == BLOCK_PATHS


def test_blocks_of_a_replicate_go_on_with_one_sequence() -> None:
    both = np.concatenate([ends(3), ends(3 + REPLICATES)])
    assert len(cells(both, 2 * BLOCK_PATHS)) == 2 * BLOCK_PATHS
    four = np.concatenate([ends(3 + turn * REPLICATES) for turn in range(4)])
    assert len(cells(four, 4 * BLOCK_PATHS)) == 4 * BLOCK_PATHS


def test_replicates_are_scrambled_differently() -> None:
    found = [ends(block) for block in range(REPLICATES)]
    for i, one in enumerate(found):
        assert not any(np.any(one == other) for other in found[:i])
    # two scrambles together leave some cells empty and fill others twice, as independent points would
    assert len(cells(np.concatenate(found[:2]), 2 * BLOCK_PATHS)) < 1.9 * BLOCK_PATHS
    assert not np.any(ends(3) == ends(3, seed=2))


def test_errors_of_replicates_are_independent() -> None:
    """So that their scatter is the error of their mean."""
    errors = np.array([[worth(Sampler(seed, "sobol"), block) for block in range(4)] for seed in range(300)])
    correlations = np.corrcoef(errors.T) - np.eye(4)
    assert np.max(np.abs(correlations)) < ERRORS / np.sqrt(300)
    same = np.corrcoef(errors[:, 0], [worth(Sampler(seed, "sobol"), 0) for seed in range(300)])[0, 1]
    assert same > 0.999


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 12, 120])
def test_steps_are_independent_standard_normals(rows: int) -> None:
    blocks = range(0, 8 * REPLICATES, REPLICATES)
    steps = np.concatenate([sobol_normals(SOBOL, {"price": rows}, block)["price"] for block in blocks], axis=1)
    covariance = steps @ steps.T / steps.shape[1]
    assert np.max(np.abs(covariance - np.eye(rows))) < ERRORS / np.sqrt(steps.shape[1])
    assert np.max(np.abs(steps.mean(axis=1))) < ERRORS / np.sqrt(steps.shape[1])
    assert np.isfinite(steps).all()


def test_names_take_coordinates_of_their_own_in_turn() -> None:
    rows = {"price": 12, "rent": 6, "delay": 1}
    normals = sobol_normals(SOBOL, rows, 0)
    assert {name: values.shape for name, values in normals.items()} == {
        name: (count, BLOCK_PATHS) for name, count in rows.items()
    }
    # the first coordinate of each, where its walk ends, is among the first three: all fill their cells
    for name, count in rows.items():
        assert len(cells(normals[name].sum(axis=0) / np.sqrt(count), BLOCK_PATHS)) == BLOCK_PATHS, name
    everything = np.concatenate(list(normals.values()))
    correlations = np.corrcoef(everything) - np.eye(19)
    assert np.max(np.abs(correlations)) < ERRORS / np.sqrt(BLOCK_PATHS)


def test_smooth_means_are_unbiased_and_much_more_accurate() -> None:
    methods: tuple[Draws, Draws] = ("independent", "sobol")
    found = {draws: np.array([worth(Sampler(seed, draws), seed % 40) for seed in range(150)]) for draws in methods}
    for draws, means in found.items():
        assert has_mean(means, np.exp(0.18)), draws
    assert not has_mean(found["sobol"], np.exp(0.18) * 1.001)
    assert found["independent"].var() > 65 * found["sobol"].var()


def test_a_block_does_not_depend_on_the_blocks_before_it() -> None:
    alone = Sampler(1, "sobol").normals({"price": 12}, 50)["price"]
    for block in range(3):
        Sampler(1, "sobol").normals({"price": 12}, block)
    assert np.array_equal(Sampler(1, "sobol").normals({"price": 12}, 50)["price"], alone)
