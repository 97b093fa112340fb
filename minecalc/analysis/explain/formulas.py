"""One step of a trace as people read it: the formula with names, and the same with numbers and units.

A step is written in terms of the nearest named quantities below it. A formula is about one row, a month or a point in
time: an operand of another month says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.explain import rules
from minecalc.analysis.explain.wording import element, is_by_year, is_series, number, when
from minecalc.arrays import running_total
from minecalc.timeline import Timeline
from minecalc.trace import INPUTS, LEAVES, Traced, plain
from minecalc.trace.operations import ATOM, LOOSE, OPERAND, OPERATIONS, SUM
from minecalc.units import MONTHS_PER_YEAR

#: The row before, in a formula with names: of the quantity itself, of another, and of one by calendar year.
_BEFORE, _OTHER_BEFORE = "its value of the month before", "{0} of the month before"
_YEAR_BEFORE = "its value of the year before"

#: By which method of a form the operations are written whose rows are made of other rows, and choices.
_WRITTEN = {
    "where": "choice",
    "added": "total",
    "at_points": "total",
    "rows_at": "another_month",
    "at_month": "another_month",
    "lump": "lump",
    "running_total": "so_far",
    "recurrence": "recurred",
    "rows": "recurred",
    "stretches": "of_a_year",
    "placed": "placed",
    "before": "before",
    "row": "of_series",
    "count_below": "of_hours",
    "share_of_cheapest": "of_hours",
    "paid_for_cheapest": "of_hours",
    "paid_for_dearest": "of_hours",
    "mean_of_hours": "of_hours",
}


#: How many characters of a calculation are told more than once in a formula.
_LONG = 300
#: What marks a longer one, by its number: where it begins, where it ends, and where it would stand again.
_BEGINS, _ENDS, _AGAIN = "\x01{}\x02", "\x03{}\x02", "\x04{}\x02"
_MARK = re.compile("([\x01\x03\x04])([0-9]+)\x02")

#: A calculation in a formula: its step, its row, and in how many recurrences it stands.
_Place = tuple[Traced, int | None, int]

#: No row: an operand of whatever row says which.
_ELSEWHERE = -1


class Part(NamedTuple):
    """A named quantity in one row; ``row`` None stands for all of its rows."""

    step: Traced
    row: int | None


class Recurring(NamedTuple):
    """A recurrence that is being written, perhaps one of several at once: of each the step that holds its rows, what it
    begins with and what a row of it is in the body, at which ``place`` this one is, and the series that all read.
    """

    states: tuple[Traced, ...]
    starts: tuple[Any, ...]
    results: tuple[Traced, ...]
    place: int
    series: tuple[Any, ...]


class Formula(NamedTuple):
    """A step in words: with names, with numbers, and the named quantities in it."""

    names: str
    numbers: str
    parts: tuple[Part, ...]


def resolved(value: Any, row: int | None) -> tuple[Any, int | None]:
    """The step that ``value`` is in ``row``, through what only selects or reshapes, down to a name or a calculation."""
    while type(value) is Traced and value.op not in LEAVES:
        below, at = _selected(value, row)
        if below is None:
            break
        if value.name is not None:
            end, _ = resolved(below, at)
            if type(end) is not Traced or end.op not in LEAVES:
                break
        value, row = below, at
    return value, row


def _selected(step: Traced, row: int | None) -> tuple[Any, int | None]:
    """The operand, and its row, that ``step`` merely passes on; None where it does more."""
    if step.op in OPERATIONS and OPERATIONS[step.op].reads == "same":
        return step.args[0], row
    if step.op == "rows" and step.args[0].op != "recurrences":
        of, first = step.args
        one = step.rest[0] in (None, 1)  # which counts in every row
        return of, first if one else None if row is None else row + first
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


def hours_of(step: Traced, row: int | None) -> tuple[slice, int]:
    """Which prices the month of a row has, and how many of them the step is about."""
    bounds, rows = step.args[-2:]
    month = rows[row or 0]
    begin, end = bounds[month], bounds[month + 1]
    if step.op == "mean_of_hours":
        return slice(begin, end), end - begin
    if step.op == "paid_for_dearest":
        hours = running_total(np.asarray(step.args[2])[begin:end])[:, 0]
        whole = int(np.searchsorted(hours, (1.0 - element(step.args[0], row)) * hours[-1], side="right"))
        return slice(begin, end), min(whole + 1, end - begin)
    return slice(begin, end), round(element(step if step.op == "count_below" else step.args[0], row))


def month_read(step: Traced, row: int | None) -> int:
    """The row that ``rows_at`` or ``at_month`` reads for ``row``."""
    path, months = step.args
    return int(np.clip(element(months, row), 1, len(plain(path)))) - 1


class Writer:
    """Writes formulas of steps on a timeline; ``called`` gives the name of a named step.

    ``states`` are the named rows of several recurrences at once, which refer to each other by these names.
    """

    def __init__(self, timeline: Timeline, called: Callable[[Traced], str], states: Iterable[Traced] = ()) -> None:
        self.timeline = timeline
        self.called = called
        self._states = {(state.args[0], state.args[1]): state for state in states}

    def formula(self, step: Traced, row: int | None) -> Formula:
        """How ``step`` is computed in ``row``."""
        places: dict[_Place, int] = {}
        with_names, with_numbers = _Names(self, places), _Numbers(self, places)
        names, numbers = _numbered(with_names.body(step, row)[0], with_numbers.body(step, row)[0])
        return Formula(_tidy(names), _tidy(numbers), tuple(dict.fromkeys(with_names.parts)))

    def recurring(self, step: Traced) -> Recurring:
        """The recurrence that ``step`` is, or the one of several at once whose rows it reads."""
        of, place = step, 0
        states: tuple[Traced, ...] = (step,)
        if step.op != "recurrence":
            (of, first), months = step.args, len(step)
            known = ((self._states.get((of, row)), row) for row in range(0, len(of), months))
            states = tuple(of[row : row + months] if state is None else state for state, row in known)
            place = first // months
        count = len(states)
        return Recurring(states, of.args[:count], of.rest[0].results, place, of.args[count:])

    def named(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step in a formula about row ``at``: with its own month if that is another."""
        text = self.called(step)
        if row is None or at is None or not is_series(step):
            return text
        month = when(step, row, self.timeline)
        elsewhere = month != self.timeline.label(at + 1) if step.op in INPUTS else row != at
        return f"{text}@{month}" if elsewhere else text


