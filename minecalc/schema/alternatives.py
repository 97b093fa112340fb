"""Keys that say one thing in several ways, of which a file gives one and the command line may choose another.

A class of inputs lists its ``Alternatives`` once: validation refuses keys of two ways side by side, and an assignment
that gives a key of one way takes those of the others out.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from minecalc.schema.diagnostics import Problem
from minecalc.schema.node import Node

CODES = {"conflict": "two inputs exclude each other"}

#: The key by which a plan or a use says what it is.
KIND = "kind"

#: Keys that change a value over time without saying what it is.
MODIFIERS = frozenset({"scale", "shift"})


class Alternatives(NamedTuple):
    """Ways to say one thing, each by one or more keys; a key of one way excludes those that only others have.

    ``advice`` is the help of the error, by default to give one of two keys. ``implied`` are keys that the other ways
    imply, so that a modifier alone leaves those in force. ``inside`` says of a key where its value belongs when the
    other way, a mapping, is taken.
    """

    ways: tuple[tuple[str, ...], ...]
    advice: str = ""
    implied: frozenset[str] = frozenset()
    inside: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def others(self, key: str) -> tuple[str, ...]:
        """The keys that ``key`` excludes; none if it is of no way."""
        return _others(self.ways, key)

    def stated(self, given: Collection[str]) -> list[str]:
        """The keys of any way that are ``given``, in the order of the ways."""
        return [key for way in self.ways for key in way if key in given]

    def conflicts(self, given: Collection[str]) -> Iterator[Problem]:
        """A problem for each of the keys ``given`` that the first of them, in the order of the ways, excludes."""
        stated = self.stated(given)
        excluded = self.others(stated[0]) if stated else ()
        for key in stated:
            if key in excluded:
                advice = self.advice or f"give one of {stated[0]} and {key}"
                yield Problem((key,), "conflict", f"{key} stands beside {stated[0]}", advice, key=True)


@cache
def _others(ways: tuple[tuple[str, ...], ...], key: str) -> tuple[str, ...]:
    own = {name for way in ways if key in way for name in way}
    return tuple(other for way in ways for other in way if other not in own) if own else ()


#: What excludes each other in the mapping at a path below a tree.
AlternativesAt = Callable[[Node, tuple[str, ...]], Sequence[Alternatives]]
