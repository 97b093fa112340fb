"""How price and network change from month to month, and what that makes of the mean of their growth, exactly.

The logarithms of both are linear in their changes (``processes``), so the mean of what they grow to is that of the
exponential of a weighted sum of changes. Taken away, it makes the scenario's path the mean of the simulated ones,
whatever volatility, model and correlation are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, running_total
from minecalc.randomness import processes
from minecalc.randomness.bootstrap import log_mean
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.uncertainty.factors import BtcPrice, HashPrice, NetworkHashRate
from minecalc.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class Changes:
    """The monthly changes of price and network; None is one that is certain.

    ``correlation`` is that of the normals they are made of; the bootstrap has history's own.
    """

    price: BtcPrice | None
    network: NetworkHashRate | None
    correlation: float = 0.0

    @property
    def bootstraps(self) -> bool:
        """Whether they are those of history."""
        return self.price is not None and self.price.model == "bootstrap"

    @cached_property
    def history(self) -> FloatArray:
        """Those that the bootstrap draws, ``(months of history, 2)``."""
        assert self.price is not None
        return monthly_changes(self.price.history_from, self.price.history_to)

    def price_weights(self, months: int) -> FloatArray:
        """What is left in the log price of a change of 1, so many months later: ``(months, 1)``."""
        return np.zeros((months, 1)) if self.price is None else two_parts(self.price, unit(months))

    def log_mean(self, of_price: FloatArray, of_network: FloatArray) -> FloatArray:
        """log E[exp(h)] over the months, ``(months, 1)``, of h that has these weights ``(months, 1)`` on the changes.

        Weights are by months since the change, 0 first. Where nothing changes it is 0, to the bit.
        """
        if self.bootstraps:
            assert self.price is not None
            weights = np.concatenate([of_price, of_network], axis=1)
            mean: FloatArray = log_mean(self.history, weights, float(self.price.block_months))
            return mean
        a, b = of_price * step(self.price), of_network * step(self.network)
        if self.price is None or self.price.model == "gbm":
            adds = 0.5 * (a**2 + 2.0 * self.correlation * a * b + b**2)
        else:
            df, beside = float(self.price.degrees_of_freedom_count), self.correlation * b
            pairs = zip(a[:, 0].tolist(), beside[:, 0].tolist(), strict=True)
            adds = 0.5 * (1.0 - self.correlation**2) * b**2
            adds += np.array([[processes.t_log_mean(price, df, other)] for price, other in pairs])
        total: FloatArray = running_total(adds)
        return total


def step(factor: BtcPrice | NetworkHashRate | HashPrice | None) -> float:
    """The standard deviation of a month's change of the logarithm; 0 of what is certain."""
    return 0.0 if factor is None else float(factor.volatility_fraction_per_year) / math.sqrt(MONTHS_PER_YEAR)


def two_parts(factor: BtcPrice | NetworkHashRate | HashPrice, steps: FloatArray) -> FloatArray:
    """The logarithm that monthly changes add up to, in place: what lasts of them, and what passes."""
    half_life = factor.half_life_months
    share = float(factor.passing_fraction)
    return processes.two_parts(steps, share, None if half_life is None else float(half_life))


def unit(months: int) -> FloatArray:
    """A change of 1 in the first of so many months, ``(months, 1)``."""
    change = np.zeros((months, 1))
    change[0] = 1.0
    return change


def monthly_changes(since: str, until: str | None = None) -> FloatArray:
    """Log changes of bitcoin's price and difficulty from month to month of history, about their means, ``(·, 2)``.

    From the change into the month after ``since`` to that into ``until`` (None: the last there is).
    """
    rows = [row for row in bitcoin_monthly() if row.month >= since and (until is None or row.month <= until)]
    logs = np.log(np.array([[row.btc_price_usd, row.network_difficulty] for row in rows]))
    steps: FloatArray = np.diff(logs, axis=0)
    steps -= running_total(steps)[-1] / len(steps)
    return steps


class Drift(NamedTuple):
    """The mean growth of log price a year over months of history, and the standard error of that."""

    log_fraction_per_year: float
    error_fraction_per_year: float
    first: str
    last: str


def historic_drift() -> Drift:
    """Of the monthly means that are shipped, as if the price were a random walk.

    Changes of a walk's monthly means have 2/3 of its variance, which is put right.
    """
    rows = bitcoin_monthly()
    steps = np.diff(np.log([row.btc_price_usd for row in rows]))
    years = len(steps) / MONTHS_PER_YEAR
    volatility = float(np.std(steps, ddof=1)) * math.sqrt(1.5 * MONTHS_PER_YEAR)
    drift = math.fsum(steps.tolist()) / years
    return Drift(drift, volatility / math.sqrt(years), rows[0].month, rows[-1].month)
