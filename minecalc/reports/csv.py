"""The document's ``records`` as comma-separated values: full precision, empty where there is no answer."""

from __future__ import annotations

import csv
import io

from minecalc.document import Cell, Document, Text
from minecalc.reports import Screen
from minecalc.visible import harmless

SUFFIXES = (".csv",)


def render(document: Document, screen: Screen) -> str:
    """RFC 4180 text: a header of column keys, one line per record, CRLF line ends.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. Line
    breaks and tabs in text are kept (quoted); other control characters, bidirectional and
    zero-width marks and lone surrogates become escapes.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(column.key) for column in document.records.columns)
    writer.writerows([_cell(cell) for cell in row] for row in document.records.rows)
    return out.getvalue()


def _cell(cell: Cell) -> str:
    if isinstance(cell, Text):
        return harmless(cell.text)
    # Adding 0 turns -0.0 into 0.0 and changes no other number.
    return "" if cell.number is None else str(cell.number + 0)
