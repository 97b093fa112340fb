from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import COMMAND_LINE, Diagnostic, Mark, render
from minecalc.schema.node import Node
from minecalc.schema.overrides import Member, Rules, apply
from minecalc.schema.parsing import parse

TEXT = """\
name: Hilltop
site: {gross_mw: 50}
plans:
  keep mining: {hash_rate: 1.9}
  "lease v1.2": {spend: [0.5, 0.5]}
price: 5
growing: {start: 5, growth: 0.1}
nothing:
"""


def tree() -> Node:
    node, problems = parse(TEXT.encode(), "a.yaml")
    assert not problems
    assert node is not None
    return node


def changed(*assignments: str) -> dict[str, object]:
    node, problems = apply(tree(), assignments)
    assert problems == []
    before, after = tree().plain_data(), node.plain_data()
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    return {key: value for key, value in after.items() if before.get(key, ...) != value}


def refused(assignment: str) -> Diagnostic:
    root = tree()
    node, problems = apply(root, [assignment])
    assert node is root
    assert len(problems) == 1
    assert problems[0].file == COMMAND_LINE
    return problems[0]


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("name=Valley", {"name": "Valley"}),
        ("name = Valley ", {"name": "Valley"}),
        ("name='5'", {"name": "5"}),
        ("name=a=b", {"name": "a=b"}),
        ("price=1e6", {"price": 1e6}),
        ("price=1_000", {"price": 1_000}),
        ("price=", {"price": None}),
        ("price={start: 5}", {"price": {"start": 5}}),
        ("site.gross_mw=60", {"site": {"gross_mw": 60}}),
        ("site.price=[1, 2]", {"site": {"gross_mw": 50, "price": [1, 2]}}),
        ("new.a.b=1", {"new": {"a": {"b": 1}}}),
        ("nothing.a=1", {"nothing": {"a": 1}}),
        ("it's=1", {"it's": 1}),
        ("'a.b'.\"c=d\"=1", {"a.b": {"c=d": 1}}),
        ("''=1", {"": 1}),
    ],
)
def test_assignment(assignment: str, expected: dict[str, object]) -> None:
    assert changed(assignment) == expected


@pytest.mark.parametrize("path", ["plans.keep mining.hash_rate", 'plans."keep mining".hash_rate'])
def test_names_with_spaces(path: str) -> None:
    plans = changed(f"{path}=2.5")["plans"]
    assert plans == {"keep mining": {"hash_rate": 2.5}, "lease v1.2": {"spend": [0.5, 0.5]}}


def test_position_in_a_list() -> None:
    plans = changed("plans.'lease v1.2'.spend.1=0.4")["plans"]
    assert plans == {"keep mining": {"hash_rate": 1.9}, "lease v1.2": {"spend": [0.5, 0.4]}}


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("price.scale=1.2", {"price": {"value": 5, "scale": 1.2}}),
        ("price.shift=-0.5", {"price": {"value": 5, "shift": -0.5}}),
        ("growing.scale=1.2", {"growing": {"start": 5, "growth": 0.1, "scale": 1.2}}),
        ("nothing.scale=1.2", {"nothing": {"scale": 1.2}}),
        ("absent.scale=1.2", {"absent": {"scale": 1.2}}),
    ],
)
def test_scale(assignment: str, expected: dict[str, object]) -> None:
    assert changed(assignment) == expected


def test_later_assignments_see_earlier_ones() -> None:
    assert changed("price=6", "price.scale=2", "price.scale=3") == {"price": {"value": 6, "scale": 3}}


def test_the_tree_given_is_unchanged() -> None:
    root = tree()
    apply(root, ["site.gross_mw=60", "plans.'lease v1.2'.spend.0=1"])
    assert root.plain_data() == tree().plain_data()


def test_marks_point_into_the_assignment() -> None:
    node, _ = apply(tree(), ["site.gross_mw={a: 60}"])
    new = node.find(("site", "gross_mw"))
    assert (new.source.name, new.mark, new.key_mark) == (COMMAND_LINE, Mark(1, 15, 7), Mark(1, 6, 8))
    assert new.source.line(1) == "site.gross_mw={a: 60}"
    assert new.find(("a",)).mark == Mark(1, 19, 2)
    assert node.find(("site",)).source.name == "a.yaml"
    empty = apply(tree(), ["price="])[0].find(("price",))
    assert empty.mark == Mark(1, 7)


def test_a_scaled_value_keeps_its_place() -> None:
    node, _ = apply(tree(), ["price.scale=2"])
    assert node.find(("price", "value")).mark == tree().find(("price",)).mark
    assert node.find(("price",)).key_mark == tree().find(("price",)).key_mark
    assert node.find(("price", "scale")).source.name == COMMAND_LINE


