"""A plan's statements: its lines, its debt and its tax as income, cash flow and balance sheet, and their checks.

They are of the whole plan, after debt and tax where it has them, and are computed when asked for, for one case or many.
See ``finance.statements`` for the conventions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, accumulate, added, as_cases, as_row, everywhere, month_before, narrowed, nowhere
from minecalc.cashflows import Category, Line, monthly
from minecalc.deals.bought import borne_interest, bought
from minecalc.deals.closed_deal import from_build
from minecalc.deals.financed import Financed
from minecalc.deals.taxation import Tax
from minecalc.deals.taxed import TaxAccount
from minecalc.engine import PlanEvaluation
from minecalc.finance.accounts import Borrowed, account, by_month, held, in_all
from minecalc.finance.depreciation import depreciation_class
from minecalc.finance.integrity import Check, largest_of, largest_of_many, of_build, of_statements
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
from minecalc.trace import is_traced, leaves, named
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
        return _operations(self.plan.operating_lines, self._months)

    @property
    def _months(self) -> int:
        return self.plan.engine.months

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the plan buys as its balance sheet has it: with the interest of its build, by lives."""
        lots = bought(self.plan.operating_lines)
        costs = [one.cost_usd for one in lots]
        if self.plan.financed is not None:
            spent = self.plan.financed.interest_of_build_usd
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
        financed = self.plan.financed
        of_lines = _of_lines(
            self.books, self.plan.unlevered_usd, np.zeros((1, 1)) if financed is None else financed.effect_usd
        )
        return [*of_statements(self.statements, self.books.tranches), of_lines, *self._checks_beside]

    @cached_property
    def largest_gap_ratio(self) -> FloatArray:
        """The largest gap of all checks over total cost, ``(·,)``."""
        largest = largest_of(self.checks) if is_traced(*leaves(self._terms)) else self._largest_usd
        return named("checks_largest_gap_ratio", largest / self.scale_usd)

    @property
    def _largest_usd(self) -> FloatArray:
        return reduce(
            np.maximum, (check.largest_usd for check in self._checks_beside), largest_of_many(_checks, self._terms)
        )

    @property
    def _terms(self) -> _Terms:
        """All that books are made of, as the plan has it."""
        plan, financed = self.plan, self.plan.financed
        lines = tuple(line._replace(assets=None, contracted=None) for line in plan.operating_lines)
        debt = None if financed is None else _Indebted(financed.borrowed, financed.held_at_points, financed.effect_usd)
        numbers = plan.engine.scenario.timeline.numbers
        return _Terms(numbers, lines, self.parts, self.tax_usd, plan.unlevered_usd, debt)

    @cached_property
    def _checks_beside(self) -> Sequence[Check]:
        """The checks of build and tax."""
        found = []
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


class _Indebted(NamedTuple):
    """What debt brings to books: its tranches, what is held at points, and its effect on equity, ``(points, ·)``."""

    tranches: tuple[Borrowed, ...]
    held: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    effect_usd: FloatArray


class _Terms(NamedTuple):
    """All that books are made of: lines and tax by month, the net flow of the lines by point, and debt."""

    months: FloatArray
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    tax_usd: FloatArray
    unlevered_usd: FloatArray
    debt: _Indebted | None


def _checks(terms: _Terms) -> list[Check]:
    """The checks of statements and of lines, of many cases a few at a time."""
    months, debt = len(terms.months), terms.debt
    operations = _operations(terms.lines, months)
    if debt is None:
        books = Books(terms.months, operations, terms.parts, (), nothing_held(), as_row(0.0), terms.tax_usd)
        return [*of_statements(statements(books), ()), _of_lines(books, terms.unlevered_usd, as_row(0.0))]
    flows = (in_all(one.built, one.paid, partial(from_build, points=months + 1)) for one in debt.tranches)
    tranches = tuple(account(flow, one.charged) for flow, one in zip(flows, debt.tranches, strict=True))
    effect = by_month(debt.effect_usd, debt.held[-1])
    books = Books(terms.months, operations, terms.parts, tranches, held(*debt.held), effect, terms.tax_usd)
    return [*of_statements(statements(books), tranches), _of_lines(books, terms.unlevered_usd, debt.effect_usd)]


def _of_lines(books: Books, unlevered_usd: FloatArray, effect_usd: FloatArray) -> Check:
    """That lines and what debt adds come to by month what they come to by point, ``(points, ·)``."""
    flows = books.operations._replace(coins_stored_usd=as_row(0.0))  # which is held, and no money that moves
    totals = [accumulate(values) for values in (*flows, books.effect_usd)]
    gap = sum(totals[1:], totals[0]) - (accumulate(unlevered_usd) + accumulate(effect_usd))
    return Check("lines are their total", "horizon", as_row(np.abs(gap)))


def _operations(lines: Sequence[Line], months: int) -> Operations:
    """What these lines come to before debt and tax."""

    def of(category: Category) -> FloatArray:
        return named(f"{category}_usd", monthly(rest, months, (category,)))

    owed = [line for line in lines if line.name == PREPAYMENT_OWED]
    rest = [line for line in lines if line.name != PREPAYMENT_OWED]
    prepaid = [line for line in rest if line.category == "prepayment"]
    return Operations(
        of("revenue"),
        of("power"),
        of("opex"),
        named("prepayment_usd", added(months, *(line.usd for line in (*prepaid, *owed)))),
        of("capex"),
        named("sales_usd", narrowed(monthly(rest, months, ("sale", "residual")))),
        of("coins"),
        named("coins_stored_usd", added(months, *_stored(rest))),
    )


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
    paid_by_debt, total = financed.paid_by_debt_in_build_usd, as_cases(financed.closing.total_usd)
    lent = [flow.drawn_usd - _change(flow.escrow_usd) for flow in financed.flows_in_build]
    uses = (build.capex_usd, *financed.costs_in_build_usd.values())
    return of_build(uses, lent, spent, paid_by_debt, total, build.closes + build.building)


def _change(balance: FloatArray) -> FloatArray:
    return balance - month_before(balance, 0.0)
