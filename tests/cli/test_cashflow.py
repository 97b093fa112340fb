"""``minecalc cashflow``: one plan by month, quarter or year, in every format; what it sums is what ``compare`` says."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.cashflow import question
from minecalc.analysis.cashflow.accounts import KINDS, Finding
from minecalc.cashflows import CATEGORIES
from tests.cli.running import HILLTOP, TEXAS, run

LEASE = "lease to an AI tenant"


def record(*arguments: str) -> Any:
    done = run("cashflow", TEXAS, "--plan", LEASE, "--format", "json", *arguments)
    assert (done.code, done.err) == (0, "")
    return done.data


def total(data: Any, name: str) -> float:
    (row,) = (row for row in data["rows"] if row["line"] == name)
    number: float = row["total"]
    return number


@pytest.mark.parametrize(
    ("flag", "months"), [((), 12), (("--annual",), 12), (("--quarterly",), 3), (("--monthly",), 1)]
)
def test_a_period_is_a_year_unless_a_flag_says_otherwise(flag: list[str], months: int) -> None:
    data = record(*flag)
    assert data["format"] == "minecalc.cashflow/1"
    assert (data["months_per_period"], len(data["periods"])) == (months, 120 // months)
    assert {len(row["values"]) for row in data["rows"]} == {120 // months}
    (compared,) = (p for p in run("compare", TEXAS, "--format", "json").scenarios[0]["plans"] if p["name"] == LEASE)
    assert total(data, "present_value_usd") == pytest.approx(compared["metrics"]["npv_usd"], abs=0.005, rel=0)
    assert total(data, "net_usd") == pytest.approx(sum(y["net_usd"] for y in compared["annual"]), abs=0.005, rel=0)


@pytest.mark.parametrize(
    "flags", [("--monthly", "--annual"), ("--monthly", "--quarterly"), ("--quarterly", "--annual")]
)
def test_two_periods_are_refused(flags: tuple[str, str]) -> None:
    done = run("cashflow", TEXAS, "--plan", LEASE, *flags)
    assert (done.code, done.out) == (2, "")
    assert done.err == "minecalc: give one of --monthly, --quarterly and --annual\n"


def test_the_screen_leads_with_the_answer() -> None:
    done = run("cashflow", TEXAS, "--plan", LEASE)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{LEASE} brings in $")
    assert "Ties to compare" in done.out
    assert f"{LEASE}: cash flow by year" in done.out
    quiet = run("cashflow", TEXAS, "--plan", LEASE, "--quiet")
    assert done.out.startswith(quiet.out)
    assert len(quiet.out.splitlines()) == 2


def test_the_lines_of_a_csv_sum_to_its_net() -> None:
    text = run("cashflow", TEXAS, "--plan", LEASE, "--monthly", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["file"] for row in rows} == {TEXAS}
    categories = {"revenue", "power", "opex", "prepayment", "capex", "sale", "residual"}
    for month in ("2027-01", "2027-06", "2028-06", "2036-12"):
        of_month = [row for row in rows if row["period"] == month]
        lines = sum(float(row["value"]) for row in of_month if row["section"] in categories)
        (net,) = (float(row["value"]) for row in of_month if row["line"] == "net_usd")
        assert lines == pytest.approx(net, rel=1e-12)
        assert net != 0


def test_the_plan_must_be_one_of_the_file() -> None:
    done = run("cashflow", TEXAS)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("minecalc: the scenario has 4 plans; add --plan with one of ")
    wrong = run("cashflow", TEXAS, "--plan", "keep minign")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("minecalc: --plan: there is no plan keep minign; did you mean keep mining?")


def test_a_scenario_of_one_plan_comes_from_standard_input_and_needs_no_name() -> None:
    text = b"name: x\nmonths: 12\nsite: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}\n"
    text += b"plans: {halls: {kind: colocation, rent_usd_per_kw_per_month: 100}}\n"
    done = run("cashflow", "-", "--format", "json", stdin=text)
    assert (done.code, done.err) == (0, "")
    assert (done.data["file"], done.data["plan"]) == ("-", "halls")
    assert total(done.data, "revenue_usd") == pytest.approx(40_000 * 0.7 * 100 * 12)


def test_inputs_can_be_set() -> None:
    before, after = (
        record(),
        record("--set", "discount_rate_fraction_per_year=0", "--set", f'plans."{LEASE}".pue_ratio=1'),
    )
    assert total(after, "energy_mwh") < total(before, "energy_mwh")
    own = record("--set", f'plans."{LEASE}".discount_rate_fraction_per_year=0')
    assert total(own, "present_value_usd") == pytest.approx(total(own, "net_usd"))


def test_a_wrong_file_ends_with_its_diagnostics(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: x\nsite: {gross_mw: -1}\nplans: {}\n")
    done = run("cashflow", file)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{file}:2:")


def test_an_output_file_has_the_format_of_its_suffix(tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    done = run("cashflow", HILLTOP, "--plan", "keep mining", "--output", file)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert file.read_text().startswith("file,scenario,plan,period,")
    refused = run("cashflow", HILLTOP, "--plan", "keep mining", "--output", tmp_path / "statement.docx")
    assert refused.code == 2


def test_csv_can_be_as_wide_as_a_model_and_the_wide_sums_tie() -> None:
    done = run("cashflow", TEXAS, "--plan", LEASE, "--format", "csv", "--layout", "wide")
    assert (done.code, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
    years = [str(year) for year in range(2027, 2037)]
    assert set(years) <= set(rows[0])
    (net,) = (row for row in rows if row["line"] == "net_usd")
    assert net["subtotal"] == "true"
    lines = [row for row in rows if row["section"] in CATEGORIES]
    assert {row["subtotal"] for row in lines} == {"false"}
    for year in [*years, "total"]:
        assert float(net[year]) == pytest.approx(sum(float(row[year]) for row in lines), abs=0.005)
    wrong = run("cashflow", TEXAS, "--plan", LEASE, "--layout", "tall")
    assert (wrong.code, wrong.err) == (2, "minecalc: --layout tall is no layout; use long, wide\n")


#: What makes of the lease a financed and taxed one.
FINANCED = b"""
name: financed
months: 36
start: 2027-01
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
tax: {rate_fraction: 0.21}
plans:
  hall:
    kind: colocation
    rent_usd_per_kw_per_month: 150
    conversion: {starts: 2027-01, ready: 2027-05, capex_usd_per_critical_mw: 1000000}
    financing:
      tranches:
        notes: {share_of_cost_fraction: 0.6, rate_fraction_per_year: 0.06, repayment: level, term_months: 24}
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flag", ["--monthly", "--quarterly", "--annual"])
def test_an_account_stands_in_place_of_the_lines(kind: str, flag: str) -> None:
    done = run("cashflow", "-", "--statement", kind, flag, "--format", "json", stdin=FINANCED)
    assert (done.code, done.err) == (0, "")
    assert (done.data["format"], done.data["statement"]) == ("minecalc.cashflow/1", kind)
    assert done.data["checks"]["hold"] is True
    screen = run("cashflow", "-", "--statement", kind, flag, stdin=FINANCED)
    assert (screen.code, screen.err) == (0, "")
    assert "All 12 checks hold; the largest gap is " in screen.out
    wide = run("cashflow", "-", "--statement", kind, flag, "--format", "csv", "--layout", "wide", stdin=FINANCED)
    assert len(wide.out.splitlines()) == len(done.data["rows"]) + 1


