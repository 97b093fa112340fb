"""A document laid out with rich on a page of fixed width, for ``terminal``."""

import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text as RichText

from minecalc.document import Block, Chart, Document, Histogram, Note, Phrase, Table, Text, Tone, Value, shown_blocks
from minecalc.looks import sentence
from minecalc.reports import Screen
from minecalc.reports._cells import Footnotes, on_screen
from minecalc.reports._columns import BETWEEN, GAP, WIDE, Column, blocks, natural

_NARROWEST = 40
#: Lines of prose longer than this are hard to read, and charts need no more.
_PROSE = 100
#: A table or chart that stands beside others is at least so wide, for the sentences under it.
_BESIDE = 60
#: Most characters of a heading or label, and of any other text.
_NAME, _TEXT = 72, 2000
#: Most cells that a heading, a label, another text, a word of a heading and a word of a text ask for before
#: they wrap.
_HEADING_WIDTH, _LABEL_WIDTH, _TEXT_WIDTH, _HEADING_WORD, _TEXT_WORD = 24, 40, 60, 16, 28

#: How much further in the second line of a label begins, where its column has so many cells beside that.
_HANG, _HANGS_FROM = 2, 8

_STYLES: dict[Tone, str] = {"plain": "", "good": "green", "bad": "red", "muted": "dim", "strong": "bold"}
_SERIES_STYLES = ("cyan", "yellow", "magenta", "green", "blue", "red")


#: What a page has: a title, a note, a table, a chart.
_Part = Block | str


class _Piece(NamedTuple):
    """A table or chart that may stand beside others, with the sentences between it and the next."""

    screen: Screen
    parts: list[_Part]

    def widths(self) -> Sequence[int]:
        """A table's own width, or without room for its headings; half of the screen for a chart, or what it needs."""
        first, half = self.parts[0], (self.screen.width - BETWEEN) // 2
        found = Page(self.screen).natural_widths(first) if isinstance(first, Table) else (min(_PROSE, half), _BESIDE)
        return [max(_BESIDE, width) for width in found]

    def lines(self, width: int) -> list[str]:
        """As on a page of this width."""
        return Page(self.screen._replace(width=width)).lines(self.parts).split("\n")[:-1]


#: Several tables and charts that follow one another.
_Together = list[_Piece]


