"""The document's ``records`` as comma-separated values: full precision, empty where there is no answer.

A column with estimates is followed by one of their standard errors: ``npv_usd`` by ``npv_standard_error_usd``.
"""

from __future__ import annotations

import csv
import io

from minecalc.document import Document
from minecalc.reports import Screen
from minecalc.visible import harmless

SUFFIXES = (".csv",)
SHOWS = "records"


def render(document: Document, screen: Screen) -> str:
    """RFC 4180 text: a header of column keys, one line per record, CRLF line ends.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. Line
    breaks and tabs in text are kept (quoted); other control characters, bidirectional and
    zero-width marks and lone surrogates become escapes.
    """
    columns = list(document.records.plain_columns())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(key) for key, _ in columns)
    writer.writerows(zip(*(map(_text, cells) for _, cells in columns), strict=True))
    return out.getvalue()


def _text(cell: str | float | None) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else str(cell)
