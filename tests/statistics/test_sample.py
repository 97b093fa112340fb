"""Statistics of a figure over paths: published cases, calibrated errors, nothing made up for undefined paths."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from minecalc.analysis.simulate.outcomes import beats, difference
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, Draws, Sampler
from minecalc.statistics.estimates import UNKNOWN, Estimate, tail_index
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from tests.analysis.simulate.drawing import Statistic, held, sample

Case = dict[str, Any]

ORACLE = Path(__file__).parents[1] / "oracles" / "statistics.json"
CASES: dict[str, Case] = {case["id"]: case for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]}


def of(fn: str) -> list[Any]:
    return [pytest.param(case, id=name) for name, case in CASES.items() if case["fn"] == fn]


def number(estimate: Estimate) -> float:
    assert estimate.number is not None
    return estimate.number


def error(estimate: Estimate) -> float:
    assert estimate.error is not None
    return estimate.error


def normal(paths: int) -> FloatArray:
    """Means of a normal over equally likely slices: the mean of any run of slices is exact."""
    edges = norm.pdf(ndtri(np.linspace(0.0, 1.0, paths + 1)))
    slices: FloatArray = paths * (edges[:-1] - edges[1:])
    return slices


def test_every_case_is_of_a_kind_that_is_tested() -> None:
    tested = {"quantile", "p_convention", "var_cvar", "cvar_sample", "standard_error", "paired_draws", "rng"}
    assert {case["fn"] for case in CASES.values()} == tested


@pytest.mark.parametrize("case", of("quantile"))
def test_quantile_oracle(case: Case) -> None:
    """One convention, numpy's ``linear``, whatever others there are."""
    data, share, method = (case["inputs"][key] for key in ("data", "q", "method"))
    expected = case["expected"]["value"]
    assert np.quantile(data, share, method=method) == pytest.approx(expected, abs=1e-9)
    found = number(sample(data).percentile(100 * share))
    assert found == pytest.approx(CASES["quantile-1to10-p90-linear"]["expected"]["value"], abs=1e-9)
    assert (found == pytest.approx(expected, abs=1e-9)) == (method == "linear")


def test_percentiles_of_costs_are_no_exceedances() -> None:
    assert CASES["p90-of-cost"]["fn"] == "p_convention"
    costs = sample(np.random.default_rng(3).lognormal(size=1000))
    high, low = number(costs.percentile(90)), number(costs.percentile(10))
    assert np.mean(costs.values <= high) == 0.9
    assert np.mean(costs.values <= low) == 0.1
    assert high > 5 * low


def test_a_percentile_of_a_difference_is_no_difference_of_percentiles() -> None:
    expected = CASES["percentile-of-ratio"]["expected"]
    first, second = (sample(values) for values in np.random.default_rng(4).standard_normal((2, 40_000)))
    found = difference(first, second).percentile(90)
    assert abs(number(found) - expected["p90_of_difference"]) < 3 * error(found) < 0.05
    apart = number(first.percentile(90)) - number(second.percentile(90))
    assert apart == pytest.approx(expected["difference_of_p90"], abs=0.05)


@pytest.mark.parametrize("case", of("var_cvar"))
def test_var_cvar_oracle(case: Case) -> None:
    mean, deviation, confidence = (case["inputs"][key] for key in ("mu", "sigma", "alpha"))
    expected, tail = case["expected"], 1.0 - confidence
    profits = sample(mean + deviation * normal(1000))
    shortfall = number(profits.expected_shortfall(tail))
    assert shortfall == pytest.approx(expected["cvar_mean_of_worst_5"], abs=1e-9)
    assert -shortfall == pytest.approx(expected["CVaR_loss"], abs=1e-9)
    # 1,001 points of which the linear P5 is one.
    points = mean + deviation * ndtri(np.clip(np.linspace(0.0, 1.0, 1001), 1e-9, 1 - 1e-9))
    quantile = number(sample(points).percentile(100 * tail))
    assert quantile == pytest.approx(expected["quantile_5"], abs=1e-9)
    assert -quantile == pytest.approx(expected["VaR_loss"], abs=1e-9)


