"""Processes: closed forms, exactly through their weights on the shocks, and by the moments of samples.

A process that is linear in its shocks shows its weights when each path has one shock of one: sums of products of these
weights are its variances and covariances, without any sampling error.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from minecalc.arrays import FloatArray
from minecalc.randomness import correlation, processes
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from tests.randomness.measuring import has_correlation, has_mean, has_share, has_variance

ORACLES = Path(__file__).parents[1] / "oracles" / "real-options.json"
CASES: list[dict[str, Any]] = json.loads(ORACLES.read_text("utf-8"))["cases"]
MARGRABE = [case for case in CASES if case["fn"] == "margrabe"]


def oracle(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and expected figures of the case ``name``."""
    case = next(case for case in CASES if case["id"] == name)
    return case["inputs"], case["expected"]


def normals(rows: int, blocks: int, name: str = "price", seed: int = 1) -> FloatArray:
    """Standard normal shocks ``(rows, blocks x 1024)``."""
    sampler = Sampler(seed)
    return np.concatenate([sampler.normals({name: rows}, block)[name] for block in range(blocks)], axis=1)


def covariance(process: Callable[[FloatArray], FloatArray], rows: int) -> FloatArray:
    """The exact covariance over time of a process that is linear in its ``rows`` shocks."""
    weights = process(np.eye(rows))
    matrix: FloatArray = weights @ weights.T
    return matrix


def still(process: Callable[[FloatArray], FloatArray], rows: int) -> FloatArray:
    """A process whose shocks are all zero, by row."""
    path: FloatArray = process(np.zeros((rows, 1)))[:, 0]
    return path


# walks, of which some of each change may pass


def brownian(shocks: FloatArray, sigma: float, *, step_years: float = 1 / 12, centred: bool = True) -> FloatArray:
    """Geometric Brownian motion as the factors make it: a walk of normal steps, less half of its variance."""
    steps = shocks * (sigma * math.sqrt(step_years))
    if centred:
        steps -= 0.5 * sigma**2 * step_years
    return processes.two_parts(steps, 0.0, None)


def test_brownian_motion_has_the_moments_of_its_closed_form() -> None:
    given, wanted = oracle("gbm-1")
    sigma, expected = given["sigma"], given["S0"] * math.exp(given["mu"] * given["T"])
    variances = np.diagonal(covariance(lambda z: brownian(z, sigma, centred=False), 12))
    assert math.sqrt(variances[-1]) == pytest.approx(wanted["log_sd"], abs=1e-12)
    assert variances == pytest.approx(sigma**2 * np.arange(1, 13) / 12, abs=1e-12)
    centre = math.log(expected / given["S0"]) + still(lambda z: brownian(z, sigma), 12)[-1]
    assert centre == pytest.approx(wanted["log_mean"], abs=1e-12)
    assert given["S0"] * math.exp(centre) == pytest.approx(wanted["median"], abs=1e-9)
    assert math.exp(centre - sigma**2) * given["S0"] == pytest.approx(wanted["mode"], abs=1e-9)
    assert expected == pytest.approx(wanted["mean"], abs=1e-9)
    assert expected * math.sqrt(math.expm1(variances[-1])) == pytest.approx(wanted["sd"], abs=1e-9)
    assert expected**2 * math.expm1(variances[-1]) == pytest.approx(wanted["variance"], abs=1e-8)


def test_samples_of_brownian_motion_have_them_too() -> None:
    given, wanted = oracle("gbm-1")
    prices = given["S0"] * np.exp(given["mu"] + brownian(normals(12, 256), given["sigma"])[-1])
    assert has_mean(prices, wanted["mean"])
    assert not has_mean(prices, wanted["mean"] * 1.01)
    assert has_variance(prices, wanted["variance"])
    assert has_variance(np.log(prices), wanted["log_sd"] ** 2)
    assert not has_variance(np.log(prices), (wanted["log_sd"] * 1.01) ** 2)
    levels = (0.05, 0.1, 0.5, 0.9, 0.95)
    for level, price in zip(levels, wanted["percentile_5_10_50_90_95"], strict=True):
        assert has_share(prices < price, level)
        assert not has_share(prices < price * 1.05, level)
    assert has_share(prices < given["S0"], wanted["prob_below_S0"])


def left_of_a_change(share: float, half_life: float | None, months: int = 60) -> FloatArray:
    """What is left of a change of 1 in the first month, by month."""
    return processes.two_parts(np.eye(months)[:, :1], share, half_life)[:, 0]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("half_life", [0.5, 6.0, 60.0])
