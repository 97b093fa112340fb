"""The three statements of a plan: income, cash flow and balance sheet, which must agree with each other.

Rows are months, ``(months, ·)``. Money of a month is what is paid at its start or at its end, as in every other table;
a balance is what is there when the month has ended, before anything that is due at the start of the next. Flows are
signed, what comes in is positive; balances are positive as their names say.

Plant stands at book value: what was bought, less its straight line from the month of service, until it leaves, at the
horizon at the latest, when what is left is written off. Tax has classes of its own (``finance.depreciation``).

Income is as it accrues: depreciation by straight line, interest as time passes, fees and discount over the term of the
loan, rent that was prepaid as it is credited. Tax is an expense when it is paid, so there is no deferred tax. Interest
of the build that is part of total cost is plant, less what escrow earns. Coins that are kept stand at what they were
worth when they were mined. What a defaulted tenant has prepaid is income
at the horizon. Cash that no lender holds back belongs to equity in the month in which it is there.

Source: the statements of a project finance model, whose checks are those of ``finance.integrity``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import (
    FloatArray,
    Number,
    accumulate,
    added,
    as_row,
    lump,
    month_before,
    running_total,
    sum_of,
    truth,
)
from minecalc.trace import named

#: What is left of a prepayment by rounding alone, as a share of what was received.
_ROUNDING = 1e-9


class Part(NamedTuple):
    """What leaves together and has one life: ``cost_usd (1|cases,)``, floats or columns.

    It is in service from month ``service`` and leaves at the start of month ``ends``.
    """

    cost_usd: Number
    service: Number
    ends: Number
    life_months: Number


class Worn(NamedTuple):
    """What a part loses in each month, ``(months, ·)``, positive: by its straight line, and when it leaves."""

    depreciation_usd: FloatArray
    written_off_usd: FloatArray


class Operations(NamedTuple):
    """What a plan's lines come to by month, signed as lines are.

    ``sales_usd`` are sales and residual values; what is owed of a prepayment at the horizon is in ``prepayment_usd``.
    ``coins_usd`` is what coins that are kept take of the cash of mining and bring when they are sold before the
    horizon, ``coins_stored_usd`` by how much those that are held change, at what they were worth when mined.
    """

    revenue_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    prepayment_usd: FloatArray
    capex_usd: FloatArray
    sales_usd: FloatArray
    coins_usd: FloatArray
    coins_stored_usd: FloatArray


class Debt(NamedTuple):
    """A tranche, or all together, by month, positive: what is paid, what it costs, and what there is at its end.

    ``fees_usd`` and ``discount_usd`` are withheld when it is drawn, ``fees_amortised_usd`` and
    ``discount_amortised_usd`` what of them is the month's expense. Interest of the build is ``capitalised_usd`` as it
    is paid. Any other accrues as ``accrued_usd`` and is paid as ``interest_usd``, of the build as
    ``paid_in_build_usd``.
    """

    drawn_usd: FloatArray
    fees_usd: FloatArray
    discount_usd: FloatArray
    capitalised_usd: FloatArray
    paid_in_build_usd: FloatArray
    escrow_income_usd: FloatArray
    accrued_usd: FloatArray
    interest_usd: FloatArray
    instalment_usd: FloatArray
    sweep_usd: FloatArray
    balloon_usd: FloatArray
    at_end_usd: FloatArray
    fees_amortised_usd: FloatArray
    discount_amortised_usd: FloatArray
    owed_usd: FloatArray
    accrued_interest_usd: FloatArray
    escrow_usd: FloatArray

    @property
    def repaid_usd(self) -> FloatArray:
        """Principal repaid in any way."""
        return sum_of(self.instalment_usd, self.sweep_usd, self.balloon_usd, self.at_end_usd)


class Held(NamedTuple):
    """What is held of the project's cash: at the end of each month, and what it earned in it."""

    cash_usd: FloatArray
    reserve_usd: FloatArray
    income_usd: FloatArray


class Books(NamedTuple):
    """All that the statements of a plan are made of.

    ``effect_usd`` is what debt adds to the flow to equity, and ``tax_usd`` what is paid, positive, by month. ``months
    (months, 1)`` count from 1.
    """

    months: FloatArray
    operations: Operations
    parts: tuple[Part, ...]
    tranches: tuple[Debt, ...]
    held: Held
    effect_usd: FloatArray
    tax_usd: FloatArray


