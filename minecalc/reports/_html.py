"""A document as the parts of a page, for the template: all text made visible here, and escaped by the template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from markupsafe import Markup

from minecalc.document import Cell, Chart, Column, Document, Histogram, Note, Series, Table, Text, Value, shown_blocks
from minecalc.looks import MISSING, sentence, shown
from minecalc.reports._cells import Footnotes
from minecalc.reports._marks import NARROW, WIDE
from minecalc.reports._palette import BAD, GOOD, INK, LINK, MUTED, PANEL, PAPER, RULE, WARNING, swaps
from minecalc.reports._pictures import INSTALL, can_draw, specification, svg
from minecalc.visible import visible

#: From so many columns on a table is printed across the paper, and from so many it stands closer.
_LANDSCAPE, _CLOSE = 14, 7
#: Most rows of the table under a picture; of more, every second, third, .. is there.
_ROWS_MOST = 24
#: From so many headings on they are listed on top.
_LISTED = 3
#: Characters of a checksum that a footer shows.
_SHORT = 12

#: What would end a script, or begin a comment, in the page around it.
_UNSAFE = re.compile("[<>&\u2028\u2029]")


@dataclass
class _Cell:
    """What stands in a cell, and how."""

    text: str
    classes: str
    mark: str = ""
    link: str = ""
    indent: int = 0
    span: int = 1


@dataclass
class _Table:
    """A table: its heads, and its bodies of rows between rules."""

    title: str
    heads: Sequence[_Cell]
    bodies: Sequence[Sequence[Sequence[_Cell]]]
    notes: Sequence[tuple[str, str]]
    caption: str
    classes: str
    kind: str = "table"


@dataclass
class _Figure:
    """A picture in two widths, or none, with the table of what it shows and its specification."""

    title: str
    drawn: Sequence[tuple[str, Markup]]
    table: _Table | None
    spec: Markup
    kind: str = "figure"


@dataclass
class _Section:
    """What stands under one heading; the first may have none."""

    heading: str
    name: str
    parts: list[_Table | _Figure | Note] = field(default_factory=list)


def page(document: Document) -> str:
    """The page of a document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    here = Path(__file__).parent
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(here),
    )
    environment.filters["shown"] = lambda phrase: visible(sentence(phrase))
    sections = _sections(document)
    headed = [section for section in sections if section.heading]
    figures = [part for section in sections for part in section.parts if isinstance(part, _Figure)]
    return environment.get_template("_page.html.jinja").render(
        title=visible(document.title) or "minecalc",
        sections=sections,
        listed=headed if len(headed) >= _LISTED else [],
        undrawn=bool(figures) and not can_draw(),
        install=INSTALL,
        style=Markup(_style((here / "_page.css").read_text(encoding="utf-8"))),
        provenance=list(_provenance(document.data)),
    )


def _sections(document: Document) -> list[_Section]:
    sections, drawn = [_Section("", "")], 0
    for block in shown_blocks(document, in_full=True):
        match block:
            case Note(kind="heading"):
                sections.append(_Section(visible(sentence(block.text)), f"s{len(sections)}"))
            case Note():
                sections[-1].parts.append(block)
            case Table():
                if block.picture is not None:
                    drawn += 1
                    if can_draw():
                        sections[-1].parts.append(_figure(block.picture, drawn, with_table=False))
                sections[-1].parts.append(_table(block))
            case _:
                drawn += 1
                sections[-1].parts.append(_figure(block, drawn))
    return sections


def _figure(chart: Chart | Histogram, number: int, *, with_table: bool = True) -> _Figure:
    drawn: list[tuple[str, Markup]] = []
    if can_draw():
        # what svg() makes is a tree of XML written out, in which all text is escaped
        for name, width in (("wide", WIDE), ("narrow", NARROW)):
            drawn.append((name, Markup(svg(chart, width=width, name=f"c{number}{name[0]}-"))))
    table = _table(table_of(chart)) if with_table else None
    return _Figure(visible(chart.title), drawn, table, _as_script(specification(chart)))


