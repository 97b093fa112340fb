"""The page: valid, whole in itself, for eyes, ears, phones, dark screens and paper; its colours can be read."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest

from minecalc import reports
from minecalc.document import Cell, Chart, Column, Document, Histogram, Note, Series, Table, Text, Value, pictures
from minecalc.reports import _html, _palette, _pictures

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"

#: Colours of texts, lines and bars.
TEXTS = (
    *(_palette.INK, _palette.MUTED, _palette.LINK, _palette.GOOD, _palette.BAD, _palette.WARNING),
    *_palette.SERIES,
)


def page(document: Document) -> str:
    text = reports.render(document, "html")
    assert isinstance(text, str)
    return text


@pytest.fixture(scope="module")
def text(document: Document) -> str:
    return page(document)


def parsed(text: str) -> Element:
    """The page as a browser has it; the first breach of the HTML standard fails."""
    root: Element = html5lib.HTMLParser(strict=True).parse(text)
    return root


@pytest.fixture(scope="module")
def root(text: str) -> Element:
    return parsed(text)


def tags(root: Element, *names: str) -> Iterator[Element]:
    return (element for element in root.iter() if element.tag in {HTML + name for name in names})


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_it_is_the_same_every_time(document: Document, text: str) -> None:
    assert page(document) == text


def test_nothing_of_it_comes_from_elsewhere(text: str, root: Element) -> None:
    addresses = {"src", "href", "data", "action", "srcset", "poster", "{http://www.w3.org/1999/xlink}href"}
    found = [(key, value) for one in root.iter() for key, value in one.attrib.items() if key in addresses]
    assert [pair for pair in found if not pair[1].startswith("#")] == []
    assert not re.search(r"@import|url\((?!#)", text)
    policies = [one.get("content", "") for one in tags(root, "meta") if one.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_style_sheet_has_every_colour_for_light_and_dark_screens(root: Element) -> None:
    """Those it calls by name, and those that pictures are drawn in."""
    (style,) = (one.text or "" for one in tags(root, "style"))
    parts = re.split(r"(?=@media screen)", style)[:2]
    light, dark = (dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6});", part)) for part in parts)
    assert light.keys() == dark.keys() == set(re.findall(r"var\(--([a-z]+)\)", style))
    assert not any(light[name] == dark[name] for name in light)
    for colour in _palette.swaps():
        for what in ("fill", "stroke"):
            assert f'svg [{what}="{colour.light}"]{{{what}:{colour.dark}}}' in style
    assert "/*" not in style
    assert "@media print" in style


def test_scripts_are_specifications_of_charts_and_nothing_runs(document: Document, root: Element) -> None:
    scripts = list(tags(root, "script"))
    assert {one.get("type") for one in scripts} == {"application/json"}
    specs = [json.loads(one.text or "") for one in scripts]
    assert len(specs) == 4
    assert all(spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/") for spec in specs)
    assert specs == [_pictures.specification(chart) for chart in _charts(document)]
    assert [key for one in root.iter() for key in one.attrib if key.startswith("on")] == []


def _charts(document: Document) -> list[Chart | Histogram]:
    return pictures(document)


def test_headings_are_in_order_and_ids_are_their_own(root: Element) -> None:
    levels = [int(one.tag[-1]) for one in tags(root, "h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    names = [name for one in root.iter() if (name := one.get("id"))]
    assert len(names) == len(set(names))
    html = next(tags(root, "html"))
    assert html.get("lang") == "en"


def test_tables_have_captions_and_heads(document: Document, root: Element) -> None:
    titles = [block.title for block in document.blocks if isinstance(block, Table)]
    assert [words(one) for one in tags(root, "caption")] == titles
    for table in tags(root, "table"):
        heads = list(tags(table, "th"))
        assert heads
        assert {one.get("scope") for one in heads} <= {"col", "row", "rowgroup"}
        assert all(words(one) for one in heads)


def test_a_picture_has_words_and_a_table(root: Element) -> None:
    figures = list(tags(root, "figure"))
    assert len(figures) == 4
    for figure in figures:
        drawn = [one for one in figure.iter() if one.tag == f"{SVG}svg"]
        assert len(drawn) == 2
        for svg in drawn:
            assert svg.get("role") == "img"
            (title, desc) = list(svg)[:2]
            assert title.text
            assert desc.text
            assert svg.get("aria-label") == f"{title.text}. {desc.text}"
        assert len(list(tags(figure, "table"))) == 1


def test_without_the_extra_the_page_has_tables_and_says_how_to_get_pictures(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_html, "can_draw", lambda: False)
    root = parsed(page(document))
    assert "pip install 'minecalc[report]'" in words(root)
    assert [one for one in root.iter() if one.tag == f"{SVG}svg"] == []
    assert all(len(list(tags(figure, "table"))) == 1 for figure in tags(root, "figure"))
    assert list(tags(root, "details")) == []


def test_missing_numbers_have_their_reasons_below(root: Element) -> None:
    table = next(tags(root, "table"))
    cells = [words(one) for one in tags(table, "td") if "missing" in one.get("class", "")]
    assert cells == ["n/a1", "n/a1", "n/a2", "n/a"]
    notes = [words(one) for one in tags(next(tags(root, "ol")), "li")]
    assert notes == ["the flows never change sign", "nothing was put in"]


def test_headings_of_a_long_document_are_listed_and_lead_there() -> None:
    blocks = [Note("Worth a look.", "headline")]
    for name in ("Worth", "Risk & return", "Sources"):
        blocks += [Note(name, "heading"), Note(f"About {name}.")]
    root = parsed(page(Document("Three parts", blocks, Table("", [], []))))
    links = {words(one): one.get("href") for one in tags(root, "a")}
    headings = {words(one): f"#{one.get('id')}" for one in tags(root, "h2")}
    assert links == headings
    assert list(links) == ["Worth", "Risk & return", "Sources"]
    assert [words(one) for one in tags(root, "section")] == [f"{name} About {name}." for name in links]


def test_a_row_leads_to_the_page_of_its_name_and_to_no_address() -> None:
    columns = [Column("name", "Scenario", "left"), Column("npv_usd", "NPV")]
    rows: list[list[Cell]] = [[Text("a & b"), Value(1e6, "usd")], [Text("c"), Value(2e6, "usd")]]
    linked = Table("League", columns, rows, links=("a-b.html", ""))
    root = parsed(page(Document("League", [linked], linked)))
    assert [(words(one), one.get("href")) for one in tags(root, "a")] == [("a & b", "a-b.html")]
    for address in (
        "javascript:alert(1)",
        "//evil.example/x.html",
        "../x.html",
        "x.html?y",
        "https://x.example/y.html",
    ):
        with pytest.raises(ValueError, match="not the name of a page"):
            Table("League", columns, rows, links=(address, ""))


def test_long_lines_have_a_short_table() -> None:
    chart = Chart("x", [str(n) for n in range(108)], [Series("y", range(108))], "usd")
    table = _html.table_of(chart)
    assert len(table.rows) == 22
    assert table.rows[-1][0] == Text("107")
    assert table.caption == "Every 5th of 108 rows; all stand in the page's source."


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2): ``#ffffff`` is 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2): 21 between black and white."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_and_every_mark_can_be_read(scheme: str) -> None:
    least = min(
        contrast(getattr(text, scheme), getattr(ground, scheme))
        for text in TEXTS
        for ground in (_palette.PAPER, _palette.PANEL)
    )
    assert least >= 4.5


def test_a_dark_screen_changes_every_colour_of_pictures(text: str) -> None:
    drawn = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', text))
    swapped = set(re.findall(r'svg \[fill="(#[0-9a-f]{6})"\]', text))
    assert drawn
    assert drawn <= swapped
