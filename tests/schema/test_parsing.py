from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import Diagnostic, Mark, render
from minecalc.schema.node import Node, Source
from minecalc.schema.parsing import DEEPEST, MOST_VALUES, compose, parse
from minecalc.schema.reading import LARGEST_FILE
from minecalc.schema.scalars import SMALLEST


@pytest.fixture(params=["libyaml", "python"], autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> object:
    """Everything holds with the parser of libyaml and with the one in Python."""
    patch = pytest.MonkeyPatch()
    if request.param == "python":
        patch.delattr(yaml, "CSafeLoader")
    yield request.param
    patch.undo()


def tree(text: str) -> Node:
    node, problems = parse(text.encode(), "a.yaml")
    assert not problems
    assert node is not None
    return node


def refusal(text: str) -> Diagnostic:
    node, problems = parse(text.encode(), "a.yaml")
    assert node is None
    assert len(problems) == 1
    return problems[0]


def test_scalars_know_how_they_were_written() -> None:
    root = tree("a: 1e3\nb: '1e3'\nc: |\n  1e3\nd: no\n")
    values = {key: (found.value, found.text, found.plain) for key, found in members(root).items()}
    assert values == {
        "a": (1000.0, "1e3", True),
        "b": ("1e3", "1e3", False),
        "c": ("1e3\n", "1e3\n", False),
        "d": ("no", "no", True),
    }


def members(node: Node) -> dict[str, Node]:
    assert isinstance(node.value, dict)
    return node.value


def test_marks() -> None:
    root = tree('a: 12\nlong name: {b: "x y", c: [1, 22]}\nd:\n')
    places = {
        path: (found.mark, found.key_mark)
        for path in (("a",), ("long name",), ("long name", "b"), ("long name", "c", 1), ("d",))
        if (found := root.find(path))
    }
    assert places == {
        ("a",): (Mark(1, 4, 2), Mark(1, 1, 1)),
        ("long name",): (Mark(2, 12, 22), Mark(2, 1, 9)),
        ("long name", "b"): (Mark(2, 16, 5), Mark(2, 13, 1)),
        ("long name", "c", 1): (Mark(2, 30, 2), None),
        ("d",): (Mark(3, 3, 1), Mark(3, 1, 1)),
    }


def test_a_value_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    root = tree('a: "one\n  two"\nb: [1,\n  2]\n')
    assert root.find(("a",)).mark == Mark(1, 4, 4)
    assert root.find(("b",)).mark == Mark(3, 4, 3)


def test_keys_are_their_text() -> None:
    root = tree("2027-01: 1\n5: 2\n.nan: 3\nno: 4\n'': 5\n'~': 6\n")
    assert root.plain_data() == {"2027-01": 1, "5": 2, ".nan": 3, "no": 4, "": 5, "~": 6}


def test_duplicate_keys_do_not_hide_the_rest() -> None:
    node, problems = parse(b"a: 1\nb: {c: 1, c: {d: 2}}\na: 3\n", "a.yaml")
    assert node is not None
    assert node.plain_data() == {"a": 1, "b": {"c": 1}}
    assert [(found.mark, found.help) for found in problems] == [
        (Mark(2, 11, 1), "the first is on line 2; remove one"),
        (Mark(3, 1, 1), "the first is on line 1; remove one"),
    ]


def test_aliases() -> None:
    root = tree("a: &x {b: 5}\nc: *x\nd: [*x]\n")
    assert root.plain_data() == {"a": {"b": 5}, "c": {"b": 5}, "d": [{"b": 5}]}
    assert (root.find(("c",)).mark, root.find(("c",)).key_mark) == (Mark(2, 4, 2), Mark(2, 1, 1))
    assert (root.find(("d", 0)).mark, root.find(("d", 0)).key_mark) == (Mark(3, 5, 2), None)
    assert root.find(("c", "b")).mark == Mark(1, 11, 1)
    assert root.find(("a",)).mark.line == 1


def test_an_anchor_can_be_used_again() -> None:
    assert tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").plain_data() == {"a": 1, "b": 1, "c": 2, "d": 2}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        ("---\n", "empty", None),
        ("# only a comment\n", "empty", None),
        ("~\n", "empty", None),
        ("- 1\n", "not-a-mapping", 1),
        ("\n\ntext\n", "not-a-mapping", 3),
        ("a: *a\n", "alias", 1),
        ("a: &a\n  b: *a\n", "alias", 2),
        ("a: &a [*a]\n", "alias", 1),
        ("<<: {a: 1}\n", "merge-key", 1),
        ("a: !!str 1\n", "tag", 1),
        ("a: ! 1\n", "tag", 1),
        ("!local a: 1\n", "tag", 1),
        ("a: !!set {b}\n", "tag", 1),
        ("a: 1\n---\nb: 2\n", "several-documents", 2),
        ("? [a]\n: 1\n", "bad-key", 1),
        ("{a: 1}: 2\n", "bad-key", 1),
        ("null: 1\n", "bad-key", 1),
        ("?\n: 1\n", "bad-key", 1),
        ('a: "\\ud800"\n', "syntax", 1),
        ('a: "\\UFFFFFFFF"\n', "syntax", None),
    ],
)
def test_refused(text: str, code: str, line: int | None) -> None:
    found = refusal(text)
    assert found.code == code
    if code != "syntax":
        assert (found.mark.line if found.mark else None) == line


