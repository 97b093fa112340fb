"""A plan's statements: its lines, its debt and its tax as income, cash flow and balance sheet, and their checks.

They are of the whole plan, after debt and tax where it has them, and are computed when asked for, for one case or many.
See ``finance.statements`` for the conventions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minecalc.arrays import FloatArray, accumulate, added, as_cases, as_row, everywhere, month_before, narrowed, nowhere
from minecalc.cashflows import Category, Line, monthly
from minecalc.deals.bought import borne_interest, bought
from minecalc.deals.financed import Financed
from minecalc.deals.taxation import Tax
from minecalc.deals.taxed import TaxAccount
from minecalc.engine import PlanEvaluation
from minecalc.finance.construction import until
from minecalc.finance.depreciation import depreciation_class
from minecalc.finance.integrity import Check, largest_of, largest_of_statements, of_build, of_statements
from minecalc.finance.statements import (
    Books,
    Debt,
    Held,
    Operations,
    Part,
    Statements,
    nothing_held,
    statements,
)
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR
from minecalc.uses.tenancy import PREPAYMENT_OWED

#: The class of buildings of a plan that is not taxed.
_UNTAXED_BUILDING = (("macrs_39", 1.0),)

#: Capex below this share of all money that moves is next to nothing.
_NEXT_TO_NOTHING = 1e-6


@dataclass(frozen=True)
class Stated:
    """The statements of ``plan``, of one case or of many; rows are months unless something else is said."""

    plan: PlanEvaluation

    @cached_property
    def tax_terms(self) -> Tax | None:
        """How the plan is taxed; None if it is not."""
        return self.plan.engine.scenario.tax_of(self.plan.plan)

    @cached_property
    def tranches(self) -> Mapping[str, Debt]:
        """The accounts of each tranche by name; none of a plan that is all equity."""
        return {} if self.plan.financed is None else self.plan.financed.accounts

    @cached_property
    def held(self) -> Held:
        """What is held of cash, and what it earns."""
        return nothing_held() if self.plan.financed is None else self.plan.financed.held

    @cached_property
    def tax(self) -> TaxAccount | None:
        """What the plan pays in tax, debt and all; None if it is not taxed."""
        return None if self.plan.taxes is None else self.plan.taxes.plan_with_debt

    @cached_property
    def tax_usd(self) -> FloatArray:
        """Tax that is paid, positive."""
        return np.zeros((1, 1)) if self.tax is None else self.tax.paid_usd[1:]

    @cached_property
    def operations(self) -> Operations:
        """What the plan's lines come to before debt and tax."""
        lines = self.plan.operating_lines
        owed = [line for line in lines if line.name == PREPAYMENT_OWED]
        rest = [line for line in lines if line.name != PREPAYMENT_OWED]
        prepaid = [line for line in rest if line.category == "prepayment"]
        return Operations(
            self._of("revenue", rest),
            self._of("power", rest),
            self._of("opex", rest),
            named("prepayment_usd", added(self._months, *(line.usd for line in (*prepaid, *owed)))),
            self._of("capex", rest),
            named("sales_usd", narrowed(monthly(rest, self._months, ("sale", "residual")))),
            self._of("coins", rest),
            named("coins_stored_usd", added(self._months, *_stored(rest))),
        )

    def _of(self, category: Category, lines: Sequence[Line]) -> FloatArray:
        return named(f"{category}_usd", monthly(lines, self._months, (category,)))

    @property
    def _months(self) -> int:
        return self.plan.engine.months

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the plan buys as its balance sheet has it: with the interest of its build, by lives."""
        lots = bought(self.plan.operating_lines)
        costs = [one.cost_usd for one in lots]
        if self.tranches:
            spent = [accumulate(debt.capitalised_usd - debt.escrow_income_usd) for debt in self.tranches.values()]
            borne = borne_interest(lots, self.plan.project_members, self.plan.ready, sum(spent[1:], spent[0]))
            costs = [cost + interest for cost, interest in zip(costs, borne, strict=True)]
        found = []
        for one, cost in zip(lots, costs, strict=True):
            if nowhere(cost):
                continue
            life = one.lot.life_months
            lives = self._building_lives if life is None else ((life, 1.0),)
            found += [Part(cost * share, one.lot.service, one.lot.ends, months) for months, share in lives]
        return tuple(found)

    @cached_property
    def _building_lives(self) -> Sequence[tuple[float, float]]:
        """The life of each part of a building in months, and its share."""
        parts = _UNTAXED_BUILDING if self.tax_terms is None else self.tax_terms.classes.of("building")
        return [(depreciation_class(name).years * MONTHS_PER_YEAR, share) for name, share in parts]

    @cached_property
    def books(self) -> Books:
        """All that the statements are made of."""
        financed = self.plan.financed
        effect = np.zeros((1, 1)) if financed is None else financed.by_month(financed.effect_usd)
        numbers, tranches = self.plan.engine.scenario.timeline.numbers, tuple(self.tranches.values())
        return Books(numbers, self.operations, self.parts, tranches, self.held, effect, self.tax_usd)

    @cached_property
    def statements(self) -> Statements:
        """Income, cash flow and balance sheet."""
        return statements(self.books)

    @cached_property
    def scale_usd(self) -> FloatArray:
        """What gaps are measured by, ``(·,)``: total cost; capex without debt; all money that moves without either."""
        financed = self.plan.financed
        if financed is None:
            return named("checks_scale_usd", self._scale_without_debt_usd)
        scale, indebted = as_cases(financed.closing.total_usd), financed.debt_usd > 0.0
        if not everywhere(indebted):
            scale = np.where(indebted, scale, self._scale_without_debt_usd)
        return named("checks_scale_usd", scale)

    @property
    def _scale_without_debt_usd(self) -> FloatArray:
        """Capex, which is no measure of rounding where it is next to nothing beside all money that moves: else that."""
        spent, found = 0.0 - accumulate(self.operations.capex_usd), self.operations
        moves = (np.abs(found.revenue_usd), np.abs(found.power_usd), np.abs(found.opex_usd))
        moved = np.maximum(sum(map(accumulate, moves), np.zeros(1)), 1.0)
        return np.where(spent > 0.0, np.maximum(spent, _NEXT_TO_NOTHING * moved), moved)

    @cached_property
    def checks(self) -> Sequence[Check]:
        """All that must hold of these statements, and of what they are made of."""
        return [*of_statements(self.statements, self.books.tranches), *self._other_checks]

    @cached_property
    def largest_gap_ratio(self) -> FloatArray:
        """The largest gap of all checks over total cost, ``(·,)``."""
        largest = np.maximum(largest_of_statements(self.books), largest_of(self._other_checks))
        return named("checks_largest_gap_ratio", largest / self.scale_usd)

    @cached_property
    def _other_checks(self) -> Sequence[Check]:
        """The checks of lines, build and tax."""
        found = [Check("lines are their total", "horizon", as_row(np.abs(self._lines_gap_usd)))]
        if self.plan.financed is not None:
            found.append(_of_build(self.plan.financed))
        if self.tax is not None:
            gaps = {
                "tax deducts the whole basis": self.tax.basis_gap_usd,
                "losses are used, left or lost": self.tax.losses_gap_usd,
                "interest is deducted or carried": self.tax.interest_gap_usd,
            }
            found += [Check(name, "horizon", as_row(np.abs(gap))) for name, gap in gaps.items()]
        return found

    @property
    def _lines_gap_usd(self) -> FloatArray:
        """What the plan's lines and what debt adds come to by month, less what they come to by point, ``(·,)``."""
        flows = self.operations._replace(coins_stored_usd=as_row(0.0))  # which is held, and no money that moves
        totals = [accumulate(values) for values in (*flows, self.books.effect_usd)]
        financed = self.plan.financed
        effect = np.zeros(1) if financed is None else accumulate(financed.effect_usd)
        return sum(totals[1:], totals[0]) - (accumulate(self.plan.unlevered_usd) + effect)


def _stored(lines: Sequence[Line]) -> Iterator[FloatArray]:
    """What coins that are kept were worth, and less that of those that are sold, line by line."""
    for line in lines:
        if line.at_cost_usd is not None:
            yield 0.0 - line.at_cost_usd
        elif line.category == "coins":
            yield 0.0 - line.usd


def _of_build(financed: Financed) -> Check:
    """That sources are uses in the build."""
    spent, build = financed.closing.funding.spent_usd, financed.build.own_points()
    points = len(spent)
    lent = [until(points, flow.drawn_usd) - _change(until(points, flow.escrow_usd)) for flow in financed.flows]
    uses = (until(points, usd) for usd in financed.uses_usd.values())
    paid_by_debt, total = until(points, financed.paid_by_debt_usd), as_cases(financed.closing.total_usd)
    return of_build(uses, lent, spent, paid_by_debt, total, build.closes + build.building)


def _change(balance: FloatArray) -> FloatArray:
    return balance - month_before(balance, 0.0)
