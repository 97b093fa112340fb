"""Operation: each month's cash on its way through interest, instalments, balloon, reserve and sweep to equity.

Rows are points in time. Between the dates of the calendar cash accumulates and equity pays what is below zero; on a
date it pays, in this order, interest and instalments of all tranches, balloons, the reserve up to its target, the
sweep, and, unless a covenant holds it back, equity. What cash does not cover of service the reserve pays, then equity:
debt is never deferred. At the horizon all that is still owed is paid. Without debt all flows to equity monthly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add, attrgetter
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, Quiet, as_row, everywhere, nowhere, recurrences, running_total
from minecalc.finance.debt import Terms
from minecalc.trace import named

#: By how much a DSCR may lie below a covenant, and what share of a loan is nothing: rounding.
_ROUNDING = 1e-9

#: Whether distributions flow, are held, or are held with one clean date behind it.
_FREE, _HELD, _ONCE_CLEAN = 0.0, 1.0, 2.0


#: What is paid in a row where nothing is due.
_NONE: Any = 0.0


class Owed(NamedTuple):
    """A tranche as the waterfall takes it: its instalments ``(points, ·)``, and ``(1|cases,)`` amount and sweep.

    What it is paid is explained by names that begin with ``called``.
    """

    terms: Terms
    instalment_usd: FloatArray
    amount_usd: Number
    sweep_fraction: Number
    called: str = ""


class Cash(NamedTuple):
    """The cash of operation and its calendar, ``(points, ·)`` each; flags are 1 or 0.

    ``tested_cfads_usd`` is what covenants look at on dates: CFADS of the period, or of several up to it. ``begins``
    marks the start of operation, before which nothing is earned, ``dates`` those of the calendar and ``ends`` the
    horizon, where ``residual_usd`` comes in.
    """

    cfads_usd: FloatArray
    period_cfads_usd: FloatArray
    tested_cfads_usd: FloatArray
    residual_usd: FloatArray
    begins: FloatArray
    dates: FloatArray
    ends: FloatArray


class Covenants(NamedTuple):
    """The reserve, as funded in the build, and what holds distributions back, ``(1|cases,)``.

    ``reserve_shares`` are the shares of the service of each period ahead; see ``finance.reserve``. Ratios are those of
    ``tested_dates``, the date itself and those before it, together.
    """

    every_months: int
    reserve_usd: Number
    reserve_shares: Sequence[Number]
    reserve_yield_per_month: Number
    lockup_dscr_ratio: Number
    default_dscr_ratio: Number
    tested_dates: int = 1


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
        found = self.distribution_usd
        for paid in (self.shortfall_usd, self.refinancing_usd, self.from_residual_usd):
            found = found if nowhere(paid) else found - paid
        return found


#: What of a point is no state, of which the next one is made.
_SHOWN = tuple(name for name in Waterfall._fields if name not in ("cash_usd", "reserve_usd", "held", "tranches"))
_shown = attrgetter(*_SHOWN)


class _Tranche(NamedTuple):
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


#: How many rows a tranche has beside what it owes and what lies ahead.
_OWN = len(_Tranche._fields) - 2


class _Point(NamedTuple):
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


class _Settled(NamedTuple):
    """Cash, reserve, hold and what has been paid once a point's debts are settled."""

    cash: Any
    reserve: Any
    hold: Any
    drawn: Any
    short: Any
    refinanced: Any
    from_residual: Any
    breached: Any
    paid: tuple[Paid, ...]
    served: tuple[Any, ...]


