"""The document's ``records`` as comma-separated values: full precision, empty where there is no answer.

A column with estimates is followed by one of their standard errors: ``npv_usd`` by ``npv_standard_error_usd``.
"""

from __future__ import annotations

import csv
import io

from minecalc.document import Cell, Column, Document, Text, Value
from minecalc.reports import Screen
from minecalc.units import unit_of
from minecalc.visible import harmless

SUFFIXES = (".csv",)
SHOWS = "records"


def render(document: Document, screen: Screen) -> str:
    """RFC 4180 text: a header of column keys, one line per record, CRLF line ends.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. Line
    breaks and tabs in text are kept (quoted); other control characters, bidirectional and
    zero-width marks and lone surrogates become escapes.
    """
    records = document.records
    estimated = [any(_error(row[n]) for row in records.rows) for n in range(len(records.columns))]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(key) for keys in map(_keys, records.columns, estimated) for key in keys)
    writer.writerows([text for texts in map(_cells, row, estimated) for text in texts] for row in records.rows)
    return out.getvalue()


def _keys(column: Column, estimated: bool) -> list[str]:
    """The heading of a column and that of its errors, which ends in the same unit."""
    if not estimated:
        return [column.key]
    unit = unit_of(column.key) or ""
    parts = (column.key.removesuffix(unit).rstrip("_"), "standard_error", unit)
    return [column.key, "_".join(filter(None, parts))]


def _cells(cell: Cell, estimated: bool) -> list[str]:
    number = harmless(cell.text) if isinstance(cell, Text) else _number(cell.number)
    return [number, _error(cell)] if estimated else [number]


def _error(cell: Cell) -> str:
    return _number(cell.error) if isinstance(cell, Value) else ""


def _number(number: float | None) -> str:
    # Adding 0 turns -0.0 into 0.0 and changes no other number.
    return "" if number is None else str(number + 0)