def test_a_share_of_a_change_passes_with_its_half_life_and_the_rest_lasts(share: float, half_life: float) -> None:
    wanted = (1.0 - share) + share * 0.5 ** (np.arange(60) / half_life)
    assert left_of_a_change(share, half_life) == pytest.approx(wanted, abs=1e-12)


def test_without_a_half_life_or_a_share_all_lasts() -> None:
    for share, half_life in ((0.7, None), (0.0, 6.0)):
        assert left_of_a_change(share, half_life).tolist() == [1.0] * 60


def test_two_parts_have_the_variance_of_their_weights() -> None:
    matrix = covariance(lambda z: processes.two_parts(z, 0.4, 12.0), 24)
    weights = 0.6 + 0.4 * 0.5 ** (np.arange(24) / 12.0)
    assert np.diagonal(matrix) == pytest.approx(np.cumsum(weights**2), abs=1e-12)
    assert matrix[5, 23] == pytest.approx(math.fsum((weights[:6] * weights[18:24]).tolist()), abs=1e-12)
    sample = processes.two_parts(normals(24, 64), 0.4, 12.0)
    assert has_variance(sample[23], float(matrix[23, 23]))
    assert not has_variance(sample[23], 24.0)


def test_many_paths_have_the_bits_of_each_alone() -> None:
    shocks = normals(36, 1)
    many = processes.two_parts(shocks.copy(), 0.4, 12.0)
    for path in (0, 511, 1023):
        alone = processes.two_parts(shocks[:, path : path + 1].copy(), 0.4, 12.0)
        assert np.array_equal(many[:, path : path + 1], alone)


def correlated(rho: float, rows: int, blocks: int, seed: int = 1) -> list[FloatArray]:
    """Two arrays of shocks with this correlation."""
    factor = correlation.factor(correlation.matrix(["ai", "mining"], {("ai", "mining"): rho}))
    return correlation.apply(factor, [normals(rows, blocks, name, seed) for name in ("ai", "mining")])


def test_two_assets_are_correlated_as_asked() -> None:
    given, wanted = oracle("gbm-corr")
    months = 12 * given["T"]
    shocks = correlated(given["rho"], months, 128)
    sigmas = (given["sigma1"], given["sigma2"])
    one, other = (brownian(z, sigma)[-1] for z, sigma in zip(shocks, sigmas, strict=True))
    assert has_correlation(one, other, wanted["log_correlation"])
    assert not has_correlation(one, other, wanted["log_correlation"] + 0.02)
    assert has_correlation(np.exp(one), np.exp(other), wanted["level_correlation"])
    assert not has_correlation(np.exp(one), np.exp(other), wanted["level_correlation"] + 0.04)


@pytest.mark.parametrize("case", MARGRABE, ids=lambda case: case["id"])
def test_the_right_to_swap_mining_for_ai(case: dict[str, Any]) -> None:
    """Margrabe's closed form, by paths of both values that grow at what they do not pay out, discounted with either."""
    given, wanted = case["inputs"], case["expected"]

    def swaps(rho: float) -> tuple[FloatArray, FloatArray]:
        shocks = correlated(rho, 4, 96, seed=3)
        years = given["T"]
        sigmas = (given["sigma1"], given["sigma2"])
        walks = [brownian(z, sigma, step_years=years / 4) for z, sigma in zip(shocks, sigmas, strict=True)]
        grown = [given[f"S{i}"] * np.exp(walks[i - 1] - given[f"q{i}"] * years) for i in (1, 2)]
        ai, mining = (value[-1] for value in grown)
        return np.maximum(ai - mining, 0.0), np.maximum(mining - ai, 0.0)

    right, reverse = swaps(given["rho"])
    assert has_mean(right, wanted["value"])
    assert not has_mean(right, wanted["value"] * 1.05)
    assert not has_mean(swaps(given["rho"] - 0.4)[0], wanted["value"])
    if "reverse_option" in wanted:
        assert has_mean(reverse, wanted["reverse_option"])
        assert has_mean(right - reverse, wanted["parity"])


# Ornstein-Uhlenbeck


def ou(kappa: float, sigma: float, *, centred: bool = False) -> Callable[[FloatArray], FloatArray]:
    return lambda shocks: processes.ornstein_uhlenbeck(shocks, sigma, math.log(2) / kappa, centred=centred)


