"""How a plan's accounts are laid out, what their headlines say, and what programs read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from minecalc.analysis.cashflow.accounts import KINDS, Accounts, Finding, Kind, accounts
from minecalc.analysis.cashflow.accounts_document import document, fault, notes
from minecalc.analysis.cashflow.accounts_document import told as checks_told
from minecalc.analysis.cashflow.statement import Layout
from minecalc.document import Document, Note, Table, Text
from minecalc.engine import evaluate
from minecalc.loading import read_bytes
from minecalc.reports import render
from tests.analysis.cashflow.test_document import plain, rows, shown, table
from tests.by_hand import CONVERSION, LEASE, MARKET, MINER, SITE, Data, freed
from tests.engine.test_stated import EVERYTHING
from tests.reports.whole import WHOLE
from tests.test_corners import LOAN


def told(
    kind: Kind, months: int = 12, layout: Layout = "long", plans: Data = EVERYTHING, **more: int
) -> tuple[Accounts, Document]:
    """An account of the plan with everything, and its document."""
    data = {"name": "by hand", "months": 48, "discount_rate_fraction_per_year": 0, "site": SITE, "market": MARKET}
    text = json.dumps({**data, **more, "start": "2027-01", "plans": freed(plans)})
    reading = read_bytes(text.encode(), "it.yaml", Path())
    assert reading.scenario is not None, reading.diagnostics
    found = accounts(evaluate(reading.scenario).plans["it"], kind, months)
    return found, document(found, reading, reading.scenario, layout)


def headline(found: Document) -> str:
    (text,) = (plain(block.text) for block in found.blocks if isinstance(block, Note) and block.kind == "headline")
    return text


def test_every_account_has_a_headline_of_its_totals() -> None:
    for kind, begins in {
        "income": "it earns <",
        "cash": "it: equity pays in <",
        "balance": "it has assets of <",
        "debt": "it borrows <",
        "tax": "it pays tax of <",
    }.items():
        found, shown_as = told(kind)  # type: ignore[arg-type]
        assert headline(shown_as).startswith(begins)
        assert found.kind == kind
    found, shown_as = told("income")
    (income,) = (row.total for row in found.rows if row.name == "net_income_usd")
    assert headline(shown_as).startswith(f"it earns <{income:.6g} usd> from 2027-01 to 2030-12: EBITDA of <")


def test_a_plan_that_loses_says_so() -> None:
    idle = {"it": EVERYTHING["it"]["uses"]["rig"] | {"hash_rate_eh_per_s": 0.1, "machine_resale_usd_per_th": 0}}
    found = told("income", plans={"it": idle["it"] | {"curtail": False, "opex_usd_per_mw_per_year": 1e7}})[1]
    assert headline(found).startswith("it loses <")


def test_losses_that_are_never_used_stand_in_the_headline() -> None:
    assert "never deducted" not in headline(told("tax")[1])
    hall = EVERYTHING["it"]["uses"]["hall"] | {"rent_usd_per_kw_per_month": 1}
    poor = {"it": {"uses": {"hall": hall}, "tax": {"rate_fraction": 0.2}}, "mine": EVERYTHING["mine"]}
    assert headline(told("tax", plans=poor)[1]).endswith("are never deducted.")


def test_a_balance_sheet_stands_in_its_order_with_totals_ruled_off() -> None:
    found = told("balance")[1]
    assert list(rows(found)) == [
        "Cash",
        "Reserve",
        "Plant",
        "Fees and discount not amortised",
        "Total assets",
        "Debt",
        "Accrued interest",
        "Deferred revenue",
        "Total liabilities",
        "Equity paid in",
        "Retained earnings less distributions",
        "Total equity",
        "Liabilities and equity",
    ]
    assert table(found).sections == [5, 9, 12]
    assert table(found).title == "it: balance sheet by year"
    assert rows(found)["Total assets"][-2:] == ["-", "-"]


def test_debt_has_each_tranche_by_name() -> None:
    found = rows(told("debt")[1])
    for name in ("senior", "bond"):
        assert {f"Opening ({name})", f"Drawn ({name})", f"Closing ({name})", f"Interest paid ({name})"} <= set(found)
    assert found["Least DSCR"][0] == "-" or isinstance(found["Least DSCR"][0], float)
    assert {"Reserve opening", "Reserve funded", "CFADS", "To equity", "Cash closing"} <= set(found)


def test_tax_is_by_calendar_year_with_depreciation_by_class() -> None:
    found = told("tax", months=3)[1]
    assert table(found).title == "it: tax by calendar year"
    assert [column.title for column in table(found).columns][1:] == ["2027", "2028", "2029", "2030", "Total"]
    assert {"Depreciation, macrs_39", "Depreciation, macrs_15", "Depreciation, macrs_5"} <= set(rows(found))


@pytest.mark.parametrize("kind", KINDS)
def test_many_periods_stand_below_each_other(kind: Kind) -> None:
    found, shown_as = told(kind, 1)
    if kind == "tax":
        return
    rows_ = table(shown_as).rows
    assert [str(shown(row[0])) for row in rows_] == [*(period.label for period in found.periods), "Total"]
    assert table(shown_as).sections == [12, 24, 36, 48]
    assert "All rows: --format csv or json." in table(shown_as).caption


def test_columns_of_short_periods_add_rows_of_all_tranches() -> None:
    found, shown_as = told("debt", 1)
    titles = [column.title for column in table(shown_as).columns]
    assert titles == ["Period", "Opening", "Drawn", "Repaid", "Closing", "Interest", "CFADS", "Reserve", "DSCR"]
    cells = dict(zip(titles, (shown(cell) for cell in table(shown_as).rows[9]), strict=True))
    assert cells["Closing"] == sum(found.values("debt_closing_usd", use)[9] for use in ("senior", "bond"))
    assert cells["Interest"] == sum(found.values("interest_paid_usd", use)[9] for use in ("senior", "bond"))
    assert cells["DSCR"] == found.values("dscr_min_ratio")[9]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("months", [1, 12])
@pytest.mark.parametrize("name", WHOLE)
def test_every_format_shows_every_account(kind: Kind, months: int, name: str) -> None:
    assert render(told(kind, months)[1], name)


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_whole_in_both_layouts(kind: Kind) -> None:
    found, long = told(kind, 3)
    wide = told(kind, 3, "wide")[1]
    assert len(wide.records.rows) == len(found.rows)
    assert len(long.records.rows) == len(found.rows) * len(found.periods)
    assert {"plan", "section", "subtotal", "use", "line", "value", "unit"} <= {c.key for c in long.records.columns}


def test_data_has_rows_and_every_check() -> None:
    data = told("debt")[1].data
    assert (data["format"], data["plan"], data["statement"]) == ("minecalc.cashflow/1", "it", "debt")
    assert data["rows"][0]["line"] == "debt_opening_usd"
    (cover,) = (row for row in data["rows"] if row["line"] == "dscr_min_ratio")
    assert len(cover["values"]) == 4
    checks = data["checks"]
    assert checks["hold"] is True
    assert checks["largest_gap_ratio"] < 1e-12
    assert len(checks["gaps"]) == 12
    assert {"check", "holds", "gap_usd", "gap_ratio", "month"} == set(checks["gaps"][0])
    json.dumps(data, allow_nan=False)


GOOD = Finding("sources are uses", 1e-7, 1e-15, "2027-04")
BAD = Finding("the balance sheet balances", 1234.5, 2e-4, "2028-02")
WORSE = Finding("every account ends at zero", float("nan"), float("nan"), "2030-12")


def test_checks_that_hold_are_one_line() -> None:
    (note,) = notes([GOOD, GOOD._replace(gap_ratio=3e-14)])
    assert isinstance(note, Note)
    assert note.text == "All 2 checks hold; the largest gap is 3.0e-14 of total cost."
    assert fault([GOOD]) == ""


def test_a_check_that_does_not_hold_is_a_warning_and_a_fault() -> None:
    (note,) = notes([GOOD, BAD])
    assert isinstance(note, Note)
    assert (note.kind, plain(note.text)) == (
        "warning",
        "A check does not hold: the balance sheet balances; it is off by <1234.5 usd> in 2028-02.",
    )
    assert fault([GOOD, BAD]) == (
        "a check does not hold: the balance sheet balances (off by 1,234.50 USD, 2.0e-04 of total cost, in 2028-02)"
    )
    assert fault([BAD, WORSE]).startswith("a check does not hold: every account ends at zero (off by nan USD")
    assert fault([BAD, WORSE]).endswith(", in 2030-12), and 1 more")


def test_a_gap_that_is_no_number_is_null_for_programs() -> None:
    data = checks_told([BAD, WORSE])
    assert (data["largest_gap_ratio"], data["hold"], data["gaps"][1]["gap_usd"]) == (None, False, None)
    assert checks_told([GOOD, BAD])["largest_gap_ratio"] == 2e-4


def test_all_cells_of_a_table_are_figures_or_dashes() -> None:
    for kind in KINDS:
        for block in told(kind)[1].blocks:
            if isinstance(block, Table):
                cells = [cell for row in block.rows for cell in row[1:]]
                assert {cell.text for cell in cells if isinstance(cell, Text)} <= {"-"}


@pytest.mark.parametrize(("repayment", "term", "pictures"), [("sculpted", 12, 0), ("bullet", 1, 0), ("level", 36, 1)])
def test_cover_is_a_picture_from_two_dates_on(repayment: str, term: int, pictures: int) -> None:
    """A lease that costs all of its rent borrows nothing by its cash; one month's interest is one year's cover."""
    terms = {**LOAN["tranches"]["loan"], "repayment": repayment, "term_months": term}
    use = LEASE | {"conversion": CONVERSION, "financing": {**LOAN, "tranches": {"loan": terms}}}
    plans = {"mine": MINER, "it": use | ({"opex_fraction_of_rent": 1} if repayment == "sculpted" else {})}
    _, shown_as = told("debt", plans=plans)
    (account,) = (block for block in shown_as.blocks if isinstance(block, Table))
    assert (account.picture is not None) == bool(pictures)
