"""What must hold of statements, each as the gap by which it does not: zero but for rounding.

A check knows where it looks: at months, at points in time, or at the horizon.

Source: the checks that a project finance model is delivered with: a balance sheet that balances, corkscrews that close
(what opens is what closed), sources that are uses, and accounts that end at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate, as_row, cases_in, month_before, running_total, smallest
from minecalc.finance.statements import Balance, Cash, Debt, Statements, Worn
from minecalc.trace import leaves, named, with_leaves

Place = Literal["month", "point", "horizon"]

Tree = TypeVar("Tree")

#: A gap larger than this share of total cost is no rounding.
TOLERANCE_RATIO = 1e-9

#: So many cases are checked together.
_TOGETHER = 128


class Check(NamedTuple):
    """A rule by its name, and by how much it does not hold: ``gap_usd (rows, ·)``, a row for each ``place``."""

    name: str
    place: Place
    gap_usd: FloatArray

    @property
    def largest_usd(self) -> FloatArray:
        """The largest gap, ``(·,)``; NaN where there is one that is no number."""
        return 0.0 - smallest(0.0 - self.gap_usd)


def of_statements(found: Statements, tranches: Sequence[Debt]) -> list[Check]:
    """What must hold of any statements, with debt or without."""
    balance, cash, plant = found.balance, found.cash, found.plant
    unbalanced = np.abs(balance.total_assets_usd - balance.liabilities_and_equity_usd)
    unmoved = np.abs(cash.change_in_cash_usd - (cash.closing_cash_usd - cash.opening_cash_usd))
    least = np.minimum(np.minimum(balance.cash_usd, balance.reserve_usd), balance.escrow_usd)
    below_zero = np.maximum(0.0 - least, 0.0)
    return [
        Check("the balance sheet balances", "month", named("balance_gap_usd", unbalanced)),
        Check("cash moves by what its lines come to", "month", named("cash_gap_usd", unmoved)),
        Check("every tranche opens with what it closed with", "month", _debt(tranches)),
        Check("interest that accrues is paid", "month", _interest(tranches)),
        Check("no cash, reserve or escrow is below zero", "month", named("below_zero_usd", below_zero)),
        Check("depreciation and write-offs are what plant cost", "horizon", _plant(cash, plant, tranches)),
        Check("every account ends at zero", "horizon", _ends(balance)),
    ]


def of_build(
    uses_usd: Iterable[FloatArray],
    sources_usd: Iterable[FloatArray],
    spent_usd: FloatArray,
    paid_by_debt_usd: FloatArray,
    total_usd: FloatArray,
    building: FloatArray,
) -> Check:
    """Sources are uses at every point of the build, which ``building (points, ·)`` marks with 1.

    ``uses_usd`` by kind and ``sources_usd`` by tranche are those that are paid; the deal was closed on ``total_usd
    (·,)``, of which ``spent_usd`` is spent to date, and on ``paid_by_debt_usd``.
    """
    uses = reduce(np.add, uses_usd)
    agreed = np.abs(running_total(uses) - spent_usd) * building
    lent = np.abs(reduce(np.add, sources_usd) - paid_by_debt_usd) * building
    whole = np.abs(accumulate(uses) - total_usd)
    gap = np.maximum(np.maximum(agreed, lent), as_row(whole))
    return Check("sources are uses", "point", named("sources_and_uses_gap_usd", gap))


def largest_of(checks: Iterable[Check]) -> FloatArray:
    """The largest gap of all, ``(·,)``."""
    return reduce(np.maximum, [check.largest_usd for check in checks])


def largest_of_many(checks: Callable[[Tree], Iterable[Check]], terms: Tree) -> FloatArray:
    """The largest gap of all ``checks`` of ``terms``, ``(·,)``: many cases a few at a time, which the cache holds."""
    numbers = leaves(terms)
    cases = cases_in(*numbers)
    if cases <= _TOGETHER:
        return largest_of(checks(terms))
    found = []
    for first in range(0, cases, _TOGETHER):
        part = [_columns(values, first, first + _TOGETHER) for values in numbers]
        largest = largest_of(checks(with_leaves(terms, part)))
        found.append(np.broadcast_to(largest, (min(_TOGETHER, cases - first),)))
    return np.concatenate(found)


def _columns(values: Number, first: int, until: int) -> Number:
    """These cases of a float, a column or an array over time, side by side; one that is for all of them as it is."""
    if isinstance(values, np.ndarray) and values.ndim and values.shape[-1] > 1:
        return np.ascontiguousarray(values[..., first:until])
    return values


def _debt(tranches: Sequence[Debt]) -> FloatArray:
    gaps = [
        np.abs(debt.owed_usd - month_before(debt.owed_usd, 0.0) - (debt.drawn_usd - debt.repaid_usd))
        for debt in tranches
    ]
    return named("debt_gap_usd", reduce(np.maximum, gaps, as_row(0.0)))


def _interest(tranches: Sequence[Debt]) -> FloatArray:
    gaps = []
    for debt in tranches:
        moved = debt.accrued_interest_usd - month_before(debt.accrued_interest_usd, 0.0)
        paid = debt.interest_usd + debt.paid_in_build_usd
        gaps.append(np.abs(moved - (debt.accrued_usd - paid)))
    return named("interest_gap_usd", reduce(np.maximum, gaps, as_row(0.0)))


def _plant(cash: Cash, plant: Worn, tranches: Sequence[Debt]) -> FloatArray:
    spent = 0.0 - accumulate(cash.capex_usd)
    for debt in tranches:
        spent = spent + accumulate(debt.capitalised_usd - debt.escrow_income_usd)
    lost = accumulate(plant.depreciation_usd) + accumulate(plant.written_off_usd)
    return named("plant_gap_usd", as_row(np.abs(spent - lost)))


def _ends(balance: Balance) -> FloatArray:
    accounts = (
        balance.cash_usd,
        balance.reserve_usd,
        balance.escrow_usd,
        balance.coins_usd,
        balance.plant_usd,
        balance.financing_costs_usd,
        balance.debt_usd,
        balance.accrued_interest_usd,
        balance.deferred_revenue_usd,
        balance.total_equity_usd,
    )
    left = [np.abs(account[-1:]) for account in accounts]
    return named("left_at_end_usd", reduce(np.maximum, left))
