"""Random processes by month, as log deviations from a path: ``(months, paths)`` from standard normal shocks alike.

Months are the outer loop and paths contiguous: that is the fastest layout, and adds strictly month by month. Each
function overwrites the shocks it is given and returns them.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from minecalc.arrays import FloatArray, accumulate
from minecalc.units import MONTHS_PER_YEAR


def walk(steps: FloatArray) -> FloatArray:
    """The running total of ``steps (months, paths)``, month by month, in place."""
    before = steps[0]
    for row in steps[1:]:
        row += before
        before = row
    return steps


def two_parts(steps: FloatArray, passing_fraction: float, half_life_months: float | None) -> FloatArray:
    """Changes ``steps (months, paths)`` of which a share passes at the half-life and the rest lasts, in place.

    The log is a lasting part, the walk of (1 - share) x change, and a passing part that returns: P[k] = kept x P[k-1] +
    share x change[k], kept = 0.5 ** (1 / half-life). Both have the same changes, as in Beveridge and Nelson (1981,
    Journal of Monetary Economics 7, 151-174). Without a half-life, or a share, it is the walk of all changes.
    """
    if half_life_months is None or not passing_fraction:
        return walk(steps)
    kept = 0.5 ** (1.0 / half_life_months)
    share = (1.0 - kept) * passing_fraction
    before: FloatArray | None = None
    returns, due = np.zeros_like(steps[0]), np.empty_like(steps[0])
    for row in steps:
        np.multiply(row, share, out=due)
        row -= returns
        if before is not None:
            row += before
        before = row
        returns *= kept
        returns += due
    return steps


def student_t(
    shocks: FloatArray, gammas: FloatArray, volatility_fraction_per_year: float, degrees_of_freedom: float
) -> FloatArray:
    """Monthly Student-t steps of this volatility: a normal over sqrt(chi2 / df), chi2 = 2 x ``gammas`` (df / 2).

    Steps are cut where ``t_cut`` says, without which the mean of their exponential would not exist, and scaled so that
    what is left has the volatility asked for.
    """
    cut, sd = t_cut(degrees_of_freedom)
    shocks *= np.sqrt((0.5 * degrees_of_freedom) / gammas)
    np.clip(shocks, -cut, cut, out=shocks)
    shocks *= volatility_fraction_per_year / math.sqrt(MONTHS_PER_YEAR) / sd
    return shocks


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
def t_log_mean(step: float, degrees_of_freedom: float, beside: float = 0.0) -> float:
    """log E[exp(step x + beside z)] of a Student-t ``x`` cut and scaled as above, and of the normal z it is made of.

    By quadrature: of t = z / sqrt(chi2 / df) in u, t = sqrt(df) sinh u, in which the density is smooth and its tails
    are short; given t, z is tanh u x sqrt(2 v) with v of a gamma distribution of shape (df + 1) / 2.
    """
    if step == beside == 0.0:
        return 0.0
    df, (cut, sd) = degrees_of_freedom, t_cut(degrees_of_freedom)
    reach = math.asinh(cut / math.sqrt(df))
    log_scale = math.lgamma((df + 1.0) / 2.0) - math.lgamma(df / 2.0) - 0.5 * math.log(math.pi)
    total, far = 0.0, reach + 40.0 / (df * math.tanh(reach))  # where e^-40 of what is at the cut is left
    for low, high in ((-far, -reach), (-reach, reach), (reach, far)):
        u, weights = _nodes(low, high)
        t = np.clip(math.sqrt(df) * np.sinh(u), -cut, cut)
        density = weights * np.exp(log_scale - df * np.log(np.cosh(u)) + (step / sd) * t)
        if beside:
            density *= _normal_given(u, df, beside)
        total += math.fsum(density.tolist())
    return math.log(total)


def _normal_given(u: FloatArray, df: float, beside: float) -> FloatArray:
    """E[exp(beside z)] given where a Student-t variable is, at each of ``u`` as in ``t_log_mean``."""
    roots, chances = _gamma_nodes(0.5 * (df + 1.0))
    grown = roots * (beside * np.tanh(u))
    np.exp(grown, out=grown)
    grown *= chances
    return accumulate(grown)


@cache
def _gamma_nodes(shape: float) -> tuple[FloatArray, FloatArray]:
    """sqrt(2 v) at nodes of a gamma-distributed v, and the chances of these, ``(nodes, 1)`` each."""
    log_v, weights = _nodes(math.log(shape) - 40.0 / shape - 3.0, math.log(shape + 12.0 * math.sqrt(shape) + 40.0))
    chances = weights * np.exp(shape * log_v - np.exp(log_v) - math.lgamma(shape))
    return np.sqrt(2.0 * np.exp(log_v))[:, None], chances[:, None]


def _nodes(low: float, high: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss and Legendre from ``low`` to ``high``."""
    nodes, weights = _legendre()
    return 0.5 * (low + high) + 0.5 * (high - low) * nodes, 0.5 * (high - low) * weights


@cache
def _legendre() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    return nodes, weights


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
    before = shocks[0]
    for row in shocks[1:]:
        np.multiply(before, kept, out=held)
        row += held
        before = row
    if centred:
        variance = spread * (1.0 - kept ** (2.0 * np.arange(1.0, len(shocks) + 1.0)))
        shocks -= 0.5 * variance[:, None]
    return shocks


def trend(shocks: FloatArray, months: int, sd_fraction_per_year: float) -> FloatArray:
    """A drift that is not known: ``shocks (1, paths)`` x sd a year, growing with time: ``(months, paths)``."""
    years = np.arange(1.0, months + 1.0)[:, None] / MONTHS_PER_YEAR
    drift: FloatArray = years * (shocks * sd_fraction_per_year)
    return drift


def network(
    own: FloatArray,
    price: FloatArray,
    *,
    price_elasticity_ratio: float,
    price_lag_months: int,
    hash_price_half_life_months: float | None,
    above_anchor: FloatArray | float = 0.0,
) -> FloatArray:
    """Log deviation of the network's hash rate h from its path, given that of the price p, all ``(months, paths)``.

    h[k] = h[k-1] + own[k] - own[k-1] + elasticity x (p[k-lag] - p[k-lag-1]) + rate x (p[k-1] + above[k-1] - h[k-1]),
    in place of ``own``, where it would be on its own. The third term follows the price after a lag; the fourth brings
    the hash price, whatever moved it, back towards the miners' break-even at the half-life given (None: never), where
    ``above_anchor`` is the log of the scenario's own hash price over that break-even, ``(months, 1)``. It is linear
    in what it is given, so a change of 1 shows its weights.
    """
    rate = 0.0 if hash_price_half_life_months is None else 1.0 - 0.5 ** (1.0 / hash_price_half_life_months)
    above = np.broadcast_to(above_anchor, (len(own), 1))
    gap, more = np.zeros_like(own[0]), np.zeros_like(own[0])  # ``more``: the network over where it would be on its own
    before = own[0]
    for k, row in enumerate(own):
        lagged = k - price_lag_months
        if rate and k:
            np.subtract(price[k - 1], before, out=gap)
            gap += above[k - 1]
            gap *= rate
            more += gap
        if price_elasticity_ratio and lagged >= 0:
            np.subtract(price[lagged], price[lagged - 1] if lagged else 0.0, out=gap)
            gap *= price_elasticity_ratio
            more += gap
        row += more
        before = row
    return own
