"""An assignment on the command line chooses among alternatives: what it excludes is taken out of the tree.

A note says what was replaced. What another assignment of the same command sets stays, for validation to refuse.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from minecalc.schema.alternatives import MODIFIERS, Alternatives, AlternativesAt
from minecalc.schema.assignments import Assignment, Part
from minecalc.schema.diagnostics import COMMAND_LINE, Diagnostic, cut
from minecalc.schema.names import dotted
from minecalc.schema.node import Node

CODES = {"replaced": "a --set takes the place of inputs that it excludes"}


class Choice(NamedTuple):
    """The tree without what an assignment excludes, and the path at which it is to be made.

    ``moved`` are values that were taken out and belong at other paths once it is made.
    """

    node: Node
    parts: Sequence[Part]
    moved: Mapping[tuple[str, ...], Node] = MappingProxyType({})
    notes: tuple[Diagnostic, ...] = ()


def chosen(
    node: Node, assignment: Assignment, others: Sequence[tuple[str, ...]], alternatives_at: AlternativesAt
) -> Choice:
    """``node`` made ready for an assignment; ``others`` are the paths of the rest of the command.

    A value that belongs inside the other way, as a building cost in a conversion, is set there or moves there.
    """
    notes: list[Diagnostic] = []
    moved: dict[tuple[str, ...], Node] = {}
    parts = list(assignment.parts)
    depth = 0
    while depth < len(parts):
        at, key = _texts(parts[:depth]), parts[depth].text
        for alternatives in alternatives_at(node, at):
            members = _members(node.at(at))
            excluded = [other for other in _excluded(members, key, alternatives) if not _set_too((*at, other), others)]
            if not excluded or not _says_something(assignment, parts, depth, members):
                continue
            if inside := alternatives.inside.get(key):
                parts[depth : depth + 1] = [Part(text, parts[depth].mark) for text in inside]
                notes.append(_note(f"{dotted(assignment.texts)} is set as {dotted(_texts(parts))}"))
                break
            verb = "replaces"
            for name in excluded:
                if (inside := alternatives.inside.get(name)) and not _gives(assignment, parts, (*at, *inside)):
                    moved[(*at, *inside)] = members[name]
                    verb = "takes in"
            node = node.with_members(at, {name: one for name, one in members.items() if name not in excluded})
            notes.append(_note(f"{dotted((*at, key))} {verb} {_told(at, members, excluded)}"))
        depth += 1
    return Choice(node, parts, moved, tuple(notes))


def _members(node: Node | None) -> Mapping[str, Node]:
    """The members of a mapping; a value over time that is a plain number has one."""
    match node:
        case Node(value=dict() as members):
            return members
        case Node(value=int() | float()):
            return {"value": node}
        case _:
            return {}


def _excluded(members: Mapping[str, Node], key: str, alternatives: Alternatives) -> list[str]:
    """The members that ``key`` excludes."""
    given = [name for name in alternatives.others(key) if name in members and members[name].value is not None]
    return [name for name in given if not (name in alternatives.implied and _only_modified(members[name]))]


def _says_something(assignment: Assignment, parts: Sequence[Part], depth: int, members: Mapping[str, Node]) -> bool:
    """Whether a value is given at or below ``parts[depth]``: not nothing, nor a modifier of what is not there."""
    if assignment.value.value is None and depth == len(parts) - 1:
        return False
    whole = depth == len(parts) - 1 and _only_modified(assignment.value)
    if parts[-1].text not in MODIFIERS and not whole:
        return True
    there = members.get(parts[depth].text)
    return there is not None and not _only_modified(there)


def _only_modified(node: Node) -> bool:
    """Whether a value over time only moves a default or what others imply."""
    return isinstance(node.value, dict) and set(node.value) <= MODIFIERS


def _set_too(path: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> bool:
    """Whether the rest of the command sets something at or below ``path``."""
    return any(other[: len(path)] == path for other in others)


def _gives(assignment: Assignment, parts: Sequence[Part], path: tuple[str, ...]) -> bool:
    """Whether an assignment at ``parts`` itself holds a value for ``path``."""
    own = _texts(parts)
    return path[: len(own)] == own and assignment.value.at(path[len(own) :]) is not None


def _told(at: tuple[str, ...], members: Mapping[str, Node], excluded: Sequence[str]) -> str:
    """The excluded keys by their paths, with the values that are words or numbers."""

    def value(node: Node) -> str:
        return "" if isinstance(node.value, dict | list) else f" ({cut(node.text)})"

    return ", ".join(f"{dotted((*at, key))}{value(members[key])}" for key in excluded)


def _note(message: str) -> Diagnostic:
    return Diagnostic(COMMAND_LINE, None, "note", "replaced", message)


def _texts(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(part.text for part in parts)
