"""A Parquet file as a table of cells."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pandas as pd
import pytest

from minecalc.series.csv_table import BadCsvError, Holds
from minecalc.series.parquet_table import parquet_table

HOLDS = Holds("hourly", "an hour", "an hour", 10_000, 2, "an hour is a row")


def parquet(frame: pd.DataFrame) -> bytes:
    data = BytesIO()
    frame.to_parquet(data)
    return data.getvalue()


def test_cells_are_those_that_text_would_have() -> None:
    at = datetime(2023, 1, 1, 5, tzinfo=UTC)
    found = parquet_table("a.parquet", parquet(pd.DataFrame({"time": [at], "price": [0.1], "none": [None]})), HOLDS)
    assert list(found.header) == ["time", "price", "none"]
    assert found.columns == [["2023-01-01T05:00:00+00:00"], ["0.1"], [""]]
    assert found.at(0, "price") == "a.parquet line 1, column price"


@pytest.mark.parametrize(("rows", "said"), [(3, "more than 2 rows"), (0, "has no rows")])
def test_too_many_rows_and_none_are_refused(rows: int, said: str) -> None:
    with pytest.raises(BadCsvError, match=said):
        parquet_table("a.parquet", parquet(pd.DataFrame({"x": [1.0] * rows})), HOLDS)
