"""The paths of the monthly factors: each as a multiple of the scenario's own path, ``(months, paths)``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from minecalc.arrays import FloatArray, running_total
from minecalc.engine import Engine
from minecalc.factor import Factor, MarketRate, MonthlyFactor
from minecalc.randomness import processes
from minecalc.randomness.bootstrap import places
from minecalc.randomness.distributions import discrete
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.changes import Changes, step, two_parts, unit
from minecalc.uncertainty.factors import (
    BtcPrice,
    ElectricityPrice,
    Fees,
    HashPrice,
    NetworkHashRate,
)
from minecalc.units import MONTHS_PER_YEAR

PRICE, NETWORK = "btc_price_usd", "network_hash_rate_eh_per_s"
HASH_PRICE = "hash_price_usd_per_ph_per_day"
_TREND, _FUTURE = ", trend", ", future"


@dataclass(frozen=True)
class MonthlyPaths:
    """The monthly factors of a scenario as processes; ``correlations`` are those of the normals that drive them."""

    scenario: Scenario
    factors: Mapping[str, Factor]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def rows(self, name: str) -> dict[str, int]:
        """How many standard normals a path takes for the monthly factor ``name``, by what they are for.

        Those of its shocks bear its own name; what it draws once a path has another.
        """
        factor, rows = self.factors[name], {name: self.scenario.months}
        if name in (PRICE, NETWORK) and self._changes.bootstraps:
            rows = {}
        if isinstance(factor, BtcPrice | NetworkHashRate) and factor.trend_sd_fraction_per_year:
            rows[f"{name}{_TREND}"] = 1
        if isinstance(factor, MarketRate) and factor.futures:
            rows[f"{name}{_FUTURE}"] = 1
        return rows

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
                case HashPrice():
                    normals[name] *= step(factor)
                    logs[name] = two_parts(factor, normals[name])
                case ElectricityPrice() | Fees() | MarketRate():
                    logs[name] = _returning(factor, normals[name])
        # the network was made from the logarithm of the price, so only now
        for name in (PRICE, NETWORK, HASH_PRICE):
            if name in logs and self._is_centred(name):  # a median needs no mean, which takes long of Student-t steps
                logs[name] -= self.log_means[name]
        paths = {name: np.exp(log, out=log) for name, log in logs.items()}
        for name, factor in self.factors.items():
            if isinstance(factor, Fees) and factor.spikes_per_year_count:
                spikes = partial(_spikes, factor, self.scenario.months)
                paths[name] *= sampler(name).others(name, block, spikes)
            elif isinstance(factor, MarketRate) and factor.futures:
                paths[name] *= self._future(factor, normals[f"{name}{_FUTURE}"][0])
        return paths

    def _is_centred(self, name: str) -> bool:
        factor = self.factors[name]
        return isinstance(factor, MonthlyFactor) and factor.is_centred

    def _price(
        self, factor: BtcPrice, normals: Mapping[str, FloatArray], sampler: Sampler, block: int
    ) -> tuple[FloatArray, FloatArray | None]:
        """Log deviation of the price; with the bootstrap also the network's own monthly log changes."""
        months = self.scenario.months
        network: FloatArray | None = None
        if factor.model == "bootstrap":
            history, length = self._changes.history, float(factor.block_months)
            place = sampler.others(PRICE, block, lambda g, n: places(g, months, n, history.shape[0], length))
            index = place.astype(np.intp)
            steps, network = history[:, 0][index], history[:, 1][index]
        elif factor.model == "student_t":
            df = float(factor.degrees_of_freedom_count)
            gammas = sampler.others(PRICE, block, lambda g, n: g.standard_gamma(df / 2.0, (months, n)))
            steps = processes.student_t(normals[PRICE], gammas, float(factor.volatility_fraction_per_year), df)
        else:
            steps = normals[PRICE]
            steps *= step(factor)
        price = two_parts(factor, steps)
        if factor.trend_sd_fraction_per_year:
            sd = float(factor.trend_sd_fraction_per_year)
            price += processes.trend(normals[f"{PRICE}{_TREND}"], months, sd)
        return price, network

    @cached_property
    def _changes(self) -> Changes:
        price, network = self.factors.get(PRICE), self.factors.get(NETWORK)
        assert price is None or isinstance(price, BtcPrice)
        assert network is None or isinstance(network, NetworkHashRate)
        pairs = {frozenset(pair): value for pair, value in self.correlations.items()}
        return Changes(price, network, pairs.get(frozenset((PRICE, NETWORK)), 0.0))

    def _network(
        self, factor: NetworkHashRate, price: FloatArray, steps: FloatArray | None, normals: Mapping[str, FloatArray]
    ) -> FloatArray:
        """Log deviation of the network; ``steps`` are its own where history gives them."""
        if steps is None:
            steps = normals[NETWORK]
            steps *= step(factor)
        own = two_parts(factor, steps)
        if factor.trend_sd_fraction_per_year:
            sd = float(factor.trend_sd_fraction_per_year)
            own += processes.trend(normals[f"{NETWORK}{_TREND}"], self.scenario.months, sd)
        return self._following(price, own, self._above_break_even)

    def _following(self, price: FloatArray, own: FloatArray, above: FloatArray | float = 0.0) -> FloatArray:
        """The network that would be at ``own`` by itself, and follows the price; overwrites ``own``."""
        factor = self._changes.network
        assert factor is not None
        half_life = factor.hash_price_half_life_months
        return processes.network(
            own,
            np.broadcast_to(price, own.shape),
            price_elasticity_ratio=0.0 if self._changes.bootstraps else float(factor.price_elasticity_ratio),
            price_lag_months=int(factor.price_lag_months),
            hash_price_half_life_months=None if half_life is None else float(half_life),
            above_anchor=above,
        )

    @cached_property
    def log_means(self) -> Mapping[str, FloatArray]:
        """The logs of the means that price, network and a hash price of its own have before they are centred.

        ``(months, 1)`` each. What brings the network to a break-even that is given is none of chance, and stays.
        """
        changes, months, found = self._changes, self.scenario.months, {}
        nothing = np.zeros((months, 1))
        if changes.price is not None:
            found[PRICE] = self._log_mean(changes.price_weights(months), nothing, _years(months), nothing)
        if changes.network is not None:
            found[NETWORK] = self._log_mean(*self._network_weights)
        factor = self.factors.get(HASH_PRICE)
        if isinstance(factor, HashPrice):
            found[HASH_PRICE] = running_total(0.5 * (step(factor) * two_parts(factor, unit(months))) ** 2)
        return found

    @cached_property
    def mean_ratios(self) -> Mapping[str, float]:
        """The means of the prices of bitcoin and of hash in the last month over the scenario's own, exactly.

        1 for a path that is the mean. A hash price that follows from price and network has a mean of its own: that of
        their quotient. Fees, which are a small part of it, are taken to be independent of both.
        """
        found = {
            name: 1.0 if self._is_centred(name) else float(np.exp(log[-1, 0])) for name, log in self.log_means.items()
        }
        network = found.pop(NETWORK, None)
        if PRICE in found or network is not None:
            changes, months = self._changes, self.scenario.months
            of_price, of_own, of_price_trend, of_trend = self._network_weights
            gap = changes.price_weights(months) - of_price, -of_own, _years(months) - of_price_trend, -of_trend
            log = self._log_mean(*gap)
            if PRICE in found and self._is_centred(PRICE):
                log -= self.log_means[PRICE]
            if network is not None:
                log -= self._following(np.zeros((months, 1)), np.zeros((months, 1)), self._above_break_even)
                if self._is_centred(NETWORK):
                    log += self.log_means[NETWORK]
            found[HASH_PRICE] = float(np.exp(log[-1, 0]))
        return found

    @cached_property
    def _network_weights(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """What the network makes of changes of 1, of price and its own, and of trends of 1 a year: ``(months, 1)``."""
        months, network = self.scenario.months, self._changes.network
        nothing = np.zeros((months, 1))
        if network is None:
            return nothing, nothing, nothing, nothing
        return (
            self._following(self._changes.price_weights(months), nothing.copy()),
            self._following(nothing, two_parts(network, unit(months))),
            self._following(_years(months), nothing.copy()),
            self._following(nothing, _years(months)),
        )

    def _log_mean(
        self, of_price: FloatArray, of_own: FloatArray, of_price_trend: FloatArray, of_trend: FloatArray
    ) -> FloatArray:
        """The log of the mean of what grows by weights on changes and on trends, of price and network: ``(months, 1)``.

        Trends that are not known add to it as changes do.
        """
        spread = np.zeros_like(of_price)
        for factor, weights in ((self._changes.price, of_price_trend), (self._changes.network, of_trend)):
            if factor is not None:
                spread += (weights * float(factor.trend_sd_fraction_per_year)) ** 2
        return self._changes.log_mean(of_price, of_own) + 0.5 * spread

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


def _returning(factor: ElectricityPrice | Fees | MarketRate, shocks: FloatArray) -> FloatArray:
    """A log Ornstein-Uhlenbeck process about the scenario's path."""
    volatility, years = float(factor.volatility_fraction_per_year), float(factor.half_life_months) / MONTHS_PER_YEAR
    return processes.ornstein_uhlenbeck(shocks, volatility, years, centred=factor.is_centred)


def _years(months: int) -> FloatArray:
    """Years from the start to the end of each month, ``(months, 1)``."""
    return np.arange(1.0, months + 1.0)[:, None] / MONTHS_PER_YEAR


def _spikes(factor: Fees, months: int, generator: np.random.Generator, paths: int) -> FloatArray:
    """Fees over the scenario's: alike in calm months; in crowded ones, which come at random, more by an exponential.

    A crowded month has ``spike_ratio`` times a calm one's on average; calm ones have the scenario's own where its path
    is the median, and so much less where it is the mean.
    """
    rate = float(factor.spikes_per_year_count) / MONTHS_PER_YEAR
    crowded = generator.random((months, paths)) < rate
    excess = generator.standard_exponential((months, paths)) * (float(factor.spike_ratio) - 1.0)
    ratios = np.where(crowded, 1.0 + excess, 1.0)
    return ratios / (1.0 + rate * (float(factor.spike_ratio) - 1.0)) if factor.is_centred else ratios
