"""What the rules of operation make of one point in time, or of all of them: cash, reserve, debt, and what is paid.

The rules are elementwise, so that a row of cases is computed as all rows at once are. In most months nothing is due in
any case, and little is worked out. See ``minecalc.finance.waterfall`` for what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, everywhere, nowhere, running_total

#: By how much a DSCR may lie below a covenant, and what share of a loan is nothing: rounding.
ROUNDING = 1e-9

#: Whether distributions flow, are held, or are held with one clean date behind it.
FREE, _HELD, _ONCE_CLEAN = 0.0, 1.0, 2.0


#: What is paid in a row where nothing is due.
NONE: Any = 0.0


class Paid(NamedTuple):
    """What a tranche is paid at each point, and what it is owed after it, ``(points, ·)`` each.

    ``at_end_usd`` is what is still owed at the horizon, interest since the last date included.
    """

    interest_usd: FloatArray = NONE
    instalment_usd: FloatArray = NONE
    balloon_usd: FloatArray = NONE
    sweep_usd: FloatArray = NONE
    at_end_usd: FloatArray = NONE
    owed_usd: FloatArray = NONE


class Waterfall(NamedTuple):
    """What becomes of the cash, ``(points, ·)`` each.

    ``shortfall_usd`` is what equity pays of service, and of months below zero while there is debt; ``refinancing_usd``
    what it pays of balloons and of what is owed at the horizon, beyond ``from_residual_usd``. A ``distribution_usd``
    below zero is what equity pays once there is no debt. ``held`` is 1 after a date at which a covenant holds it back,
    ``breached`` 1 at one whose DSCR is below the default ratio.
    """

    cash_usd: FloatArray
    reserve_usd: FloatArray
    held: FloatArray
    reserve_income_usd: FloatArray = NONE
    reserve_drawn_usd: FloatArray = NONE
    distribution_usd: FloatArray = NONE
    shortfall_usd: FloatArray = NONE
    refinancing_usd: FloatArray = NONE
    from_residual_usd: FloatArray = NONE
    breached: FloatArray = NONE
    tranches: tuple[Paid, ...] = ()

    @property
    def equity_usd(self) -> FloatArray:
        """What the waterfall leaves to equity at each point, negative where equity pays."""
        found = self.distribution_usd
        for paid in (self.shortfall_usd, self.refinancing_usd, self.from_residual_usd):
            found = found if nowhere(paid) else found - paid
        return found


class Tranche(NamedTuple):
    """A tranche at one point, or at all: what the rules of a month read of it."""

    owed: Any
    amount: Any
    rounding: Any
    sweep_fraction: Any
    period_rate: Any
    service_date: Any
    last_date: Any
    instalment: Any
    ahead: tuple[Any, ...] = ()


class Point(NamedTuple):
    """What the rules of a month read beside the state and the tranches, at one point or at all."""

    cfads: Any
    period_cfads: Any
    tested_cfads: Any
    residual: Any
    begins: Any
    dates: Any
    ends: Any
    happens: Any
    reserve: Any
    reserve_yield: Any
    least: Any
    default: Any


def month_of(
    cash: Any, reserve: Any, hold: Any, served: tuple[Any, ...], tranches: Sequence[Tranche], now: Point, shares: Any
) -> tuple[Waterfall, tuple[Any, ...]]:
    """One point of the waterfall, by elementwise operations: for a row as for all of them.

    With it goes what has been ``served`` on the latest dates, the last first, as far as covenants look back. Without
    debt there is neither cash nor a reserve from the point before, and all flows to equity. In most rows nothing is due
    in any case, and nothing else happens.
    """
    income = _earned(reserve, now)
    cash = _more(cash + now.cfads, income)
    quiet = nowhere(now.happens)
    if not nowhere(now.begins):
        reserve = reserve + now.begins * now.reserve
        tranches = [tranche._replace(owed=tranche.owed + now.begins * tranche.amount) for tranche in tranches]
    indebted = total(tranche.owed for tranche in tranches) > 0.0
    unhindered = below = NONE
    if not (everywhere(indebted) and nowhere(cash < 0.0)):
        unhindered = np.where(indebted, 0.0, cash)
        below = np.maximum(0.0 - cash, 0.0) * indebted
        cash = np.maximum(cash, 0.0) * indebted
    if quiet:
        paid = _unpaid(tranches)
        return Waterfall(cash, reserve, hold, income, NONE, unhindered, below, tranches=paid), served

    after, served = _settled(cash, reserve, hold, served, tranches, now, shares)
    cash, reserve, hold, released = after.cash_usd, after.reserve_usd, after.held, NONE
    repaid = total(paid.owed_usd for paid in after.tranches) <= 0.0
    pays = now.dates if nowhere(hold) else _on(now.dates, hold == FREE)
    if not nowhere(repaid):
        hold = np.where(repaid, FREE, hold)
        pays = np.where(repaid, 1.0, pays)
        released = reserve * repaid
    found = after._replace(
        cash_usd=_on(1.0 - pays, cash),
        reserve_usd=_less(reserve, released),
        reserve_income_usd=income,
        distribution_usd=_more(unhindered, _on(pays, _more(cash, released))),
        shortfall_usd=_more(below, after.shortfall_usd),
        held=hold,
    )
    return found, served


def _earned(reserve: Any, now: Point) -> Any:
    """What the reserve earns in a month, or in each of several in which it stands still."""
    return NONE if nowhere(now.reserve_yield) else reserve * now.reserve_yield


def _unpaid(tranches: Sequence[Tranche]) -> tuple[Paid, ...]:
    """Tranches at a point, or at several in a row, at which nothing is due."""
    return tuple(Paid(owed_usd=tranche.owed) for tranche in tranches)


def quiet_months(cash: Any, reserve: Any, hold: Any, tranches: Sequence[Tranche], now: Point) -> Waterfall | None:
    """Several points in a row at which nothing is due, as ``month_of`` has them one by one.

    Cash adds up in order; None where it runs below zero beside a debt, so that equity pays on the way.
    """
    indebted = total(tranche.owed for tranche in tranches) > 0.0
    all_owe = bool(indebted.all())
    income = _earned(reserve, now)
    earns = not nowhere(income)
    if all_owe and not earns and cash.shape == now.cfads.shape[1:]:
        held = running_total(np.concatenate([cash[None], now.cfads]))[1:]
    else:
        held = np.empty((len(now.cfads), np.broadcast(cash, now.cfads[0]).size))
        for row, cfads in zip(held, now.cfads, strict=True):
            np.add(cash, cfads, out=row)
            if earns:
                row += income
            cash = row if all_owe else np.where(indebted, row, 0.0)
    if not all_owe:
        unhindered, held = np.where(indebted, 0.0, held), np.where(indebted, held, 0.0)
    if held.min() < 0.0:
        return None
    income, unhindered = income if earns else NONE, NONE if all_owe else unhindered
    return Waterfall(held, reserve, hold, income, distribution_usd=unhindered, tranches=_unpaid(tranches))


def _settled(
    cash: Any, reserve: Any, hold: Any, served: tuple[Any, ...], tranches: Sequence[Tranche], now: Point, shares: Any
) -> tuple[Waterfall, tuple[Any, ...]]:
    """What is paid on a date and at the horizon, what that leaves, and what has been served.

    Nothing is distributed yet. What no case has is not worked out.
    """
    accrued, interest, instalment = scheduled(tranches)
    owed = [tranche.owed - usd for tranche, usd in zip(tranches, instalment, strict=True)]
    due = total(interest) + total(instalment)
    cash, reserve, drawn, short = paid_from(due, cash, reserve)

    before_end = 1.0 - now.ends
    balloon, balloons, refinanced = [NONE for _ in tranches], NONE, NONE
    if not all(nowhere(tranche.last_date) for tranche in tranches):
        balloon = [_on(before_end, _on(tranche.last_date, usd)) for usd, tranche in zip(owed, tranches, strict=True)]
        owed = [usd - paid for usd, paid in zip(owed, balloon, strict=True)]
        balloons = total(balloon)
        cash, reserve, _, refinanced = paid_from(balloons, cash, reserve, total(owed) <= 0.0)

    goes_on, top_up = now.dates * before_end, NONE
    if shares or not nowhere(reserve):
        aim = wanted_reserve(owed, tranches, shares)
        top_up = _on(goes_on, topped_up(aim, reserve, cash))
        cash, reserve = cash - top_up, reserve + top_up

    sweep = [NONE for _ in tranches]
    if not all(nowhere(tranche.sweep_fraction) for tranche in tranches):
        left = _less(_less(now.period_cfads - due, balloons), top_up)
        sweep, owed = swept(_on(goes_on, np.maximum(left, 0.0)), owed, tranches)
        cash = reduce(_less, sweep, cash)

    breached = NONE
    if not nowhere(now.least):
        tested, low = tested_at(now, due, served)
        if not (nowhere(low) and nowhere(hold)):
            breached = tested * _below(now.default, now.tested_cfads, total((due, *served)))
            hold = held_after(hold, low, now.dates)

    at_end, from_residual = [NONE for _ in tranches], NONE
    if not nowhere(now.ends):
        at_end = [
            (usd + interest_since * (1.0 - tranche.service_date)) * now.ends
            for usd, interest_since, tranche in zip(owed, accrued, tranches, strict=True)
        ]
        owed = [usd * (1.0 - now.ends) for usd in owed]
        cash, reserve, _, left = paid_from(total(at_end), cash, reserve)
        from_residual = np.minimum(np.maximum(now.residual, 0.0), left)
        refinanced = refinanced + (left - from_residual)
    paid = tuple(map(Paid, interest, instalment, balloon, sweep, at_end, owed))
    if served:
        later = (due, *served[:-1])
        served = tuple(np.where(now.dates > 0.0, new, old) for new, old in zip(later, served, strict=True))
    found = Waterfall(cash, reserve, hold, NONE, drawn, NONE, short, refinanced, from_residual, breached, paid)
    return found, served


def scheduled(tranches: Sequence[Tranche]) -> tuple[list[Any], list[Any], list[Any]]:
    """Of each tranche the interest since the last date, what of it is due, and the instalment that is."""
    accrued = [tranche.owed * tranche.period_rate for tranche in tranches]
    interest = [_on(tranche.service_date, usd) for usd, tranche in zip(accrued, tranches, strict=True)]
    return accrued, interest, [_instalment(tranche) for tranche in tranches]


def swept(spare: Any, owed: Sequence[Any], tranches: Sequence[Tranche]) -> tuple[list[Any], list[Any]]:
    """Of each tranche, by seniority, what is swept of ``spare`` cash, and what it is ``owed`` then."""
    sweep, left = [NONE for _ in tranches], [*owed]
    for place, tranche in enumerate(tranches):
        if not nowhere(tranche.sweep_fraction):
            sweep[place] = usd = np.minimum(spare * tranche.sweep_fraction, left[place])
            left[place], spare = left[place] - usd, spare - usd
    return sweep, left


def tested_at(now: Point, due: Any, served: tuple[Any, ...]) -> tuple[Any, Any]:
    """Whether a DSCR is tested, and whether it lies below what distributions ask for."""
    tested = _on(now.dates, due > 0.0)
    return tested, tested * _below(now.least, now.tested_cfads, total((due, *served)))


def held_after(hold: Any, low: Any, dates: Any) -> Any:
    """Whether distributions are held after a point, of which ``low`` says whether a DSCR is."""
    after_clean = np.where(hold == _HELD, _ONCE_CLEAN, FREE)
    return np.where(dates > 0.0, np.where(low > 0.0, _HELD, after_clean), hold)


def _on(flag: Any, usd: Any) -> Any:
    """``usd`` where ``flag`` is 1, else 0; nothing is computed where that is one number for all cases."""
    if type(flag) is float and flag in (0.0, 1.0):
        return usd if flag else NONE
    return usd * flag


def _less(usd: Any, paid: Any) -> Any:
    """``usd`` less what is ``paid``, which may be nothing in any case."""
    return usd if paid is NONE else usd - paid


def _more(usd: Any, other: Any) -> Any:
    """The sum of two of which either may be nothing in any case."""
    return other if usd is NONE else usd if other is NONE else usd + other


def _below(ratio: Any, cfads: Any, due: Any) -> Any:
    """Whether a DSCR lies below a covenant's ``ratio``, of which 0 is none."""
    return NONE if nowhere(ratio) else (ratio > 0.0) * (cfads < (ratio - ROUNDING) * due)


