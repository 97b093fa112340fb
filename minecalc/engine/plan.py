"""One plan evaluated: its flows before and after debt and tax, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate, as_cases
from minecalc.cashflows import GROSS_PROFIT, CashFlows, Line, combined, monthly, net_flow, net_flow_after
from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED, Corner
from minecalc.deals.project import Member, inside_project, project_lines
from minecalc.finance.returns import InternalRates, irr, where_finite
from minecalc.frozen import frozen
from minecalc.scenario import Plan, Use
from minecalc.trace import named, plain

if TYPE_CHECKING:
    from minecalc.deals.closed_deal import ClosedDeal
    from minecalc.deals.financed import Financed
    from minecalc.deals.financing import Financing
    from minecalc.deals.taxed import Taxable, TaxAccount, Taxes
    from minecalc.engine import Engine
    from minecalc.finance.tax import FinancingForTax


@frozen
class PlanEvaluation:
    """One plan's flows and what follows from them; ``parts`` are the flows of each use by name, and of the site, "".

    What the plan earns is told of its deepest corner (see ``minecalc.corners``): of a financed plan what it leaves to
    equity. Its operating lines are those of the parts, whoever pays for them.
    """

    engine: Engine
    plan: Plan
    parts: Mapping[str, Sequence[CashFlows]]
    _usd: dict[tuple[str, bool], FloatArray] = field(default_factory=dict, init=False)

    @cached_property
    def flows(self) -> CashFlows:
        """All of the parts, in order, and what financing takes and brings."""
        operating = combined(flows for part in self.parts.values() for flows in part)
        return operating._replace(lines=(*operating.lines, *self.financing_lines))

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The lines of the flows, which many figures are of; the sums of their quantities are not needed for these."""
        return [*self.operating_lines, *self.financing_lines]

    @cached_property
    def operating_lines(self) -> Sequence[Line]:
        """The lines of the parts."""
        return [line for part in self.parts.values() for flows in part for line in flows.lines]

    @cached_property
    def financing_lines(self) -> Sequence[Line]:
        """What debt brings and takes, and tax, where the deepest corner has them."""
        found: list[Line] = [] if self.financed is None else [*self.financed.lines_of_debt]
        if self.taxes is not None and self.deepest in (AFTER_TAX, TO_EQUITY):
            paid = self._account(self.deepest, of_project=False).paid_usd
            found.append(Line("tax_usd", "tax", 0.0 - paid[1:]))
        return found

    @cached_property
    def taxes(self) -> Taxes | None:
        """What the plan pays in tax, and its project; None of a plan that pays none."""
        financed = self.financed
        return self._taxes(None if financed is None else lambda: financed.for_tax)

    def _taxes(self, debt: Callable[[], FinancingForTax] | None) -> Taxes | None:
        """The same with this debt. It holds nothing of the plan itself, which could not be freed at once otherwise."""
        terms = self.engine.scenario.tax_of(self.plan)
        if terms is None:
            return None
        from minecalc.deals.taxed import Taxes

        return Taxes(terms, self.taxable, self.project_lines, debt)

    @property
    def taxable(self) -> Taxable:
        """What its tax depends on beside the lines that are taxed."""
        from minecalc.deals.taxed import Taxable

        return Taxable(self.engine.scenario.timeline, self.operating_lines, self.project_members, self.ready)

    @property
    def corner_names(self) -> tuple[str, ...]:
        """The corners that its terms make (see ``minecalc.corners``), from the first to the deepest there can be."""
        taxed, levered = self.engine.scenario.tax_of(self.plan) is not None, self.plan.inputs.financing is not None
        exist = {UNLEVERED: True, AFTER_TAX: taxed, LEVERED: levered, TO_EQUITY: taxed and levered}
        return tuple(name for name, exists in exist.items() if exists)

    @cached_property
    def corners(self) -> Mapping[str, Corner]:
        """The flows before and after debt and tax, by the names of ``minecalc.corners``; each that exists."""
        return {
            name: Corner(self.net_usd_of(name), self.project_usd_of(name), self.rate_of(name))
            for name in self.corner_names
        }

    def net_usd_of(self, corner: str) -> FloatArray:
        """Net flow at points 0..T of one of ``corner_names``, ``(points, ·)``: no other is computed for it."""
        return self._usd_of(corner, of_project=False)

    def project_usd_of(self, corner: str) -> FloatArray:
        """Net flow at points 0..T of the plan's project in one of ``corner_names``, ``(points, ·)``."""
        return self._usd_of(corner, of_project=True)

    def _usd_of(self, corner: str, *, of_project: bool) -> FloatArray:
        if (corner, of_project) not in self._usd:
            found = self.unlevered_project_usd if of_project else self.unlevered_usd
            if corner in (LEVERED, TO_EQUITY):
                assert self.financed is not None
                found = found + self.financed.effect_usd
            if corner in (AFTER_TAX, TO_EQUITY):
                found = found - self._account(corner, of_project=of_project).paid_usd
            self._usd[corner, of_project] = found
        return self._usd[corner, of_project]

    def rate_of(self, corner: str) -> Number:
        """The rate at which a corner is judged, a year."""
        with_debt = corner in (LEVERED, TO_EQUITY)
        return self.engine.scenario.rate(self.plan) if with_debt else self.engine.scenario.own_rate(self.plan)

    def _account(self, corner: str, *, of_project: bool) -> TaxAccount:
        """What is paid in tax in a corner after tax."""
        assert self.taxes is not None
        if corner == AFTER_TAX:
            return self.taxes.project if of_project else self.taxes.plan
        return self.taxes.project_with_debt if of_project else self.taxes.plan_with_debt

    @property
    def deepest(self) -> str:
        """The name of the corner that decides."""
        return self.engine.scenario.corner(self.plan)

    @cached_property
    def net_usd(self) -> FloatArray:
        """Net flow at points 0..T of the deepest corner, ``(points, ·)``."""
        return named("net_usd", self.net_usd_of(self.deepest))

    @cached_property
    def project_usd(self) -> FloatArray:
        """Net flow at points 0..T of the plan's project, in the deepest corner, ``(points, ·)``."""
        return named("project_usd", self.project_usd_of(self.deepest))

    @cached_property
    def uses(self) -> Mapping[str, Use]:
        """The plan's uses by name."""
        return {use.name: use for use in self.plan.uses}

    @cached_property
    def unlevered_usd(self) -> FloatArray:
        """Net flow at points 0..T before debt and tax, ``(points, ·)``."""
        known = self.engine.known
        if known is None or known.plan.name != self.plan.name:
            return net_flow(self.operating_lines, self.engine.months)
        before, lines = None, list[Line]()
        for name, part in self.parts.items():
            earlier, counting = known._running[name]
            if part is known.parts[name]:
                lines += counting if before is not None else ()
            else:
                before = earlier if before is None else before
                lines += (line for flows in part for line in flows.lines)
        return known.unlevered_usd if before is None else net_flow_after(before, lines)

    @cached_property
    def _running(self) -> Mapping[str, tuple[FloatArray, Sequence[Line]]]:
        """Of each part the net flow of those before it, ``(points, ·)``, and its lines that are not zero throughout."""
        before, found = np.zeros((self.engine.months + 1, 1)), {}
        for name, part in self.parts.items():
            lines = [line for flows in part for line in flows.lines if line.usd.any()]
            found[name] = before, lines
            before = net_flow_after(before, lines)
        return found

    @cached_property
    def project_members(self) -> dict[str, BoolArray]:
        """In which cases each use, by name, is part of the plan's project, ``(·,)``; see ``minecalc.deals.project``."""
        return inside_project(self._members, self.operating_lines)

    @cached_property
    def project_lines(self) -> list[Line]:
        """The lines of the plan's project, its share of the site's fixed cost included."""
        site_mw = self.engine.scenario.site.gross_mw
        return project_lines(self._members, self.project_members, self.operating_lines, site_mw)

    @cached_property
    def _members(self) -> dict[str, Member]:
        uses = self.plan.uses
        return {use.name: Member(self.engine.use_mw(use), use.inputs.conversion is not None) for use in uses}

    @cached_property
    def unlevered_project_usd(self) -> FloatArray:
        """Net flow at points 0..T of the plan's project before debt and tax, ``(points, ·)``."""
        return net_flow(self.project_lines, self.engine.months)

    @cached_property
    def project_earns_from(self) -> FloatArray:
        """Number of the first month in which every use of the project earns, free months over, ``(·,)``."""
        month: FloatArray = np.ones(1)
        for use in self.plan.uses:
            earns_from = use.inputs.earns_from(self.engine.setting(self.plan, use))
            month = np.maximum(month, np.where(self.project_members[use.name], as_cases(earns_from), 1.0))
        return named("project_earns_from_month", month)

    @cached_property
    def residual_usd(self) -> FloatArray:
        """Exit values and sales at the horizon, ``(months, ·)``."""
        return named("residual_usd", monthly(self.operating_lines, self.engine.months, ("residual",)))

    @cached_property
    def npv_usd(self) -> FloatArray:
        """NPV at the plan's own rate, ``(·,)``."""
        factors = self.engine.discount(self.engine.scenario.rate(self.plan))
        return named("npv_usd", accumulate(self.net_usd * factors))

    @cached_property
    def npv_at_scenario_rate_usd(self) -> FloatArray:
        """NPV at the scenario's rate, ``(·,)``."""
        return accumulate(self.worth_by_point_usd)

    @cached_property
    def worth_by_point_usd(self) -> FloatArray:
        """The present value at the scenario's rate of the net flow at each point, ``(points, ·)``."""
        return self.net_usd * self.engine.discount(self.engine.scenario.discount_rate_fraction_per_year)

    @cached_property
    def npv_of_residual_usd(self) -> FloatArray:
        """The part of ``npv_usd`` that comes from exit values and sales at the horizon, ``(·,)``."""
        discount = self.engine.discount(self.engine.scenario.rate(self.plan))
        return accumulate(self.residual_usd * discount[1:])

    @cached_property
    def npv_of_residual_at_scenario_rate_usd(self) -> FloatArray:
        """The part of ``npv_at_scenario_rate_usd`` that comes from exit values and sales at the horizon, ``(·,)``."""
        discount = self.engine.discount(self.engine.scenario.discount_rate_fraction_per_year)
        return accumulate(self.residual_usd * discount[1:])

    @cached_property
    def at_best_stop(self) -> tuple[PlanEvaluation, dict[str, FloatArray]] | None:
        """The plan with its mining stopped when that is worth most, and when that is; None if it has no mining."""
        mines = any(use.inputs.mines for use in self.plan.uses)
        return self.engine.at_best_stop(self.plan) if mines else None

    @cached_property
    def revenue_usd(self) -> FloatArray:
        """Revenue by month, ``(months, ·)``."""
        return monthly(self.operating_lines, self.engine.months, ("revenue",))

    @cached_property
    def gross_profit_usd(self) -> FloatArray:
        """Revenue less power, pool fees and operating cost by month, ``(months, ·)``."""
        return named("gross_profit_usd", monthly(self.operating_lines, self.engine.months, GROSS_PROFIT))

    @cached_property
    def project_rates(self) -> InternalRates:
        """Internal rates of return of the plan's project, a year."""
        return where_finite(irr, plain(self.project_usd))

    @cached_property
    def financed(self) -> Financed | None:
        """What the plan's financing does with its project's cash; None of a plan that is all equity."""
        terms = self.plan.inputs.financing
        if terms is None:
            return None
        from minecalc.deals.financed import Financed

        known = self._financed_alike
        if known is not None and not terms.dscr_after_tax and self._is_project_of(known):
            return known
        taxes = self._taxes(None) if terms.dscr_after_tax else None
        tax_usd = None if taxes is None else taxes.project.paid_usd
        like = self._terms_alike(terms) if known is None else known
        return Financed(terms, self.engine.scenario.timeline, self.ready, self.project_lines, tax_usd, like)

    def _terms_alike(self, terms: Financing) -> ClosedDeal | None:
        """A deal on the same terms and as early ready, without any lines, that other cases of the plan share."""
        alike, timeline = self.engine.alike, self.engine.scenario.timeline
        if alike is None or not isinstance(self.ready, float):
            return None
        from minecalc.deals.closed_deal import ClosedDeal

        found = alike.get(self.plan.name)
        if found is None or found.terms is not terms or (found.timeline, found.ready) != (timeline, self.ready):
            found = alike[self.plan.name] = ClosedDeal(terms, timeline, self.ready, ())
        return found

    @property
    def _financed_alike(self) -> Financed | None:
        """The financing of the plan known to the engine, where that is on the same terms and as early ready."""
        known, terms = self.engine.known, self.plan.inputs.financing
        if known is None or known.plan.name != self.plan.name or terms is not known.plan.inputs.financing:
            return None
        same = self.engine.scenario.timeline is known.engine.scenario.timeline
        return known.financed if same and np.all(self.ready == known.ready) else None

    def _is_project_of(self, known: Financed) -> bool:
        """Whether nothing that debt depends on differs from what is known: no line of the project either.

        Lines of the same money may be under other contracts, so that debt sized on these is not known.
        """
        if len(self.project_lines) != len(known.lines) or known.reads_contracts:
            return False
        return all(map(_is_same, self.project_lines, known.lines))

    @cached_property
    def ready(self) -> Number:
        """Number of the month in which the last of the plan's conversions is ready; 1 without one."""
        ready: Number = 1.0
        for use in self.plan.uses:
            if use.inputs.conversion is not None:
                ready = np.maximum(ready, use.inputs.conversion.ready_in(self.engine.timeline))
        return ready


def _is_same(ours: Line, theirs: Line) -> bool:
    """Whether two lines are the same money in every case."""
    if ours[:2] != theirs[:2] or (ours.at_start, ours.use) != (theirs.at_start, theirs.use):
        return False
    return ours.usd is theirs.usd or bool(np.all(ours.usd == theirs.usd))
