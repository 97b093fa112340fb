"""Forecasts are those of the simulated world from what was known, compared with what came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.forecasts import (
    BASES,
    MODELS,
    WINDOW_MONTHS,
    Basis,
    Forecast,
    Model,
    estimated,
    forecasts,
    price_probabilities,
    scenario_then,
    uncertainty,
    usable_months,
)
from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE, VARIABLES, History, shipped_history
from minecalc.arrays import FloatArray
from minecalc.engine import Engine
from minecalc.randomness.streams import Sampler
from minecalc.simulation.world import World
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, BtcPrice, NetworkHashRate
from tests.analysis.backtest.made_up import START, history, walks

_HISTORIES, _STEPS = 400, 30


def averaged(volatility: float, seed: int) -> FloatArray:
    """Monthly means of random walks by 30 steps a month, ``(histories, months)``."""
    months = WINDOW_MONTHS + 1
    steps = np.random.default_rng(seed).standard_normal((_HISTORIES, months * _STEPS))
    walked = np.cumsum(steps, axis=1) * volatility / np.sqrt(12 * _STEPS)
    means: FloatArray = walked.reshape(_HISTORIES, months, _STEPS).mean(axis=2)
    return means


def test_volatility_is_that_of_what_the_monthly_means_are_the_means_of() -> None:
    factor = NetworkHashRate()
    lag, elasticity = int(factor.price_lag_months), float(factor.price_elasticity_ratio)
    price, own = averaged(0.6, 1), averaged(0.3, 2)
    network = own.copy()
    network[:, lag:] += elasticity * price[:, : price.shape[1] - lag]
    found = np.array([estimated(history(p, h), WINDOW_MONTHS) for p, h in zip(price, network, strict=True)])
    of_price, of_network, correlation = found.mean(axis=0)
    assert of_price == pytest.approx(0.6, rel=0.02)
    assert of_network == pytest.approx(0.3, rel=0.02)
    assert correlation == pytest.approx(0.0, abs=0.02)


def test_the_correlation_is_of_the_same_month() -> None:
    steps = np.random.default_rng(3).standard_normal((2, 4000))
    of_both = 0.6 * steps[0] + 0.8 * steps[1]
    lag, elasticity = int(NetworkHashRate().price_lag_months), float(NetworkHashRate().price_elasticity_ratio)
    of_both[lag:] += elasticity * steps[0, : 4000 - lag]
    found = [
        estimated(history(np.cumsum(steps[0, i : i + 80]), np.cumsum(of_both[i : i + 80])), 79)[2]
        for i in range(0, 4000 - 80, 80)
    ]
    assert np.mean(found) == pytest.approx(0.6, abs=0.03)


def test_only_the_window_before_the_month_counts() -> None:
    it, month = walks(), 90
    outside = np.where((np.arange(it.months) > month) | (np.arange(it.months) < month - WINDOW_MONTHS), 1.0, 0.0)
    other = History(START, it.logs + outside * np.sin(np.arange(it.months)))
    assert estimated(it, month) == estimated(other, month)
    assert estimated(it, month + 1) != estimated(other, month + 1)
    for model in MODELS:
        assert uncertainty(model, "known then", it, month) == uncertainty(model, "known then", other, month)


def test_shipped_numbers_are_those_by_default() -> None:
    correlation = {PRICE: {NETWORK: DEFAULT_CORRELATIONS[PRICE, NETWORK][0]}}
    block = uncertainty("student_t", "shipped", walks(), 50)
    flat: dict[str, object] = {"path_is": "median"}
    factors = {PRICE: flat | {"model": "student_t"}, NETWORK: flat, "others": "fixed"}
    assert block == factors | {"correlations": correlation}
    bootstrap = uncertainty("bootstrap", "shipped", walks(), 50)
    assert bootstrap == factors | {PRICE: flat | {"model": "bootstrap"}}


def test_known_then_has_what_was_estimated_or_the_months_to_draw_from() -> None:
    it = walks()
    price, network, correlation = estimated(it, 50)
    block = uncertainty("gbm", "known then", it, 50)
    assert block[PRICE] == {"model": "gbm", "path_is": "median", "volatility_fraction_per_year": price}
    assert block[NETWORK] == {"path_is": "median", "volatility_fraction_per_year": network}
    assert block["correlations"] == {PRICE: {NETWORK: correlation}}
    early = uncertainty("bootstrap", "known then", it, 50)
    window = {"history_from": "2014-10", "history_to": it.label(50)}
    assert early[PRICE] == {"model": "bootstrap", "path_is": "median"} | window
    late = uncertainty("bootstrap", "known then", it, 90)
    assert late[PRICE]["history_from"] == it.label(90 - WINDOW_MONTHS)
    assert (late[NETWORK], "correlations" in late) == ({"path_is": "median"}, False)


def test_the_shipped_numbers_are_what_the_rule_gives_at_the_end_of_the_history() -> None:
    found = shipped_history()
    price, network, correlation = estimated(found, found.months - 1)
    assert BtcPrice().volatility_fraction_per_year == pytest.approx(price, abs=0.02)
    assert NetworkHashRate().volatility_fraction_per_year == pytest.approx(network, abs=0.02)
    assert DEFAULT_CORRELATIONS[PRICE, NETWORK][0] == pytest.approx(correlation, abs=0.05)


def made(
    it: History, months: Sequence[int], model: Model = "gbm", basis: Basis = "known then", *, seed: int = 1
) -> list[Forecast]:
    return list(forecasts(it, months, model, basis, paths=1500, seed=seed))


def going_on(it: History, month: int, *, price: float = 0.0, network: float = 0.0) -> History:
    """The history up to ``month``, after which all comes as expected but for these logarithms more."""
    expected = it.expected(month, 24)
    return history(
        np.concatenate([it.logs[0, : month + 1], expected[0] + price]),
        np.concatenate([it.logs[1, : month + 1], expected[1] + network]),
    )


@pytest.mark.parametrize("month", ["2018-03", "2019-12", "2022-10"])
def test_the_scenario_expects_what_the_history_does(month: str) -> None:
    it = shipped_history()
    number = [it.label(k) for k in range(it.months)].index(month)
    scenario = scenario_then(it, number, uncertainty("gbm", "shipped", it, number))
    market = Engine(scenario).market
    found = [market.btc_price_usd, market.network_hash_rate_eh_per_s, market.hash_price_usd_per_ph_per_day]
    assert scenario.start == it.label(number + 1)
    for row, expected in zip(found, it.expected(number, 24), strict=True):
        assert np.broadcast_to(row, (24, 1))[:, 0] == pytest.approx(np.exp(expected), rel=1e-12)


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("model", MODELS)
def test_what_came_as_expected_lies_near_the_middle(model: Model, basis: Basis) -> None:
    (found,) = made(going_on(walks(), 80), [80], model, basis)
    assert found.pits.shape == (3, 4)
    assert found.pits[:, 0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("model", MODELS)
def test_what_came_high_or_low_lies_at_the_ends(model: Model) -> None:
    at = VARIABLES.index
    (up,) = made(going_on(walks(), 80, price=5.0), [80], model)
    assert up.pits[at(PRICE)].min() > 0.99
    assert up.pits[at(HASH_PRICE)].min() > 0.99
    assert up.pits[at(NETWORK)].max() < 0.9
    (grown,) = made(going_on(walks(), 80, network=5.0), [80], model)
    assert grown.pits[at(NETWORK)].min() > 0.99
    assert grown.pits[at(HASH_PRICE)].max() < 0.01


def spread(horizon: int, volatility: float | None = None) -> float:
    """Standard deviation of the log price so many months ahead: of changes of which a part lasts and a part passes."""
    factor = BtcPrice()
    step = (float(factor.volatility_fraction_per_year) if volatility is None else volatility) / math.sqrt(12)
    share, kept = float(factor.passing_fraction), 0.5 ** (1 / float(factor.half_life_months))
    walk = step * math.sqrt(sum((1 - share + share * kept**k) ** 2 for k in range(horizon)))
    return math.hypot(walk, float(factor.trend_sd_fraction_per_year) * horizon / 12)


@pytest.mark.parametrize("basis", BASES)
def test_the_share_below_is_that_of_the_normal_distribution(basis: Basis) -> None:
    """The log of a price by gbm has the variance of its parts and of its trend, about the path as its median."""
    it, above = going_on(walks(), 80, price=0.4), 0.4
    (found,) = made(it, [80], "gbm", basis)
    volatility = None if basis == "shipped" else estimated(it, 80)[0]
    for column, horizon in enumerate(HORIZONS):
        expected = NormalDist().cdf(above / spread(horizon, volatility))
        assert found.pits[VARIABLES.index(PRICE), column] == pytest.approx(expected, abs=1e-12)


def test_the_closed_form_is_what_the_simulation_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    it = going_on(walks(), 80, price=-0.3)
    (exact,) = made(it, [80])
    monkeypatch.setattr("minecalc.analysis.backtest.forecasts.is_exact", lambda model, variable: False)
    (simulated,) = forecasts(it, [80], "gbm", "known then", paths=20_000, seed=1)
    row = VARIABLES.index(PRICE)
    errors = np.sqrt(exact.pits[row] * (1.0 - exact.pits[row]) / 20_000)
    assert np.all(np.abs(simulated.pits[row] - exact.pits[row]) < 4.0 * errors)
    assert simulated.pits[row].tolist() != exact.pits[row].tolist()


def test_a_path_that_is_the_mean_has_its_median_below() -> None:
    it = going_on(walks(), 80)
    block = uncertainty("gbm", "shipped", it, 80)
    block[PRICE]["path_is"] = "mean"
    found = price_probabilities(it, 80, World(scenario_then(it, 80, block), Sampler(1)))
    for probability, horizon in zip(found, HORIZONS, strict=True):
        assert probability == pytest.approx(NormalDist().cdf(spread(horizon) / 2.0), abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_forecast_does_not_depend_on_others_nor_on_what_came_later(model: Model) -> None:
    it = walks()
    together = made(it, range(60, 64), model)
    (alone,) = made(it, [62], model)
    assert np.array_equal(together[2].pits, alone.pits)
    shorter = History(it.start, it.logs[:, :69])
    (then,) = made(shorter, [62], model)
    assert np.array_equal(then.pits, alone.pits[:, :2])


@pytest.mark.parametrize("model", MODELS)
def test_the_seed_decides_the_draws(model: Model) -> None:
    it = walks()
    one, again, other = (made(it, [70], model, seed=seed)[0].pits for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one == pytest.approx(other, abs=0.08)


def test_months_and_paths_have_draws_of_their_own() -> None:
    """The same outcome a month later: were the draws the same too, so would be the shares."""
    it = history(np.zeros(100), 0.05 * np.sin(np.arange(100.0)))
    first, second = made(it, [60, 61], "gbm", "shipped")
    for row in (VARIABLES.index(NETWORK), VARIABLES.index(HASH_PRICE)):
        assert first.pits[row].tolist() != second.pits[row].tolist()
    (few,) = forecasts(it, [60], "gbm", "shipped", paths=100, seed=1)
    assert few.pits[1:] * 100 == pytest.approx(np.rint(few.pits[1:] * 100))
    assert few.paths == 100


def test_usable_months_have_three_years_behind_and_three_months_ahead() -> None:
    it = shipped_history()
    months = usable_months(it)
    assert (it.label(months[0]), it.label(months[-1])) == ("2017-10", "2026-03")
    shapes = [forecast.pits.shape[1] for forecast in made(it, [months[-1], it.months - 1 - 12])]
    assert shapes == [1, HORIZONS.index(12) + 1]
