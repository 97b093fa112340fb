import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.visible import harmless, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, [bold]é 日本 😀", "plain words, [bold]é 日本 😀"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x1b[31mred\x9b0m\x7f\x00", "\\x1b[31mred\\x9b0m\\x7f\\x00"),
        ("\u202eevil\u2066\u200b\ufeff\u2028", "\\u202eevil\\u2066\\u200b\\ufeff\\u2028"),
        ("\xa0\u2003\u3000", "\\xa0\\u2003\\u3000"),
        ("\ud800\udfff", "\\ud800\\udfff"),
        ("\u3164\u2800\u115f", "\\u3164\\u2800\\u115f"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("hello", 5, "hello"),
        ("hello", 4, "hel…"),
        ("hello", 1, "…"),
        ("ab\n\n\n", 5, "ab\\n…"),
        ("abc\n", 4, "abc…"),
        ("\n", 1, "…"),
        ("", 1, ""),
    ],
)
def test_cutting_keeps_escapes_whole(text: str, most: int, shown: str) -> None:
    assert visible(text, most) == shown


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 40))
def test_the_result_is_printable_short_and_a_beginning(text: str, most: int) -> None:
    whole, cut = visible(text), visible(text, most)
    assert whole.isprintable()
    assert len(cut) <= most
    assert cut == whole or (cut.endswith("…") and whole.startswith(cut[:-1]) and len(whole) > most)


def test_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="most is 0"):
        visible("a", 0)


def test_harmless_disarms_formulas_and_shows_what_is_hidden() -> None:
    assert harmless("=1+1") == "'=1+1"
    assert harmless("a=1\tb\n") == "a=1\tb\n"
    assert harmless("\x1b[31m\u202e") == "\\x1b[31m\\u202e"
