"""Text of users does nothing in any format: it runs nowhere, leads nowhere, styles nothing, and is shown as it is."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

import html5lib
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt

from minecalc import reports
from minecalc.document import (
    Band,
    Bins,
    Block,
    Chart,
    Column,
    Details,
    Document,
    Histogram,
    Note,
    Series,
    Table,
    Text,
    Value,
)
from minecalc.visible import visible

#: What a program somewhere would run, follow or obey.
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "[/]",
    "[bold red]x[/bold red]",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "--></style><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "https://evil.example/?q=",
    '" onload=alert(1) x="',
    "']]>&lt;b&gt;&#60;i&#62;",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "a\x00b\r\nc\u202edcba\u200b",
    "url(https://evil.example/x.png)",
    "\ud800",
)


def full_of(text: str) -> Document:
    """A document with ``text`` wherever a scenario's names may stand."""
    table = Table(
        text,
        [Column("plan", text, "left"), Column("npv_usd", text), Column("words", text, "left")],
        [[Text(text), Value(None, "usd", text), Text(text)], [Text(text), Value(1.0, "usd"), Text(text)]],
        caption=text,
        picture=Chart(text, [text, "b"], [Series(text, [1.0, -2.0])], "usd", "column", over=[Series(text, [1.0, 2.0])]),
    )
    blocks: list[Block] = [
        Note(text, "headline"),
        Note(text, "heading"),
        Note((text, Value(1.0, "usd")), "warning", bullets=(text,)),
        table,
        Chart(text, [text, "b"], [Series(text, [1.0, 2.0])], "usd", bands=[Band(text, [0.0, 1.0], [2.0, 3.0])]),
        Chart(text, [text, "b"], [Series(text, [1.0, 2.0]), Series(text, [1.0, -2.0])], "usd", "bar"),
        Chart(text, [text, "b", "c"], [Series(text, [1.0, 2.0, 3.0])], "usd", "bridge"),
        Histogram(text, 0.0, 1.0, [Bins(text, [0.5, 0.5]), Bins(text, [1.0, 0.0])], "usd"),
        Details(Note(text, "aside"), [Note(text)]),
    ]
    data = {"format": "minecalc.made-up/1", "version": text, "file": text, "sha256": text, text: [text]}
    return Document(text, blocks, table, data)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_holds_no_mark_of_it(text: str) -> None:
    made = reports.render(full_of(text), "html")
    assert isinstance(made, str)
    made.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u200b\u202e]", made)
    root = html5lib.HTMLParser(strict=True).parse(made)
    assert marks(root) == plain_marks()
    shown = " ".join("".join(part.itertext()) for part in root.iter() if part.tag.endswith(("}p", "}th", "}li")))
    assert visible(text) in shown
    for script in (one for one in root.iter() if one.tag.endswith("}script")):
        assert json.loads(script.text)


@cache
def plain_marks() -> list[tuple[str, tuple[str, ...]]]:
    """The marks of a page with a word that does nothing."""
    return marks(html5lib.HTMLParser(strict=True).parse(reports.render(full_of("plain"), "html")))


def marks(root: ElementTree.Element) -> list[tuple[str, tuple[str, ...]]]:
    """Every element outside of drawings with the names of its attributes; inside them how many kinds there are."""
    svg = "{http://www.w3.org/2000/svg}"
    page = [(one.tag, tuple(sorted(one.attrib))) for one in root.iter() if not one.tag.startswith(svg)]
    drawn = {(one.tag, tuple(sorted(one.attrib))) for one in root.iter() if one.tag.startswith(svg)}
    return [*page, *sorted(drawn)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_picture_holds_no_mark_of_it(text: str) -> None:
    document = full_of(text)
    for number in range(1, 6):
        made = reports.render(document, "svg", chart=str(number))
        assert isinstance(made, str)
        root = ElementTree.fromstring(made.encode())
        names = {one.tag.rpartition("}")[2] for one in root.iter()}
        assert names <= {"svg", "g", "path", "line", "rect", "text", "title", "desc", "defs", "clipPath", "tspan"}
        found = {key for one in root.iter() for key in one.attrib}
        assert not any(key.startswith("on") or "href" in key or key == "style" for key in found)
        assert root[0].text == visible(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_rendered_markdown_holds_no_mark_of_it(text: str) -> None:
    made = reports.render(full_of(text), "markdown")
    assert isinstance(made, str)
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(made)
    ours = "h1 h2 p strong em blockquote ul li table thead tbody tr th td pre code"
    assert set(re.findall(r"<(\w+)", page)) <= {*ours.split()}
    assert f"<h1>{visible(text).strip()}</h1>" in html.unescape(page)


@pytest.mark.parametrize("text", HOSTILE)
def test_cells_of_csv_are_no_formulas(text: str) -> None:
    made = reports.render(full_of(text), "csv")
    assert isinstance(made, str)
    rows = list(csv.DictReader(io.StringIO(made, newline="")))
    for cell in (row[key] for row in rows for key in ("plan", "words")):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "\x1b" not in cell
        assert "\u202e" not in cell


@pytest.mark.parametrize("text", HOSTILE)
def test_json_and_parquet_give_it_back(text: str) -> None:
    made = reports.render(full_of(text), "json")
    assert isinstance(made, str)
    made.encode("ascii" if text.isascii() else "utf-8")
    assert json.loads(made)[text] == [text]
    table = reports.render(full_of(text), "parquet")
    assert isinstance(table, bytes)
    (first, *_) = pq.read_table(io.BytesIO(table)).column("plan").to_pylist()
    assert first == text.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_screen_obeys_none_of_it(text: str, width: int) -> None:
    made = reports.render(full_of(text), "terminal", width=width, color=True, in_full=True)
    assert isinstance(made, str)
    ours = re.sub(r"\x1b\[[0-9;]*m", "", made)
    assert list(unseen(ours)) == []
    styled = set(re.findall(r"\x1b\[[0-9;]*m", made))
    assert styled <= set(re.findall(r"\x1b\[[0-9;]*m", str(reports.render(full_of("plain"), "terminal", color=True))))


def unseen(text: str) -> Iterator[str]:
    return (letter for letter in text if letter != "\n" and not letter.isprintable())


def test_every_format_is_held_to_it() -> None:
    assert set(reports.formats()) == {"csv", "html", "json", "markdown", "parquet", "png", "svg", "terminal"}
