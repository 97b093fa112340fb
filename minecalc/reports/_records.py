"""Records as columns of plain values, each estimate's column followed by one of its standard errors."""

from __future__ import annotations

from collections.abc import Iterator

from minecalc.document import Cell, Table, Text, Value
from minecalc.units import unit_of

#: What stands in a column: words and numbers as they are, None for a number that does not exist.
Cells = list[str | float | None]


def plain_columns(records: Table) -> Iterator[tuple[str, Cells]]:
    """The columns of ``records`` by key in order; ``npv_usd``, estimated, is followed by ``npv_standard_error_usd``."""
    for number, column in enumerate(records.columns):
        cells = [row[number] for row in records.rows]
        yield column.key, [_plain(cell) for cell in cells]
        errors = [cell.error if isinstance(cell, Value) else None for cell in cells]
        if any(error is not None for error in errors):
            unit = unit_of(column.key) or ""
            parts = (column.key.removesuffix(unit).rstrip("_"), "standard_error", unit)
            yield "_".join(filter(None, parts)), list(errors)


def _plain(cell: Cell) -> str | float | None:
    if isinstance(cell, Text):
        return cell.text
    # Adding 0 turns -0.0 into 0.0 and changes no other number.
    return None if cell.number is None else cell.number + 0
