"""Errors by units of paths: the textbook formulas as special cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES, Draws, Sampler
from minecalc.statistics.sampling import Sampling

ALL = np.ones(4096, dtype=np.bool_)


def error_of_mean(sampling: Sampling, values: FloatArray) -> float:
    error = sampling.error_of_mean(values - np.mean(values), np.ones(values.size, dtype=np.bool_))
    assert error is not None
    return error.error


def test_independent_paths_have_the_textbook_error() -> None:
    values = np.random.default_rng(1).exponential(size=1000)
    assert error_of_mean(Sampling("independent", 1000), values) == pytest.approx(
        np.std(values, ddof=1) / math.sqrt(1000), rel=1e-12
    )


def test_mirrored_paths_have_the_error_of_the_means_of_their_pairs() -> None:
    drawn = np.concatenate([Sampler(5, "antithetic").normals({"x": 1}, block)["x"][0] for block in range(4)])
    values = np.exp(drawn)
    half = BLOCK_PATHS // 2
    pairs = np.concatenate([block[:half] + block[half:] for block in values.reshape(4, BLOCK_PATHS)]) / 2
    paired = error_of_mean(Sampling("antithetic", values.size), values)
    assert paired == pytest.approx(np.std(pairs, ddof=1) / math.sqrt(pairs.size), rel=1e-12)
    assert paired < 0.85 * error_of_mean(Sampling("independent", values.size), values)


def test_replicates_have_the_error_of_their_own_estimates() -> None:
    blocks = 2 * REPLICATES
    values = np.concatenate([Sampler(5, "sobol").normals({"x": 1}, block)["x"][0] for block in range(blocks)])
    replicates = np.stack([values.reshape(blocks, BLOCK_PATHS)[r::REPLICATES].mean() for r in range(REPLICATES)])
    error = error_of_mean(Sampling("sobol", values.size), values)
    assert error == pytest.approx(np.std(replicates, ddof=1) / math.sqrt(REPLICATES), rel=1e-9)
    assert error < 0.05 * error_of_mean(Sampling("independent", values.size), values)


def test_few_units_reach_further() -> None:
    sampling = Sampling("sobol", 3 * BLOCK_PATHS)
    values = np.arange(sampling.paths, dtype=np.float64)
    error = sampling.error_of_mean(values - values.mean(), np.ones(values.size, dtype=np.bool_))
    assert error is not None
    assert error.below == error.above == pytest.approx(t.ppf(0.975, 2) * error.error, rel=1e-9)


@pytest.mark.parametrize(("draws", "paths"), [("independent", 1), ("sobol", BLOCK_PATHS), ("antithetic", 1)])
def test_one_unit_has_no_error(draws: Draws, paths: int) -> None:
    known = np.ones(paths, dtype=np.bool_)
    sampling = Sampling(draws, paths)
    assert sampling.error_of_mean(np.zeros(paths), known) is None
    assert draws != "sobol" or sampling.effective_paths(np.arange(paths) < 7, known) is None


def test_paths_that_are_not_known_take_no_part() -> None:
    """Of ten paths six are known; the others could as well not have been drawn."""
    known = np.arange(10) % 5 < 3
    values = np.where(known, np.arange(10.0), 0.0)
    centred = np.where(known, values - values[known].mean(), 0.0)
    error = Sampling("independent", 10).error_of_mean(centred, known)
    assert error is not None
    assert error.error == pytest.approx(np.std(values[known], ddof=1) / math.sqrt(6), rel=1e-12)
    assert error.below == error.above == pytest.approx(t.ppf(0.975, 5) * error.error, rel=1e-9)


def test_a_broken_pair_is_a_unit_of_one() -> None:
    """The last block ends after 700 of its paths: 512 units, of which 188 are whole pairs."""
    units = Sampling("antithetic", BLOCK_PATHS + 700).units
    assert units is not None
    counts = np.bincount(units)
    assert (counts == 2).sum() == 512 + 188
    assert (counts == 1).sum() == 512 - 188
    assert units[3] == units[3 + 512] != units[4]


def test_paths_that_say_the_same_twice_count_once() -> None:
    rng = np.random.default_rng(2)
    half = rng.random((4, 512)) < 0.3
    event = np.concatenate([half, half], axis=1).ravel()
    worth = Sampling("antithetic", 4096).effective_paths(event, ALL)
    assert worth == pytest.approx(2048, rel=0.01)


def test_paths_that_make_up_for_each_other_count_for_more_but_never_for_all() -> None:
    """One of each pair: the share cannot vary, yet one path more or less would not have been seen."""
    event = np.tile(np.arange(1024) < 512, 4)
    worth = Sampling("antithetic", 4096).effective_paths(event, ALL)
    assert worth is not None
    assert 0.25 * 4096**2 * 0.99 < worth <= 0.25 * 4096**2


@pytest.mark.parametrize("happens", [False, True])
def test_what_never_or_always_happens_is_seen_by_as_many_paths_as_there_surely_are(happens: bool) -> None:
    event = np.full(4096, happens)
    worth = [Sampling(draws, 4096).effective_paths(event, ALL) for draws in ("independent", "antithetic", "sobol")]
    assert worth == [4096, 2048, 4096]
    assert Sampling("sobol", 4096).effective_paths(event & False, ~ALL) is None
