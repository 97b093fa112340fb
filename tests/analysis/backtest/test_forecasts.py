"""Forecasts are those of the simulated world from what was known, compared with what came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.estimates import BASES, MODELS, Basis, Model, estimated, uncertainty
from minecalc.analysis.backtest.forecasts import Forecast, forecasts, price_probabilities, scenario_then, usable_months
from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE, VARIABLES, History, shipped_history
from minecalc.engine import Engine
from minecalc.randomness.streams import Sampler
from minecalc.simulation.world import World
from minecalc.uncertainty.factors import BtcPrice
from tests.analysis.backtest.made_up import history, walks


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
