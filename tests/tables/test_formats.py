"""Which table formats there are, and that what they write depends on the rows alone."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pyarrow.parquet as pq
import pytest

from minecalc import tables
from minecalc.tables import Batch, Column

COLUMNS = [Column("case", "whole"), Column("plan", "text", ("a", "b")), Column("npv_usd", "number")]
BATCH: Batch = [np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([0.1, np.nan])]


def test_the_folder_is_the_list_of_formats() -> None:
    assert tables.formats() == ("csv", "parquet")
    assert tables.format_for_suffix(".CSV") == "csv"
    assert tables.format_for_suffix(".parquet") == tables.format_for_suffix(".pq") == "parquet"
    assert tables.format_for_suffix(".json") is None


@pytest.mark.parametrize("name", tables.formats())
def test_the_same_batches_give_the_same_bytes(name: str) -> None:
    written = []
    for _ in range(2):
        file = io.BytesIO()
        tables.write(name, file, COLUMNS, iter([BATCH, BATCH]))
        written.append(file.getvalue())
    assert written[0] == written[1]
    file = io.BytesIO()
    tables.write(name, file, COLUMNS, iter([BATCH]))
    assert len(file.getvalue()) < len(written[0])


@pytest.mark.parametrize("name", tables.formats())
def test_a_table_without_rows_has_its_columns(name: str) -> None:
    file = io.BytesIO()
    tables.write(name, file, COLUMNS, iter([]))
    assert b"npv_usd" in file.getvalue()


@pytest.mark.parametrize("name", tables.formats())
def test_columns_and_batches_must_agree(name: str) -> None:
    with pytest.raises(ValueError, match="zip"):
        tables.write(name, io.BytesIO(), COLUMNS, iter([BATCH[:2]]))


def test_texts_may_grow_from_batch_to_batch_and_be_missing() -> None:
    texts: list[str] = []

    def batches() -> Iterator[Batch]:
        yield [np.array([np.nan])]
        texts.append("first")
        yield [np.array([0.0, np.nan])]
        texts.append("second")
        yield [np.array([1.0, 0.0])]

    for name in tables.formats():
        texts.clear()
        file = io.BytesIO()
        tables.write(name, file, [Column("reason", "text", texts)], batches())
        if name == "csv":
            assert file.getvalue() == b"reason\r\n\r\nfirst\r\n\r\nsecond\r\nfirst\r\n"
        else:
            table = pq.read_table(io.BytesIO(file.getvalue()))
            assert table.column("reason").to_pylist() == [None, "first", None, "second", "first"]
