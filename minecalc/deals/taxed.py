"""What a plan's lines, or its project's, pay in tax: by calendar year, with and without what debt costs.

Money of month k belongs to the calendar year of month k, also what is paid at its start; tax is paid at the point of
December, and at the horizon. Income is revenue less power and operating cost, less depreciation, interest as far as it
is allowed and fees, and what reserves earn and sales gain. An asset is put into service and leaves in the months that
its line of capex says; in the year in which it leaves, at the horizon all, it has no depreciation, and what is left of
its basis is set against what it fetches. Prepaid rent is income as it is credited, which the rent holds already, or,
where it is taxed when received, all of its lines count. A coin is income when it is mined, sold or kept; what one that
was kept fetches later, less that, is a gain. See ``minecalc help finance``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.arrays import (
    BoolArray,
    FloatArray,
    Number,
    accumulate,
    added,
    as_cases,
    as_row,
    placed,
    truth,
)
from minecalc.cashflows import GROSS_PROFIT, Line
from minecalc.deals.bought import Bought, borne_interest, bought
from minecalc.deals.taxation import Tax
from minecalc.finance.depreciation import depreciation_class
from minecalc.finance.tax import (
    FinancingForTax,
    Interest,
    Losses,
    carried_losses,
    limited_interest,
    stretches_of,
    tax_due,
)
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.uses.tenancy import PREPAYMENT_OWED


class Taxable(NamedTuple):
    """What of a plan its tax depends on beside lines that are taxed.

    ``lines`` are all that it operates by, ``project_members`` the cases in which each use is of its project, and
    ``ready`` the month in which the last of its conversions is.
    """

    timeline: Timeline
    lines: Sequence[Line]
    project_members: Mapping[str, BoolArray]
    ready: Number


class TaxedAsset(NamedTuple):
    """One lot of what capex buys, or of machines that were there before.

    ``basis_usd (·,)`` is deducted by ``depreciation_usd (years, ·)``, which is ``by_class`` too, and, what is left, by
    ``left_usd (years, ·)`` in the year in which it leaves, at the horizon at the latest.
    """

    bought: Bought
    basis_usd: FloatArray
    by_class: Sequence[tuple[str, FloatArray]]
    depreciation_usd: FloatArray
    left_usd: FloatArray


class TaxAccount(NamedTuple):
    """Tax ``paid_usd (points, ·)``, and by calendar year, ``(years, ·)`` each, what it comes from.

    ``income_usd`` is before losses. The gaps ``(·,)`` are checks and zero but for rounding: of what capex, interest and
    owned machines put into the basis less all that is deducted of it; of losses made less used less left; of interest
    accrued less allowed less carried.
    """

    paid_usd: FloatArray
    calendar_years: tuple[int, ...]
    operating_income_usd: FloatArray
    depreciation_usd: FloatArray
    depreciation_by_class: Mapping[str, FloatArray]
    assets: tuple[TaxedAsset, ...]
    interest: Interest
    fees_usd: FloatArray
    reserve_income_usd: FloatArray
    proceeds_usd: FloatArray
    left_usd: FloatArray
    gains_usd: FloatArray
    income_usd: FloatArray
    losses: Losses
    taxable_income_usd: FloatArray
    tax_usd: FloatArray
    basis_gap_usd: FloatArray
    losses_gap_usd: FloatArray
    interest_gap_usd: FloatArray


def taxed(lines: Sequence[Line], plan: Taxable, terms: Tax, financing: FinancingForTax | None) -> TaxAccount:
    """What ``lines``, all of ``plan`` or those of its project, pay by ``terms``; ``financing`` None: without debt.

    ValueError for a line of capex that does not say what it buys.
    """
    timeline = plan.timeline
    ends, years = timeline.year_ends, len(timeline.year_ends)

    operating, proceeds = (
        _by_year(name, ends, [line.usd for line in lines if counts(line)])
        for name, counts in (("taxed_operating_income", lambda line: _operates(line, terms)), ("proceeds", _is_sale))
    )
    of_coins = [
        named(f"{line.name.removesuffix('_usd')}_at_cost_usd", line.at_cost_usd)
        for line in lines
        if line.at_cost_usd is not None
    ]
    interest, fees, reserve = (np.zeros((years, 1)) for _ in range(3))
    if financing is not None:
        interest = named("interest_accrued_by_year_usd", financing.interest_usd)
        fees = named("fees_amortised_by_year_usd", financing.fees_usd)
        reserve = named("reserve_income_by_year_usd", financing.reserve_income_usd)
    assets, by_class, gap = _deducted(lines, plan, terms, financing)
    depreciation = named("tax_depreciation_by_year_usd", added(years, *(one.depreciation_usd for one in assets)))
    left = added(years, *(one.left_usd for one in assets))
    if of_coins:
        left = left + _by_year("coins_sold_at_cost", ends, of_coins)
    left = named("basis_left_by_year_usd", left)
    gains = named("gains_by_year_usd", proceeds - left)
    deducted = limited_interest(interest, reserve, operating, terms.interest_limit_fraction)
    income = operating - depreciation - deducted.allowed_usd - fees + reserve + gains
    income = named("income_before_losses_by_year_usd", income)
    losses = carried_losses(income, terms.loss_limit_fraction)
    taxable, tax = tax_due(income, losses.used_usd, terms.rate)
    return TaxAccount(
        paid_usd=named("tax_usd", placed(timeline.months + 1, ends, tax)),
        calendar_years=tuple(int(timeline.year_of(float(end))) for end in ends),
        operating_income_usd=operating,
        depreciation_usd=depreciation,
        depreciation_by_class=by_class,
        assets=assets,
        interest=deducted,
        fees_usd=fees,
        reserve_income_usd=reserve,
        proceeds_usd=proceeds,
        left_usd=left,
        gains_usd=gains,
        income_usd=income,
        losses=losses,
        taxable_income_usd=taxable,
        tax_usd=tax,
        basis_gap_usd=gap,
        losses_gap_usd=accumulate(losses.made_usd) - accumulate(losses.used_usd) - losses.left_usd[-1],
        interest_gap_usd=accumulate(interest) - accumulate(deducted.allowed_usd) - deducted.carried_usd[-1],
    )


@dataclass(frozen=True)
class Taxes:
    """What a plan pays, and what its project alone would, with its debt and without; each computed when asked for.

    ``project_lines`` are those of the project; ``debt`` is what debt brings in, None of a plan without.
    """

    terms: Tax
    taxable: Taxable
    project_lines: Sequence[Line]
    debt: Callable[[], FinancingForTax] | None

    @cached_property
    def plan(self) -> TaxAccount:
        """Of the whole plan, as if it had no debt."""
        return taxed(self.taxable.lines, self.taxable, self.terms, None)

    @cached_property
    def project(self) -> TaxAccount:
        """Of the project, as if it had no debt."""
        return taxed(self.project_lines, self.taxable, self.terms, None)

    @cached_property
    def plan_with_debt(self) -> TaxAccount:
        """Of the whole plan with its debt."""
        return self.plan if self.debt is None else taxed(self.taxable.lines, self.taxable, self.terms, self._debt)

    @cached_property
    def project_with_debt(self) -> TaxAccount:
        """Of the project with its debt."""
        return self.project if self.debt is None else taxed(self.project_lines, self.taxable, self.terms, self._debt)

    @cached_property
    def _debt(self) -> FinancingForTax:
        assert self.debt is not None
        return self.debt()


def _by_year(name: str, ends: tuple[int, ...], parts_usd: Sequence[FloatArray]) -> FloatArray:
    """The sum of some lines' money ``(months, ·)`` by calendar year, ``(years, ·)``."""
    if not parts_usd:
        return np.zeros((len(ends), 1))
    total = stretches_of(lambda *rows: named(f"{name}_usd", added(max(map(len, rows)), *rows)), ends, *parts_usd)
    return named(f"{name}_by_year_usd", total)


