"""A document laid out on a page of fixed width, for ``terminal``."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

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

#: Styles by the numbers that terminals know them by (ECMA-48, SGR); "" is none.
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN = "1", "2", "31", "32", "33", "34", "35", "36"
_STYLES: dict[Tone, str] = {"plain": "", "good": _GREEN, "bad": _RED, "muted": _DIM, "strong": _BOLD}
_NOTE_STYLES = {"headline": _BOLD, "warning": _YELLOW, "aside": _DIM}
_SERIES_STYLES = (_CYAN, _YELLOW, _MAGENTA, _GREEN, _BLUE, _RED)

#: A word, with the spaces around it.
_WORD = re.compile(" *[^ ]+ *")


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
        return Page(self.screen._replace(width=width)).lines(self.parts)


#: Several tables and charts that follow one another.
_Together = list[_Piece]


class Page:
    """A page for ``screen``; user text is escaped here."""

    def __init__(self, screen: Screen) -> None:
        self._width = max(_NARROWEST, screen.width)
        self._screen = screen

    def text(self, document: Document) -> str:
        """The whole document; its title is a ruled line above everything but a headline that comes first."""
        parts: list[_Part] = [*shown_blocks(document, in_full=self._screen.in_full)]
        if document.title:
            parts.insert(1 if parts and _kind(parts[0]) == "headline" else 0, document.title)
        lines = self.lines(parts if self._width < WIDE else list(self._gathered(parts)))
        return "".join(line + "\n" for line in lines)

    def lines(self, parts: Sequence[_Part | _Together]) -> list[str]:
        """The parts one below the other, with a blank line before each but a warning after a warning."""
        lines = []
        for place, part in enumerate(parts):
            if place and not _kind(parts[place - 1]) == _kind(part) == "warning":
                lines.append("")
            lines.extend(line.rstrip(" ") for line in self._part(part))
        return lines

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

    def _part(self, part: _Part | _Together) -> Iterator[str]:
        match part:
            case list():
                from minecalc.reports._abreast import abreast

                for number, band in enumerate(abreast(part, self._width)):
                    yield from [""] if number else []
                    yield from band
            case str():
                yield self._title(part)
            case Note():
                yield from self._note(part)
            case Chart() | Histogram():
                yield from self._chart(part)
            case Table():
                yield from self._table(part)

    def _shown(self, text: str, most: int = _TEXT) -> str:
        return on_screen(text, self._screen.ascii_only, most)

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if text and style and self._screen.color else text

    def _paragraph(self, phrase: Phrase, mark: str = "", style: str = "") -> Iterator[str]:
        """Wrapped text; lines after the first are indented by the width of ``mark``."""
        lines = _wrapped(self._shown(sentence(phrase)), min(self._width, _PROSE) - len(mark))
        for number, line in enumerate(lines):
            yield self._styled((" " * len(mark) if number else mark) + line, style)

    def _title(self, text: str) -> str:
        """A heading on a line of its own, which goes on to the edge."""
        title = self._shown(text, self._width - 8)
        if cell_len(title) > self._width - 2:
            title = set_cell_size(title, self._width - 3) + "…"
        rule = self._rule(self._width - cell_len(title) - 1)
        return f"{self._styled(title, _BOLD)} {self._styled(rule, _DIM)}"

    def _rule(self, width: int) -> str:
        return ("-" if self._screen.ascii_only else "─") * width

    def _note(self, note: Note) -> Iterator[str]:
        if note.kind == "heading":
            yield self._title(sentence(note.text))
            return
        mark = "! " if note.kind == "warning" else ""
        style = _NOTE_STYLES.get(note.kind, "")
        yield from self._paragraph(note.text, mark, style)
        for bullet in note.bullets:
            yield from self._paragraph(bullet, " " * len(mark) + "- ", style if note.kind == "warning" else "")

    def _chart(self, chart: Chart | Histogram) -> Iterator[str]:
        if chart.title:
            yield from self._paragraph(chart.title, style=_BOLD)
        from minecalc.reports._charts import draw

        for line in draw(chart, min(self._width, _PROSE), ascii_only=self._screen.ascii_only):
            spans = ((text, "" if n is None else _SERIES_STYLES[n % len(_SERIES_STYLES)]) for text, n in line)
            yield "".join(self._styled(*span) for span in spans)

    def _table(self, table: Table) -> Iterator[str]:
        footnotes = Footnotes()
        columns = self._columns(table, footnotes)
        for number, block in enumerate(blocks(columns, self._width)):
            if number:
                yield ""
            if table.title:
                yield from self._paragraph(table.title + (" (continued)" if number else ""), style=_BOLD)
            yield from self._grid(table, block)
        for mark, reason in footnotes.reasons():
            yield from self._paragraph(reason, mark + " ", _DIM)
        if table.caption:
            yield from self._paragraph(table.caption, style=_DIM)

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
            cells.append(text)
        fair = max(least, fair)
        most = max(fair, min(cell_len(heading), _HEADING_WIDTH))
        styles = [_style(row[number]) for row in table.rows]
        return Column(heading, cells, styles, table.columns[number].align, least, fair, most, max(most, full))

    def _grid(self, table: Table, block: Sequence[tuple[Column, int]]) -> Iterator[str]:
        """The lines of columns of these widths: headings stand at the bottom of their row, and so do bare numbers."""
        rule = self._rule(sum(width for _, width in block) + GAP * (len(block) - 1))
        if any(column.heading for column, _ in block):
            headings = [_wrapped(column.heading, width) for column, width in block]
            yield from self._row(block, headings, [_BOLD] * len(block), at_bottom=True)
            yield rule
        only_numbers = all(isinstance(cell, Value) for row in table.rows for cell in row[1:])
        wraps = [_wrapped if number else _hung for number in range(len(block))]
        for row in range(len(table.rows)):
            if row and row in table.sections:
                yield rule
            cells = [wrap(column.cells[row], width) for wrap, (column, width) in zip(wraps, block, strict=True)]
            styles = [column.styles[row] for column, _ in block]
            yield from self._row(block, cells, styles, at_bottom=only_numbers)

    def _row(
        self,
        block: Sequence[tuple[Column, int]],
        cells: Sequence[Sequence[str]],
        styles: Sequence[str],
        *,
        at_bottom: bool,
    ) -> Iterator[str]:
        """The lines of a row, each cell in its column's width."""
        height = max(map(len, cells))
        padded = []
        for (column, width), lines, style in zip(block, cells, styles, strict=True):
            blank = [" " * width] * (height - len(lines))
            filled = []
            for line in lines:
                spaces, text = " " * (width - cell_len(line)), self._styled(line, style)
                filled.append(spaces + text if column.align == "right" else text + spaces)
            padded.append(blank + filled if at_bottom else filled + blank)
        return map((" " * GAP).join, zip(*padded, strict=True))


