"""A financed plan: what its tranches lend and are paid, and what that leaves to equity, point by point.

A deal that is closed (``minecalc.deals.closed_deal``) in operation: its waterfall, the money of each tranche, cover,
and what debt brings into tax and statements, to which interest, fees and the discount are the expense of the month that
they are for. Rows are points in time 0..T, ``(points, 1|cases)``; tranches stand in order of
seniority.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from minecalc.arrays import (
    BoolArray,
    FloatArray,
    accumulate,
    as_cases,
    as_row,
    at_month,
    first_true,
    month_before,
    narrowed,
    running_total,
    stretches,
    truth,
)
from minecalc.cashflows import Line, net_flow
from minecalc.deals.closed_deal import ClosedDeal, total_of
from minecalc.finance import cover
from minecalc.finance.accounts import Borrowed, Charged, account, by_month, held, in_all
from minecalc.finance.debt import totals_on_dates
from minecalc.finance.lending import Flow, amortised, interest
from minecalc.finance.refinancing import Refinanced
from minecalc.finance.statements import Debt, Held
from minecalc.finance.tax import FinancingForTax, stretches_of
from minecalc.finance.waterfall import Cash, Covenants, Owed, Waterfall, periods_ahead, waterfall
from minecalc.trace import is_traced, leaves, named, named_fields
from minecalc.units import MONTHS_PER_YEAR


class Financed(ClosedDeal):
    """The financing of a plan from its build to the horizon, of one case or of many."""

    @cached_property
    def waterfall(self) -> Waterfall:
        """What becomes of the cash of operation."""
        terms = self.terms
        residual = net_flow([line for line in self.lines if line.category == "residual"], self.months)
        of_cash = self.cfads_usd, self.period_cfads_usd, self._tested_cfads_usd
        cash = Cash(*of_cash, residual, self.build.ends, self.dates, self.at_horizon)
        covenants = Covenants(
            terms.every_months,
            self.closing.reserve_usd,
            tuple(periods_ahead(terms.reserve_months, terms.every_months)),
            terms.reserve_yield_fraction_per_year / MONTHS_PER_YEAR,
            terms.lockup_dscr_ratio,
            terms.default_dscr_ratio,
            terms.tested_dates,
        )
        owed = [
            Owed(one.terms, one.instalment_usd, one.amount_usd, tranche.sweep_fraction, called)
            for one, tranche, called in zip(self.serviced, self.tranches.values(), self.called, strict=True)
        ]
        return waterfall(cash, covenants, owed)

    @cached_property
    def _tested_cfads_usd(self) -> FloatArray:
        """CFADS of the dates that covenants look at together, at the last of them."""
        found = self._tested(self.period_cfads_usd)
        return found if self.terms.tested_dates == 1 else named("tested_cfads_usd", found)

    def _tested(self, on_dates: FloatArray) -> FloatArray:
        return cover.of_dates_together(on_dates, self.terms.tested_dates, self.terms.every_months)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Each tranche's money by point."""
        return tuple(self._flow(place) for place in range(len(self.loans)))

    def _flow(self, place: int) -> Flow:
        flow = in_all(self._built(place), self.waterfall.tranches[place], self._from_build)
        return named_fields(flow, self.called[place])

    def _built(self, place: int) -> Flow:
        """A tranche's money in the build; what is owed from the start of operation on is told there."""
        in_build = self.flows_in_build[place]
        return in_build._replace(owed_usd=in_build.owed_usd * (1.0 - self._build.ends))

    @cached_property
    def refinanced_usd(self) -> Mapping[str, FloatArray]:
        """What a new loan repays of balloons at each point, by tranche; of those that have one alone."""
        return {
            name: named("refinanced_usd", paid.owed_usd * self._inside(one.refinanced_on))
            for name, one, paid in zip(self.tranches, self.serviced, self.waterfall.tranches, strict=True)
            if isinstance(one, Refinanced)
        }

    @cached_property
    def effect_usd(self) -> FloatArray:
        """What debt adds to the flow to equity at each point, and takes from it; zero to the last bit without debt."""
        paid = total_of(each.paid_in_build_usd for each in self.flows_in_build)
        costs = total_of(self.costs_in_build_usd.values()) + paid - self.paid_by_debt_in_build_usd
        by_equity = self._from_build(named("costs_of_debt_paid_by_equity_usd", costs))
        added = named("added_to_cash_usd", self.waterfall.equity_usd - self.cfads_usd)
        return named("effect_of_debt_usd", added - by_equity)

    @cached_property
    def lines_of_debt(self) -> Sequence[Line]:
        """What debt brings and takes as lines: of each tranche, by its name, and of reserve, cash and escrow.

        They add up to ``effect_usd``, but for rounding.
        """
        found = list[Line]()
        again = self.refinanced_usd
        for name, flow in zip(self.tranches, self.flows, strict=True):
            build = {
                "debt_drawn_usd": flow.drawn_usd,
                "financing_fees_usd": 0.0 - flow.fees_usd,
                "interest_in_build_usd": 0.0 - (flow.capitalised_usd + flow.paid_in_build_usd),
                "escrow_usd": flow.escrow_income_usd - (flow.escrow_usd - month_before(flow.escrow_usd, 0.0)),
            }
            operation = {
                "interest_usd": flow.interest_usd,
                "instalments_usd": flow.instalment_usd,
                "balloon_usd": flow.balloon_usd,
                "cash_sweep_usd": flow.sweep_usd,
                "debt_at_end_usd": flow.at_end_usd,
            }
            found += [_at_start(line, usd, name) for line, usd in build.items()]
            found += [_at_end(line, 0.0 - usd, name) for line, usd in operation.items()]
            if name in again:
                found.append(_at_end("balloon_refinanced_usd", 0.0 - again[name], name))
                found.append(_at_end("drawn_to_refinance_usd", again[name], name))
        waterfall, funded = self.waterfall, self.build.ends * as_row(self.closing.reserve_usd)
        moved = (waterfall.reserve_usd - month_before(waterfall.reserve_usd, 0.0)) - funded
        found.append(_at_start("reserve_funded_usd", 0.0 - funded))
        found.append(_at_end("reserve_usd", waterfall.reserve_income_usd - moved))
        cash = waterfall.cash_usd
        found.append(_at_end("cash_held_usd", month_before(cash, 0.0) - cash))
        return found

    @cached_property
    def service_usd(self) -> FloatArray:
        """Interest and instalments of all tranches on dates."""
        paid = self.waterfall.tranches
        return named("debt_service_usd", sum((one.interest_usd + one.instalment_usd for one in paid), self.dates * 0.0))

    @cached_property
    def dscr_ratio(self) -> FloatArray:
        """CFADS over debt service on each date; NaN where nothing is due."""
        return cover.dscr(self.period_cfads_usd, self.service_usd)

    @cached_property
    def tested_dscr_ratio(self) -> FloatArray:
        """The DSCR that covenants look at on each date, of several together; NaN where nothing is due."""
        service = self._tested(self.service_usd) * truth(self.service_usd > 0.0)
        return cover.dscr(self._tested_cfads_usd, service)

    @cached_property
    def dscr_min_ratio(self) -> FloatArray:
        """The least DSCR, ``(·,)``; infinite where nothing is ever due."""
        return cover.least_dscr(self.dscr_ratio, self.service_usd)

    @cached_property
    def dscr_average_ratio(self) -> FloatArray:
        """The mean DSCR of all dates, ``(·,)``."""
        return named("dscr_average_ratio", cover.average_dscr(self.dscr_ratio, self.service_usd))

    @cached_property
    def llcr_ratio(self) -> FloatArray:
        """CFADS to the last maturity, at the debt's own rates, over the debt at the start of operation, ``(·,)``."""
        return named("llcr_ratio", cover.llcr(self.period_cfads_usd, *self._scheduled_usd, self.debt_usd))

    @cached_property
    def plcr_ratio(self) -> FloatArray:
        """CFADS to the horizon, at the debt's own rates, over the debt at the start of operation, ``(·,)``."""
        every, months = self.terms.every_months, self._inside(self.on_calendar)
        ends = np.maximum(self.dates, self._inside(self.at_horizon))
        last = np.minimum(months - (np.ceil(months / every) - 1.0) * every, self._inside(self.since))
        periods = named("part_of_period", ends * last / every)
        cfads = named("cfads_to_horizon_usd", totals_on_dates(self.cfads_usd, ends))
        return named("plcr_ratio", cover.plcr(cfads, *self._scheduled_usd, self.debt_usd, self.dates, periods))

    @cached_property
    def _scheduled_usd(self) -> tuple[FloatArray, FloatArray]:
        """Interest as scheduled, and what is scheduled to be owed before each point of operation."""
        none = self.since * 0.0
        interest = sum((one.schedule.interest_usd for one in self.serviced), none)
        before = (month_before(one.schedule.owed_usd, as_cases(one.amount_usd)) for one in self.serviced)
        owed = sum(before, none) * truth(self.since > 0.0)
        return self._inside(named("scheduled_interest_usd", interest)), self._inside(named("owed_before_usd", owed))

    @cached_property
    def matures_inside(self) -> BoolArray:
        """Where the last maturity of what is lent lies within the horizon, ``(·,)``."""
        beyond = (accumulate(one.terms.dates.last[self.months + 1 :]) for one in self.serviced)
        last = sum(dates * truth(amount > 0.0) for dates, amount in zip(beyond, self.amounts_usd, strict=True))
        found: BoolArray = as_cases(last) == 0.0
        return found

    @cached_property
    def prepaid_usd(self) -> FloatArray:
        """What of equity's part of the build a prepayment pays that comes in by the start of operation, ``(·,)``."""
        lines = [line for line in self.lines if line.category == "prepayment"]
        received = np.maximum(net_flow(lines, self.months), 0.0) * truth(self._inside(self.since) <= 0.0)
        equity = np.maximum(sum(self.uses_usd.values(), self.dates * 0.0) - self.paid_by_debt_usd, 0.0)
        return named("prepaid_usd", accumulate(np.minimum(received, equity)))

    @cached_property
    def average_life_years(self) -> FloatArray:
        """Years from the start of operation until principal is repaid, as paid, ``(·,)``.

        What is repaid is by how much less is owed: at the horizon interest is due too, which is no principal.
        """
        since = self._inside(self.since)
        owed = (one.owed_usd for one in self.waterfall.tranches)
        repaid = sum((month_before(usd, 0.0) - usd for usd in owed), self.dates * 0.0) * truth(since > 0.0)
        return named("average_life_years", cover.average_life(repaid, since / MONTHS_PER_YEAR, self.debt_usd))

    @cached_property
    def debt_yield_fraction(self) -> FloatArray:
        """CFADS of twelve months over what falls due of balloons, at the horizon too, at the first of these: ``(·,)``.

        The twelve months are the next ones, or those up to it where fewer remain. NaN where no balloon falls due.
        """
        due = sum((one.balloon_usd + one.at_end_usd for one in self.waterfall.tranches), self.dates * 0.0)
        due = sum(self.refinanced_usd.values(), due)
        falls = truth(due > cover.ROUNDING * as_row(self.debt_usd))
        at = first_true(falls) - 1.0
        earned, points = named("cfads_to_date_usd", running_total(self.cfads_usd)), named("balloon_point", at)
        ends = np.where(points + MONTHS_PER_YEAR <= self.months, points + MONTHS_PER_YEAR, points)
        ends = np.minimum(ends, float(self.months))
        begins = np.maximum(ends - MONTHS_PER_YEAR, 0.0)
        cash = at_month(earned, ends + 1.0) - at_month(earned, begins + 1.0)
        owed = at_month(due, np.minimum(at, float(self.months)) + 1.0)
        found = np.where(accumulate(falls) > 0.0, cash / np.where(owed > 0.0, owed, 1.0), np.nan)
        return named("debt_yield_fraction", found)

    @cached_property
    def lenders_usd(self) -> FloatArray:
        """The flow of all lenders, fees and discount included."""
        return named("lenders_usd", sum((flow.lender_usd for flow in self.flows), self.dates * 0.0))

    def cost_of(self, place: int) -> FloatArray:
        """The all-in cost of a tranche, effective a year, ``(·,)``."""
        rate = accumulate(self.loans[place].drawing.monthly_rate * self.build.ends) * MONTHS_PER_YEAR
        return cover.nearest_return(self.flows[place].lender_usd, rate)

    @cached_property
    def all_in_cost_fraction_per_year(self) -> FloatArray:
        """What all tranches cost together, fees and discount included, effective a year, ``(·,)``."""
        rates = (loan.drawing.monthly_rate * self.build.ends for loan in self.loans)
        weighed = sum(accumulate(rate) * amount for rate, amount in zip(rates, self.amounts_usd, strict=True))
        rate = weighed * MONTHS_PER_YEAR / np.where(self.debt_usd > 0.0, self.debt_usd, np.inf)
        return named("all_in_cost_fraction_per_year", cover.nearest_return(self.lenders_usd, rate))

    @property
    def accounts(self) -> Mapping[str, Debt]:
        """Each tranche's account by name, ``(months, ·)``: what is paid, and what the month is charged for."""
        return {name: account(self.flows[place], self._charged(place)) for place, name in enumerate(self.tranches)}

    @property
    def borrowed(self) -> tuple[Borrowed, ...]:
        """What the accounts of tranches are made of."""
        paid = self.waterfall.tranches
        return tuple(Borrowed(self._built(place), one, self._charged(place)) for place, one in enumerate(paid))

    def _charged(self, place: int) -> Charged:
        terms, inside = self.serviced[place].terms, self._inside
        rates = inside(terms.monthly_rate), inside(terms.unpaid_rate)
        return Charged(*rates, inside(self.since), self.at_horizon, *self._costs_of_issue[place])

    @property
    def interest_of_build_usd(self) -> Sequence[FloatArray]:
        """The interest of the build that is part of total cost, less what escrow earns, of each tranche, ``(·,)``."""
        traced = is_traced(*leaves(self.flows_in_build))
        of_each = self.accounts.values() if traced else self.flows_in_build  # of which these are told by no name
        return [accumulate(each.capitalised_usd - each.escrow_income_usd) for each in of_each]

    @property
    def held(self) -> Held:
        """The cash and the reserve that are held at the end of each month, and what they earn, ``(months, ·)``."""
        return held(*self.held_at_points)

    @property
    def held_at_points(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Cash, the reserve, what they earn, and months of operation, ``(points, ·)`` each."""
        found = self.waterfall
        return found.cash_usd, narrowed(found.reserve_usd), found.reserve_income_usd, self._inside(self.since)

    def by_month(self, flow_usd: FloatArray) -> FloatArray:
        """A flow at points, of the build and of operation, by the months it belongs to: ``(months, ·)``."""
        return by_month(flow_usd, self._inside(self.since))

    @cached_property
    def _costs_of_issue(self) -> Sequence[tuple[FloatArray, FloatArray, FloatArray]]:
        """Fees and discount of each tranche, and the months of operation over which they spread, ``(1, ·)`` each."""
        return [
            (
                as_row(accumulate(each.upfront_fee_usd + each.commitment_fee_usd)),
                as_row(accumulate(each.discount_usd)),
                as_row(self.term_months(tranche)),
            )
            for each, tranche in zip(self.flows_in_build, self.tranches.values(), strict=True)
        ]

    @cached_property
    def for_tax(self) -> FinancingForTax:
        """What debt brings into the plan's tax by calendar year: as it accrues, whenever it is paid."""
        year_ends, count = self.timeline.year_ends, len(self.loans)
        points = self._inside(self.since), self.at_horizon
        fees, discounts, terms = zip(*self._costs_of_issue, strict=True)

        def by_year(made: Callable[..., FloatArray], *parts: FloatArray) -> FloatArray:
            return stretches_of(made, year_ends, *parts, after=1)

        def costs(since: FloatArray, ends: FloatArray, *amounts_and_terms: FloatArray) -> FloatArray:
            pairs = zip(amounts_and_terms[:count], amounts_and_terms[count:], strict=True)
            return total_of(amortised(usd, since, term, ends) for usd, term in pairs)

        def interest_and_discount(*rows: FloatArray) -> FloatArray:
            lent, money = rows[: 3 * count], rows[3 * count :]
            each = zip(lent[:count], lent[count : 2 * count], lent[2 * count :], strict=True)
            accrues = total_of(in_build + interest(owed, rate) for owed, rate, in_build in each)
            return named("interest_accrued_usd", accrues + costs(*money))

        owed = (month_before(paid.owed_usd, 0.0) for paid in self.waterfall.tranches)
        rates = (self._inside(one.terms.monthly_rate) for one in self.serviced)
        in_build = (
            self._from_build(each.paid_in_build_usd) if loan.drawing.paid else as_row(0.0)
            for each, loan in zip(self.flows_in_build, self.loans, strict=True)
        )
        capitalised = total_of(each.capitalised_usd - each.escrow_income_usd for each in self.flows_in_build)
        return FinancingForTax(
            by_year(interest_and_discount, *owed, *rates, *in_build, *points, *discounts, *terms),
            named("capitalised_interest_usd", accumulate(named("capitalised_by_point_usd", capitalised))),
            by_year(costs, *points, *fees, *terms),
            stretches(named("reserve_income_usd", self.waterfall.reserve_income_usd)[1:], year_ends),
        )


def _at_start(name: str, by_point: FloatArray, use: str = "") -> Line:
    """Money of the build as a line: that of a point is due at the start of the month after it."""
    return Line(name, "debt", by_point[:-1], at_start=True, use=use)


def _at_end(name: str, by_point: FloatArray, use: str = "") -> Line:
    """Money of operation as a line: that of a point is due at the end of the month of its number."""
    return Line(name, "debt", by_point[1:], use=use)
