"""``--set dotted.path=value``: a value of a scenario replaced or added from the command line.

The path's parts are separated by dots; a part that holds a dot or an equals sign stands in quotes, as in
``plans."lease v1.2".term_months=120``; a double quote in double quotes stands twice. The value is YAML and follows the
same rules as in a file. Diagnostics show the assignment as their source line, numbered in the order given.

A last part ``scale`` or ``shift`` moves a value over time, so it is added beside the value: ``x: 5`` becomes
``x: {value: 5, scale: 1.2}``. Likewise ``uses`` stands beside the plan that ``meanwhile`` names, and ``unpaid_months``
in place of the word or month of ``stops``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from minecalc.schema.diagnostics import COMMAND_LINE, Diagnostic, Mark, in_file_order, shown
from minecalc.schema.names import unknown_name
from minecalc.schema.node import Node, Source
from minecalc.schema.parsing import compose
from minecalc.schema.reading import control_character

CODES = {"bad-assignment": "a --set is not of the form dotted.path=value, or its path leads nowhere"}

_PART = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"]|"")*)"|'(?P<single>[^']*)'|(?P<bare>[^\s."'=][^.=]*?))\s*(?P<end>[.=])"""
)

#: The key by which a member that the user names says what it is.
_KIND = "kind"

#: Mappings whose members the user names, with the noun for one; ``*`` stands for any such name.
Named = Mapping[tuple[str, ...], str]
_NONE: Named = MappingProxyType({})


class _Part(NamedTuple):
    text: str
    mark: Mark


class _Assignment(NamedTuple):
    parts: Sequence[_Part]
    value: Node

    def says_what_is(self, path: tuple[str, ...]) -> bool:
        """Whether a kind is set somewhere at or below ``path``."""
        texts = tuple(part.text for part in self.parts)
        return texts[: len(path)] == path and (texts[-1] == _KIND or _has_kind(self.value))


def apply(node: Node, assignments: Sequence[str], named: Named = _NONE) -> tuple[Node, list[Diagnostic]]:
    """A tree with the assignments made one after the other, and their problems; ``node`` itself is unchanged.

    An assignment with a problem is left out. Below a member of a ``named`` mapping, such as
    ``{("plans",): "plan", ("plans", "*", "uses"): "use"}``, that does not exist nothing is set, unless its kind is too.
    """
    problems: list[Diagnostic] = []
    understood: list[_Assignment] = []
    source = Source(COMMAND_LINE, "\n".join(assignments))
    position = 0
    for text in assignments:
        try:
            understood.append(_understood(text, source, source.line_at(position)))
        except _BadAssignmentError as bad:
            problems += bad.diagnostics
        position += len(text) + 1
    for assignment in understood:
        try:
            _demand_named(node, assignment, understood, named)
            node = _set(node, assignment.parts, assignment.value)
        except _BadAssignmentError as bad:
            problems += bad.diagnostics
    return node, in_file_order(problems)


class _BadAssignmentError(Exception):
    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def _understood(assignment: str, source: Source, line: int) -> _Assignment:
    """The assignment that stands on ``line`` of ``source``."""
    parts, begin = _split(assignment, source, line)
    mark = Mark(line, begin + 1)
    node, problems = compose(assignment[begin:], source, mark)
    if problems:
        raise _BadAssignmentError(*problems)
    return _Assignment(parts, node or Node(None, mark, source))


def _split(assignment: str, source: Source, line: int) -> tuple[list[_Part], int]:
    """The parts of the path and where the value begins."""
    if control := control_character(assignment, source):
        mark = control.mark or Mark(1, 1)
        raise _BadAssignmentError(source.error(mark._replace(line=line), control.code, control.message))
    parts: list[_Part] = []
    begin = 0
    while match := _PART.match(assignment, begin):
        group = next(name for name in ("double", "single", "bare") if match[name] is not None)
        mark = Mark(line, match.start(group) + 1, max(1, len(match[group])))
        parts.append(_Part(match[group].replace('""', '"') if group == "double" else match[group], mark))
        begin = match.end()
        if match["end"] == "=":
            return parts, begin
    rest = Mark(line, begin + 1, max(1, len(assignment) - begin))
    message = f"{shown(assignment)} is not of the form path=value"
    advice = "write path.to.key=value, with quotes around a part that holds a dot"
    raise _BadAssignmentError(source.error(rest, "bad-assignment", message, advice))


def _demand_named(node: Node, assignment: _Assignment, together: Sequence[_Assignment], named: Named) -> None:
    """Refuses an assignment below a member that is not there and whose kind none of ``together`` sets."""
    at: Node | None = node
    path: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    for part in assignment.parts[:-1]:
        noun = named.get(place)
        members = at.value if at is not None and isinstance(at.value, dict) else {}
        path, place = (*path, part.text), (*place, "*" if noun else part.text)
        at = members.get(part.text)
        if at is None and noun and members and not any(other.says_what_is(path) for other in together):
            wrong = unknown_name(path, noun, part.text, members)
            advice = wrong.help if wrong.help.endswith("?") else f"{wrong.help}; a new {noun} needs a {_KIND}"
            raise _BadAssignmentError(assignment.value.source.error(part.mark, wrong.code, wrong.message, advice))


def _has_kind(node: Node) -> bool:
    """Whether a mapping, or one inside it, has the key ``kind``."""
    match node.value:
        case dict() as members:
            return _KIND in members or any(_has_kind(member) for member in members.values())
        case _:
            return False


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
    beside = [last.text for last in rest]
    if isinstance(node.value, dict | list):
        return node
    if beside in (["scale"], ["shift"]):
        return replace(node, value={"value": node})
    if (part.text, beside) == ("meanwhile", ["uses"]):
        return replace(node, value={"plan": node})
    if (part.text, beside) == ("stops", ["unpaid_months"]):
        return replace(node, value={})
    return node
