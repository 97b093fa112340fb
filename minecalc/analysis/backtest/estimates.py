"""The numbers of the factors: those that are shipped today, and those that the same rule gives at a past date."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np

from minecalc.analysis.backtest.history import NETWORK, PRICE, History
from minecalc.arrays import FloatArray
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, NetworkHashRate
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
