"""Where the default numbers of price and network come from: run as a script, ``python -m tests.bench.calibrate``.

First what the shipped history says on its own: the share of a change that passes and its half-life, fitted to the
variances of changes over 3 to 48 months about the mean drift (corrected for overlap and for the drift being estimated:
Lo and MacKinlay 1988, Review of Financial Studies 1, 41-66), each weighed by 1 / months, with errors from histories
simulated by what was fitted. Then what decides, because those errors are wide: the coverage of the backtest with other
numbers. Taken is the largest share that passes with which P10-P90 hold as near to 80% as a random walk's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.forecasts import forecasts, usable_months
from minecalc.analysis.backtest.history import NETWORK, PRICE, VARIABLES, shipped_history
from minecalc.arrays import FloatArray
from minecalc.randomness.processes import two_parts
from minecalc.units import MONTHS_PER_YEAR

MONTHS = np.array([3, 6, 12, 24, 36, 48])
SHARES, HALF_LIVES = np.arange(0.0, 1.01, 0.05), (6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 60.0, 90.0, 120.0)
HISTORIES, PATHS, STEPS_A_MONTH = 200, 2048, 4

#: Numbers of factors that are tried, the defaults in the middle: (price, network).
TRIED: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    ({"passing_fraction": 0.0}, {}),
    ({"passing_fraction": 0.2}, {}),
    ({}, {}),
    ({"passing_fraction": 0.6}, {}),
    ({"passing_fraction": 0.8}, {}),
    ({"half_life_months": 24.0}, {}),
    ({"half_life_months": 120.0}, {}),
    ({"trend_sd_fraction_per_year": 0.15}, {}),
    ({}, {"passing_fraction": 0.0}),
    ({}, {"passing_fraction": 0.7}),
    ({}, {"half_life_months": 6.0}),
    ({}, {"hash_price_half_life_months": 24.0}),
    ({}, {"hash_price_half_life_months": 60.0}),
    ({}, {"trend_sd_fraction_per_year": 0.0}),
    ({}, {"trend_sd_fraction_per_year": 0.2}),
)


class Fit(NamedTuple):
    """What is fitted: a share, months, and a volatility a year."""

    share: float
    half_life: float
    volatility: float


def variances(logs: FloatArray) -> FloatArray:
    """Of changes of ``logs (months,)`` over each of ``MONTHS``, about the mean drift, unbiased for a random walk."""
    changes = logs.size - 1
    drift = (logs[-1] - logs[0]) / changes
    found = [
        np.sum((logs[k:] - logs[:-k] - k * drift) ** 2) / ((changes - k + 1) * (1.0 - k / changes)) for k in MONTHS
    ]
    return np.array(found)


@cache
def implied(share: float, half_life: float) -> FloatArray:
    """The same of monthly means of a price of volatility 1: averaging takes a third of a month's variance."""
    weights = two_parts(np.eye(int(MONTHS[-1]))[:, :1], share, half_life)[:, 0]
    spread: FloatArray = np.cumsum(weights**2)[MONTHS - 1] / MONTHS_PER_YEAR - 1.0 / (3.0 * MONTHS_PER_YEAR)
    return spread


def fitted(found: FloatArray) -> Fit:
    """The numbers whose variances are nearest in proportion."""
    best, least = Fit(0.0, 0.0, 0.0), np.inf
    for share in SHARES:
        for half_life in HALF_LIVES:
            ratios = found / implied(float(share), half_life)
            level = float(np.sum(ratios / MONTHS) / np.sum(1.0 / MONTHS))
            off = float(np.sum((ratios / level - 1.0) ** 2 / MONTHS))
            if off < least:
                best, least = Fit(float(share), half_life, level**0.5), off
    return best


def simulated(fit: Fit, months: int) -> FloatArray:
    """Monthly means of histories that are as ``fit`` says: ``(histories, months)``."""
    generator = np.random.default_rng(1)
    steps = generator.standard_normal((months * STEPS_A_MONTH, HISTORIES))
    steps *= fit.volatility / np.sqrt(MONTHS_PER_YEAR * STEPS_A_MONTH)
    path = two_parts(steps, fit.share, fit.half_life * STEPS_A_MONTH)
    means: FloatArray = path.reshape(months, STEPS_A_MONTH, HISTORIES).mean(axis=1).T
    return means


def print_fit(name: str, logs: FloatArray) -> None:
    """What a series says, and how far it might have said something else."""
    found = variances(logs)
    profile = ", ".join(f"{k} mo {v:.2f}" for k, v in zip(MONTHS, np.sqrt(found / MONTHS * 12), strict=True))
    fit = fitted(found)
    again = np.array([fitted(variances(history)) for history in simulated(fit, logs.size)])
    print(f"{name}: volatility a year by horizon: {profile}")
    print(f"  passes {fit.share:.2f}, half-life {fit.half_life:.0f} months, volatility {fit.volatility:.2f}")
    for label, column in zip(("passes", "half-life", "volatility"), again.T, strict=True):
        low, middle, high = np.quantile(column, [0.1, 0.5, 0.9])
        print(f"  {label}, fitted again: sd {column.std():.2f}; P10 {low:.2f}, median {middle:.2f}, P90 {high:.2f}")


def print_coverage(price: Mapping[str, Any], network: Mapping[str, Any]) -> None:
    """P10-P90 of the backtest with the numbers known then, by 3, 6, 12, 24 months, and the mean distance from 80."""
    history = shipped_history()
    numbers = {PRICE: price, NETWORK: network}
    every = list(forecasts(history, usable_months(history), "gbm", "known then", paths=PATHS, seed=1, numbers=numbers))
    shares = [
        [
            100.0 * float(np.mean([0.1 <= it.pits[row, column] <= 0.9 for it in every if column < it.pits.shape[1]]))
            for column in range(len(HORIZONS))
        ]
        for row in range(len(VARIABLES))
    ]
    cells = " | ".join(" ".join(f"{share:3.0f}" for share in row) for row in shares)
    print(f"{cells} | {np.mean(np.abs(np.array(shares) - 80.0)):4.1f}  price {dict(price)}, network {dict(network)}")


def main() -> None:
    """Print what history says, then what the backtest makes of the defaults and of other numbers."""
    history = shipped_history()
    for name, row in (("log price", 0), ("log hash price", 2)):
        print_fit(f"{name}, {history.label(0)} to {history.label(history.months - 1)}", history.logs[row])
        print_fit(f"{name}, from 2017-10", history.logs[row, 36:])
    print("P10-P90 of price | network | hash price after 3, 6, 12, 24 months | mean distance from 80")
    for price, network in TRIED:
        print_coverage(price, network)


if __name__ == "__main__":
    main()
