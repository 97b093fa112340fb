"""What a file's name in the place of a value over time is meant to say; ``cli/test_slips.py`` follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.schema.file_names import file_meant


@pytest.mark.parametrize("text", ["0,05", "prices", "5", "see prices.csv below", "", "a.csv" * 50])
def test_other_texts_mean_no_file(text: str, tmp_path: Path) -> None:
    assert file_meant(text, tmp_path) == ""


@pytest.mark.parametrize(
    ("content", "column"),
    [
        ("month,usd\n2027-01,0.05\n", "usd"),
        ("usd_per_kwh\n0.05\n", "usd_per_kwh"),
        ("month\n2027-01\n", "NAME"),
        ("", "NAME"),
    ],
)
def test_the_first_column_of_numbers_is_offered(content: str, column: str, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(content)
    assert file_meant("prices.csv", tmp_path) == f"write {{csv: prices.csv, column: {column}}}"


def test_a_file_that_is_not_there_or_no_csv(tmp_path: Path) -> None:
    assert file_meant("p.CSV", tmp_path).startswith("write {csv: p.CSV, column: NAME}, the file's name relative")
    assert file_meant("p.xlsx", tmp_path) == "save it as CSV with a header and write {csv: p.csv, column: NAME}"
