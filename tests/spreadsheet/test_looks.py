"""What a reader of a workbook sees: numbers, columns that add up, years, steps with names, remarks as a whole."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest

from minecalc import loads, workbook
from minecalc.spreadsheet._looks import number_format, unit_words
from tests.spreadsheet.examples import data, scenario, written
from tests.spreadsheet.recalculated import Cell, cells, place

FINANCED = "debt at a linear cost, taxed"
ALL_EQUITY = "all equity, machines and GPUs"


def test_numbers_look_by_unit_and_size() -> None:
    def of(unit: str, *values: float) -> str:
        return number_format(unit, np.array(values))

    assert of("usd_per_mw_per_year", 1_073_680.8) == "#,##0"
    assert of("usd_per_gross_mwh", 122.49, np.nan) == "#,##0.00"
    assert (of("usd_per_kwh", 0.0523), of("btc_per_ph_per_day", 0.000307)) == ("0.0000", "0.00000000")
    assert (of("months", 104.4), of("months", 12.0), of("count", 3700.0)) == ("#,##0.0", "#,##0", "#,##0")
    assert (of("ratio", 5.5837), of("fraction_per_year", 0.1)) == ("0.00", "0.00%")
    assert number_format("months") == "General"  # as it was typed
    assert unit_words("usd_per_gross_mwh") == "USD per gross MWh"
    assert (unit_words("fraction_per_year"), unit_words("eh_per_s")) == ("% a year", "EH per s")


@pytest.mark.parametrize("name", [FINANCED, ALL_EQUITY])
def test_no_format_leaves_a_point_without_decimals(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data(name))) as book:
        formats = re.findall(r'formatCode="([^"]*)"', book.read("xl/styles.xml").decode())
    assert len(formats) > 5
    assert not [text for text in formats if re.search(r"\.#", text)]


def rows(sheet: dict[str, Cell], title: str) -> dict[str, dict[int, float]]:
    """The numbers of each row under a heading, by the label of the row and by column."""
    labels = {place(cell)[0]: str(at.value) for cell, at in sheet.items() if re.fullmatch(r"A\d+", cell)}
    first = next(row for row, label in labels.items() if label == title)
    found: dict[str, dict[int, float]] = {}
    for cell, at in sheet.items():
        row, column = place(cell)
        if row > first and all(other in labels for other in range(first, row)) and isinstance(at.value, float):
            found.setdefault(labels[row], {})[column] = at.value
    return found


def test_statements_add_up_in_every_column() -> None:
    cash = rows(written(FINANCED)["Statements"], "Cash flow statement of lease")
    months = range(8, 8 + 72)
    assert all(set(months) <= set(cash[line]) for line in ("Opening cash", "Debt drawn", "Financing cash"))
    for month in months:
        change = sum(cash[line][month] for line in ("Operating cash", "Investing cash", "Financing cash"))
        assert change == pytest.approx(cash["Change in cash"][month], abs=1e-3)
        closing = cash["Opening cash"][month] + cash["Change in cash"][month]
        assert closing == pytest.approx(cash["Closing cash"][month], abs=1e-3)
    assert "Total" not in cash
    assert 4 in cash["Change in cash"]
    assert 4 not in cash["Closing cash"]  # a sum of balances is nothing


def test_years_add_up_months_and_end_with_their_balances() -> None:
    sheet = written(FINANCED)["By year"]
    months = rows(written(FINANCED)["Statements"], "Cash flow statement of lease")
    years = rows(sheet, "Cash flow statement")
    assert [sheet[f"{column}4"].value for column in "CDEFGH"] == [2027.0, 2028.0, 2029.0, 2030.0, 2031.0, 2032.0]
    for number, column in enumerate(range(3, 9)):
        inside = range(8 + 12 * number, 20 + 12 * number)
        assert years["Capex"][column] == pytest.approx(sum(months["Capex"].get(month, 0.0) for month in inside))
        assert years["Opening cash"][column] == months["Opening cash"][inside[0]]
        assert years["Closing cash"][column] == months["Closing cash"][inside[-1]]
    assert years["Debt drawn"][2] == pytest.approx(months["Debt drawn"][4])
    balance, at_end = rows(sheet, "Balance sheet"), rows(written(FINANCED)["Statements"], "Balance sheet of lease")
    assert balance["Total assets"][4] == at_end["Total assets"][8 + 23]
    net = rows(written(ALL_EQUITY)["By year"], "Revenue")
    assert net  # a plan without statements has its lines


def test_a_rate_that_outlasts_the_horizon_stands_below_its_months() -> None:
    """The bond is due in December 2035, three years after the horizon; its rate rises in March 2028."""
    rises = "plans.lease.financing.tranches.bond.rate_fraction_per_year={steps: {2027-01: 0.07, 2028-03: 0.08}}"
    (book,) = workbook(scenario(FINANCED, rises)).files.values()
    sheet = cells(book)["Financing"]
    labels = {at.value: place(cell)[0] for cell, at in sheet.items() if re.fullmatch(r"A\d+", cell)}
    row = {place(cell)[1]: at.value for cell, at in sheet.items() if place(cell)[0] == labels["Rate"]}
    assert (7 in row, sheet["G3"].value) == (False, "today")
    assert [row[8 + month] for month in (0, 13, 14, 100)] == [0.07, 0.07, 0.08, 0.08]


def test_a_year_has_the_year_above_it() -> None:
    sheet = written(FINANCED)["Tax"]
    heads = [place(cell)[0] for cell, at in sheet.items() if str(at.value).endswith("lease, by calendar year")]
    assert len(heads) == 1
    assert [sheet[f"{column}{heads[0]}"].value for column in "GHIJKL"] == [2027.0 + year for year in range(6)]


def test_steps_are_called_by_what_they_are_for() -> None:
    labels = [str(at.value) for cell, at in written(FINANCED)["Financing"].items() if re.fullmatch(r"A\d+", cell)]
    steps = [label for label in labels if re.search(r": step \d+$", label)]
    assert len(steps) > 20
    assert len(set(steps)) > 20
    assert not [label for label in labels if "…" in label or "×" in label]


def test_a_remark_of_several_lines_stands_behind_its_input() -> None:
    text = """
