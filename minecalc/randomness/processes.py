"""Random processes by month, as log deviations from a path: ``(months, paths)`` from standard normal shocks alike.

Months are the outer loop and paths contiguous: that is the fastest layout, and adds strictly month by month. Each
function overwrites the shocks it is given and returns them.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.units import MONTHS_PER_YEAR

#: Blocks a day and blocks between retargets: difficulty changes at most by a factor of 4 every 2,016 blocks.
_RETARGETS_PER_DAY = 144.0 / 2016.0
_RETARGET_MOST = math.log(4.0)


def walk(steps: FloatArray) -> FloatArray:
    """The running total of ``steps (months, paths)``, month by month, in place."""
    for k in range(1, len(steps)):
        steps[k] += steps[k - 1]
    return steps


def brownian(
    shocks: FloatArray,
    volatility_fraction_per_year: float,
    *,
    step_years: float = 1.0 / MONTHS_PER_YEAR,
    centred: bool = True,
) -> FloatArray:
    """Geometric Brownian motion: log S(t) / S(0) = sigma W(t), less sigma^2 t / 2 if ``centred`` (its mean is then 1).

    The first row is one step after the start.
    """
    shocks *= volatility_fraction_per_year * math.sqrt(step_years)
    if centred:
        shocks -= 0.5 * volatility_fraction_per_year**2 * step_years
    return walk(shocks)


def student_t(
    shocks: FloatArray,
    gammas: FloatArray,
    volatility_fraction_per_year: float,
    degrees_of_freedom: float,
    *,
    step_years: float = 1.0 / MONTHS_PER_YEAR,
    centred: bool = True,
) -> FloatArray:
    """A walk with Student-t steps of this volatility: a normal over sqrt(chi2 / df), chi2 = 2 x ``gammas`` (df / 2).

    Steps are cut where ``t_cut`` says, without which the mean of their exponential would not exist, and scaled so that
    what is left has the volatility asked for; ``centred`` takes away the logarithm of that mean.
    """
    cut, sd = t_cut(degrees_of_freedom)
    step = volatility_fraction_per_year * math.sqrt(step_years)
    shocks *= np.sqrt((0.5 * degrees_of_freedom) / gammas)
    np.clip(shocks, -cut, cut, out=shocks)
    shocks *= step / sd
    if centred:
        shocks -= t_log_mean(step, degrees_of_freedom)
    return walk(shocks)


@cache
def t_cut(degrees_of_freedom: float) -> tuple[float, float]:
    """Where a Student-t variable is cut, one in 20,000 lies beyond, and its standard deviation once it is."""
    from scipy.special import stdtr, stdtrit

    df = degrees_of_freedom
    cut = float(stdtrit(df, 1.0 - 0.5 / 20_000.0))
    # t^2 = (df + t^2) - df, and a density times (df + t^2) is one of two degrees of freedom fewer
    fewer = 1.0 - 2.0 * float(stdtr(df - 2.0, -cut * math.sqrt((df - 2.0) / df)))
    beyond = 2.0 * float(stdtr(df, -cut))
    variance = df * ((df - 1.0) / (df - 2.0) * fewer - (1.0 - beyond)) + cut**2 * beyond
    return cut, math.sqrt(variance)


@cache
def t_log_mean(step: float, degrees_of_freedom: float) -> float:
    """log E[exp(step x)] of a Student-t ``x`` cut and scaled as above, by quadrature."""
    from scipy.special import stdtr

    df, (cut, sd) = degrees_of_freedom, t_cut(degrees_of_freedom)
    # t = sqrt(df) sinh u, in which the density is smooth and its tails are short
    nodes, weights = np.polynomial.legendre.leggauss(400)
    reach = math.asinh(cut / math.sqrt(df))
    u = reach * nodes
    log_scale = math.lgamma((df + 1.0) / 2.0) - math.lgamma(df / 2.0) - 0.5 * math.log(math.pi)
    t = math.sqrt(df) * np.sinh(u)
    inside = weights * reach * np.exp(log_scale - df * np.log(np.cosh(u)) + (step / sd) * t)
    beyond = 2.0 * float(stdtr(df, -cut)) * math.cosh(step / sd * cut)
    return math.log(math.fsum(inside.tolist()) + beyond)


def t_correlation_kept(degrees_of_freedom: float) -> float:
    """The share of a normal's correlation that is left when it is made a Student-t step, cut and scaled as above.

    By Stein's lemma the mean of sqrt(df / chi2) over steps that are not cut, over their standard deviation.
    """
    from scipy.special import stdtr

    df, (cut, sd) = degrees_of_freedom, t_cut(degrees_of_freedom)
    mean = math.sqrt(df / 2.0) * math.exp(math.lgamma((df - 1.0) / 2.0) - math.lgamma(df / 2.0))
    uncut = 1.0 - 2.0 * float(stdtr(df - 1.0, -cut * math.sqrt((df - 1.0) / df)))
    return mean * uncut / sd


def ornstein_uhlenbeck(
    shocks: FloatArray,
    volatility_fraction_per_year: float,
    half_life_years: float,
    *,
    step_years: float = 1.0 / MONTHS_PER_YEAR,
    centred: bool = True,
) -> FloatArray:
    """An Ornstein-Uhlenbeck process from 0, by its exact transition: x' = x e^(-k dt) + s z, k = ln 2 / half-life.

    ``centred`` takes away half the variance, so that the mean of the exponential is 1 at every step.
    """
    speed = math.log(2.0) / half_life_years
    kept = math.exp(-speed * step_years)
    spread = volatility_fraction_per_year**2 / (2.0 * speed)
    shocks *= math.sqrt(spread * (1.0 - kept**2))
    held = np.empty_like(shocks[0])
    for k in range(1, len(shocks)):
        np.multiply(shocks[k - 1], kept, out=held)
        shocks[k] += held
    if centred:
        variance = spread * (1.0 - kept ** (2.0 * np.arange(1.0, len(shocks) + 1.0)))
        shocks -= 0.5 * variance[:, None]
    return shocks


def trend(shocks: FloatArray, months: int, sd_fraction_per_year: float, *, centred: bool = True) -> FloatArray:
    """A drift that is not known: ``shocks (1, paths)`` x sd a year, growing with time: ``(months, paths)``."""
    years = np.arange(1.0, months + 1.0)[:, None] / MONTHS_PER_YEAR
    drift: FloatArray = years * (shocks * sd_fraction_per_year)
    if centred:
        drift -= 0.5 * (years * sd_fraction_per_year) ** 2
    return drift


def network(
    steps: FloatArray,
    price: FloatArray,
    days: FloatArray,
    *,
    price_elasticity_ratio: float,
    price_lag_months: int,
    hash_price_half_life_months: float | None,
    above_anchor: FloatArray | float = 0.0,
) -> FloatArray:
    """Log deviation of the network's hash rate h from its path, given that of the price p, all ``(months, paths)``.

    h[k] = h[k-1] + elasticity x (p[k-lag] - p[k-lag-1]) + rate x (p[k-1] + above[k-1] - h[k-1]) + ``steps`` [k], each
    change within what retargets allow in the month's ``days (months, 1)``. The second term follows the price after a
    lag; the third brings the hash price back towards the miners' break-even at the half-life given (None: never),
    where ``above_anchor`` is the log of the scenario's own hash price over that break-even, ``(months, 1)``.
    """
    rate = 0.0 if hash_price_half_life_months is None else 1.0 - 0.5 ** (1.0 / hash_price_half_life_months)
    above = np.broadcast_to(above_anchor, (len(steps), 1))
    limits = (_RETARGET_MOST * _RETARGETS_PER_DAY * days)[:, 0].tolist()
    gap, before = np.zeros_like(steps[0]), np.zeros_like(steps[0])
    for k in range(len(steps)):
        change, lagged = steps[k], k - price_lag_months
        if price_elasticity_ratio and lagged >= 0:
            np.subtract(price[lagged], price[lagged - 1] if lagged else 0.0, out=gap)
            gap *= price_elasticity_ratio
            change += gap
        if rate and k:
            np.subtract(price[k - 1], before, out=gap)
            gap += above[k - 1]
            gap *= rate
            change += gap
        np.maximum(change, -limits[k], out=change)
        np.minimum(change, limits[k], out=change)
        change += before
        before = change
    return steps
