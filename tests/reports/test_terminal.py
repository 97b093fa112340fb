import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from minecalc.document import (
    Band,
    Bins,
    Cell,
    Chart,
    Column,
    Document,
    Histogram,
    Note,
    Series,
    Table,
    Text,
    Value,
)
from minecalc.looks import figure
from minecalc.reports import Screen
from minecalc.reports._cells import Footnotes
from minecalc.reports.terminal import render
from tests.randomly import randomly

NAMES = st.text(st.characters(exclude_categories=()), max_size=90)
NUMBERS = st.none() | st.floats(-1e12, 1e12)
NOTHING = Table("", (), ())


def _table(names: list[str], numbers: list[float | None]) -> Table:
    columns = [Column("label", "", "left"), *(Column(f"c{n}", name) for n, name in enumerate(names))]
    values = [Value(number, "usd", names[0]) for number in numbers[: len(names)]]
    rows: list[list[Cell]] = [[Text(name), *values] for name in names]
    return Table("Table", columns, rows, sections=(1,))


@randomly(60)
@given(
    names=st.lists(NAMES, min_size=1, max_size=7),
    numbers=st.lists(NUMBERS, min_size=7, max_size=7),
    width=st.integers(40, 150),
    ascii_only=st.booleans(),
)
def test_any_names_fit_the_width_and_print_as_text(
    names: list[str], numbers: list[float | None], width: int, ascii_only: bool
) -> None:
    values = numbers[: len(names)]
    charts: list[Chart | Histogram] = [
        Chart("Lines", names, [Series(names[0], values)] * 2, "usd", bands=[Band(names[0], values, values[::-1])]),
        Histogram(names[0], -1.0, 1.0, [Bins(name, [0.25, 0.5], 0.25) for name in names], "usd"),
        Chart("Bars", names, [Series(names[0], numbers[: len(names)])] * 2, "usd", "bar"),
    ]
    notes = [Note(name, kind, bullets=names) for name in names for kind in ("headline", "warning")]
    table = _table(names, numbers)
    text = render(Document(names[0], [*notes, table, *charts], table), Screen(width, ascii_only=ascii_only))
    for line in text.split("\n"):
        assert cell_len(line) <= width
        assert line.isprintable()
    assert text.isascii() or not ascii_only
    for number in numbers[: len(names)]:
        if number is not None and (ascii_only is False or figure(number, "usd").isascii()):
            assert figure(number, "usd") in text


@pytest.mark.parametrize("width", [*range(40, 60), 80, 100, 120])
def test_no_number_is_broken_at_any_width(width: int, document: Document) -> None:
    long_word = Table(
        "T",
        [Column("a", "", "left"), Column("b", "B" * 70), Column("c", "C", "left")],
        [
            [Text("w" * 60), Value(-99_999.0, "usd"), Text("v" * 60)],
            [Text(""), Value(0.019, "btc_per_block"), Text("")],
        ],
    )
    tables = [long_word, *(block for block in document.blocks if isinstance(block, Table))]
    for table in tables:
        lines = render(Document("", [table], NOTHING), Screen(width)).split("\n")
        assert max(map(cell_len, lines)) <= width
        words = " ".join(lines) + " "
        for row in table.rows:
            for cell, column in zip(row, table.columns, strict=True):
                if isinstance(cell, Value) and cell.number is not None:
                    assert f" {Footnotes().shown(cell, column)} " in words


def test_a_wide_table_goes_on_below_with_its_labels(document: Document) -> None:
    text = render(document, Screen(80))
    assert text.count("Plans side by side (continued)") == 1
    assert len(re.findall(r"^Revenue per gross", text, re.MULTILINE)) == 2
    assert "(continued)" not in render(document, Screen(200))


def test_the_headline_comes_first_and_each_reason_once(document: Document) -> None:
    text = render(document, Screen(120))
    assert text.startswith("Mining is worth $15.4M more than [bold red]alert[/bold red]\\x1b[31m|`x`<b>\\n")
    assert text.count("[1] the flows never change sign\n") == 1
    assert text.count("[2] nothing was put in\n") == 1
    assert "! 12 MW are idle.\n  - site 50 MW\n  - uses 38.0 MW\n" in text


