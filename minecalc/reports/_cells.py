"""Cells as plain text, with the reasons of missing numbers collected for footnotes."""

from __future__ import annotations

from minecalc.document import Bins, Cell, Column, Text
from minecalc.looks import MISSING, figure, shown
from minecalc.visible import visible


class Footnotes:
    """The reasons of one table's missing numbers, each numbered once in order of appearance."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def shown(self, cell: Cell, column: Column) -> str:
        """The cell's text; a number that is missing for a reason carries that reason's mark: ``n/a [1]``."""
        if isinstance(cell, Text):
            return cell.text
        if cell.number is not None:
            return shown(cell, cell.number, errors=column.errors)
        if not cell.reason:
            return MISSING
        return f"{MISSING} [{self._numbers.setdefault(cell.reason, len(self._numbers) + 1)}]"

    def reasons(self) -> list[tuple[str, str]]:
        """Pairs of mark (``[1]``) and reason, in order."""
        return [(f"[{number}]", reason) for reason, number in self._numbers.items()]


def beyond(sample: Bins) -> str:
    """How much of a sample lies beyond the axis of its histogram, in brackets; "" if nothing does."""
    ends = ((sample.below, "below"), (sample.above, "above"))
    told = ", ".join(f"{figure(share, 'fraction')} {where}" for share, where in ends if share)
    return f" ({told} the axis)" if told else ""


def on_screen(text: str, ascii_only: bool, most: int | None = None) -> str:
    """``text`` made visible in at most ``most`` (4 or more) characters, all of them ASCII if need be."""
    if not ascii_only:
        return visible(text, most)
    plain = visible(text).replace("…", "...").replace("×", "x").replace("±", "+-")
    plain = plain.encode("ascii", "backslashreplace").decode("ascii")
    return plain if most is None or len(plain) <= most else plain[: most - 3] + "..."
