"""The command: one file of one scenario, a folder of several with a league table, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc import load, workbook
from tests.cli.running import run
from tests.spreadsheet.recalculated import cells

SITE = """
name: {name}
start: 2027-01
months: 12
discount_rate_fraction_per_year: 0.1
market: {{hash_price_usd_per_ph_per_day: 50}}
site: {{gross_mw: 10, electricity_price_usd_per_kwh: 0.05}}
plans:
  mine: {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two scenarios."""
    sites = tmp_path / "sites"
    sites.mkdir()
    for name in ("north", "south"):
        (sites / f"{name}.yaml").write_text(SITE.format(name=name))
    return sites


def test_a_folder_makes_a_workbook_a_scenario_and_a_league_table(folder: Path, tmp_path: Path) -> None:
    done = run("workbook", str(folder), "--output", str(tmp_path / "books"))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Wrote 3 files into ")
    assert sorted(file.name for file in (tmp_path / "books").iterdir()) == ["league.xlsx", "north.xlsx", "south.xlsx"]
    league = cells((tmp_path / "books" / "league.xlsx").read_bytes())["League"]
    assert [league[f"A{row}"].value for row in (5, 6)] == ["north", "south"]
    assert isinstance(league["C5"].value, float)


def test_one_scenario_makes_one_file_and_says_what_is_in_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.xlsx"
    assert run("workbook", str(folder / "north.yaml"), "--output", str(file), "--quiet").code == 0
    answer = workbook(load(folder / "north.yaml"))
    (about,) = answer.data()["workbooks"]
    assert about["file"] == "north.xlsx"
    assert about["formulas_count"] > 100
    assert {"Cover", "Inputs", "Timeline", "mine", "Summary", "Checks", "Sources"} <= set(cells(file.read_bytes()))
    assert answer.frame()["file"].tolist() == ["north.xlsx"]


def test_what_cannot_be_written_is_refused_before_any_work(folder: Path, tmp_path: Path) -> None:
    one = run("workbook", str(folder / "north.yaml"), "--output", str(tmp_path / "model.xls"))
    assert (one.code, "model.xls does not end in .xlsx" in one.err) == (2, True)
    two = run("workbook", str(folder), "--output", str(tmp_path / "model.xlsx"))
    assert (two.code, "2 scenarios are 2 workbooks" in two.err) == (2, True)
    nowhere = run("workbook", str(folder / "north.yaml"), "--output", str(tmp_path / "no" / "model.xlsx"))
    assert (nowhere.code, "cannot write" in nowhere.err) == (2, True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["sites"]


def test_a_price_by_the_hour_has_a_workbook_with_a_sheet_of_its_prices(folder: Path, tmp_path: Path) -> None:
    price = "site.electricity_price_usd_per_kwh={duration_curve: ercot-hub-average-2023}"
    bare, hourly = tmp_path / "bare.xlsx", tmp_path / "hourly.xlsx"
    for file, settings in ((bare, ()), (hourly, ("--set", price))):
        done = run("workbook", str(folder / "north.yaml"), *settings, "--output", str(file))
        assert (done.code, done.err) == (0, "")
    assert len(cells(hourly.read_bytes())) > len(cells(bare.read_bytes()))
