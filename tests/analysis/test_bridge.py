"""Steps add up to the mean whatever they are of, and their words say no more than is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.bridge import SCENARIO, Shutting, Step, bridge, certain, known_digits, rank, table, told
from minecalc.document import Chart, Value
from minecalc.looks import sentence
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling

_DRAWN = np.random.default_rng(1)
_WHOLE = _DRAWN.normal(50.0, 20.0, 4000)
_PRICES = np.where(np.arange(1000) % 2, _WHOLE[:1000] - 4.0, _WHOLE[:1000] - 6.0)
_DELAYS = np.full(1000, 80.0) - _DRAWN.random(1000)


def walked(whole: Sample) -> list[Step]:
    stages = {"delays_and_overruns": _DELAYS, "prices": _PRICES, "mining_shutdowns": _WHOLE[:1000]}
    return bridge(90.0, stages, whole.mean, Sampling("independent", 1000), whole)


def added(steps: list[Step]) -> float:
    return math.fsum(step.usd.number or 0.0 for step in steps[:-1])


def test_steps_are_differences_of_means_on_the_same_paths() -> None:
    whole = Sample(_WHOLE[:1000], Sampling("independent", 1000))
    scenario, delays, prices, shutdowns, mean = walked(whole)
    assert (scenario.name, scenario.usd.number, scenario.usd.error) == (SCENARIO, 90.0, 0.0)
    assert delays.usd.number == pytest.approx(float(np.mean(_DELAYS)) - 90.0, rel=1e-12)
    assert prices.usd.number == pytest.approx(float(np.mean(_PRICES - _DELAYS)), rel=1e-12)
    assert prices.usd.error == pytest.approx(float(np.std(_PRICES - _DELAYS, ddof=1)) / math.sqrt(1000.0), rel=1e-9)
    assert shutdowns.usd.number == pytest.approx(5.0, rel=1e-12)
    assert mean.usd == whole.mean
    assert added([scenario, delays, prices, shutdowns, mean]) == pytest.approx(whole.mean.number, rel=1e-12)


def test_of_more_paths_the_widest_step_is_what_the_others_leave_of_their_mean() -> None:
    whole = Sample(_WHOLE, Sampling("independent", 4000))
    steps = walked(whole)
    assert added(steps) == pytest.approx(whole.mean.number, rel=1e-12)
    few = walked(Sample(_WHOLE[:1000], Sampling("independent", 1000)))
    assert (steps[1], steps[3]) == (few[1], few[3]), "the others are of the first paths"
    beside = _WHOLE[:1000] - _PRICES + _DELAYS  # all but that of prices
    influence = _WHOLE - np.mean(_WHOLE)
    influence[:1000] -= 4.0 * (beside - np.mean(beside))
    expected = math.sqrt(float(np.sum(influence**2)) / 4000 / 3999)
    assert steps[2].usd.error == pytest.approx(expected, rel=1e-9)
    assert (steps[2].usd.error or 0.0) < 0.6 * (few[2].usd.error or 0.0)


def test_paths_that_lack_a_stage_do_not_count_and_without_any_there_are_no_steps() -> None:
    stage, values = np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, np.nan])
    sampling = Sampling("independent", 3)
    whole = Sample(values, sampling, {"why": 1})
    steps = bridge(0.0, {"inputs": stage, "prices": values}, whole.mean, sampling, whole)
    assert added(steps) == pytest.approx(3.5)
    assert bridge(0.0, {"inputs": np.full(3, np.nan)}, whole.mean, sampling, whole) == []
    certain_world = Sample(np.full(3, 7.0), sampling)
    assert [step.usd.number for step in bridge(7.0, {}, certain_world.mean, sampling, certain_world)] == [7.0, 7.0]


def estimate(number: float, error: float) -> Estimate:
    return Estimate(number, error, number - 2.0 * error, number + 2.0 * error, 1000)


def test_a_sentence_names_the_largest_steps_that_are_known() -> None:
    steps = [
        Step(SCENARIO, certain(90e6)),
        Step("delays_and_overruns", estimate(-21e6, 1e5)),
        Step("tenant_defaults", estimate(-3e6, 1e5)),
        Step("prices", estimate(-30e6, 20e6)),
        Step("mining_shutdowns", estimate(9.04e6, 3e5)),
        Step("mean", estimate(45e6, 1e6)),
    ]
    assert sentence(told(steps)) == "delays and overruns take $21.0M and mining shutdowns add $9.0M"
    assert sentence(told(steps, 1)) == "delays and overruns take $21.0M"
    first = "delays and overruns take $21.0M and "
    loses, gains = "loses $9.0M by shutting without foresight", "gains $9.0M by shutting down"
    assert sentence(told(steps, shutting=Shutting("mine", is_other_side=True))) == f"{first}mine {loses}"
    assert sentence(told(steps, shutting=Shutting("plan", is_other_side=False))) == f"{first}plan {gains}"
    steps[4] = Step("mining_shutdowns", estimate(-9.04e6, 3e5))
    assert sentence(told(steps, shutting=Shutting("mine", is_other_side=True))) == f"{first}mine {gains}"
    assert sentence(told(steps, shutting=Shutting("plan", is_other_side=False))) == f"{first}plan {loses}"
    assert told([steps[0], steps[-1]]) == []


def test_a_level_between_the_ends_is_ruled_off_and_pictured_as_one() -> None:
    steps = [Step(name, certain(usd)) for name, usd in (("scenario", 10.0), ("prices", -4.0), ("now", 6.0))]
    steps += [Step("rule", certain(2.0)), Step("best", certain(8.0))]
    found = table("", {"Over never": steps}, labels={"now": "Now", "rule": "Rule", "best": "Best"}, levels=("now",))
    assert list(found.sections) == [1, 2, 3, 4]
    assert isinstance(found.picture, Chart)
    assert list(found.picture.levels) == [2]


def test_digits_that_are_not_known_are_not_said() -> None:
    assert known_digits(estimate(-24.9e6, 1.1e6)) == "$25M"
    assert known_digits(estimate(0.723, 0.0044), "fraction") == "72%"
    assert known_digits(estimate(1e6, 2e6)) == Value(1e6, "usd", error=2e6)
    assert sentence([known_digits(estimate(0.9997, 0.0005), "fraction")]) == "> 99.8%"
    nothing = Estimate(0.0, 0.002, 0.0, 0.004, 1000, bound=0.004)
    assert known_digits(nothing, "fraction") == nothing.value("fraction")


@pytest.mark.parametrize(
    ("share", "error", "text"),
    [
        (0.784, 0.004, "P78"),
        (0.784, 0.013, "P78 ± 1"),
        (0.0, 0.001, "below all of them"),
        (1.0, 0.001, "above all of them"),
        (0.001, 0.001, "below P1"),
        (0.998, 0.001, "above P99"),
    ],
)
def test_the_rank_of_the_scenario(share: float, error: float, text: str) -> None:
    assert rank(estimate(share, error)) == text
