from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import (
    COMMAND_LINE,
    Diagnostic,
    Mark,
    cut,
    in_file_order,
    number_text,
    render,
    shown,
)


def wrong(line: int, column: int, length: int, source_line: str, file: str = "a.yaml") -> Diagnostic:
    return Diagnostic(file, Mark(line, column, length), "error", "some-code", "message", "do this", source_line)


def test_look() -> None:
    found = wrong(6, 10, 2, "  price: 45")
    assert render([found]) == (
        "a.yaml:6:10: error[some-code]: message\n     6 |   price: 45\n       |          ^^\n       = help: do this"
    )


def test_of_a_whole_file() -> None:
    assert render([Diagnostic("a.yaml", None, "note", "some-code", "message")]) == ("a.yaml: note[some-code]: message")


def test_blank_line_between() -> None:
    text = render([wrong(1, 1, 1, "x"), wrong(2, 1, 1, "y")])
    assert text.count("\n\n") == 1


def carets(text: str) -> tuple[int, int]:
    line = text.splitlines()[2]
    return line.index("^"), line.count("^")


@pytest.mark.parametrize(
    ("source_line", "column", "length", "expected"),
    [
        ("日本: x", 5, 1, (9 + 6, 1)),  # two columns for each wide character
        ("e\u0301a: x", 5, 1, (9 + 3, 1)),  # none for a combining one
        ("a\u200bb: x", 6, 1, (9 + 10, 1)),  # an escape of six characters
        ("a: \x07b", 4, 2, (9 + 3, 5)),
        ("a:", 3, 1, (9 + 2, 1)),  # beyond the end of the line
    ],
)
def test_carets_stand_below(source_line: str, column: int, length: int, expected: tuple[int, int]) -> None:
    assert carets(render([wrong(1, column, length, source_line)])) == expected


def test_long_line_is_shown_around_the_mark() -> None:
    line = "x" * 5_000 + "HERE" + "y" * 5_000
    text = render([wrong(1, 5_001, 4, line)])
    shown_line, below = text.splitlines()[1:3]
    assert len(shown_line) < 120
    begin = below.index("^")
    assert shown_line[begin : begin + below.count("^")] == "HERE"


@given(
    st.text(st.characters(categories=("Lu", "Nd", "Zs", "Cc", "Cf", "Lo", "Mn"))),
    st.integers(1, 300),
    st.integers(1, 99),
)
def test_any_line_prints_in_four_lines(line: str, column: int, length: int) -> None:
    text = render([wrong(1, column, length, line)])
    assert len(text.split("\n")) == 4
    assert not [char for char in text if char != "\n" and unicodedata.category(char)[0] == "C"]
    assert max(map(len, text.split("\n"))) <= 9 + 2 + 10 * 100


def test_more_than_most_take_one_line_each() -> None:
    many = [wrong(line, 1, 1, "x") for line in range(1, 12)]
    lines = render(many, most=3).splitlines()
    assert lines == [
        "a.yaml:1:1: error[some-code]: message (do this)",
        "a.yaml:2:1: error[some-code]: message (do this)",
        "a.yaml:3:1: error[some-code]: message (do this)",
        "... and 8 more in a.yaml",
    ]


def test_each_file_has_its_own_count() -> None:
    many = [wrong(line, 1, 1, "x") for line in range(1, 6)]
    text = render([*many, wrong(1, 1, 1, "x", "b.yaml")], most=4)
    assert "... and 1 more in a.yaml" in text
    assert text.endswith("= help: do this")


def test_user_text_is_made_visible() -> None:
    found = Diagnostic("a\n.yaml", Mark(1, 1), "error", "some-code", "is \x1b[31m", "write \u202e", "\x1b[31m")
    text = render([found])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "a\\n.yaml:1:1" in text


def test_file_order() -> None:
    whole_file = Diagnostic("a.yaml", None, "error", "some-code", "message")
    at_2_9, at_10_1 = wrong(2, 9, 1, ""), wrong(10, 1, 1, "")
    set_first, set_second = wrong(1, 9, 1, "", COMMAND_LINE), wrong(2, 2, 1, "", COMMAND_LINE)
    ordered = in_file_order([set_second, set_first, at_10_1, at_2_9, whole_file])
    assert ordered == [whole_file, at_2_9, at_10_1, set_first, set_second]


def test_as_dict() -> None:
    found = Diagnostic("a.yaml", Mark(2, 3, 4), "error", "some-code", "message", "help", "x", ("site", 0))
    assert found.as_dict() == {
        "file": "a.yaml",
        "line": 2,
        "column": 3,
        "length": 4,
        "severity": "error",
        "code": "some-code",
        "message": "message",
        "help": "help",
        "path": ["site", 0],
    }
    assert Diagnostic("a.yaml", None, "error", "c", "m").as_dict()["line"] is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        (True, "true"),
        (0.045, "0.045"),
        (45.0, "45"),
        (45, "45"),
        (1e300, "1e+300"),
        ("a\nb", '"a\\nb"'),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        (b"x", "a bytes"),
    ],
)
def test_shown(value: object, text: str) -> None:
    assert shown(value) == text


def test_long_values_are_cut() -> None:
    assert len(cut("x" * 81)) == 80
    assert cut("x" * 80) == "x" * 80
    assert len(shown("\x00" * 10_000)) <= 82
    assert number_text(10**5_000) == "an integer of more than 20 digits"


def test_what_an_anchor_says_wrongly_is_told_once() -> None:
    """Two uses of one anchor have the same line; as data both paths are there."""
    one = Diagnostic("a.yaml", Mark(61, 21, 7), "error", "bad-month", "no month", path=("plans", "lease"))
    same = one._replace(path=("plans", "half"))
    assert render([one, same]) == render([one])
    assert render([one, one._replace(message="another")]).count("a.yaml:61:21") == 2
    assert [found.as_dict()["path"] for found in (one, same)] == [["plans", "lease"], ["plans", "half"]]
