"""A parsed file as a tree in which every value knows where it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from minecalc.schema.diagnostics import Diagnostic, Mark, Path
from minecalc.schema.scalars import Scalar

#: What ends a line in YAML 1.1, which the parser follows.
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Source:
    """A named text, by lines: a file, or the assignments on the command line."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._lines = _LINE_END.split(text)

    def line(self, number: int) -> str:
        """Line ``number``, counted from 1; "" beyond the end."""
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def line_at(self, position: int) -> int:
        """The number of the line that holds the character at ``position``, counted from 0."""
        return len(_LINE_END.findall(self._text, 0, position)) + 1

    def error(self, mark: Mark | None, code: str, message: str, advice: str = "") -> Diagnostic:
        """An error at a mark of this text."""
        line = self.line(mark.line) if mark else ""
        return Diagnostic(self.name, mark, "error", code, message, advice, line)


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A value with its place; ``key_mark`` is the place of the key it belongs to, if it is in a mapping.

    ``text`` is what a scalar was written as (quotes and escapes undone); ``plain`` is False if it was quoted.
    """

    value: Scalar | dict[str, Node] | list[Node]
    mark: Mark
    source: Source
    key_mark: Mark | None = None
    text: str = ""
    plain: bool = True

    def plain_data(self) -> Scalar | dict[str, object] | list[object]:
        """The value as Python data without places."""
        match self.value:
            case dict() as members:
                return {key: member.plain_data() for key, member in members.items()}
            case list() as items:
                return [item.plain_data() for item in items]
            case scalar:
                return scalar

    def child(self, part: str | int) -> Node | None:
        """The member or item named ``part``, or None."""
        if isinstance(self.value, dict):
            return self.value.get(part) if isinstance(part, str) else None
        if isinstance(self.value, list) and isinstance(part, int) and 0 <= part < len(self.value):
            return self.value[part]
        return None

    def at(self, path: Path) -> Node | None:
        """The node at ``path``, or None."""
        node: Node | None = self
        for part in path:
            node = None if node is None else node.child(part)
        return node

    def members_at(self, path: Sequence[str] = ()) -> Mapping[str, Node]:
        """The members of the mapping at ``path``; none if no mapping stands there."""
        node = self.at(tuple(path))
        return node.value if node is not None and isinstance(node.value, dict) else {}

    def with_members(self, path: Sequence[str], members: Mapping[str, Node]) -> Node:
        """A copy with these members at ``path``, which leads through mappings."""
        if not path:
            return replace(self, value=dict(members))
        mine = self.members_at()
        return replace(self, value={**mine, path[0]: mine[path[0]].with_members(path[1:], members)})

    def rebuilt(self, change: Callable[[Node], Node]) -> Node:
        """A copy in which ``change`` was made to what stands directly in a mapping or list."""
        match self.value:
            case dict() as members:
                return replace(self, value={key: change(member) for key, member in members.items()})
            case list() as items:
                return replace(self, value=[change(item) for item in items])
            case _:
                return self

    def find(self, path: Path) -> Node:
        """The deepest existing node on the way along ``path``."""
        node = self
        for part in path:
            below = node.child(part)
            if below is None:
                break
            node = below
        return node