def test_quoted_merge_key_is_a_key() -> None:
    assert tree("'<<': 1\n").plain_data() == {"<<": 1}


def nested(depth: int) -> str:
    return "a: " + "[" * depth + "]" * depth


def test_depth_limit() -> None:
    assert refusal(nested(DEEPEST)).code == "too-deep"
    assert tree(nested(DEEPEST - 1)).value


def test_aliases_count_for_depth() -> None:
    steps = ["x0: &x0 [1]"] + [f"x{i}: &x{i} [*x{i - 1}, 1]" for i in range(1, DEEPEST)]
    assert refusal("\n".join(steps)).code == "too-deep"
    assert tree("\n".join(steps[: DEEPEST - 3])).value


def test_value_limit() -> None:
    assert refusal(f"a: [{'1,' * MOST_VALUES}]").code == "too-many-values"
    assert tree(f"a: [{'1,' * (MOST_VALUES - 3)}]").value


def test_aliases_count_for_values() -> None:
    bomb = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    bomb += [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert refusal("\n".join(bomb)).code == "too-many-values"
    assert refusal("\n".join(bomb)).mark == Mark(5, 10, 3)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "{",
        "- ",
        "? ",
        "a: ",
        "&a ",
        "!!a ",
        "*a ",
        '"',
        "'",
        "#",
        ":",
        ",",
        "]",
        "%",
        "\n",
        " ",
        "|",
        "a\n",
    ],
)
def test_long_monotonous_files_are_refused_or_read(unit: str) -> None:
    limit = LARGEST_FILE // 20
    node, problems = parse((unit * limit)[:limit].encode(), "a.yaml")
    assert node is None
    assert len(render(problems).splitlines()) <= 4


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    node, problems = parse(data, "a.yaml")
    assert (node is not None) or problems
    render(problems)


PIECES = [
    "a",
    "b: ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    ": ",
    ":",
    "&a ",
    "*a",
    "<<: ",
    "!!x ",
    "\n",
    "\n  ",
    "\t",
]
MORE_PIECES = [
    '"',
    "'",
    "|\n",
    ">\n",
    "#",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "~",
    "1e6",
    "\\",
    "@",
    "\u00a0",
]


@given(st.lists(st.sampled_from(PIECES + MORE_PIECES), max_size=25))
def test_any_pieces_of_yaml(pieces: list[str]) -> None:
    text = "".join(pieces)
    node, problems = parse(text.encode(), "a.yaml")
    assert (node is not None) or problems
    lines = text.count("\n") + 1
    for found in problems:
        assert found.mark is None or 1 <= found.mark.line <= lines
    if node is not None:
        assert isinstance(node.plain_data(), dict)


WORDS = st.text(string.ascii_letters, min_size=1, max_size=8).filter(
    lambda word: word.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
)
AMOUNTS = st.floats(-1e9, 1e9).filter(lambda number: number == 0.0 or abs(number) >= SMALLEST)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | AMOUNTS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, DATA, max_size=4), st.booleans())
def test_what_yaml_writes_is_read_back(data: dict[str, object], flow: bool) -> None:
    written = yaml.safe_dump(data, default_flow_style=flow)
    node, problems = parse(written.encode(), "a.yaml")
    aliased = "&id" in written
    assert aliased or not problems
    assert node is not None
    assert node.plain_data() == data


def test_a_piece_within_a_line_has_its_columns() -> None:
    source = Source("--set", "site.x={a: 1, a: 2}")
    node, problems = compose("{a: 1, a: 2}", source, Mark(1, 8))
    assert node is not None
    assert node.mark == Mark(1, 8, 12)
    assert problems[0].mark == Mark(1, 15, 1)
    below, _ = compose("{a: 1,\n b: 2}", source, Mark(3, 8))
    assert below is not None
    assert below.find(("a",)).mark == Mark(3, 12, 1)
    assert below.find(("b",)).mark == Mark(4, 5, 1)
