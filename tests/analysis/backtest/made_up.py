"""Histories that are made up, so that what a forecast should say is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.forecasts import Basis, Forecast, Model
from minecalc.analysis.backtest.history import History
from minecalc.analysis.backtest.question import Backtest, Run
from minecalc.arrays import FloatArray
from minecalc.timeline import parse_month

START = parse_month("2014-10")


def history(price: FloatArray, network: FloatArray) -> History:
    """Months from 2014-10 with these logarithms of price and network."""
    return History.of(START, price, network)


def walks(months: int = 100, seed: int = 5) -> History:
    """Random walks of price and network."""
    steps = np.random.default_rng(seed).normal(0.0, 0.1, (2, months))
    price, network = np.cumsum(steps, axis=1)
    return history(price + 9.0, network + 6.0)


def run(model: Model, basis: Basis, pits: Sequence[float], *, come: int = len(HORIZONS)) -> Run:
    """A forecast for each of ``pits``, from month 40 on, alike for every variable and the first ``come`` horizons."""
    return Run(model, basis, [Forecast(40 + i, np.full((3, come), pit), 2048) for i, pit in enumerate(pits)])


def answer(*runs: Run) -> Backtest:
    """These runs on a made-up history."""
    return Backtest(walks(), range(40, 40 + len(runs[0].forecasts)), runs, 2048, 7)
