"""The courses of the monthly factors: each as a multiple of the scenario's own path, ``(months, paths)``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from minecalc.arrays import FloatArray, running_total
from minecalc.engine import Engine
from minecalc.factor import Factor, MarketRate
from minecalc.randomness import processes
from minecalc.randomness.bootstrap import log_mean, places
from minecalc.randomness.distributions import discrete
from minecalc.randomness.streams import Sampler
from minecalc.reference import bitcoin_monthly
from minecalc.scenario import Scenario
from minecalc.uncertainty.factors import (
    BtcPrice,
    ElectricityPrice,
    Fees,
    HashPrice,
    NetworkHashRate,
)
from minecalc.units import MONTHS_PER_YEAR

PRICE, NETWORK = "btc_price_usd", "network_hash_rate_eh_per_s"
_TREND, _FUTURE = ", trend", ", future"


@dataclass(frozen=True)
class Courses:
    """The monthly factors of a scenario as processes."""

    scenario: Scenario
    factors: Mapping[str, Factor]

    def rows(self, name: str) -> dict[str, int]:
        """How many standard normals a path takes for the monthly factor ``name``, by what they are for.

        Those of its shocks bear its own name; what it draws once a path has another.
        """
        factor, rows = self.factors[name], {name: self.scenario.months}
        if name in (PRICE, NETWORK) and self._bootstraps:
            rows = {}
        if isinstance(factor, BtcPrice | NetworkHashRate) and factor.trend_sd_fraction_per_year:
            rows[f"{name}{_TREND}"] = 1
        if isinstance(factor, MarketRate) and factor.futures:
            rows[f"{name}{_FUTURE}"] = 1
        return rows

    @property
    def _bootstraps(self) -> bool:
        price = self.factors.get(PRICE)
        return isinstance(price, BtcPrice) and price.model == "bootstrap"

    def draw(
        self, normals: Mapping[str, FloatArray], sampler: Callable[[str], Sampler], block: int
    ) -> dict[str, FloatArray]:
        """Each monthly factor over its path, from correlated standard normals, which are overwritten.

        ``sampler`` names the one that draws what is not normal for a factor.
        """
        logs: dict[str, FloatArray] = {}
        price = np.zeros((self.scenario.months, 1))
        history: FloatArray | None = None
        for name, factor in self.factors.items():
            match factor:
                case BtcPrice():
                    price, history = self._price(factor, normals, sampler(name), block)
                    logs[name] = price
                case NetworkHashRate():
                    logs[name] = self._network(factor, price, history, normals)
                case HashPrice() | ElectricityPrice() | Fees() | MarketRate():
                    logs[name] = _returning(factor, normals[name])
        # the network was made from the logarithm of the price, so only now
        courses = {name: np.exp(log, out=log) for name, log in logs.items()}
        for name, factor in self.factors.items():
            if isinstance(factor, Fees) and factor.spikes_per_year_count:
                spikes = partial(_spikes, factor, self.scenario.months)
                courses[name] *= sampler(name).others(name, block, spikes)
            elif isinstance(factor, MarketRate) and factor.futures:
                courses[name] *= self._future(factor, normals[f"{name}{_FUTURE}"][0])
        return courses

    def _price(
        self, factor: BtcPrice, normals: Mapping[str, FloatArray], sampler: Sampler, block: int
    ) -> tuple[FloatArray, FloatArray | None]:
        """Log deviation of the price; with the bootstrap also the network's own monthly log changes."""
        months, mean = self.scenario.months, factor.path_is == "mean"
        volatility, network = float(factor.volatility_fraction_per_year), None
        if factor.model == "gbm":
            price = processes.brownian(normals[PRICE], volatility, centred=mean)
        elif factor.model == "student_t":
            df = float(factor.degrees_of_freedom_count)
            gammas = sampler.others(PRICE, block, lambda g, n: g.standard_gamma(df / 2.0, (months, n)))
            price = processes.student_t(normals[PRICE], gammas, volatility, df, centred=mean)
        else:
            history, length = self._history, float(factor.block_months)
            place = sampler.others(PRICE, block, lambda g, n: places(g, months, n, history.shape[0], length))
            index = place.astype(np.intp)
            price = processes.walk(history[:, 0][index])
            if mean:
                price -= log_mean(history[:, 0], months, length)
            network = history[:, 1][index]
        if factor.trend_sd_fraction_per_year:
            sd = float(factor.trend_sd_fraction_per_year)
            price += processes.trend(normals[f"{PRICE}{_TREND}"], months, sd, centred=mean)
        return price, network

    @cached_property
    def _history(self) -> FloatArray:
        """Log changes of price and difficulty a month, ``(months of history, 2)``, about their means."""
        factor = self.factors[PRICE]
        assert isinstance(factor, BtcPrice)
        return monthly_changes(factor.history_from, factor.history_to)

    def _network(
        self, factor: NetworkHashRate, price: FloatArray, steps: FloatArray | None, normals: Mapping[str, FloatArray]
    ) -> FloatArray:
        months = self.scenario.months
        elasticity = 0.0 if steps is not None else float(factor.price_elasticity_ratio)
        if steps is None:
            steps = normals[NETWORK]
            steps *= float(factor.volatility_fraction_per_year) / np.sqrt(MONTHS_PER_YEAR)
        half_life = factor.hash_price_half_life_months
        network = processes.network(
            steps,
            np.broadcast_to(price, steps.shape),
            self.scenario.timeline.days,
            price_elasticity_ratio=elasticity,
            price_lag_months=int(factor.price_lag_months),
            hash_price_half_life_months=None if half_life is None else float(half_life),
            above_anchor=self._above_break_even,
        )
        if factor.trend_sd_fraction_per_year:
            sd = float(factor.trend_sd_fraction_per_year)
            network += processes.trend(normals[f"{NETWORK}{_TREND}"], months, sd, centred=False)
        return network

    @cached_property
    def _above_break_even(self) -> FloatArray | float:
        """Log of the scenario's own hash price over where it returns to, ``(months, 1)``; 0 where that is the same."""
        factor = self.factors[NETWORK]
        assert isinstance(factor, NetworkHashRate)
        if factor.break_even_hash_price_usd_per_ph_per_day is None:
            return 0.0
        anchor = factor.break_even_hash_price_usd_per_ph_per_day.values(self.scenario.timeline)
        above = np.log(Engine(self.scenario).market.hash_price_usd_per_ph_per_day / anchor)
        return np.broadcast_to(above, (self.scenario.months, 1))

    def _future(self, factor: MarketRate, normals: FloatArray) -> FloatArray:
        """The rate ratio of each path's future, ``(months, paths)``; the dearest where a normal is largest."""
        assert factor.futures is not None
        timeline = self.scenario.timeline
        futures = [
            (np.broadcast_to(future.rate_ratio.values(timeline), (timeline.months, 1))[:, 0], future)
            for _, future in sorted(factor.futures.items())
        ]
        futures.sort(key=lambda pair: math.fsum(pair[0].tolist()))
        which = discrete(normals, range(len(futures)), [float(future.probability_fraction) for _, future in futures])
        chosen: FloatArray = np.take(np.stack([ratios for ratios, _ in futures], axis=1), which.astype(np.intp), axis=1)
        return chosen


