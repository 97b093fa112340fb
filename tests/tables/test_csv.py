"""Comma-separated values: what is written reads back the same, in any spreadsheet."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.document import Column as Head
from minecalc.document import Document, Table, Text, Value
from minecalc.reports import Screen
from minecalc.reports.csv import render
from minecalc.tables import Batch, Column
from minecalc.tables.csv import write


def written(columns: list[Column], *batches: Batch) -> str:
    file = io.BytesIO()
    write(file, columns, batches)
    return file.getvalue().decode()


def test_every_kind_of_column() -> None:
    columns = [Column("case", "whole"), Column('a,"b"', "text", ("x,y", "=cmd()", "plain")), Column("n", "number")]
    text = written(
        columns,
        [np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([0.1, np.nan])],
        [np.array([3.0]), np.array([2.0]), np.array([-0.0])],
    )
    assert text == 'case,"a,""b""",n\r\n1,"x,y",0.1\r\n2,\'=cmd(),\r\n3,plain,0.0\r\n'


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_read_back_to_the_bit(numbers: list[float]) -> None:
    text = written([Column("case", "whole"), Column("n", "number")], [np.zeros(len(numbers)), np.array(numbers)])
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [float(row[1]) for row in rows] == numbers


@pytest.mark.parametrize("text", ["=1+1", "@x", "-a", "line\nbreak", 'say "x"', "\x1b[31m", "plain words"])
def test_text_looks_as_in_a_report(text: str) -> None:
    ours = written([Column(text, "text", (text,)), Column("n", "number")], [np.zeros(1), np.array([1.5])])
    heads = [Head(text, ""), Head("n", "")]
    assert ours == render(Document("", (), Table("", heads, [[Text(text), Value(1.5, "usd")]])), Screen())