@pytest.mark.parametrize(
    ("assignment", "code", "column"),
    [
        ("", "bad-assignment", 1),
        ("name", "bad-assignment", 1),
        ("=3", "bad-assignment", 1),
        ("a..b=1", "bad-assignment", 3),
        ("a.=1", "bad-assignment", 3),
        (".a=1", "bad-assignment", 1),
        ("'a=1", "bad-assignment", 1),
        ("price.start=1", "bad-assignment", 7),
        ("plans.'lease v1.2'.spend.2=1", "bad-assignment", 26),
        ("plans.'lease v1.2'.spend.x=1", "bad-assignment", 26),
        ("plans.'lease v1.2'.spend.١=1", "bad-assignment", 26),
        ("plans.'lease v1.2'.spend.-1=1", "bad-assignment", 26),
        ("name=[1", "syntax", 6),
        ("name={a: 1, a: 2}", "duplicate-key", 13),
        ("name=!!str 5", "tag", 6),
        ("name=a\x07", "not-text", 7),
        ("name=a\udc80", "not-text", 7),
    ],
)
def test_refused(assignment: str, code: str, column: int) -> None:
    found = refused(assignment)
    assert found.code == code
    assert found.mark is not None
    assert found.mark.column == column


def test_the_others_are_made() -> None:
    node, problems = apply(tree(), ["name", "price=7"])
    assert len(problems) == 1
    assert node.find(("price",)).value == 7


def test_problems_come_in_the_order_given() -> None:
    assignments = ["name=[1", "price.start=1", "nothing=a\nb: [", "site", "price=\x07", "name"]
    _, problems = apply(tree(), assignments)
    assert [found.mark and found.mark.line for found in problems] == [1, 2, 4, 5, 6, 7]
    assert [found.source_line for found in problems] == [
        *("name=[1", "price.start=1", "b: [", "site", "price=\x07", "name")
    ]
    node, _ = apply(tree(), ["price=6", "site.gross_mw={a: 60}"])
    new = node.find(("site", "gross_mw"))
    assert (new.mark, new.source.line(2)) == (Mark(2, 15, 7), "site.gross_mw={a: 60}")


NAMED = {("plans",): Member("plan"), ("plans", "*", "uses"): Member("use"), ("site", "loans"): Member("loan", "rate")}


def unknown(*assignments: str) -> list[str]:
    """What is said of names below which something is set."""
    return [f"{found.message}; {found.help}" for found in apply(tree(), assignments, Rules(NAMED))[1]]


def test_nothing_is_set_below_a_name_that_does_not_exist() -> None:
    assert unknown("plans.keep mning.hash_rate=2") == ["there is no plan keep mning; did you mean keep mining?"]
    message = "there is no plan x; it is one of keep mining, lease v1.2; a new plan needs a kind"
    assert unknown("plans.x.uses.a.hash_rate=2") == [message]
    assert unknown("plans.x.hash_rate=2", "plans.y.kind=mining") == [message]
    uses = "plans.keep mining.uses={a: {kind: mining}}"
    assert unknown(uses, "plans.keep mining.uses.b.spend=2") == [
        "there is no use b; it is one of a; a new use needs a kind"
    ]
    node, (found,) = apply(tree(), ["price=7", "plans.leese.spend=2"], Rules(NAMED))
    assert (found.code, found.mark) == ("unknown-name", Mark(2, 7, 5))
    assert node.find(("price",)).value == 7
    assert node.find(("plans",)).plain_data() == tree().find(("plans",)).plain_data()


def test_a_member_of_another_kind_is_known_by_a_key_of_its_own() -> None:
    loans = "site.loans={a: {rate: 0.1}}"
    assert unknown(loans, "site.loans.b.fee=2") == ["there is no loan b; it is one of a; a new loan needs a rate"]
    assert unknown(loans, "site.loans.b.fee=2", "site.loans.b.kind=bond") != []
    assert unknown(loans, "site.loans.b.fee=2", "site.loans.b.rate=0.2") == []


@pytest.mark.parametrize(
    "assignments",
    [
        ("plans.new={kind: mining}", "plans.new.hash_rate=2"),
        ("plans.new.hash_rate=2", "plans.new.kind=mining"),
        ("plans.new.uses.a.hash_rate=2", "plans.new.uses.a.kind=mining"),
        ("plans.new.uses={a: {kind: mining}}", "plans.new.discount_rate=0.1"),
        ("plans.new=5",),
        ("plans.keep mining.plans.x.y=1",),
        ("market.price.scale=2",),
    ],
)
def test_a_name_may_be_new_if_its_kind_is_set_too(assignments: tuple[str, ...]) -> None:
    assert unknown(*assignments) == []


@given(st.text(st.sampled_from("ab.='\" [{:\n\u00e9\udc80"), max_size=15))
def test_any_text(assignment: str) -> None:
    _, problems = apply(tree(), [assignment])
    assert len(render(problems).splitlines()) <= 4 * max(1, len(problems)) + len(problems)


def test_a_key_beside_what_a_word_stands_for() -> None:
    """``meanwhile: fleet`` names a plan whose uses may be set; months unpaid take the place of another stop."""
    node, _ = parse(b"conversion: {meanwhile: fleet}\nstops: best\n", "words.yaml")
    assert node is not None
    changed_node, problems = apply(node, ["conversion.meanwhile.uses=[old]", "stops.unpaid_months=6"])
    assert problems == []
    assert changed_node.plain_data() == {
        "conversion": {"meanwhile": {"plan": "fleet", "uses": ["old"]}},
        "stops": {"unpaid_months": 6},
    }
    _, (problem,) = apply(node, ["stops.months=6"])
    assert problem.code == "bad-assignment"
