"""What a tranche lends and is paid, point by point."""

from __future__ import annotations

from typing import NamedTuple

from minecalc.arrays import FloatArray
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

    def called(self) -> Flow:
        """The same; explanations call its parts by the names of the fields."""
        for name, values in self._asdict().items():
            named(name, values)
        return self
