"""A plan's accounts by period: income, cash flow, balance sheet, debt and tax as rows, and what must hold of them.

Flows add up over the months of a period; balances are those at its end. The tax account has calendar years, whatever
the periods of the others, because tax has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from minecalc.analysis.cashflow.statement import Period, Row, View, periods
from minecalc.arrays import FloatArray, month_before, of_case, running_total
from minecalc.deals.financed import Financed
from minecalc.engine import PlanEvaluation
from minecalc.engine.stated import Stated
from minecalc.finance.integrity import TOLERANCE_RATIO, Check
from minecalc.finance.statements import Debt, Statements
from minecalc.timeline import format_month

#: What is smaller than this share of the largest figure of its row is rounding, and nothing.
_ROUNDING = 1e-12

Kind = Literal["income", "cash", "balance", "debt", "tax"]
KINDS: tuple[Kind, ...] = ("income", "cash", "balance", "debt", "tax")

#: The rows of statements in order, by the section they stand in; "subtotal" sums what stands above it.
_LAYOUTS: Mapping[Kind, Sequence[tuple[str, Sequence[str]]]] = {
    "income": (
        ("operations", ("revenue_usd", "power_usd", "opex_usd")),
        ("subtotal", ("ebitda_usd",)),
        ("operations", ("depreciation_usd", "disposal_gains_usd", "prepayment_kept_usd")),
        ("subtotal", ("operating_income_usd",)),
        ("financing", ("interest_earned_usd", "interest_expense_usd", "discount_amortised_usd", "fees_amortised_usd")),
        ("subtotal", ("income_before_tax_usd",)),
        ("taxes", ("tax_usd",)),
        ("subtotal", ("net_income_usd",)),
    ),
    "cash": (
        ("operating", ("revenue_usd", "power_usd", "opex_usd", "prepayment_usd", "coins_usd")),
        ("operating", ("interest_earned_usd", "tax_usd")),
        ("subtotal", ("operating_cash_usd",)),
        ("investing", ("capex_usd", "sales_usd")),
        ("subtotal", ("investing_cash_usd",)),
        ("financing", ("debt_drawn_usd", "financing_fees_usd", "interest_in_build_usd", "escrow_income_usd")),
        ("financing", ("interest_paid_usd", "debt_repaid_usd", "equity_paid_in_usd", "distributions_usd")),
        ("subtotal", ("financing_cash_usd", "change_in_cash_usd")),
    ),
    "balance": (
        ("assets", ("cash_usd", "reserve_usd", "escrow_usd", "coins_usd", "plant_usd", "financing_costs_usd")),
        ("subtotal", ("total_assets_usd",)),
        ("liabilities", ("debt_usd", "accrued_interest_usd", "deferred_revenue_usd")),
        ("subtotal", ("total_liabilities_usd",)),
        ("equity", ("equity_paid_in_usd", "retained_earnings_usd")),
        ("subtotal", ("total_equity_usd", "liabilities_and_equity_usd")),
    ),
}


class Finding(NamedTuple):
    """A check of one case: by how much it does not hold, at most, over what gaps are measured by, and where."""

    name: str
    gap_usd: float
    gap_ratio: float
    where: str

    @property
    def holds(self) -> bool:
        """Whether the gap is no more than rounding."""
        return self.gap_ratio <= TOLERANCE_RATIO


class Accounts(NamedTuple):
    """One statement of one plan by period, and the checks of all of them."""

    kind: Kind
    plan: str
    months_per_period: int
    periods: tuple[Period, ...]
    rows: tuple[Row, ...]
    checks: tuple[Finding, ...]

    def values(self, name: str, use: str = "") -> tuple[float, ...]:
        """The figures of the only row of this name, of a tranche where ``use`` names one. ValueError for none."""
        (row,) = (row for row in self.rows if row.name == name and row.use == use)
        return row.values


def accounts(plan: PlanEvaluation, kind: Kind, months_per_period: int, case: int = 0) -> Accounts:
    """The statement ``kind`` of one case of ``plan``. ValueError for a debt or tax account of a plan without it."""
    scenario, stated = plan.engine.scenario, Stated(plan)
    over = periods(scenario.timeline.start, scenario.months, months_per_period)
    view = View(plan, case, _calendar_years(plan) if kind == "tax" else over)
    match kind:
        case "tax":
            rows = _tax(stated, view)
        case "debt":
            rows = _debt(stated, view)
        case _:
            rows = _laid_out(stated.statements, kind, view)
    without_rounding = tuple(map(_without_rounding, rows))
    return Accounts(kind, plan.plan.name, months_per_period, view.over, without_rounding, findings(stated, case))


def _without_rounding(row: Row) -> Row:
    """The row with zero in place of what is left by rounding where large numbers cancel."""
    least = _ROUNDING * max((abs(value) for value in row.values if value == value), default=0.0)
    values = tuple(0.0 if abs(value) <= least else value for value in row.values)
    total = 0.0 if row.total is not None and abs(row.total) <= least else row.total
    return row._replace(values=values, total=total)


def findings(stated: Stated, case: int = 0) -> tuple[Finding, ...]:
    """Every check of one case of a plan's statements."""
    timeline = stated.plan.engine.scenario.timeline
    scale = float(of_case(stated.scale_usd, case))
    found = []
    for check in stated.checks:
        gaps = check.gap_usd[:, case if check.gap_usd.shape[1] > 1 else 0]
        row = int(np.argmax(np.where(np.isnan(gaps), np.inf, gaps)))
        gap = float(gaps[row])
        found.append(Finding(check.name, gap, gap / scale, _where(check, row, timeline.start, timeline.months)))
    return tuple(found)