def _as_script(spec: Mapping[str, Any]) -> Markup:
    """A specification as JSON that no page takes for its own marks."""
    text = json.dumps(spec, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def table_of(chart: Chart | Histogram) -> Table:
    """What a picture shows as a table; of many labels some, evenly spread, the last among them."""
    if isinstance(chart, Histogram):
        columns = [Column("from", "From"), Column("to", "To"), *(Column(one.name, one.name) for one in chart.samples)]
        rows: list[list[Cell]] = [
            [
                Value(chart.low + place * chart.width, chart.unit),
                Value(chart.low + (place + 1) * chart.width, chart.unit),
                *(Value(one.shares[place], "fraction") for one in chart.samples),
            ]
            for place in range(len(chart.samples[0].shares))
            if any(one.shares[place] for one in chart.samples)
        ]
        return Table("", columns, rows)
    series = [*chart.series, *chart.over]
    for band in chart.bands:
        series += [Series(f"{band.name}, from", band.low), Series("to", band.high)]
    columns = [Column("label", "", "left"), *(Column(one.name, one.name) for one in series)]
    step = -(-len(chart.labels) // _ROWS_MOST) if chart.kind in ("line", "column") else 1
    places = [place for place in range(len(chart.labels)) if (len(chart.labels) - 1 - place) % max(1, step) == 0]
    rows = [[Text(chart.labels[place]), *(_value(chart, one, place) for one in series)] for place in places]
    told = f"Every {step}th of {len(chart.labels)} rows; all stand in the page's source." if step > 1 else ""
    return Table("", columns, rows, caption=told)


def _value(chart: Chart, one: Series, place: int) -> Value:
    """A value of a series as a cell."""
    number = one.values[place]
    return Value(number, chart.unit, error=None if number is None or not one.errors else one.errors[place])


def _table(table: Table) -> _Table:
    footnotes = Footnotes()
    bodies: list[list[list[_Cell]]] = [[]]
    for number, row in enumerate(table.rows):
        if number and number in table.sections:
            bodies.append([])
        cells = list(_row(row, table.columns, footnotes))
        cells[0].link = table.links[number] if table.links else ""
        bodies[-1].append(cells)
    heads = [_Cell(visible(column.title), _side(column)) for column in table.columns]
    size = len(table.columns)
    classes = "close landscape" if size >= _LANDSCAPE else "close" if size >= _CLOSE else ""
    notes = [(mark.strip("[]"), visible(reason)) for mark, reason in footnotes.reasons()]
    return _Table(visible(table.title), heads, bodies, notes, visible(table.caption), classes)


def _row(row: Sequence[Cell], columns: Sequence[Column], footnotes: Footnotes) -> Iterator[_Cell]:
    """The cells of a row; a label with nothing beside it reaches over all of them."""
    if len(row) > 1 and all(isinstance(cell, Text) and not cell.text for cell in row[1:]):
        label = _cell(row[0], columns[0], footnotes)
        label.classes, label.span = f"{label.classes} group", len(row)
        yield label
        return
    for cell, column in zip(row, columns, strict=True):
        yield _cell(cell, column, footnotes)


def _cell(cell: Cell, column: Column, footnotes: Footnotes) -> _Cell:
    classes = f"{_side(column)} {cell.tone}".replace(" plain", "")
    if isinstance(cell, Text):
        text = visible(cell.text)
        bare = text.lstrip(" ")
        words = "words" if column.align == "left" else ""
        return _Cell(bare, f"{classes} {words}".strip(), indent=(len(text) - len(bare)) // 2)
    if cell.number is not None:
        return _Cell(shown(cell, cell.number, errors=column.errors), classes)
    mark = footnotes.shown(cell, column).removeprefix(MISSING).strip(" []")
    return _Cell(MISSING, f"{classes} missing", mark=mark)


def _side(column: Column) -> str:
    return "number" if column.align == "right" else "left"


def _provenance(data: Mapping[str, Any]) -> Iterator[str]:
    """What made the page, and of what: version, file and checksum, as far as the answer says."""
    if "version" in data:
        yield f"minecalc {visible(str(data['version']))}"
    several = data.get("scenarios", [data])
    if len(several) == 1 and several[0].get("file") and several[0].get("sha256"):
        yield visible(PurePath(str(several[0]["file"])).name)
        yield f"SHA-256 {visible(str(several[0]['sha256']))[:_SHORT]}…"


def _style(css: str) -> str:
    """The style sheet with its colours, and those of pictures on a dark screen."""
    names = {"paper": PAPER, "panel": PANEL, "ink": INK, "muted": MUTED, "rule": RULE}
    names |= {"link": LINK, "good": GOOD, "bad": BAD, "warning": WARNING}
    light = "".join(f"--{name}:{colour.light};" for name, colour in names.items())
    dark = "".join(f"--{name}:{colour.dark};" for name, colour in names.items())
    swapped = "".join(
        f'svg [{what}="{colour.light}"]{{{what}:{colour.dark}}}' for colour in swaps() for what in ("fill", "stroke")
    )
    return css.replace("/*light*/", light).replace("/*dark*/", dark).replace("/*pictures*/", swapped)
