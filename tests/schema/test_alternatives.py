"""Keys that exclude each other, as a class of inputs lists them."""

from __future__ import annotations

import pytest

from minecalc.schema.alternatives import Alternatives

PRICE = Alternatives((("direct",), ("price", "network", "difficulty")))
FORMS = Alternatives((("start", "growth"), ("csv", "growth")), advice="take one form")


@pytest.mark.parametrize(
    ("alternatives", "key", "others"),
    [
        (PRICE, "direct", ("price", "network", "difficulty")),
        (PRICE, "price", ("direct",)),
        (PRICE, "pool", ()),
        (FORMS, "start", ("csv",)),
        (FORMS, "growth", ()),
    ],
)
def test_a_key_excludes_those_that_only_other_ways_have(
    alternatives: Alternatives, key: str, others: tuple[str, ...]
) -> None:
    assert alternatives.others(key) == others


def test_each_key_beside_the_first_is_a_problem() -> None:
    found = list(PRICE.conflicts({"network", "price", "direct"}))
    assert [problem.at for problem in found] == [("price",), ("network",)]
    assert found[0].message == "price stands beside direct"
    assert found[0].help == "give one of direct and price"
    assert [problem.help for problem in FORMS.conflicts({"start", "csv", "growth"})] == ["take one form"]


@pytest.mark.parametrize("given", [set(), {"direct"}, {"price", "network"}, {"pool"}])
def test_one_way_is_fine(given: set[str]) -> None:
    assert list(PRICE.conflicts(given)) == []
