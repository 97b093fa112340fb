"""A plan's deal: its tranches and its build in the terms of ``finance``, sized and closed.

Rows are points in time 0..T, ``(points, 1|cases)``; those of loans go on to the last date of any. Tranches stand in
order of seniority. What operation pays them is in ``minecalc.deals.financed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np

from minecalc.arrays import (
    FloatArray,
    Number,
    accumulate,
    as_cases,
    as_row,
    at_points,
    first_true,
    month_before,
    rows_at,
    truth,
)
from minecalc.cashflows import Category, Line, net_flow
from minecalc.deals.financing import Deal, Financing, Tranche
from minecalc.finance import debt
from minecalc.finance.closing import Closing, Lent, Loan, Project, close
from minecalc.finance.construction import Build, Drawing
from minecalc.finance.lending import Flow, in_build
from minecalc.finance.refinancing import Refinanced
from minecalc.finance.waterfall import first_shares
from minecalc.timeline import Timeline
from minecalc.trace import decided, is_traced, named
from minecalc.units import MONTHS_PER_YEAR
from minecalc.values.paths import ValueOverTime

#: What operation pays debt from: revenue less cost, rent moved in time by a prepayment, less coins that are kept.
_CFADS: tuple[Category, ...] = ("revenue", "power", "opex", "prepayment", "coins")
#: What counts of it where only contracts do: coins that are kept are no part of any.
_CONTRACTED: tuple[Category, ...] = ("revenue", "power", "opex", "prepayment")


@dataclass(frozen=True)
class ClosedDeal:
    """The financing of a plan up to the start of operation, of one case or of many.

    ``lines`` are those of its project, and ``ready`` is the number of the month in which the last of its conversions is
    ready. ``tax_usd`` is the project's tax without debt by point, where CFADS is less that. ``like`` is a deal on the
    same terms for a project that is ready in the same month, whose loans have been worked out.
    """

    terms: Financing
    timeline: Timeline
    ready: Number
    lines: Sequence[Line]
    tax_usd: FloatArray | None = None
    like: ClosedDeal | None = None

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return self.timeline.months

    @cached_property
    def tranches(self) -> Mapping[str, Tranche]:
        """The tranches by name."""
        return self.terms.tranches

    @property
    def reads_contracts(self) -> bool:
        """Whether what contracts fix of revenue sizes any tranche."""
        return any(tranche.sized_on is not None for tranche in self.tranches.values())

    @cached_property
    def starts_at(self) -> FloatArray:
        """The point at which operation starts, ``(1, ·)``: that before the month in which all is ready."""
        ready = as_row(self.ready)
        return named("operation_start_point", np.minimum(ready - 1.0, self.months - 1.0))

    @cached_property
    def _until(self) -> int:
        """The last point of any loan, or the horizon."""
        last = (self.starts_at + as_row(self._last_months(tranche)) for tranche in self.tranches.values())
        return max(self.months, *(int(np.max(decided(point))) for point in last))

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

    @cached_property
    def _since_calendar(self) -> FloatArray | None:
        """Months that the calendar has run before operation starts, where it counts back from a maturity: ``(1, ·)``.

        So much shorter is the first period. None where the calendar starts with operation.
        """
        maturities = (tranche.maturity for tranche in self.tranches.values())
        maturity = next((month for month in maturities if month is not None), None)
        if maturity is None:
            return None
        every, left = self.terms.every_months, as_row(self.timeline.number_of(maturity)) - self.starts_at
        return named("months_before_operation", np.ceil(left / every) * every - left)

    def term_months(self, tranche: Tranche) -> Number:
        """Months of operation up to the last payment of ``tranche``, its first loan.

        One that matures before any date of operation is owed until the first.
        """
        if tranche.term_months is not None:
            return tranche.term_months
        assert tranche.maturity is not None
        assert self._since_calendar is not None
        left = as_row(self.timeline.number_of(tranche.maturity)) - self.starts_at
        return named("months_to_maturity", np.maximum(left, self.terms.every_months - self._since_calendar))

    def _last_months(self, tranche: Tranche) -> Number:
        """Months of operation up to the last payment of any loan of ``tranche``."""
        months, again = self.term_months(tranche), tranche.refinance_term_months
        return months if again is None else months + again

    @cached_property
    def on_calendar(self) -> FloatArray:
        """Months of the calendar at each point up to the last of any loan: its dates are multiples of a period."""
        before = self._since_calendar
        return self.since if before is None else named("months_of_calendar", self.since + before)

    def _on_calendar(self, months: Number) -> FloatArray:
        """Months of operation as those of the calendar."""
        return as_row(months) if self._since_calendar is None else as_row(months) + self._since_calendar

    def _inside(self, values: FloatArray) -> FloatArray:
        """The points of the horizon of those up to the last of any loan."""
        return values[: self.months + 1]

    @cached_property
    def build(self) -> Build:
        """The build, from close to the start of operation; after that nothing is worked out unless a trace tells it."""
        lines = [line for line in self.lines if line.category == "capex"]
        since, points, months = self._inside(self.since), self._inside(self._points), self.months
        ends = named("at_operation_start", truth(since == 0.0))
        if not is_traced(self.starts_at, *(line.usd for line in lines)):
            months = int(np.max(self.starts_at)) + 1
            since, points = since[:months], points[:months]
            lines = [line._replace(usd=line.usd[:months]) for line in lines]
        spent = named("project_capex_usd", 0.0 - net_flow(lines, months)[: len(points)])
        capex = named("capex_to_ready_usd", spent * truth(since <= 0.0))
        closes_at = named("close_point", as_row(first_true(truth(capex > 0.0)) - 1.0))
        return Build(
            capex,
            named("at_close", truth(points == closes_at)),
            named("in_build", truth((points > closes_at) & (since <= 0.0))),
            ends,
            self.terms.equity == "first",
        )

    @cached_property
    def cfads_usd(self) -> FloatArray:
        """Cash flow available for debt service: what the project earns in operation, before debt."""
        return named("cfads_usd", self._after_tax_usd([line for line in self.lines if line.category in _CFADS]))

    @cached_property
    def contracted_cfads_usd(self) -> FloatArray:
        """CFADS in which revenue counts by what contracts fix of it, and all costs do."""
        secured = [line if line.category != "revenue" else line.under_contract() for line in self.lines]
        counted = [line for line in secured if line is not None and line.category in _CONTRACTED]
        return named("contracted_cfads_usd", self._after_tax_usd(counted))

    def _after_tax_usd(self, lines: Sequence[Line]) -> FloatArray:
        """What ``lines`` come to in operation, less tax, where there is a tax."""
        earned = net_flow(lines, self.months)
        if self.tax_usd is not None:
            earned = earned - self.tax_usd
        return earned * truth(self._inside(self.since) > 0.0)

    @cached_property
    def dates(self) -> FloatArray:
        """1 at the dates of the calendar within the horizon."""
        return named("calendar_date", truth(debt.is_date(self._inside(self.on_calendar), self.terms.every_months)))

    @cached_property
    def period_cfads_usd(self) -> FloatArray:
        """CFADS since the date before, at dates of the calendar; 0 between them."""
        return named("period_cfads_usd", debt.totals_on_dates(self.cfads_usd, self.dates))

    @cached_property
    def at_horizon(self) -> FloatArray:
        """1 at the horizon, 0 at the points before it."""
        ends: FloatArray = self._timeline.constant("at_horizon", np.arange(self.months + 1.0)[:, None] == self.months)
        return ends * 1.0

    def _monthly_rate(self, rate_fraction_per_year: ValueOverTime) -> FloatArray:
        rate = rate_fraction_per_year.values(self._timeline) / MONTHS_PER_YEAR
        return named("rate_fraction_per_month", at_points(self._until, [False], rate))

    def _loan(self, place: int, tranche: Tranche) -> Loan:
        """A tranche in the terms of ``finance``; what a deal has fixed elsewhere is fixed."""
        rate, first = self._monthly_rate(tranche.rate_fraction_per_year), self.terms.first_payment_months(tranche)
        term = self.term_months(tranche)
        if tranche.repayment.shape == "sculpted" and self.terms.deal is None:  # cash ends there; what is agreed may not
            term = named("sculpted_term_months", np.minimum(as_row(term), self.months - self.starts_at))
        first, term = self._on_calendar(first), self._on_calendar(term)
        dated = debt.dates(self.on_calendar, self.terms.every_months, first, term)
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
            fixed = self._agreed(deal, deal.instalments_usd[place], tranche, dated)
            repays = debt.repaid_by_principal(terms, deal.amounts_usd[place], fixed)
            return Loan(terms, drawing, None, deal.amounts_usd[place], None, repays, fixed=True)
        sizes = tranche.share_of_cost_fraction, tranche.amount_usd, tranche.dscr_ratio
        loan = Loan(terms, drawing, *sizes, self._of_one(tranche, terms, first))
        return loan if tranche.sized_on is None else loan._replace(cfads_usd=self._period_contracted_usd)

    def _agreed(self, deal: Deal, instalments_usd: FloatArray, tranche: Tranche, dated: debt.Dates) -> FloatArray:
        """The instalments of a deal by point: counted from the start of operation, or by date up to a maturity."""
        if tranche.maturity is None:
            return rows_at(instalments_usd, np.maximum(self.since, 0.0) + 1.0)
        later = self.starts_at - deal.starts_at
        return _on_dates_left(
            rows_at(instalments_usd, np.maximum(self.since + later, 0.0) + 1.0), instalments_usd, dated
        )

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
        shares, every = np.array(tranche.repayment.shares)[:, None], self.terms.every_months
        if tranche.maturity is None:
            number = named("instalment_number", (self.since - first) / every + 1.0)
            return rows_at(shares, number) * dated.principal
        before_last = (accumulate(dated.last * self.on_calendar) - self.on_calendar) / every
        number = named("instalment_number", len(shares) - before_last)
        return _on_dates_left(rows_at(shares, number) * truth(number >= 1.0), shares, dated)

    @cached_property
    def loans(self) -> tuple[Loan, ...]:
        """The tranches before close."""
        if self.like is not None and not self.reads_contracts:
            return self.like.loans
        return tuple(self._loan(place, tranche) for place, tranche in enumerate(self.tranches.values()))

    @cached_property
    def _period_contracted_usd(self) -> FloatArray:
        """CFADS under contract by period, up to the last date of any loan."""
        of_periods = debt.totals_on_dates(self.contracted_cfads_usd, self.dates)
        return named("period_contracted_cfads_usd", self._to_last_date(of_periods))

    def _to_last_date(self, cfads: FloatArray) -> FloatArray:
        """Cash of the horizon up to the last date of any loan: none after it."""
        beyond = self._until - self.months
        if not beyond:
            return cfads
        none = self._timeline.constant("after_horizon", np.zeros((beyond, 1)))
        return np.concatenate([cfads, none + cfads[:1] * 0.0])

    @cached_property
    def closing(self) -> Closing:
        """The deal: amounts, total cost and how the build is paid."""
        cfads = self._to_last_date(self.period_cfads_usd)
        inside = named("within_horizon", truth(self._points <= self.months))
        months = self.terms.reserve_months
        reserves = bool(np.any(decided(months) > 0.0))
        of_calendar = self.since, months, self.terms.every_months, self._since_calendar
        shares = first_shares(*of_calendar) if reserves else None
        return close(Project(self.build, cfads, inside, shares), self.loans)

    @cached_property
    def serviced(self) -> tuple[Lent | Refinanced, ...]:
        """The tranches as operation pays them: where one's balloon is refinanced, its new loan after it."""
        return tuple(map(self._serviced, self.closing.lent, self.tranches.values()))

    def _serviced(self, lent: Lent, tranche: Tranche) -> Lent | Refinanced:
        rate, months = tranche.refinance_rate_fraction_per_year, tranche.refinance_term_months
        if rate is None or months is None:
            return lent
        return Refinanced(lent, self.since, self.terms.every_months, self._monthly_rate(rate), months)

    @property
    def called(self) -> Sequence[str]:
        """What explanations put before the names of each tranche's money; nothing where there is only one."""
        return [f"{name.replace(' ', '_')}_" if len(self.tranches) > 1 else "" for name in self.tranches]

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
    def _build(self) -> Build:
        """The build at its own points, to which what it costs is confined."""
        return self.build.own_points()

    def _from_build(self, values: FloatArray) -> FloatArray:
        """Money of the build at all points of the horizon: none after it."""
        after = self.months + 1 - len(values)
        if after and is_traced(values):
            return np.concatenate([values, self._timeline.constant("after_build", np.zeros((after, 1))) * values[:1]])
        return from_build(values, self.months + 1)

    @cached_property
    def flows_in_build(self) -> tuple[Flow, ...]:
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
    def _drawn(self) -> FloatArray:
        """The fraction of the debt that is drawn at points of the build; all of it at the start of operation."""
        ends = self._build.ends
        return named("drawn_fraction", np.where(ends > 0.0, 1.0, self.closing.funding.drawn_fraction))

    @cached_property
    def uses_usd(self) -> Mapping[str, FloatArray]:
        """What the build spends, by kind and point; escrow income is negative. They add up to total cost."""
        return {
            "capex": self._from_build(self.build.capex_usd),
            **{kind: self._from_build(values) for kind, values in self.costs_in_build_usd.items()},
        }

    @cached_property
    def costs_in_build_usd(self) -> Mapping[str, FloatArray]:
        """The uses of the build beside capex, at its points."""
        lending, ends = self.flows_in_build, self._build.ends
        return {
            "upfront_fees": total_of(each.upfront_fee_usd for each in lending),
            "discount": total_of(each.discount_usd for each in lending),
            "commitment_fees": total_of(each.commitment_fee_usd for each in lending),
            "interest": total_of(each.capitalised_usd for each in lending),
            "escrow_income": 0.0 - total_of(each.escrow_income_usd for each in lending),
            "reserve": ends * as_row(self.closing.reserve_usd),
        }

    @cached_property
    def paid_by_debt_usd(self) -> FloatArray:
        """What debt pays of the build's uses at each point, escrow included."""
        return self._from_build(self.paid_by_debt_in_build_usd)

    @cached_property
    def paid_by_debt_in_build_usd(self) -> FloatArray:
        """The same at the points of the build alone."""
        drawn = self._drawn - month_before(self._drawn, 0.0)
        return named("paid_by_debt_usd", as_row(self.debt_usd) * drawn * (self._build.closes + self._build.building))

    @cached_property
    def deal(self) -> Deal:
        """What this closing fixes, of a single case: amounts, and instalments by month of operation."""
        start = int(self.starts_at[0, 0])
        after = np.zeros((1, 1))
        instalments = tuple(np.concatenate([lent.schedule.instalment_usd[start:], after]) for lent in self.closing.lent)
        return Deal(self.amounts_usd, instalments, float(start))


def _on_dates_left(instalments: FloatArray, agreed: FloatArray, dated: debt.Dates) -> FloatArray:
    """What of ``instalments`` by point is left to repay on, in proportion so that it is all that was ``agreed``.

    Nothing where no date is left: it is all due on the last one then.
    """
    left = named("instalments_left", instalments * dated.principal)
    sum_left = accumulate(left)
    return left * as_row(accumulate(agreed) / np.where(sum_left > 0.0, sum_left, np.inf))


def from_build(values: FloatArray, points: int) -> FloatArray:
    """Money of the build at so many points: none after those of ``values``."""
    after = points - len(values)
    return np.concatenate([values, np.broadcast_to(values[:1] * 0.0, (after, values.shape[1]))]) if after else values


def total_of(parts: Iterable[FloatArray]) -> FloatArray:
    """The sum of at least one part, in order."""
    return reduce(add, parts)
