"""Comma-separated values: full precision, an empty cell where there is no number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.tables import Batch, Column
from minecalc.visible import harmless

SUFFIXES = (".csv",)


def write(file: BinaryIO, columns: Sequence[Column], batches: Iterable[Batch]) -> None:
    """RFC 4180 text: a header, a line a row, CRLF line ends; numbers as the shortest text that reads back the same.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    file.write(_lines([[_quoted(column.name)] for column in columns]))
    for batch in batches:
        file.write(_lines([_cells(column, values) for column, values in zip(columns, batch, strict=True)]))


def _lines(cells: Sequence[Sequence[str]]) -> bytes:
    """Rows from columns of cells."""
    rows = map(",".join, zip(*cells, strict=True))
    return "".join(f"{row}\r\n" for row in rows).encode()


def _cells(column: Column, values: FloatArray) -> list[str]:
    if column.kind == "text":
        texts = np.array([*map(_quoted, column.texts), ""], dtype=object)
        found: list[str] = texts[np.where(np.isnan(values), -1.0, values).astype(np.intp)].tolist()
        return found
    if column.kind == "whole":
        return list(map(str, values.astype(np.int64).tolist()))
    cells = list(map(repr, (values + 0.0).tolist()))  # adding 0 turns -0.0 into 0.0
    for place in np.flatnonzero(np.isnan(values)).tolist():
        cells[place] = ""
    return cells


def _quoted(text: str) -> str:
    """One cell of text, with quotes if it needs them."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(text), ""])
    return out.getvalue().removesuffix(",\r\n")
