"""``--set dotted.path=value``: a value of a scenario replaced or added from the command line.

The path's parts are separated by dots; a part that holds a dot or an equals sign stands in quotes, as in
``plans."lease v1.2".term_months=120``. The value is YAML and follows the same rules as in a file. Diagnostics
show the assignment as their source line.

A last part ``scale`` multiplies a value over time, so it is added beside the value: ``x: 5`` becomes
``x: {value: 5, scale: 1.2}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from minecalc.schema.diagnostics import COMMAND_LINE, Diagnostic, Mark, shown
from minecalc.schema.node import Node, Source
from minecalc.schema.parsing import compose
from minecalc.schema.reading import control_character

CODES = {"bad-assignment": "a --set is not of the form dotted.path=value, or its path leads nowhere"}

_PART = re.compile(r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s."'=][^.=]*?))\s*(?P<end>[.=])""")


class _Part(NamedTuple):
    text: str
    mark: Mark


def apply(node: Node, assignments: Sequence[str]) -> tuple[Node, list[Diagnostic]]:
    """A tree with the assignments made one after the other, and their problems; ``node`` itself is unchanged.

    An assignment with a problem is left out.
    """
    problems: list[Diagnostic] = []
    for assignment in assignments:
        source = Source(COMMAND_LINE, assignment)
        try:
            parts, begin = _split(assignment, source)
            value = _value(assignment, begin, source)
            node = _set(node, parts, value)
        except _BadAssignmentError as bad:
            problems += bad.diagnostics
    return node, problems


class _BadAssignmentError(Exception):
    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def _split(assignment: str, source: Source) -> tuple[list[_Part], int]:
    """The parts of the path and where the value begins."""
    if control := control_character(assignment, source):
        raise _BadAssignmentError(control)
    parts: list[_Part] = []
    begin = 0
    while match := _PART.match(assignment, begin):
        group = next(name for name in ("double", "single", "bare") if match[name] is not None)
        mark = Mark(1, match.start(group) + 1, max(1, len(match[group])))
        parts.append(_Part(match[group], mark))
        begin = match.end()
        if match["end"] == "=":
            return parts, begin
    rest = Mark(1, begin + 1, max(1, len(assignment) - begin))
    message = f"{shown(assignment)} is not of the form path=value"
    advice = "write path.to.key=value, with quotes around a part that holds a dot"
    raise _BadAssignmentError(source.error(rest, "bad-assignment", message, advice))


def _value(assignment: str, begin: int, source: Source) -> Node:
    node, problems = compose(assignment[begin:], source, shift=begin)
    if problems:
        raise _BadAssignmentError(*problems)
    return node or Node(None, Mark(1, begin + 1), source)


def _set(node: Node, parts: Sequence[_Part], value: Node) -> Node:
    """A copy of ``node`` with ``value`` at ``parts`` below it."""
    part, rest = parts[0], parts[1:]
    match node.value:
        case dict() as members:
            below = _below(members.get(part.text), part, value.source, rest)
            new = _set(below, rest, value) if rest else replace(value, key_mark=part.mark)
            return replace(node, value={**members, part.text: new})
        case list() as items if part.text.isascii() and part.text.isdecimal() and int(part.text) < len(items):
            place = int(part.text)
            new = _set(items[place], rest, value) if rest else value
            return replace(node, value=[*items[:place], new, *items[place + 1 :]])
        case list() as items:
            message = f"{shown(part.text)} is not a position in a list of {len(items)}"
            advice = "positions count from 0"
        case _:
            message = f"{shown(part.text)} is set below {shown(node.value)}, which has no keys"
            advice = "end the path at the key that holds the value"
    raise _BadAssignmentError(value.source.error(part.mark, "bad-assignment", message, advice))


def _below(node: Node | None, part: _Part, source: Source, rest: Sequence[_Part]) -> Node:
    """The node that the rest of a path starts from; a mapping where there is none yet."""
    if node is None:
        return Node({}, part.mark, source, key_mark=part.mark)
    if node.value is None:
        return replace(node, value={})
    if [last.text for last in rest] == ["scale"] and not isinstance(node.value, dict | list):
        return replace(node, value={"value": node})
    return node