class Income(NamedTuple):
    """The income statement by month, costs negative."""

    revenue_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    ebitda_usd: FloatArray
    depreciation_usd: FloatArray
    disposal_gains_usd: FloatArray
    prepayment_kept_usd: FloatArray
    operating_income_usd: FloatArray
    interest_earned_usd: FloatArray
    interest_expense_usd: FloatArray
    discount_amortised_usd: FloatArray
    fees_amortised_usd: FloatArray
    income_before_tax_usd: FloatArray
    tax_usd: FloatArray
    net_income_usd: FloatArray


class Cash(NamedTuple):
    """The cash-flow statement by month; opening and closing cash hold the reserve and escrow too."""

    revenue_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    prepayment_usd: FloatArray
    coins_usd: FloatArray
    interest_earned_usd: FloatArray
    tax_usd: FloatArray
    operating_cash_usd: FloatArray
    capex_usd: FloatArray
    sales_usd: FloatArray
    investing_cash_usd: FloatArray
    debt_drawn_usd: FloatArray
    financing_fees_usd: FloatArray
    interest_in_build_usd: FloatArray
    escrow_income_usd: FloatArray
    interest_paid_usd: FloatArray
    debt_repaid_usd: FloatArray
    equity_paid_in_usd: FloatArray
    distributions_usd: FloatArray
    financing_cash_usd: FloatArray
    change_in_cash_usd: FloatArray
    opening_cash_usd: FloatArray
    closing_cash_usd: FloatArray


class Balance(NamedTuple):
    """The balance sheet at the end of each month."""

    cash_usd: FloatArray
    reserve_usd: FloatArray
    escrow_usd: FloatArray
    coins_usd: FloatArray
    plant_usd: FloatArray
    financing_costs_usd: FloatArray
    total_assets_usd: FloatArray
    debt_usd: FloatArray
    accrued_interest_usd: FloatArray
    deferred_revenue_usd: FloatArray
    total_liabilities_usd: FloatArray
    equity_paid_in_usd: FloatArray
    retained_earnings_usd: FloatArray
    total_equity_usd: FloatArray
    liabilities_and_equity_usd: FloatArray


class Statements(NamedTuple):
    """The three of one plan, and what its plant loses by month."""

    income: Income
    cash: Cash
    balance: Balance
    plant: Worn


def statements(books: Books) -> Statements:
    """The statements of a plan. Nothing here makes them agree but that their parts do."""
    operations, held, tax = books.operations, books.held, books.tax_usd
    debt = together(books.tranches)
    plant = _plant(books)
    kept = _kept(operations.prepayment_usd)
    income = _income(operations, plant, debt, held, kept, tax)
    cash = _cash(operations, debt, held, tax, books.effect_usd)
    return Statements(income, cash, _balance(operations, plant, debt, held, kept, income, cash), plant)


def _plant(books: Books) -> Worn:
    lost = [worn(part, books.months) for part in books.parts]
    months = len(books.months)
    return Worn(
        named("depreciation_usd", added(months, *(one.depreciation_usd for one in lost))),
        named("written_off_usd", added(months, *(one.written_off_usd for one in lost))),
    )


def worn(part: Part, months: FloatArray) -> Worn:
    """What ``part`` loses in ``months (T, 1)``, which count from 1."""
    last = float(len(months))
    service, ends, life, cost = map(as_row, (part.service, part.ends, part.life_months, part.cost_usd))
    used = np.minimum(np.maximum(months - (service - 1.0), 0.0), life) / life
    lost = (used - month_before(used, 0.0)) * truth(months < ends)
    used_up = np.minimum(np.maximum(np.minimum(ends - 1.0, last) - (service - 1.0), 0.0), life) / life
    leaves = truth(months == np.minimum(np.maximum(ends, 1.0), last))
    return Worn(
        named("part_depreciation_usd", lost * cost), named("part_written_off_usd", leaves * (cost * (1.0 - used_up)))
    )


def nothing_held() -> Held:
    """A plan of which all cash is equity's at once."""
    return Held(*(as_row(0.0) for _ in Held._fields))


def together(tranches: Sequence[Debt]) -> Debt:
    """All tranches as one; none owe nothing."""
    if not tranches:
        return Debt(*(as_row(0.0) for _ in Debt._fields))
    return Debt(*map(sum_of, *tranches))


def _kept(prepayment_usd: FloatArray) -> FloatArray:
    """What of a prepayment is neither credited nor paid back by the horizon, in its last month."""
    months = len(prepayment_usd)
    received = accumulate(np.maximum(prepayment_usd, 0.0))
    left = accumulate(prepayment_usd)
    left = np.where(left > _ROUNDING * received, left, 0.0)
    return named("prepayment_kept_usd", lump(months, float(months), left))


