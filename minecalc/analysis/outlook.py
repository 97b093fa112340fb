"""What the simulated worlds make of the prices of bitcoin and of hash at the horizon, and which drift that rests on.

Of the same paths as everything else that is said. Means are not estimated: they are what the factors imply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.document import Note, Value
from minecalc.engine import Engine
from minecalc.market import MarketOverTime
from minecalc.simulation.changes import Drift, historic_drift
from minecalc.simulation.monthly_paths import HASH_PRICE, PRICE
from minecalc.simulation.world import World
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from minecalc.units import MONTHS_PER_YEAR

_UNITS = {PRICE: "usd", HASH_PRICE: "usd_per_ph_per_day"}
_LABELS = {PRICE: "the price of bitcoin", HASH_PRICE: "the hash price"}
_PERCENTS = {"median": 50.0, "p5": 5.0, "p95": 95.0}


class Outlook(NamedTuple):
    """The market in the last month, ``month``, by price and statistic; a price that the scenario lacks is not there.

    ``held_ratio`` is what a bitcoin is worth that is held from the start to the horizon, at the scenario's ``rate``, to
    one that is sold at the start; ``drift_used`` is by what the mean of its price grows a year. None: there is none.
    """

    month: str
    prices: Mapping[str, Mapping[str, Estimate]]
    held_ratio: float | None
    drift_used: float | None
    rate: float
    historic: Drift


def last_market(market: MarketOverTime) -> FloatArray:
    """The prices of bitcoin and of hash in the last month, ``(2, 1|cases)``; NaN where bitcoin has none of its own."""
    hash_price = market.hash_price_usd_per_ph_per_day[-1]
    if market.market.hash_price_is_given:
        return np.stack([np.full_like(hash_price, np.nan), hash_price])
    return np.stack(np.broadcast_arrays(market.btc_price_usd[-1], hash_price))


def of_paths(market: FloatArray, paths: int, impossible: Mapping[str, BoolArray]) -> FloatArray:
    """``last_market`` with a number for each path, ``(2, paths)``: NaN on those that do not count."""
    found = np.array(np.broadcast_to(market, (2, paths)))
    for which in impossible.values():
        found[:, which] = np.nan
    return found


def outlook(world: World, last: FloatArray, sampling: Sampling) -> Outlook | None:
    """What the paths' ``last (2, paths)`` say; None for a scenario without a mine, whose market plays no part."""
    scenario = world.given
    if not scenario.earns_hash_price:
        return None
    own = Engine(scenario).market
    certain, prices = last_market(own), {}
    for row, name in enumerate((PRICE, HASH_PRICE)):
        known = np.isfinite(last[row])
        if not known.any():
            continue
        counted = {} if known.all() else {"a world that does not count": int(np.count_nonzero(~known))}
        sample = Sample(np.where(known, last[row], np.nan), sampling, counted)
        mean = sample.mean
        if not any(path.startswith("market.") for path in world.uncertain.inputs):
            number = float(certain[row, 0]) * world.monthly_paths.mean_ratios.get(name, 1.0)
            mean = Estimate(number, 0.0, number, number, sample.paths)
        prices[name] = {"mean": mean} | {key: sample.percentile(percent) for key, percent in _PERCENTS.items()}
    held = drift = None
    rate, months = float(scenario.discount_rate_fraction_per_year), scenario.months
    today = 0.0 if scenario.market.hash_price_is_given else float(own.btc_price_usd[0, 0])
    if today > 0.0:
        grown = float(certain[0, 0]) / today * world.monthly_paths.mean_ratios.get(PRICE, 1.0)
        held = grown / (1.0 + rate) ** (months / MONTHS_PER_YEAR)
        drift = grown ** (MONTHS_PER_YEAR / (months - 1)) - 1.0 if months > 1 else 0.0
    return Outlook(scenario.timeline.label(months), prices, held, drift, rate, historic_drift())


def data(found: Outlook | None) -> dict[str, Any] | None:
    """For programs, in full precision."""
    if found is None:
        return None
    return {
        "month": found.month,
        **{
            name: {
                **{key: estimate.number for key, estimate in statistics.items()},
                "standard_errors": {key: estimate.error for key, estimate in statistics.items()},
            }
            for name, statistics in found.prices.items()
        },
        "held_bitcoin_value_ratio": found.held_ratio,
        "drift": {"used_fraction_per_year": found.drift_used, "historic": historic(found.historic)},
    }


def historic(drift: Drift) -> dict[str, Any]:
    """The drift of history for programs."""
    return {
        "log_fraction_per_year": drift.log_fraction_per_year,
        "log_error_fraction_per_year": drift.error_fraction_per_year,
        "from": drift.first,
        "to": drift.last,
    }


def notes(found: Outlook | None) -> Iterator[Note]:
    """Prices at the horizon in a line, and the drift in another."""
    if found is None or not found.prices:
        return
    words: list[str | Value] = [f"In {found.month} "]
    for place, (name, statistics) in enumerate(found.prices.items()):
        unit = _UNITS[name]
        mean = statistics["mean"]
        average = mean.value(unit) if mean.error else Value(mean.number, unit)
        words += [f"{'; ' if place else ''}{_LABELS[name]} is ", average, " on average, "]
        words += [statistics["median"].value(unit), " at the median, ", statistics["p5"].value(unit), " at P5 and "]
        words += [statistics["p95"].value(unit), " at P95"]
    yield Note([*words, "."])
    if found.drift_used is None or found.held_ratio is None:
        return
    past = found.historic
    drift: list[str | Value] = ["The mean price of bitcoin grows by ", Value(found.drift_used, "fraction"), " a year"]
    drift += [", as the scenario says; history's logarithm grew by ", Value(past.log_fraction_per_year, "fraction")]
    drift += [" ± ", Value(past.error_fraction_per_year, "fraction"), f" a year from {past.first} to {past.last}"]
    drift += [", too uncertain to go on. A bitcoin held until then is worth ", Value(found.held_ratio, "ratio")]
    drift += [" of its price today at ", Value(found.rate, "fraction"), "."]
    beyond = found.held_ratio > 1.0
    if beyond:
        drift += [" That is more than it costs: the scenario expects more of bitcoin than its rate asks for."]
    yield Note(drift, "warning" if beyond else "plain")
