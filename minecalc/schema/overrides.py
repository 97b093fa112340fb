"""``--set dotted.path=value``: a value of a scenario replaced or added from the command line.

A part that changes a value over time, such as ``scale``, is set beside the value: ``x: 5`` becomes
``x: {value: 5, scale: 1.2}``. Likewise ``uses`` stands beside the plan that ``meanwhile`` names, and ``unpaid_months``
in place of the word or month of ``stops``. What is set chooses among alternatives (see ``choosing``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from minecalc.schema.alternatives import MODIFIERS, Alternatives
from minecalc.schema.assignments import Assignment, BadAssignmentError, Part, understood
from minecalc.schema.choosing import AlternativesAt, chosen
from minecalc.schema.diagnostics import Diagnostic, in_file_order, shown
from minecalc.schema.names import unknown_name
from minecalc.schema.node import Node, Source

#: The key by which a member that the user names says what it is.
_KIND = "kind"

#: Mappings whose members the user names, with the noun for one; ``*`` stands for any such name.
Named = Mapping[tuple[str, ...], str]
_NONE: Named = MappingProxyType({})


def _no_alternatives(node: Node, at: tuple[str, ...]) -> Sequence[Alternatives]:
    return ()


def apply(
    node: Node,
    assignments: Sequence[str],
    named: Named = _NONE,
    alternatives_at: AlternativesAt = _no_alternatives,
) -> tuple[Node, list[Diagnostic]]:
    """A tree with the assignments made one after the other, and their problems; ``node`` itself is unchanged.

    An assignment with a problem is left out. Below a member of a ``named`` mapping, such as
    ``{("plans",): "plan", ("plans", "*", "uses"): "use"}``, that does not exist nothing is set, unless its kind is too.
    ``alternatives_at`` tells what excludes each other; notes say what was replaced.
    """
    made, problems = understood(assignments)
    for number, assignment in enumerate(made):
        others = [other.texts for other in [*made[:number], *made[number + 1 :]]]
        try:
            _demand_named(node, assignment, made, named)
            choice = chosen(node, assignment, others, alternatives_at)
            node = _set(choice.node, choice.parts, assignment.value)
            for path, value in choice.moved.items():
                node = _set(node, [Part(text, value.mark) for text in path], value)
            problems += choice.notes
        except BadAssignmentError as bad:
            problems += bad.diagnostics
    return node, in_file_order(problems)


def _demand_named(node: Node, assignment: Assignment, together: Sequence[Assignment], named: Named) -> None:
    """Refuses an assignment below a member that is not there and whose kind none of ``together`` sets."""
    at: Node | None = node
    path: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    for part in assignment.parts[:-1]:
        noun = named.get(place)
        members = at.value if at is not None and isinstance(at.value, dict) else {}
        path, place = (*path, part.text), (*place, "*" if noun else part.text)
        at = members.get(part.text)
        if at is None and noun and members and not any(_says_what_is(other, path) for other in together):
            wrong = unknown_name(path, noun, part.text, members)
            advice = wrong.help if wrong.help.endswith("?") else f"{wrong.help}; a new {noun} needs a {_KIND}"
            raise BadAssignmentError(assignment.value.source.error(part.mark, wrong.code, wrong.message, advice))


def _says_what_is(assignment: Assignment, path: tuple[str, ...]) -> bool:
    """Whether a kind is set somewhere at or below ``path``."""
    texts = assignment.texts
    return texts[: len(path)] == path and (texts[-1] == _KIND or _has_kind(assignment.value))


def _has_kind(node: Node) -> bool:
    """Whether a mapping, or one inside it, has the key ``kind``."""
    match node.value:
        case dict() as members:
            return _KIND in members or any(_has_kind(member) for member in members.values())
        case _:
            return False


def _set(node: Node, parts: Sequence[Part], value: Node) -> Node:
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
    raise BadAssignmentError(value.source.error(part.mark, "bad-assignment", message, advice))


def _below(node: Node | None, part: Part, source: Source, rest: Sequence[Part]) -> Node:
    """The node that the rest of a path starts from; a mapping where there is none yet."""
    if node is None:
        return Node({}, part.mark, source, key_mark=part.mark)
    if node.value is None:
        return replace(node, value={})
    beside = [last.text for last in rest]
    if isinstance(node.value, dict | list):
        return node
    if len(beside) == 1 and beside[0] in MODIFIERS:
        return replace(node, value={"value": node})
    if (part.text, beside) == ("meanwhile", ["uses"]):
        return replace(node, value={"plan": node})
    if (part.text, beside) == ("stops", ["unpaid_months"]):
        return replace(node, value={})
    return node