def _wrapped(text: str, width: int) -> list[str]:
    """``text``, which is on one line, on lines of at most ``width`` cells; only a word longer than that is broken."""
    if cell_len(text) <= width:
        return [text.rstrip(" ")]
    lines, line = [], ""
    for word in _WORD.findall(text):
        if cell_len(line + word.rstrip(" ")) <= width:
            line += word
            continue
        if line:
            lines.append(line)
        bare = word.rstrip(" ")
        *full, line = [bare] if cell_len(bare) <= width else chop_cells(bare, width)
        line += word[len(bare) :]  # never a line of its own
        lines.extend(full)
    return [line.rstrip(" ") for line in (*lines, line)]


def _hung(label: str, width: int) -> list[str]:
    """A row's label, whose second line and those after it begin further in than the first if no word breaks."""
    lines = _wrapped(label, width)
    indent = len(label) - len(label.lstrip(" ")) + _HANG
    rest = label[len(lines[0]) :].lstrip(" ")
    if len(lines) == 1 or width < _HANGS_FROM + indent or _longest_word(rest, width) > width - indent:
        return lines
    return [lines[0], *(" " * indent + line for line in _wrapped(rest, width - indent))]


def _several(pieces: _Together, after: Sequence[Note]) -> Iterator[_Part | _Together]:
    """Pieces together if there are several, and what follows the last."""
    if len(pieces) > 1:
        yield pieces
    else:
        yield from (part for piece in pieces for part in piece.parts)
    yield from after


def _kind(part: _Part | _Together) -> str:
    return part.kind if isinstance(part, Note) else ""


def _style(cell: Text | Value) -> str:
    missing = isinstance(cell, Value) and cell.number is None and cell.tone == "plain"
    return _DIM if missing else _STYLES[cell.tone]


def _longest_word(text: str, most: int) -> int:
    return min(most, max(map(cell_len, text.split()), default=1))