def test_mean_reversion_has_the_moments_of_its_closed_form() -> None:
    given, wanted = oracle("ou-1")
    process = ou(given["kappa"], given["sigma"])
    months = 12 * given["T"]
    assert covariance(process, months)[-1, -1] == pytest.approx(wanted["variance"], abs=1e-12)
    # a factor strays from the expected path, which is the mean
    mean = given["theta"] + (given["x0"] - given["theta"]) * math.exp(-given["kappa"] * given["T"])
    assert mean + still(process, months)[-1] == pytest.approx(wanted["mean"], abs=1e-12)


def test_mean_reversion_settles_where_it_should() -> None:
    given, wanted = oracle("ou-stationary")
    settled = covariance(ou(given["kappa"], given["sigma"]), 480)
    assert settled[-1, -1] == pytest.approx(wanted["variance"], abs=1e-12)
    assert settled[-1, -13] / settled[-13, -13] == pytest.approx(wanted["autocorrelation_lag_1y"], abs=1e-12)
    half_life = math.log(2) / given["kappa"]
    assert half_life == pytest.approx(wanted["half_life"], abs=1e-12)
    assert given["theta"] + still(ou(given["kappa"], given["sigma"]), 480)[-1] == wanted["mean"]
    # half of a shock is left after a half-life: twelve steps of a twelfth of it
    weights = processes.ornstein_uhlenbeck(np.eye(40)[:, :1], 1.0, half_life, step_years=half_life / 12, centred=False)
    assert weights[12, 0] / weights[0, 0] == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("name", ["schwartz1-0.5", "schwartz1-2"])
def test_a_commodity_that_returns(name: str) -> None:
    """Schwartz's first model: our factor has mean 1, so its path is the forward curve."""
    given, wanted = oracle(name)
    process, months = ou(given["kappa"], given["sigma"], centred=True), round(12 * given["T"])
    variance = covariance(ou(given["kappa"], given["sigma"]), months)[-1, -1]
    assert variance == pytest.approx(wanted["log_variance"], abs=1e-9)
    log_mean = math.log(wanted["expected_or_forward"]) + still(process, months)[-1]
    assert log_mean == pytest.approx(wanted["log_mean"], abs=1e-9)
    assert math.exp(log_mean) == pytest.approx(wanted["median"], abs=1e-9)
    alpha = given["mu"] - given["sigma"] ** 2 / (2 * given["kappa"])
    kept = math.exp(-given["kappa"] * given["T"])
    assert log_mean == pytest.approx(kept * math.log(given["S0"]) + (1 - kept) * alpha, abs=1e-9)
    sample = wanted["expected_or_forward"] * np.exp(process(normals(months, 64))[-1])
    assert has_mean(sample, wanted["expected_or_forward"])
    assert not has_mean(sample, wanted["expected_or_forward"] * 1.02)
    assert has_variance(np.log(sample), wanted["log_variance"])


def test_a_commodity_in_the_long_run() -> None:
    given, wanted = oracle("schwartz1-limit")
    settled = still(ou(given["kappa"], given["sigma"], centred=True), 1200)[-1]
    alpha = given["mu"] - given["sigma"] ** 2 / (2 * given["kappa"])
    assert math.exp(alpha - settled) == pytest.approx(wanted["long_run_forward"], abs=1e-9)


def test_every_process_of_the_oracle_is_here() -> None:
    """The other cases of the file are options: tests/finance holds them."""
    named = {"gbm-1", "gbm-corr", "ou-1", "ou-stationary", "schwartz1-0.5", "schwartz1-2", "schwartz1-limit"}
    functions = ("gbm", "gbm2", "ou", "schwartz_one_factor")
    assert {case["id"] for case in CASES if case["fn"] in functions} == named
    assert len(MARGRABE) == 12


@pytest.mark.parametrize("half_life", [0.05, 2.0, 40.0])
def test_mean_reverting_factors_have_mean_one(half_life: float) -> None:
    sample = np.exp(processes.ornstein_uhlenbeck(normals(24, 64), 0.5, half_life))
    for row in (0, 5, 23):
        assert has_mean(sample[row], 1.0)
        assert not has_mean(sample[row] * 1.04, 1.0)


# Student-t steps

DEGREES = [2.1, 2.5, 3.0, 4.0, 8.0, 200.0]


def t_steps(df: float, blocks: int = 256, volatility: float = math.sqrt(12.0)) -> FloatArray:
    """Single monthly steps, by default of standard deviation 1."""
    gammas = np.random.default_rng(5).standard_gamma(df / 2.0, (1, blocks * BLOCK_PATHS))
    steps: FloatArray = processes.student_t(normals(1, blocks), gammas, volatility, df)[0]
    return steps


