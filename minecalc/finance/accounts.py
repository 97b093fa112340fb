"""A tranche's account by month: what it lends and is paid, and what the month is charged for, whenever it is paid.

What is due at a point of the build is due with the spending there, at the start of the month after it; what is due in
operation is due at the end of the month of its number. Rows are points in time, those of an account months.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from minecalc.arrays import FloatArray, sum_of, truth
from minecalc.finance.lending import Flow, accrued, amortised
from minecalc.finance.month import Paid
from minecalc.finance.statements import Debt, Held


class Charged(NamedTuple):
    """What months are charged by: rates, and fees and discount of a term in months of operation.

    ``monthly_rate`` and ``unpaid_rate``, of interest since the last date that is not paid yet, are ``(points, ·)``, as
    is ``since``, months of operation; ``ends`` is 1 at the horizon. The rest is ``(1, ·)`` each.
    """

    monthly_rate: FloatArray
    unpaid_rate: FloatArray
    since: FloatArray
    ends: FloatArray
    fees_usd: FloatArray
    discount_usd: FloatArray
    term_months: FloatArray


class Borrowed(NamedTuple):
    """A tranche's money: ``built`` in the build, at its points alone, ``paid`` in operation, and what it is charged."""

    built: Flow
    paid: Paid
    charged: Charged


def in_all(built: Flow, paid: Paid, after_build: Callable[[FloatArray], FloatArray]) -> Flow:
    """A tranche's money at all points; ``after_build`` adds the points at which nothing is built."""
    flow = Flow._make(map(after_build, built))
    return flow._replace(**paid._asdict() | {"owed_usd": flow.owed_usd + paid.owed_usd})


def operates(since: FloatArray) -> FloatArray:
    """1 in months of operation, ``(months, ·)``, by ``since``, the months of it at each point."""
    return truth(since[1:] > 0.0)


def by_month(flow_usd: FloatArray, since: FloatArray) -> FloatArray:
    """A flow at points, of the build and of operation, by the months it belongs to: ``(months, ·)``."""
    return flow_usd[1:] * operates(since) + flow_usd[:-1] * truth(since[:-1] <= 0.0)


def held(cash_usd: FloatArray, reserve_usd: FloatArray, income_usd: FloatArray, since: FloatArray) -> Held:
    """Cash and reserve that are held at the end of each month, and what they earn, from what there is at points."""
    return Held(cash_usd[1:], reserve_usd[1:] * operates(since), income_usd[1:])


def account(flow: Flow, charged: Charged) -> Debt:
    """The account of a tranche whose money at points is ``flow``."""
    since, ends, term, operating = charged.since, charged.ends, charged.term_months, operates(charged.since)
    accruing = accrued(charged.monthly_rate, charged.unpaid_rate, flow.owed_usd, ends)
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
        fees_amortised_usd=amortised(charged.fees_usd, since, term, ends)[1:],
        discount_amortised_usd=amortised(charged.discount_usd, since, term, ends)[1:],
        owed_usd=flow.owed_usd[1:] * operating + flow.owed_usd[:-1] * (1.0 - operating),
        accrued_interest_usd=sum_of(accruing.owed_usd, flow.paid_in_build_usd)[1:],
        escrow_usd=flow.escrow_usd[:-1],
    )
