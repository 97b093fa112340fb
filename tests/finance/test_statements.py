"""A year of a small business on paper: bought with a loan, paid for in advance, taxed, and sold at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.finance.integrity import of_statements
from minecalc.finance.statements import (
    Books,
    Debt,
    Held,
    Operations,
    Part,
    Statements,
    nothing_held,
    statements,
    together,
)

MONTHS = np.arange(1.0, 5.0)[:, None]


def column(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)[:, None]


NOTHING = column(0, 0, 0, 0)


def operations(**lines: FloatArray) -> Operations:
    return Operations(**{f"{name}_usd": lines.get(name, NOTHING) for name in (n[:-4] for n in Operations._fields)})


def debt(**account: FloatArray) -> Debt:
    return Debt(**{name: account.get(name.removesuffix("_usd"), NOTHING) for name in Debt._fields})


def books(lines: Operations, *tranches: Debt, **more: Any) -> Books:
    given = {"parts": (), "held": nothing_held(), "effect_usd": NOTHING, "tax_usd": NOTHING} | more
    return Books(MONTHS, lines, tranches=tranches, **given)


def values(found: FloatArray) -> list[float]:
    return [round(float(value), 9) for value in np.broadcast_to(found, (4, 1))[:, 0]]


def gaps(found: Statements, *tranches: Debt) -> dict[str, float]:
    return {check.name: float(check.largest_usd[0]) for check in of_statements(found, tranches)}


def test_a_plan_of_equity_alone() -> None:
    """80 for a machine of eight months, 30 a month, sold for 45 after the fourth."""
    lines = operations(
        revenue=column(30, 30, 30, 30),
        opex=column(-5, -5, -5, -5),
        capex=column(-80, 0, 0, 0),
        sales=column(0, 0, 0, 45),
    )
    found = statements(books(lines, parts=(Part(80.0, 1.0, 5.0, 8.0),), tax_usd=column(0, 0, 0, 9)))
    assert values(found.income.ebitda_usd) == [25, 25, 25, 25]
    assert values(found.income.disposal_gains_usd) == [0, 0, 0, 5]
    assert values(found.income.net_income_usd) == [15, 15, 15, 11]
    assert values(found.cash.equity_paid_in_usd) == [55, 0, 0, 0]
    assert values(found.cash.distributions_usd) == [0, -25, -25, -61]
    assert values(found.cash.change_in_cash_usd) == [0, 0, 0, 0]
    assert values(found.balance.plant_usd) == [70, 60, 50, 0]
    assert values(found.balance.total_equity_usd) == [70, 60, 50, 0]
    assert values(found.balance.retained_earnings_usd) == [15, 5, -5, -55]
    assert max(gaps(found).values()) == 0.0


#: 60 of 80 lent, 2 of it withheld; 1 of interest a month, due every two months; half repaid on each date. Equity pays
#: the other 20 and the 2, and is paid what is left, but for 5 that are held for a month and earn 0.5.
LOAN = debt(
    drawn=column(60, 0, 0, 0),
    fees=column(2, 0, 0, 0),
    fees_amortised=column(0.5, 0.5, 0.5, 0.5),
    accrued=column(1, 1, 0.5, 0.5),
    interest=column(0, 2, 0, 1),
    instalment=column(0, 30, 0, 30),
    owed=column(60, 30, 30, 0),
    accrued_interest=column(1, 0, 0.5, 0),
)
HELD = Held(column(5, 0, 0, 0), NOTHING, column(0, 0.5, 0, 0))
FINANCED = operations(revenue=column(30, 30, 30, 30), capex=column(-80, 0, 0, 0))
EFFECT = column(60 - 2 - 5, 5 + 0.5 - 32, 0, -31)


def test_a_loan_costs_what_accrues_and_is_owed_until_it_is_paid() -> None:
    found = statements(books(FINANCED, LOAN, parts=(Part(80.0, 1.0, 5.0, 4.0),), held=HELD, effect_usd=EFFECT))
    assert values(found.income.interest_expense_usd) == [-1, -1, -0.5, -0.5]
    assert values(found.income.net_income_usd) == [8.5, 9, 9, 9]
    assert values(found.cash.equity_paid_in_usd) == [0, 0, 0, 1]
    assert values(found.cash.distributions_usd) == [-3, -3.5, -30, 0]
    assert values(found.cash.debt_repaid_usd) == [0, -30, 0, -30]
    assert values(found.cash.closing_cash_usd) == [5, 0, 0, 0]
    assert values(found.balance.financing_costs_usd) == [1.5, 1, 0.5, 0]
    assert values(found.balance.total_assets_usd) == [66.5, 41, 20.5, 0]
    assert values(found.balance.liabilities_and_equity_usd) == [66.5, 41, 20.5, 0]
    assert max(gaps(found, LOAN).values()) < 1e-12


def test_interest_of_the_build_is_plant_less_what_escrow_earns() -> None:
    loan = debt(
        drawn=column(50, 0, 0, 0),
        capitalised=column(0, 3, 0, 0),
        escrow_income=column(0, 1, 0, 0),
        instalment=column(0, 0, 50, 0),
        owed=column(50, 50, 0, 0),
        escrow=column(20, 0, 0, 0),
    )
    effect = column(50 - 20, 20 - 3 + 1, -50, 0)
    lines = operations(capex=column(-30, -20, 0, 0), sales=column(0, 0, 0, 40))
    found = statements(books(lines, loan, parts=(Part(52.0, 3.0, 5.0, 26.0),), effect_usd=effect))
    assert values(found.balance.plant_usd) == [30, 52, 50, 0]
    assert values(found.balance.escrow_usd) == [20, 0, 0, 0]
    assert values(found.income.net_income_usd) == [0, 0, -2, 40 - 50]
    assert values(found.cash.interest_in_build_usd) == [0, -3, 0, 0]
    assert max(gaps(found, loan).values()) == 0.0


@pytest.mark.parametrize(
    ("moved", "deferred", "kept"),
    [
        pytest.param((40, -10, -10, -20), [40, 30, 20, 0], 0, id="credited"),
        pytest.param((40, -10, -10, -20), [40, 30, 20, 0], 0, id="the rest paid back"),
        pytest.param((40, -10, 0, 0), [40, 30, 30, 0], 30, id="kept after a default"),
    ],
)
def test_rent_received_in_advance_is_owed_until_it_is_earned(
    moved: tuple[float, ...], deferred: list[float], kept: float
) -> None:
    found = statements(books(operations(revenue=column(10, 10, 10, 10), prepayment=column(*moved))))
    assert values(found.balance.deferred_revenue_usd) == deferred
    assert values(found.income.prepayment_kept_usd) == [0, 0, 0, kept]
    assert values(found.balance.total_equity_usd)[-1] == 0
    assert max(gaps(found).values()) == 0.0


def test_rounding_of_a_credited_prepayment_is_not_kept() -> None:
    found = statements(books(operations(prepayment=column(0.3, -0.1, -0.1, -0.1))))
    assert values(found.income.prepayment_kept_usd) == [0, 0, 0, 0]


def test_tranches_add_up() -> None:
    whole = together([LOAN, LOAN])
    assert values(whole.owed_usd) == [120, 60, 60, 0]
    assert values(whole.repaid_usd) == [0, 60, 0, 60]
    assert not any(account.any() for account in together([]))