class Page:
    """A page being printed on ``screen``; user text is escaped here and never read as markup."""

    def __init__(self, screen: Screen) -> None:
        self._width = max(_NARROWEST, screen.width)
        self._screen = screen
        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            width=self._width,
            height=1,  # of no account here, but looked for at each print if it is not given
            color_system="standard" if screen.color else None,
            force_terminal=screen.color,
            no_color=not screen.color,
            legacy_windows=False,
            _environ={},
        )

    def text(self, document: Document) -> str:
        """The whole document; its title is a ruled line above everything but a headline that comes first."""
        parts: list[_Part] = [*shown_blocks(document, in_full=self._screen.in_full)]
        if document.title:
            parts.insert(1 if parts and _kind(parts[0]) == "headline" else 0, document.title)
        return self.lines(parts if self._width < WIDE else list(self._gathered(parts)))

    def lines(self, parts: Sequence[_Part | _Together]) -> str:
        """The parts one below the other, with a blank line before each but a warning after a warning."""
        for place, part in enumerate(parts):
            if place and not _kind(parts[place - 1]) == _kind(part) == "warning":
                self._out.write("\n")
            self._part(part)
        return "".join(line.rstrip(" ") + "\n" for line in self._out.getvalue().split("\n")[:-1])

    def _gathered(self, parts: Sequence[_Part]) -> Iterator[_Part | _Together]:
        """The parts, tables and charts that follow one another together; a sentence between two is of the first."""
        pieces, between = _Together(), list[Note]()
        for part in parts:
            if isinstance(part, Table | Chart | Histogram):
                if pieces:
                    pieces[-1].parts.extend(between)
                pieces.append(_Piece(self._screen, [part]))
                between = []
            elif pieces and isinstance(part, Note) and part.kind in ("plain", "aside") and not part.bullets:
                between.append(part)
            else:
                yield from _several(pieces, between)
                yield part
                pieces, between = [], []
        yield from _several(pieces, between)

    def _part(self, part: _Part | _Together) -> None:
        match part:
            case list():
                from minecalc.reports._abreast import abreast

                for number, band in enumerate(abreast(part, self._width)):
                    self._out.write("".join(line + "\n" for line in ([""] if number else []) + band))
            case str():
                self._title(part)
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
        text = self._shown(sentence(phrase))
        if len(text) > width or cell_len(text) > width or "\n" in text:
            lines = RichText(text).wrap(self._console, width)
            text = ("\n" + " " * len(mark)).join(line.plain.rstrip() for line in lines)
        if style and self._screen.color:
            self._console.print(RichText(mark + text, style, no_wrap=True))
        else:
            self._out.write(mark + text + "\n")

    def _title(self, text: str) -> None:
        """A heading on a line of its own, which goes on to the edge."""
        title = RichText(self._shown(text, self._width - 8), "bold")
        rule = "-" if self._screen.ascii_only else "─"
        self._console.print(Rule(title, characters=rule, align="left", style="dim"))

    def _note(self, note: Note) -> None:
        if note.kind == "heading":
            self._title(sentence(note.text))
            return
        mark = "! " if note.kind == "warning" else ""
        style = {"headline": "bold", "warning": "yellow", "aside": "dim"}.get(note.kind, "")
        self._paragraph(note.text, mark, style)
        for bullet in note.bullets:
            self._paragraph(bullet, " " * len(mark) + "- ", style if note.kind == "warning" else "")

    def _chart(self, chart: Chart | Histogram) -> None:
        if chart.title:
            self._paragraph(chart.title, style="bold")
        from minecalc.reports._charts import draw

        for line in draw(chart, min(self._width, _PROSE), ascii_only=self._screen.ascii_only):
            spans = ((text, "" if n is None else _SERIES_STYLES[n % len(_SERIES_STYLES)]) for text, n in line)
            self._console.print(RichText.assemble(*spans, no_wrap=True, overflow="ignore"))

    def _table(self, table: Table) -> None:
        footnotes = Footnotes()
        columns = self._columns(table, footnotes)
        for number, block in enumerate(blocks(columns, self._width)):
            if number:
                self._out.write("\n")
            if table.title:
                self._paragraph(table.title + (" (continued)" if number else ""), style="bold")
            self._console.print(self._grid(table, block))
        for mark, reason in footnotes.reasons():
            self._paragraph(reason, mark + " ", "dim")
        if table.caption:
            self._paragraph(table.caption, style="dim")

    def natural_widths(self, table: Table) -> tuple[int, int]:
        """In how many cells a table stands with all headings on one line, and with only its cells."""
        columns = self._columns(table, Footnotes())
        return natural(columns, headings=True), natural(columns, headings=False)

    def _columns(self, table: Table, footnotes: Footnotes) -> list[Column]:
        texts = [[footnotes.shown(*pair) for pair in zip(row, table.columns, strict=True)] for row in table.rows]
        return [self._column(table, texts, number) for number in range(len(table.columns))]

    def _column(self, table: Table, texts: Sequence[Sequence[str]], number: int) -> Column:
        """Column ``number``: figures keep their whole length, headings and texts may wrap."""
        heading = self._shown(table.columns[number].title, _NAME)
        least, fair, full = _longest_word(heading, _HEADING_WORD), 0, 0
        cells = []
        for row, line in zip(table.rows, texts, strict=True):
            cell = row[number]
            text = self._shown(line[number], _TEXT if number else _NAME)
            length = cell_len(text)
            if isinstance(cell, Text):
                least = max(least, _longest_word(text, min(_TEXT_WORD, self._width // 2 - GAP)))
                fair = max(fair, min(length, _TEXT_WIDTH if number else _LABEL_WIDTH))
                full = max(full, min(length, _PROSE))
            else:
                least = max(least, length)
            cells.append(RichText(text, _style(cell)))
        fair = max(least, fair)
        most = max(fair, min(cell_len(heading), _HEADING_WIDTH))
        return Column(RichText(heading), cells, table.columns[number].align, least, fair, most, max(most, full))

    def _grid(self, table: Table, block: Sequence[tuple[Column, int]]) -> RichTable:
        rule = "-" if self._screen.ascii_only else "─"
        rules = f" {rule * 2} \n"
        box = Box(f"    \n    \n{rules}    \n{rules}{rules}    \n    \n", ascii=self._screen.ascii_only)
        grid = RichTable(box=box, show_edge=False, padding=0, header_style="bold")
        grid.show_header = any(column.heading.plain for column, _ in block)
        only_numbers = all(isinstance(cell, Value) for row in table.rows for cell in row[1:])
        cells, gaps, on_a_line = list[Sequence[RichText]](), list[int](), [True] * len(table.rows)
        for number, (column, width) in enumerate(block):
            fits = [text.cell_len <= width and "\n" not in text.plain for text in column.cells]
            on_a_line = [both and one for both, one in zip(on_a_line, fits, strict=True)]
            whole = all(fits) and column.heading.cell_len <= width
            # beside the space of the box; whole lines to the right of a wider column have it by themselves
            gap = 0 if not number or (whole and column.align == "right") else GAP - 1
            grid.add_column(
                _padded(column.heading, gap),
                justify="right" if column.align == "right" else "left",
                vertical="bottom" if only_numbers else "top",
                width=(GAP - 1 if number else 0) + width,
                overflow="fold",
                no_wrap=whole,
            )
            cells.append(column.cells if number else [self._hung(label, width) for label in column.cells])
            gaps.append(gap)
        for rows in _together(on_a_line, table.sections):
            texts = (_stacked(column[rows.start : rows.stop]) for column in cells)
            row = [_padded(text, gap) for text, gap in zip(texts, gaps, strict=True)]
            grid.add_row(*row, end_section=rows.stop in table.sections)
        return grid

    def _hung(self, label: RichText, width: int) -> RichText:
        """A row's label, whose second line and those after it begin further in than the first if no word breaks."""
        indent = len(label.plain) - len(label.plain.lstrip(" ")) + _HANG
        if label.cell_len <= width or width < _HANGS_FROM + indent:
            return label
        first = label.wrap(self._console, width)[0]
        rest = RichText(label.plain[len(first.plain) :].lstrip(" "), label.style)
        if _longest_word(rest.plain, width) > width - indent:
            return label
        hung = (RichText(" " * indent, line.style) + line for line in rest.wrap(self._console, width - indent))
        return RichText("\n").join([first, *hung])


def _several(pieces: _Together, after: Sequence[Note]) -> Iterator[_Part | _Together]:
    """Pieces together if there are several, and what follows the last."""
    if len(pieces) > 1:
        yield pieces
    else:
        yield from (part for piece in pieces for part in piece.parts)
    yield from after


def _padded(text: RichText, gap: int) -> RichText | Padding:
    """A text with so many spaces on the left of each of its lines."""
    return Padding(text, (0, 0, 0, gap)) if gap else text


def _together(on_a_line: Sequence[bool], sections: Sequence[int]) -> Iterator[range]:
    """The rows that are laid out as one, for the time that it takes: those of a section that need a line each."""
    first = 0
    for row, one_line in enumerate(on_a_line, 1):
        if row == len(on_a_line) or row in sections or not (one_line and on_a_line[row]):
            yield range(first, row)
            first = row


def _stacked(texts: Sequence[RichText]) -> RichText:
    """Texts one below the other; a single one as it is."""
    return texts[0] if len(texts) == 1 else RichText("\n").join(texts)


def _kind(part: _Part | _Together) -> str:
    return part.kind if isinstance(part, Note) else ""


def _style(cell: Text | Value) -> str:
    missing = isinstance(cell, Value) and cell.number is None and cell.tone == "plain"
    return "dim" if missing else _STYLES[cell.tone]


def _longest_word(text: str, most: int) -> int:
    return min(most, max(map(cell_len, text.split()), default=1))
