"""Closed forms for the option to give one thing for another, as checks on a simulated value of waiting.

Both things are worth geometric Brownian motions; money is the case of one without volatility, so these hold the
usual formulas: with a sum of money for one side, ``exchange_value`` is that of Black and Scholes and
``perpetual_exchange`` the trigger of McDonald and Siegel. Rates are continuous, per year.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class PerpetualExchange(NamedTuple):
    """When to give, once, at any time: at ``trigger_ratio`` of what is received over what is given, or above.

    ``elasticity`` is that of the option's worth in the ratio below the trigger (beta of Dixit and Pindyck); ``value``
    is that of the option, in units of what is worth. All three are None where waiting is always better.
    """

    elasticity: float | None
    trigger_ratio: float | None
    value: float | None


def ratio_volatility(volatility: float, other_volatility: float, correlation: float) -> float:
    """The volatility a year of the ratio of two worths whose logarithms are correlated."""
    variance = volatility**2 + other_volatility**2 - 2.0 * correlation * volatility * other_volatility
    return math.sqrt(max(variance, 0.0))


def exchange_value(
    received: float,
    given: float,
    *,
    received_payout: float,
    given_payout: float,
    volatility: float,
    years: float,
) -> float:
    """The worth today of the right to receive one thing for another ``years`` from now, and then only.

    ``received`` and ``given`` are what both are worth today, payouts are what their holders get until then, and
    ``volatility`` is that of their ratio. Margrabe (1978, Journal of Finance 33, 177-186). Raises ValueError unless
    both are worth something and the volatility and the years are not negative.
    """
    if received <= 0.0 or given <= 0.0 or volatility < 0.0 or years < 0.0:
        raise ValueError("worths must be above zero, volatility and years not below it")
    got, paid = received * math.exp(-received_payout * years), given * math.exp(-given_payout * years)
    deviation = volatility * math.sqrt(years)
    if deviation == 0.0:
        return max(got - paid, 0.0)
    above = math.log(got / paid) / deviation + deviation / 2.0
    return got * _normal(above) - paid * _normal(above - deviation)


def perpetual_exchange(
    received: float, given: float, *, received_payout: float, given_payout: float, volatility: float
) -> PerpetualExchange:
    """The right to receive one thing for another, once, at any time for ever.

    ``volatility`` is that of their ratio. McDonald and Siegel (1986, Quarterly Journal of Economics 101, 707-727).
    Nothing is lost by waiting if what is received pays nothing out: then there is no trigger. Raises ValueError unless
    both are worth something, the volatility is above zero, and what is given does not cost its holder (its payout).
    """
    if received <= 0.0 or given <= 0.0 or volatility <= 0.0 or given_payout < 0.0:
        raise ValueError("worths and volatility must be above zero, and the payout of what is given not below it")
    if received_payout <= 0.0:
        return PerpetualExchange(None, None, None)
    variance = volatility**2
    lean = 0.5 - (given_payout - received_payout) / variance
    elasticity = lean + math.sqrt(lean**2 + 2.0 * given_payout / variance)
    trigger = elasticity / (elasticity - 1.0)
    ratio = received / given
    value = received - given if ratio >= trigger else given * (trigger - 1.0) * (ratio / trigger) ** elasticity
    return PerpetualExchange(elasticity, trigger, value)


def _normal(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