def monthly_changes(since: str, until: str | None = None) -> FloatArray:
    """Log changes of bitcoin's price and difficulty from month to month of history, about their means, ``(·, 2)``.

    From the change into the month after ``since`` to that into ``until`` (None: the last there is).
    """
    rows = [row for row in bitcoin_monthly() if row.month >= since and (until is None or row.month <= until)]
    logs = np.log(np.array([[row.btc_price_usd, row.network_difficulty] for row in rows]))
    steps: FloatArray = np.diff(logs, axis=0)
    steps -= running_total(steps)[-1] / len(steps)
    return steps


def _returning(factor: HashPrice | ElectricityPrice | Fees | MarketRate, shocks: FloatArray) -> FloatArray:
    """A log Ornstein-Uhlenbeck process about the scenario's path, or a random walk where it never returns."""
    volatility, half_life = float(factor.volatility_fraction_per_year), factor.half_life_months
    mean = not isinstance(factor, HashPrice) or factor.path_is == "mean"
    if half_life is None:
        return processes.brownian(shocks, volatility, centred=mean)
    return processes.ornstein_uhlenbeck(shocks, volatility, float(half_life) / MONTHS_PER_YEAR, centred=mean)


def _spikes(factor: Fees, months: int, generator: np.random.Generator, paths: int) -> FloatArray:
    """1 in calm months; in crowded ones, which come at random, 1 + an exponential excess with the mean given."""
    rate = float(factor.spikes_per_year_count) / MONTHS_PER_YEAR
    crowded = generator.random((months, paths)) < rate
    excess = generator.standard_exponential((months, paths)) * (float(factor.spike_ratio) - 1.0)
    return np.where(crowded, 1.0 + excess, 1.0)
