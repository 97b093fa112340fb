"""Assignments that take the place of what they exclude; ``test_loading`` has the real inputs."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.schema.alternatives import Alternatives
from minecalc.schema.node import Node
from minecalc.schema.overrides import Rules, apply
from minecalc.schema.parsing import parse

TEXT = """\
market: {price: 60000, network: {start: 969, growth: 0.1}}
scaled: {price: 60000, direct: {scale: 1.1}}
direct: {direct: 40}
lease: {capex: 9e6, rent: 130}
built: {conversion: {starts: 2027-01, capex: 8e6}}
"""
MARKET = Alternatives((("direct",), ("price", "network")), implied=frozenset({"direct"}))
FORMS = Alternatives((("value",), ("start", "growth"), ("steps",)))
BUILDING = Alternatives((("conversion",), ("capex",)), inside={"capex": ("conversion", "capex")})


def alternatives_at(node: Node, at: tuple[str, ...]) -> tuple[Alternatives, ...]:
    match at:
        case ("market" | "scaled" | "direct",):
            return (MARKET,)
        case ("market" | "scaled" | "direct", _):
            return (FORMS,)
        case _:
            return (BUILDING,)


def after(place: str, *assignments: str) -> tuple[Any, list[str]]:
    """The mapping at ``place`` after the assignments, and the notes."""
    node, problems = parse(TEXT.encode(), "a.yaml")
    assert node is not None
    assert problems == []
    node, notes = apply(node, assignments, Rules(alternatives_at=alternatives_at))
    assert {(note.severity, note.code, note.file, note.mark) for note in notes} <= {("note", "replaced", "--set", None)}
    data: Any = node.plain_data()
    return data[place], [note.message for note in notes]


@pytest.mark.parametrize(
    ("place", "assignment", "left", "note"),
    [
        (
            "market",
            "market.direct=38",
            {"direct": 38},
            "market.direct replaces market.price (60000), market.network",
        ),
        ("direct", "direct.price=5", {"price": 5}, "direct.price replaces direct.direct (40)"),
        (
            "direct",
            "direct.network.start=5",
            {"network": {"start": 5}},
            "direct.network replaces direct.direct (40)",
        ),
        (
            "market",
            "market.price.start=7",
            {"price": {"start": 7}, "network": {"start": 969, "growth": 0.1}},
            "market.price.start replaces market.price.value (60000)",
        ),
        (
            "market",
            "market.network.steps.2027-01=900",
            {"price": 60000, "network": {"steps": {"2027-01": 900}}},
            "market.network.steps replaces market.network.start (969), market.network.growth (0.1)",
        ),
        (
            "lease",
            "lease.conversion.starts=2027-06",
            {"rent": 130, "conversion": {"starts": "2027-06", "capex": 9e6}},
            "lease.conversion takes in lease.capex (9e6)",
        ),
        (
            "lease",
            "lease.conversion={starts: 2027-06}",
            {"rent": 130, "conversion": {"starts": "2027-06", "capex": 9e6}},
            "lease.conversion takes in lease.capex (9e6)",
        ),
        (
            "lease",
            "lease.conversion={capex: 1}",
            {"rent": 130, "conversion": {"capex": 1}},
            "lease.conversion replaces lease.capex (9e6)",
        ),
        (
            "built",
            "built.capex=5",
            {"conversion": {"starts": "2027-01", "capex": 5}},
            "built.capex is set as built.conversion.capex",
        ),
    ],
)
def test_what_is_excluded_goes_and_a_note_says_so(place: str, assignment: str, left: object, note: str) -> None:
    assert after(place, assignment) == (left, [note])


@pytest.mark.parametrize(
    ("place", "assignment", "left"),
    [
        ("market", "market.direct=", {"price": 60000, "network": {"start": 969, "growth": 0.1}, "direct": None}),
        ("direct", "direct.price.scale=2", {"direct": 40, "price": {"scale": 2}}),
        ("scaled", "scaled.price=5", {"price": 5, "direct": {"scale": 1.1}}),
        ("scaled", "scaled.price.shift=5", {"price": {"value": 60000, "shift": 5}, "direct": {"scale": 1.1}}),
        (
            "market",
            "market.price.scale=2",
            {"price": {"value": 60000, "scale": 2}, "network": {"start": 969, "growth": 0.1}},
        ),
        ("direct", "direct.direct.scale=2", {"direct": {"value": 40, "scale": 2}}),
    ],
)
def test_what_says_nothing_of_its_own_chooses_nothing(place: str, assignment: str, left: object) -> None:
    assert after(place, assignment) == (left, [])


def test_two_assignments_that_exclude_each_other_both_stay() -> None:
    for pair in (("market.direct=38", "market.price=5"), ("market.price=5", "market.direct=38")):
        left, notes = after("market", *pair)
        assert left == {"direct": 38, "price": 5}
        assert notes == ["market.direct replaces market.network"]
    assert after("direct", "direct.capex=5", "direct.direct=6")[0] == {"direct": 6, "capex": 5}


def test_a_replaced_value_may_be_scaled_in_the_same_command() -> None:
    left, notes = after("market", "market.direct=38", "market.direct.scale=1.1")
    assert left == {"direct": {"value": 38, "scale": 1.1}}
    assert len(notes) == 1


def test_the_parts_of_one_way_stand_together() -> None:
    left, notes = after("market", "market.price.start=7", "market.price.growth=0.1")
    assert left["price"] == {"start": 7, "growth": 0.1}
    assert len(notes) == 1
    left, notes = after("lease", "lease.conversion.starts=2027-06", "lease.conversion.capex=7")
    assert left == {"rent": 130, "conversion": {"starts": "2027-06", "capex": 7}}
