"""Tracing: the engine run on operands that remember how they were computed.

A ``Traced`` number stands in for a float or an array. What numpy or ``arrays`` does with it is done to its value and
recorded as one step, so that the code which computes a figure is also what explains it. A step is an operation of a
closed set on operands that are steps, plain numbers or plain arrays; it is about one case, its rows are months (or
points in time, or generations), and an operand with one row counts in every row.

A leaf is an ``input``, a ``date`` or a ``list`` of a scenario, or a ``constant`` (named); ``minecalc.trace.operations``
holds every operation. Control flow (``if``, ``int()``) sees the value, so a trace describes the path taken by these
inputs; ``deciding`` collects what it was decided by, so that whoever has others can tell when they take another.
Whatever would lose the trace in silence, such as ``np.asarray`` or adding in place, raises TypeError instead.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from operator import attrgetter
from typing import Any, NamedTuple, TypedDict, TypeVar, Unpack, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from minecalc.trace.operations import ATOM, ELEMENTWISE, LOOSE, OPERATIONS, Operation, Reads

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V")

#: The leaves of a trace that come from a scenario: numbers and amounts over time, dates, and lists with a row an item.
INPUTS = frozenset({"input", "date", "list"})
LEAVES = INPUTS | {"constant"}


#: Has this process traced anything? Until then nobody need look for traced operands.
_in_use = False


class Traced(NDArrayOperatorsMixin):
    """A number or array of one case, the operation it came from, and that operation's operands.

    ``name`` is what an explanation calls it; it ends in its unit. ``months`` are the calendar months (since year 0) of
    the rows of an input that states amounts at dates; 0 to 11 are those of any year. ``rest`` is what the operation
    takes besides its operands, such as a shape.
    """

    __slots__ = ("args", "months", "name", "op", "rest", "value")

    def __init__(
        self,
        value: Any,
        op: str,
        args: tuple[Any, ...] = (),
        name: str | None = None,
        months: tuple[int, ...] = (),
        rest: tuple[Any, ...] = (),
    ) -> None:
        global _in_use
        _in_use = True
        self.value = np.asarray(value)
        self.op = op
        self.args = args
        self.name = name
        self.months = months
        self.rest = rest

    def __hash__(self) -> int:
        return id(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Traced":
        name = ufunc.__name__
        if method != "__call__" or options or name not in ELEMENTWISE:
            raise TypeError(f"a traced number cannot pass through {name} ({method}, {options})")
        return Traced(ufunc(*map(plain, inputs)), name, inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is np.ndim or function is np.shape:
            return function(plain(args[0]))
        if function is np.where:
            return Traced(np.where(*map(plain, args)), "where", args)
        if function is np.clip:
            return np.minimum(np.maximum(args[0], args[1]), args[2])
        if function is np.max:
            return Traced(np.max(plain(args[0])), "largest", args)
        if function is np.broadcast_to:
            return Traced(np.broadcast_to(plain(args[0]), args[1]), "same", args[:1], rest=args[1][:1])
        if function is np.concatenate:
            return Traced(np.concatenate([plain(part) for part in args[0]]), "concatenate", tuple(args[0]))
        raise TypeError(f"a traced number cannot pass through {function.__name__}")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a traced number would lose its trace here; use the functions of minecalc.arrays")

    shape = property(attrgetter("value.shape"), doc="That of the value.")
    ndim = property(attrgetter("value.ndim"), doc="That of the value.")
    size = property(attrgetter("value.size"), doc="That of the value.")

    def any(self) -> bool:
        """Is any of the value not zero?"""
        return bool(decision(self, "any").any())

    def all(self) -> bool:
        """Is all of the value other than zero?"""
        return bool(decision(self, "all").all())

    def __getitem__(self, rows: Any) -> "Traced":
        first = rows.indices(self.value.shape[0])[0] if isinstance(rows, slice) else range(self.value.shape[0])[rows]
        if isinstance(rows, slice) and rows.step not in (None, 1):
            raise TypeError("a trace reads rows in order")
        found = self.value[rows]
        return Traced(found, "rows", (self, first), rest=(len(found) if isinstance(rows, slice) else None,))

    def __float__(self) -> float:
        return float(decision(self, "float").item())

    def __int__(self) -> int:
        return int(decision(self, "int").item())

    def __bool__(self) -> bool:
        return bool(decision(self, "bool").item())

    def __len__(self) -> int:
        return len(self.value)


class Decision(NamedTuple):
    """What code that is no operation took from a step: ``outcome``, ``by`` one of ``TAKEN``."""

    step: Traced
    by: str
    outcome: Any


#: What control flow takes from a step, for each of its cases: ``(·,)``, or of its shape for ``value``.
TAKEN: dict[str, Callable[[Any], Any]] = {
    "bool": lambda value: np.asarray(value, dtype=np.bool_).reshape(-1),
    "int": lambda value: np.trunc(value).reshape(-1),
    "float": lambda value: np.asarray(value).reshape(-1),
    "any": lambda value: np.any(value, axis=0),
    "all": lambda value: np.all(value, axis=0),
    "value": np.asarray,
}

#: Who is told of decisions, if anybody.
_told: ContextVar[Callable[[Decision], None] | None] = ContextVar("_told", default=None)


@contextmanager
def deciding(told: Callable[[Decision], None]) -> Iterator[None]:
    """Tell ``told`` of every decision that is taken on a traced number inside, in order."""
    before = _told.set(told)
    try:
        yield
    finally:
        _told.reset(before)


def decision(step: Traced, by: str) -> Any:
    """The value of ``step``, from which control flow takes something; whoever collects decisions is told."""
    told = _told.get()
    if told is not None:
        told(Decision(step, by, TAKEN[by](step.value)))
    return step.value


def decided(value: Any) -> Any:
    """The value behind a traced number, where what is computed next depends on it; anything else as it is."""
    return decision(value, "value") if type(value) is Traced else value


def holds_anything(values: Any) -> Any:
    """In which cases any row of ``values (rows, ·)`` is not zero, ``(·,)``; no more than that is decided by it."""
    return np.any(decision(values, "any") if type(values) is Traced else values, axis=0)


def is_traced(*values: object) -> bool:
    """Whether any of these remembers how it was computed."""
    return any(type(value) is Traced for value in values)


def plain(value: Any) -> Any:
    """The value behind a traced number; anything else as it is."""
    return value.value if type(value) is Traced else value


def named(name: str, value: V) -> V:
    """``value`` itself; where it is traced, explanations call it ``name``. An input keeps its own name."""
    step: Any = value
    if type(step) is Traced and step.name is None:
        step.name = name
    return value


def named_fields(record: V, before: str = "") -> V:
    """A named tuple itself; explanations call what is in it by the names of the fields, with this ``before`` them."""
    fields: Any = record
    for name, value in fields._asdict().items():
        named(f"{before}{name}", value)
    return record


def recorded(op: str, result: V, *args: Any) -> V:
    """``result`` itself, or, where an operand is traced, ``result`` as a step ``op`` on the operands."""
    for argument in args:
        if type(argument) is Traced:
            return cast(V, Traced(result, op, args))
    return result


class Said(TypedDict, total=False):
    """What is said of an operation beside its words; see ``Operation``."""

    binds: int
    least: tuple[int, ...]
    reads: Reads
    cell: str
    working: tuple[tuple[str, str], ...]


def operation(words: str, **said: Unpack[Said]) -> Callable[[F], F]:
    """Enter a function in ``OPERATIONS`` under its name; its answers may be arrays or hold them as ``numbers``."""
    said.setdefault("binds", LOOSE if " " in words else ATOM)

    def enter(function: F) -> F:
        def run(*args: Any) -> Any:
            found = function(*args)
            return getattr(found, "numbers", found)

        OPERATIONS[function.__name__] = Operation(run, words, **said)
        return function

    return enter


def primitive(words: str, **said: Unpack[Said]) -> Callable[[F], F]:
    """An array function that a trace records as one step of its name. It takes no keywords."""

    def wrap(function: F) -> F:
        op = operation(words, **said)(function).__name__

        @wraps(function)
        def call(*args: Any) -> Any:
            if _in_use:
                for argument in args:
                    if type(argument) is Traced:
                        return Traced(function(*map(plain, args)), op, args)
            return function(*args)

        return cast(F, call)

    return wrap


def leaves(tree: Any) -> list[Any]:
    """The numbers and arrays in nested tuples, in order; what is no number (words, switches, nothing) is left out."""
    if isinstance(tree, tuple):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree] if isinstance(tree, float | np.ndarray | Traced) else []


def with_leaves(tree: Any, numbers: Iterable[Any]) -> Any:
    """``tree`` with ``numbers`` in place of its leaves, in their order."""
    left = iter(numbers)
    if isinstance(tree, tuple):
        parts = [with_leaves(part, left) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    return next(left) if isinstance(tree, float | np.ndarray | Traced) else tree