@pytest.mark.parametrize("case", of("cvar_sample"))
def test_expected_shortfall_oracle(case: Case) -> None:
    profits, tail = case["inputs"]["profit"], case["inputs"]["tail"]
    expected = case["expected"]["cvar"]
    shuffled = np.random.default_rng(5).permutation(profits)
    assert number(sample(shuffled).expected_shortfall(tail)) == pytest.approx(expected, abs=1e-9)
    with_gaps = sample([np.nan, *profits, np.nan])
    assert number(with_gaps.expected_shortfall(tail)) == pytest.approx(expected, abs=1e-9)


def test_error_of_a_mean_oracle() -> None:
    inputs, expected = CASES["se-mean"]["inputs"], CASES["se-mean"]["expected"]
    values = np.tile([-1.0, 1.0], inputs["n"] // 2) * inputs["sd"] * np.sqrt(1 - 1 / inputs["n"])
    assert error(sample(values).mean) == pytest.approx(expected["se"], abs=1e-12)


def test_error_of_a_share_of_nothing_oracle() -> None:
    inputs, expected = CASES["se-prob-zero"]["inputs"], CASES["se-prob-zero"]["expected"]
    found = sample(np.ones(inputs["n"])).probability_of_loss
    assert found.number == inputs["successes"] / inputs["n"] == expected["naive_se"]
    assert found.bound == found.high == pytest.approx(expected["wilson_upper"], abs=1e-6)
    assert expected["upper_95_rule_of_three"] < error(found) * 4 < 2 * expected["upper_95_rule_of_three"]


def test_error_of_a_percentile_oracle() -> None:
    inputs, expected = CASES["se-quantile-0.5"]["inputs"], CASES["se-quantile-0.5"]["expected"]
    found = sample(normal(inputs["n"])).percentile(100 * inputs["p"])
    assert error(found) == pytest.approx(expected["se"], rel=0.1)
    of_mean = error(sample(normal(inputs["n"])).mean)
    assert error(sample(normal(inputs["n"])).percentile(10)) == pytest.approx(1.71 * of_mean, rel=0.1)


def test_error_of_expected_shortfall_oracle() -> None:
    inputs, expected = CASES["se-cvar-normal"]["inputs"], CASES["se-cvar-normal"]["expected"]
    found = sample(normal(inputs["n"])).expected_shortfall(1 - inputs["alpha"])
    assert error(found) == pytest.approx(expected["se"], rel=0.01)


def test_probability_of_beating_oracle() -> None:
    inputs, expected = CASES["prob-beats-normal"]["inputs"], CASES["prob-beats-normal"]["expected"]
    spread = [inputs["sd_a"], inputs["sd_b"]]
    variance = spread[0] ** 2 + spread[1] ** 2 - 2 * inputs["rho"] * spread[0] * spread[1]
    assert ndtr((inputs["mu_a"] - inputs["mu_b"]) / np.sqrt(variance)) == pytest.approx(expected["prob"], abs=1e-9)
    first, other = np.random.default_rng(6).standard_normal((2, 100_000))
    second = inputs["rho"] * first + np.sqrt(1 - inputs["rho"] ** 2) * other
    ours, theirs = inputs["mu_a"] + spread[0] * first, inputs["mu_b"] + spread[1] * second
    found = beats(sample(ours), sample(theirs)).above
    assert abs(number(found) - expected["prob"]) < 3 * error(found) < 0.005
    unpaired = beats(sample(ours), sample(np.random.default_rng(7).permutation(theirs))).above
    assert abs(number(unpaired) - expected["prob"]) > 5 * error(unpaired), "paths must stay together"


def test_reproducible_oracle() -> None:
    """The same seed gives the same draws, and so the same statistics; fewer paths are the first of more."""
    assert "prefix" in CASES["seed-reproducible"]["expected"]["rule"]

    def drawn(seed: int, blocks: int) -> Sample:
        return sample(np.concatenate([Sampler(seed).normals({"x": 1}, block)["x"][0] for block in range(blocks)]))

    long, again, other, short = drawn(1, 3), drawn(1, 3), drawn(2, 3), drawn(1, 1)
    assert long.mean == again.mean != other.mean
    assert long.percentile(5) == again.percentile(5) != other.percentile(5)
    assert np.array_equal(short.values, long.values[:BLOCK_PATHS])


def shortfall(some: Sample) -> Estimate:
    return some.expected_shortfall(0.2)


def median(some: Sample) -> Estimate:
    return some.percentile(50)


def p25(some: Sample) -> Estimate:
    return some.percentile(25)


def p90(some: Sample) -> Estimate:
    return some.percentile(90)


#: exp(first / 2 + second / 10) - 1.2: skewed, and worth less than nothing more often than not.
SCALE = np.sqrt(0.26)
SHORTFALL = np.exp(0.13) * ndtr(ndtri(0.2) - SCALE) / 0.2 - 1.2
TRUTHS: list[tuple[str, Statistic, float]] = [
    ("mean", lambda some: some.mean, np.exp(0.13) - 1.2),
    ("loss", lambda some: some.probability_of_loss, float(ndtr(np.log(1.2) / SCALE))),
    ("P25", p25, np.exp(SCALE * ndtri(0.25)) - 1.2),
    ("P90", p90, np.exp(SCALE * ndtri(0.9)) - 1.2),
    ("shortfall", shortfall, SHORTFALL),
]


@pytest.mark.parametrize(("draws", "paths"), [("independent", 500), ("antithetic", 2048), ("sobol", 16 * BLOCK_PATHS)])
@pytest.mark.parametrize(("statistic", "truth"), [pytest.param(*case[1:], id=case[0]) for case in TRUTHS])
def test_intervals_hold_the_truth_as_often_as_they_say(
    draws: Draws, paths: int, statistic: Statistic, truth: float
) -> None:
    """95% of 400 repeats, within three binomial errors of 1.1 points; the errors are those seen between repeats.

    Those of shares and percentiles are a little wide with 16 replicates, which Student's t widens.
    """
    coverage, ratio = held(draws, paths, lambda a, b: np.exp(a / 2 + b / 10) - 1.2, statistic, truth)
    assert coverage == pytest.approx(0.95, abs=0.033)
    assert 0.9 < ratio < 1.2


def test_the_error_of_a_deviation_is_calibrated() -> None:
    cases: list[tuple[Draws, int]] = [("independent", 500), ("antithetic", 2048)]
    for draws, paths in cases:
        coverage, ratio = held(draws, paths, lambda a, b: 3 * a + 4 * b, lambda some: some.standard_deviation, 5.0)
        assert coverage == pytest.approx(0.95, abs=0.033)
        assert 0.95 < ratio < 1.15  # a root of squares that are skewed, which widens its interval


@pytest.mark.parametrize("statistic", [p90, median])
def test_percentiles_hold_the_truth_for_few_paths_and_for_ties(statistic: Statistic) -> None:
    """Whole numbers around zero: the true percentiles are 0 and 1, and errors may only be too wide."""
    truth = 1.0 if statistic is p90 else 0.0
    coverage, _ = held("independent", 50, lambda a, _: np.rint(a), statistic, truth)
    assert coverage > 0.95 - 0.033


VALUES = arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e12, 1e12))


