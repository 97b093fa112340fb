"""What a loan costs in the months it is for, whenever it is paid: interest as it accrues, fees and discount by month.

Rows are points in time; money is positive. Interest of a month is what is owed after the point before, times the rate
of the month; it is due on the next date. Fees and the discount are spread evenly over the months from the start of
operation to the loan's last, and what is left of them at the horizon falls there.

Source: accrual accounting (interest as time passes; costs of issuing debt over its term).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, month_before, narrowed, truth
from minecalc.finance.debt import Terms
from minecalc.trace import named


class Accrued(NamedTuple):
    """Interest of operation, ``(points, ·)`` each: what accrues in the month that ends at a point, and what is owed.

    ``owed_usd`` has accrued since the last date and is not paid yet. ``at_end_usd`` is what of it is paid at the
    horizon, where that is no date.
    """

    interest_usd: FloatArray
    owed_usd: FloatArray
    at_end_usd: FloatArray


class Accruing(NamedTuple):
    """A tranche's cost by point, ``(points, ·)`` each: interest, and what is amortised of fees and of the discount."""

    interest: Accrued
    fees_usd: FloatArray
    discount_usd: FloatArray


def accrued(terms: Terms, owed_usd: FloatArray, ends: FloatArray) -> Accrued:
    """Interest on what is ``owed_usd (points, ·)`` after each point of the horizon, which ``ends`` marks with 1."""
    points = len(ends)
    before = month_before(owed_usd, 0.0)
    unpaid_rate = terms.period_rate[:points] * (1.0 - terms.dates.service[:points])
    return Accrued(
        interest(before, terms.monthly_rate[:points]),
        named("accrued_interest_usd", before * (unpaid_rate * (1.0 - ends))),
        named("accrued_at_end_usd", narrowed(before * narrowed(unpaid_rate * ends))),
    )


def interest(owed_before_usd: FloatArray, monthly_rate: FloatArray) -> FloatArray:
    """Interest of months, at whose start so much is owed, ``(months, ·)``."""
    return named("accrued_usd", owed_before_usd * monthly_rate)


def amortised(amount_usd: Number, since: FloatArray, term_months: Number, ends: FloatArray) -> FloatArray:
    """``amount_usd (·,)`` by point over ``term_months`` of operation, the rest at the horizon: ``(points, ·)``.

    ``since (points, ·)`` are months since the start of operation, ``ends`` is 1 at the horizon.
    """
    term = as_row(term_months)
    months = truth((since >= 1.0) & (since <= term)) + ends * np.maximum(term - np.maximum(since, 0.0), 0.0)
    return months * (as_row(amount_usd) / term)
