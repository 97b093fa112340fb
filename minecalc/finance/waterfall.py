"""Operation: each month's cash on its way through interest, instalments, balloon, reserve and sweep to equity.

Rows are points in time. Between the dates of the calendar cash accumulates and equity pays what is below zero; on a
date it pays, in this order, interest and instalments of all tranches, balloons, the reserve up to its target, the
sweep, and, unless a covenant holds it back, equity. What cash does not cover of service the reserve pays, then equity:
debt is never deferred. At the horizon all that is still owed is paid. Without debt all flows to equity monthly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, month_before, months_later, recurrences
from minecalc.finance.debt import Terms
from minecalc.trace import named

#: By how much a DSCR may lie below a covenant: rounding.
_ROUNDING = 1e-9

#: Whether distributions flow, are held, or are held with one clean date behind it.
_FREE, _HELD, _ONCE_CLEAN = 0.0, 1.0, 2.0


class Owed(NamedTuple):
    """A tranche as the waterfall takes it: its instalments ``(points, ·)``, and ``(1|cases,)`` amount and sweep."""

    terms: Terms
    instalment_usd: FloatArray
    amount_usd: Number
    sweep_fraction: Number


class Cash(NamedTuple):
    """The cash of operation and its calendar, ``(points, ·)`` each; flags are 1 or 0.

    ``begins`` marks the start of operation, ``operates`` the points after it, ``dates`` those of the calendar and
    ``ends`` the horizon, where ``residual_usd`` comes in.
    """

    cfads_usd: FloatArray
    period_cfads_usd: FloatArray
    residual_usd: FloatArray
    begins: FloatArray
    operates: FloatArray
    dates: FloatArray
    ends: FloatArray


class Covenants(NamedTuple):
    """The reserve, as funded in the build, and what holds distributions back, ``(1|cases,)``.

    ``reserve_shares`` are the shares of the service of each period ahead; see ``finance.reserve``.
    """

    every_months: int
    reserve_usd: Number
    reserve_shares: Sequence[Number]
    reserve_yield_per_month: Number
    lockup_dscr_ratio: Number
    default_dscr_ratio: Number


class Paid(NamedTuple):
    """What a tranche is paid at each point, and what it is owed after it, ``(points, ·)`` each.

    ``at_end_usd`` is what is still owed at the horizon, interest since the last date included.
    """

    interest_usd: FloatArray
    instalment_usd: FloatArray
    balloon_usd: FloatArray
    sweep_usd: FloatArray
    at_end_usd: FloatArray
    owed_usd: FloatArray


class Waterfall(NamedTuple):
    """What becomes of the cash, ``(points, ·)`` each.

    ``shortfall_usd`` is what equity pays of service, and of months below zero while there is debt; ``refinancing_usd``
    what it pays of balloons and of what is owed at the horizon, beyond ``from_residual_usd``. A ``distribution_usd``
    below zero is what equity pays once there is no debt. ``held`` is 1 after a date at which a covenant holds it back,
    ``breached`` 1 at one whose DSCR is below the default ratio.
    """

    cash_usd: FloatArray
    reserve_usd: FloatArray
    reserve_income_usd: FloatArray
    reserve_drawn_usd: FloatArray
    distribution_usd: FloatArray
    shortfall_usd: FloatArray
    refinancing_usd: FloatArray
    from_residual_usd: FloatArray
    held: FloatArray
    breached: FloatArray
    tranches: tuple[Paid, ...]

    @property
    def equity_usd(self) -> FloatArray:
        """What the waterfall leaves to equity at each point, negative where equity pays."""
        return self.distribution_usd - self.shortfall_usd - self.refinancing_usd - self.from_residual_usd


class _Tranche(NamedTuple):
    """A tranche at one point, or at all: what the rules of a month read of it."""

    owed: Any
    period_rate: Any
    service_date: Any
    last_date: Any
    instalment: Any
    sweep_fraction: Any
    ahead: tuple[Any, ...] = ()


class _Point(NamedTuple):
    """What the rules of a month read beside the state and the tranches, at one point or at all."""

    cfads: Any
    period_cfads: Any
    residual: Any
    operates: Any
    dates: Any
    ends: Any
    reserve_yield: Any
    lockup: Any
    default: Any


def _month(cash: Any, reserve: Any, hold: Any, tranches: Sequence[_Tranche], now: _Point, shares: Any) -> Waterfall:
    """One point of the waterfall, by elementwise operations: for a row as for all of them."""
    income = reserve * now.reserve_yield * now.operates
    cash = cash + now.cfads + income
    indebted = _total(tranche.owed for tranche in tranches) > 0.0
    deficit = np.maximum(0.0 - cash, 0.0)
    below = deficit * indebted
    cash = np.maximum(cash, 0.0)

    accrued = [tranche.owed * tranche.period_rate for tranche in tranches]
    interest = [usd * tranche.service_date for usd, tranche in zip(accrued, tranches, strict=True)]
    instalment = [np.minimum(tranche.instalment, tranche.owed) for tranche in tranches]
    owed = [tranche.owed - usd for tranche, usd in zip(tranches, instalment, strict=True)]
    due = _total(interest) + _total(instalment)
    from_cash = np.minimum(cash, due)
    from_reserve = np.minimum(reserve, due - from_cash)
    short = due - from_cash - from_reserve
    cash, reserve, drawn = cash - from_cash, reserve - from_reserve, from_reserve

    balloon = [usd * tranche.last_date for usd, tranche in zip(owed, tranches, strict=True)]
    owed = [usd - paid for usd, paid in zip(owed, balloon, strict=True)]
    balloons = _total(balloon)
    from_cash = np.minimum(cash, balloons)
    from_reserve = np.minimum(reserve, balloons - from_cash) * (_total(owed) <= 0.0)
    refinanced = balloons - from_cash - from_reserve
    cash, reserve = cash - from_cash, reserve - from_reserve

    goes_on = now.dates * (1.0 - now.ends)
    aim = _wanted(owed, tranches, shares)
    top_up = (np.minimum(np.maximum(aim - reserve, 0.0), cash) - np.maximum(reserve - aim, 0.0)) * goes_on
    cash, reserve = cash - top_up, reserve + top_up

    spare = np.maximum(now.period_cfads - due - balloons - top_up, 0.0) * goes_on
    sweep = []
    for place, tranche in enumerate(tranches):
        swept = np.minimum(spare * tranche.sweep_fraction, owed[place])
        sweep.append(swept)
        owed[place], spare, cash = owed[place] - swept, spare - swept, cash - swept

    tested = now.dates * (due > 0.0)
    least = np.maximum(now.lockup, now.default)
    low = tested * (least > 0.0) * (now.period_cfads < (least - _ROUNDING) * due)
    breached = tested * (now.default > 0.0) * (now.period_cfads < (now.default - _ROUNDING) * due)
    after_clean = np.where(hold == _HELD, _ONCE_CLEAN, _FREE)
    hold = np.where(now.dates > 0.0, np.where(low > 0.0, _HELD, after_clean), hold)

    at_end = [
        (usd + interest_since * (1.0 - tranche.service_date)) * now.ends
        for usd, interest_since, tranche in zip(owed, accrued, tranches, strict=True)
    ]
    owed = [usd * (1.0 - now.ends) for usd in owed]
    left = _total(at_end)
    from_cash = np.minimum(cash, left)
    from_reserve = np.minimum(reserve, left - from_cash)
    left = left - from_cash - from_reserve
    cash, reserve = cash - from_cash, reserve - from_reserve
    from_residual = np.minimum(np.maximum(now.residual, 0.0), left)

    repaid = _total(owed) <= 0.0
    hold = np.where(repaid, _FREE, hold)
    pays = np.where(repaid, 1.0, now.dates * (hold == _FREE))
    released = reserve * repaid
    distribution = (cash + released) * pays - deficit * (1.0 - indebted)
    return Waterfall(
        cash * (1.0 - pays),
        reserve - released,
        income,
        drawn,
        distribution,
        below + short,
        refinanced + (left - from_residual),
        from_residual,
        hold,
        breached,
        tuple(map(Paid, interest, instalment, balloon, sweep, at_end, owed)),
    )


def _total(parts: Iterable[Any]) -> Any:
    return reduce(add, parts)


def _wanted(owed: Sequence[Any], tranches: Sequence[_Tranche], shares: Sequence[Any]) -> Any:
    """What the reserve should hold for what is ``owed``: of each period ahead its share of interest and instalments.

    ``ahead`` of a tranche are by period the rate and the instalment of that date.
    """
    wanted: Any = 0.0
    for left, tranche in zip(owed, tranches, strict=True):
        for share, rate, instalment in zip(shares, tranche.ahead[::2], tranche.ahead[1::2], strict=True):
            repaid = np.minimum(instalment, left)
            wanted = wanted + share * (left * rate + repaid)
            left = left - repaid
    return wanted


def waterfall(cash: Cash, covenants: Covenants, tranches: Sequence[Owed]) -> Waterfall:
    """What becomes of the cash of operation, given each tranche's instalments as fixed at close.

    The rules of a month are run down the points for cash, reserve, hold and what is owed, and once more on all points
    together, from the state before each, for what was paid.
    """
    count = len(tranches)
    ratios = covenants.reserve_yield_per_month, covenants.lockup_dscr_ratio, covenants.default_dscr_ratio
    flows = cash.cfads_usd, cash.period_cfads_usd, cash.residual_usd, cash.operates, cash.dates, cash.ends
    now = (*flows, *map(as_row, ratios))
    shares = tuple(map(as_row, covenants.reserve_shares))
    arrivals = (
        cash.begins * as_row(covenants.reserve_usd),
        *(cash.begins * as_row(each.amount_usd) for each in tranches),
    )
    points = len(cash.cfads_usd)
    rows = [
        row if len(row) == 1 else row[:points]
        for each in tranches
        for row in _rows(each, len(shares), covenants.every_months)
    ]
    series = (*now, *shares, *arrivals, *rows)
    width = len(rows) // count

    def month(*given: Any) -> Waterfall:
        (held_cash, reserve, hold, *owed), given = given[: 3 + count], given[3 + count :]
        point, given = _Point(*given[: len(now)]), given[len(now) :]
        share, given = given[: len(shares)], given[len(shares) :]
        (funded, *arrives), given = given[: 1 + count], given[1 + count :]
        each = []
        for place, usd in enumerate(owed):
            rate, service, last, instalment, sweep, *ahead = given[place * width : (place + 1) * width]
            each.append(_Tranche(usd + arrives[place], rate, service, last, instalment, sweep, tuple(ahead)))
        return _month(held_cash, reserve + funded, hold, each, point, share)

    def state(*given: Any) -> tuple[Any, ...]:
        found = month(*given)
        return found.cash_usd, found.reserve_usd, found.held, *(paid.owed_usd for paid in found.tranches)

    states = recurrences(state, (0.0,) * (3 + count), *series)
    named("cash_usd", states[0])
    named("reserve_usd", states[1])
    return _named(month(*(month_before(values, 0.0) for values in states), *series))


def _rows(each: Owed, periods: int, every_months: int) -> list[FloatArray]:
    """What the rules read of a tranche, of the periods ahead too."""
    terms, instalment = each.terms, each.instalment_usd
    rate_due = terms.period_rate * terms.dates.service
    ahead = [
        months_later(values, (period + 1) * every_months)
        for period in range(periods)
        for values in (rate_due, instalment)
    ]
    return [terms.period_rate, terms.dates.service, terms.dates.last, instalment, as_row(each.sweep_fraction), *ahead]


def _named(found: Waterfall) -> Waterfall:
    """The same; explanations call the results by the names of their fields."""
    for name, values in found._asdict().items():
        if name != "tranches":
            named(name, values)
    for paid in found.tranches:
        for name, values in paid._asdict().items():
            named(name, values)
    return found
