"""Intervals at the default settings: they hold the truth as often as they say, or there is none."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from minecalc.analysis.simulate.outcomes import difference, regrets
from minecalc.analysis.simulate.run import Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from tests.analysis.simulate.drawing import REPEATS, sample
from tests.analysis.simulate.worlds import TWO, world

#: Paths of ``minecalc simulate`` unless it is told otherwise.
PATHS = 10_240

#: So many simulations under the default factors.
SIMULATIONS = 200


def inside(estimates: list[Estimate], truth: float) -> tuple[int, int]:
    """How many estimates have an interval, and how many of those hold the truth."""
    ends = [(each.low, each.high) for each in estimates if each.low is not None and each.high is not None]
    return len(ends), sum(low <= truth <= high for low, high in ends)


def lognormals(sigma: float, seed: int) -> list[Sample]:
    """A price in many worlds: its logarithm has a standard deviation of ``sigma``."""
    rng = np.random.default_rng(seed)
    return [sample(np.exp(sigma * rng.standard_normal(PATHS))) for _ in range(REPEATS)]


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.5])
def test_the_mean_of_a_lognormal_price_is_where_it_says(sigma: float) -> None:
    """A plain t interval misses above in 7% of simulations at 1.5."""
    told, held = inside([each.mean for each in lognormals(sigma, 8)], math.exp(sigma**2 / 2.0))
    assert told == REPEATS
    assert held / told == pytest.approx(0.95, abs=0.033)


@pytest.mark.parametrize("sigma", [0.25, 0.5, 0.75])
def test_the_deviation_of_a_lognormal_price_is_where_it_says(sigma: float) -> None:
    truth = math.sqrt(math.expm1(sigma**2) * math.exp(sigma**2))
    told, held = inside([each.standard_deviation for each in lognormals(sigma, 9)], truth)
    assert told == REPEATS
    assert held / told == pytest.approx(0.95, abs=0.033)


def test_where_a_few_paths_would_make_the_mean_none_is_told() -> None:
    for some in lognormals(3.0, 10)[:40]:
        for estimate in (some.mean, some.standard_deviation):
            assert (estimate.error, estimate.low, estimate.high) == (None, None, None)
            assert estimate.value("usd").reason == "the tail is too heavy for 10,240 paths to tell"
            assert estimate.data()["reason"] == "the tail is too heavy for 10,240 paths to tell"
        assert some.percentile(50).error is not None


def test_a_deviation_is_given_up_before_a_mean() -> None:
    """With a standard deviation of the logarithm of 1.75 the mean is still known."""
    found = [(each.mean.error, each.standard_deviation.error) for each in lognormals(1.75, 11)[:40]]
    assert None not in [mean for mean, _ in found]
    assert all(deviation is None for _, deviation in found)


@cache
def blocks() -> list[FloatArray]:
    """The NPVs ``(paths, plans)`` under the default factors, of as many blocks of independent paths."""
    of = world(TWO)
    run = Run(of, tuple(of.scenario.plans), SIMULATIONS * BLOCK_PATHS)
    npvs = np.concatenate([run.chunk(number).figures[:, :, 0] for number in range(run.chunks)])
    return np.split(npvs, SIMULATIONS)


def told(npvs: FloatArray) -> dict[str, Estimate]:
    """What is said of two plans: each statistic of the NPVs, of the lead, and of what the better would have brought."""
    sampling = Sampling("independent", len(npvs))
    mine, lease = (Sample(np.ascontiguousarray(npvs[:, p]), sampling) for p in range(2))
    lead = difference(lease, mine)
    found: dict[str, Estimate] = {}
    for name, some in {"mine": mine, "lease": lease, "lead": lead}.items():
        found |= {f"{name} mean": some.mean, f"{name} deviation": some.standard_deviation}
        found[f"{name} shortfall"] = some.expected_shortfall(0.1)
        found |= {f"{name} P{percent:g}": some.percentile(percent) for percent in (5, 25, 50, 75, 95)}
    found["behind"] = lead.probability_of_loss
    return found | {"regret": regrets({"mine": mine, "lease": lease})["mine"].mean}


def test_every_interval_of_a_default_simulation_holds_the_truth_as_often_as_it_says() -> None:
    """In 95% of 200 simulations within three binomial errors each, and closely all together."""
    truth = {name: estimate.number for name, estimate in told(np.concatenate(blocks())).items()}
    repeats = [told(npvs) for npvs in blocks()]
    shares = {}
    for name, number in truth.items():
        assert number is not None
        count, held = inside([each[name] for each in repeats], number)
        if "deviation" in name:  # which so few paths may be too few to tell
            continue
        assert count == SIMULATIONS, name
        shares[name] = held / count
    assert {name: share for name, share in shares.items() if abs(share - 0.95) > 0.047} == {}
    assert float(np.mean(list(shares.values()))) == pytest.approx(0.955, abs=0.01)


def test_a_figure_that_few_paths_have_at_all_is_told() -> None:
    """Nothing in most worlds and about as much in all others: so many zeros look like a heavy tail, and are none."""
    rng = np.random.default_rng(12)
    rare = [sample(np.where(rng.random(PATHS) < 0.03, rng.uniform(0.0, 1.0, PATHS), 0.0)) for _ in range(REPEATS)]
    told, held = inside([each.mean for each in rare], 0.015)
    assert told == REPEATS
    assert held / told == pytest.approx(0.95, abs=0.033)
    told, _ = inside([each.standard_deviation for each in rare], 0.0)
    assert told == REPEATS
