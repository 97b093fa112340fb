"""Forecasts from past months by the world that ``simulate`` draws, the numbers they are made with, and what came."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.history import NETWORK, PRICE, VARIABLES, History
from minecalc.arrays import FloatArray
from minecalc.loading import loads
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import World
from minecalc.uncertainty.block import Uncertainty
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, BtcPrice, NetworkHashRate
from minecalc.units import MONTHS_PER_YEAR

Model = Literal["gbm", "student_t", "bootstrap"]
MODELS: tuple[Model, ...] = get_args(Model)

Basis = Literal["shipped", "known then"]
BASES: tuple[Basis, ...] = get_args(Basis)

#: Estimates use this many monthly changes before a date, and need at least so many.
WINDOW_MONTHS, LEAST_MONTHS = 72, 36

#: Variance of a random walk's steps over that of the changes of its averages over each step: 1 / (2/3).
_AVERAGED = 1.5


def uncertainty(model: Model, basis: Basis, history: History, month: int) -> dict[str, Any]:
    """The ``uncertainty:`` block of a forecast from ``month``, as a scenario's file would write it.

    ``shipped`` has the defaults of ``simulate``, which know the whole history; ``known then`` has what ``estimated``
    gives, or for the bootstrap the months that it was given, and all else by default.
    """
    price: dict[str, Any] = {"model": model, "path_is": "median"}
    network: dict[str, Any] = {"path_is": "median"}
    correlation = DEFAULT_CORRELATIONS[PRICE, NETWORK][0]
    if basis == "known then" and model == "bootstrap":
        first = max(0, month - WINDOW_MONTHS)
        price |= {"history_from": history.label(first), "history_to": history.label(month)}
    elif basis == "known then":
        of_price, of_network, correlation = estimated(history, month)
        price["volatility_fraction_per_year"] = of_price
        network["volatility_fraction_per_year"] = of_network
    block: dict[str, Any] = {PRICE: price, NETWORK: network, "others": "fixed"}
    if model != "bootstrap":  # which takes it from history
        block["correlations"] = {PRICE: {NETWORK: correlation}}
    return block


def estimated(history: History, month: int) -> tuple[float, float, float]:
    """Volatility of price and of network a year and the correlation of their shocks, from the window up to ``month``.

    The network's shocks are what is left of its changes after the elasticity times the price's changes
    ``price_lag_months`` before. Changes of monthly means understate the volatility of what they are the means of:
    by a third of the variance for a random walk, which is put right.
    """
    network = NetworkHashRate()
    lag, elasticity = int(network.price_lag_months), float(network.price_elasticity_ratio)
    price, hash_rate = history.changes(month)[:, -WINDOW_MONTHS:]
    own = hash_rate[lag:] - elasticity * price[: len(price) - lag]
    return _volatility(price), _volatility(own), float(np.corrcoef(price[lag:], own)[0, 1])


def _volatility(changes: FloatArray) -> float:
    """Standard deviation a year of a walk whose monthly means change so."""
    return float(np.std(changes, ddof=1)) * math.sqrt(MONTHS_PER_YEAR * _AVERAGED)


_MONTHS = max(HORIZONS)


@dataclass(frozen=True)
class Forecast:
    """A forecast from the end of ``month`` (a number in the history) at the horizons that have come.

    ``pits`` are the shares of its ``paths`` below what came, ``(variables, horizons)``; those of a variable of which
    ``is_exact`` says so are probabilities.
    """

    month: int
    pits: FloatArray
    paths: int


def is_exact(model: Model, variable: str) -> bool:
    """Whether a forecast of ``variable`` has a closed form: the price is log-normal in geometric Brownian motion."""
    return model == "gbm" and variable == PRICE


def usable_months(history: History) -> range:
    """The months at whose end a forecast can be made, with enough behind them to estimate from and ahead to compare."""
    return range(LEAST_MONTHS, history.months - min(HORIZONS))


def forecasts(
    history: History,
    months: Sequence[int],
    model: Model,
    basis: Basis,
    *,
    paths: int,
    seed: int,
    numbers: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Iterator[Forecast]:
    """A forecast from each of ``months``. Each has its own random numbers, whatever other months are asked for.

    ``numbers`` of factors, as a scenario's block has them, take the place of those that ``uncertainty`` gives.
    """
    blocks = math.ceil(paths / BLOCK_PATHS)
    for month in months:
        block = uncertainty(model, basis, history, month)
        block |= {name: block[name] | dict(of_factor) for name, of_factor in numbers.items()}
        world = World(scenario_then(history, month, block), Sampler(seed))
        blocks_drawn = [_deviations(world, month * blocks + number) for number in range(blocks)]
        found = _compared(history, month, np.concatenate(blocks_drawn, axis=2)[:, :, :paths])
        if is_exact(model, PRICE):
            found.pits[VARIABLES.index(PRICE)] = price_probabilities(history, month, world)
        yield found


def _deviations(world: World, block: int) -> FloatArray:
    """Logs of the simulated over the expected, ``(variables, horizons, paths)``."""
    monthly = world.draw(block).values
    rows = [horizon - 1 for horizon in HORIZONS]
    price, network = np.log(monthly[PRICE][rows]), np.log(monthly[NETWORK][rows])
    return np.stack([price, network, price - network])


def scenario_then(history: History, month: int, block: dict[str, Any]) -> Scenario:
    """The months after ``month`` as a scenario: the market as it was expected then, and ``block`` for what may come."""
    growth = math.exp(history.network_growth(month))
    network = math.exp(history.logs[1, month]) * growth
    data = {
        "name": f"Known at the end of {history.label(month)}",
        "start": history.label(month + 1),
        "months": _MONTHS,
        "site": {"gross_mw": 1.0, "electricity_price_usd_per_kwh": 0.0},
        "market": {
            PRICE: math.exp(history.logs[0, month]),
            NETWORK: {"start": network, "growth_fraction_per_year": growth**MONTHS_PER_YEAR - 1.0},
            "fee_btc_per_block": 0.0,
        },
        "plans": {"mine": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.01}},
    }
    return _read(json.dumps(data)).model_copy(update={"uncertainty": Uncertainty.read(block)})


@lru_cache(maxsize=256)
def _read(text: str) -> Scenario:
    """The scenario of ``text``, which every model asks for of the same month."""
    return loads(text)


def _compared(history: History, month: int, paths: FloatArray) -> Forecast:
    """``paths`` are log deviations from what was expected, ``(variables, horizons, paths)``."""
    outcome = history.outcome(month, _MONTHS)
    rows = [horizon - 1 for horizon in HORIZONS if horizon <= outcome.shape[1]]
    below = np.count_nonzero(paths[:, : len(rows)] < outcome[:, rows, None], axis=2)
    return Forecast(month, below / paths.shape[2], paths.shape[2])


def price_probabilities(history: History, month: int, world: World) -> list[float]:
    """How likely prices below what came were at the horizons that have come, for geometric Brownian motion.

    The logarithm is normal: the log of its mean is half of its variance, and its own mean is that below where the path
    is the mean.
    """
    factor, log_means = world.uncertain.factors[PRICE], world.monthly_paths.log_means[PRICE]
    assert isinstance(factor, BtcPrice)
    outcome, found = history.outcome(month, _MONTHS)[VARIABLES.index(PRICE)], []
    for horizon in (horizon for horizon in HORIZONS if horizon <= outcome.size):
        half = float(log_means[horizon - 1, 0])
        place = NormalDist(-half if factor.is_centred else 0.0, math.sqrt(2.0 * half))
        found.append(place.cdf(float(outcome[horizon - 1])))
    return found


def flat_mean_probabilities(history: History, month: int) -> list[float]:
    """``price_probabilities`` with the numbers known at ``month`` and a flat price that is the mean."""
    block = uncertainty("gbm", "known then", history, month)
    block[PRICE] |= {"path_is": "mean"}
    return price_probabilities(history, month, World(scenario_then(history, month, block), Sampler()))
