"""Names that must be one of several, and dotted paths: what is near, what is listed, what needs quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import Problem
from minecalc.schema.names import dotted, none_twice, quoted, split_path, unknown_name

MACHINES = ["antminer-s21", "antminer-s21-pro", "Whatsminer-M60"]


@pytest.mark.parametrize(
    ("name", "names", "see", "advice"),
    [
        ("antminer-s21pro", MACHINES, "", "did you mean antminer-s21-pro?"),
        ("WHATSMINER M60", MACHINES, "", "did you mean Whatsminer-M60?"),
        ("tpu", MACHINES, "", "it is one of antminer-s21, antminer-s21-pro, Whatsminer-M60"),
        ("tpu", MACHINES, "the catalogue", "it is one of antminer-s21, antminer-s21-pro, Whatsminer-M60"),
        ("antminer-s21pro", MACHINES, "the catalogue", "did you mean antminer-s21-pro? the catalogue lists them"),
        ("x", [f"machine {i}" for i in range(13)], "the catalogue", "the catalogue lists them"),
        ("x", [f"machine {i}" for i in range(13)], "", ""),
        ("x", [], "", "it is one of "),
    ],
)
def test_unknown_name(name: str, names: list[str], see: str, advice: str) -> None:
    found = unknown_name(("uses", "machine"), "machine", name, names, see)
    assert found == Problem(("uses", "machine"), "unknown-name", f"there is no machine {name}", advice)


def test_a_long_or_odd_name_is_cut_and_escaped() -> None:
    found = unknown_name((), "GPU", "\x1b[31m" + "x" * 500, ["h100"])
    assert found.message.startswith("there is no GPU \\x1b[31mxxx")
    assert len(found.message) < 120


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("site.gross_mw", ["site", "gross_mw"]),
        ("plans.keep mining.stops", ["plans", "keep mining", "stops"]),
        ('plans."v1.2".term_months', ["plans", "v1.2", "term_months"]),
        ("plans.'say \"so\"'.stops", ["plans", 'say "so"', "stops"]),
        ('plans. "a" . b', ["plans", "a", "b"]),
        ('plans.""', ["plans", ""]),
        ("name", ["name"]),
    ],
)
def test_split_path(path: str, parts: list[str]) -> None:
    assert split_path(path) == parts


@pytest.mark.parametrize("path", ["", ".", "site.", ".site", "site..gross_mw"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="is not a dotted path"):
        split_path(path)


def test_plain_words_need_no_quotes() -> None:
    assert [quoted(name) for name in ("gross_mw", "h-100", "v1.2", "keep mining", 'say "so"', "")] == [
        "gross_mw",
        "h-100",
        '"v1.2"',
        '"keep mining"',
        "'say \"so\"'",
        '""',
    ]


@given(st.lists(st.text().filter(lambda text: not ('"' in text and "'" in text)), min_size=1, max_size=4))
def test_a_quoted_path_is_split_into_its_names(names: list[str]) -> None:
    assert split_path(dotted(names)) == names


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_any_name_survives_a_path(names: list[str]) -> None:
    assert split_path(dotted(names)) == names


def test_a_double_quote_stands_twice_in_double_quotes() -> None:
    assert quoted("a\"b'c") == '"a""b\'c"'
    assert split_path('plans."a""b\'c".x') == ["plans", "a\"b'c", "x"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("S21", "antminer-s21"),
        ("s21 PRO", "antminer-s21-pro"),
        ("m60", "Whatsminer-M60"),
        ("Bitmain Antminer S21 Pro", "antminer-s21-pro"),
        ("s2", ""),
        ("nothing like it", ""),
    ],
)
def test_a_part_of_a_name_or_more_than_it_says_which_is_meant(name: str, meant: str) -> None:
    advice = unknown_name((), "machine", name, MACHINES, "the catalogue").help
    assert advice.startswith(f"did you mean {meant}?" if meant else "it is one of ")


def test_a_name_that_is_there_before_gets_the_next_number() -> None:
    assert none_twice(["a", "A", "b", "a-2", "a", "index"], taken=["Index"]) == [
        "a",
        "A-2",
        "b",
        "a-2-2",
        "a-3",
        "index-2",
    ]
    cut = none_twice(["abc", "abC", "ab 2"], again=lambda name, number: f"{name[:2]} {number}")
    assert cut == ["abc", "ab 2", "ab 3"]
