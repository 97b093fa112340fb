"""The document's ``records`` as comma-separated values: full precision, empty where there is no answer."""

from __future__ import annotations

import csv
import io
import re

from minecalc.document import Cell, Document, Text
from minecalc.reports import Screen

SUFFIXES = (".csv",)

#: First characters that make a spreadsheet run a cell as a formula (OWASP's list, with the full-width forms).
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
#: What a screen hides or obeys, but for line breaks and tabs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def render(document: Document, screen: Screen) -> str:
    """RFC 4180 text: a header of column keys, one line per record, CRLF line ends.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. Line
    breaks and tabs in text are kept (quoted); other control characters, bidirectional and
    zero-width marks and lone surrogates become escapes.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_harmless(column.key) for column in document.records.columns)
    writer.writerows([_cell(cell) for cell in row] for row in document.records.rows)
    return out.getvalue()


def _cell(cell: Cell) -> str:
    if isinstance(cell, Text):
        return _harmless(cell.text)
    # Adding 0 turns -0.0 into 0.0 and changes no other number.
    return "" if cell.number is None else str(cell.number + 0)


def _harmless(text: str) -> str:
    text = _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