def _instalment(tranche: Tranche) -> Any:
    """What is repaid as fixed at close; all that is owed where next to nothing would be left."""
    left = tranche.owed - tranche.instalment
    return np.where(left <= tranche.rounding, tranche.owed, tranche.instalment)


def paid_from(due: Any, cash: Any, reserve: Any, reserve_pays: Any = 1.0) -> tuple[Any, Any, Any, Any]:
    """Cash and reserve once they have paid what is ``due``, what the reserve paid, and what nobody has paid yet."""
    from_cash = np.minimum(cash, due)
    short = due - from_cash
    if nowhere(reserve):
        return cash - from_cash, reserve, NONE, short
    from_reserve = np.minimum(reserve, short) * reserve_pays
    return cash - from_cash, reserve - from_reserve, from_reserve, short - from_reserve


def topped_up(aim: Any, reserve: Any, cash: Any) -> Any:
    """What the reserve takes of cash up to what it should hold, or gives back of what it holds beyond."""
    return np.minimum(np.maximum(aim - reserve, 0.0), cash) - np.maximum(reserve - aim, 0.0)


def total(parts: Iterable[Any]) -> Any:
    """The sum of at least one part, in order."""
    return reduce(add, parts)


def wanted_reserve(owed: Sequence[Any], tranches: Sequence[Tranche], shares: Sequence[Any]) -> Any:
    """What the reserve should hold for what is ``owed``: of each period ahead its share of interest and instalments.

    ``ahead`` of a tranche are by period the rate and the instalment of that date.
    """
    wanted: Any = 0.0
    for left, tranche in zip(owed, tranches, strict=True):
        for share, rate, instalment in zip(shares, tranche.ahead[::2], tranche.ahead[1::2], strict=True):
            repaid = np.minimum(instalment, left)
            wanted = wanted + share * (left * rate + repaid)
            left = left - repaid
    return np.maximum(wanted, 0.0)  # a swept loan may be lent more on a date than its interest is
