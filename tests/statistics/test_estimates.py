"""Shares and percentiles with their intervals, against exact probabilities and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from minecalc.document import Value
from minecalc.statistics.estimates import (
    UNKNOWN,
    Estimate,
    mean_estimate,
    percentile,
    percentile_estimate,
    probability,
    wilson,
)
from minecalc.statistics.sampling import NORMAL_QUANTILE, MeanError, Sampling


def share(happened: int, paths: int) -> Estimate:
    return probability(np.arange(paths) < happened, np.ones(paths, dtype=np.bool_), Sampling("independent", paths))


@pytest.mark.parametrize(("happened", "paths"), [(0, 10), (3, 10), (10, 10), (1, 1000), (628, 1000), (1000, 1000)])
def test_wilson_is_scipys(happened: int, paths: int) -> None:
    expected = binomtest(happened, paths).proportion_ci(method="wilson")
    assert wilson(happened / paths, paths) == pytest.approx((expected.low, expected.high), rel=1e-12, abs=1e-15)
    found = share(happened, paths)
    assert found[:1] + found[2:4] == (happened / paths, *wilson(happened / paths, paths))
    assert found.error == pytest.approx((expected.high - expected.low) / 2 / NORMAL_QUANTILE, rel=1e-12)


@pytest.mark.parametrize("paths", [30, 200])
@pytest.mark.parametrize("truth", [0.02, 0.1, 0.37, 0.5, 0.9])
def test_a_share_lies_in_its_interval_as_often_as_it_should(truth: float, paths: int) -> None:
    """Exactly: over every number of events, weighted with its probability. Wilson's is right on average over truths."""
    inside = [low <= truth <= high for low, high in (wilson(k / paths, paths) for k in range(paths + 1))]
    coverage = float(np.sum(binom.pmf(np.arange(paths + 1), paths, truth)[inside]))
    assert 0.92 < coverage < 0.99


def test_none_and_all_are_bounds() -> None:
    none, every, some = share(0, 1000), share(1000, 1000), share(1, 1000)
    assert none.value("fraction") == Value(0.0, "fraction", error=none.error, bound=none.high)
    assert every.value("fraction") == Value(1.0, "fraction", error=every.error, bound=every.low)
    assert none.bound == pytest.approx(0.00382676, abs=1e-8)
    assert every.bound == pytest.approx(1 - 0.00382676, abs=1e-8)
    assert (none.low, every.high, some.bound) == (0.0, 1.0, None)


def test_only_known_paths_count() -> None:
    event, known = np.array([True, True, False, False]), np.array([True, False, True, False])
    found = probability(event, known, Sampling("independent", 4))
    assert (found.number, found.paths) == (0.5, 2)
    assert probability(event, known & False, Sampling("independent", 4)) == UNKNOWN


@given(
    st.lists(st.integers(-9, 9) | st.floats(-1e9, 1e9), min_size=1, max_size=30),
    st.sampled_from([0.0, 5.0, 10.0, 33.3, 50.0, 75.0, 90.0, 99.5, 100.0]),
)
def test_percentiles_are_numpys(numbers: list[float], percent: float) -> None:
    values = np.sort(np.array(numbers, dtype=np.float64))
    assert percentile(values, percent) == pytest.approx(np.quantile(values, percent / 100), rel=1e-9, abs=1e-9)


def ranks(paths: int, percent: float, worth: float) -> tuple[float | None, float | None]:
    found = percentile_estimate(np.arange(1.0, paths + 1), percent, worth)
    return found.low, found.high


@pytest.mark.parametrize("paths", [36, 72, 100, 1000])
@pytest.mark.parametrize("percent", [5.0, 10.0, 25.0, 50.0, 90.0, 95.0])
def test_ranks_hold_a_percentile_with_at_least_95_and_no_tighter_would(paths: int, percent: float) -> None:
    """The number of paths below a percentile is binomial, whatever the distribution of the figure."""
    low, high = ranks(paths, percent, paths)
    below, above = binom(paths, percent / 100).cdf, binom(paths, percent / 100).sf
    if low is not None:
        assert below(low) >= 0.025 > below(low - 1)
    else:
        assert below(0) >= 0.025
    if high is not None:
        assert above(high - 1) <= 0.025 < above(high - 2)
    else:
        assert above(paths - 1) > 0.025


def test_too_few_paths_have_no_interval() -> None:
    """0.95^71 is above 0.025, 0.95^72 below."""
    assert ranks(71, 5.0, 71)[0] is None
    assert ranks(73, 5.0, 73)[0] == 1.0
    found = percentile_estimate(np.arange(20.0), 5.0, 20.0)
    assert (found.error, found.low) == (None, None)
    assert found.number == pytest.approx(0.95)
    assert found.value("usd") == Value(None, "usd", "20 paths are too few to tell")
    assert percentile_estimate(np.array([7.0]), 50.0, 1.0)[:2] == (7.0, None)
    assert percentile_estimate(np.arange(20.0), 50.0, None).error is None


def test_paths_worth_more_or_less_move_the_ranks() -> None:
    as_drawn, fewer, more = (ranks(1000, 50.0, worth) for worth in (1000.0, 250.0, 4000.0))
    assert as_drawn == (469.0, 532.0)
    assert fewer[0] == pytest.approx(500 - 2 * 31, abs=3)
    assert more[0] == pytest.approx(500 - 31 / 2, abs=3)
    assert ranks(1000, 5.0, 1e11) == (49.0, 51.0)


def test_ties_make_an_interval_without_width() -> None:
    found = percentile_estimate(np.repeat([1.0, 2.0, 3.0], 100), 50.0, 300.0)
    assert found == Estimate(2.0, 0.0, 2.0, 2.0, 300)


def test_a_mean_reaches_as_far_as_its_error_says() -> None:
    assert mean_estimate(5.0, MeanError(2.0, 6.0, 7.0), 10) == Estimate(5.0, 2.0, -1.0, 12.0, 10)
    assert mean_estimate(5.0, None, 1).value("usd") == Value(None, "usd", "1 path is too few to tell")


def test_what_no_path_has_is_no_number() -> None:
    assert UNKNOWN.value("months") == Value(None, "months", "no path has one")
    assert UNKNOWN.data() == dict.fromkeys(("estimate", "standard_error", "low", "high"), None) | {"paths": 0}


def test_programs_get_everything() -> None:
    found = Estimate(1.0 / 3.0, 0.01, 0.3, 0.4, 50)
    assert found.data() == {"estimate": 1 / 3, "standard_error": 0.01, "low": 0.3, "high": 0.4, "paths": 50}
    assert found.value("fraction", "good") == Value(1 / 3, "fraction", tone="good", error=0.01)
