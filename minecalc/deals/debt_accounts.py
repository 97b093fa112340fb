"""The accounts of a financed plan's debt by month: what each tranche costs as it accrues, and what of its cash is held.

What is due at a point of the build is due with the spending there, at the start of the month after it; what is due in
operation is due at the end of the month of its number. Interest, fees and the discount also stand here as the expense
of the month that they are for, which is what income and tax take.
"""

from __future__ import annotations

from collections.abc import Mapping

from minecalc.arrays import FloatArray, narrowed, sum_of, truth
from minecalc.deals.financed import Financed
from minecalc.finance.statements import Debt, Held


def accounts_of_tranches(financed: Financed) -> Mapping[str, Debt]:
    """Each tranche's account by name, ``(months, ·)``."""
    return {name: _account(financed, place) for place, name in enumerate(financed.tranches)}


def account_of_cash(financed: Financed) -> Held:
    """The cash and the reserve that are held at the end of each month, and what they earn, ``(months, ·)``."""
    found = financed.waterfall
    return Held(found.cash_usd[1:], narrowed(found.reserve_usd)[1:] * _operates(financed), found.reserve_income_usd[1:])


def by_month(financed: Financed, flow_usd: FloatArray) -> FloatArray:
    """A flow at points, of the build and of operation, by the months it belongs to: ``(months, ·)``."""
    builds = truth(financed.since[: financed.months] <= 0.0)
    return flow_usd[1:] * _operates(financed) + flow_usd[:-1] * builds


def _operates(financed: Financed) -> FloatArray:
    """1 in months of operation, ``(months, ·)``."""
    return truth(financed.since[1 : financed.months + 1] > 0.0)


def _account(financed: Financed, place: int) -> Debt:
    flow, cost = financed.flows[place], financed.accruing[place]
    accruing, operates = cost.interest, _operates(financed)
    return Debt(
        drawn_usd=flow.drawn_usd[:-1],
        fees_usd=sum_of(flow.upfront_fee_usd, flow.commitment_fee_usd)[:-1],
        discount_usd=flow.discount_usd[:-1],
        capitalised_usd=flow.capitalised_usd[:-1],
        paid_in_build_usd=flow.paid_in_build_usd[:-1],
        escrow_income_usd=flow.escrow_income_usd[:-1],
        accrued_usd=sum_of(accruing.interest_usd, flow.paid_in_build_usd)[1:],
        interest_usd=sum_of(flow.interest_usd, accruing.at_end_usd)[1:],
        instalment_usd=flow.instalment_usd[1:],
        sweep_usd=flow.sweep_usd[1:],
        balloon_usd=flow.balloon_usd[1:],
        at_end_usd=(flow.at_end_usd - accruing.at_end_usd)[1:],
        fees_amortised_usd=cost.fees_usd[1:],
        discount_amortised_usd=cost.discount_usd[1:],
        owed_usd=flow.owed_usd[1:] * operates + flow.owed_usd[:-1] * (1.0 - operates),
        accrued_interest_usd=sum_of(accruing.owed_usd, flow.paid_in_build_usd)[1:],
        escrow_usd=flow.escrow_usd[:-1],
    )