def _operates(line: Line, terms: Tax) -> bool:
    """Whether a line is income of the year: what operates, and prepaid money where that is taxed when received."""
    prepaid = line.category == "prepayment" or line.name == PREPAYMENT_OWED
    return line.category in GROSS_PROFIT or (prepaid and terms.prepayment_taxed == "received")


def _is_sale(line: Line) -> bool:
    """Whether a line is what assets, or coins that were kept, fetch."""
    of_coins = line.category == "coins" and line.at_cost_usd is not None
    return of_coins or (line.category in ("sale", "residual") and line.name != PREPAYMENT_OWED)


def _deducted(
    lines: Sequence[Line], plan: Taxable, terms: Tax, financing: FinancingForTax | None
) -> tuple[tuple[TaxedAsset, ...], Mapping[str, FloatArray], FloatArray]:
    """What is deducted of the basis of all that ``lines`` buy and of the machines that were there before.

    It is every lot with its deductions, depreciation by class ``(years, ·)``, and the gap of the basis ``(·,)``.
    """
    years = len(plan.timeline.year_ends)
    capex = [line for line in lines if line.category == "capex"]
    lots = bought(capex)
    capitalised = np.zeros(1) if financing is None else financing.capitalised_interest_usd
    of_interest = None
    if financing is not None:
        of_interest = borne_interest(lots, plan.project_members, plan.ready, capitalised)
    sunk = _sunk_eh_per_s(plan)
    assets, by_class, owned_usd = [], dict[str, list[FloatArray]](), [as_row(0.0)]
    for k, one in enumerate(lots):
        basis = one.cost_usd if of_interest is None else one.cost_usd + of_interest[k]
        basis = named(f"{one.kind}_basis_usd", basis)
        owned = None
        if sunk is not None and not _is_zero(one.lot.sunk_eh_per_s):
            owned = as_cases(terms.basis_of_owned_machines_usd * (one.lot.sunk_eh_per_s / sunk))
            owned_usd.append(as_row(named("owned_machine_basis_usd", owned)))
        assets.append(_asset(one, basis, owned, plan, terms))
        for name, part in assets[-1].by_class:
            by_class.setdefault(name, []).append(part)
    spent = accumulate(added(plan.timeline.months, *(line.usd for line in capex)))
    basis_in = capitalised * (1.0 if lots else 0.0) - spent + added(1, *owned_usd)[0]
    out = [accumulate(one.depreciation_usd) + accumulate(one.left_usd) for one in assets]
    gap = basis_in - added(1, *map(as_row, out))[0]
    return tuple(assets), {name: added(years, *parts) for name, parts in by_class.items()}, gap


