"""YAML text -> a tree of ``Node``. Nothing is constructed that the text could choose: no tags, no objects.

The parser's events are read one at a time, and reading stops at the first sign of a hostile file (too deep,
too many values once aliases are expanded), so the work is bounded before anything large exists. Anchors and
aliases are fine; merge keys (``<<``) are refused: their precedence surprises and their nesting explodes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NoReturn

import yaml

from minecalc.schema.diagnostics import DiagnosedError, Diagnostic, Mark, cut, in_file_order, shown
from minecalc.schema.node import Node, Source
from minecalc.schema.reading import decode
from minecalc.schema.scalars import resolve
from minecalc.schema.syntax import explain, missing_space

CODES = {
    "too-deep": "mappings or lists are nested deeper than any scenario needs",
    "too-many-values": "the file, with its aliases expanded, holds more values than any scenario",
    "alias": "an alias names no anchor, or one that it is itself a part of",
    "merge-key": "a merge key (<<) is used",
    "tag": "a value carries a YAML tag",
    "several-documents": "one file holds several documents",
    "bad-key": "a key is empty or not a single word or phrase",
    "duplicate-key": "a mapping has one key twice",
    "empty": "the file holds nothing",
    "not-a-mapping": "the file holds a list or text instead of keys with values",
}

DEEPEST = 50
MOST_VALUES = 20_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOP = Mark(1, 1)


def parse(data: bytes, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """The mapping that UTF-8 YAML holds, with its problems in file order; None if it cannot be used at all.

    A mapping may come with errors (of a duplicate key the first is kept), so that its values are checked too.
    """
    text, problems = decode(data, file)
    if text is None:
        return None, problems
    source = Source(file, text)
    root, problems = compose(text, source)
    if root is None and problems:
        return None, problems
    if root is None or root.value is None:
        return None, [source.error(None, "empty", "the file is empty")]
    if not isinstance(root.value, dict):
        message = f"expected a mapping, found {'a list' if isinstance(root.value, list) else shown(root.value)}"
        advice = missing_space(root.text) or "a scenario is made of lines such as name: Hilltop"
        return None, [*problems, source.error(root.mark, "not-a-mapping", message, advice)]
    return root, problems


def compose(text: str, source: Source, begin: Mark = _TOP) -> tuple[Node | None, list[Diagnostic]]:
    """The value that a YAML text holds, with its problems in file order; None if it holds none or is refused.

    ``begin`` is where in ``source`` the text begins.
    """
    composer = _Composer(source, begin)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            composer.take(event)
    except DiagnosedError as refused:
        return None, in_file_order([*composer.problems, *refused.diagnostics])
    except yaml.MarkedYAMLError as error:
        return None, in_file_order([*composer.problems, explain(error, source, begin)])
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        broken = source.error(None, "syntax", f"not YAML: {cut(str(error))}")
        return None, in_file_order([*composer.problems, broken])
    return composer.root, in_file_order(composer.problems)


@dataclass(slots=True, eq=False, repr=False)
class _Tree:
    """A node with what it weighs: ``values`` counts it and all below it, 0 while it is being read."""

    node: Node
    values: int = 0
    height: int = 0


@dataclass(slots=True, eq=False, repr=False)
class _Level:
    """A mapping or list that is being read; ``begun`` is the count of values before it."""

    tree: _Tree
    flow: bool
    begun: int
    key_mark: Mark | None = None
    key: str | None = None  # None although there is a key_mark: the value that follows is dropped


class _Composer:
    """Builds the tree from events; ``take`` raises ``DiagnosedError`` where reading must stop."""

    def __init__(self, source: Source, begin: Mark) -> None:
        self.root: Node | None = None
        self.problems: list[Diagnostic] = []
        self._source = source
        self._begin = begin
        self._documents = 0
        self._values = 0
        self._levels: list[_Level] = []
        self._anchors: dict[str, _Tree] = {}

    def take(self, event: yaml.Event) -> None:
        """Reads one event of the parser."""
        mark = self._mark(event)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(mark, "several-documents", "a second document begins", "one file, one scenario")
            case yaml.CollectionEndEvent():
                self._end(mark)
            case yaml.NodeEvent() if self._awaits_key():
                self._key(event, mark)
            case yaml.ScalarEvent():
                self._untagged(event.tag, mark)
                self._place(self._anchored(event, _Tree(self._scalar(event, mark), 1)))
            case yaml.AliasEvent():
                self._place(self._alias(event.anchor or "", mark))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._untagged(event.tag, mark)
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                tree = self._anchored(event, _Tree(Node({} if is_mapping else [], mark, self._source)))
                self._levels.append(_Level(tree, bool(event.flow_style), self._values))
                self._count(mark, 1, 0)
            case _:
                pass

    def _awaits_key(self) -> bool:
        if not self._levels:
            return False
        level = self._levels[-1]
        return isinstance(level.tree.node.value, dict) and level.key_mark is None

    def _key(self, event: yaml.NodeEvent, mark: Mark) -> None:
        """Notes the key whose value comes next; the value of a duplicate is dropped."""
        level = self._levels[-1]
        level.key_mark, level.key = mark, None
        members = level.tree.node.value
        if not isinstance(event, yaml.ScalarEvent) or not isinstance(members, dict):
            found = "an alias" if isinstance(event, yaml.AliasEvent) else "a mapping or a list"
            self._refuse(mark, "bad-key", f"a key is a word or phrase, found {found}", _template(self._source, mark))
        self._untagged(event.tag, mark)
        self._count(mark, 1, 0)
        plain = event.implicit[0]
        if plain and event.value == "<<":
            self._refuse(mark, "merge-key", "merge keys (<<) are not supported", "write the keys out")
        if plain and resolve(event.value) is None:
            self._refuse(mark, "bad-key", "a key is empty", "put a name in front of the colon")
        if event.value in members:
            first = members[event.value].key_mark
            where = f"the first is on line {first.line}; remove one" if first else ""
            message = f"{cut(event.value)} stands here a second time"
            self.problems.append(self._source.error(mark, "duplicate-key", message, where))
        else:
            level.key = event.value

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> Node:
        plain = event.implicit[0] or event.style in ("", None)
        if _SURROGATE.search(event.value):
            self._refuse(mark, "syntax", "half of a surrogate pair is no character", "write the character itself")
        value = resolve(event.value) if plain else event.value
        return Node(value, mark, self._source, text=event.value, plain=plain)

    def _anchored(self, event: yaml.NodeEvent, tree: _Tree) -> _Tree:
        if event.anchor:
            self._anchors[event.anchor] = tree
        return tree

    def _alias(self, anchor: str, mark: Mark) -> _Tree:
        """The anchored tree, under the alias's own mark; what lies deeper keeps its marks."""
        tree = self._anchors.get(anchor)
        if tree is None:
            self._refuse(mark, "alias", f"*{cut(anchor)} names no anchor above", f"mark a value with &{cut(anchor)}")
        if not tree.values:
            self._refuse(mark, "alias", f"*{cut(anchor)} is a part of itself", "an alias cannot stand for its parents")
        return _Tree(replace(tree.node, mark=mark, key_mark=None), tree.values, tree.height)

    def _end(self, mark: Mark) -> None:
        """Closes the innermost mapping or list."""
        level = self._levels.pop()
        tree, begin = level.tree, level.tree.node.mark
        tree.values = self._values - level.begun
        if level.flow:
            end = mark.column + mark.length if mark.line == begin.line else self._line_end(begin.line)
            tree.node.mark = begin._replace(length=max(1, end - begin.column))
        self._values -= tree.values
        self._place(tree)

    def _place(self, tree: _Tree) -> None:
        """Puts a finished node where it belongs."""
        self._count(tree.node.mark, tree.values, tree.height)
        if not self._levels:
            self.root = tree.node
            return
        level = self._levels[-1]
        level.tree.height = max(level.tree.height, tree.height + 1)
        match level.tree.node.value:
            case dict() as members:
                if level.key is not None:
                    tree.node.key_mark = level.key_mark
                    members[level.key] = tree.node
                level.key_mark = None
            case list() as items:
                items.append(tree.node)

    def _count(self, mark: Mark, values: int, height: int) -> None:
        """Adds ``values`` to the count and refuses a file that is too large or too deep."""
        self._values += values
        if self._values > MOST_VALUES:
            self._refuse(mark, "too-many-values", f"the file holds more than {MOST_VALUES:,} values")
        if len(self._levels) + height > DEEPEST:
            self._refuse(mark, "too-deep", f"nested more than {DEEPEST} levels deep")

    def _untagged(self, tag: str | None, mark: Mark) -> None:
        if tag is not None:
            short = cut(tag.replace("tag:yaml.org,2002:", "!!"))
            self._refuse(mark, "tag", f"the tag {short} is not supported", "write the value without a tag")

    def _mark(self, event: yaml.Event) -> Mark:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return _TOP
        left = self._begin.column if start.line == 0 else 1
        line, column = start.line + self._begin.line, start.column + left
        last = end.column + left if end.line == start.line else self._line_end(line)
        return Mark(line, column, max(1, last - column))

    def _line_end(self, line: int) -> int:
        return len(self._source.line(line)) + 1

    def _refuse(self, mark: Mark, code: str, message: str, advice: str = "") -> NoReturn:
        raise DiagnosedError(self._source.error(mark, code, message, advice))


def _template(source: Source, mark: Mark) -> str:
    """Advice for a template whose ``{{ name }}`` was never filled in."""
    line = source.line(mark.line)
    return "fill in the template first" if "{{" in line[: mark.column] else ""