def _where(check: Check, row: int, start: int, months: int) -> str:
    """The month of a row of a check: of a point the month that it ends."""
    match check.place:
        case "month":
            return format_month(start + row)
        case "point":
            return format_month(start + max(row - 1, 0))
        case "horizon":
            return format_month(start + months - 1)


def _calendar_years(plan: PlanEvaluation) -> tuple[Period, ...]:
    timeline, first, found = plan.engine.scenario.timeline, 1, []
    for last in timeline.year_ends:
        begins, ends = timeline.label(first), timeline.label(last)
        found.append(Period(begins[:4], first, last, begins, ends))
        first = last + 1
    return tuple(found)


def _laid_out(found: Statements, kind: Literal["income", "cash", "balance"], view: View) -> Iterator[Row]:
    """The rows of a statement: flows summed, balances as they are at the end."""
    for section, names in _LAYOUTS[kind]:
        for name in names:
            values = getattr(getattr(found, kind), name)
            if kind == "balance":
                yield _closing(name, values, view, section)
            else:
                yield view.summed(section, name, "usd", values)
    if kind == "cash":
        yield _opening("opening_cash_usd", found.cash.closing_cash_usd, view)
        yield _closing("closing_cash_usd", found.cash.closing_cash_usd, view)
        for name in ("cash_usd", "reserve_usd", "escrow_usd"):
            yield _closing(name, getattr(found.balance, name), view)


def _closing(name: str, values: FloatArray, view: View, section: str = "balance", use: str = "") -> Row:
    ends = view.at_ends(values)
    return Row(section, name, "usd", ends, ends[-1], use=use)


def _opening(name: str, values: FloatArray, view: View, use: str = "") -> Row:
    ends = view.at_ends(values)
    return Row("balance", name, "usd", (0.0, *ends[:-1]), 0.0, use=use)


def _debt(stated: Stated, view: View) -> Iterator[Row]:
    """Each tranche from its opening to its closing balance, its costs, then escrow, reserve and the waterfall."""
    financed = stated.plan.financed
    if financed is None:
        raise ValueError("the plan has no debt")
    for name, debt in stated.tranches.items():
        yield from _tranche(name, debt, view, financed.refinanced_usd.get(name))
    together = list(stated.tranches.values())
    escrow = sum((debt.escrow_usd for debt in together[1:]), together[0].escrow_usd)
    moved = escrow - month_before(escrow, 0.0)
    yield from _corkscrew("escrow", {"paid_in": np.maximum(moved, 0.0), "drawn": np.minimum(moved, 0.0)}, escrow, view)
    reserve = stated.held.reserve_usd
    funded = (financed.uses_usd["reserve"])[:-1]
    drawn = 0.0 - financed.waterfall.reserve_drawn_usd[1:]
    rest = (reserve - month_before(reserve, 0.0)) - funded - drawn
    moves = {"funded": funded, "topped_up": np.maximum(rest, 0.0), "released": np.minimum(rest, 0.0)}
    yield from _corkscrew("reserve", moves | {"drawn_for_service": drawn}, reserve, view)
    yield from _waterfall(stated, financed, view)


def _tranche(use: str, debt: Debt, view: View, refinanced_usd: FloatArray | None) -> Iterator[Row]:
    moves = {
        "drawn": debt.drawn_usd,
        "instalments": 0.0 - debt.instalment_usd,
        "cash_sweep": 0.0 - debt.sweep_usd,
        "balloon": 0.0 - debt.balloon_usd,
        "paid_at_end": 0.0 - debt.at_end_usd,
    }
    if refinanced_usd is not None:  # at points, the first of which is no month
        moves |= {"balloon_refinanced": 0.0 - refinanced_usd[1:], "drawn_to_refinance": refinanced_usd[1:]}
    yield from _corkscrew("debt", moves, debt.owed_usd, view, use)
    costs = {
        "interest_capitalised_usd": debt.capitalised_usd,
        "interest_accrued_usd": debt.accrued_usd,
        "interest_paid_usd": debt.interest_usd + debt.paid_in_build_usd,
        "fees_and_discount_usd": debt.fees_usd + debt.discount_usd,
        "fees_and_discount_amortised_usd": debt.fees_amortised_usd + debt.discount_amortised_usd,
    }
    for name, values in costs.items():
        yield view.summed("cost", name, "usd", values, use=use)
    yield _closing("accrued_interest_usd", debt.accrued_interest_usd, view, use=use)
    left = running_total(costs["fees_and_discount_usd"] - costs["fees_and_discount_amortised_usd"])
    yield _closing("not_amortised_usd", left, view, use=use)


