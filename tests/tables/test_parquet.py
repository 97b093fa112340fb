"""Parquet: typed columns that read back the same, nulls where there is nothing."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from minecalc.tables import Batch, Column
from minecalc.tables.parquet import write

ROOT = Path(__file__).parents[2]
COLUMNS = [Column("case", "whole"), Column("plan", "text", ("a", "b ç 日", "")), Column("npv_usd", "number")]


def read_back(columns: list[Column], *batches: Batch) -> pa.Table:
    file = io.BytesIO()
    write(file, columns, batches)
    table = pq.read_table(file)
    table.validate(full=True)
    assert pq.ParquetFile(file).num_row_groups == len(batches)
    return table


def test_types_values_and_nulls() -> None:
    table = read_back(
        COLUMNS,
        [np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([0.1, np.nan])],
        [np.array([3.0]), np.array([2.0]), np.array([-0.0])],
    )
    assert table.schema.types == [pa.int64(), pa.dictionary(pa.int32(), pa.string()), pa.float64()]
    assert table.to_pydict() == {"case": [1, 2, 3], "plan": ["b ç 日", "a", ""], "npv_usd": [0.1, None, 0.0]}
    assert str(table.to_pydict()["npv_usd"][2]) == "0.0"


@given(st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=40))
def test_numbers_read_back_to_the_bit(numbers: list[float | None]) -> None:
    values = np.array([np.nan if number is None else number for number in numbers])
    cases = np.arange(1.0, len(numbers) + 1.0)
    table = read_back([Column("case", "whole"), Column("n", "number")], [cases, values])
    assert table.to_pydict() == {"case": cases.tolist(), "n": numbers}


def test_pandas_is_not_needed() -> None:
    code = """
import io, sys
import numpy as np
from minecalc.tables import Column, write
columns = [Column("case", "whole"), Column("plan", "text", ("a",)), Column("npv_usd", "number")]
write("parquet", io.BytesIO(), columns, [[np.ones(1), np.zeros(1), np.ones(1)]])
print("pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
    assert done.stdout == "False\n"