def _income(
    operations: Operations, plant: Worn, debt: Debt, held: Held, kept: FloatArray, tax_usd: FloatArray
) -> Income:
    ebitda = named("ebitda_usd", operations.revenue_usd + operations.power_usd + operations.opex_usd)
    of_coins = operations.coins_usd + operations.coins_stored_usd
    gains = named("disposal_gains_usd", sum_of(operations.sales_usd - plant.written_off_usd, of_coins))
    operating = named("operating_income_usd", sum_of(ebitda - plant.depreciation_usd, gains, kept))
    interest = named("interest_expense_usd", 0.0 - debt.accrued_usd)
    discount, fees = 0.0 - debt.discount_amortised_usd, 0.0 - debt.fees_amortised_usd
    before = named("income_before_tax_usd", sum_of(operating, held.income_usd, interest, discount, fees))
    return Income(
        operations.revenue_usd,
        operations.power_usd,
        operations.opex_usd,
        ebitda,
        0.0 - plant.depreciation_usd,
        gains,
        kept,
        operating,
        held.income_usd,
        interest,
        discount,
        fees,
        before,
        0.0 - tax_usd,
        named("net_income_usd", before - tax_usd),
    )


def _cash(operations: Operations, debt: Debt, held: Held, tax_usd: FloatArray, effect_usd: FloatArray) -> Cash:
    earned = operations.revenue_usd + operations.power_usd + operations.opex_usd
    earned = sum_of(earned, operations.prepayment_usd, operations.coins_usd)
    unlevered = sum_of(earned, operations.capex_usd, operations.sales_usd)
    equity_usd = named("flow_to_equity_usd", unlevered + effect_usd - tax_usd)
    operating = named("operating_cash_usd", sum_of(earned, held.income_usd) - tax_usd)
    investing = named("investing_cash_usd", sum_of(operations.capex_usd, operations.sales_usd))
    fees, repaid = sum_of(debt.fees_usd, debt.discount_usd), debt.repaid_usd
    in_build = sum_of(debt.capitalised_usd, debt.paid_in_build_usd)
    lent = debt.drawn_usd - fees - in_build + debt.escrow_income_usd - debt.interest_usd - repaid
    financing = named("financing_cash_usd", lent - equity_usd)
    closing = sum_of(held.cash_usd, held.reserve_usd, debt.escrow_usd)
    return Cash(
        operations.revenue_usd,
        operations.power_usd,
        operations.opex_usd,
        operations.prepayment_usd,
        operations.coins_usd,
        held.income_usd,
        0.0 - tax_usd,
        operating,
        operations.capex_usd,
        operations.sales_usd,
        investing,
        debt.drawn_usd,
        0.0 - fees,
        0.0 - in_build,
        debt.escrow_income_usd,
        0.0 - debt.interest_usd,
        0.0 - repaid,
        named("equity_paid_in_usd", np.maximum(0.0 - equity_usd, 0.0)),
        named("distributions_usd", 0.0 - np.maximum(equity_usd, 0.0)),
        financing,
        named("change_in_cash_usd", operating + investing + financing),
        month_before(closing, 0.0),
        named("closing_cash_usd", closing),
    )


def _balance(
    operations: Operations, plant: Worn, debt: Debt, held: Held, kept: FloatArray, income: Income, cash: Cash
) -> Balance:
    spent = debt.capitalised_usd - debt.escrow_income_usd - operations.capex_usd
    standing = running_total(spent - plant.depreciation_usd - plant.written_off_usd)
    amortised = sum_of(debt.fees_amortised_usd, debt.discount_amortised_usd)
    costs = running_total(sum_of(debt.fees_usd, debt.discount_usd) - amortised)
    coins = running_total(operations.coins_stored_usd)
    assets = named("total_assets_usd", sum_of(cash.closing_cash_usd, coins, standing, costs))
    deferred = running_total(operations.prepayment_usd - kept)
    liabilities = named("total_liabilities_usd", sum_of(debt.owed_usd, debt.accrued_interest_usd, deferred))
    paid_in = running_total(cash.equity_paid_in_usd)
    retained = running_total(income.net_income_usd + cash.distributions_usd)
    equity = named("total_equity_usd", paid_in + retained)
    return Balance(
        held.cash_usd,
        held.reserve_usd,
        debt.escrow_usd,
        named("coins_held_usd", coins),
        named("plant_usd", standing),
        named("financing_costs_usd", costs),
        assets,
        debt.owed_usd,
        debt.accrued_interest_usd,
        named("deferred_revenue_usd", deferred),
        liabilities,
        named("paid_in_to_date_usd", paid_in),
        named("retained_earnings_usd", retained),
        equity,
        named("liabilities_and_equity_usd", liabilities + equity),
    )