def _corkscrew(what: str, moves: dict[str, FloatArray], balance: FloatArray, view: View, use: str = "") -> list[Row]:
    """What opens, what moves it, and what closes."""
    rows = [view.summed(what, f"{what}_{name}_usd", "usd", values, use=use) for name, values in moves.items()]
    opening = _opening(f"{what}_opening_usd", balance, view, use)
    return [opening, *rows, _closing(f"{what}_closing_usd", balance, view, use=use)]


def _waterfall(stated: Stated, financed: Financed, view: View) -> Iterator[Row]:
    """Where the cash of operation goes, and how well it covers what is due."""
    found, cash, reserve = financed.waterfall, stated.held.cash_usd, stated.held.reserve_usd
    funded = (financed.uses_usd["reserve"])[:-1]
    paid = {
        name: sum((getattr(flow, name) for flow in financed.flows), financed.dates * 0.0)[1:]
        for name in ("interest_usd", "instalment_usd", "balloon_usd", "sweep_usd", "at_end_usd")
    }
    moves = {
        "cfads_usd": financed.cfads_usd[1:],
        "reserve_income_usd": found.reserve_income_usd[1:],
        **{f"to_{name}": 0.0 - values for name, values in paid.items()},
        "to_reserve_usd": funded - (reserve - month_before(reserve, 0.0)),
        "equity_shortfall_usd": found.shortfall_usd[1:],
        "equity_refinancing_usd": found.refinancing_usd[1:],
        "from_residual_usd": found.from_residual_usd[1:],
        "to_equity_usd": 0.0 - found.distribution_usd[1:],
    }
    yield _opening("cash_opening_usd", cash, view)
    for name, values in moves.items():
        yield view.summed("waterfall", name, "usd", values)
    yield _closing("cash_closing_usd", cash, view)
    if financed.reads_contracts:
        yield view.summed("cover", "contracted_cfads_usd", "usd", financed.contracted_cfads_usd[1:])
    yield _least("dscr_min_ratio", financed.dscr_ratio, view)
    if financed.terms.tested_dates > 1:
        yield _least("dscr_tested_ratio", financed.tested_dscr_ratio, view)


def _least(name: str, ratio: FloatArray, view: View) -> Row:
    """The least of the ratios on dates in each period; NaN where nothing is due."""
    on_dates, least = view.column(ratio)[1:, 0], []
    for _, first, last, *_ in view.over:
        ratios = [one for one in on_dates[first - 1 : last].tolist() if one == one]
        least.append(min(ratios, default=float("nan")))
    known = [ratio for ratio in least if ratio == ratio]
    reason = "" if len(known) == len(least) else "nothing is due"
    return Row("cover", name, "ratio", tuple(least), min(known, default=None), reason=reason)


def _tax(stated: Stated, view: View) -> Iterator[Row]:
    """What tax is figured on, by calendar year."""
    account = stated.tax
    if account is None:
        raise ValueError("the plan is not taxed")
    by_class = account.depreciation_by_class
    rows = (
        ("income", "operating_income_usd", account.operating_income_usd),
        *(("depreciation", f"depreciation_{name}_usd", 0.0 - values) for name, values in by_class.items()),
        ("subtotal", "depreciation_usd", 0.0 - account.depreciation_usd),
        ("income", "interest_allowed_usd", 0.0 - account.interest.allowed_usd),
        ("income", "fees_amortised_usd", 0.0 - account.fees_usd),
        ("income", "reserve_income_usd", account.reserve_income_usd),
        ("income", "disposal_proceeds_usd", account.proceeds_usd),
        ("income", "basis_left_usd", 0.0 - account.left_usd),
        ("subtotal", "income_before_losses_usd", account.income_usd),
        ("losses", "losses_used_usd", 0.0 - account.losses.used_usd),
        ("subtotal", "taxable_income_usd", account.taxable_income_usd),
        ("taxes", "tax_usd", 0.0 - account.tax_usd),
        ("memo", "interest_accrued_usd", account.interest.accrued_usd),
        ("balance", "interest_carried_usd", account.interest.carried_usd),
        ("memo", "losses_made_usd", account.losses.made_usd),
        ("balance", "losses_left_usd", account.losses.left_usd),
    )
    for section, name, values in rows:
        years = np.broadcast_to(view.column(values), (len(view.over), 1))
        by_year = tuple(float(value) + 0.0 for value in years[:, 0])
        yield Row(section, name, "usd", by_year, by_year[-1] if section == "balance" else sum(by_year))
