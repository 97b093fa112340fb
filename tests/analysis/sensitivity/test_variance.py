"""Shares of a variance: the closed forms of functions that others publish, and refusals instead of numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.sensitivity import variance
from minecalc.analysis.sensitivity.variance import Indices, NothingToShareError, UndefinedError, sobol_indices
from minecalc.arrays import FloatArray

ORACLES = Path(__file__).parents[2] / "oracles" / "sobol.json"
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in json.loads(ORACLES.read_text())["cases"]}

Function = Callable[[FloatArray], FloatArray]


def ishigami(x: FloatArray) -> FloatArray:
    """Of three inputs in -pi..pi; the third acts only together with the first."""
    result: FloatArray = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    return result


def g_function(coefficients: list[float]) -> Function:
    """Sobol's G: the larger a coefficient, the less its input matters."""
    a = np.array(coefficients, dtype=np.float64)[:, None]
    return lambda x: np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=0)


def indices(function: Function, inputs: int, low: float, high: float, *, samples: int, seed: int = 0) -> Indices:
    return sobol_indices(function, np.full(inputs, low), np.full(inputs, high), samples=samples, seed=seed)


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the indices alone, which need no intervals."""
    monkeypatch.setattr(variance, "RESAMPLES", 5)


def check(found: Indices, case: str, within: float) -> None:
    expected = CASES[case]["expected"]
    np.testing.assert_allclose(found.first, expected["S1"], rtol=0, atol=within)
    np.testing.assert_allclose(found.total, expected["ST"], rtol=0, atol=within)


@pytest.mark.usefixtures("few_resamples")
@pytest.mark.parametrize(("samples", "within"), [(4096, 0.02), (65_536, 0.005)])
def test_ishigami(samples: int, within: float) -> None:
    found = indices(ishigami, 3, -np.pi, np.pi, samples=samples)
    check(found, "ishigami-7-0.1", within)
    expected = CASES["ishigami-7-0.1"]["expected"]
    assert found.mean == pytest.approx(expected["mean"], rel=1e-3)
    assert found.standard_deviation**2 == pytest.approx(expected["variance"], rel=1e-3)
    assert found.cases == 5 * samples


def test_an_input_that_acts_only_together_with_others_is_not_called_idle() -> None:
    found = indices(ishigami, 3, -np.pi, np.pi, samples=4096)
    assert found.first[2] == pytest.approx(0.0, abs=0.005)
    assert found.first_low[2] < 0.0 < found.first_high[2]
    assert found.total[2] == pytest.approx(0.2437, abs=0.005)
    assert found.total_low[2] > 0.2


@pytest.mark.usefixtures("few_resamples")
@pytest.mark.parametrize("case", ["gfunction-0-1-4.5-9", "gfunction-0-0-0"])
def test_g_function(case: str) -> None:
    coefficients = CASES[case]["inputs"]["a"]
    check(indices(g_function(coefficients), len(coefficients), 0, 1, samples=8192), case, 0.02)


def test_a_product_of_inputs_around_zero_is_interaction_alone() -> None:
    """Its closed form is the same for every distribution with mean zero."""
    check(indices(lambda x: x[0] * x[1], 2, -1, 1, samples=4096), "product", 0.02)


@pytest.mark.parametrize("factor", [1.0, -2e9])
def test_a_sum_shares_its_variance_by_the_squares(factor: float) -> None:
    """Weights 3 and 4 over ranges 2 and 1 wide: variances as 36 to 16; the third input does nothing."""
    low, high = np.array([-1.0, 5.0, 0.0]), np.array([1.0, 6.0, 1.0])
    found = sobol_indices(lambda x: factor * (3 * x[0] + 4 * x[1]), low, high, samples=2048, seed=3)
    shares = np.array([36, 16, 0]) / 52
    np.testing.assert_allclose(found.first, shares, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.total, shares, rtol=0, atol=1e-4)
    assert (found.first[2], found.total[2], found.total_high[2]) == (0, 0, 0)
    assert found.mean == pytest.approx(factor * 22, rel=1e-6)


def test_intervals_hold_the_truth_and_narrow_with_samples() -> None:
    truth = np.array([9.0, 16.0]) / 25.0
    widths = {}
    for samples in (64, 1024):
        runs = [indices(lambda x: 3 * x[0] + 4 * x[1], 2, -1, 1, samples=samples, seed=seed) for seed in range(12)]
        held = [(run.first_low <= truth) & (truth <= run.first_high) for run in runs]
        held += [(run.total_low <= truth) & (truth <= run.total_high) for run in runs]
        assert np.mean(held) >= 0.9
        widths[samples] = np.mean([run.total_high - run.total_low for run in runs])
    assert widths[64] / widths[1024] == pytest.approx(4.0, rel=0.4)


def test_the_seed_decides_everything() -> None:
    first, again, other = (indices(ishigami, 3, -np.pi, np.pi, samples=64, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(np.stack(first[:6]), np.stack(again[:6]))
    assert first[6:] == again[6:]
    assert not np.any(np.stack(first[:6]) == np.stack(other[:6]))
    assert first.mean != other.mean


def test_the_function_is_asked_once_within_the_ranges() -> None:
    asked: list[FloatArray] = []

    def function(x: FloatArray) -> FloatArray:
        asked.append(x)
        total: FloatArray = x[0] + x[1]
        return total

    low, high = np.array([2.0, -5.0]), np.array([3.0, 5.0])
    sobol_indices(function, low, high, samples=16, seed=0)
    (points,) = asked
    assert points.shape == (2, 16 * 4)
    assert np.all((points >= low[:, None]) & (points <= high[:, None]))
    assert np.all(np.ptp(points, axis=1) > 0.9 * (high - low))


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_a_function_without_a_value_somewhere_has_no_indices(nothing: float) -> None:
    """Half of the points lie on either side: Sobol points are balanced."""
    with pytest.raises(UndefinedError, match=r"^no value in 32 of 64 cases$"):
        indices(lambda x: np.where(x[0] < 0.5, nothing, x[1]), 2, 0, 1, samples=16, seed=1)


def test_what_cannot_be_shared_is_refused() -> None:
    with pytest.raises(NothingToShareError, match="same in every case"):
        indices(lambda x: np.ones(x.shape[1]), 2, 0, 1, samples=16)
    with pytest.raises(NothingToShareError, match="fewer than two"):
        indices(lambda x: x[0], 1, 0, 1, samples=16)
