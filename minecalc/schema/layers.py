"""One mapping laid over another, by the rules of ``--set``: what one text says on top of what another one does.

Mappings merge key by key. Texts, numbers and lists replace, and so do the ``steps`` and ``points`` of a value over
time, which are lists by month. An empty key takes away what lies below. What is laid over chooses among alternatives
(see ``choosing``), so that a rent takes the place of a contract; a mapping of another ``kind`` is another thing and
replaces the whole, as does one that says itself what it is laid over. Every value keeps the place it was read from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from minecalc.schema.alternatives import KIND, MODIFIERS, AlternativesAt
from minecalc.schema.assignments import Assignment, Part
from minecalc.schema.composing import EXTENDS
from minecalc.schema.node import Node
from minecalc.schema.overrides import made

_BY_MONTH = frozenset({"steps", "points"})


def laid_over(own: Node, root: Node, alternatives_at: AlternativesAt, at: tuple[str, ...] = ()) -> Node:
    """The mapping ``own`` over the one that stands at ``at`` below ``root``; neither is changed."""
    other = root.at(at)
    assert other is not None
    if not _merges("", own, other):
        return own
    given = list(_differences(own, other, list(map(Part, at, [own.mark] * len(at)))))
    for assignment in given:
        if assignment.value.value is None:
            root = _without(root, assignment.texts)
    kept = [one for one in given if one.value.value is not None or other.at(one.texts[len(at) :]) is None]
    paths = [assignment.texts for assignment in kept]
    for assignment in kept:
        root, _ = made(root, assignment, paths, alternatives_at)
    found = root.at(at)
    assert found is not None
    return _placed_as(own, found)


def _differences(own: Node, other: Node, at: list[Part]) -> Iterator[Assignment]:
    """All that ``own``, a mapping, says at ``at`` beside or instead of ``other``."""
    assert isinstance(own.value, dict)
    for key, node in own.value.items():
        path, below = [*at, Part(key, node.key_mark or node.mark)], other.child(key)
        if below is not None and _merges(key, node, below):
            yield from _differences(node, below, path)
        else:
            yield Assignment(path, node)


def _merges(key: str, own: Node, other: Node) -> bool:
    """Whether ``own`` changes what ``other`` says, instead of replacing it."""
    if not isinstance(own.value, dict) or EXTENDS in own.value:
        return False
    if not isinstance(other.value, dict):
        return bool(own.value) and own.value.keys() <= MODIFIERS and isinstance(other.value, int | float)
    kind, before = own.child(KIND), other.child(KIND)
    changed = kind is not None and before is not None and kind.value not in (None, before.value)
    by_month = key in _BY_MONTH and all(month[:1].isdigit() for month in own.value)
    return not changed and not by_month


def _without(node: Node, path: tuple[str, ...]) -> Node:
    """A copy of ``node`` without what stands at ``path``, if anything does."""
    *above, last = path
    members = node.members_at(above)
    return node.with_members(above, {key: members[key] for key in members if key != last}) if last in members else node


def _placed_as(own: Node, found: Node) -> Node:
    """``found`` with its mappings at the places that they have in ``own``, as far as they stand there too."""
    if not isinstance(own.value, dict) or not isinstance(found.value, dict):
        return found
    members = {
        key: _placed_as(own.value[key], member) if key in own.value else member for key, member in found.value.items()
    }
    return replace(found, value=members, mark=own.mark, key_mark=own.key_mark, source=own.source)
