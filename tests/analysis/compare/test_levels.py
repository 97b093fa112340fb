"""Where plans draw level, as a reader is told: the end of the headline and the table, from the record alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.levels import draws_level, table
from minecalc.analysis.compare.record import compare
from minecalc.document import Note
from minecalc.loading import load
from tests.analysis.compare.test_document import plain, shown

CASES = Path(__file__).parents[2] / "cases"
INCOME = 'plans."old fleet with demand response".demand_response_usd_per_month'


@pytest.mark.parametrize(
    ("case", "settings", "end"),
    [
        ("two-roots", [], "; they draw level at hash price <33.6 usd_per_ph_per_day> (ahead again above <48 "),
        ("flat-stretch", [], "; they draw level at hash price <36 usd_per_ph_per_day> and everything below."),
        (
            "four-flips",
            [f"{INCOME}=500000"],
            " or BTC <80482.1 usd> with the network as it is (behind again above <82682.4 usd>).",
        ),
        (
            "four-flips",
            [f"{INCOME}=725000"],
            " or BTC <158167 usd> with the network as it is (behind again above <162395 usd>)",
        ),
        (
            "same-flows-two-rates",
            [],
            "the same mine and mine are worth the same at <0.12 fraction> (at its own rate of <0.06 fraction>: ",
        ),
    ],
)
def test_headline_says_where_the_ranking_flips_back_and_both_rates(case: str, settings: list[str], end: str) -> None:
    found = document([compare(load(CASES / f"{case}.yaml", settings))], "1").blocks[0]
    assert isinstance(found, Note)
    assert end in plain(found.text)
    assert "stays ahead" not in plain(found.text)


PRICE = "market.btc_price_usd"
FLAT: dict[str, Any] = {"is_path": False, "flat": None}
MINED = {"baseline": "mine", "start": "2027-01"}


def place(kind: str, value: float, signs: tuple[int | None, int | None], beyond: float | None = None) -> dict[str, Any]:
    signs_ = {"sign_below": signs[0], "sign_above": signs[1]}
    return {"kind": kind, "value": value, "beyond": beyond, "scale": value / 50, "shift": None, **signs_}


def told(*places: dict[str, Any], lead_usd: float = 1.0, now: float = 50.0) -> str:
    """What the headline says of a bitcoin price between 0 and 100 at whose ``places`` two plans are level."""
    item = {"present": now, "low": 0.0, "high": 100.0, "all": list(places), "value": None} | FLAT
    return plain(draws_level({PRICE: item}, lead_usd, "lease", MINED))


def test_the_nearest_place_is_told_first_and_the_way_back_from_now() -> None:
    below, above = place("root", 20, (1, -1)), place("root", 40, (-1, 1))
    assert (
        told(below, above) == "they draw level at BTC <40 usd> with the network as it is (ahead again below <20 usd>)"
    )
    assert (
        told(below, above, now=10.0)
        == "they draw level at BTC <20 usd> with the network as it is (ahead again above <40 usd>)"
    )


def test_a_place_where_the_two_only_touch_turns_nothing_round() -> None:
    touch, root = place("root", 60, (-1, -1)), place("root", 80, (-1, 1))
    assert told(touch, root, lead_usd=-1.0) == (
        "they draw level at BTC <60 usd> with the network as it is "
        "(behind on both sides; they also change places at <80 usd>)"
    )


def test_a_jump_is_named_where_it_is_nearer_than_any_level() -> None:
    jump, root = place("jump", 45, (-1, 1), 44.9), place("root", 30, (1, -1))
    assert (
        told(root, jump)
        == "they change places in a jump at BTC <45 usd> with the network as it is (ahead again below <30 usd>)"
    )


def test_a_stretch_inside_the_range_has_its_two_ends() -> None:
    assert told(place("stretch", 40, (1, 1), 30)) == (
        "they draw level at BTC <40 usd> to <30 usd> with the network as it is (ahead on both sides)"
    )
    assert (
        told(place("stretch", 60, (1, None), 100))
        == "they draw level at BTC <60 usd> and everything above with the network as it is"
    )


def test_nothing_is_told_where_no_price_makes_them_level() -> None:
    assert told() == ""
    assert draws_level({}, 1.0, "lease", MINED) == []


def rows(case: str, path: str) -> list[tuple[Any, ...]]:
    """The rows of the table from that of an input on."""
    record = compare(load(CASES / f"{case}.yaml"))
    found = [tuple(shown(cell) for cell in row) for row in table(record).rows]
    first = next(number for number, row in enumerate(found) if row[0] == path)
    return found[first:]


def test_every_answer_has_a_row() -> None:
    first, second, *_ = rows("two-roots", "  Hash price")
    assert (first[2], second[0], second[2]) == (pytest.approx(33.6), "    and", pytest.approx(48.0))
    assert rows("flat-stretch", "  Hash price")[1][0] == "    and everything below"
    shifted = rows("price-crosses-zero", "  Electricity price (site)")
    assert shifted[0][2] == pytest.approx(0.0602, abs=5e-5)
    assert (shifted[1][0], shifted[1][2]) == ("    by a shift of all months", pytest.approx(0.0302, abs=5e-5))
