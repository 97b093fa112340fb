"""How a price by the hour is written in a file, and what is refused; the other forms stand in ``test_paths``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minecalc.values.forms import Wants, month_help, read
from minecalc.values.shapes import Hourly, parts_of

PRICE = Wants("electricity_price_usd_per_kwh", -1, 2, by_hour=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("hours")
    (found / "year.csv").write_text("usd_per_mwh\n" + "\n".join("30" for _ in range(8760)))
    return found


def test_a_file_by_the_hour_with_what_stands_beside_it(folder: Path) -> None:
    data = {"hourly": "year.csv", "adder_usd_per_kwh": 0.01, "growth_fraction_per_year": 0.1, "scale": 2, "shift": 0.5}
    form, problems = read(data, folder, PRICE)
    assert form is not None, problems
    assert isinstance(form.shape, Hourly)
    assert (form.scale, form.shift) == (2.0, 0.5)
    assert parts_of(form.shape) == {
        "growth_fraction_per_year": 0.1,
        "adder_usd_per_kwh": 0.01,
        "adder_growth_fraction_per_year": 0.0,
    }


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        ({"hourly": "none.csv"}, "missing-file", ("hourly",)),
        ({"hourly": 5}, "wrong-type", ("hourly",)),
        ({"hourly": "year.csv", "unit": "usd_per_mw"}, "bad-choice", ("unit",)),
        ({"hourly": "year.csv", "gaps": "zero"}, "bad-choice", ("gaps",)),
        ({"hourly": "year.csv", "time_zone": 5}, "wrong-type", ("time_zone",)),
        ({"hourly": "year.csv", "time_zone": "Texas"}, "unknown-name", ("time_zone",)),
        ({"hourly": "year.csv", "column": "price"}, "missing-column", ("column",)),
        ({"hourly": "year.csv", "colum": "price"}, "unknown-key", ("colum",)),
        ({"hourly": "year.csv", "adder_usd_per_kwh": 12}, "out-of-range", ("adder_usd_per_kwh",)),
        ({"hourly": "year.csv", "scale": -1}, "out-of-range", ("scale",)),
        ({"hourly": "year.csv", "csv": "year.csv"}, "unknown-key", ("hourly",)),
    ],
)
def test_what_is_no_price_by_the_hour_is_refused(
    data: dict[str, Any], code: str, at: tuple[str, ...], folder: Path
) -> None:
    form, problems = read(data, folder, PRICE)
    assert form is None
    assert (code, at) in [(problem.code, tuple(problem.at)) for problem in problems]


def test_nothing_but_a_price_of_power_goes_by_the_hour(folder: Path) -> None:
    _, problems = read({"hourly": "year.csv"}, folder, Wants("btc_price_usd", 0, 1e7))
    assert "only electricity_price_usd_per_kwh goes by the hour" in problems[0].help


def test_a_month_that_was_meant() -> None:
    assert month_help("Jan 2028") == "write year and month: 2028-01"
