"""Workbooks: the same numbers in another engine, one formula a row, no hidden numbers, the same bytes, inert text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minecalc import load, workbook
from minecalc.spreadsheet._formulas import PLAIN_NUMBERS
from minecalc.spreadsheet.book import sheet_names
from tests.spreadsheet.comparing import differences
from tests.spreadsheet.examples import EXAMPLES, data, scenario, written
from tests.spreadsheet.recalculated import IronCalc, place, without_values
from tests.spreadsheet.recalculated import cells as read

_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\w(.])")
_STRINGS = re.compile(r'"[^"]*"')
_SHEET = re.compile(r"'(?:[^']|'')+'!")


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_engine_computes_every_cell_as_it_was_written(name: str) -> None:
    book = IronCalc(data(name))
    book.compute()
    assert list(differences(written(name), book.value)) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_row_has_one_formula_from_its_first_month_to_its_last(name: str) -> None:
    for sheet, cells in written(name).items():
        rows: dict[int, set[str]] = {}
        for cell, (_, formula) in cells.items():
            row, column = place(cell)
            if formula and column > 6 and sheet not in ("Summary", "Checks", "Hourly prices"):
                rows.setdefault(row, set()).add(relative(formula, row, column))
        assert {row: found for row, found in rows.items() if len(found) > 1} == {}, sheet


def relative(formula: str, row: int, column: int) -> str:
    """The formula with what it refers to by how far away that is, as R1C1 has it."""

    def reference(match: re.Match[str]) -> str:
        its_row, its_column = place(match[2] + match[4])
        across = f"C{its_column}" if match[1] else f"C[{its_column - column}]"
        return (f"R{its_row}" if match[3] else f"R[{its_row - row}]") + across

    return _REFERENCE.sub(reference, formula)


@pytest.mark.parametrize("name", EXAMPLES)
def test_formulas_have_no_numbers_but_those_everybody_knows(name: str) -> None:
    for sheet, cells in written(name).items():
        for cell, (_, formula) in cells.items():
            text = _REFERENCE.sub("", _SHEET.sub("", _STRINGS.sub("", formula)))
            numbers = {float(number) for number in re.findall(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w.])", text)}
            assert numbers <= PLAIN_NUMBERS, f"{sheet}!{cell}: {formula}"


#: Functions of Excel 2007 that formulas may have.
_KNOWN = frozenset(
    {"ABS", "AND", "COLUMNS", "COUNT", "COUNTIF", "DATE", "DAY", "EDATE", "EOMONTH", "EXP", "IF", "INDEX", "INT", "IRR"}
)
_KNOWN |= {"ISERROR", "ISNUMBER", "ISODD", "MATCH", "MAX", "MIN", "MIRR", "MOD", "MONTH", "N", "NOT", "NPV", "OR"}
_KNOWN |= {"ROUND", "SIGN", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "YEAR"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_formulas_have_functions_of_excel_2007_alone(name: str) -> None:
    used = {
        function
        for cells in written(name).values()
        for _, formula in cells.values()
        for function in re.findall(r"([A-Z][A-Z0-9.]*)\(", _STRINGS.sub("", formula))
    }
    assert used <= _KNOWN


def test_the_same_scenario_gives_the_same_bytes() -> None:
    name = "all equity, machines and GPUs"
    assert workbook(scenario(name)).files["hosted-small-miner.xlsx"] == data(name)


def test_every_cell_remembers_a_value() -> None:
    """A viewer that does not calculate shows them; stripped of them nothing is left to show."""
    name = "all equity, machines and GPUs"
    assert b"</f><v></v>" not in data(name)
    assert not any(cell.value == "" for cells in written(name).values() for cell in cells.values() if cell.formula)

    assert all(
        not cell.value for cells in read(without_values(data(name))).values() for cell in cells.values() if cell.formula
    )


def test_what_users_type_is_text_wherever_it_stands(tmp_path: Path) -> None:
    inert = "=cmd|' /C calc'!A0"
    text = f"""
name: "{inert}"
start: 2027-01
months: 24
discount_rate_fraction_per_year: 0.1
market: {{hash_price_usd_per_ph_per_day: 50}}
site: {{gross_mw: 10, electricity_price_usd_per_kwh: 0.05}}
plans:
  "{inert}": {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}}
  "+[x]:*?/{"y" * 40}": {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.3, efficiency_j_per_th: 20}}
  "+[x]:*?/{"y" * 40}z": {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.2, efficiency_j_per_th: 20}}
"""
    path = tmp_path / "inert.yaml"
    path.write_text(text)
    book = workbook(load(path)).files["inert.xlsx"]

    formulas = [cell.formula for cells in read(book).values() for cell in cells.values() if cell.formula]
    assert formulas
    assert not [formula for formula in formulas if "|" in _SHEET.sub("", formula) or "calc'" in _SHEET.sub("", formula)]
    computed = IronCalc(book)
    computed.compute()
    assert list(differences(read(book), computed.value)) == []


def test_sheets_have_names_that_spreadsheets_take() -> None:
    names = ["Summary", "a/b", "a b", "x" * 40, "x" * 41, "'q'", ""]
    found = sheet_names(names)
    assert [found[name] for name in names] == ["Summary 2", "a b", "a b 2", "x" * 31, "x" * 27 + " 2", "q", "Plan"]


def test_a_scenario_gives_the_same_bytes_wherever_it_stands(tmp_path: Path) -> None:
    base = "market: {hash_price_usd_per_ph_per_day: {csv: price.csv, column: usd}}\nsite: {gross_mw: 10}\n"
    text = """
extends: base/site.yaml
name: anywhere
start: 2027-01
months: 12
discount_rate_fraction_per_year: 0.1
site: {electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}
"""
    made = []
    for folder in (tmp_path / "here", tmp_path / "some" / "where else"):
        (folder / "base").mkdir(parents=True)
        (folder / "base" / "site.yaml").write_text(base)
        (folder / "base" / "price.csv").write_text("usd\n" + "\n".join(str(50 - month) for month in range(12)) + "\n")
        (folder / "anywhere.yaml").write_text(text)
        made.append(workbook(load(folder / "anywhere.yaml")).files["anywhere.xlsx"])
    assert made[0] == made[1]
    told = {str(cell.value) for cells in read(made[0]).values() for cell in cells.values()}
    assert {"anywhere.yaml", "site.yaml", "price.csv"} <= told
    assert not [text for text in told if str(tmp_path) in text]
