"""A financed plan: what its tranches lend and are paid, and what that leaves to equity, point by point.

The conventions of the build, of operation and of the horizon are in ``finance/``; here a plan's project is put into
their terms. Rows are points in time 0..T, ``(points, 1|cases)``; tranches stand in order of seniority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np

from minecalc.arrays import (
    BoolArray,
    FloatArray,
    Number,
    accumulate,
    as_cases,
    as_row,
    at_month,
    at_points,
    first_true,
    month_before,
    rows_at,
    running_total,
    truth,
)
from minecalc.cashflows import Category, Line, net_flow
from minecalc.finance import cover, debt
from minecalc.finance.accrual import accrued, amortised
from minecalc.finance.closing import Closing, Loan, Project, close
from minecalc.finance.construction import Build, Drawing
from minecalc.finance.lending import Flow, InBuild, in_build
from minecalc.finance.reserve import first_shares, periods_ahead
from minecalc.finance.tax import FinancingForTax
from minecalc.finance.waterfall import Cash, Covenants, Owed, Waterfall, waterfall
from minecalc.financing import Deal, Financing, Tranche
from minecalc.timeline import Timeline
from minecalc.trace import decided, named
from minecalc.units import MONTHS_PER_YEAR

#: What operation pays debt from: revenue less cost, and rent moved in time by a prepayment.
_CFADS: tuple[Category, ...] = ("revenue", "power", "opex", "prepayment")


@dataclass(frozen=True)
class Financed:
    """The financing of a plan, of one case or of many.

    ``lines`` are those of its project, and ``ready`` is the number of the month in which the last of its conversions is
    ready. ``tax_usd`` is the project's tax without debt by point, where CFADS is less that.
    """

    terms: Financing
    timeline: Timeline
    ready: Number
    lines: Sequence[Line]
    tax_usd: FloatArray | None = None

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return self.timeline.months

    @cached_property
    def tranches(self) -> Mapping[str, Tranche]:
        """The tranches by name."""
        return self.terms.tranches

    @cached_property
    def starts_at(self) -> FloatArray:
        """The point at which operation starts, ``(1, ·)``: that before the month in which all is ready."""
        ready = as_row(self.ready)
        return named("operation_start_point", np.minimum(ready - 1.0, self.months - 1.0))

    @cached_property
    def _until(self) -> int:
        """The last point of any loan, or the horizon."""
        ends = (
            float(np.max(decided(self.starts_at + as_row(tranche.term_months)))) for tranche in self.tranches.values()
        )
        return max(self.months, *map(int, ends))

    @cached_property
    def _timeline(self) -> Timeline:
        """The months up to the last of any loan."""
        return self.timeline.extended(self._until)

    @cached_property
    def _points(self) -> FloatArray:
        return self._timeline.constant("point", np.arange(self._until + 1.0)[:, None])

    @cached_property
    def since(self) -> FloatArray:
        """Months since the start of operation at each point up to the last of any loan."""
        return named("months_of_operation", self._points - self.starts_at)

    def _inside(self, values: FloatArray) -> FloatArray:
        """The points of the horizon of those up to the last of any loan."""
        return values[: self.months + 1]

    @cached_property
    def capex_usd(self) -> FloatArray:
        """The owner's capex of the project, positive."""
        lines = [line for line in self.lines if line.category == "capex"]
        return named("project_capex_usd", 0.0 - net_flow(lines, self.months))

    @cached_property
    def build(self) -> Build:
        """The build, from close to the start of operation."""
        since, points = self._inside(self.since), self._inside(self._points)
        capex = named("capex_to_ready_usd", self.capex_usd * truth(since <= 0.0))
        closes_at = named("close_point", as_row(first_true(truth(capex > 0.0)) - 1.0))
        return Build(
            capex,
            named("at_close", truth(points == closes_at)),
            named("in_build", truth((points > closes_at) & (since <= 0.0))),
            named("at_operation_start", truth(since == 0.0)),
            self.terms.equity == "first",
        )

    @cached_property
    def cfads_usd(self) -> FloatArray:
        """Cash flow available for debt service: what the project earns in operation, before debt."""
        lines = [line for line in self.lines if line.category in _CFADS]
        earned = net_flow(lines, self.months)
        if self.tax_usd is not None:
            earned = earned - self.tax_usd
        return named("cfads_usd", earned * truth(self._inside(self.since) > 0.0))

    @cached_property
    def dates(self) -> FloatArray:
        """1 at the dates of the calendar within the horizon."""
        return named("calendar_date", truth(debt.is_date(self._inside(self.since), self.terms.every_months)))

    @cached_property
    def period_cfads_usd(self) -> FloatArray:
        """CFADS since the date before, at dates of the calendar; 0 between them."""
        return named("period_cfads_usd", debt.period_totals(self.cfads_usd, self.dates) * self.dates)

    @cached_property
    def at_horizon(self) -> FloatArray:
        """1 at the horizon, 0 at the points before it."""
        ends: FloatArray = self._timeline.constant("at_horizon", np.arange(self.months + 1.0)[:, None] == self.months)
        return ends * 1.0

    def _monthly_rate(self, tranche: Tranche) -> FloatArray:
        rate = tranche.rate_fraction_per_year.values(self._timeline) / MONTHS_PER_YEAR
        return named("rate_fraction_per_month", at_points(self._until, [False], rate))

    def _loan(self, place: int, tranche: Tranche) -> Loan:
        """A tranche in the terms of ``finance``; what a deal has fixed elsewhere is fixed."""
        rate, first = self._monthly_rate(tranche), self.terms.first_payment_months(tranche)
        term = tranche.term_months
        if tranche.repayment.shape == "sculpted":
            term = named("sculpted_term_months", np.minimum(as_row(term), self.months - self.starts_at))
        dated = debt.dates(self.since, self.terms.every_months, as_row(first), as_row(term))
        terms = debt.terms(dated, rate * truth(self.since > 0.0), tranche.balloon_fraction)
        drawing = Drawing(
            self._inside(rate),
            tranche.draw == "at_close",
            tranche.interest_in_build == "paid",
            tranche.upfront_fee_fraction + tranche.discount_fraction,
            tranche.commitment_fee_fraction_per_year / MONTHS_PER_YEAR,
            tranche.escrow_yield_fraction_per_year / MONTHS_PER_YEAR,
        )
        deal = self.terms.deal
        if deal is not None:
            fixed = rows_at(deal.instalments_usd[place], np.maximum(self.since, 0.0) + 1.0)
            repays = debt.repaid_by_principal(terms, deal.amounts_usd[place], fixed)
            return Loan(terms, drawing, None, deal.amounts_usd[place], None, repays, fixed=True)
        sizes = tranche.share_of_cost_fraction, tranche.amount_usd, tranche.dscr_ratio
        return Loan(terms, drawing, *sizes, self._of_one(tranche, terms, as_row(first)))

    def _of_one(self, tranche: Tranche, terms: debt.Terms, first: FloatArray) -> debt.Schedule | None:
        """The schedule of 1 that a tranche borrows; None if it is sculpted to cash."""
        match tranche.repayment.shape:
            case "level":
                return debt.level(terms, 1.0)
            case "equal_principal":
                return debt.equal_principal(terms, 1.0, tranche.balloon_fraction)
            case "bullet":
                return debt.repaid_by_principal(terms, 1.0, terms.dates.principal * as_row(0.0))
            case "shares":
                return debt.repaid_by_principal(terms, 1.0, self._by_shares(tranche, terms.dates, first))
            case "sculpted":
                return None
        raise ValueError(f"there is no shape of repayment {tranche.repayment.shape}")

    def _by_shares(self, tranche: Tranche, dated: debt.Dates, first: FloatArray) -> FloatArray:
        """The share that is repaid at each point."""
        shares = np.array(tranche.repayment.shares)[:, None]
        number = named("instalment_number", (self.since - first) / self.terms.every_months + 1.0)
        return rows_at(shares, number) * dated.principal

    @cached_property
    def loans(self) -> tuple[Loan, ...]:
        """The tranches before close."""
        return tuple(self._loan(place, tranche) for place, tranche in enumerate(self.tranches.values()))

    @cached_property
    def closing(self) -> Closing:
        """The deal: amounts, total cost and how the build is paid."""
        cfads = self.period_cfads_usd
        beyond = self._until - self.months
        if beyond:
            cfads = np.concatenate(
                [cfads, self._timeline.constant("after_horizon", np.zeros((beyond, 1))) + cfads[:1] * 0.0]
            )
        inside = named("within_horizon", truth(self._points <= self.months))
        months = self.terms.reserve_months
        reserves = bool(np.any(decided(months) > 0.0))
        shares = first_shares(self.since, months, self.terms.every_months) if reserves else None
        return close(Project(self.build, cfads, inside, shares), self.loans)

    @cached_property
    def amounts_usd(self) -> tuple[FloatArray, ...]:
        """What each tranche lends, ``(·,)``."""
        pairs = zip(self.tranches, self.closing.lent, strict=True)
        return tuple(named(f"{name.replace(' ', '_')}_amount_usd", as_cases(lent.amount_usd)) for name, lent in pairs)

    @cached_property
    def debt_usd(self) -> FloatArray:
        """What all tranches lend, ``(·,)``."""
        return named("debt_usd", sum(self.amounts_usd, np.zeros(1)))

    @cached_property
    def waterfall(self) -> Waterfall:
        """What becomes of the cash of operation."""
        terms = self.terms
        residual = net_flow([line for line in self.lines if line.category == "residual"], self.months)
        cash = Cash(self.cfads_usd, self.period_cfads_usd, residual, self.build.ends, self.dates, self.at_horizon)
        covenants = Covenants(
            terms.every_months,
            self.closing.reserve_usd,
            tuple(periods_ahead(terms.reserve_months, terms.every_months)),
            terms.reserve_yield_fraction_per_year / MONTHS_PER_YEAR,
            terms.lockup_dscr_ratio,
            terms.default_dscr_ratio,
        )
        owed = [
            Owed(loan.terms, lent.instalment_usd, lent.amount_usd, tranche.sweep_fraction)
            for loan, lent, tranche in zip(self.loans, self.closing.lent, self.tranches.values(), strict=True)
        ]
        return waterfall(cash, covenants, owed)

    @cached_property
    def _build(self) -> Build:
        """The build at its own points, to which what it costs is confined."""
        return self.build.own_points()

    def _from_build(self, values: FloatArray) -> FloatArray:
        """Money of the build at all points of the horizon: none after it."""
        after = self.months + 1 - len(values)
        if not after:
            return values
        return np.concatenate([values, self._timeline.constant("after_build", np.zeros((after, 1))) * values[:1]])

    @cached_property
    def _in_build(self) -> tuple[InBuild, ...]:
        """What each tranche lends in the build and is paid then."""
        return tuple(
            in_build(
                self._build,
                loan.drawing,
                amount,
                tranche.upfront_fee_fraction,
                tranche.discount_fraction,
                self._drawn,
            )
            for tranche, loan, amount in zip(self.tranches.values(), self.loans, self.amounts_usd, strict=True)
        )

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Each tranche's money by point."""
        return tuple(self._flow(place) for place in range(len(self.loans)))

    def _flow(self, place: int) -> Flow:
        amount, paid = as_row(self.amounts_usd[place]), self.waterfall.tranches[place]
        *lent, owed, escrow, income = map(self._from_build, self._in_build[place])
        ends = self.build.ends
        owed = np.where(ends > 0.0, amount, owed * (1.0 - ends) + paid.owed_usd)
        return Flow._make([*lent, *paid[:-1], owed, escrow, income]).called()

    @cached_property
    def _drawn(self) -> FloatArray:
        """The fraction of the debt that is drawn at points of the build; all of it at the start of operation."""
        ends = self._build.ends
        return named("drawn_fraction", np.where(ends > 0.0, 1.0, self.closing.funding.drawn_fraction))

    @cached_property
    def uses_usd(self) -> Mapping[str, FloatArray]:
        """What the build spends, by kind and point; escrow income is negative. They add up to total cost."""
        return {
            "capex": self.build.capex_usd,
            **{kind: self._from_build(values) for kind, values in self._costs.items()},
        }

    @cached_property
    def _costs(self) -> Mapping[str, FloatArray]:
        """The uses of the build beside capex, at its points."""
        lending, ends = self._in_build, self._build.ends
        return {
            "upfront_fees": _total(each.upfront_fee_usd for each in lending),
            "discount": _total(each.discount_usd for each in lending),
            "commitment_fees": _total(each.commitment_fee_usd for each in lending),
            "interest": _total(each.capitalised_usd for each in lending),
            "escrow_income": 0.0 - _total(each.escrow_income_usd for each in lending),
            "reserve": ends * as_row(self.closing.reserve_usd),
        }

    @cached_property
    def paid_by_debt_usd(self) -> FloatArray:
        """What debt pays of the build's uses at each point, escrow included."""
        return self._from_build(self._paid_by_debt)

    @cached_property
    def _paid_by_debt(self) -> FloatArray:
        drawn = self._drawn - month_before(self._drawn, 0.0)
        return named("paid_by_debt_usd", as_row(self.debt_usd) * drawn * (self._build.closes + self._build.building))

    @cached_property
    def effect_usd(self) -> FloatArray:
        """What debt adds to the flow to equity at each point, and takes from it; zero to the last bit without debt."""
        costs = _total(self._costs.values()) + _total(each.paid_in_build_usd for each in self._in_build)
        by_equity = self._from_build(named("costs_of_debt_paid_by_equity_usd", costs - self._paid_by_debt))
        taken = named("taken_from_cash_usd", self.cfads_usd - self.waterfall.equity_usd)
        return named("effect_of_debt_usd", 0.0 - (by_equity + taken))

    @cached_property
    def lines_of_debt(self) -> Sequence[Line]:
        """What debt brings and takes as lines: of each tranche, by its name, and of reserve, cash and escrow.

        They add up to ``effect_usd``, but for rounding.
        """
        found = list[Line]()
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
        none = self.since * 0.0
        interest = sum((lent.schedule.interest_usd for lent in self.closing.lent), none)
        before = (month_before(lent.schedule.owed_usd, as_cases(lent.amount_usd)) for lent in self.closing.lent)
        owed = sum(before, none) * truth(self.since > 0.0)
        inside = self._inside(named("scheduled_interest_usd", interest)), self._inside(named("owed_before_usd", owed))
        return named("llcr_ratio", cover.llcr(self.period_cfads_usd, *inside, self.debt_usd))

    @cached_property
    def matures_inside(self) -> BoolArray:
        """Where the last maturity of what is lent lies within the horizon, ``(·,)``."""
        beyond = (accumulate(loan.terms.dates.last[self.months + 1 :]) for loan in self.loans)
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
        falls = truth(due > cover.ROUNDING * as_row(self.debt_usd))
        at = first_true(falls) - 1.0
        earned, points = running_total(self.cfads_usd), named("balloon_point", at)
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
        return cover.all_in_cost(self.flows[place].lender_usd, rate)

    @cached_property
    def all_in_cost_fraction_per_year(self) -> FloatArray:
        """What all tranches cost together, fees and discount included, effective a year, ``(·,)``."""
        rates = (loan.drawing.monthly_rate * self.build.ends for loan in self.loans)
        weighed = sum(accumulate(rate) * amount for rate, amount in zip(rates, self.amounts_usd, strict=True))
        rate = weighed * MONTHS_PER_YEAR / np.where(self.debt_usd > 0.0, self.debt_usd, np.inf)
        return named("all_in_cost_fraction_per_year", cover.all_in_cost(self.lenders_usd, rate))

    @property
    def for_tax(self) -> FinancingForTax:
        """What debt brings into the plan's tax, by month ``(months, ·)``.

        Fees and discount are spread evenly over the months from the start of operation to a tranche's last, and what is
        left at the horizon falls into its last month.
        """
        interest, fees, discount = [], [], []
        none, since = self.dates * 0.0, self._inside(self.since)
        ends = named("at_horizon", truth(self._inside(self._points) == self.months))
        for flow, loan, tranche in zip(self.flows, self.loans, self.tranches.values(), strict=True):
            interest.append(flow.paid_in_build_usd + accrued(loan.terms, flow.owed_usd, ends).interest_usd)
            at_once = accumulate(flow.upfront_fee_usd + flow.commitment_fee_usd)
            fees.append(amortised(at_once, since, tranche.term_months, ends))
            discount.append(amortised(accumulate(flow.discount_usd), since, tranche.term_months, ends))
        capitalised = (flow.capitalised_usd - flow.escrow_income_usd for flow in self.flows)
        income = named("reserve_income_usd", self.waterfall.reserve_income_usd)
        parts = (sum(interest, none), sum(capitalised, none), sum(fees, none), sum(discount, none), income)
        return FinancingForTax(*(part[1:] for part in parts))

    @cached_property
    def deal(self) -> Deal:
        """What this closing fixes, of a single case: amounts, and instalments by month of operation."""
        start = int(self.starts_at[0, 0])
        after = np.zeros((1, 1))
        instalments = tuple(np.concatenate([lent.schedule.instalment_usd[start:], after]) for lent in self.closing.lent)
        return Deal(self.amounts_usd, instalments)


def _total(parts: Iterable[FloatArray]) -> FloatArray:
    return reduce(add, parts)


def _at_start(name: str, by_point: FloatArray, use: str = "") -> Line:
    """Money of the build as a line: that of a point is due at the start of the month after it."""
    return Line(name, "debt", by_point[:-1], at_start=True, use=use)


def _at_end(name: str, by_point: FloatArray, use: str = "") -> Line:
    """Money of operation as a line: that of a point is due at the end of the month of its number."""
    return Line(name, "debt", by_point[1:], use=use)
