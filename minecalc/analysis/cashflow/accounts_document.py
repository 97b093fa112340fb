"""A plan's accounts as people read them: periods side by side, or short ones below each other, and their checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minecalc.analysis.cashflow.accounts import Accounts, Finding, Kind
from minecalc.analysis.cashflow.by_period import (
    Narrow,
    by_period,
    cell,
    cell_or_dash,
    period_word,
    records,
    shown,
    table,
    tree,
)
from minecalc.analysis.cashflow.statement import Layout, Row
from minecalc.analysis.records import heading
from minecalc.analysis.records import tree as plain
from minecalc.document import Block, Cell, Chart, Document, Note, Phrase, Series, Text, Tone, Value
from minecalc.figures.labels import capital
from minecalc.loading import Reading
from minecalc.scenario import Scenario

_BALANCES = "Balances are those at the end of a period, before what is paid at the start of the next month."

#: What each statement is called, and what a reader must know of its conventions.
_TITLES: Mapping[Kind, tuple[str, str]] = {
    "income": ("income statement", "Straight-line depreciation; tax is an expense when it is paid."),
    "cash": ("cash-flow statement", _BALANCES),
    "balance": ("balance sheet", _BALANCES),
    "debt": ("debt", "Under Total, what closes shows where it ends."),
    "tax": (
        "tax",
        "Tax is figured by calendar years, and paid at the end of each. Under Total, what is carried ends.",
    ),
}

_LABELS = {
    "opex_usd": "Operating cost",
    "ebitda_usd": "EBITDA",
    "disposal_gains_usd": "Gains on what is sold or ends",
    "prepayment_kept_usd": "Prepayment kept after a default",
    "tax_usd": "Tax paid",
    "operating_cash_usd": "Cash from operations",
    "sales_usd": "Sales and residual value",
    "investing_cash_usd": "Cash from investing",
    "financing_fees_usd": "Fees and discount",
    "interest_in_build_usd": "Interest in the build",
    "financing_cash_usd": "Cash from financing",
    "coins_usd": "Coins kept",
    "financing_costs_usd": "Fees and discount not amortised",
    "retained_earnings_usd": "Retained earnings less distributions",
    "debt_repaid_usd": "Debt repaid",
    "debt_paid_at_end_usd": "Paid at the horizon",
    "fees_and_discount_usd": "Fees, discount",
    "fees_and_discount_amortised_usd": "Amortised",
    "to_instalment_usd": "To instalments",
    "to_balloon_usd": "To balloons",
    "to_sweep_usd": "To the sweep",
    "to_at_end_usd": "To debt at the horizon, with interest",
    "cfads_usd": "CFADS",
    "contracted_cfads_usd": "CFADS under contract",
    "equity_shortfall_usd": "Equity pays for shortfalls",
    "equity_refinancing_usd": "Equity pays what is not refinanced",
    "from_residual_usd": "Residual value pays",
    "to_reserve_usd": "To and from the reserve",
    "dscr_min_ratio": "Least DSCR",
    "dscr_tested_ratio": "Least DSCR as covenants test it",
    "basis_left_usd": "Basis left of what is sold or ends",
}

#: Fewer dates than this make no line.
_DATES_OF_A_LINE = 2

_NARROW: Mapping[Kind, Narrow] = {
    "income": (
        ("Revenue", ("revenue_usd",)),
        ("EBITDA", ("ebitda_usd",)),
        ("Depreciation", ("depreciation_usd",)),
        ("Gains", ("disposal_gains_usd", "prepayment_kept_usd")),
        ("Financing", ("interest_earned_usd", "interest_expense_usd", "discount_amortised_usd", "fees_amortised_usd")),
        ("Tax", ("tax_usd",)),
        ("Net income", ("net_income_usd",)),
    ),
    "cash": (
        ("Operations", ("operating_cash_usd",)),
        ("Investing", ("investing_cash_usd",)),
        ("Financing", ("financing_cash_usd",)),
        ("Paid in", ("equity_paid_in_usd",)),
        ("Distributed", ("distributions_usd",)),
        ("Change", ("change_in_cash_usd",)),
        ("Closing cash", ("closing_cash_usd",)),
    ),
    "balance": (
        ("Cash", ("cash_usd", "reserve_usd", "escrow_usd")),
        ("Plant", ("plant_usd",)),
        ("Costs", ("financing_costs_usd",)),
        ("Assets", ("total_assets_usd",)),
        ("Debt", ("debt_usd",)),
        ("Other", ("accrued_interest_usd", "deferred_revenue_usd")),
        ("Equity", ("total_equity_usd",)),
    ),
    "debt": (
        ("Opening", ("debt_opening_usd",)),
        ("Drawn", ("debt_drawn_usd",)),
        ("Repaid", ("debt_instalments_usd", "debt_cash_sweep_usd", "debt_balloon_usd", "debt_paid_at_end_usd")),
        ("Closing", ("debt_closing_usd",)),
        ("Interest", ("interest_paid_usd",)),
        ("CFADS", ("cfads_usd",)),
        ("Reserve", ("reserve_closing_usd",)),
        ("DSCR", ("dscr_min_ratio",)),
    ),
    "tax": (
        ("Operations", ("operating_income_usd",)),
        ("Depreciation", ("depreciation_usd",)),
        ("Interest", ("interest_allowed_usd",)),
        ("Income", ("income_before_losses_usd",)),
        ("Losses used", ("losses_used_usd",)),
        ("Taxable", ("taxable_income_usd",)),
        ("Tax", ("tax_usd",)),
    ),
}


def document(found: Accounts, reading: Reading, scenario: Scenario, layout: Layout = "long") -> Document:
    """The statement of a plan of ``scenario``, which was read from ``reading``; ``layout`` is that of its records."""
    name, caption = _TITLES[found.kind]
    title = f"{found.plan}: {name} by {'calendar year' if found.kind == 'tax' else period_word(found)}"
    parts = ([_cells(found, row) for row in part] for part in _parts(found))
    captions = caption, f"{caption} All rows: --format csv or json."
    shows = table(found, title, parts, (found.rows, _NARROW[found.kind]), captions, _picture(found))
    data = {
        **heading("cashflow", reading, scenario),
        "start": scenario.start,
        "months": scenario.months,
        "plan": found.plan,
        "statement": found.kind,
        **tree(found),
        "checks": told(found.checks),
    }
    blocks = [Note(_headline(found), "headline"), shows, *notes(found.checks)]
    return Document(scenario.name, blocks, records(found, name, layout, reading.file, scenario.name), data)


def told(checks: Sequence[Finding]) -> Mapping[str, Any]:
    """Checks as plain data."""
    gaps = [
        {"check": it.name, "holds": it.holds, "gap_usd": it.gap_usd, "gap_ratio": it.gap_ratio, "month": it.where}
        for it in checks
    ]
    largest = max((check.gap_ratio for check in checks), key=_size, default=0.0)
    found: Mapping[str, Any] = plain(
        {"largest_gap_ratio": largest, "hold": all(it.holds for it in checks), "gaps": gaps}
    )
    return found


def _size(gap: float) -> float:
    """What is no number is larger than any."""
    return float("inf") if gap != gap else gap


def notes(checks: Sequence[Finding]) -> list[Block]:
    """That all checks hold, and how well, or those that do not."""
    failed = [check for check in checks if not check.holds]
    if failed:
        return [Note(_fault(check), "warning") for check in failed]
    largest = max(check.gap_ratio for check in checks)
    return [Note(f"All {len(checks)} checks hold; the largest gap is {largest:.1e} of total cost.")]


def fault(checks: Sequence[Finding]) -> str:
    """In a line which check does not hold, by how much and when; "" if all do."""
    failed = [check for check in checks if not check.holds]
    if not failed:
        return ""
    worst = max(failed, key=lambda check: _size(check.gap_ratio))
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    off = f"off by {worst.gap_usd:,.2f} USD, {worst.gap_ratio:.1e} of total cost, in {worst.where}"
    return f"a check does not hold: {worst.name} ({off}){more}"


def _fault(check: Finding) -> Phrase:
    gap: float | None = plain(check.gap_usd)
    off = Value(gap, "usd", "" if gap is not None else "no number")
    return [f"A check does not hold: {check.name}; it is off by ", off, f" in {check.where}."]


def _headline(found: Accounts) -> Phrase:
    """What the statement comes to."""
    first, last = found.periods[0].begins, found.periods[-1].ends
    when, of = f" from {first} to {last}", {row.name: row for row in found.rows}

    words: list[str | Value]

    def total(name: str) -> Value:
        return Value(abs(of[name].total or 0.0), "usd")

    match found.kind:
        case "income":
            earns = "earns" if (of["net_income_usd"].total or 0.0) >= 0.0 else "loses"
            words = [f"{found.plan} {earns} ", total("net_income_usd"), f"{when}: EBITDA of ", total("ebitda_usd")]
            for what, name in (("depreciation", "depreciation"), ("interest", "interest_expense"), ("tax", "tax")):
                if of[f"{name}_usd"].total:
                    words += [f", {what} of ", total(f"{name}_usd")]
            return [*words, "."]
        case "cash":
            words = [f"{found.plan}: equity pays in ", total("equity_paid_in_usd"), " and is paid "]
            return [*words, total("distributions_usd"), f"{when}; lenders lend ", total("debt_drawn_usd"), "."]
        case "balance":
            assets = of["total_assets_usd"].values
            most = assets.index(max(assets))
            period = found.periods[most].ends
            words = [
                f"{found.plan} has assets of ",
                Value(assets[most], "usd"),
                f" at the most, at the end of {period}",
            ]
            return [*words, ", of which it owes ", Value(of["total_liabilities_usd"].values[most], "usd"), "."]
        case "debt":
            drawn = sum(row.total or 0.0 for row in found.rows if row.name == "debt_drawn_usd")
            words = [f"{found.plan} borrows ", Value(drawn, "usd"), "; its least DSCR is "]
            least = of["dscr_min_ratio"]
            return [*words, Value(least.total, "ratio", least.reason), "."]
        case "tax":
            words = [f"{found.plan} pays tax of ", total("tax_usd"), when]
            lost, carried = of["losses_left_usd"].total, of["interest_carried_usd"].total
            if lost or carried:
                words += ["; losses of ", Value(lost, "usd"), " and interest of ", Value(carried, "usd")]
                words.append(" are never deducted")
            return [*words, "."]


def _parts(found: Accounts) -> Iterator[list[Row]]:
    """Rows between rules: down to a subtotal, or from what opens to what closes."""
    part: list[Row] = []
    for row in found.rows:
        if row.name.endswith("_opening_usd"):
            yield part
            part = []
        part += shown([row])
        if row.section == "subtotal" or (row.section == "balance" and row.name.endswith("_closing_usd")):
            yield part
            part = []
    yield part


def _cells(found: Accounts, row: Row) -> list[Cell]:
    closes = row.section == "subtotal" or row.name.endswith("_closing_usd")
    tone: Tone = "strong" if closes else "muted" if row.section == "memo" else "plain"
    figures = [cell_or_dash(value, row, tone) for _, value in by_period(found, row)]
    return [Text(_label(row), tone), *figures, cell(row.total, row.unit, row.reason, tone)]


def _label(row: Row) -> str:
    if row.section == "depreciation":
        return f"Depreciation, {row.name.removeprefix('depreciation_').removesuffix('_usd')}"
    name = row.name.removesuffix("_usd").removeprefix("debt_")
    text = _LABELS.get(row.name) or capital(name.replace("_", " "))
    return f"{text} ({row.use})" if row.use else text


def _picture(found: Accounts) -> Chart | None:
    """How well cash covers what is due on the debt, where there are dates enough for a line."""
    least = next((row for row in found.rows if row.name == "dscr_min_ratio"), None)
    if least is None:
        return None
    values = [value for _, value in by_period(found, least)]
    due = [place for place, value in enumerate(values) if value is not None]
    if len(due) < _DATES_OF_A_LINE:
        return None
    span = slice(due[0], due[-1] + 1)
    labels = [period.label for period in found.periods][span]
    title = f"{found.plan}: least DSCR of each {period_word(found)}"
    return Chart(title, labels, [Series(_LABELS["dscr_min_ratio"], values[span])], least.unit)
