"""Operation: each month's cash on its way through interest, instalments, balloon, reserve and sweep to equity.

Rows are points in time. Between the dates of the calendar cash accumulates and equity pays what is below zero; on a
date it pays, in this order, interest and instalments of all tranches, balloons, the reserve up to its target, the
sweep, and, unless a covenant holds it back, equity. What cash does not cover of service the reserve pays, then equity:
debt is never deferred. At the horizon all that is still owed is paid. Without debt all flows to equity monthly.
The reserve is what lenders want held in cash ahead of the next payments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, Quiet, as_row, month_before, recurrences, running_total, truth
from minecalc.finance.debt import Terms, is_date
from minecalc.finance.month import ROUNDING, Paid, Point, Tranche, Waterfall, month_of, quiet_months
from minecalc.finance.planned import owed_when_swept, planned
from minecalc.trace import decided, named, named_fields

__all__ = ["Cash", "Covenants", "Owed", "Paid", "Waterfall", "waterfall"]


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

    ``reserve_shares`` are the shares of the service of each period ahead; see ``periods_ahead``. Ratios are those of
    ``tested_dates``, the date itself and those before it, together.
    """

    every_months: int
    reserve_usd: Number
    reserve_shares: Sequence[Number]
    reserve_yield_per_month: Number
    lockup_dscr_ratio: Number
    default_dscr_ratio: Number
    tested_dates: int = 1


def periods_ahead(reserve_months: Number, every_months: float) -> list[Number]:
    """Of each period ahead the share of its months that lies within ``reserve_months``; up to the last that does."""
    most = float(np.max(decided(reserve_months)))
    count = math.ceil(most / every_months)
    return [_share(reserve_months - period * every_months, every_months) for period in range(count)]


def first_shares(
    since: FloatArray, reserve_months: Number, every_months: float, before: FloatArray | None = None
) -> FloatArray:
    """The share of the service of each date that the reserve holds at the start of operation, ``(points, ·)``.

    ``since`` are months of operation; it is ``periods_ahead`` of the first dates, and 0 elsewhere. Where the calendar
    has run some months ``before`` operation the first period is so much shorter.
    """
    if before is not None:
        begins, length = np.maximum(since - every_months, 0.0), np.maximum(np.minimum(since, every_months), 1.0)
        inside = np.minimum(np.maximum(as_row(reserve_months) - begins, 0.0), length) / length
        return named("reserved_share_fraction", inside * truth(is_date(since + before, every_months)))
    months = as_row(reserve_months) - (since - every_months)
    return named("reserved_share_fraction", _share(months, every_months) * truth(is_date(since, every_months)))


def _share(months: Number, every_months: float) -> FloatArray:
    """What of a period of ``every_months`` lies within ``months`` from its start."""
    return np.minimum(np.maximum(months, 0.0), every_months) / every_months


#: What of a point is a state, of which the next one is made; what is shown beside; and what is shown of each tranche.
_STATES, _SHOWN, _PAID = 3, len(Waterfall._fields) - 4, len(Paid._fields) - 1

#: How many rows a tranche has beside what it owes and what lies ahead.
_OWN = len(Tranche._fields) - 2


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

    def read(given: Sequence[Any]) -> tuple[Any, Any, Any, tuple[Any, ...], list[Tranche], Point, Sequence[Any]]:
        left = iter(given)
        held_cash, reserve, hold, *owed = islice(left, _STATES + count)
        served, point = tuple(islice(left, before)), Point._make(islice(left, len(now)))
        share = tuple(islice(left, len(shares)))
        each = [Tranche._make([usd, *islice(left, _OWN), tuple(islice(left, width - _OWN))]) for usd in owed]
        return held_cash, reserve, hold, served, each, point, share

    def month(*given: Any) -> tuple[Any, ...]:
        return _as_rows(*month_of(*read(given)))

    def months(*given: Any) -> tuple[Any, ...] | None:
        held_cash, reserve, hold, served, each, point, _ = read(given)
        found = quiet_months(held_cash, reserve, hold, each, point)
        return None if found is None else _as_rows(found, served)

    def as_planned() -> list[FloatArray]:
        sweep: Sequence[FloatArray] = ()
        if sweeps:
            *_, each, point, _ = read([*starts, *now, *shares, *rows])
            sweep, owed = owed_when_swept(each, point)
        else:
            owed = [_owed_as_planned(each, cash.begins, cash.ends) for each in tranches]
        lent = (cash.begins * as_row(each.amount_usd) for each in tranches)
        at = (month_before(usd, 0.0) + drawn for usd, drawn in zip(owed, lent, strict=True))
        *_, each, point, share = read([*starts[:_STATES], *at, *now, *shares, *rows])
        return [*planned(owed, each, point, share, sweep), *owed]

    starts, together = (0.0,) * (_STATES + count + before), Quiet(happens, months)
    sweeps = any(np.any(decided(as_row(each.sweep_fraction))) for each in tranches)
    found = recurrences(
        month,
        starts,
        *now,
        *shares,
        *rows,
        shown=_SHOWN + count * _PAID,
        quiet=together,
        guess=None if before or (sweeps and shares) else as_planned,
    )
    return _of_rows(found, [each.called for each in tranches], before)


def _owed_as_planned(each: Owed, begins: FloatArray, ends: FloatArray) -> FloatArray:
    """What is owed of a tranche after each point if what is scheduled is paid, and no more: ``(points, ·)``."""
    amount, instalment, is_open = as_row(each.amount_usd), each.instalment_usd, each.terms.dates.open
    left = running_total(begins * amount - _ahead(instalment, 0, len(begins)))
    left = np.where(left <= amount * ROUNDING, 0.0, left)
    return left * _ahead(is_open, 0, len(begins)) * (1.0 - ends)


def _rows(each: Owed, points: int, periods: int, every_months: int) -> list[FloatArray]:
    """What the rules read of a tranche at each of ``points``, of the ``periods`` ahead too."""
    terms, instalment = each.terms, each.instalment_usd
    at_points = terms.period_rate, terms.dates.service, terms.dates.last, instalment
    amount, sweep = as_row(each.amount_usd), as_row(each.sweep_fraction)
    rows = [
        amount,
        named("rounding_usd", amount * ROUNDING),
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
    return (*found[:_STATES], *owed, *served, *found[_STATES:-1], *paid)


def _of_rows(rows: Sequence[FloatArray], called: Sequence[str], before: int) -> Waterfall:
    """The same from the rows of all points, of tranches that are ``called`` so and of so many dates ``before``.

    Explanations call the results by the names of their fields.
    """
    left = iter(rows)
    states = tuple(islice(left, _STATES))
    owed, served = list(islice(left, len(called))), list(islice(left, before))
    for number, usd in enumerate(served, 1):
        named(f"debt_service_{number}_dates_before_usd", usd)
    shown = tuple(islice(left, _SHOWN))
    tranches = tuple(Paid._make([*islice(left, _PAID), usd]) for usd in owed)
    found = named_fields(Waterfall._make([*states, *shown, tranches]))
    for paid, name in zip(tranches, called, strict=True):
        named(f"{name}owed_in_operation_usd", paid.owed_usd)
        named_fields(paid, name)
    return found
