"""A plan's statements: its lines, its debt and its tax as income, cash flow and balance sheet, and their checks.

They are of the whole plan, after debt and tax where it has them, and are computed when asked for, for one case or many.
See ``finance.statements`` for the conventions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minecalc.arrays import FloatArray, accumulate, added, as_cases, month_before
from minecalc.bought import borne_interest, bought
from minecalc.cashflows import Category, Line, monthly
from minecalc.debt_accounts import account_of_cash, accounts_of_tranches, by_month
from minecalc.engine import PlanEvaluation
from minecalc.finance.depreciation import depreciation_class
from minecalc.finance.integrity import Check, largest_ratio, of_build, of_statements
from minecalc.finance.plant import Part, worn
from minecalc.finance.statements import (
    Debt,
    Held,
    Operations,
    Plant,
    Statements,
    no_debt,
    nothing_held,
    statements,
    together,
)
from minecalc.prepayment import OWED
from minecalc.taxation import Tax
from minecalc.taxed import FinancingForTax, TaxAccount, taxed
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR

#: The class of buildings of a plan that is not taxed.
_UNTAXED_BUILDING = (("macrs_39", 1.0),)


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
        return {} if self.plan.financed is None else accounts_of_tranches(self.plan.financed)

    @cached_property
    def held(self) -> Held:
        """What is held of cash, and what it earns."""
        return nothing_held() if self.plan.financed is None else account_of_cash(self.plan.financed)

    @cached_property
    def tax(self) -> TaxAccount | None:
        """What the plan pays in tax, debt and all; None if it is not taxed."""
        if self.tax_terms is None:
            return None
        return taxed(self.plan.operating_lines, self.plan, self.tax_terms, self._for_tax)

    @cached_property
    def _for_tax(self) -> FinancingForTax | None:
        if not self.tranches:
            return None
        debt = together(list(self.tranches.values()))
        return FinancingForTax(
            debt.accrued_usd,
            debt.capitalised_usd - debt.escrow_income_usd,
            debt.fees_amortised_usd,
            debt.discount_amortised_usd,
            self.held.income_usd,
        )

    @cached_property
    def tax_usd(self) -> FloatArray:
        """Tax that is paid, positive."""
        return np.zeros((1, 1)) if self.tax is None else self.tax.paid_usd[1:]

    @cached_property
    def operations(self) -> Operations:
        """What the plan's lines come to before debt and tax."""
        lines = self.plan.operating_lines
        owed = [line for line in lines if line.name == OWED]
        rest = [line for line in lines if line.name != OWED]
        prepaid = [line for line in rest if line.category == "prepayment"]
        return Operations(
            self._of("revenue", rest),
            self._of("power", rest),
            self._of("opex", rest),
            named("prepayment_usd", added(self._months, *(line.usd for line in (*prepaid, *owed)))),
            self._of("capex", rest),
            named("sales_usd", monthly(rest, self._months, ("sale", "residual"))),
        )

    def _of(self, category: Category, lines: Sequence[Line]) -> FloatArray:
        return named(f"{category}_usd", monthly(lines, self._months, (category,)))

    @property
    def _months(self) -> int:
        return self.plan.engine.months

    @cached_property
    def plant(self) -> Plant:
        """What the plan's buildings, GPUs and machines lose of their book value."""
        lots = bought(self.plan.operating_lines)
        costs = [one.cost_usd for one in lots]
        if self.tranches:
            spent = [accumulate(debt.capitalised_usd - debt.escrow_income_usd) for debt in self.tranches.values()]
            borne = borne_interest(lots, self.plan, sum(spent[1:], spent[0]))
            costs = [cost + interest for cost, interest in zip(costs, borne, strict=True)]
        numbers, found = self.plan.engine.scenario.timeline.numbers, []
        for one, cost in zip(lots, costs, strict=True):
            life = one.lot.life_months
            lives = self._building_lives if life is None else ((life, 1.0),)
            found += [
                worn(Part(cost * share, one.lot.service, one.lot.ends, months), numbers) for months, share in lives
            ]
        return Plant(
            named("depreciation_usd", added(self._months, *(one.depreciation_usd for one in found))),
            named("written_off_usd", added(self._months, *(one.written_off_usd for one in found))),
        )

    @cached_property
    def _building_lives(self) -> Sequence[tuple[float, float]]:
        """The life of each part of a building in months, and its share."""
        parts = _UNTAXED_BUILDING if self.tax_terms is None else self.tax_terms.classes.of("building")
        return [(depreciation_class(name).years * MONTHS_PER_YEAR, share) for name, share in parts]

    @cached_property
    def equity_usd(self) -> FloatArray:
        """The plan's flow to equity, after debt and tax."""
        flow = monthly(self.plan.operating_lines, self._months) - self.tax_usd
        financed = self.plan.financed
        if financed is not None:
            flow = flow + by_month(financed, financed.effect_usd)
        return named("flow_to_equity_usd", flow)

    @cached_property
    def statements(self) -> Statements:
        """Income, cash flow and balance sheet."""
        debt = together(list(self.tranches.values())) if self.tranches else no_debt()
        return statements(self.operations, self.plant, debt, self.held, self.tax_usd, self.equity_usd)

    @cached_property
    def scale_usd(self) -> FloatArray:
        """What gaps are measured by, ``(·,)``: total cost; capex without debt; all that is earned without either."""
        spent = 0.0 - accumulate(self.operations.capex_usd)
        earned = np.maximum(accumulate(self.operations.revenue_usd), 1.0)
        scale = np.where(spent > 0.0, spent, earned)
        financed = self.plan.financed
        if financed is not None:
            scale = np.where(financed.debt_usd > 0.0, as_cases(financed.closing.total_usd), scale)
        return named("checks_scale_usd", scale)

    @cached_property
    def checks(self) -> Sequence[Check]:
        """All that must hold of these statements."""
        found = of_statements(self.statements, self.plant, list(self.tranches.values()))
        total = np.abs(accumulate(self.equity_usd) - (accumulate(self.plan.unlevered_usd) + self._taken_usd))
        found.append(Check("lines are their total", "horizon", named("lines_gap_usd", total.reshape(1, -1))))
        financed = self.plan.financed
        if financed is not None:
            escrow = [flow.escrow_usd - month_before(flow.escrow_usd, 0.0) for flow in financed.flows]
            lent = [flow.drawn_usd - moved for flow, moved in zip(financed.flows, escrow, strict=True)]
            build = financed.build
            spent, total = financed.closing.funding.spent_usd, as_cases(financed.closing.total_usd)
            building = build.closes + build.building
            uses = financed.uses_usd.values()
            found.append(of_build(uses, lent, spent, financed.paid_by_debt_usd, total, building))
        if self.tax is not None:
            gaps = {
                "tax deducts the whole basis": self.tax.basis_gap_usd,
                "losses are used, left or lost": self.tax.losses_gap_usd,
                "interest is deducted or carried": self.tax.interest_gap_usd,
            }
            found += [Check(name, "horizon", np.abs(gap).reshape(1, -1)) for name, gap in gaps.items()]
        return found

    @cached_property
    def _taken_usd(self) -> FloatArray:
        """What debt and tax add to the plan's flow over time, ``(·,)``."""
        financed = self.plan.financed
        effect = np.zeros(1) if financed is None else accumulate(financed.effect_usd)
        return effect - (np.zeros(1) if self.tax is None else accumulate(self.tax.paid_usd))

    @cached_property
    def largest_gap_ratio(self) -> FloatArray:
        """The largest gap of all checks over total cost, ``(·,)``."""
        return largest_ratio(self.checks, self.scale_usd)