def _month(
    cash: Any, reserve: Any, hold: Any, served: tuple[Any, ...], tranches: Sequence[_Tranche], now: _Point, shares: Any
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
    indebted = _total(tranche.owed for tranche in tranches) > 0.0
    unhindered = below = _NONE
    if not (everywhere(indebted) and nowhere(cash < 0.0)):
        unhindered = np.where(indebted, 0.0, cash)
        below = np.maximum(0.0 - cash, 0.0) * indebted
        cash = np.maximum(cash, 0.0) * indebted
    if quiet:
        return _unpaid(cash, reserve, income, unhindered, below, hold, tranches), served

    after = _settled(cash, reserve, hold, served, tranches, now, shares)
    repaid = _total(paid.owed_usd for paid in after.paid) <= 0.0
    hold, released = after.hold, _NONE
    pays = now.dates if nowhere(hold) else _on(now.dates, hold == _FREE)
    if not nowhere(repaid):
        hold = np.where(repaid, _FREE, after.hold)
        pays = np.where(repaid, 1.0, pays)
        released = after.reserve * repaid
    found = Waterfall(
        _on(1.0 - pays, after.cash),
        _less(after.reserve, released),
        income,
        after.drawn,
        _more(unhindered, _on(pays, _more(after.cash, released))),
        _more(below, after.short),
        after.refinanced,
        after.from_residual,
        hold,
        after.breached,
        after.paid,
    )
    return found, after.served


def _earned(reserve: Any, now: _Point) -> Any:
    """What the reserve earns in a month, or in each of several in which it stands still."""
    return _NONE if nowhere(now.reserve_yield) else reserve * now.reserve_yield


def _unpaid(
    cash: Any,
    reserve: Any,
    income: Any,
    unhindered: Any,
    below: Any,
    hold: Any,
    tranches: Sequence[_Tranche],
) -> Waterfall:
    """A point, or several in a row, at which nothing is due."""
    paid = tuple(Paid(_NONE, _NONE, _NONE, _NONE, _NONE, tranche.owed) for tranche in tranches)
    return Waterfall(cash, reserve, income, _NONE, unhindered, below, _NONE, _NONE, hold, _NONE, paid)


def _quiet(cash: Any, reserve: Any, hold: Any, tranches: Sequence[_Tranche], now: _Point) -> Waterfall | None:
    """Several points in a row at which nothing is due, as ``_month`` has them one by one.

    Cash adds up in order; None where it runs below zero beside a debt, so that equity pays on the way.
    """
    indebted = _total(tranche.owed for tranche in tranches) > 0.0
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
    income, unhindered = income if earns else _NONE, _NONE if all_owe else unhindered
    return _unpaid(held, reserve, income, unhindered, _NONE, hold, tranches)


def _settled(
    cash: Any, reserve: Any, hold: Any, served: tuple[Any, ...], tranches: Sequence[_Tranche], now: _Point, shares: Any
) -> _Settled:
    """What is paid on a date and at the horizon, and what that leaves. What no case has is not worked out."""
    accrued = [tranche.owed * tranche.period_rate for tranche in tranches]
    interest = [_on(tranche.service_date, usd) for usd, tranche in zip(accrued, tranches, strict=True)]
    instalment = [_instalment(tranche) for tranche in tranches]
    owed = [tranche.owed - usd for tranche, usd in zip(tranches, instalment, strict=True)]
    due = _total(interest) + _total(instalment)
    cash, reserve, drawn, short = _paid(due, cash, reserve)

    before_end = 1.0 - now.ends
    balloon, balloons, refinanced = [_NONE for _ in tranches], _NONE, _NONE
    if not all(nowhere(tranche.last_date) for tranche in tranches):
        balloon = [_on(before_end, _on(tranche.last_date, usd)) for usd, tranche in zip(owed, tranches, strict=True)]
        owed = [usd - paid for usd, paid in zip(owed, balloon, strict=True)]
        balloons = _total(balloon)
        cash, reserve, _, refinanced = _paid(balloons, cash, reserve, _total(owed) <= 0.0)

    goes_on, top_up = now.dates * before_end, _NONE
    if shares or not nowhere(reserve):
        aim = _wanted(owed, tranches, shares)
        top_up = _on(goes_on, np.minimum(np.maximum(aim - reserve, 0.0), cash) - np.maximum(reserve - aim, 0.0))
        cash, reserve = cash - top_up, reserve + top_up

    sweep = [_NONE for _ in tranches]
    if not all(nowhere(tranche.sweep_fraction) for tranche in tranches):
        left = _less(_less(now.period_cfads - due, balloons), top_up)
        spare = _on(goes_on, np.maximum(left, 0.0))
        for place, tranche in enumerate(tranches):
            if not nowhere(tranche.sweep_fraction):
                sweep[place] = swept = np.minimum(spare * tranche.sweep_fraction, owed[place])
                owed[place], spare, cash = owed[place] - swept, spare - swept, cash - swept

    breached = _NONE
    if not nowhere(now.least):
        tested, tested_due = _on(now.dates, due > 0.0), _total((due, *served))
        low = tested * _below(now.least, now.tested_cfads, tested_due)
        if not (nowhere(low) and nowhere(hold)):
            breached = tested * _below(now.default, now.tested_cfads, tested_due)
            after_clean = np.where(hold == _HELD, _ONCE_CLEAN, _FREE)
            hold = np.where(now.dates > 0.0, np.where(low > 0.0, _HELD, after_clean), hold)

    at_end, from_residual = [_NONE for _ in tranches], _NONE
    if not nowhere(now.ends):
        at_end = [
            (usd + interest_since * (1.0 - tranche.service_date)) * now.ends
            for usd, interest_since, tranche in zip(owed, accrued, tranches, strict=True)
        ]
        owed = [usd * (1.0 - now.ends) for usd in owed]
        cash, reserve, _, left = _paid(_total(at_end), cash, reserve)
        from_residual = np.minimum(np.maximum(now.residual, 0.0), left)
        refinanced = refinanced + (left - from_residual)
    paid = tuple(map(Paid, interest, instalment, balloon, sweep, at_end, owed))
    if served:
        later = (due, *served[:-1])
        served = tuple(np.where(now.dates > 0.0, new, old) for new, old in zip(later, served, strict=True))
    return _Settled(cash, reserve, hold, drawn, short, refinanced, from_residual, breached, paid, served)


def _on(flag: Any, usd: Any) -> Any:
    """``usd`` where ``flag`` is 1, else 0; nothing is computed where that is one number for all cases."""
    if type(flag) is float and flag in (0.0, 1.0):
        return usd if flag else _NONE
    return usd * flag


def _less(usd: Any, paid: Any) -> Any:
    """``usd`` less what is ``paid``, which may be nothing in any case."""
    return usd if paid is _NONE else usd - paid


def _more(usd: Any, other: Any) -> Any:
    """The sum of two of which either may be nothing in any case."""
    return other if usd is _NONE else usd if other is _NONE else usd + other


def _below(ratio: Any, cfads: Any, due: Any) -> Any:
    """Whether a DSCR lies below a covenant's ``ratio``, of which 0 is none."""
    return _NONE if nowhere(ratio) else (ratio > 0.0) * (cfads < (ratio - _ROUNDING) * due)


def _instalment(tranche: _Tranche) -> Any:
    """What is repaid as fixed at close; all that is owed where next to nothing would be left."""
    left = tranche.owed - tranche.instalment
    return np.where(left <= tranche.rounding, tranche.owed, tranche.instalment)


def _paid(due: Any, cash: Any, reserve: Any, reserve_pays: Any = 1.0) -> tuple[Any, Any, Any, Any]:
    """Cash and reserve once they have paid what is ``due``, what the reserve paid, and what nobody has paid yet."""
    from_cash = np.minimum(cash, due)
    short = due - from_cash
    if nowhere(reserve):
        return cash - from_cash, reserve, _NONE, short
    from_reserve = np.minimum(reserve, short) * reserve_pays
    return cash - from_cash, reserve - from_reserve, from_reserve, short - from_reserve


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

    The rules of a month are run down the points for cash, reserve, hold and what is owed; what is paid is shown.
    """
    count, points, before = len(tranches), len(cash.cfads_usd), covenants.tested_dates - 1
    terms = covenants.reserve_usd, covenants.reserve_yield_per_month
    lockup, default = as_row(covenants.lockup_dscr_ratio), as_row(covenants.default_dscr_ratio)
    least = named("least_dscr_ratio", np.maximum(lockup, default))
    happens = named("anything_happens", cash.begins + cash.dates + cash.ends)
    now = (*cash, happens, *map(as_row, terms), least, default)
    shares = tuple(map(as_row, covenants.reserve_shares))
    rows = [row for each in tranches for row in _rows(each, points, len(shares), covenants.every_months)]
    width = len(rows) // count

    def read(given: Sequence[Any]) -> tuple[Any, Any, Any, tuple[Any, ...], list[_Tranche], _Point, Sequence[Any]]:
        (held_cash, reserve, hold, *owed), given = given[: 3 + count], given[3 + count :]
        served, given = tuple(given[:before]), given[before:]
        point, given = _Point(*given[: len(now)]), given[len(now) :]
        share, given = given[: len(shares)], given[len(shares) :]
        each = []
        for place, usd in enumerate(owed):
            own = given[place * width : (place + 1) * width]
            each.append(_Tranche._make([usd, *own[:_OWN], own[_OWN:]]))
        return held_cash, reserve, hold, served, each, point, share

    def month(*given: Any) -> tuple[Any, ...]:
        return _as_rows(*_month(*read(given)))

    def months(*given: Any) -> tuple[Any, ...] | None:
        held_cash, reserve, hold, served, each, point, _ = read(given)
        found = _quiet(held_cash, reserve, hold, each, point)
        return None if found is None else _as_rows(found, served)

    shown = len(_SHOWN) + count * (len(Paid._fields) - 1)
    starts, together = (0.0,) * (3 + count + before), Quiet(happens, months)
    found = recurrences(month, starts, *now, *shares, *rows, shown=shown, quiet=together)
    return _named(_of_rows(found, count, before), [each.called for each in tranches])


def _rows(each: Owed, points: int, periods: int, every_months: int) -> list[FloatArray]:
    """What the rules read of a tranche at each of ``points``, of the ``periods`` ahead too."""
    terms, instalment = each.terms, each.instalment_usd
    at_points = terms.period_rate, terms.dates.service, terms.dates.last, instalment
    amount, sweep = as_row(each.amount_usd), as_row(each.sweep_fraction)
    rows = [
        amount,
        named("rounding_usd", amount * _ROUNDING),
        sweep,
        *(_ahead(values, 0, points) for values in at_points),
    ]
    if periods:
        none = as_row(0.0) * np.zeros((periods * every_months, 1))
        later = [np.concatenate([values, values[:1] * none]) for values in (terms.rate_due, instalment)]
        for period in range(1, periods + 1):
            rows += [_ahead(values, period * every_months, points) for values in later]
    return rows


def _ahead(values: FloatArray, months: int, points: int) -> FloatArray:
    """``values`` at each of ``points`` and so many ``months`` later; one row counts for all of them."""
    return values if len(values) == 1 else values[months : months + points]


def _as_rows(found: Waterfall, served: Sequence[Any]) -> tuple[Any, ...]:
    """The rows of all that is found: first the states, of which the next month is made, then what is shown."""
    owed, paid = (each.owed_usd for each in found.tranches), (usd for each in found.tranches for usd in each[:-1])
    return (found.cash_usd, found.reserve_usd, found.held, *owed, *served, *_shown(found), *paid)


def _of_rows(rows: Sequence[FloatArray], count: int, before: int) -> Waterfall:
    """The same from the rows of all points, of ``count`` tranches and the service of so many dates ``before``."""
    cash, reserve, held, *others = rows
    owed, served, others = others[:count], others[count : count + before], others[count + before :]
    for number, usd in enumerate(served, 1):
        named(f"debt_service_{number}_dates_before_usd", usd)
    shown, paid = others[: len(_SHOWN)], others[len(_SHOWN) :]
    each = len(Paid._fields) - 1
    by_tranche = [[*paid[place * each : (place + 1) * each], owed[place]] for place in range(count)]
    tranches = tuple(map(Paid._make, by_tranche))
    own = dict(zip(_SHOWN, shown, strict=True))
    return Waterfall(cash_usd=cash, reserve_usd=reserve, held=held, tranches=tranches, **own)


def _named(found: Waterfall, called: Sequence[str]) -> Waterfall:
    """The same; explanations call the results by the names of their fields."""
    for name, values in found._asdict().items():
        if name != "tranches":
            named(name, values)
    for paid, before in zip(found.tranches, called, strict=True):
        for name, values in paid._asdict().items():
            named(f"{before}{'owed_in_operation_usd' if name == 'owed_usd' else name}", values)
    return found
