"""Prices by the hour in a workbook: a file of several years, columns of one formula, prices changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from minecalc import Scenario, load, workbook
from tests.made_up_hours import hours_of, written
from tests.spreadsheet.comparing import differences, same
from tests.spreadsheet.examples import written as cells_of
from tests.spreadsheet.recalculated import IronCalc, cells, place
from tests.spreadsheet.test_book import relative

SITE = """
name: by the hour
start: 2027-11
months: 16
site:
  gross_mw: 20
  electricity_price_usd_per_kwh: {hourly: hours.csv, unit: usd_per_mwh, time_zone: America/Chicago, scale: 0.9}
  curtailment_obligation: {months: [1, 2, 7], hours: 90, load_fraction: 0.1}
market: {hash_price_usd_per_ph_per_day: 33}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.8, efficiency_j_per_th: 21, curtail: true}
"""


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Scenario]:
    """The scenario of a folder of its own, with the prices of these years; they are multiplied by ``times``."""

    def read(*years: int, times: float = 1.0) -> Scenario:
        hours = [(at, price * times) for at, price in hours_of(years, "America/Chicago", 5)]
        written(hours, tmp_path / "hours.csv")
        (tmp_path / "site.yaml").write_text(SITE)
        return load(tmp_path / "site.yaml")

    return read


def test_a_file_of_two_years_is_computed_by_another_engine_as_by_this(site: Callable[..., Scenario]) -> None:
    (data,) = workbook(site(2027, 2028)).files.values()
    book = IronCalc(data)
    book.compute()
    found = cells(data)
    assert list(differences(found, book.value)) == []
    months = [found["Hourly prices"][f"{column}6"].value for column in ("B", "C", "O", "P")]
    assert months == ["2027-01", "2027-02, 28 d", "2028-01", "2028-02, 28 d"]
    timeline = found["Timeline"]
    row = next(place(cell)[0] for cell, at in timeline.items() if at.value == "Column of hourly prices")
    taken = [at.value for cell, at in timeline.items() if place(cell)[0] == row]
    assert taken[1:5] == [12.0, 13.0, 14.0, 16.0]  # from November 2027; the February of 2028 has 29 days


def test_prices_changed_by_hand_give_what_the_engine_gives_for_such_a_file(site: Callable[..., Scenario]) -> None:
    (data,) = workbook(site(2027)).files.values()
    book = IronCalc(data)
    for cell, (value, formula) in cells(data)["Hourly prices"].items():
        row, column = place(cell)
        if row > 10 and 1 < column < 15 and not formula:
            book.set("Hourly prices", cell, value * 1.5)
    book.compute()
    assert book.value("Checks", "B3") == "All checks hold"
    (expected,) = map(cells, workbook(site(2027, times=1.5)).files.values())
    lines = {cell: value for cell, (value, formula) in expected["mine"].items() if formula}
    largest = max(abs(value) for value in lines.values() if isinstance(value, float))
    assert len(lines) > 500
    assert all(same(value, book.value("mine", cell), 1e3 * largest) for cell, value in lines.items())


def test_a_price_out_of_order_turns_a_check_red(site: Callable[..., Scenario]) -> None:
    (data,) = workbook(site(2027)).files.values()
    book = IronCalc(data)
    book.set("Hourly prices", "D200", 9.0)
    book.compute()
    assert book.value("Checks", "B3") == "1 of the checks below fail: see what to ask minecalc again"


def test_a_column_has_one_formula_from_its_first_price_to_its_last() -> None:
    columns: dict[int, set[str]] = {}
    for cell, (_, formula) in cells_of("power by the hour, off in dear hours")["Hourly prices"].items():
        row, column = place(cell)
        if formula and row > 10:
            columns.setdefault(column, set()).add(relative(formula, row, column))
    assert len(columns) == 24
    assert all(len(found) == 1 for found in columns.values())
    assert len(set.union(*columns.values())) == 2
