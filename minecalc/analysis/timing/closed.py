"""A rough check of a simulated option by closed forms, which hold where both sides are lognormal.

What converting brings is received for what mining on would have brought. Worths, what they pay out and their
volatilities are those of the simulation between the start and the first date after it. The option that may be used on
the last date alone is worth less than the simulated one, the one that lasts for ever is worth more.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from minecalc.analysis.timing.problems import Problem
from minecalc.analysis.timing.regression import Basis, Regression
from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.arrays import FloatArray, accumulate
from minecalc.finance.options import exchange_value, perpetual_exchange, ratio_volatility
from minecalc.units import MONTHS_PER_YEAR

_DEGREE = 2


class Closed(NamedTuple):
    """The option to convert in closed form, in USD over never converting, and what goes into it.

    ``received_usd`` and ``given_usd`` are what converting brings and what mining on would today; volatilities and the
    correlation are a year's. ``reason`` says why there is none, and the numbers are then None.
    """

    last_date_only_usd: float | None = None
    perpetual_usd: float | None = None
    trigger_ratio: float | None = None
    received_usd: float | None = None
    given_usd: float | None = None
    received_volatility: float | None = None
    given_volatility: float | None = None
    correlation: float | None = None
    reason: str = ""


def closed(problem: Problem) -> Closed:
    """The closed forms for the choice ``problem``, of a single move."""
    if len(problem.months) < 2:
        return Closed(reason="there is one date only")
    switching, years = problem.switching, problem.months[1] / MONTHS_PER_YEAR - problem.months[0] / MONTHS_PER_YEAR
    worth = np.broadcast_to(switching.moves[0].worth, (switching.dates, switching.paths))
    given = switching.flows[:, 0]
    now = np.array([mean_over_paths(worth[0]), mean_over_paths(accumulate(given))])
    known = switching.features[1]
    later = Regression.of(Basis.of(known, _DEGREE), known, np.stack([worth[1], accumulate(given[1:])]))
    expected = later.at(known)
    if not (now > 0.0).all() or not (expected > 0.0).all():
        return Closed(reason="a side is worth nothing or less in some worlds, and so is not lognormal")
    logs = np.log(expected)
    payouts = -np.log(mean_over_paths(expected) / now) / years
    centred = logs - mean_over_paths(logs)[:, None]
    own, other = np.sqrt(mean_over_paths(centred**2) / years)
    correlation = _correlation(centred)
    volatility = ratio_volatility(own, other, correlation)
    span = (problem.months[-1] - problem.months[0]) / MONTHS_PER_YEAR
    terms = {"received_payout": payouts[0], "given_payout": payouts[1], "volatility": volatility}
    if volatility <= 0.0 or payouts[1] < 0.0 or not all(math.isfinite(x) for x in terms.values()):
        return Closed(reason="nothing is uncertain, or what is given up costs its holder")
    last = exchange_value(now[0], now[1], **terms, years=span)
    forever = perpetual_exchange(now[0], now[1], **terms)
    return Closed(
        last_date_only_usd=last,
        perpetual_usd=forever.value,
        trigger_ratio=forever.trigger_ratio,
        received_usd=float(now[0]),
        given_usd=float(now[1]),
        received_volatility=float(own),
        given_volatility=float(other),
        correlation=correlation,
        reason="" if forever.value is not None else "converting pays nothing until then, so for ever waiting is better",
    )


def _correlation(centred: FloatArray) -> float:
    """The correlation of two centred rows; 0 where one does not vary."""
    squares = mean_over_paths(centred**2)
    product = math.sqrt(float(squares[0] * squares[1]))
    return float(mean_over_paths((centred[0] * centred[1])[None, :])[0]) / product if product else 0.0