def _asset(one: Bought, basis_usd: FloatArray, owned_usd: FloatArray | None, plan: Taxable, terms: Tax) -> TaxedAsset:
    """A lot with its deductions.

    ``owned_usd`` is the basis of machines that were there before, which have no depreciation.
    """
    timeline, kind, lot = plan.timeline, one.kind, one.lot
    years = timeline.years
    leaves = named(f"{kind}_leaves_year", timeline.year_of(np.clip(lot.ends, 1.0, float(timeline.months))))
    service = timeline.calendar_month(lot.service)
    before = truth(years < leaves)
    parts = []
    for name, share in terms.classes.of(kind):
        shares = depreciation_class(name).deducted(service, years, terms.bonus_fraction)
        parts.append((name, named(f"{kind}_{name}_depreciation_by_year_usd", shares * before * (basis_usd * share))))
    depreciation = added(len(years), *(part for _, part in parts))
    left = basis_usd - accumulate(depreciation)
    if owned_usd is not None:
        basis_usd, left = basis_usd + owned_usd, left + owned_usd
    left_usd = truth(years == leaves) * named(f"{kind}_basis_at_exit_usd", left)
    return TaxedAsset(one, basis_usd, parts, depreciation, left_usd)


def _sunk_eh_per_s(plan: Taxable) -> Number | None:
    """The hash rate of the machines of ``plan`` that were there before (float or column); None without any."""
    lots = [lot for line in plan.lines if line.assets is not None for lot in line.assets.lots]
    rates = [lot.sunk_eh_per_s for lot in lots if not _is_zero(lot.sunk_eh_per_s)]
    if not rates:
        return None
    total = sum(rates, 0.0)
    return np.where(total > 0.0, total, np.inf)


def _is_zero(rate: Number) -> bool:
    """Whether it is nothing in all cases, so that it is no step of the computation."""
    return isinstance(rate, float) and rate == 0.0
