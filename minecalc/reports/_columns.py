"""How wide the columns of a table are, and which of them stand beside one another: as few lines as the width allows."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

#: Spaces between two columns.
GAP = 2
#: The least width of a screen, in cells, on which tables stand side by side, and the spaces between them.
WIDE, BETWEEN = 160, 4
#: So many cells more are tried at a time for the first column of a table that is too wide.
_STEP = 2
#: Lines that every block has beside its rows: the rule under its headings, and a blank line.
_OVERHEAD = 2


class Column(NamedTuple):
    """A column ready to print, with the style of each cell, and the widths at which more and more stays on one line.

    ``least``: it is readable. ``fair``: no cell wraps. ``most``: nor does the heading. Texts of unusual length wrap in
    both; ``full`` is the width that leaves them whole too.
    """

    heading: str
    cells: Sequence[str]
    styles: Sequence[str]
    align: str
    least: int
    fair: int
    most: int
    full: int


def natural(columns: Sequence[Column], *, headings: bool) -> int:
    """The width of a table of these columns, none of whose cells wraps, nor any heading if ``headings``."""
    return sum(column.most if headings else column.fair for column in columns) + GAP * (len(columns) - 1)


def blocks(columns: Sequence[Column], width: int) -> list[list[tuple[Column, int]]]:
    """The columns with their widths, in runs that fit ``width``, each of which begins with the first column.

    A table that fits is one run. Of a wider one the first column is as wide as makes the fewest lines of all runs.
    """
    label = columns[0]
    fits = natural(columns, headings=False) <= width
    most = label.least if fits else max(label.least, min(label.fair, width // 2 - GAP))
    tried = [_laid(columns, first, width) for first in dict.fromkeys((*range(label.least, most, _STEP), most))]
    return min(tried, key=lambda laid: (sum(map(_height, laid)), len(laid))) if len(tried) > 1 else tried[0]


def _laid(columns: Sequence[Column], first: int, width: int) -> list[list[tuple[Column, int]]]:
    """The columns in runs, the first column at least ``first`` wide in each."""
    return [list(zip(run, _widths(run, first, width), strict=True)) for run in _runs(columns, first, width)]


def _runs(columns: Sequence[Column], first: int, width: int) -> Iterator[list[Column]]:
    label, rest = columns[0], columns[1:]
    run, used = [label], first
    for column in rest:
        if used + GAP + column.least > width and len(run) > 1:
            yield run
            run, used = [label], first
        run.append(column)
        used += GAP + column.least
    yield run


def _widths(run: Sequence[Column], first: int, width: int) -> list[int]:
    """Each column at its least; what is left of ``width`` goes cell by cell to the column that lacks most.

    Cells come before headings, and texts of unusual length last. One that has no room beside the first wraps.
    """
    widths = [first, *(column.least for column in run[1:])]
    left = width - sum(widths) - GAP * (len(run) - 1)
    widths[-1] += min(0, left)
    for wanted in (
        [column.fair for column in run],
        [column.most for column in run],
        [column.full for column in run],
    ):
        while left > 0:
            lacks = [want - given for want, given in zip(wanted, widths, strict=True)]
            if max(lacks) <= 0:
                break
            widths[lacks.index(max(lacks))] += 1
            left -= 1
    return widths


def _height(laid: Sequence[tuple[Column, int]]) -> int:
    """How many lines a run takes, or one more or less: what wraps is counted as words that fill lines."""
    rows = zip(*(column.cells for column, _ in laid), strict=True)
    widths = [width for _, width in laid]
    heading = max(_lines(column.heading, width) for column, width in laid)
    texts = (zip(row, widths, strict=True) for row in rows)
    return _OVERHEAD + heading + sum(max(_lines(cell, width) for cell, width in row) for row in texts)


@lru_cache(maxsize=65536)
def _lines(text: str, width: int) -> int:
    """How many lines of ``width`` cells the words of ``text`` fill; a longer word is broken."""
    if len(text) <= width and cell_len(text) <= width:
        return 1
    lines, used = 1, 0
    for word in text.split():
        length = cell_len(word)
        if used and used + 1 + length > width:
            lines, used = lines + 1, 0
        used += length + (1 if used else 0)
        if used > width:
            more = -(-used // width) - 1
            lines, used = lines + more, used - more * width
    return lines
