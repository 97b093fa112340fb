"""The document as GitHub-flavoured Markdown, with numbers as people read them, and in full: it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

from minecalc.document import Chart, Document, Histogram, Note, Phrase, Table, shown_blocks
from minecalc.looks import sentence
from minecalc.reports import Screen
from minecalc.reports._cells import Footnotes
from minecalc.visible import visible

SUFFIXES = (".md", ".markdown")
SHOWS = "blocks"

_CHART_WIDTH = 76
#: What means something anywhere in a line; an underscore does unless it stands between letters or digits.
_SPECIAL = re.compile(r"[\\`*\[\]<>&|~]|(?<![^\W_])_|_(?![^\W_])")
#: What makes a heading, list or rule of a line that begins with it.
_LINE_START = re.compile(r"^(\d*)([.)]|[#+=-]+)(?=\s|$)")


def render(document: Document, screen: Screen) -> str:
    """Headings, paragraphs, tables and charts (as indented text), separated by blank lines."""
    parts = [f"# {_escaped(document.title)}"] if document.title else []
    for block in shown_blocks(document, in_full=True):
        if isinstance(block, Table):
            parts.extend(_table(block))
        elif isinstance(block, Chart | Histogram):
            parts.extend(_chart(block))
        else:
            parts.extend(_note(block))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> Iterable[str]:
    if table.title:
        yield f"## {_escaped(table.title)}"
    footnotes = Footnotes()
    lines = [_row(column.title for column in table.columns)]
    lines.append("| " + " | ".join("---:" if c.align == "right" else ":---" for c in table.columns) + " |")
    lines.extend(_row(map(footnotes.shown, row, table.columns)) for row in table.rows)
    yield "\n".join(lines)
    if footnotes.reasons():
        yield "\n".join(f"- {_escaped(mark)} {_escaped(reason)}" for mark, reason in footnotes.reasons())
    if table.caption:
        yield _escaped(table.caption)


def _chart(chart: Chart | Histogram) -> Iterable[str]:
    if chart.title:
        yield f"## {_escaped(chart.title)}"
    from minecalc.reports._charts import draw

    lines = ("".join(text for text, _ in line).rstrip() for line in draw(chart, _CHART_WIDTH, ascii_only=False))
    yield "\n".join(f"    {line}".rstrip() for line in lines)


def _note(note: Note) -> Iterable[str]:
    text = _escaped(note.text)
    yield {
        "headline": f"**{text}**",
        "warning": f"> **Warning:** {text}",
        "plain": text,
        "aside": f"*{text}*",
        "heading": f"# {text}",
    }[note.kind]
    if note.bullets:
        yield "\n".join(f"- {_escaped(bullet)}" for bullet in note.bullets)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_escaped, cells)) + " |"


def _escaped(phrase: Phrase) -> str:
    """One line of Markdown that renders as exactly the given text."""
    text = _SPECIAL.sub(r"\\\g<0>", visible(sentence(phrase)).strip())
    return _LINE_START.sub(r"\1\\\2", text)