@pytest.mark.parametrize("df", DEGREES)
def test_student_t_is_cut_and_scaled_to_its_volatility(df: float) -> None:
    cut, sd = processes.t_cut(df)
    assert 2.0 * stats.t.sf(cut, df) == pytest.approx(1 / 20_000, rel=1e-9)
    inside = 2 * integrate.quad(lambda t: t**2 * stats.t.pdf(t, df), 0, cut, limit=400, points=[1, 5])[0]
    assert sd**2 == pytest.approx(inside + cut**2 / 20_000, rel=1e-9)
    steps = t_steps(df)
    assert has_mean(steps, 0.0)
    assert has_variance(steps, 1.0)
    assert not has_variance(steps, 1.1 if df > 2.5 else 1.6)
    assert np.max(np.abs(steps)) <= cut / sd * (1 + 1e-12)
    # the shape is that of Student's t: shares beyond what a normal of the same variance has
    for level in (0.5, 2.0, 4.0):
        assert has_share(np.abs(steps) > level, 2 * stats.t.sf(level * sd, df))
    assert df > 100 or not has_share(np.abs(steps) > 4.0, 2 * stats.norm.sf(4.0))


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("step", [0.02, 0.19, 1.4])
def test_the_mean_of_student_t_growth(df: float, step: float) -> None:
    cut, sd = processes.t_cut(df)

    def grown(t: float) -> float:
        return float(stats.t.pdf(t, df) * math.exp(step * t / sd))

    halves = (integrate.quad(grown, low, low + cut, limit=400, epsabs=0.0, epsrel=1e-11)[0] for low in (-cut, 0.0))
    wanted = math.log(sum(halves) + math.cosh(step * cut / sd) / 20_000)
    assert processes.t_log_mean(step, df) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("df", [3.0, 4.0, 8.0])
def test_student_t_growth_is_centred_by_it(df: float) -> None:
    sample = np.exp(t_steps(df, volatility=0.6) - processes.t_log_mean(0.6 / math.sqrt(12), df))
    assert has_mean(sample, 1.0)
    assert not has_mean(np.exp(t_steps(df, volatility=0.6)), 1.0)


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize(("step", "beside"), [(0.19, 0.1), (0.19, -0.3), (0.0, 0.4), (-0.5, 0.8)])
def test_the_mean_of_student_t_growth_beside_the_normal_it_is_made_of(df: float, step: float, beside: float) -> None:
    """By quadrature over the chi-square, given which the step is a normal that is cut: another way than the code's."""
    cut, sd = processes.t_cut(df)
    nodes, weights = np.polynomial.legendre.leggauss(200)

    def given(scale: float) -> float:
        """E[exp(step x + beside z)] over the normal z, in pieces where x is cut and where it is not."""
        edge, total = min(cut / scale, 12.0), 0.0
        for low, high in ((-13.0, -edge), (-edge, edge), (edge, 13.0)):
            z = 0.5 * (low + high) + 0.5 * (high - low) * nodes
            grown = np.exp(step / sd * np.clip(scale * z, -cut, cut) + beside * z - 0.5 * z**2)
            total += 0.5 * (high - low) * float(np.sum(weights * grown))
        return total / math.sqrt(2.0 * math.pi)

    def density(log_v: float) -> float:
        v = math.exp(log_v)
        return float(stats.gamma.pdf(v, 0.5 * df)) * v * given(math.sqrt(0.5 * df / v))

    low, high = (math.log(stats.gamma.ppf(level, 0.5 * df)) for level in (1e-13, 1.0 - 1e-13))
    wanted = math.log(integrate.quad(density, low, high, limit=800, epsabs=0.0, epsrel=1e-10)[0])
    assert processes.t_log_mean(step, df, beside) == pytest.approx(wanted, rel=1e-7, abs=1e-9)


def test_no_step_has_no_mean_to_take_away() -> None:
    assert processes.t_log_mean(0.0, 4.0) == 0.0


@pytest.mark.parametrize("df", DEGREES)
def test_what_student_t_keeps_of_a_correlation(df: float) -> None:
    shocks = normals(1, 256)[0]
    kept = processes.t_correlation_kept(df)
    assert has_correlation(shocks, t_steps(df), kept)
    assert df > 8 or not has_correlation(shocks, t_steps(df), kept + 0.06)


