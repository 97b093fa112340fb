"""The operations that a trace is made of, in one table: what each computes, and how it reads.

Explanations take the words from here, a replay the functions, JSON the names. numpy's own functions of one row at a
time stand below; ``minecalc.trace.primitive`` and ``operation`` add the others where they are defined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

#: How tightly the words of an operation bind, from a sentence to what is never put in brackets.
LOOSE, SUM, PRODUCT, OPERAND, ATOM = 0, 4, 5, 8, 9

#: Which rows of its operands a row is made of: the same, the same in another shape, all, or others (as ``words`` say).
Reads = Literal["row", "same", "all", "others"]


class Operation(NamedTuple):
    """What a step does with its operands, and how it reads.

    ``words`` name operands by number, each in brackets if it binds less tightly than ``least`` (the last counts on);
    ``neutral`` are the numbers that change nothing as first and as second operand.
    """

    run: Callable[..., Any]
    words: str
    binds: int = ATOM
    least: tuple[int, ...] = (LOOSE,)
    reads: Reads = "row"
    neutral: tuple[float | None, float | None] = (None, None)

    def least_of(self, place: int) -> int:
        """How tightly the operand at ``place`` must bind to stand without brackets."""
        return self.least[min(place, len(self.least) - 1)]


def _infix(
    run: Callable[..., Any],
    sign: str,
    binds: int,
    tighter: tuple[int, int] = (0, 0),
    neutral: tuple[float | None, float | None] = (None, None),
) -> Operation:
    least = (binds + tighter[0], binds + tighter[1])
    return Operation(run, f"{{0}}{sign}{{1}}", binds, least, "row", neutral)


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` broadcast, from contiguous operands.

    On strided operands numpy takes other code for some exponents, whose last bits differ.
    """
    shape = np.broadcast(base, exponent).shape or (1,)
    return np.power(_contiguous(base, shape), _contiguous(exponent, shape))


def _contiguous(operand: Any, shape: tuple[int, ...]) -> Any:
    """``operand`` as a contiguous array of ``shape``."""
    whole = np.empty(shape)
    whole[...] = operand
    return whole


def _joined(*parts: Any) -> Any:
    """Rows one after the other, of one case or of as many as the widest part has."""
    cases = np.broadcast_shapes(*(part.shape[1:] for part in parts))
    return np.concatenate([np.broadcast_to(part, (len(part), *cases)) for part in parts])


#: Every operation by name; ``input``, ``date``, ``list`` and ``constant`` are leaves and stand for none.
OPERATIONS: dict[str, Operation] = {
    "bitwise_or": _infix(np.bitwise_or, " or ", 1),
    "bitwise_and": _infix(np.bitwise_and, " and ", 2),
    "less": _infix(np.less, " < ", 3),
    "less_equal": _infix(np.less_equal, " ≤ ", 3),
    "greater": _infix(np.greater, " > ", 3),
    "greater_equal": _infix(np.greater_equal, " ≥ ", 3),
    "equal": _infix(np.equal, " = ", 3),
    "not_equal": _infix(np.not_equal, " ≠ ", 3),
    "add": _infix(np.add, " + ", SUM, neutral=(0.0, 0.0)),
    "subtract": _infix(np.subtract, " − ", SUM, (0, 1), (None, 0.0)),
    "multiply": _infix(np.multiply, " × ", PRODUCT, neutral=(1.0, 1.0)),
    "divide": _infix(np.divide, " / ", PRODUCT, (0, 1), (None, 1.0)),
    "power": _infix(power, "^", 7, (1, 1), (None, 1.0)),
    "negative": Operation(np.negative, "−{0}", PRODUCT, (PRODUCT,)),
    "invert": Operation(np.invert, "not {0}", 3, (3,)),
    "maximum": Operation(np.maximum, "max({0}, {1})"),
    "minimum": Operation(np.minimum, "min({0}, {1})"),
    "floor": Operation(np.floor, "floor({0})"),
    "ceil": Operation(np.ceil, "ceil({0})"),
    "rint": Operation(np.rint, "round({0})"),
    "exp": Operation(np.exp, "exp({0})"),
    "absolute": Operation(np.absolute, "abs({0})"),
    "sign": Operation(np.sign, "sign({0})"),
    "where": Operation(np.where, "{1} if {0}, else {2}", LOOSE),
    "largest": Operation(np.max, "the largest of {0}", LOOSE, (OPERAND,), "all"),
    "same": Operation(lambda values, rows: np.broadcast_to(values, (rows, *values.shape[1:])), "{0}", reads="same"),
    "rows": Operation(lambda values, first, rows: values[first if rows is None else slice(first, first + rows)],
                      "{0} from row {1} on", LOOSE, reads="others"),
    "concatenate": Operation(_joined, "{0}, then {1}", LOOSE, reads="others"),
}  # fmt: skip

#: numpy's functions of one row at a time that a trace knows.
ELEMENTWISE = frozenset(name for name in OPERATIONS if isinstance(getattr(np, name, None), np.ufunc))
