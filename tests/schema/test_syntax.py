from __future__ import annotations

import pytest

from minecalc.schema.diagnostics import Mark
from minecalc.schema.parsing import parse
from minecalc.schema.syntax import missing_space


@pytest.mark.parametrize(
    ("text", "code", "mark", "advice"),
    [
        ("a: 1\n\tb: 2\n", "tab-indent", Mark(2, 1), "indent with spaces, two for each level"),
        ("a:\n  \tb: 2: 3\n", "tab-indent", Mark(2, 3), "indent with spaces, two for each level"),
        ("a: [1,\n\n", "syntax", Mark(1, 6), "close the list or mapping, or remove a comma"),
        ("a: [1\n", "syntax", Mark(1, 4), "this is where the list or mapping opens"),
        ("a: [1,,2]\n", "syntax", Mark(1, 7), "close the list or mapping, or remove a comma"),
        ("a: `b\n", "syntax", Mark(1, 4), "put the value in quotes"),
        ("a: 1\nb:2\nc: 3\n", "syntax", Mark(2, 1), "a space is needed after the colon: b: 2"),
        ("a: 1\n b: 2\n", "syntax", Mark(2, 3), "quote text that holds a colon, or correct the indentation"),
        ("%YAML 3.0\n---\na: 1\n", "yaml-version", Mark(1, 1), "remove the %YAML line"),
    ],
)
def test_place_and_advice(text: str, code: str, mark: Mark, advice: str) -> None:
    node, problems = parse(text.encode(), "a.yaml")
    assert node is None
    assert [(found.code, found.mark, found.help) for found in problems] == [(code, mark, advice)]


def test_words_of_the_parser_where_we_have_none() -> None:
    _, problems = parse(b"%TAG ! a\n%TAG ! b\n---\na: 1\n", "a.yaml")
    assert problems[0].message == "not YAML: found duplicate %TAG directive"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("months:12", "a space is needed after the colon: months: 12"),
        ("  - gross_mw:50 more", "a space is needed after the colon: gross_mw: 50"),
        ("months: 12", ""),
        ("http://x", ""),
        ("C:\\sites", ""),
        ("::", ""),
        ("just text", ""),
        ("", ""),
    ],
)
def test_missing_space(text: str, advice: str) -> None:
    assert missing_space(text) == advice
