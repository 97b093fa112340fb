"""Records as Parquet: the rows and columns of CSV, with types."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from minecalc import reports
from minecalc.document import Cell, Column, Document, Table, Text, Value


def _read(*rows: list[Cell]) -> pa.Table:
    columns = [Column(f"c{number}_usd", "Heading") for number in range(len(rows[0]))]
    found = reports.render(Document("", (), Table("", columns, rows)), "parquet")
    assert isinstance(found, bytes)
    return pq.read_table(io.BytesIO(found))


def test_numbers_are_numbers_words_words_and_what_does_not_exist_null() -> None:
    table = _read(
        [Text("=a\ud800"), Value(0.1, "usd"), Value(None, "usd", "why"), Text(""), Text("")],
        [Text("é"), Value(-0.0, "usd"), Text("word"), Value(None, "usd"), Text("")],
        [Text(""), Text(""), Value(2.5, "usd"), Text(""), Text("")],
    )
    assert [str(kind) for kind in table.schema.types] == ["string", "double", "string", "double", "string"]
    assert [column.to_pylist() for column in table.columns] == [
        ["=a\\ud800", "é", ""],
        [0.1, 0.0, None],
        [None, "word", "2.5"],
        [None, None, None],
        ["", "", ""],
    ]


def test_it_has_the_rows_and_columns_of_csv(document: Document) -> None:
    text, found = reports.render(document, "csv"), reports.render(document, "parquet")
    assert isinstance(text, str)
    assert isinstance(found, bytes)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    table = pq.read_table(io.BytesIO(found)).to_pylist()
    assert [list(row) for row in table] == [list(row) for row in rows]
    assert len(table) == len(document.records.rows) > 0
    for row, written in zip(table, rows, strict=True):
        for key, value in row.items():
            if isinstance(value, float):
                assert float(written[key]) == value
            elif value is None:
                assert written[key] == ""


@pytest.mark.parametrize("suffix", [".parquet", ".PQ"])
def test_its_suffixes_choose_it(suffix: str) -> None:
    assert reports.format_for_suffix(suffix) == "parquet"


def test_a_table_without_rows_keeps_its_columns() -> None:
    found = reports.render(Document("", (), Table("", [Column("x_usd", "X")], [])), "parquet")
    assert isinstance(found, bytes)
    assert pq.read_table(io.BytesIO(found)).column_names == ["x_usd"]
