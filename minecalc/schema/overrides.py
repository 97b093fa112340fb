"""``--set dotted.path=value``: a value of a scenario replaced or added from the command line.

A part that changes a value over time, such as ``scale``, is set beside the value: ``x: 5`` becomes
``x: {value: 5, scale: 1.2}``. Likewise ``uses`` stands beside the plan that ``meanwhile`` names, and ``unpaid_months``
in place of the word or month of ``stops``. What is set chooses among alternatives (see ``choosing``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from minecalc.schema.alternatives import KIND, MODIFIERS, AlternativesAt
from minecalc.schema.assignments import Assignment, Part, understood
from minecalc.schema.choosing import chosen
from minecalc.schema.diagnostics import DiagnosedError, Diagnostic, in_file_order, shown
from minecalc.schema.names import unknown_name
from minecalc.schema.node import Node, Source

#: The part of a path that stands for every name.
EVERY = "*"


class Member(NamedTuple):
    """A member that the user names: the noun for one, and the ``key`` without which it is none."""

    noun: str
    key: str = KIND


class Rules(NamedTuple):
    """What is known of a tree.

    ``named`` are mappings whose members the user names, such as ``{("plans",): Member("plan"), ("plans", "*", "uses"):
    Member("use")}``, where ``*`` stands for any such name. ``alternatives_at`` tells what excludes each other,
    ``takes_number`` whether the input at a path is a plain number; None if there is no such input.
    """

    named: Mapping[tuple[str, ...], Member] = MappingProxyType({})
    alternatives_at: AlternativesAt = lambda node, at: ()
    takes_number: Callable[[Node, tuple[str, ...]], bool | None] = lambda node, at: False


_NONE = Rules()


def apply(node: Node, assignments: Sequence[str], rules: Rules = _NONE) -> tuple[Node, list[Diagnostic]]:
    """A tree with the assignments made one after the other, and their problems; ``node`` itself is unchanged.

    An assignment with a problem is left out. Below a member of a ``named`` mapping that does not exist nothing is set,
    unless its key, the kind, is too. A part ``*`` is every member of a ``named`` mapping whose kind has the input.
    Notes say what was replaced.
    """
    wanted, problems = understood(assignments)
    wanted, wrong = _of_every(node, wanted, rules)
    problems += wrong
    for number, assignment in enumerate(wanted):
        others = [other.texts for other in [*wanted[:number], *wanted[number + 1 :]]]
        try:
            _demand_named(node, assignment, wanted, rules)
            node, notes = made(node, assignment, others, rules.alternatives_at)
            problems += notes
        except DiagnosedError as bad:
            problems += bad.diagnostics
    return node, in_file_order(problems)


def made(
    node: Node, assignment: Assignment, others: Sequence[tuple[str, ...]], alternatives_at: AlternativesAt
) -> tuple[Node, Sequence[Diagnostic]]:
    """A tree with one assignment made, and notes of what that replaced; ``others`` are the paths of those beside it."""
    choice = chosen(node, assignment, others, alternatives_at)
    node = _set(choice.node, choice.parts, assignment.value)
    for path, value in choice.moved.items():
        node = _set(node, [Part(text, value.mark) for text in path], value)
    return node, choice.notes


def _of_every(node: Node, wanted: Sequence[Assignment], rules: Rules) -> tuple[list[Assignment], list[Diagnostic]]:
    """``wanted`` with each assignment whose path holds ``*`` replaced by those it stands for, and what is none."""
    found: list[Assignment] = []
    problems: list[Diagnostic] = []
    for assignment in wanted:
        try:
            if EVERY in assignment.texts:
                every = _expanded(node, assignment, rules, 0)
                known = [one for one in every if _is_input(node, one.texts, rules)]
                found += [_scaled(node, one, rules) for one in known or every[:1]]
                if not every:
                    raise DiagnosedError(_no_every(assignment))
            else:
                found.append(assignment)
        except DiagnosedError as bad:
            problems += bad.diagnostics
    return found, problems


def _is_input(node: Node, at: tuple[str, ...], rules: Rules) -> bool:
    """Whether an input, or a part of one, belongs at a path: its group is there, and nothing takes its place."""
    way = at if rules.takes_number(node, at) is not None else at[:-1]
    if rules.takes_number(node, way) is None:
        return False
    group = node.at(way[:-1])
    members = group.value if group is not None and isinstance(group.value, dict) else None
    if members is None:
        return False
    excluded = (other for one in rules.alternatives_at(node, way[:-1]) for other in one.others(way[-1]))
    return not any(other in members for other in excluded)


def _expanded(node: Node, assignment: Assignment, rules: Rules, start: int) -> list[Assignment]:
    """The assignments that one stands for whose parts from ``start`` on may be ``*``."""
    parts = assignment.parts
    at = next((number for number in range(start, len(parts)) if parts[number].text == EVERY), None)
    if at is None:
        return [assignment]
    texts = assignment.texts[:at]
    place: tuple[str, ...] = ()
    for text in texts:
        place = (*place, "*" if place in rules.named else text)
    if place not in rules.named:
        raise DiagnosedError(_no_every(assignment))
    named = ([*parts[:at], parts[at]._replace(text=name), *parts[at + 1 :]] for name in node.members_at(texts))
    each = (assignment._replace(parts=own) for own in named)
    return [one for other in each for one in _expanded(node, other, rules, at + 1)]


def _no_every(assignment: Assignment) -> Diagnostic:
    part = next(part for part in assignment.parts if part.text == EVERY)
    advice = (
        "it is every plan after plans, every use of a plan after uses, every fleet after fleets, and every tranche "
        "after tranches"
    )
    return assignment.value.source.error(part.mark, "bad-assignment", "* stands for no name here", advice)


def _scaled(node: Node, assignment: Assignment, rules: Rules) -> Assignment:
    """An assignment of a ``scale`` to a plain number as one of what the number is then."""
    *above, last = assignment.parts
    at = assignment.texts[:-1]
    if last.text != "scale" or rules.takes_number(node, at) is not True:
        return assignment
    given = node.at(at)
    factor = assignment.value.value
    if given is None or not isinstance(given.value, int | float) or not isinstance(factor, int | float):
        message = f"{at[-1]} of {at[-2]} is no number here that could be scaled"
        advice = "give each of them, or one value for all of them"
        raise DiagnosedError(assignment.value.source.error(last.mark, "bad-assignment", message, advice))
    return Assignment(above, replace(assignment.value, value=given.value * factor))


def _demand_named(node: Node, assignment: Assignment, together: Sequence[Assignment], rules: Rules) -> None:
    """Refuses an assignment below a member that is not there and whose kind or key none of ``together`` sets."""
    path: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    for part in assignment.parts[:-1]:
        member, members = rules.named.get(place), node.members_at(path)
        path, place = (*path, part.text), (*place, "*" if member else part.text)
        is_new = members and part.text not in members
        if member and is_new and not any(_says_what_is(one, path, member.key) for one in together):
            wrong = unknown_name(path, member.noun, part.text, members)
            new = f"a new {member.noun} needs a {member.key}"
            advice = wrong.help if wrong.help.endswith("?") else f"{wrong.help}; {new}"
            raise DiagnosedError(assignment.value.source.error(part.mark, wrong.code, wrong.message, advice))


def _says_what_is(assignment: Assignment, path: tuple[str, ...], key: str) -> bool:
    """Whether ``key``, such as the kind, is set somewhere at or below ``path``."""
    texts = assignment.texts
    return texts[: len(path)] == path and (texts[-1] == key or _has(assignment.value, key))


def _has(node: Node, key: str) -> bool:
    """Whether a mapping, or one inside it, has the ``key``."""
    match node.value:
        case dict() as members:
            return key in members or any(_has(member, key) for member in members.values())
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
    raise DiagnosedError(value.source.error(part.mark, "bad-assignment", message, advice))


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
    if part.text == "meanwhile" and beside in (["uses"], ["fleets"]):
        return replace(node, value={"plan": node})
    if (part.text, beside) == ("stops", ["unpaid_months"]):
        return replace(node, value={})
    return node
