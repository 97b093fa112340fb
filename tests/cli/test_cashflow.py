"""``minecalc cashflow``: one plan by month, quarter or year, in every format; what it sums is what ``compare`` says."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

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
