"""Forecasts from past months by the same world that ``simulate`` draws, beside what came."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.estimates import LEAST_MONTHS, Basis, Model, uncertainty
from minecalc.analysis.backtest.history import NETWORK, PRICE, History
from minecalc.arrays import FloatArray
from minecalc.loading import loads
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import World
from minecalc.units import MONTHS_PER_YEAR

_MONTHS = max(HORIZONS)


@dataclass(frozen=True)
class Forecast:
    """A forecast from the end of ``month`` (a number in the history) at the horizons that have come.

    ``pits`` are the shares of its paths below what came, ``(variables, horizons)``.
    """

    month: int
    pits: FloatArray


def usable_months(history: History) -> range:
    """The months at whose end a forecast can be made, with enough behind them to estimate from and ahead to compare."""
    return range(LEAST_MONTHS, history.months - min(HORIZONS))


def forecasts(
    history: History, months: Sequence[int], model: Model, basis: Basis, *, paths: int, seed: int
) -> Iterator[Forecast]:
    """A forecast from each of ``months``. Each has its own random numbers, whatever other months are asked for."""
    blocks = math.ceil(paths / BLOCK_PATHS)
    for month in months:
        world = World(scenario_then(history, month, uncertainty(model, basis, history, month)), Sampler(seed))
        blocks_drawn = [_deviations(world, month * blocks + number) for number in range(blocks)]
        yield _compared(history, month, np.concatenate(blocks_drawn, axis=2)[:, :, :paths])


def _deviations(world: World, block: int) -> FloatArray:
    """Logs of the simulated over the expected, ``(variables, horizons, paths)``."""
    monthly = world.draw(block).monthly
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
        "uncertainty": block,
    }
    return loads(json.dumps(data))


def _compared(history: History, month: int, paths: FloatArray) -> Forecast:
    """``paths`` are log deviations from what was expected, ``(variables, horizons, paths)``."""
    outcome = history.outcome(month, _MONTHS)
    rows = [horizon - 1 for horizon in HORIZONS if horizon <= outcome.shape[1]]
    below = np.count_nonzero(paths[:, : len(rows)] < outcome[:, rows, None], axis=2)
    return Forecast(month, below / paths.shape[2])