def test_lines_of_a_financed_plan_go_on_to_equity_and_are_checked() -> None:
    done = run("cashflow", "-", "--format", "json", stdin=FINANCED)
    rows = {row["line"]: row for row in done.data["rows"] if row["section"] in ("subtotal", "memo")}
    below = [row for row in done.data["rows"] if row["section"] in ("debt", "tax")]
    assert {row["use"] for row in below} == {None, "notes"}
    sums = [rows["before_debt_and_tax_usd"]["values"], rows["debt_usd"]["values"], rows["tax_usd"]["values"]]
    assert rows["net_usd"]["values"] == pytest.approx([sum(parts) for parts in zip(*sums, strict=True)])
    assert rows["equity_usd"]["values"] == pytest.approx(rows["net_usd"]["values"])
    assert done.data["checks"]["largest_difference_usd"] < 0.005
    assert done.data["accounts"]["hold"] is True
    screen = run("cashflow", "-", stdin=FINANCED).out
    assert screen.startswith("hall brings equity $")
    assert "Ties to compare" in screen
    assert "All 12 checks hold" in screen


def test_a_plan_of_equity_alone_has_no_debt_and_no_tax() -> None:
    done = run("cashflow", TEXAS, "--plan", LEASE, "--statement", "debt")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"minecalc: {LEASE} has no debt: give it a financing block, or ask for another statement\n"
    taxed = run("cashflow", TEXAS, "--plan", LEASE, "--statement", "tax")
    assert (taxed.code, taxed.out) == (2, "")
    assert taxed.err == f"minecalc: {LEASE} is not taxed: give it a tax block, or ask for another statement\n"
    assert run("cashflow", TEXAS, "--plan", LEASE, "--statement", "balance").code == 0


def test_an_unknown_statement_is_refused() -> None:
    done = run("cashflow", TEXAS, "--plan", LEASE, "--statement", "blance")
    assert (done.code, done.out) == (2, "")
    assert done.err == "minecalc: --statement blance is no statement; use income, cash, balance, debt, tax\n"


@pytest.mark.parametrize("asked", [(), ("--statement", "cash")])
def test_a_check_that_does_not_hold_is_exit_code_1(asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Finding("the balance sheet balances", 1234.5, 2e-4, "2028-02")
    monkeypatch.setattr("minecalc.analysis.cashflow.accounts.findings", lambda *_: (bad,))
    monkeypatch.setattr(question, "findings", lambda *_: (bad,))
    done = run("cashflow", "-", *asked, "--format", "json", stdin=FINANCED)
    assert done.code == 1
    told = "the balance sheet balances (off by 1,234.50 USD, 2.0e-04 of total cost, in 2028-02)"
    assert done.err == f"minecalc: a check does not hold: {told}\n"
    assert done.data["plan"] == "hall"
