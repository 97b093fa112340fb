"""Tracing: the engine run on operands that remember how they were computed.

A ``Traced`` number stands in for a float or an array. What numpy or ``arrays`` does with it is done to its value and
recorded as one step, so that the code which computes a figure is also what explains it. A step is an operation of a
closed set on operands that are steps, plain numbers or plain arrays; it is about one case, its rows are months (or
points in time, or generations), and an operand with one row counts in every row.

Operations, besides numpy's elementwise ones: ``input`` and ``date`` (of a scenario), ``constant`` (named), ``same``
(another shape), ``rows`` (operand, first row), ``where``, ``largest``, ``concatenate``; the ``primitive`` functions of
``arrays``, which say what they do in time (``accumulate`` sums, ``running_total`` adds to the row before, ``rows_at``
reads another month, ``lump`` stands in one month, ...); and what ``recorded`` names, such as ``irr``.

Control flow (``if``, ``int()``) sees the value: a trace describes the path taken by these inputs. Whatever would lose
the trace in silence, such as ``np.asarray`` or adding in place, raises TypeError instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V")

#: numpy's functions of one row at a time that a trace knows.
ELEMENTWISE = frozenset(
    {
        *("add", "subtract", "multiply", "divide", "negative", "power", "exp"),
        *("maximum", "minimum", "floor", "ceil", "rint", "absolute", "sign"),
        *("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"),
        *("bitwise_and", "bitwise_or", "invert"),
    }
)


#: Has this process traced anything? Until then nobody need look for traced operands.
_in_use = False


class Traced(NDArrayOperatorsMixin):
    """A number or array of one case, the operation it came from, and that operation's operands.

    ``name`` is what an explanation calls it; it ends in its unit. ``months`` are the calendar months (since year 0) of
    the rows of an input that states amounts at dates; 0 to 11 are those of any year.
    """

    __slots__ = ("args", "months", "name", "op", "value")

    def __init__(
        self,
        value: Any,
        op: str,
        args: tuple[Any, ...] = (),
        name: str | None = None,
        months: tuple[int, ...] = (),
    ) -> None:
        global _in_use
        _in_use = True
        self.value = np.asarray(value)
        self.op = op
        self.args = args
        self.name = name
        self.months = months

    def __hash__(self) -> int:
        return id(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Traced:
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
            return Traced(np.broadcast_to(plain(args[0]), args[1]), "same", args[:1])
        if function is np.concatenate:
            return Traced(np.concatenate([plain(part) for part in args[0]]), "concatenate", tuple(args[0]))
        raise TypeError(f"a traced number cannot pass through {function.__name__}")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a traced number would lose its trace here; use the functions of minecalc.arrays")

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the value."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """That of the value."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """That of the value."""
        return self.value.size

    def any(self) -> bool:
        """Is any of the value not zero?"""
        return bool(self.value.any())

    def all(self) -> bool:
        """Is all of the value other than zero?"""
        return bool(self.value.all())

    def astype(self, kind: Any) -> Traced:
        """The value as another type: ones and zeros for truth."""
        return Traced(self.value.astype(kind), "same", (self,))

    def __getitem__(self, rows: Any) -> Traced:
        first = rows.indices(self.value.shape[0])[0] if isinstance(rows, slice) else range(self.value.shape[0])[rows]
        if isinstance(rows, slice) and rows.step not in (None, 1):
            raise TypeError("a trace reads rows in order")
        return Traced(self.value[rows], "rows", (self, first))

    def __float__(self) -> float:
        return float(self.value.item())

    def __int__(self) -> int:
        return int(self.value.item())

    def __bool__(self) -> bool:
        return bool(self.value.item())

    def __len__(self) -> int:
        return len(self.value)


def plain(value: Any) -> Any:
    """The value behind a traced number; anything else as it is."""
    return value.value if type(value) is Traced else value


def named(name: str, value: V) -> V:
    """``value`` itself; where it is traced, explanations call it ``name``. An input keeps its own name."""
    step: Any = value
    if type(step) is Traced and step.name is None:
        step.name = name
    return value


def recorded(op: str, result: V, *args: Any) -> V:
    """``result`` itself, or, where an operand is traced, ``result`` as a step ``op`` on the operands."""
    for argument in args:
        if type(argument) is Traced:
            return cast(V, Traced(result, op, args))
    return result


def primitive(function: F) -> F:
    """An array function that a trace records as one step of its name. It takes no keywords."""
    op = function.__name__

    @wraps(function)
    def call(*args: Any) -> Any:
        if _in_use:
            for argument in args:
                if type(argument) is Traced:
                    return Traced(function(*map(plain, args)), op, args)
        return function(*args)

    return cast(F, call)
