"""One mapping over another: what merges, what replaces, what goes, and where each value is said to stand."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.schema.layers import laid_over
from minecalc.schema.node import Node
from minecalc.schema.parsing import parse

from .test_choosing import alternatives_at


def tree(text: str, file: str = "a.yaml") -> Node:
    node, problems = parse(text.encode(), file)
    assert node is not None
    assert problems == []
    return node


def over(own: str, other: str) -> Any:
    return laid_over(tree(own), tree(other), alternatives_at).plain_data()


@pytest.mark.parametrize(
    ("own", "other", "whole"),
    [
        ("b: 2", "a: 1", {"a": 1, "b": 2}),
        ("a: 2", "a: 1", {"a": 2}),
        ("x: {b: {c: 2}}", "x: {a: 1, b: {c: 1, d: 1}}", {"x": {"a": 1, "b": {"c": 2, "d": 1}}}),
        ("x: [3]", "x: [1, 2]", {"x": [3]}),
        ("x: 3", "x: {a: 1}", {"x": 3}),
        ("x: {a: 1}", "x: 3", {"x": {"a": 1}}),
        ("x: {a: }", "x: {a: 1, b: 2}", {"x": {"b": 2}}),
        ("x:", "x: {a: 1}\ny: 1", {"y": 1}),
        ("z:", "y: 1", {"y": 1, "z": None}),
        ("x: {kind: lease, rent: 3}", "x: {kind: mine, pue: 1}", {"x": {"kind": "lease", "rent": 3}}),
        ("x: {kind: mine, rent: 3}", "x: {kind: mine, pue: 1}", {"x": {"kind": "mine", "pue": 1, "rent": 3}}),
        ("x: {extends: y, rent: 3}", "x: {kind: mine, pue: 1}", {"x": {"extends": "y", "rent": 3}}),
    ],
)
def test_mappings_merge_and_all_else_replaces(own: str, other: str, whole: Any) -> None:
    assert over(own, other) == whole


@pytest.mark.parametrize(
    ("own", "other", "whole"),
    [
        ("{steps: {2027-01: 5}}", "{start: 4, growth: 0.1}", {"steps": {"2027-01": 5}}),
        ("{growth: 0.2}", "{start: 4, growth: 0.1}", {"start": 4, "growth": 0.2}),
        ("{scale: 1.1}", "{start: 4, growth: 0.1}", {"start": 4, "growth": 0.1, "scale": 1.1}),
        ("{scale: 1.1}", "4", {"value": 4, "scale": 1.1}),
        ("{steps: {2028-01: 6}}", "{steps: {2027-01: 5, 2029-01: 7}}", {"steps": {"2028-01": 6}}),
        ("7", "{start: 4, growth: 0.1}", 7),
        ("{start: 4, growth: 0.1}", "7", {"start": 4, "growth": 0.1}),
    ],
)
def test_a_value_over_time_is_one_thing(own: str, other: str, whole: Any) -> None:
    assert over(f"market: {{network: {own}}}", f"market: {{network: {other}}}") == {"market": {"network": whole}}


def test_what_is_laid_over_takes_the_place_of_what_it_excludes() -> None:
    assert over("market: {direct: 40}", "market: {price: 6, network: 9}") == {"market": {"direct": 40}}
    assert over("market: {direct: {scale: 2}}", "market: {price: 6}") == {
        "market": {"direct": {"scale": 2}, "price": 6}
    }
    assert over("lease: {capex: 5}", "lease: {conversion: {starts: 3}}") == {
        "lease": {"conversion": {"starts": 3, "capex": 5}}
    }
    assert over("lease: {conversion: {starts: 3}}", "lease: {capex: 5}") == {
        "lease": {"conversion": {"starts": 3, "capex": 5}}
    }
    both = {"market": {"direct": 40, "price": 5}}
    assert over("market: {direct: 40, price: 5}", "market: {network: 9}") == both, "validation refuses it"


def test_every_value_keeps_its_place_and_a_mapping_has_that_of_the_upper_text() -> None:
    own, other = tree("# above\nx: {b: 2}", "own.yaml"), tree("x: {a: 1, b: 1}", "other.yaml")
    found = laid_over(own, other, alternatives_at)
    places = {
        path: (found.find(path).source.name, found.find(path).mark.line) for path in [("x",), ("x", "a"), ("x", "b")]
    }
    assert places == {("x",): ("own.yaml", 2), ("x", "a"): ("other.yaml", 1), ("x", "b"): ("own.yaml", 2)}
    mark = found.find(("x", "a")).key_mark
    assert mark is not None
    assert (mark.line, mark.column) == (1, 5)
    assert other.plain_data() == {"x": {"a": 1, "b": 1}}, "what lies below is not changed"


def test_below_a_path() -> None:
    root = tree("lease: {conversion: {starts: 3, ready: 4}, rent: 5}")
    found = laid_over(tree("capex: 8"), root, alternatives_at, ("lease",))
    assert found.plain_data() == {"conversion": {"starts": 3, "ready": 4, "capex": 8}, "rent": 5}