@given(VALUES, st.floats(0.001, 1.0))
def test_the_worst_are_worse_than_the_boundary_and_the_average(values: FloatArray, tail: float) -> None:
    some = sample(values)
    worst, room = number(some.expected_shortfall(tail)), 1e-9 * np.abs(values).max()
    assert worst <= number(some.percentile(100 * tail)) + room
    assert worst <= number(some.mean) + room
    assert values.min() - room <= worst
    assert number(some.expected_shortfall(1.0)) == pytest.approx(number(some.mean), abs=room)


@given(VALUES)
def test_mean_and_deviation_are_numpys(values: FloatArray) -> None:
    some, room = sample(values), 1e-9 * np.abs(values).max()
    assert number(some.mean) == pytest.approx(np.mean(values), abs=room)
    assert number(some.standard_deviation) == pytest.approx(np.std(values, ddof=1), abs=room)
    assert number(some.probability_of_loss) == np.mean(values < 0)


def test_distances_whose_quotient_is_beyond_any_number_have_a_mean_and_a_tail() -> None:
    values = np.array([-1.0, -7e-301, -1.25e8, *[-1.0] * 4, *[0.0] * 7])
    assert math.isfinite(tail_index(np.sort(values)))
    assert number(sample(values).mean) == pytest.approx(np.mean(values))


