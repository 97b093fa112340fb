from __future__ import annotations

from minecalc.schema.diagnostics import Mark
from minecalc.schema.node import Node, Source
from minecalc.schema.parsing import parse


def tree(text: str) -> Node:
    node, problems = parse(text.encode(), "a.yaml")
    assert not problems
    assert node is not None
    return node


def test_lines_end_as_the_parser_ends_them() -> None:
    source = Source("a.yaml", "a\nb\r\nc\rd\u2028e\x85f\x0bg")
    assert [source.line(number) for number in range(1, 9)] == ["a", "b", "c", "d", "e", "f\x0bg", "", ""]


def test_the_line_of_a_position() -> None:
    source = Source("a.yaml", "a\nb\r\nc\u2028d")
    assert [source.line_at(position) for position in (0, 1, 2, 5, 6, 7)] == [1, 1, 2, 3, 3, 4]


def test_error_takes_its_line_along() -> None:
    found = Source("a.yaml", "one\ntwo").error(Mark(2, 1), "code", "message", "advice")
    assert (found.file, found.source_line, found.severity, found.help) == ("a.yaml", "two", "error", "advice")
    assert Source("a.yaml", "one").error(None, "code", "message").source_line == ""


def test_plain_data() -> None:
    root = tree("a: {b: [1, 2.5, null, true, text]}\n")
    assert root.plain_data() == {"a": {"b": [1, 2.5, None, True, "text"]}}


def test_find_goes_as_deep_as_it_can() -> None:
    root = tree("a:\n  b: [10, 20]\n")
    assert root.find(("a", "b", 1)).value == 20
    assert root.find(("a", "b", 2)) is root.find(("a", "b"))
    assert root.find(("a", "b", -1)) is root.find(("a", "b"))
    assert root.find(("a", "b", "c")) is root.find(("a", "b"))
    assert root.find(("a", 0)) is root.find(("a",))
    assert root.find(("x", "y")) is root


def test_members_are_looked_up_and_replaced_in_a_copy() -> None:
    root = tree("a: {b: {c: 1}}\nd: 2\n")
    assert [*root.members_at()] == ["a", "d"]
    assert [*root.members_at(("a", "b"))] == ["c"]
    assert root.members_at(("d",)) == root.members_at(("a", "x")) == {}
    changed = root.with_members(("a", "b"), {"e": root.members_at()["d"]})
    assert changed.plain_data() == {"a": {"b": {"e": 2}}, "d": 2}
    assert root.plain_data() == {"a": {"b": {"c": 1}}, "d": 2}


def test_what_stands_in_a_node_is_rebuilt() -> None:
    def doubled(node: Node) -> Node:
        return Node(node.value * 2, node.mark, node.source) if isinstance(node.value, int) else node.rebuilt(doubled)

    assert doubled(tree("a: [1, {b: 2}]\nc: text\n")).plain_data() == {"a": [2, {"b": 4}], "c": "text"}
