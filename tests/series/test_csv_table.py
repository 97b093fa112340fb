"""A CSV file as header and rows, its errors told at the key and in the words of whoever reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.series.csv_table import BadCsvError, Holds, Wanted, amounts, content, located, no_column, table

HOLDS = Holds("hourly", "an hour", "an hour", 60, 2, "an hour is a row")
_LINES = st.lists(st.text(st.sampled_from('ab,, "\t\r'), max_size=6), max_size=5)


def test_a_file_is_located_read_and_cut_into_cells(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffx, y \n1,2\n 3,4\n", encoding="utf-8")
    found = table("a.csv", content("a.csv", located("a.csv", tmp_path, HOLDS, confined=True), HOLDS), HOLDS)
    assert found.header == ["x", "y"]
    assert list(zip(found.lines, found.cells("y"), strict=True)) == [(2, "2"), (3, "4")]
    assert found.at(1, "y") == "a.csv line 3, column y"
    assert found.taken([1]).at(0, "y") == "a.csv line 3, column y"
    assert amounts(found, "y", Wanted("price_usd", 0, 9)) == [2.0, 4.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("x\n1\n2\n3\n", "more than 2 rows"),
        ("x,x\n1,2\n", "names the column .*x.* twice"),
        ("x\n1,2\n", "line 2 has 2 cells for 1 column"),
        ("x,y\n\n3,4\n", "line 2 is empty"),
        ("x\n" + "1" * 60, "is larger than"),
    ],
)
def test_what_is_wrong_is_told_at_the_key_of_the_reader(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(BadCsvError, match=said) as caught:
        table("a.csv", content("a.csv", located("a.csv", tmp_path, HOLDS, confined=False), HOLDS), HOLDS)
    assert caught.value.key == "hourly"


def test_a_column_that_is_not_there_and_a_cell_that_is_no_number() -> None:
    found = table("a.csv", b"price,other\n1,\n", HOLDS)
    assert no_column(found, "pricee").help == "did you mean price?"
    with pytest.raises(BadCsvError, match="the cell is empty") as caught:
        amounts(found, "other", Wanted("price_usd"))
    assert caught.value.help == "every hour needs a number"


def _as_read(text: str) -> list[list[str]] | None:
    """Header and columns as Python's reader has them; None where rows are uneven or the text is no CSV."""
    try:
        rows = [[cell.strip(" \t") for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error:
        return None
    while rows and rows[-1] in ([], [""]):
        rows.pop()
    named = [name for name in rows[0] if name] if rows else []
    if not named or len({*named}) < len(named) or len({len(row) for row in rows}) > 1 or not rows[1:]:
        return None
    return [rows[0], *map(list, zip(*rows[1:], strict=True))]


@pytest.mark.hypothesis
@given(_LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_cells_are_those_that_python_reads(lines: list[str], end: str, ended: bool) -> None:
    text = end.join(["x,y", *lines] if len(lines) % 2 else lines) + end * ended
    wanted = _as_read(text)
    try:
        found = table("a.csv", text.encode(), HOLDS._replace(rows_most=9))
    except BadCsvError:
        assert wanted is None
    else:
        assert [list(found.header), *map(list, found.columns)] == wanted


def test_lines_are_counted_past_remarks_and_quoted_ends_of_lines() -> None:
    found = table("a.csv", b'\\\\remark\nx,y\n"1\n1",2\n3,4\n', HOLDS)
    assert list(zip(found.lines, found.cells("y"), strict=True)) == [(3, "2"), (5, "4")]
