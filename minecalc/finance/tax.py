"""Income tax of years: what interest is allowed, what losses are carried, what is due.

Every array is ``(years, ·)`` with one row a year in order, of money that is positive as its name says. Interest beyond
its limit is carried to later years without end, before losses are looked at (section 163(j) of the US code goes before
section 172); so are losses. Nothing is paid back for a loss, so tax is never negative. What is left after the last row
has no use any more.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate, cases_in, recurrence, stretches
from minecalc.trace import is_traced, named

#: So many cases are quicker computed for all years at once.
_FEW_CASES = 128


class Interest(NamedTuple):
    """Interest ``accrued`` in a year, ``allowed`` as a deduction in it, and ``carried`` beyond it, ``(years, ·)``."""

    accrued_usd: FloatArray
    allowed_usd: FloatArray
    carried_usd: FloatArray


class FinancingForTax(NamedTuple):
    """What debt brings into a plan's tax by calendar year, ``(years, ·)``, positive.

    ``interest_usd`` accrues on all tranches and is not capitalised; what is amortised of discounts is part of it.
    ``capitalised_interest_usd (·,)`` is that of the build in all, less what escrow earns, and goes to the basis of the
    project's buildings. ``fees_usd`` is what is amortised of them, ``reserve_income_usd`` what the reserve and cash
    earn.
    """

    interest_usd: FloatArray
    capitalised_interest_usd: FloatArray
    fees_usd: FloatArray
    reserve_income_usd: FloatArray


class Losses(NamedTuple):
    """Losses ``made`` in a year, those of earlier years ``used`` in it, and what is ``left`` of all after it.

    ``(years, ·)``; what is left in the last row is lost.
    """

    made_usd: FloatArray
    used_usd: FloatArray
    left_usd: FloatArray


def stretches_of(
    made: Callable[..., FloatArray], ends: tuple[int, ...], *parts: FloatArray, after: int = 0
) -> FloatArray:
    """``stretches`` of ``made(*parts)``, to the last bit; of many cases no more than one stretch is there at a time.

    ``parts`` are ``(1|rows, ·)``, of which ``made`` computes each row by numpy's elementwise functions; rows up to
    ``after`` are left out, and the others counted from there. Traced, it is ``stretches``.
    """
    if is_traced(*parts) or cases_in(*parts) <= _FEW_CASES:
        rows = made(*parts)
        return stretches(rows[after:] if len(rows) > 1 else rows, ends)
    found = []
    for begins, end in pairwise((0, *ends)):
        rows = made(*(part[after + begins : after + end] if len(part) > 1 else part for part in parts))
        found.append(accumulate(rows)[None] if len(rows) > 1 else stretches(rows, (end - begins,)))
    return np.concatenate(found)


def limited_interest(
    accrued_usd: FloatArray, own_income_usd: FloatArray, earnings_usd: FloatArray, limit: Number | None
) -> Interest:
    """Interest allowed up to ``own_income_usd`` (interest received) and ``limit`` of ``earnings_usd`` above zero.

    ``earnings_usd`` are before interest, depreciation and losses. None is no limit: all is allowed as it accrues.
    """
    if limit is None:
        return Interest(accrued_usd, accrued_usd, accrued_usd * 0.0)
    most = named("interest_limit_by_year_usd", own_income_usd + np.maximum(earnings_usd, 0.0) * limit)
    beyond = recurrence(
        lambda carried, accrued, most: np.maximum(carried + accrued - most, 0.0), 0.0, accrued_usd, most
    )
    carried = named("interest_carried_by_year_usd", beyond)
    allowed = named("interest_allowed_by_year_usd", np.minimum(_year_before(carried) + accrued_usd, most))
    return Interest(accrued_usd, allowed, carried)


def carried_losses(income_usd: FloatArray, limit: Number) -> Losses:
    """Losses of ``income_usd`` before them, used up to ``limit`` of the income of a later year."""
    made = named("tax_loss_made_by_year_usd", np.maximum(-income_usd, 0.0))
    most = named("tax_loss_limit_by_year_usd", np.maximum(income_usd, 0.0) * limit)
    # a year that makes a loss has no income to use others
    not_used = recurrence(lambda left, made, most: left + made - np.minimum(left, most), 0.0, made, most)
    left = named("tax_losses_left_by_year_usd", not_used)
    used = named("tax_losses_used_by_year_usd", np.minimum(_year_before(left), most))
    return Losses(made, used, left)


def tax_due(income_usd: FloatArray, losses_used_usd: FloatArray, rate: Number) -> tuple[FloatArray, FloatArray]:
    """Taxable income, never below zero, and the tax on it."""
    taxable = named("taxable_income_by_year_usd", np.maximum(income_usd, 0.0) - losses_used_usd)
    return taxable, named("tax_by_year_usd", taxable * rate)


def _year_before(balance: FloatArray) -> FloatArray:
    """Balances at the start of each year: nothing before the first."""
    return np.concatenate([np.zeros((1, balance.shape[1])), balance[:-1]])
