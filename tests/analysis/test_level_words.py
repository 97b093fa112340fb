"""How a value at which plans are level is told."""

from __future__ import annotations

from typing import Any

from minecalc.analysis.level_words import Words, at_value, joined, over_now, short_value
from minecalc.document import Value
from minecalc.looks import sentence

PATH = "market.btc_price_usd"
SCALED: dict[str, Any] = {"value": 120_000.0, "scale": 1.9, "shift": None}
SHIFTED: dict[str, Any] = {"value": 70_000.0, "scale": None, "shift": 6_999.0}


def told(one: dict[str, Any], *, is_path: bool, flat: float | None = None) -> str:
    return sentence(at_value(PATH, one, 63_001.0, "2027-01", is_path=is_path, flat=flat))


def test_a_number_is_itself_and_a_path_is_all_of_its_months() -> None:
    assert told(SCALED, is_path=False) == "$120k"
    assert told(SCALED, is_path=True) == "1.90x the path ($63,001 to $120k in 2027-01)"
    assert told(SCALED, is_path=True, flat=153_000.0) == "1.90x the path ($63,001 to $120k in 2027-01; $153k if flat)"
    assert told(SHIFTED, is_path=True) == "shifted by $6,999 in all months ($63,001 to $70,000 in 2027-01)"
    assert told({"value": "2028-01", "scale": None, "shift": None}, is_path=False) == "2028-01"


def test_in_short() -> None:
    assert sentence(short_value(PATH, SCALED, is_path=True)) == "1.90x the path"
    assert sentence(short_value(PATH, SCALED, is_path=False)) == "$120k"
    assert sentence(over_now(SCALED)) == " (1.90x now)"
    assert over_now(SHIFTED) == []


def test_parts_of_a_sentence_are_joined() -> None:
    parts: list[Words] = [["a"], ["b ", Value(2.0, "usd")], ["c"]]
    assert joined(parts) == ["a", "; ", "b ", Value(2.0, "usd"), "; ", "c"]
    assert joined(parts, ", ", " and ") == ["a", ", ", "b ", Value(2.0, "usd"), " and ", "c"]
    assert joined(parts[:1], ", ", " and ") == ["a"]
    assert joined([]) == []