@pytest.mark.parametrize("draws", ["independent", "antithetic", "sobol"])
@pytest.mark.parametrize("value", [0.1, -41_234_567.89, 0.0])
def test_without_volatility_everything_is_the_one_value_without_error(draws: Draws, value: float) -> None:
    some = sample(np.full(3 * BLOCK_PATHS, value), draws)
    for estimate in (some.mean, *map(some.percentile, (10, 50, 90)), some.expected_shortfall(0.05)):
        assert estimate == Estimate(value, 0.0, value, value, some.paths)
    assert some.standard_deviation[:2] == (0.0, 0.0)


def test_undefined_paths_are_left_out_and_counted_never_zero() -> None:
    known = np.random.default_rng(8).normal(5.0, 1.0, 900)
    gaps = np.full(1000, np.nan)
    gaps[np.random.default_rng(9).permutation(1000)[:900]] = known
    some, dense = sample(gaps), sample(gaps[~np.isnan(gaps)])
    assert dict(some.undefined) == {"it never pays back": 100}
    for statistic in (lambda s: s.mean, lambda s: s.standard_deviation, shortfall, p90):
        found, expected = statistic(some), statistic(dense)
        assert found.paths == 900
        assert found[:4] == pytest.approx(expected[:4], rel=1e-9)
    assert some.probability_of_loss == dense.probability_of_loss


def test_a_figure_that_no_path_has_is_unknown() -> None:
    none = sample(np.full(5, np.nan))
    assert none.mean == none.percentile(50) == none.expected_shortfall(0.5) == none.probability_of_loss == UNKNOWN
    assert none.standard_deviation == UNKNOWN
    one = sample([7.0, np.nan])
    assert one.mean == Estimate(7.0, None, None, None, 1)
    assert one.standard_deviation == Estimate(None, None, None, None, 1)


def test_a_thin_tail_has_no_error() -> None:
    values = np.random.default_rng(10).normal(size=199)
    assert sample(values).expected_shortfall(0.05).error is None
    assert error(sample(np.append(values, 0.0)).expected_shortfall(0.05)) > 0.0


@pytest.mark.parametrize("tail", [0.0, -0.1, 1.01])
def test_a_tail_is_a_part(tail: float) -> None:
    with pytest.raises(ValueError, match=rf"a tail of {tail} is none; it lies above 0 and up to 1"):
        sample([1.0]).expected_shortfall(tail)


def test_what_is_no_sample_is_refused() -> None:
    three = Sampling("independent", 3)
    with pytest.raises(ValueError, match=r"values of shape \(2,\) for 3 paths"):
        Sample(np.zeros(2), three)
    with pytest.raises(ValueError, match="an infinity is no figure; use NaN and a reason"):
        Sample(np.array([1.0, np.inf, 2.0]), three)
    with pytest.raises(ValueError, match="1 paths have no figure, 0 have a reason"):
        Sample(np.array([1.0, np.nan, 2.0]), three)


def test_how_the_figures_lie_in_memory_changes_no_bit() -> None:
    table = np.random.default_rng(11).normal(size=(5000, 3)) * 1e7
    strided, packed = sample(table[:, 1]), sample(np.ascontiguousarray(table[:, 1]))
    for statistic in (lambda s: s.mean, lambda s: s.standard_deviation, shortfall, p90):
        assert statistic(strided) == statistic(packed)
