"""A plan's cash-flow statement as people read it: years side by side, or many short periods below each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minecalc import checks as scenario_checks
from minecalc.analysis.cashflow.accounts import Finding
from minecalc.analysis.cashflow.accounts_document import notes, told
from minecalc.analysis.cashflow.by_period import Narrow, by_period, cell, period_word, records, shown, table, tree
from minecalc.analysis.cashflow.statement import FLEET, LINES, Layout, Row, Statement
from minecalc.analysis.records import heading
from minecalc.cashflows import CATEGORIES, GROSS_PROFIT, Category
from minecalc.document import Block, Cell, Chart, Document, Note, Phrase, Series, Table, Text, Tone, Value
from minecalc.figures.labels import capital, line_label
from minecalc.loading import Reading
from minecalc.loading.origins import defaulted
from minecalc.scenario import Plan, Scenario
from minecalc.uses.meanwhile import Meanwhile

#: A statement that is off by less ties to the cent.
_HALF_A_CENT = 0.005

#: What a reader calls the rows that are no lines, where it is not their name.
_LABELS = {
    "coins_usd": "coins kept and sold",
    "sale_usd": "equipment sold",
    "residual_usd": "residual value",
    "net_usd": "net cash flow",
    "equity_usd": "project's flow to equity",
    "discount_factor_at_end_fraction": "discount factor at the end",
    "energy_mwh": "energy",
    "gpu_hours_sold": "GPU-hours sold",
    "hash_rate_running_eh_per_s": "hash rate running",
    "mining_hours": "hours mining runs",
    "mining_hours_run_fraction": "share of the hours",
    "mining_price_paid_usd_per_mwh": "power price in these hours",
    "mining_price_of_all_hours_usd_per_mwh": "power price in all hours",
    "critical_mw": "critical MW ready",
    "share_of_gross_mwh_fraction": "share of gross MWh used",
    "gross_profit_usd_per_gross_mwh": "gross profit per gross MWh",
    "peak_charges_usd": "charged on peaks",
    "peak_charges_if_on_usd": "that if mining stayed on",
    "avoided_peaks_usd": "peak charges avoided",
    "gross_profit_unhedged_usd": "gross profit without hedges",
    "lost_mining_margin_usd": "mining margin lost in the build",
}

#: What of each of several fleets a statement shows to people.
_OF_FLEET = ("gross_profit_usd", "energy_mwh")
#: Rows that are shown where mining runs in some hours of a month only.
_BY_HOUR = (
    "mining_hours",
    "mining_hours_run_fraction",
    "mining_price_paid_usd_per_mwh",
    "mining_price_of_all_hours_usd_per_mwh",
)

_TONES: dict[str, Tone] = {"subtotal": "strong", "memo": "muted"}
_WITHOUT_TOTAL = ("discount_factor_at_end_fraction",)

#: What a picture stacks: names and the subtotals that each adds up. Together they are the net cash flow.
_STACKED: Narrow = (
    ("Revenue", ("revenue_usd",)),
    ("Power", ("power_usd",)),
    ("Operating cost", ("opex_usd",)),
    ("Capex", ("capex_usd",)),
    ("Sales and residual", ("sale_usd", "residual_usd")),
    ("Prepaid rent", ("prepayment_usd",)),
    ("Coins kept", ("coins_usd",)),
    ("Debt", ("debt_usd",)),
    ("Tax", ("tax_usd",)),
)

_NARROW: Narrow = (
    ("Revenue", ("revenue_usd",)),
    ("Power", ("power_usd",)),
    ("Opex", ("opex_usd",)),
    ("Gross profit", ("gross_profit_usd",)),
    ("Prepaid rent", ("prepayment_usd",)),
    ("Coins kept", ("coins_usd",)),
    ("Capex", ("capex_usd",)),
    ("Sales and residual", ("sale_usd", "residual_usd")),
    ("Debt", ("debt_usd",)),
    ("Tax", ("tax_usd",)),
    ("Net cash flow", ("net_usd",)),
    ("Cash to date", ("cumulative_cash_usd",)),
    ("Hash rate", ("hash_rate_running_eh_per_s",)),
)


def document(
    found: Statement,
    reading: Reading,
    scenario: Scenario,
    layout: Layout = "long",
    checks: Sequence[Finding] = (),
) -> Document:
    """The statement of a plan of ``scenario``, which was read from ``reading``; ``layout`` is that of its records.

    ``checks`` are those of its accounts, where it has debt or tax.
    """
    plan, not_given = scenario.plans[found.plan], [item.record() for item in defaulted(scenario)]
    warnings = list(_warnings(scenario, plan))
    several = len(found.periods) > 1
    blocks: list[Block] = [
        Note(_headline(found), "headline"),
        _table(found, plan, _columns(found) if several else None),
        *([_chart(found)] if several else []),
        _tie(found),
        *(notes(checks) if checks else ()),
        Note(f"Inputs not given: {len(not_given)}; minecalc compare --full lists what stands for them."),
    ]
    blocks += [Note(text, "warning") for text in warnings]
    data = {
        **heading("cashflow", reading, scenario),
        "start": scenario.start,
        "months": scenario.months,
        **_tree(found, checks),
        "defaulted": not_given,
        "warnings": warnings,
    }
    return Document(scenario.name, blocks, records(found, "cash flow", layout, reading.file, scenario.name), data)


def _warnings(scenario: Scenario, plan: Plan) -> Iterator[str]:
    """What a reader should know, but not of plans that have no part in this one."""
    others = set(scenario.plans) - {plan.name, *(runs.plan for runs in _meanwhile(plan))}
    for text in scenario_checks.warnings(scenario):
        if not any(text.startswith(f"{name}: ") for name in others):
            yield text


def _meanwhile(plan: Plan) -> list[Meanwhile]:
    """What runs until the conversions of ``plan`` start."""
    return list({str(meanwhile): meanwhile for meanwhile in plan.meanwhile}.values())


def _tree(found: Statement, of_accounts: Sequence[Finding]) -> Mapping[str, Any]:
    gaps = dict(found.differences_usd)
    return {
        "plan": found.plan,
        "discount_rate_fraction_per_year": found.discount_rate_fraction_per_year,
        **tree(found),
        "checks": {"largest_difference_usd": max(gaps.values()), "differences_usd": gaps},
        **({"accounts": told(of_accounts)} if of_accounts else {}),
    }


def _headline(found: Statement) -> Phrase:
    """What the plan brings in, what that is worth, and how deep and how long it is out of pocket."""
    cash, funding = found.row("cumulative_cash_usd"), found.row("peak_funding_to_date_usd").values
    first, last = found.periods[0].begins, found.periods[-1].ends
    net, rate = cash.values[-1], found.discount_rate_fraction_per_year
    whom = "equity " if found.to_equity else ""
    earns = f"brings {whom or 'in '}" if net >= 0.0 else f"costs {whom}"
    words: list[str | Value] = [f"{found.plan} {earns}", Value(abs(net), "usd")]
    words += [f" net from {first} to {last}, an NPV of ", Value(found.row("present_value_usd").total, "usd")]
    words += [" at ", Value(rate, "fraction")]
    if funding[-1] == 0.0:
        return [*words, "; it needs no funding."]
    deepest = funding.index(funding[-1])
    words += ["; it needs at most ", Value(funding[-1], "usd"), f" of funding (in {found.periods[deepest].label}), "]
    back = max([deepest, *(number + 1 for number, value in enumerate(cash.values) if value < 0.0)])
    if back == len(found.periods):
        return [*words, f"not paid back by {last}."]
    return [*words, f"paid back by the end of {found.periods[back].label}."]


def _label(row: Row, several: bool) -> str:
    """What a reader calls a row; with its use if the plan has ``several``."""
    if row.section in ("memo", FLEET):
        return f"{row.use or 'Memo'}: {_words(row.name)}"
    text = capital(_words(row.name))
    if row.meanwhile:
        text += " until converted"
    named = several or row.section not in CATEGORIES
    return f"{text} ({row.use})" if named and row.use else text


def _words(name: str) -> str:
    return _LABELS.get(name) or line_label(name)


def _table(found: Statement, plan: Plan, picture: Chart | None) -> Table:
    """Years side by side; of many short periods their subtotals, below each other."""
    title, several = f"{found.plan}: cash flow by {period_word(found)}", len(plan.uses) > 1
    parts = ([_cells(found, row, _label(row, several), indent) for row, indent in part] for part in _parts(found))
    sums = [row for row in found.rows if row.section not in (*LINES, FLEET)]
    caption = (
        "Under Total, cash to date is where it ends, and the hash rate of machines that run a mean. "
        "Lines, quantities and present values: --format csv or json."
    )
    return table(found, title, parts, (sums, _NARROW), (_caption(found, plan), caption), picture)


def _parts(found: Statement) -> Iterator[list[tuple[Row, bool]]]:
    """Rows between rules, each with whether it is indented below a subtotal to come."""
    part: list[tuple[Row, bool]] = []
    for category in CATEGORIES:
        part += _category(found, category)
        if category == GROSS_PROFIT[-1]:
            yield [*part, (found.row("gross_profit_usd"), False)]
            part = []
    if found.to_equity:
        yield [*part, (found.row("before_debt_and_tax_usd"), False)]
        part = [*_category(found, "debt"), *_category(found, "tax")]
    yield [*part, (found.row("net_usd"), False)]
    for section in ("balance", "present_value", "quantity", "memo"):
        own = [row for row in found.rows if row.section == section and (found.by_hour or row.name not in _BY_HOUR)]
        yield [(row, False) for row in shown(own)]
    yield [(row, False) for row in shown([row for row in found.rows if row.section == FLEET and row.name in _OF_FLEET])]


def _category(found: Statement, category: Category) -> list[tuple[Row, bool]]:
    """The lines of a category, and their subtotal unless there is a single line."""
    lines = shown([row for row in found.rows if row.section == category])
    if len(lines) < 2:
        return [(row, False) for row in lines]
    return [*((row, True) for row in lines), (found.row(f"{category}_usd"), False)]


def _cells(found: Statement, row: Row, label: str, indent: bool) -> list[Cell]:
    tone = _TONES.get(row.section, "plain")
    figures = [cell(value, row.unit, row.reason, tone) for _, value in by_period(found, row)]
    total = Text("") if row.name in _WITHOUT_TOTAL else cell(row.total, row.unit, row.reason, tone)
    return [Text(f"  {label}" if indent else label, tone), *figures, total]


def _caption(found: Statement, plan: Plan) -> str:
    """What rows of the time before a conversion and totals of what accumulates mean."""
    accumulates = "Under Total, what accumulates shows where it ends."
    if not any(row.meanwhile for row in found.rows):
        return accumulates
    named = " and ".join(map(str, _meanwhile(plan)))
    return f"Until converted: what {named} earns and costs on these megawatts until building starts. {accumulates}"


def _columns(found: Statement) -> Chart:
    """What comes in and goes out in each period, and what is left of it."""
    stacked = []
    for title, names in _STACKED:
        rows = [row.values for row in found.rows if row.section == "subtotal" and row.name in names and row.values]
        sums = [sum(values) for values in zip(*rows, strict=True)]
        if any(sums):
            stacked.append(Series(title, sums))
    net = Series(capital(_words("net_usd")), found.row("net_usd").values)
    title = f"{found.plan}: what comes in and goes out, by {period_word(found)}"
    return Chart(title, [period.label for period in found.periods], stacked, "usd", "column", over=[net])


def _chart(found: Statement) -> Chart:
    names = ("cumulative_cash_usd", "cumulative_present_value_usd")
    series = [Series(capital(_words(name)), (0.0, *found.row(name).values)) for name in names]
    title = f"{found.plan}: cash and present value to the end of each {period_word(found)}"
    return Chart(title, ["start", *(period.label for period in found.periods)], series, "usd")


def _tie(found: Statement) -> Note:
    """Whether the statement's sums are those of ``compare``."""
    name, gap = max(found.differences_usd.items(), key=lambda item: item[1])
    if gap < _HALF_A_CENT:
        return Note("Ties to compare: NPV, peak funding and every category of every year agree to the cent.")
    return Note([f"Does not tie to compare: {name} is off by ", Value(gap, "usd"), "."], "warning")
