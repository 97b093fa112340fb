"""One step of a trace as people read it: the formula with names, and the same with numbers and units.

A step is written in terms of the nearest named quantities below it. A formula is about one row, a month or a point in
time: an operand of another month says which.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.explain.graph import walk
from minecalc.schema.names import split_path
from minecalc.schema.numbers import unit_words
from minecalc.timeline import Timeline, format_month
from minecalc.trace import Traced, plain
from minecalc.units import MONTHS_PER_YEAR, unit_of

#: Operations that change a shape and nothing else.
_PASSING = frozenset({"same", "as_row", "as_cases", "as_column", "truth"})

#: Operators, with how tightly they bind.
_INFIX = {
    "bitwise_or": (" or ", 1),
    "bitwise_and": (" and ", 2),
    "less": (" < ", 3),
    "less_equal": (" ≤ ", 3),
    "greater": (" > ", 3),
    "greater_equal": (" ≥ ", 3),
    "equal": (" = ", 3),
    "not_equal": (" ≠ ", 3),
    "add": (" + ", 4),
    "subtract": (" − ", 4),
    "multiply": (" × ", 5),
    "divide": (" / ", 5),
    "power": ("^", 7),
}
_ATOM = 9
_CALLED = {"maximum": "max", "minimum": "min", "floor": "floor", "ceil": "ceil", "rint": "round", "exp": "exp"} | {
    "absolute": "abs",
    "sign": "sign",
}
#: What is looked for or counted rather than calculated, in words.
_RULES = {
    "accumulate": "the sum of {0} over time",
    "largest": "the largest of {0}",
    "last_largest": "the month in which {0} is largest, the last of equals",
    "irr": "the rate r a year at which the sum of {0} × (1 + r)^(−months/12) is zero",
    "mirr": "(inflows of {0} grown to the end at {1} / outflows discounted at {2})^(12/months) − 1",
    "payback": "months until the running total of {0} is, and stays, at or above zero",
    "moic": "the inflows of {0} / its outflows",
    "peak_funding": "how far the running total of {0} falls below zero",
    "number_of_month": "month_number({0})",
}
_YEARS_SHOWN = 12


class Part(NamedTuple):
    """A named quantity in one row; ``row`` None stands for all of its rows."""

    step: Traced
    row: int | None


class Formula(NamedTuple):
    """A step in words: with names, with numbers, and the named quantities in it."""

    names: str
    numbers: str
    parts: tuple[Part, ...]


def element(value: Any, row: int | None) -> float:
    """The number of a traced or plain operand in a row (from 0); one with a single row counts in every row."""
    flat = np.asarray(plain(value)).reshape(-1)
    return float(flat[row if row is not None and flat.size > 1 else 0])


def is_series(value: Any) -> bool:
    """Has it more than one row?"""
    return bool(np.size(plain(value)) > 1)


def resolved(value: Any, row: int | None) -> tuple[Any, int | None]:
    """The step that ``value`` is in ``row``, through what only selects or reshapes, down to a name or a calculation."""
    while type(value) is Traced and value.op not in ("input", "date", "constant"):
        below, at = _selected(value, row)
        if below is None or (value.name is not None and not _is_leaf(below, at)):
            break
        value, row = below, at
    return value, row


def _is_leaf(value: Any, row: int | None) -> bool:
    value, _ = resolved(value, row)
    return type(value) is Traced and value.op in ("input", "date", "constant")


def _selected(step: Traced, row: int | None) -> tuple[Any, int | None]:
    """The operand, and its row, that ``step`` merely passes on; None where it does more."""
    if step.op in _PASSING:
        return step.args[0], row
    if step.op == "rows":
        return step.args[0], None if row is None else row + step.args[1]
    if step.op in ("rows_at", "at_month") and (not is_series(step.args[0]) or type(step.args[1]) is not Traced):
        if row is None and is_series(step.args[0]) and is_series(step.args[1]):
            return step.args[0], None
        return step.args[0], month_read(step, row)
    if step.op == "concatenate" and row is not None:
        for part in step.args:
            if row < len(part):
                return part, row
            row -= len(part)
    return None, row


def month_read(step: Traced, row: int | None) -> int:
    """The row that ``rows_at`` or ``at_month`` reads for ``row``."""
    path, months = step.args
    return int(np.clip(element(months, row), 1, len(plain(path)))) - 1


def short_name(step: Traced) -> str:
    """An input by the last parts of its path, anything else by its name."""
    name = step.name or step.op
    if step.op not in ("input", "date"):
        return name
    parts = split_path(name)
    skip = {"plans": 2, "site": 1, "market": 1}.get(parts[0], 0)
    if len(parts) > 4 and parts[:3:2] == ["plans", "uses"]:
        skip = 4
    return ".".join(parts[skip:])


def unit(step: Traced) -> str | None:
    """The unit that the name of a step, or of the value over time it is a part of, ends in."""
    head, _, part = (step.name or "").rpartition(".")
    return unit_of(head if part in ("start", "steps", "points", "csv") else step.name or "")


def number(value: float, step: Traced | None = None) -> str:
    """A number to six significant digits, with the unit of its step; a date as a month."""
    if step is not None and step.op == "date":
        return format_month(round(value))
    if not np.isfinite(value):
        return "none" if np.isnan(value) else "∞" if value > 0 else "−∞"
    sign, rounded = "−" if value < 0 else "", float(f"{abs(value):.6g}")
    if rounded and not 1e-6 <= rounded < 1e15:
        text = f"{rounded:.6g}"
    else:
        decimals = max(0, 5 - math.floor(math.log10(rounded))) if rounded else 0
        text = f"{rounded:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    called = None if step is None else unit(step)
    if called is None or called in ("ratio", "count") or called.startswith("fraction"):
        return sign + text
    return f"{sign}${text}" if called == "usd" else f"{sign}{text} {unit_words(called).replace(' per ', '/')}"


class Writer:
    """Writes formulas of steps on a timeline; ``called`` gives the name of a named step."""

    def __init__(self, timeline: Timeline, called: Callable[[Traced], str]) -> None:
        self._timeline = timeline
        self._called = called

    def when(self, step: Traced, row: int | None) -> str:
        """The month of a row of a step, at whose end a point in time lies; "" for what has no time."""
        if row is None or not is_series(step):
            return ""
        name = step.name or ""
        if name.startswith("term_"):
            return f"month {row + 1} of the term"
        if "_by_stop_" in name:
            return f"stop in {self._timeline.label(row + 1)}"
        if len(plain(step)) == self._timeline.months + 1:
            return self._timeline.label(row) if row else "today"
        return self._timeline.label(row + 1)

    def formula(self, step: Traced, row: int | None) -> Formula:
        """How ``step`` is computed in ``row``."""
        with_names, with_numbers = _Names(self), _Numbers(self)
        names, _ = with_names.body(step, row)
        numbers, _ = with_numbers.body(step, row)
        return Formula(_tidy(names), _tidy(numbers), tuple(dict.fromkeys(with_names.parts)))

    def named(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step in a formula about row ``at``: with its own month if that is another."""
        text = self._called(step)
        elsewhere = row is not None and at is not None and row != at and is_series(step)
        return f"{text}@{self.when(step, row)}" if elsewhere and step.op != "input" else text

    def subtotals(self, values: np.ndarray[Any, Any], step: Traced) -> str:
        """What a sum over time adds up, by year where that is shorter."""
        flat = values.reshape(-1)
        points = int(len(flat) == self._timeline.months + 1)
        some = [(k, float(v)) for k, v in enumerate(flat) if v != 0.0]
        if len(some) <= _YEARS_SHOWN // 2:
            return " + ".join(number(v, step) for _, v in some) or "0"
        years: dict[str, float] = {}
        for k, v in some:
            month = max(k - points, 0)
            label = self._timeline.label(month // MONTHS_PER_YEAR * MONTHS_PER_YEAR + 1)
            years[label] = years.get(label, 0.0) + v
        told = [f"{label}: {number(v, step)}" for label, v in years.items()]
        more = [f"and {len(told) - _YEARS_SHOWN} more"] if len(told) > _YEARS_SHOWN else []
        return "by year, from " + "; ".join([*told[:_YEARS_SHOWN], *more])


class _Form:
    """A way to write the operands of a formula."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.parts: list[Part] = []

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step."""
        raise NotImplementedError

    def operand(self, value: Any, row: int | None, month: int | None = None) -> tuple[str, int]:
        """An operand in ``row`` of a formula about ``month`` (None: the same), and how tightly it binds."""
        step, at = resolved(value, row)
        if type(step) is not Traced:
            return number(element(step, at)), _ATOM if element(step, at) >= 0 else 6
        if step.name is not None:
            at = at if is_series(step) else None
            self.parts.append(Part(step, at))
            return self.leaf(step, at, row if month is None else month), _ATOM
        return self.body(step, at)

    def inside(self, value: Any, row: int | None, least: int) -> str:
        """An operand in brackets where it binds less tightly than ``least``."""
        text, binds = self.operand(value, row)
        return text if binds >= least else f"({text})"

    def body(self, step: Traced, row: int | None) -> tuple[str, int]:
        """The calculation of a step from its operands, and how tightly that binds."""
        op, args = step.op, step.args
        below, at = _selected(step, row)
        if below is not None:
            return self.operand(below, at)
        if op in _INFIX:
            return self.infix(op, args, row)
        if op in _CALLED:
            return f"{_CALLED[op]}({', '.join(self.operand(arg, row)[0] for arg in args)})", _ATOM
        if op == "negative":
            return f"−{self.inside(args[0], row, 5)}", 5
        if op == "invert":
            return f"not {self.inside(args[0], row, 3)}", 3
        if op == "where":
            return self.choice(args, row)
        if op in ("added", "at_points"):
            return self.total(step, row)
        if op in ("rows_at", "at_month"):
            return self.another_month(step, row)
        if op == "lump":
            return self.lump(step, row)
        if op == "running_total":
            return self.so_far(step, row)
        return self.rule(step), _ATOM if op == "number_of_month" else 0

    def infix(self, op: str, args: tuple[Any, ...], row: int | None) -> tuple[str, int]:
        """Two operands; one that changes nothing is left out."""
        sign, binds = _INFIX[op]
        left, right = args
        if (op == "multiply" and _is_plain(left, 1.0)) or (op == "add" and _is_plain(left, 0.0)):
            return self.operand(right, row)
        if op in ("multiply", "divide", "power") and _is_plain(right, 1.0):
            return self.operand(left, row)
        if op in ("add", "subtract") and _is_plain(right, 0.0):
            return self.operand(left, row)
        if op == "subtract" and _is_plain(left, 0.0):
            return f"−{self.inside(right, row, 5)}", 5
        tighter = binds + (op in ("subtract", "divide", "power"))
        return f"{self.inside(left, row, binds + (op == 'power'))}{sign}{self.inside(right, row, tighter)}", binds

    def choice(self, args: tuple[Any, ...], row: int | None) -> tuple[str, int]:
        """One of two, by a condition."""
        condition, yes, no = args
        if type(condition) is not Traced:
            return self.operand(yes if element(condition, row) else no, row)
        guards = condition.op in ("not_equal", "greater") and condition.args[0] is yes
        if guards and element(condition, row):
            return self.operand(yes, row)
        return self.decided(condition, yes, no, row)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        """A choice that depends on the inputs."""
        raise NotImplementedError

    def total(self, step: Traced, row: int | None) -> tuple[str, int]:
        """Lines added in a month, or at a point in time: what is due at a month's end and at the next one's start."""
        month = row - 1 if row is not None and step.op == "at_points" else row
        told = [self.operand(value, at, month) for value, at in _lines(step, row) if self.counts(value, at)]
        texts = [text if binds >= 4 else f"({text})" for text, binds in told]
        return " + ".join(texts) or "0", 4 if len(told) > 1 else _ATOM

    def counts(self, value: Any, row: int | None) -> bool:
        """Is a line shown in a total?"""
        return True

    def another_month(self, step: Traced, row: int | None) -> tuple[str, int]:
        """A value of the month that another quantity names."""
        path, months = step.args
        text = self.operand(path, month_read(step, row))[0]
        return f"{text} of month {self.inside(months, row, 4)}", 8

    def lump(self, step: Traced, row: int | None) -> tuple[str, int]:
        """An amount in one month."""
        _, month, amount = step.args
        place = self.operand(month, None)[0]
        return f"{self.inside(amount, None, 4)} in month {place}, else 0", 0

    def so_far(self, step: Traced, row: int | None) -> tuple[str, int]:
        """What was there a month ago and what is added."""
        text = self.inside(step.args[0], row, 4)
        return f"its value of the month before + {text}", 4

    def rule(self, step: Traced) -> str:
        """What is looked for or summed over all rows."""
        raise NotImplementedError


class _Names(_Form):
    """The formula with names."""

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        return self.writer.named(step, row, at)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        texts = [self.operand(value, row)[0] for value in (yes, condition, no)]
        return f"{texts[0]} if {texts[1]}, else {texts[2]}", 0

    def rule(self, step: Traced) -> str:
        texts = [self.inside(value, None, 8) for value in step.args]
        return _RULES[step.op].format(*texts)


class _Numbers(_Form):
    """The formula with numbers."""

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        return number(element(step, row), step)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        return self.operand(yes if element(condition, row) else no, row)

    def counts(self, value: Any, row: int | None) -> bool:
        return element(value, row) != 0.0

    def rule(self, step: Traced) -> str:
        if step.op == "accumulate":
            return self.writer.subtotals(step.args[0].value, _money(step))
        if step.op == "number_of_month":
            return number(element(step, None))
        return ""

    def lump(self, step: Traced, row: int | None) -> tuple[str, int]:
        _, month, amount = step.args
        if row is not None and element(month, None) != row + 1:
            return "0", _ATOM
        return self.inside(amount, None, 4), 4

    def another_month(self, step: Traced, row: int | None) -> tuple[str, int]:
        return self.operand(step.args[0], month_read(step, row))

    def so_far(self, step: Traced, row: int | None) -> tuple[str, int]:
        before = element(step, row - 1) if row else 0.0
        return f"{number(before, step)} + {self.inside(step.args[0], row, 4)}", 4


def _tidy(formula: str) -> str:
    return formula.replace(" + −", " − ").replace(" − −", " + ")


def _lines(step: Traced, row: int | None) -> Iterator[tuple[Any, int | None]]:
    """The lines of a total that hold anything, each with its row for ``row`` of the total."""
    shifted = step.op == "at_points"
    lines = step.args[2:] if shifted else step.args[1:]
    at_start = step.args[1] if shifted else [True] * len(lines)
    for line, early in zip(lines, at_start, strict=True):
        if not np.any(plain(line)):
            continue
        at = row if early or row is None else row - 1
        if at is None or 0 <= at < max(len(plain(line)), 1) or not is_series(line):
            yield line, at


def _money(step: Traced) -> Traced:
    """The step, or the first one below it with a unit, for the unit of what a sum adds up."""
    for below in walk(step):
        if below.name is not None and unit(below) is not None:
            return below
    return step


def _is_plain(value: Any, wanted: float) -> bool:
    return type(value) is not Traced and bool(np.all(np.asarray(value) == wanted))
