from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from minecalc.document import Bins, Chart, Column, Document, Histogram, Note, Series, Table, Text, Value
from minecalc.reports import Screen
from minecalc.reports.markdown import render
from minecalc.visible import visible
from tests.randomly import randomly

RECORDS = Table("", (), ())
TEXTS = st.text(
    st.sampled_from("\\`*_{}[]()<>#+-.!|~&;:=$\"' \n\tab1") | st.characters(exclude_categories=()),
    max_size=30,
)


def _parsed(document: Document) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(render(document, Screen()))


def _literal(inline: Token) -> str:
    assert {child.type for child in inline.children or ()} <= {"text"}, inline.children
    return "".join(child.content for child in inline.children or ())


@randomly(300)
@given(TEXTS)
@example("1. a")
@example("- a")
@example("---")
@example("    a")
@example("a\\|b|")
@example("[x](http://example.org)![y](z)")
@example("__init__ and snake_case")
@example("&amp; <b>")
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = visible(text).strip()
    table = Table(text, [Column("a", text)], [[Text(text)], [Text("end")]], caption=text)
    document = Document(text, [Note("first"), Note(text), Note("x", bullets=(text,)), table, Note("end")], RECORDS)
    tokens = _parsed(document)
    texts = [_literal(token) for token in tokens if token.type == "inline"]
    around = [shown] if shown else []
    assert [text for text in texts if text] == [
        *around, "first", *around, "x", *around, *around, *around, *around, "end", *around, "end"
    ]  # fmt: skip
    assert {token.type for token in tokens if token.level == 0} <= {
        "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close",
        "bullet_list_open", "bullet_list_close", "table_open", "table_close",
    }  # fmt: skip


def test_headline_warning_and_reasons() -> None:
    table = Table("T", [Column("a", "A", "left"), Column("b", "B")], [[Text("x"), Value(None, "usd", "no *sale*")]])
    notes = [Note(("Worth ", Value(41.2e6, "usd"), "."), "headline"), Note("Look out.", "warning")]
    assert render(Document("Site", [*notes, table], RECORDS), Screen()) == (
        "# Site\n\n**Worth $41.2M.**\n\n> **Warning:** Look out.\n\n## T\n\n"
        "| A | B |\n| :--- | ---: |\n| x | n/a \\[1\\] |\n\n- \\[1\\] no \\*sale\\*\n"
    )


def test_a_chart_is_literal_text() -> None:
    chart = Chart("Chart", ["a", "b"], [Series("```\n<b>", [1.0, 2.0]), Series("s", [1.0, 2.0])], "usd")
    tokens = _parsed(Document("", [chart, Note("after")], RECORDS))
    assert [token.type for token in tokens if token.level == 0 and token.nesting == 0 and token.type != "inline"] == [
        "code_block"
    ]


def test_errors_stand_where_the_column_has_room_and_in_sentences() -> None:
    mean, none = Value(41.23e6, "usd", error=0.4e6), Value(0.0, "fraction", bound=0.004)
    table = Table("", [Column("a", "A", errors=True), Column("b", "B")], [[mean, mean], [none, none]])
    text = render(Document("", [Note(("It is ", mean, "."), bullets=[("in ", none)]), table], RECORDS), Screen())
    assert text == (
        "It is $41.2M ± 0.4M.\n\n- in \\< 0.4%\n\n| A | B |\n| ---: | ---: |\n"
        "| $41.2M ± 0.4M | $41.2M |\n| \\< 0.4% | \\< 0.4% |\n"
    )


def test_a_histogram_is_literal_text() -> None:
    chart = Histogram("NPV", 0.0, 1.0, [Bins("`x`", [1.0]), Bins("<b>", [1.0])], "usd")
    tokens = _parsed(Document("", [chart, Note("after")], RECORDS))
    assert [token.type for token in tokens if token.level == 0 and token.nesting == 0 and token.type != "inline"] == [
        "code_block"
    ]
