"""Distributions of one number: each is the quantile function that scipy has, at the level of a standard normal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from minecalc.arrays import FloatArray
from minecalc.randomness import distributions
from minecalc.randomness.streams import Sampler
from tests.randomness.measuring import has_mean, has_share, has_variance

NORMALS = np.linspace(-6.0, 6.0, 97)
LEVELS = stats.norm.cdf(NORMALS)


def lognormal(mean: float, sd: float) -> Any:
    variance = math.log(1 + (sd / mean) ** 2)
    return stats.lognorm(math.sqrt(variance), scale=mean * math.exp(-variance / 2))


def pert(low: float, mode: float, high: float) -> Any:
    width = high - low
    return stats.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, loc=low, scale=width)


CASES: dict[str, tuple[Callable[..., FloatArray], tuple[float, ...], Any]] = {
    "normal": (distributions.normal, (3.0, 0.5), stats.norm(3.0, 0.5)),
    "lognormal": (distributions.lognormal, (3.0, 2.0), lognormal(3.0, 2.0)),
    "narrow lognormal": (distributions.lognormal, (3.0, 0.01), lognormal(3.0, 0.01)),
    "uniform": (distributions.uniform, (-1.0, 4.0), stats.uniform(-1.0, 5.0)),
    "triangular": (distributions.triangular, (2.0, 3.0, 7.0), stats.triang(0.2, 2.0, 5.0)),
    "rising triangular": (distributions.triangular, (2.0, 7.0, 7.0), stats.triang(1.0, 2.0, 5.0)),
    "falling triangular": (distributions.triangular, (2.0, 2.0, 7.0), stats.triang(0.0, 2.0, 5.0)),
    "pert": (distributions.pert, (0.9, 1.0, 1.5), pert(0.9, 1.0, 1.5)),
    "rising pert": (distributions.pert, (0.0, 2.0, 2.0), pert(0.0, 2.0, 2.0)),
}


@pytest.mark.parametrize("name", CASES)
def test_quantiles(name: str) -> None:
    draw, numbers, wanted = CASES[name]
    upper = NORMALS > 0  # from the other side, where levels near 1 have no digits left
    quantiles = np.where(upper, wanted.isf(stats.norm.sf(NORMALS)), wanted.ppf(LEVELS))
    assert draw(NORMALS, *numbers) == pytest.approx(quantiles, rel=1e-7, abs=1e-12)
    assert np.all(np.diff(draw(NORMALS, *numbers)) >= 0.0)


@pytest.mark.parametrize("name", CASES)
def test_moments_of_samples(name: str) -> None:
    draw, numbers, wanted = CASES[name]
    sampler = Sampler(2)
    sample = draw(np.concatenate([sampler.normals({name: 1}, block)[name][0] for block in range(128)]), *numbers)
    assert has_mean(sample, wanted.mean())
    assert not has_mean(sample, wanted.mean() + 0.05 * wanted.std())
    assert has_variance(sample, wanted.var())
    assert not has_variance(sample, wanted.var() * (1.3 if name == "lognormal" else 1.05))


def test_means_of_the_number_itself() -> None:
    """The mean and sd of a lognormal are its own, and PERT's mean is the textbook's."""
    assert lognormal(3.0, 2.0).mean() == pytest.approx(3.0)
    assert lognormal(3.0, 2.0).std() == pytest.approx(2.0)
    assert pert(0.9, 1.0, 1.5).mean() == pytest.approx((0.9 + 4 * 1.0 + 1.5) / 6)


@pytest.mark.parametrize("draw", [distributions.triangular, distributions.pert])
def test_a_single_point(draw: Callable[..., FloatArray]) -> None:
    assert np.all(draw(NORMALS, 2.0, 2.0, 2.0) == 2.0)


def test_numbers_without_spread() -> None:
    assert np.all(distributions.normal(NORMALS, 2.0, 0.0) == 2.0)
    assert np.all(distributions.lognormal(NORMALS, 2.0, 0.0) == 2.0)
    assert np.all(distributions.uniform(NORMALS, 2.0, 2.0) == 2.0)


def test_one_of_several_values() -> None:
    values, probabilities = [5.0, -1.0, 7.0], [0.2, 0.5, 0.3]
    drawn = distributions.discrete(NORMALS, values, probabilities)
    wanted = np.where(LEVELS < 0.2, 5.0, np.where(LEVELS < 0.7, -1.0, 7.0))
    assert np.array_equal(drawn, wanted)
    sample = distributions.discrete(Sampler(1).normals({"x": 128}, 0)["x"], values, probabilities)
    for value, share in zip(values, probabilities, strict=True):
        assert has_share(sample == value, share)
        assert not has_share(sample == value, share + 0.02)
    assert np.all(distributions.discrete(NORMALS, [4.0], [1.0]) == 4.0)
    # shares that miss 1 by rounding leave nobody without a value
    assert set(distributions.discrete(NORMALS, [1.0, 2.0, 3.0], [1 / 3, 1 / 3, 1 / 3 - 1e-9])) == {1.0, 2.0, 3.0}


def test_levels() -> None:
    assert distributions.uniforms(np.array([0.0, 1.0])) == pytest.approx([0.5, 0.8413447460685429])
