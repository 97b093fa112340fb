"""A document laid out with rich on a page of fixed width, for ``terminal``."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text as RichText

from minecalc.document import Block, Chart, Document, Histogram, Note, Phrase, Table, Text, Tone, Value, shown_blocks
from minecalc.looks import sentence
from minecalc.reports import Screen
from minecalc.reports._cells import Footnotes, on_screen
from minecalc.reports._charts import draw

_NARROWEST = 40
#: Lines of prose longer than this are hard to read, and charts need no more.
_PROSE = 100
#: Spaces between two columns of a table.
_GAP = 2
#: Most characters of a heading or label, and of any other text.
_NAME, _TEXT = 72, 2000
#: Most cells that a heading, a label, another text, a word of a heading and a word of a text ask for before
#: they wrap.
_HEADING_WIDTH, _LABEL_WIDTH, _TEXT_WIDTH, _HEADING_WORD, _TEXT_WORD = 24, 36, 60, 16, 28

_STYLES: dict[Tone, str] = {"plain": "", "good": "green", "bad": "red", "muted": "dim", "strong": "bold"}
_SERIES_STYLES = ("cyan", "yellow", "magenta", "green", "blue", "red")


@dataclass(frozen=True)
class _Column:
    """A column ready to print: readable when ``least`` cells wide, without a wrapped line when ``most``."""

    heading: RichText
    cells: Sequence[RichText]
    align: str
    least: int
    most: int


class Page:
    """A page being printed on ``screen``; user text is escaped here and never read as markup."""

    def __init__(self, screen: Screen) -> None:
        self._width = max(_NARROWEST, screen.width)
        self._screen = screen
        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            width=self._width,
            color_system="standard" if screen.color else None,
            force_terminal=screen.color,
            no_color=not screen.color,
            legacy_windows=False,
            _environ={},
        )

    def text(self, document: Document) -> str:
        """The whole document; its title is a ruled line above everything but a headline that comes first."""
        parts: list[Block | str] = [*shown_blocks(document, in_full=self._screen.in_full)]
        if document.title:
            parts.insert(1 if parts and _kind(parts[0]) == "headline" else 0, document.title)
        for before, part in pairwise([None, *parts]):
            if before is not None and not _kind(before) == _kind(part) == "warning":
                self._console.print()
            self._part(part)
        return "".join(line.rstrip(" ") + "\n" for line in self._out.getvalue().split("\n")[:-1])

    def _part(self, part: Block | str | None) -> None:
        match part:
            case str():
                title = RichText(self._shown(part, self._width - 8), "bold")
                rule = "-" if self._screen.ascii_only else "─"
                self._console.print(Rule(title, characters=rule, align="left", style="dim"))
            case Note():
                self._note(part)
            case Chart() | Histogram():
                self._chart(part)
            case Table():
                self._table(part)

    def _shown(self, text: str, most: int = _TEXT) -> str:
        return on_screen(text, self._screen.ascii_only, most)

    def _paragraph(self, phrase: Phrase, mark: str = "", style: str = "") -> None:
        """Wrapped text; lines after the first are indented by the width of ``mark``."""
        width = min(self._width, _PROSE) - len(mark)
        lines = RichText(self._shown(sentence(phrase)), style).wrap(self._console, width)
        for number, line in enumerate(lines):
            self._console.print(RichText((" " * len(mark) if number else mark) + line.plain.rstrip(), style))

    def _note(self, note: Note) -> None:
        mark, style = {"headline": ("", "bold"), "warning": ("! ", "yellow"), "plain": ("", ""), "aside": ("", "dim")}[
            note.kind
        ]
        self._paragraph(note.text, mark, style)
        for bullet in note.bullets:
            self._paragraph(bullet, " " * len(mark) + "- ", style if note.kind == "warning" else "")

    def _chart(self, chart: Chart | Histogram) -> None:
        if chart.title:
            self._paragraph(chart.title, style="bold")
        for line in draw(chart, min(self._width, _PROSE), ascii_only=self._screen.ascii_only):
            spans = ((text, "" if n is None else _SERIES_STYLES[n % len(_SERIES_STYLES)]) for text, n in line)
            self._console.print(RichText.assemble(*spans, no_wrap=True, overflow="ignore"))

    def _table(self, table: Table) -> None:
        footnotes = Footnotes()
        texts = [[footnotes.shown(*pair) for pair in zip(row, table.columns, strict=True)] for row in table.rows]
        columns = [self._column(table, texts, number) for number in range(len(table.columns))]
        for number, block in enumerate(_blocks(columns, self._width)):
            if number:
                self._console.print()
            if table.title:
                self._paragraph(table.title + (" (continued)" if number else ""), style="bold")
            self._console.print(self._grid(table, block))
        for mark, reason in footnotes.reasons():
            self._paragraph(reason, mark + " ", "dim")
        if table.caption:
            self._paragraph(table.caption, style="dim")

    def _column(self, table: Table, texts: Sequence[Sequence[str]], number: int) -> _Column:
        """Column ``number``: figures keep their whole length, headings and texts may wrap."""
        heading = self._shown(table.columns[number].title, _NAME)
        least, most = _longest_word(heading, _HEADING_WORD), min(cell_len(heading), _HEADING_WIDTH)
        cells = []
        for row, line in zip(table.rows, texts, strict=True):
            cell = row[number]
            text = self._shown(line[number], _TEXT if number else _NAME)
            if isinstance(cell, Text):
                least = max(least, _longest_word(text, min(_TEXT_WORD, self._width // 2 - _GAP)))
                most = max(most, min(cell_len(text), _TEXT_WIDTH if number else _LABEL_WIDTH))
            else:
                least = max(least, len(text))
            cells.append(RichText(text, _style(cell)))
        return _Column(RichText(heading), cells, table.columns[number].align, least, max(least, most))

    def _grid(self, table: Table, block: Sequence[_Column]) -> RichTable:
        rule = "-" if self._screen.ascii_only else "─"
        rules = f" {rule * 2} \n"
        box = Box(f"    \n    \n{rules}    \n{rules}{rules}    \n    \n", ascii=self._screen.ascii_only)
        grid = RichTable(box=box, show_edge=False, pad_edge=False, padding=(0, 0, 0, _GAP - 1), header_style="bold")
        only_numbers = all(isinstance(cell, Value) for row in table.rows for cell in row[1:])
        for column, width in zip(block, _widths(block, self._width), strict=True):
            grid.add_column(
                column.heading,
                justify="right" if column.align == "right" else "left",
                vertical="bottom" if only_numbers else "top",
                width=width,
                overflow="fold",
            )
        for number in range(len(table.rows)):
            grid.add_row(*(column.cells[number] for column in block), end_section=number + 1 in table.sections)
        return grid


def _kind(part: Block | str | None) -> str:
    return part.kind if isinstance(part, Note) else ""


def _style(cell: Text | Value) -> str:
    missing = isinstance(cell, Value) and cell.number is None and cell.tone == "plain"
    return "dim" if missing else _STYLES[cell.tone]


def _longest_word(text: str, most: int) -> int:
    return min(most, max(map(cell_len, text.split()), default=1))


def _blocks(columns: Sequence[_Column], width: int) -> Iterator[list[_Column]]:
    """The columns in runs that fit ``width`` at their least, each run beginning with the first column."""
    label, rest = columns[0], columns[1:]
    block, used = [label], label.least
    for column in rest:
        if used + _GAP + column.least > width and len(block) > 1:
            yield block
            block, used = [label], label.least
        block.append(column)
        used += _GAP + column.least
    yield block


def _widths(block: Sequence[_Column], width: int) -> list[int]:
    """Each column at its least; what is left of ``width`` goes cell by cell to the column that lacks most."""
    widths = [column.least for column in block]
    for _ in range(width - sum(widths) - _GAP * (len(block) - 1)):
        lacks = [column.most - given for column, given in zip(block, widths, strict=True)]
        if max(lacks) == 0:
            break
        widths[lacks.index(max(lacks))] += 1
    return widths
