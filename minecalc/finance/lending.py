"""What a tranche lends and is paid, point by point, and what it costs in the months it is for, whenever it is paid.

Rows are points in time; money is positive. Interest of a month is what is owed after the point before, times the rate
of the month; it is due on the next date. Fees and the discount are spread evenly over the months from the start of
operation to the loan's last, and what is left of them at the horizon falls there.

Source: accrual accounting (interest as time passes; costs of issuing debt over its term).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, month_before, narrowed, nowhere, truth
from minecalc.finance.construction import Build, Drawing, until
from minecalc.trace import named


class Flow(NamedTuple):
    """A tranche's money by point, positive: what it lends, and what it is paid for that, ``(points, ·)`` each.

    ``capitalised_usd`` is interest of the build that is part of total cost, ``paid_in_build_usd`` what of it equity
    pays beside that. ``owed_usd`` is what is owed after each point, ``escrow_usd`` what of that lies in escrow.
    """

    drawn_usd: FloatArray
    upfront_fee_usd: FloatArray
    discount_usd: FloatArray
    commitment_fee_usd: FloatArray
    capitalised_usd: FloatArray
    paid_in_build_usd: FloatArray
    interest_usd: FloatArray
    instalment_usd: FloatArray
    balloon_usd: FloatArray
    sweep_usd: FloatArray
    at_end_usd: FloatArray
    owed_usd: FloatArray
    escrow_usd: FloatArray
    escrow_income_usd: FloatArray

    @property
    def fees_usd(self) -> FloatArray:
        """What the lender earns beside interest: fees and the discount."""
        return self.upfront_fee_usd + self.discount_usd + self.commitment_fee_usd

    @property
    def lender_usd(self) -> FloatArray:
        """The lender's flow, fees and discount included: negative where it lends."""
        interest = self.capitalised_usd + self.paid_in_build_usd + self.interest_usd
        principal = self.instalment_usd + self.balloon_usd + self.sweep_usd + self.at_end_usd
        return self.fees_usd + interest + principal - self.drawn_usd


def in_build(
    build: Build, drawing: Drawing, amount_usd: Number, upfront_fee: Number, discount: Number, drawn: FloatArray
) -> Flow:
    """What a tranche of ``amount_usd`` lends and is paid at the points of ``build``, its own alone, ``(·, ·)`` each.

    ``drawn`` is the fraction of the debt that is drawn at these points; fee and discount are fractions of the amount.
    """
    amount, earlier = as_row(amount_usd), month_before(drawn, 0.0)
    closes, building, none = build.closes, build.building, build.closes * 0.0
    interest = building * until(len(building), drawing.monthly_rate) * amount
    if drawing.at_close:
        closed = named("closed", truth((closes + building) > 0.0))
        escrow = closed * amount * (1.0 - drawn)
        income = building * amount * (1.0 - earlier) * as_row(drawing.escrow_yield_per_month)
        lent, owed, capitalised, paid, undrawn = closes * amount, closed * amount, interest, none, none
    else:
        escrow = income = none
        lent, owed = amount * (drawn - earlier) * (closes + building), amount * drawn * (closes + building)
        interest = interest * earlier
        capitalised, paid = (none, interest) if drawing.paid else (interest, none)
        undrawn = building * amount * (1.0 - earlier) * as_row(drawing.commitment_fee_per_month)
    at_close = closes * amount
    fees = at_close * as_row(upfront_fee), at_close * as_row(discount), undrawn
    operation = (none,) * 5
    return Flow(*map(narrowed, (lent, *fees, capitalised, paid, *operation, owed, escrow, income)))


class Accrued(NamedTuple):
    """Interest of operation, ``(points, ·)`` each: what accrues in the month that ends at a point, and what is owed.

    ``owed_usd`` has accrued since the last date and is not paid yet. ``at_end_usd`` is what of it is paid at the
    horizon, where that is no date.
    """

    interest_usd: FloatArray
    owed_usd: FloatArray
    at_end_usd: FloatArray


def accrued(monthly_rate: FloatArray, unpaid_rate: FloatArray, owed_usd: FloatArray, ends: FloatArray) -> Accrued:
    """Interest on what is ``owed_usd (points, ·)`` after each point of the horizon, which ``ends`` marks with 1.

    ``unpaid_rate`` is that of the months since the last date, which is not paid yet, ``(points, ·)``.
    """
    before, at_end = month_before(owed_usd, 0.0), narrowed(unpaid_rate * ends)
    return Accrued(
        interest(before, monthly_rate),
        named("accrued_interest_usd", before * (unpaid_rate * (1.0 - ends))),
        at_end if nowhere(at_end) else named("accrued_at_end_usd", narrowed(before * at_end)),
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
