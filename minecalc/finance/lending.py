"""What a tranche lends and is paid, point by point."""

from __future__ import annotations

from typing import NamedTuple

from minecalc.arrays import FloatArray, Number, as_row, month_before, narrowed, truth
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

    def called(self, before: str) -> Flow:
        """The same; explanations call its parts by the names of the fields, with this ``before`` them."""
        for name, values in self._asdict().items():
            named(f"{before}{name}", values)
        return self


class InBuild(NamedTuple):
    """What of a ``Flow`` belongs to the build, at its points, ``(·, ·)`` each; one column where it is nothing."""

    drawn_usd: FloatArray
    upfront_fee_usd: FloatArray
    discount_usd: FloatArray
    commitment_fee_usd: FloatArray
    capitalised_usd: FloatArray
    paid_in_build_usd: FloatArray
    owed_usd: FloatArray
    escrow_usd: FloatArray
    escrow_income_usd: FloatArray


def in_build(
    build: Build, drawing: Drawing, amount_usd: Number, upfront_fee: Number, discount: Number, drawn: FloatArray
) -> InBuild:
    """What a tranche of ``amount_usd`` lends and is paid at the points of ``build``, its own alone.

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
    return InBuild(*map(narrowed, (lent, *fees, capitalised, paid, owed, escrow, income)))
