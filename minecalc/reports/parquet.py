"""The document's ``records`` as Apache Parquet: typed columns, a null where there is no answer.

A column with estimates is followed by one of their standard errors, as in ``csv``.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from minecalc.document import Document
from minecalc.reports import Screen

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".pq")
SHOWS = "records"


def render(document: Document, screen: Screen) -> bytes:
    """A file of one row group: a column of numbers is ``double``, any other ``string``, numbers among words included.

    Text stays as it is, but for lone surrogates, which UTF-8 does not have: they become escapes. A column without a
    word is one of numbers if a number could stand in it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {key: _array(cells) for key, cells in document.records.plain_columns()}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _array(cells: list[str | float | None]) -> pa.Array:
    import pyarrow as pa

    filled = [cell for cell in cells if cell != ""]
    if filled and not any(isinstance(cell, str) for cell in filled):
        return pa.array([None if isinstance(cell, str) else cell for cell in cells], pa.float64())
    texts = [None if cell is None else str(cell).encode("utf-8", "backslashreplace").decode() for cell in cells]
    return pa.array(texts, pa.string())
