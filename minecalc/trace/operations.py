"""The operations that a trace is made of, in one table: what each computes, and how it reads.

Explanations take the words from here, a replay the functions, JSON the names, a workbook the formulas. numpy's own
functions of one row at a time stand below; ``minecalc.trace.primitive`` and ``operation`` add the others where they are
defined.

``cell`` is how a spreadsheet computes one row. In it ``{0}`` is the first operand in that row, ``{0:all}`` the range of
all its rows, ``{0:before}`` its row before (nothing before the first), ``{1+}`` the operands from the second on with a
plus between them, ``{row}`` the number of the row from 1, ``{rows}`` how many the first operand has. ``working`` are
cells that it needs beside, in order: by the name, as which later templates know them, a template each. A name that ends
in ``[]`` is a row as long as the first operand (``{self:before}`` is its own cell before), one in ``[rates]`` a row
along a grid of rates, ``{rate}`` a month; any other is one cell. ``{negligible}`` and ``{infinite}`` are named numbers.
What reads prices by the hour has tables of them, a column a month of the file, of which ``{month}`` is the one to read:
``{prices}`` (cheapest first), ``{hours}`` and ``{mean}`` (a row each), and, with a row of nothing above that of the
first price, ``{hours_until}`` and ``{paid_until}``, sums down to each price.
"""

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
    ``neutral`` are the numbers that change nothing as first and as second operand. ``cell`` and ``working`` say it to a
    spreadsheet, which brackets operands as the words do; "" of what has no formula of its own.
    """

    run: Callable[..., Any]
    words: str
    binds: int = ATOM
    least: tuple[int, ...] = (LOOSE,)
    reads: Reads = "row"
    neutral: tuple[float | None, float | None] = (None, None)
    cell: str = ""
    working: tuple[tuple[str, str], ...] = ()

    def least_of(self, place: int) -> int:
        """How tightly the operand at ``place`` must bind to stand without brackets."""
        return self.least[min(place, len(self.least) - 1)]


def _infix(
    run: Callable[..., Any],
    sign: str,
    binds: int,
    tighter: tuple[int, int] = (0, 0),
    neutral: tuple[float | None, float | None] = (None, None),
    cell: str = "",
) -> Operation:
    least = (binds + tighter[0], binds + tighter[1])
    return Operation(run, f"{{0}}{sign}{{1}}", binds, least, "row", neutral, cell or f"{{0}}{sign.strip()}{{1}}")


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
    "bitwise_or": _infix(np.bitwise_or, " or ", 1, cell="OR({0},{1})"),
    "bitwise_and": _infix(np.bitwise_and, " and ", 2, cell="AND({0},{1})"),
    "less": _infix(np.less, " < ", 3),
    "less_equal": _infix(np.less_equal, " ≤ ", 3, cell="{0}<={1}"),
    "greater": _infix(np.greater, " > ", 3),
    "greater_equal": _infix(np.greater_equal, " ≥ ", 3, cell="{0}>={1}"),
    "equal": _infix(np.equal, " = ", 3),
    "not_equal": _infix(np.not_equal, " ≠ ", 3, cell="{0}<>{1}"),
    "add": _infix(np.add, " + ", SUM, neutral=(0.0, 0.0)),
    "subtract": _infix(np.subtract, " − ", SUM, (0, 1), (None, 0.0), "{0}-{1}"),
    "multiply": _infix(np.multiply, " × ", PRODUCT, neutral=(1.0, 1.0), cell="{0}*{1}"),
    "divide": _infix(np.divide, " / ", PRODUCT, (0, 1), (None, 1.0)),
    "power": _infix(power, "^", 7, (1, 1), (None, 1.0)),
    "negative": Operation(np.negative, "−{0}", PRODUCT, (PRODUCT,), cell="-{0}"),
    "invert": Operation(np.invert, "not {0}", 3, (3,), cell="NOT({0})"),
    "maximum": Operation(np.maximum, "max({0}, {1})", cell="MAX({0},{1})"),
    "minimum": Operation(np.minimum, "min({0}, {1})", cell="MIN({0},{1})"),
    "floor": Operation(np.floor, "floor({0})", cell="INT({0})"),
    "ceil": Operation(np.ceil, "ceil({0})", cell="-INT(-{0})"),
    "rint": Operation(np.rint, "round({0})", cell="ROUND({0},0)"),
    "exp": Operation(np.exp, "exp({0})", cell="EXP({0})"),
    "absolute": Operation(np.absolute, "abs({0})", cell="ABS({0})"),
    "sign": Operation(np.sign, "sign({0})", cell="SIGN({0})"),
    "where": Operation(np.where, "{1} if {0}, else {2}", LOOSE, cell="IF({0},{1},{2})"),
    "largest": Operation(np.max, "the largest of {0}", LOOSE, (OPERAND,), "all", cell="MAX({0:all})"),
    "same": Operation(lambda values, rows: np.broadcast_to(values, (rows, *values.shape[1:])), "{0}", reads="same"),
    "rows": Operation(lambda values, first, rows: values[first if rows is None else slice(first, first + rows)],
                      "{0} from row {1} on", LOOSE, reads="others"),
    "concatenate": Operation(_joined, "{0}, then {1}", LOOSE, reads="others"),
}  # fmt: skip

#: numpy's functions of one row at a time that a trace knows.
ELEMENTWISE = frozenset(name for name in OPERATIONS if isinstance(getattr(np, name, None), np.ufunc))
