"""How a statement is laid out, what its headline says, and what programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.cashflow.document import document
from minecalc.analysis.cashflow.statement import Layout, Statement, statement
from minecalc.document import Cell, Chart, Document, Note, Phrase, Table, Text
from minecalc.engine import evaluate
from minecalc.loading import read_bytes
from minecalc.reports import render
from minecalc.version import VERSION
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, RENT_A_MONTH, SITE, freed
from tests.reports.whole import WHOLE

CONVERTED = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
FLEET = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}
PLANS = {
    "mine": MINER | {"machine_resale_usd_per_th": 4},
    "lease": CONVERTED,
    "halves": {"uses": {"hall": CONVERTED | {"gross_mw": 5}, "fleet": FLEET}},
    "cloud": CLOUD,
    "idle": MINER | {"hash_rate_eh_per_s": 0},
}


def told(
    name: str, months: int = 12, horizon: int = 24, layout: Layout = "long", **changes: Any
) -> tuple[Statement, Document]:
    """The statement of a plan above, undiscounted over two years unless ``changes`` say so, and its document."""
    data = {"name": "by hand", "months": horizon, "discount_rate_fraction_per_year": 0, "site": SITE, "market": MARKET}
    whole: dict[str, Any] = data | {"plans": PLANS} | changes
    text = json.dumps(whole | {"plans": freed(whole["plans"])})
    reading = read_bytes(text.encode(), "it.yaml", Path())
    assert reading.scenario is not None
    found = statement(evaluate(reading.scenario).plans[name], months)
    return found, document(found, reading, reading.scenario, layout)


def plain(phrase: Phrase) -> str:
    """A sentence whose numbers stand as ``<number unit>``."""
    if isinstance(phrase, str):
        return phrase
    return "".join(part if isinstance(part, str) else f"<{part.number:.6g} {part.unit}>" for part in phrase)


def notes(found: Document, kind: str) -> list[str]:
    return [plain(block.text) for block in found.blocks if isinstance(block, Note) and block.kind == kind]


def headline(name: str, months: int = 12, **changes: Any) -> str:
    (text,) = notes(told(name, months, **changes)[1], "headline")
    return text


def table(found: Document) -> Table:
    (wanted,) = (block for block in found.blocks if isinstance(block, Table))
    return wanted


def shown(cell: Cell) -> str | float | None:
    return cell.text if isinstance(cell, Text) else cell.number


def rows(found: Document) -> dict[str, list[str | float | None]]:
    """The cells of the table by label."""
    return {str(shown(row[0])): [shown(cell) for cell in row[1:]] for row in table(found).rows}


def test_headline_says_what_comes_in_and_what_it_takes() -> None:
    worth = RENT_A_MONTH * 20 + 8_000 * (31 + 28) + 4e6 - 5e6
    deepest = 5e6 - 4e6 - 8_000 * (31 + 28)
    assert headline("lease", 1) == (
        f"lease brings in <{worth:.6g} usd> net from 2027-01 to 2028-12, an NPV of <{worth:.6g} usd> at <0 fraction>; "
        f"it needs at most <{deepest:.6g} usd> of funding (in 2027-04), paid back by the end of 2027-06."
    )
    assert headline("lease", 3).endswith("(in 2027-Q2), paid back by the end of 2027-Q2.")


def test_headline_of_what_needs_nothing_and_of_what_never_comes_back() -> None:
    assert headline("mine").endswith("; it needs no funding.")
    dear = {"cloud": CLOUD | {"capex_usd_per_gpu": 100_000}}
    text = headline("cloud", plans=dear, discount_rate_fraction_per_year=0.1)
    assert text.startswith("cloud costs <")
    assert "an NPV of <-" in text
    assert text.endswith("of funding (in 2027), not paid back by 2028-12.")


def test_headline_of_funding_that_is_back_within_its_own_period() -> None:
    cheap = {"cloud": CLOUD | {"capex_usd_per_gpu": 1000}}
    assert headline("cloud", plans=cheap).endswith("(in 2027), paid back by the end of 2027.")


def test_lines_stand_above_their_subtotals_in_the_order_of_a_statement() -> None:
    found = rows(told("lease")[1])
    assert list(found) == [
        "  Rent",
        "  Mining revenue until converted",
        "Revenue",
        "Mining power until converted",
        "Gross profit",
        "Building",
        "Machines sold until converted",
        "Net cash flow",
        "Cumulative cash",
        "Peak funding to date",
        "Discount factor at the end",
        "Present value",
        "Cumulative present value",
        "Energy",
        "Hash rate running",
        "Critical MW ready",
        "Share of gross MWh used",
        "Gross profit per gross MWh",
        "Memo: mining margin lost in the build",
    ]
    assert found["  Rent"] == [8 * RENT_A_MONTH, 12 * RENT_A_MONTH, 20 * RENT_A_MONTH]
    assert found["Building"] == [-5e6, "-", -5e6]


def test_rules_stand_between_what_is_summed_and_what_is_not() -> None:
    wanted = table(told("lease")[1])
    above = [shown(wanted.rows[number - 1][0]) for number in wanted.sections]
    assert above == [
        "Gross profit",
        "Net cash flow",
        "Peak funding to date",
        "Cumulative present value",
        "Gross profit per gross MWh",
    ]


def test_a_plan_of_several_uses_names_them() -> None:
    found = rows(told("halves")[1])
    wanted = {"  Rent (hall)", "  Mining revenue (fleet)", "  Mining revenue until converted (hall)"}
    assert wanted <= set(found)
    assert found["  Mining revenue (fleet)"][0] == pytest.approx(10_000 * 365)


def test_what_until_converted_means_is_said_only_where_it_stands() -> None:
    assert table(told("lease")[1]).caption.startswith("Until converted: what mine earns and costs on these megawatts")
    assert "converted" not in table(told("mine")[1]).caption


def test_periods_that_are_no_calendar_years_may_wrap() -> None:
    titles = [column.title for column in table(told("cloud", start="2027-03")[1]).columns]
    assert titles == ["", "2027-03 to 2028-02", "2028-03 to 2029-02", "Total"]


def test_a_total_is_where_a_balance_ends_and_a_discount_factor_has_none() -> None:
    statement_, found = told("lease", discount_rate_fraction_per_year=0.1)
    cells = rows(found)
    assert cells["Cumulative cash"][-1] == cells["Cumulative cash"][-2] == statement_.row("net_usd").total
    assert cells["Discount factor at the end"] == [pytest.approx(1 / 1.1), pytest.approx(1 / 1.21), ""]


def test_many_periods_stand_below_each_other_with_a_rule_for_each_year() -> None:
    statement_, found = told("lease", 1)
    wanted = table(found)
    assert [column.title for column in wanted.columns] == [
        "Period",
        "Revenue",
        "Power",
        "Gross profit",
        "Capex",
        "Sales and residual",
        "Net cash flow",
        "Cash to date",
        "Hash rate",
    ]
    assert [shown(row[0]) for row in wanted.rows] == [*(p.label for p in statement_.periods), "Total"]
    assert wanted.sections == [12, 24]
    assert shown(wanted.rows[2][5]) == pytest.approx(4e6)
    assert shown(wanted.rows[0][4]) == "-"
    totals = ("revenue_usd", "power_usd", "gross_profit_usd", "capex_usd", "sale_usd", "net_usd", "cumulative_cash_usd")
    assert [shown(cell) for cell in wanted.rows[-1][1:-1]] == [statement_.row(name).total for name in totals]
    assert [shown(row[-2]) for row in wanted.rows[:-1]] == [*statement_.row("cumulative_cash_usd").values]
    rates = statement_.row("hash_rate_running_eh_per_s")
    assert [shown(row[-1]) or "-" for row in wanted.rows] == [value or "-" for value in (*rates.values, rates.total)]


@pytest.mark.parametrize(("months", "title"), [(1, "month"), (3, "quarter"), (6, "6 months"), (12, "year")])
def test_the_title_says_what_a_period_is(months: int, title: str) -> None:
    assert table(told("lease", months)[1]).title == f"lease: cash flow by {title}"


def test_the_chart_begins_before_anything_is_paid() -> None:
    statement_, found = told("lease", 3)
    (chart,) = (block for block in found.blocks if isinstance(block, Chart))
    assert chart.labels == ["start", *(period.label for period in statement_.periods)]
    assert chart.series[0].values == (0, *statement_.row("cumulative_cash_usd").values)
    assert chart.series[1].values == (0, *statement_.row("cumulative_present_value_usd").values)
    assert not any(isinstance(block, Chart) for block in told("lease", horizon=12)[1].blocks)


def test_a_plan_without_any_money_has_a_statement() -> None:
    assert [*rows(told("idle")[1])] == ["Gross profit", "Net cash flow", "Discount factor at the end"]


def test_a_row_without_a_figure_is_left_to_the_tree_which_has_its_reason() -> None:
    made = told("mine")[1]
    assert "BTC mined" not in rows(made)
    (bitcoin,) = (row for row in made.data["rows"] if row["line"] == "btc_mined")
    assert (bitcoin["total"], bitcoin["reason"]) == (None, "the hash price is given without a price of bitcoin")


def test_warnings_of_plans_that_have_no_part_in_this_one_are_left_out() -> None:
    """``halves`` leaves no megawatts idle; what runs until its conversion warns in its statement too."""
    short = PLANS | {"mine": MINER | {"life_months": 6}}
    mine = [text for text in notes(told("mine", plans=short)[1], "warning") if text.startswith("mine: ")]
    assert mine
    for name in ("lease", "cloud"):
        warned = notes(told(name, plans=short)[1], "warning")
        assert (mine[0] in warned) == (name == "lease")
        assert told(name, plans=short)[1].data["warnings"] == warned


def test_it_is_said_whether_the_statement_ties() -> None:
    found, made = told("lease")
    assert notes(made, "plain")[0].startswith("Ties to compare")
    off = found._replace(differences_usd={"npv_usd": 0.001, "capex_usd": 0.006})
    reading = read_bytes(json.dumps({"name": "x", "site": SITE, "plans": PLANS}).encode(), "x", Path())
    assert reading.scenario is not None
    assert "Does not tie to compare: capex_usd is off by <0.006 usd>." in notes(
        document(off, reading, reading.scenario), "warning"
    )


def test_the_tree_has_every_row_at_full_precision() -> None:
    found, made = told("lease", 3)
    data = made.data
    assert (data["format"], data["version"], data["file"]) == ("minecalc.cashflow/1", VERSION, "it.yaml")
    assert (data["plan"], data["months_per_period"], data["start"], data["months"]) == ("lease", 3, "2027-01", 24)
    assert data["periods"][0] == {"period": "2027-Q1", "start": "2027-01", "end": "2027-03", "months": 3}
    assert [row["line"] for row in data["rows"]] == [row.name for row in found.rows]
    for told_, row in zip(data["rows"], found.rows, strict=True):
        assert told_["values"] == [None if value != value else value for value in row.values or (None,) * 8]
        assert told_["total"] == row.total
        assert (told_["reason"] is None) == bool(row.values)
    machines = [row for row in data["rows"] if row["line"] == "machines_sold_usd"]
    assert [(row["section"], row["use"], row["meanwhile"], row["at_start"]) for row in machines] == [
        ("sale", "lease", True, True)
    ]
    assert data["checks"] == {
        "largest_difference_usd": max(found.differences_usd.values()),
        "differences_usd": found.differences_usd,
    }
    assert data["checks"]["largest_difference_usd"] < 0.005
    given = len(data["defaulted"])
    assert notes(made, "plain")[1] == f"Inputs not given: {given}; minecalc compare --full lists what stands for them."
    assert {"path": "plans.mine.curtail", "value": True, "as_of": "", "source": "convention"}.items() <= next(
        item for item in data["defaulted"] if item["path"] == "plans.mine.curtail"
    ).items()


def test_records_are_a_row_a_period_and_line() -> None:
    found, made = told("halves", 3)
    records = made.records
    assert len(records.rows) == len(found.rows) * 8
    keys = [column.key for column in records.columns]
    first = dict(zip(keys, map(shown, records.rows[0]), strict=True))
    assert first == {
        "file": "it.yaml",
        "scenario": "by hand",
        "plan": "halves",
        "period": "2027-Q1",
        "start_month": "2027-01",
        "end_month": "2027-03",
        "section": "revenue",
        "subtotal": "false",
        "use": "hall",
        "meanwhile": "false",
        "at_start": "false",
        "line": "rent_usd",
        "value": 0.0,
        "unit": "usd",
    }


def test_wide_records_are_a_row_a_line_with_a_column_a_period() -> None:
    found, made = told("halves", 3)
    wide = told("halves", 3, layout="wide")[1].records
    keys = [column.key for column in wide.columns]
    assert len(wide.rows) == len(found.rows)
    assert keys[:4] == ["file", "scenario", "plan", "section"]
    assert keys[keys.index("unit") + 1 :] == [*(period.label for period in found.periods), "total"]
    labels = [column.key for column in made.records.columns]
    long = [dict(zip(labels, map(shown, row), strict=True)) for row in made.records.rows]
    figures = iter(long)
    for cells, row in zip(wide.rows, found.rows, strict=True):
        told_ = dict(zip(keys, map(shown, cells), strict=True))
        assert (told_["line"], told_["subtotal"]) == (row.name, "true" if row.section == "subtotal" else "false")
        assert [told_[period.label] for period in found.periods] == [next(figures)["value"] for _ in found.periods]
        assert told_["total"] == row.total
    assert {row["line"] for row in long if row["subtotal"] == "true"} >= {"revenue_usd", "gross_profit_usd", "net_usd"}


@pytest.mark.parametrize("months", [1, 12])
@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("form", WHOLE)
def test_every_format_renders_every_plan(form: str, name: str, months: int) -> None:
    made = told(name, months)[1]
    for width in (80, 120) if form == "terminal" else (80,):
        text = render(made, form, width=width)
        assert name in str(text)
        if form == "terminal":
            assert max(map(len, str(text).splitlines())) <= width


def test_a_year_and_its_months_carry_the_same_totals() -> None:
    by_year, by_month = told("halves")[0], told("halves", 1)[0]
    for ours, theirs in zip(by_year.rows, by_month.rows, strict=True):
        assert ours._replace(values=(), total=None) == theirs._replace(values=(), total=None)
        assert (ours.total is None) == (theirs.total is None)
        assert ours.total is None or ours.total == pytest.approx(theirs.total, rel=1e-12, abs=1e-6), ours.name