def test_student_t_steps_are_cut() -> None:
    steps = processes.student_t(np.ones((3, 1)), np.full((3, 1), 2.0), 0.6, 4.0)[:, 0]
    step = 0.6 / math.sqrt(12) / processes.t_cut(4.0)[1]
    assert steps == pytest.approx([step, step, step])
    far = processes.student_t(np.full((1, 1), 9.0), np.full((1, 1), 1e-9), 0.6, 4.0)
    assert far[0, 0] == pytest.approx(step * processes.t_cut(4.0)[0])


# trends


def test_an_unknown_trend_grows_with_time() -> None:
    drawn = processes.trend(np.array([[-1.0, 0.5]]), 24, 0.2)
    assert drawn[[0, 11, 23]] == pytest.approx(np.array([[-1, 0.5]]) * 0.2 * np.array([[1 / 12], [1], [2]]))


# the network


def follow(price: FloatArray, own: FloatArray | None = None, **terms: Any) -> FloatArray:
    """The network's log deviation in answer to that of the price, at 0 by itself unless given."""
    given = {"price_elasticity_ratio": 0.0, "price_lag_months": 0, "hash_price_half_life_months": None} | terms
    return processes.network(np.zeros_like(price) if own is None else own, price, **given)


def jump(month: int, by: float, months: int = 60) -> FloatArray:
    """A price that jumps in ``month`` (from 0) and stays."""
    return np.where(np.arange(months) >= month, by, 0.0)[:, None]


@pytest.mark.parametrize("lag", [0, 1, 7])
@pytest.mark.parametrize("elasticity", [-0.4, 0.3])
def test_the_network_follows_the_price_after_its_lag(lag: int, elasticity: float) -> None:
    for month in (0, 5):
        followed = follow(jump(month, 0.5), price_elasticity_ratio=elasticity, price_lag_months=lag)
        assert followed == pytest.approx(jump(month + lag, 0.5 * elasticity), abs=1e-15)


@pytest.mark.parametrize("half_life", [0.5, 3.0, 60.0])
def test_the_hash_price_returns_with_its_half_life(half_life: float) -> None:
    price = jump(2, 0.4)
    gap = (price - follow(price, hash_price_half_life_months=half_life))[2:, 0]
    assert gap == pytest.approx(0.4 * 0.5 ** (np.arange(58) / half_life), abs=1e-12)


def test_shocks_of_the_network_return_as_well() -> None:
    left = follow(np.zeros((60, 1)), jump(3, 0.2), hash_price_half_life_months=5.0)[3:, 0]
    assert left == pytest.approx(0.2 * 0.5 ** (np.arange(57) / 5.0))
    assert follow(np.zeros((60, 1)), jump(3, 0.2)) == pytest.approx(jump(3, 0.2))


def test_a_trend_of_the_network_is_pulled_back_like_a_shock() -> None:
    """It comes to a stop where as much returns in a month as it adds: by the half-life of 6 months, at 9.2 of them."""
    trend = processes.trend(np.ones((1, 1)), 240, 0.12)
    pulled = follow(np.zeros((240, 1)), trend.copy(), hash_price_half_life_months=6.0)[:, 0]
    assert pulled[0] == pytest.approx(0.01)
    assert pulled[-1] == pytest.approx(0.01 / (1.0 - 0.5 ** (1 / 6)))
    assert np.all(np.diff(pulled) > -1e-12)
    assert trend[-1, 0] == pytest.approx(2.4)


def test_the_network_is_linear_in_what_moves_it() -> None:
    """So that changes of 1 show its weights, and the mean of its growth is exact."""
    price, own = 0.3 * normals(24, 1), 0.1 * normals(24, 1, "network")
    terms: dict[str, Any] = {"price_elasticity_ratio": 0.2, "price_lag_months": 2, "hash_price_half_life_months": 7.0}
    both = follow(price, own.copy(), **terms)
    apart = follow(price, **terms) + follow(np.zeros_like(price), own.copy(), **terms)
    assert both == pytest.approx(apart, abs=1e-12)


def test_the_hash_price_returns_to_the_break_even() -> None:
    """Where the scenario's own is above it by half, the network grows until that is gone."""
    above = np.full((60, 1), math.log(1.5))
    network = follow(np.zeros((60, 1)), hash_price_half_life_months=4.0, above_anchor=above)
    assert network[0, 0] == 0.0
    assert math.log(1.5) - network[:, 0] == pytest.approx(math.log(1.5) * 0.5 ** (np.arange(60) / 4.0))
