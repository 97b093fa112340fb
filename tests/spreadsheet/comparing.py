"""Cells of two workbooks beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.spreadsheet.recalculated import Cell, Sheets

#: How far apart numbers may be: a share of themselves, or of the largest on their sheet where both are only rounding.
CLOSE, ROUNDING = 1e-9, 1e-14


def differences(written: Sheets, computed: Callable[[str, str], Any]) -> Iterator[str]:
    """Every formula whose cell remembers something else than was ``computed``."""
    for sheet, cells in written.items():
        largest = max((abs(cell.value) for cell in cells.values() if _counts(cell)), default=0.0)
        for name, cell in cells.items():
            if cell.formula and not same(cell.value, computed(sheet, name), largest):
                yield f"{sheet}!{name} is {computed(sheet, name)}, not {cell.value}: {cell.formula}"


def _counts(cell: Cell) -> bool:
    return isinstance(cell.value, float) and abs(cell.value) < 1e200


def same(ours: Any, theirs: Any, largest: float = 0.0) -> bool:
    """Whether two numbers, or words, are the same."""
    if isinstance(ours, float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= max(CLOSE * max(abs(ours), abs(theirs)), ROUNDING * largest)
    return bool(ours == theirs)