class _Names:
    """Writes a formula with names; ``places`` numbers its long parts, for the same formula with numbers too."""

    def __init__(self, writer: Writer, places: dict[_Place, int]) -> None:
        self.writer = writer
        self.places = places
        self.parts: list[Part] = []
        self.recurring: list[Recurring] = []
        self.written: set[_Place] = set()

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        """A named step."""
        return self.writer.named(step, row, at)

    def operand(self, value: Any, row: int | None, month: int | None = None) -> tuple[str, int]:
        """An operand in ``row`` of a formula about ``month`` (None: the same), and how tightly it binds."""
        step, at = resolved(value, row)
        if type(step) is not Traced:
            return _plain(step, at)
        step = self.state_of(step)
        if step.name is not None:
            at = at if is_series(step) else None
            self.parts.append(Part(step, at))
            return self.leaf(step, at, row if month is None else month), ATOM
        return self.once(step, at)

    def once(self, step: Traced, row: int | None) -> tuple[str, int]:
        """A calculation; one that is long and stands in the formula already is not told again.

        What months of a waterfall share would otherwise be written so many times that no memory holds it.
        """
        part = step, row, len(self.recurring)
        if part in self.written:
            return _AGAIN.format(self.places[part]), ATOM
        text, binds = self.body(step, row)
        if len(text) <= _LONG:
            return text, binds
        self.written.add(part)
        number = self.places.setdefault(part, len(self.places))
        return f"{_BEGINS.format(number)}{text}{_ENDS.format(number)}", binds

    def inside(self, value: Any, row: int | None, least: int) -> str:
        """An operand in brackets where it binds less tightly than ``least``."""
        text, binds = self.operand(value, row)
        return text if binds >= least else f"({text})"

    def body(self, step: Traced, row: int | None) -> tuple[str, int]:
        """The calculation of a step from its operands, and how tightly that binds."""
        below, at = _selected(step, row)
        if below is not None:
            return self.operand(below, at)
        if step.op in _WRITTEN:
            written: tuple[str, int] = getattr(self, _WRITTEN[step.op])(step, row)
            return written
        if OPERATIONS[step.op].reads == "all":
            text = self.rule(step)
            return text, LOOSE if " " in text else ATOM
        return self.elementwise(step, row)

    def elementwise(self, step: Traced, row: int | None) -> tuple[str, int]:
        """What a row is of the same row of its operands; an operand that changes nothing is left out."""
        operation, args = OPERATIONS[step.op], step.args
        for place, neutral in enumerate(operation.neutral):
            if neutral is not None and _is_plain(args[place], neutral):
                return self.operand(args[1 - place], row)
        if step.op == "subtract" and _is_plain(args[0], 0.0):
            operation, args = OPERATIONS["negative"], args[1:]
        texts = (self.inside(arg, row, operation.least_of(place)) for place, arg in enumerate(args))
        return operation.words.format(*texts), operation.binds

    def choice(self, step: Traced, row: int | None) -> tuple[str, int]:
        """One of two, by a condition."""
        condition, yes, no = step.args
        if type(condition) is not Traced:
            return self.operand(yes if element(condition, row) else no, row)
        if _is_nothing(no) and element(condition, row):
            return self.operand(yes, row)
        guards = condition.op in ("not_equal", "greater") and condition.args[0] is yes
        if guards and element(condition, row):
            return self.operand(yes, row)
        return self.decided(condition, yes, no, row)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        """A choice that depends on the inputs."""
        texts = [self.operand(value, row)[0] for value in (yes, condition, no)]
        return f"{texts[0]} if {texts[1]}, else {texts[2]}", LOOSE

    def total(self, step: Traced, row: int | None) -> tuple[str, int]:
        """Lines added in a month, or at a point in time: what is due at a month's end and at the next one's start."""
        month = row - 1 if row is not None and step.op == "at_points" else row
        told = [self.operand(value, at, month) for value, at in _lines(step, row)]
        texts = [text if binds >= SUM else f"({text})" for text, binds in told]
        return " + ".join(texts) or "0", SUM if len(told) > 1 else ATOM

    def another_month(self, step: Traced, row: int | None) -> tuple[str, int]:
        """A value of the month that another quantity names."""
        path, months = step.args
        text = self.inside(path, month_read(step, row), OPERAND)
        return OPERATIONS[step.op].words.format(text, self.inside(months, row, OPERAND)), OPERAND

    def of_hours(self, step: Traced, row: int | None) -> tuple[str, int]:
        """Something of the hourly prices of a month; the one shown of them is the dearest that counts."""
        month, count = hours_of(step, row)
        texts = []
        for arg in step.args:
            if type(arg) is Traced and arg.op in LEAVES and is_series(arg):
                self.parts.append(Part(arg, month.start + max(count, 1) - 1))
                texts.append(self.writer.called(arg))
            elif type(arg) is Traced:
                texts.append(self.inside(arg, row, OPERAND))
        return self.hours(step, month, count, texts), LOOSE

    def hours(self, step: Traced, month: slice, count: int, texts: Sequence[str]) -> str:
        """The same, where ``count`` of the prices in ``month`` are below a limit and ``texts`` are the operands."""
        return OPERATIONS[step.op].words.format(*texts)

    def lump(self, step: Traced, row: int | None) -> tuple[str, int]:
        """An amount in one month."""
        months, month, amount = step.args
        place = self.operand(month, None)[0]
        return OPERATIONS[step.op].words.format(months, place, self.inside(amount, None, SUM)), LOOSE

    def placed(self, step: Traced, row: int | None) -> tuple[str, int]:
        """An amount of another row, such as a year's in its last month."""
        _, rows, amounts = step.args
        if row not in rows:
            return ("0", ATOM) if row is not None else self.operand(amounts, None)
        return self.operand(amounts, rows.index(row), _ELSEWHERE)

    def of_a_year(self, step: Traced, row: int | None) -> tuple[str, int]:
        """The sum of the months of a calendar year."""
        months = self.inside(step.args[0], None, OPERAND)
        year = "each year" if row is None else str(self.writer.timeline.start // MONTHS_PER_YEAR + row)
        return f"the sum of {months} over {year}", LOOSE

    def so_far(self, step: Traced, row: int | None) -> tuple[str, int]:
        """What was there a month ago and what is added."""
        return f"{self.month_before(step, row, None)} + {self.inside(step.args[0], row, SUM)}", SUM

    def recurred(self, step: Traced, row: int | None) -> tuple[str, int]:
        """A row of a recurrence from the row before."""
        recurring = self.writer.recurring(step)
        self.recurring.append(recurring)
        written = self.body(recurring.results[recurring.place], row)
        self.recurring.pop()
        return written

    def state_of(self, step: Traced) -> Traced:
        """In a recurrence beside others, one of these instead of how its row is computed, if it has a name."""
        if not self.recurring or step.op in ("before", "row"):
            return step
        pairs = zip(self.recurring[-1].results, self.recurring[-1].states, strict=True)
        return next((state for result, state in pairs if result is step and state.name is not None), step)

    def before(self, leaf: Traced, row: int | None) -> tuple[str, int]:
        """In a recurrence, the row before, its own or another's; before the first row, where that starts."""
        recurring = self.recurring[-1]
        place = leaf.args[0] if leaf.args else 0
        state, start = recurring.states[place], recurring.starts[place]
        called = _YEAR_BEFORE if is_by_year(state) else _BEFORE
        if place != recurring.place:
            other = f"state {place + 1}" if state.name is None else self.writer.called(state)
            called = _OTHER_BEFORE.format(other)
        return self.outside(lambda: (self.month_before(state, row, start, called), ATOM))

    def of_series(self, leaf: Traced, row: int | None) -> tuple[str, int]:
        """In a recurrence, the row of one of its series."""
        operand = self.recurring[-1].series[leaf.args[0]]
        return self.outside(lambda: self.operand(operand, row))

    def outside(self, written: Callable[[], tuple[str, int]]) -> tuple[str, int]:
        """Something written as it is outside the recurrence that is being written."""
        recurring = self.recurring.pop()
        found = written()
        self.recurring.append(recurring)
        return found

    def month_before(self, step: Traced, row: int | None, start: Any, called: str = _BEFORE) -> str:
        """The row before ``row`` of a step that begins with ``start`` (None: with nothing), ``called`` so in words."""
        return self.inside(start, None, SUM) if row == 0 and type(start) is Traced else called

    def rule(self, step: Traced) -> str:
        """What is looked for or summed over all rows."""
        operation, row = OPERATIONS[step.op], rules.row_looked_for(step)
        texts = [self.inside(value, row, operation.least_of(place)) for place, value in enumerate(step.args)]
        return operation.words.format(*texts)


class _Numbers(_Names):
    """Writes it with numbers."""

    def leaf(self, step: Traced, row: int | None, at: int | None) -> str:
        return number(element(step, row), step)

    def decided(self, condition: Traced, yes: Any, no: Any, row: int | None) -> tuple[str, int]:
        return self.operand(yes if element(condition, row) else no, row)

    def of_a_year(self, step: Traced, row: int | None) -> tuple[str, int]:
        return rules.of_a_year(step, row or 0), SUM

    def hours(self, step: Traced, month: slice, count: int, texts: Sequence[str]) -> str:
        return rules.of_hours(step, month, count, texts)

    def rule(self, step: Traced) -> str:
        return rules.with_numbers(step, self.writer.timeline)

    def lump(self, step: Traced, row: int | None) -> tuple[str, int]:
        _, month, amount = step.args
        if row is not None and element(month, None) != row + 1:
            return "0", ATOM
        return self.inside(amount, None, SUM), SUM

    def another_month(self, step: Traced, row: int | None) -> tuple[str, int]:
        return self.operand(step.args[0], month_read(step, row))

    def month_before(self, step: Traced, row: int | None, start: Any, called: str = _BEFORE) -> str:
        if not row and start is not None:
            return self.inside(start, None, SUM)
        return number(element(step, row - 1) if row else 0.0, rules.money(step) if start is None else step)


def _tidy(formula: str) -> str:
    return formula.replace(" + −", " − ").replace(" − −", " + ")


def _numbered(*formulas: str) -> list[str]:
    """The same formula in several ways, in which a long part that stands again has a number, the same in all of them.

    It is ``[1: ..]`` where it stands first, and ``[1]`` from then on; also where only another of them has it again.
    """
    marks = [_MARK.findall(formula) for formula in formulas]
    begun = [dict.fromkeys(part for kind, part in found if kind == "\x01") for found in marks]
    again = {part for found in marks for kind, part in found if kind == "\x04"}
    parts = dict.fromkeys(part for known in begun for part in known if part in again)
    numbers = {part: number for number, part in enumerate(parts, 1)}

    def told(known: Container[str], mark: re.Match[str]) -> str:
        kind, part = mark.groups()
        if kind == "\x04" and part not in known:
            return "…"  # of a part that no words have a place for only what stands for it again is there
        number = numbers.get(part)
        return {"\x01": f"[{number}: ", "\x03": "]", "\x04": f"[{number}]"}[kind] if number else ""

    return [_MARK.sub(partial(told, known), formula) for known, formula in zip(begun, formulas, strict=True)]


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
        return f"({number(element(value, 0))} .. {number(element(value, -1))})", ATOM
    return number(element(value, row)), ATOM if element(value, row) >= 0 else 6


def _is_plain(value: Any, wanted: float) -> bool:
    return type(value) is not Traced and bool(np.all(np.asarray(value) == wanted))


def _is_nothing(value: Any) -> bool:
    """Whether it is no number at all, where a figure does not exist."""
    return type(value) is not Traced and bool(np.isnan(np.asarray(value, dtype=np.float64)).all())