def test_color_only_adds_codes(document: Document) -> None:
    colored = render(document, Screen(80, color=True))
    plain = "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored).split("\n"))
    assert plain == render(document, Screen(80))
    assert "\x1b[1mMining is worth" in colored
    assert "\x1b[33m! 12 MW" in colored
    assert re.search(r"\x1b\[31m *-\$3\.10M\x1b\[0m", colored)


def test_a_document_of_nothing_prints_nothing() -> None:
    assert render(Document("", (), NOTHING), Screen()) == ""
    assert render(Document("Title", (), NOTHING), Screen(40)) == "Title " + "─" * 34 + "\n"


def test_a_chart_without_numbers_says_so() -> None:
    chart = Chart("Empty", ["a"], [Series("s", [None])], "usd")
    assert render(Document("", [chart], NOTHING), Screen()) == "Empty\n(no values)\n"


def test_tables_of_text_begin_at_the_top_of_a_row(document: Document) -> None:
    lines = render(document, Screen(80)).split("\n")
    assert any(re.match(r"market\.btc_price_usd +\$63,001  made up", line) for line in lines)


def test_a_label_that_wraps_hangs_below_its_own_beginning() -> None:
    rows: list[list[Cell]] = [
        [Text("  Mining operating cost until converted (first half)"), Value(-383_000.0, "usd")],
        [Text("  Rent"), Value(1e6, "usd")],
    ]
    table = Table("", [Column("line", "", "left"), Column("usd", "2027")], rows)
    assert render(Document("", [table], NOTHING), Screen(44)).split("\n")[2:6] == [
        "  Mining operating cost until",
        "    converted (first half)            -$383k",
        "  Rent                                $1.00M",
        "",
    ]


def test_words_that_do_not_fit_a_line_begin_the_next_and_longer_ones_are_broken() -> None:
    note = Note("a bb " + "c" * 90 + " dd 日本" + " e" * 9, "warning")
    assert render(Document("", [note], NOTHING), Screen(40)).split("\n") == [
        "! a bb",
        "  " + "c" * 38,
        "  " + "c" * 38,
        "  " + "c" * 14 + " dd 日本 e e e e e e e e",
        "  e",
        "",
    ]


def test_an_estimate_without_room_beside_its_label_goes_on_below() -> None:
    columns = [Column("label", "", "left"), Column("price", "Price", errors=True)]
    table = Table("", columns, [[Text("w" * 40), Value(-3e6, "usd_per_kwh", error=0.3)]])
    assert render(Document("", [table], NOTHING), Screen(40)).split("\n")[2:] == [
        "w" * 18,
        "w" * 18 + "  -300,000,000 c/kWh ±",
        "wwww" + " " * 28 + "30 c/kWh",
        "",
    ]


def test_colors_are_on_words_alone_line_by_line() -> None:
    columns = [Column("label", "", "left"), Column("npv", "Net present value")]
    table = Table("", columns, [[Text("lease or not, that is asked", "strong"), Value(-3e6, "usd", tone="bad")]])
    assert render(Document("", [table], NOTHING), Screen(40, color=True)).split("\n") == [
        " " * 29 + "\x1b[1mNet present\x1b[0m",
        " " * 35 + "\x1b[1mvalue\x1b[0m",
        "─" * 40,
        "\x1b[1mlease or not, that is asked\x1b[0m      \x1b[31m-$3.00M\x1b[0m",
        "",
    ]


def test_a_title_of_wide_characters_is_cut_to_the_line() -> None:
    text = render(Document("日本" * 30, (), NOTHING), Screen(40))
    assert text == "日本" * 9 + " … ─\n"
    assert cell_len(text.rstrip("\n")) == 40


def test_after_a_broken_word_that_ends_at_the_edge_the_next_line_begins_without_a_space() -> None:
    text = render(Document("", [Note("w" * 80 + " after")], NOTHING), Screen(40))
    assert text.split("\n") == ["w" * 40, "w" * 40, "after", ""]
