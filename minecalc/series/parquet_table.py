"""A Parquet file of few columns as a table of cells, as one of text would have them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from minecalc.series.csv_table import Holds, Table


def parquet_table(name: str, data: bytes, holds: Holds) -> Table:
    """The header and the rows of a Parquet file, numbered from 1; BadCsvError where it is none."""
    import pyarrow
    import pyarrow.parquet

    try:
        read = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
        if read.metadata.num_rows > holds.rows_most:
            raise holds.error(f"{name} has more than {holds.rows_most:,} rows", holds.advice)
        found = read.read()
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise holds.error(f"{name} is no Parquet file: {reason}", "a CSV file's name ends in .csv") from None
    if found.num_rows == 0:
        raise holds.error(f"{name} has no rows")
    columns = [[_cell(value) for value in column.to_pylist()] for column in found.columns]
    return Table(name, holds, list(found.column_names), columns, range(1, found.num_rows + 1))


def _cell(value: Any) -> str:
    """A value as text has it; what is missing is empty."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
