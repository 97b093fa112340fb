"""Streams: nothing but seed, name and block decides what they hold, and no two of them have anything in common."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, Draws, Sampler
from tests.randomness.measuring import ERRORS, has_mean, has_variance

ROWS = {"price": 24, "rent": 24, "delay": 1}


def shock(sampler: Sampler, block: int, name: str = "price") -> FloatArray:
    row: FloatArray = sampler.normals({name: 1}, block)[name][0]
    return row


@pytest.mark.parametrize("draws", DRAWS)
def test_seed_name_and_block_decide(draws: Draws) -> None:
    sampler = Sampler(7, draws)
    first = sampler.normals(ROWS, 3)
    again = pickle.loads(pickle.dumps(sampler)).normals(ROWS, 3)
    for name, rows in ROWS.items():
        assert first[name].shape == (rows, BLOCK_PATHS)
        assert np.array_equal(first[name], again[name])
        for other in (Sampler(8, draws).normals(ROWS, 3)[name], sampler.normals(ROWS, 4)[name]):
            assert not np.any(other == first[name])
    assert not np.any(first["price"] == first["rent"])
    otherwise = Sampler(7, next(other for other in DRAWS if other != draws))
    assert not np.array_equal(first["price"], otherwise.normals(ROWS, 3)["price"])


@pytest.mark.parametrize("draws", ["independent", "antithetic"])
def test_other_names_and_more_months_leave_a_stream_as_it_is(draws: Draws) -> None:
    sampler = Sampler(7, draws)
    alone = sampler.normals({"rent": 24}, 3)["rent"]
    assert np.array_equal(sampler.normals(ROWS, 3)["rent"], alone)
    assert np.array_equal(sampler.normals(dict(reversed(ROWS.items())), 3)["rent"], alone)
    longer = sampler.normals({"rent": 48}, 3)["rent"]
    if draws == "independent":
        assert np.array_equal(longer[:24], alone)


@pytest.mark.parametrize("draws", DRAWS)
def test_normals_are_standard(draws: Draws) -> None:
    sample = np.concatenate([Sampler(1, draws).normals(ROWS, block)["rent"] for block in range(32)], axis=1)
    half = sample[:, sample.shape[1] // 2 :]
    assert has_mean(half, 0.0)
    assert not has_mean(half, 0.02)
    assert has_variance(half, 1.0)
    assert not has_variance(half, 1.02)
    correlations = np.corrcoef(sample)
    most = ERRORS / np.sqrt(sample.shape[1] / 2.0)
    assert np.max(np.abs(correlations - np.eye(24))) < most


def test_antithetic_halves_mirror_each_other() -> None:
    sampler = Sampler(1, "antithetic")
    for name, values in sampler.normals(ROWS, 5).items():
        assert np.array_equal(values[:, : BLOCK_PATHS // 2], -values[:, BLOCK_PATHS // 2 :]), name
    assert len(np.unique(shock(sampler, 5))) == BLOCK_PATHS


@pytest.mark.parametrize("draws", DRAWS)
def test_what_is_not_normal_has_a_stream_of_its_own(draws: Draws) -> None:
    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        return generator.random((12, count))

    sampler = Sampler(1, draws)
    drawn = sampler.others("price", 2, draw)
    assert drawn.shape == (12, BLOCK_PATHS)
    assert np.array_equal(sampler.others("price", 2, draw), drawn)
    for other, name, block in ((sampler, "rent", 2), (sampler, "price", 3), (Sampler(2, draws), "price", 2)):
        assert not np.any(other.others(name, block, draw) == drawn)
    half = BLOCK_PATHS // 2
    assert np.array_equal(drawn[:, :half], drawn[:, half:]) == (draws == "antithetic")
    assert has_mean(drawn[:, :half], 0.5)
    # the uniforms that the normals of the same name begin with are others
    assert not np.any(sampler.generator("price", 2).random((12, BLOCK_PATHS)) == drawn)


@dataclass(frozen=True)
class Duplicating(Sampler):
    """A seeding that gives two neighbouring blocks the same numbers: what the tests below must see."""

    def generator(self, name: str, block: int) -> np.random.Generator:
        return super().generator(name, block // 2)


def no_block_repeats_another(sampler: Sampler) -> bool:
    """No number comes twice in many blocks of several names."""
    found = [shock(sampler, block, name) for block in range(64) for name in ("price", "rent", "price, other")]
    return np.unique(np.concatenate(found)).size == len(found) * BLOCK_PATHS


def blocks_are_uncorrelated(sampler: Sampler) -> bool:
    found = np.stack([shock(sampler, block, name) for block in range(32) for name in ("price", "rent")])
    correlations = np.corrcoef(found) - np.eye(len(found))
    return bool(np.max(np.abs(correlations)) < ERRORS / np.sqrt(BLOCK_PATHS))


def means_vary_as_they_should(kind: type[Sampler]) -> bool:
    """Means of 8 blocks, over 400 seeds, have the variance of as many independent numbers: 1 / (8 x 1024)."""
    means = [np.mean([shock(kind(seed), block).mean() for block in range(8)]) for seed in range(400)]
    return has_variance(np.array(means) * np.sqrt(8.0 * BLOCK_PATHS), 1.0)


def test_blocks_have_nothing_in_common() -> None:
    assert no_block_repeats_another(Sampler(1))
    assert blocks_are_uncorrelated(Sampler(1))
    assert means_vary_as_they_should(Sampler)


def test_a_seeding_that_repeats_blocks_would_be_seen() -> None:
    """Each block of it has mean 0 and variance 1; together they know half as much as they seem to."""
    found = np.concatenate([shock(Duplicating(1), block) for block in range(32)])
    assert has_mean(found, 0.0)
    assert not no_block_repeats_another(Duplicating(1))
    assert not blocks_are_uncorrelated(Duplicating(1))
    assert not means_vary_as_they_should(Duplicating)


def test_means_of_blocks_vary_as_those_of_independent_numbers() -> None:
    means = np.array([shock(Sampler(1), block).mean() for block in range(3000)]) * np.sqrt(BLOCK_PATHS)
    assert has_mean(means, 0.0)
    assert has_variance(means, 1.0)
    assert not has_variance(means, 1.15)
    neighbours = np.corrcoef(means[:-1], means[1:])[0, 1]
    assert abs(neighbours) < ERRORS / np.sqrt(len(means))