name: remarked
start: 2027-01
months: 12                  # to the end
                            # of the year
  # not of it
discount_rate_fraction_per_year: 0.1
market: {hash_price_usd_per_ph_per_day: 50}
site:
  gross_mw: 10              # the bill of May says
                            # ten at the meter,
                            #   and no more
  electricity_price_usd_per_kwh: 0.05
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}
"""
    (book,) = map(cells, workbook(loads(text)).files.values())
    told = [str(at.value) for at in book["Inputs"].values()]
    assert "<text>:10:13; the bill of May says ten at the meter, and no more" in told


def test_only_differences_of_money_are_hidden_as_dust() -> None:
    """Half a percent of IRR is a difference; half a cent of NPV is none."""
    with zipfile.ZipFile(io.BytesIO(data(ALL_EQUITY))) as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        sheet = book.read(f"xl/worksheets/sheet{names.index('Summary') + 1}.xml").decode()
    hidden = {cell for ranges in re.findall(r'conditionalFormatting sqref="([^"]*)"', sheet) for cell in ranges.split()}
    heads = {cell: at.value for cell, at in written(ALL_EQUITY)["Summary"].items() if at.value in ("USD", "% a year")}
    columns = {re.sub(r"\d", "", cell): unit for cell, unit in heads.items()}
    assert {re.sub(r"\d.*", "", ranges) for ranges in hidden} == {at for at, unit in columns.items() if unit == "USD"}
    assert "% a year" in columns.values()


def test_inputs_are_called_what_readers_call_them() -> None:
    labels = {str(at.value) for cell, at in written(FINANCED)["Inputs"].items() if re.fullmatch(r"A\d+", cell)}
    assert {"BTC price, first month", "BTC price growth", "Electricity price (site)", "PUE (lease)"} <= labels


def test_the_league_says_its_units_and_shows_no_digits_to_spare() -> None:
    league = workbook(scenario(ALL_EQUITY), scenario(FINANCED)).files["league.xlsx"]
    heads = [cells(league)["League"][f"{column}4"].value for column in "CDEFGHI"]
    assert heads[:3] == ["NPV at the scenario's rate, USD", "IRR, % a year", "Payback, months"]
    assert heads[6] == "Gross profit, USD per gross MWh"
    with zipfile.ZipFile(io.BytesIO(league)) as book:
        styles = book.read("xl/styles.xml").decode()
    assert "#,##0.0" in re.findall(r'formatCode="([^"]*)"', styles)  # months of payback
    numbers = set(re.findall(r'<c r="E\d+" s="(\d+)"><v>', _sheet(league)))
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles[styles.index("<cellXfs") :])
    assert numbers
    assert all(formats[int(number)] != "0" for number in numbers)


def _sheet(book: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        return opened.read("xl/worksheets/sheet1.xml").decode()
