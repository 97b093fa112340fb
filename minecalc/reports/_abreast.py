"""Tables and charts side by side on a wide screen: what fits stands beside what came before it, not below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

from rich.cells import cell_len

from minecalc.reports._columns import BETWEEN

#: A piece may make a band higher by so small a part of its own lines.
_HARDLY = 4
_CODES = re.compile(r"\x1b\[[0-9;]*m")


class Piece(Protocol):
    """A table or chart, with the notes that are of it alone."""

    def widths(self) -> Sequence[int]:
        """In how many cells it can stand beside others, the best first."""

    def lines(self, width: int) -> list[str]:
        """Its lines, at most ``width`` cells each."""


@dataclass(eq=False)
class _Stack:
    """What stands below one another in one of the columns of a band; ``first`` is the piece on top."""

    first: Piece
    width: int
    lines: list[str]


def abreast(pieces: Sequence[Piece], width: int) -> Iterator[list[str]]:
    """The pieces in bands of lines at most ``width`` cells long, to be read from left to right and down each column.

    A piece goes below the last of its band if that makes the band hardly higher, or else beside it, or begins another
    band. What has no place beside others takes the whole width.
    """
    band: list[_Stack] = []
    for piece in pieces:
        if not _placed(band, piece, width):
            if band:
                yield _joined(band, width)
            first = min(piece.widths()[0], width)
            band = [_Stack(piece, first, piece.lines(first))]
    if band:
        yield _joined(band, width)


def _placed(band: list[_Stack], piece: Piece, width: int) -> bool:
    """Whether the piece has found a place in the band."""
    if not band:
        return False
    used, height = sum(stack.width + BETWEEN for stack in band), max(len(stack.lines) for stack in band)
    last = band[-1]
    for wanted in piece.widths():
        if len(band) > 1 and used - BETWEEN + max(0, wanted - last.width) <= width:
            lines = piece.lines(wanted)
            if len(last.lines) + 1 + len(lines) <= height + len(lines) // _HARDLY:
                last.lines += ["", *lines]
                last.width = max(last.width, wanted)
                return True
        if used + wanted <= width:
            band.append(_Stack(piece, wanted, piece.lines(wanted)))
            return True
    return False


def _joined(band: Sequence[_Stack], width: int) -> list[str]:
    """The stacks' lines beside one another; a piece that stands alone has the whole width."""
    if len(band) == 1:
        return band[0].first.lines(width)
    rows = zip_longest(*(stack.lines for stack in band), fillvalue="")
    return [
        (" " * BETWEEN).join(_filled(line, stack.width) for line, stack in zip(row, band, strict=True)) for row in rows
    ]


def _filled(line: str, width: int) -> str:
    return line + " " * (width - cell_len(_CODES.sub("", line)))
