"""Choices between simulated plans: paired, ties apart, regret and information against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from minecalc.analysis.simulate.choices import (
    INCOMPLETE,
    beats,
    difference,
    probability_of_being_best,
    regrets,
    value_of_perfect_information,
)
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, Draws
from minecalc.statistics.estimates import UNKNOWN, Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling

from .drawing import REPEATS, normals, sample


def plans(**values: list[float]) -> dict[str, Sample]:
    return {name: sample(numbers) for name, numbers in values.items()}


def numbers(estimates: dict[str, Estimate]) -> dict[str, float | None]:
    return {name: estimate.number for name, estimate in estimates.items()}


def test_ties_are_neither_won_nor_lost() -> None:
    found = beats(sample([1.0, 2.0, 3.0, 4.0]), sample([0.0, 2.0, 3.0, 9.0]))
    assert [part.number for part in found] == [0.25, 0.25, 0.5]


def test_identical_plans_tie_everywhere_and_nothing_is_worth_knowing() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    found = beats(sample(values), sample(values.copy()))
    assert [part.number for part in found] == [0.0, 0.0, 1.0]
    regret = regrets({"a": sample(values), "b": sample(values.copy())})
    assert value_of_perfect_information(regret) == Estimate(0.0, 0.0, 0.0, 0.0, 1000)
    assert difference(sample(values), sample(values)).mean == Estimate(0.0, 0.0, 0.0, 0.0, 1000)


def test_a_path_counts_where_all_plans_have_a_figure() -> None:
    ours, theirs = sample([1.0, np.nan, 3.0, 4.0]), sample([0.0, 9.0, np.nan, 5.0])
    gap = difference(ours, theirs)
    assert dict(gap.undefined) == {INCOMPLETE: 2}
    assert (gap.paths, gap.mean.number) == (2, 0.0)
    assert [part.number for part in beats(ours, theirs)] == [0.5, 0.5, 0.0]
    some = {"a": ours, "b": theirs, "c": sample([2.0, 0.0, 0.0, 0.0])}
    assert numbers(probability_of_being_best(some)) == {"a": 0.0, "b": 0.5, "c": 0.5}
    assert {name: regret.paths for name, regret in regrets(some).items()} == dict.fromkeys("abc", 2)
    nowhere = {"a": sample([1.0, np.nan]), "b": sample([np.nan, 1.0])}
    assert value_of_perfect_information(regrets(nowhere)) == UNKNOWN
    assert numbers(probability_of_being_best(nowhere)) == {"a": None, "b": None}


def test_the_best_of_several_is_alone_at_the_top() -> None:
    found = probability_of_being_best(plans(a=[3, 1, 2, 5], b=[1, 3, 2, 5], c=[2, 2, 2, 4]))
    assert numbers(found) == {"a": 0.25, "b": 0.25, "c": 0.0}


def test_regret_is_what_the_best_would_have_brought_more() -> None:
    found = regrets(plans(a=[3, 1, 2], b=[1, 3, 2], c=[2, 2, 8]))
    assert {name: regret.values.tolist() for name, regret in found.items()} == {
        "a": [0, 2, 6],
        "b": [2, 0, 6],
        "c": [1, 1, 0],
    }
    # The best of the means, 4 of c, falls short of the mean of the best, 14 / 3, by 2 / 3.
    assert value_of_perfect_information(found).number == pytest.approx(2 / 3)


def drawn(draws: Draws, paths: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    first, second = normals(draws, paths, rng)
    return 10.0 + 4.0 * first, 8.0 + 6.0 * (0.3 * first + np.sqrt(0.91) * second)


@pytest.mark.parametrize(("draws", "paths"), [("independent", 1000), ("antithetic", 2048), ("sobol", 16 * BLOCK_PATHS)])
def test_paired_statistics_hold_the_truth_as_often_as_they_say(draws: Draws, paths: int) -> None:
    """Two normals: information is worth s phi(m / s) - m Phi(-m / s), m and s those of the difference."""
    deviation = np.sqrt(16 + 36 - 2 * 0.3 * 24)
    information = deviation * norm.pdf(2 / deviation) - 2 * norm.cdf(-2 / deviation)
    truths = {"beats": norm.cdf(2 / deviation), "information": information, "regret of the worse": information + 2}
    truths["P90 of regret"] = 2 + deviation * norm.ppf(0.9) - 4
    held = {name: list[bool]() for name in truths}
    rng = np.random.default_rng(2)
    for _ in range(REPEATS):
        both = {name: sample(values, draws) for name, values in zip("ab", drawn(draws, paths, rng), strict=True)}
        regret = regrets(both)
        found = {
            "beats": beats(both["a"], both["b"]).above,
            "information": value_of_perfect_information(regret),
            "regret of the worse": regret["b"].mean,
            "P90 of regret": regret["a"].percentile(90),
        }
        for name, estimate in found.items():
            assert estimate.low is not None
            assert estimate.high is not None
            held[name].append(estimate.low <= truths[name] <= estimate.high)
    for name, inside in held.items():
        assert np.mean(inside) == pytest.approx(0.95, abs=0.033), name


def test_pairing_makes_a_difference_far_better_known() -> None:
    rng = np.random.default_rng(3)
    world, own = rng.normal(size=(2, 2000))
    ours, theirs = sample(10 * world + own), sample(10 * world)
    gap = difference(ours, theirs).mean
    assert gap.error is not None
    assert ours.mean.error is not None
    assert gap.error < ours.mean.error / 5


def test_plans_of_a_world_are_drawn_alike() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        difference(sample([1.0, 2.0]), Sample(np.zeros(3), Sampling("independent", 3)))
