import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.document import Cell, Column, Document, Table, Text, Value
from minecalc.reports import Screen
from minecalc.reports.csv import render


def _csv(*rows: Sequence[Cell]) -> str:
    columns = [Column(f"c{number}", "Heading") for number in range(len(rows[0]))]
    return render(Document("", (), Table("", columns, rows)), Screen())


def test_header_numbers_and_line_ends() -> None:
    text = _csv(
        [Text("a,b"), Value(0.1, "usd"), Value(None, "usd", "no reason to show")],
        [Text('say "x"\nthen'), Value(-1e-300, "usd"), Value(3, "count")],
        [Text("zero"), Value(-0.0, "usd"), Value(0, "count")],
    )
    assert text == 'c0,c1,c2\r\n"a,b",0.1,\r\n"say ""x""\nthen",-1e-300,3\r\nzero,0.0,0\r\n'


def test_estimates_are_followed_by_their_errors_in_full() -> None:
    columns = [Column(key, "") for key in ("plan", "npv_usd", "usd", "note", "what it is", "months")]
    rows: list[list[Cell]] = [
        [
            Text("a"),
            Value(41.23456e6, "usd", error=412_345.6),
            Value(1.0, "usd", error=0.0),
            Text("="),
            Value(0.0, "fraction", error=0.001, bound=0.0038),
            Value(60.0, "months"),
        ],
        [Text("b"), Value(None, "usd", "none"), Text("x"), Text("y"), Value(0.5, "fraction"), Value(1.0, "months")],
    ]
    text = render(Document("", (), Table("", columns, rows)), Screen())
    header, first, second = (line.split(",") for line in text.split("\r\n")[:-1])
    assert dict(zip(header, zip(first, second, strict=True), strict=True)) == {
        "plan": ("a", "b"),
        "npv_usd": ("41234560.0", ""),
        "npv_standard_error_usd": ("412345.6", ""),
        "usd": ("1.0", "x"),
        "standard_error_usd": ("0.0", ""),
        "note": ("'=", "y"),
        "what it is": ("0.0", "0.5"),
        "what it is_standard_error": ("0.001", ""),
        "months": ("60.0", "1.0"),
    }


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_text_that_looks_like_a_formula_is_disarmed(start: str) -> None:
    (_, row) = csv.reader(io.StringIO(_csv([Text(start + "cmd|' /C calc'!A0"), Text("safe")]), newline=""))
    assert row == ["'" + start + "cmd|' /C calc'!A0", "safe"]


def test_control_characters_are_escaped() -> None:
    assert _csv([Text("\x1b[31m\x9b\u202e\ud800")]) == "c0\r\n\\x1b[31m\\x9b\\u202e\\ud800\r\n"


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(categories=("L", "N", "P", "Zs"))))
def test_everything_reads_back_exactly(number: float, name: str) -> None:
    (_, row) = csv.reader(io.StringIO(_csv([Text("x" + name), Value(number, "usd")]), newline=""))
    assert row[0] == "x" + name
    assert float(row[1]) == number
