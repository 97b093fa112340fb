"""One step of a trace as people read it: the formula with names, and the same with numbers and units.

A step is written in terms of the nearest named quantities below it. A formula is about one row, a month or a point in
time: an operand of another month says which.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.explain import rules
from minecalc.analysis.explain.wording import element, is_series, number, when
from minecalc.timeline import Timeline
from minecalc.trace import Traced, plain

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


class Part(NamedTuple):
    """A named quantity in one row; ``row`` None stands for all of its rows."""

    step: Traced
    row: int | None


class Formula(NamedTuple):
    """A step in words: with names, with numbers, and the named quantities in it."""

    names: str
    numbers: str
    parts: tuple[Part, ...]


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


class Writer:
    """Writes formulas of steps on a timeline; ``called`` gives the name of a named step."""

    def __init__(self, timeline: Timeline, called: Callable[[Traced], str]) -> None:
        self.timeline = timeline
        self._called = called

    def formula(self, step: Traced, row: int | None) -> Formula:
        """How ``step`` is computed in ``row``."""
        with_names, with_numbers = _Names(self), _Numbers(self)
        names, _ = with_names.body(step, row)
        numbers, _ = with_numbers.body(step, row)
        return Formula(_tidy(names), _tidy(numbers), tuple(dict.fromkeys(with_names.parts)))

    def named(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step in a formula about row ``at``: with its own month if that is another."""
        text = self._called(step)
        if row is None or at is None or not is_series(step):
            return text
        month = when(step, row, self.timeline)
        elsewhere = month != self.timeline.label(at + 1) if step.op == "input" else row != at
        return f"{text}@{month}" if elsewhere else text


class _Form(ABC):
    """A way to write the operands of a formula."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.parts: list[Part] = []

    @abstractmethod
    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step."""

    def operand(self, value: Any, row: int | None, month: int | None = None) -> tuple[str, int]:
        """An operand in ``row`` of a formula about ``month`` (None: the same), and how tightly it binds."""
        step, at = resolved(value, row)
        if type(step) is not Traced:
            return _plain(step, at)
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
        if op == "in_a_row":
            return self.in_a_row(step, row)
        text = self.rule(step)
        return text, 0 if " " in text else _ATOM

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

    @abstractmethod
    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        """A choice that depends on the inputs."""

    def total(self, step: Traced, row: int | None) -> tuple[str, int]:
        """Lines added in a month, or at a point in time: what is due at a month's end and at the next one's start."""
        month = row - 1 if row is not None and step.op == "at_points" else row
        told = [self.operand(value, at, month) for value, at in _lines(step, row)]
        texts = [text if binds >= 4 else f"({text})" for text, binds in told]
        return " + ".join(texts) or "0", 4 if len(told) > 1 else _ATOM

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

    def in_a_row(self, step: Traced, row: int | None) -> tuple[str, int]:
        """One more than a month ago, where a condition holds."""
        return f"its value of the month before + 1 if {self.inside(step.args[0], row, 4)}, else 0", 0

    @abstractmethod
    def rule(self, step: Traced) -> str:
        """What is looked for or summed over all rows."""


class _Names(_Form):
    """The formula with names."""

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        return self.writer.named(step, row, at)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        texts = [self.operand(value, row)[0] for value in (yes, condition, no)]
        return f"{texts[0]} if {texts[1]}, else {texts[2]}", 0

    def rule(self, step: Traced) -> str:
        texts = [self.inside(value, None, 8) for value in step.args]
        return rules.WORDS[step.op].format(*texts)


class _Numbers(_Form):
    """The formula with numbers."""

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        return number(element(step, row), step)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        return self.operand(yes if element(condition, row) else no, row)

    def rule(self, step: Traced) -> str:
        return rules.with_numbers(step, self.writer.timeline)

    def lump(self, step: Traced, row: int | None) -> tuple[str, int]:
        _, month, amount = step.args
        if row is not None and element(month, None) != row + 1:
            return "0", _ATOM
        return self.inside(amount, None, 4), 4

    def another_month(self, step: Traced, row: int | None) -> tuple[str, int]:
        return self.operand(step.args[0], month_read(step, row))

    def so_far(self, step: Traced, row: int | None) -> tuple[str, int]:
        before = element(step, row - 1) if row else 0.0
        return f"{number(before, rules.money(step))} + {self.inside(step.args[0], row, 4)}", 4

    def in_a_row(self, step: Traced, row: int | None) -> tuple[str, int]:
        before = element(step, row - 1) if row else 0.0
        return (f"{number(before)} + 1", 4) if element(step.args[0], row) else ("0", _ATOM)


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


def _plain(value: Any, row: int | None) -> tuple[str, int]:
    """A number, or the first and last of a series as a whole, and how tightly that binds."""
    if row is None and is_series(value):
        return f"({number(element(value, 0))} .. {number(element(value, -1))})", _ATOM
    return number(element(value, row)), _ATOM if element(value, row) >= 0 else 6


def _is_plain(value: Any, wanted: float) -> bool:
    return type(value) is not Traced and bool(np.all(np.asarray(value) == wanted))
