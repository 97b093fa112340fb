"""A trace as what a spreadsheet computes: each step once, recurrences as rows made of the cells before them.

A ``Node`` is a number or a row of numbers and the operation that makes it of other nodes or plain numbers. What does
nothing is left out. A recurrence is opened: the row before a row of it is a row of its own that
starts where the recurrence does, so that its formula is one of a month and the month before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray, accumulate
from minecalc.trace import LEAVES, Traced, plain
from minecalc.trace.operations import OPERATIONS
from minecalc.trace.replay import Body, in_order

_ZERO = 0.0
#: Numbers that leave the other operand as it is, beside those that operations tell.
_NEUTRAL = {"bitwise_and": (1.0, 1.0), "maximum": (-np.inf, -np.inf), "minimum": (np.inf, np.inf)}

#: What reads prices by the hour: they are operand 0 of the one of these, 1 of those that take something else first.
_OF_HOURS = frozenset({"count_below", "share_of_cheapest", "paid_for_cheapest", "paid_for_dearest", "mean_of_hours"})


class Node:
    """One number or row of numbers: ``value (rows,)``, made by ``op`` of ``args``, which are nodes or plain numbers.

    ``called`` is the name that the trace has for it; ``months`` and ``rest`` are as in a trace. ``optional``: a number
    may not exist, and its cell then says none.
    """

    __slots__ = ("args", "called", "months", "op", "optional", "rest", "value")

    def __init__(
        self,
        op: str,
        args: tuple[Any, ...],
        value: Any,
        called: str | None = None,
        months: tuple[int, ...] = (),
        rest: tuple[Any, ...] = (),
    ) -> None:
        self.op, self.args, self.called, self.months, self.rest = op, args, called, months, rest
        self.value = np.asarray(value).reshape(-1)
        self.optional = _optional(op, args)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self.value.size)

    @property
    def total(self) -> float:
        """The sum of its rows."""
        return total(self.value)

    @property
    def nodes(self) -> list[Node]:
        """Those of its operands that are nodes."""
        return [arg for arg in self.args if isinstance(arg, Node)]


def total(values: FloatArray) -> float:
    """The sum of plain numbers; what is no number counts as nothing."""
    return float(accumulate(np.nan_to_num(values, nan=0.0)[:, None])[0])


Operand = Node | float


class Nodes:
    """The nodes of a trace, each made once."""

    def __init__(self) -> None:
        self._known: dict[Any, Node] = {}
        self._of: dict[Traced, Operand] = {}
        self._states_of: dict[Any, list[Operand]] = {}
        #: Of the prices by the hour that were met: how many hours each is of, and where each of their months ends.
        self.hours: dict[Node, tuple[FloatArray, tuple[int, ...]]] = {}

    def of(self, tops: Iterable[Traced]) -> list[Operand]:
        """The nodes of ``tops``, in their order."""
        tops = list(tops)
        for step in in_order(tops):
            self._of[step] = self._of_step(step, [self._operand(arg) for arg in step.args])
        return [self._of[top] for top in tops]

    def known(self, step: Traced) -> Operand:
        """The node of a step that was met on the way to ``of``."""
        return self._of[step]

    def row(self, operand: Operand, rows: int) -> Node:
        """``operand`` as a node of so many rows."""
        if isinstance(operand, Node) and operand.rows == rows:
            return operand
        return self._once(Node("spread", (operand,), np.broadcast_to(_value(operand), (rows,))))

    def _operand(self, arg: Any) -> Any:
        if type(arg) is Traced:
            return self._of[arg]
        if isinstance(arg, list | tuple):
            flags = np.asarray(arg)
            return self.plain(flags) if flags.size and flags.dtype != np.bool_ else arg
        return self.plain(np.asarray(arg))

    def plain(self, array: Any) -> Operand:
        """Plain numbers: one for all rows where they are the same."""
        flat = np.asarray(array, dtype=np.float64).reshape(-1)
        if (flat.size and (flat == flat[0]).all()) or np.isnan(flat).all():
            return float(flat[0])
        return self._once(Node("calendar", (), flat))

    def _once(self, made: Node) -> Node:
        """``made``, or what was made before of the same, which goes by the shorter of the two names."""
        leaf = (made.called, made.value.tobytes()) if not made.args else None
        found = self._known.setdefault((made.op, leaf, tuple(map(_key, made.args)), made.rest, made.rows), made)
        if made.called and (found.called is None or len(made.called) < len(found.called)):
            found.called = made.called
        return found

    def _of_step(self, step: Traced, args: Sequence[Any]) -> Operand:
        op, value = step.op, plain(step)
        if not value.size:
            return _ZERO
        if op in LEAVES or not step.args:
            flat = value.reshape(-1)
            if op == "constant" and ((value.size > 1 and (flat == flat[0]).all()) or np.isnan(flat).any()):
                return float(flat[0])
            return self._once(Node(op, (), value, step.name, step.months))
        if op in ("recurrence", "recurrences"):
            states = self._opened(step, args)
            return states[0] if op == "recurrence" else self._once(Node("states", tuple(states), value))
        if op == "rows":
            return self._rows(step, args)
        if op == "concatenate" and len(args) > 2:
            return self._joined_one_by_one(step, args)
        return self.made(op, args, value, step.name, step.rest)

    def _rows(self, step: Traced, args: Sequence[Any]) -> Operand:
        of, first = args[0], int(step.args[1])
        if not isinstance(of, Node):
            return float(of)
        if of.op == "states":
            state = of.args[first // step.value.size]
            return self._named(state, step.name)
        if of.rows == 1 or (first == 0 and of.rows == step.value.size):
            return of
        if of.op == "spread":
            return self.row(of.args[0], step.value.size) if step.value.size > 1 else of.args[0]
        if of.op == "rows":
            of, first = of.args[0], first + of.rest[0]
        return self._once(Node("rows", (of,), step.value, step.name, rest=(first,)))

    @staticmethod
    def _named(node: Operand, name: str | None) -> Operand:
        if name and isinstance(node, Node) and node.called is None and node.op not in LEAVES:
            node.called = name
        return node

    def made(
        self, op: str, args: Sequence[Any], value: Any, name: str | None = None, rest: tuple[Any, ...] = ()
    ) -> Operand:
        """A node, or the operand or number that it comes to."""
        rows = int(np.size(value))
        if OPERATIONS[op].reads == "same" and op != "truth":
            return self._named(self._resized(args[0], rows), name)
        if op == "truth" and not isinstance(args[0], Node):
            return float(args[0])
        short = _shortened(op, args)
        if short is not None:
            return self._named(self._resized(short, rows), name)
        if op == "added":
            parts = [part for part in args[1:] if isinstance(part, Node) or part != _ZERO]
            if not parts:
                return _ZERO
            if len(parts) == 1:
                return self._named(self._resized(parts[0], rows), name)
            args = (0.0, *parts)
        elif op == "at_points":
            return self._at_points(args, value, name)
        elif op == "concatenate":
            return self._joined(args, value, name)
        elif op in ("rows_at", "at_month") and (not isinstance(args[0], Node) or args[0].rows == 1):
            return self._resized(args[0], rows)
        elif op == "accumulate" and not isinstance(args[0], Node):  # it has forgotten how many rows it is of
            return float(np.reshape(value, -1)[0])
        elif op == "accumulate" and args[0].rows == 1:
            return self._named(args[0], name)
        elif op == "stretches":
            return self._stretches(args, value, name)
        elif op in _OF_HOURS:
            args = self._of_hours(op, args)
        elif op == "placed" and not isinstance(args[1], Node):
            return self._once(Node("lump", (args[0], args[1] + 1.0, args[2]), value, name))
        elif op == "running_total" and (args[0] == _ZERO or rows == 1):
            return self._named(self._resized(args[0], rows), name)
        elif op == "month_before":
            if args[0] == _ZERO and args[1] == _ZERO:
                return _ZERO
            if rows == 1:
                return self._named(args[1], name)
        return self._once(Node(op, tuple(args), value, name, rest=rest))

    def _resized(self, operand: Operand, rows: int) -> Operand:
        if not isinstance(operand, Node) or operand.rows == rows or operand.rows != 1:
            return operand
        return self.row(operand, rows)

    def _at_points(self, args: Sequence[Any], value: Any, name: str | None) -> Operand:
        months, early, parts = int(args[0]), args[1], args[2:]
        kept = [(self.row(p, months), e) for p, e in zip(parts, early, strict=True) if isinstance(p, Node) or p]
        if not kept:
            return _ZERO
        return self._once(
            Node("at_points", tuple(p for p, _ in kept), value, name, rest=tuple(bool(e) for _, e in kept))
        )

    def _stretches(self, args: Sequence[Any], value: Any, name: str | None) -> Operand:
        values, ends = args
        if not isinstance(values, Node) and values == _ZERO:
            return _ZERO
        last = ends.value[-1] if isinstance(ends, Node) else ends
        values = self.row(values, int(last))
        if not isinstance(ends, Node):
            return self._once(Node("accumulate", (values,), value, name))
        return self._once(Node("stretches", (values, ends), value, name))

    def _of_hours(self, op: str, args: Sequence[Any]) -> Sequence[Any]:
        """What picks among prices by the hour, these, and which of their months, from 1, each month has.

        ``args`` are those of the functions in ``minecalc.series.sorted_hours``.
        """
        *picked, bounds, months = args
        if op == "share_of_cheapest":  # which prices are counted says what counts them
            picked.insert(1, picked[0].args[1])
        prices, weights = picked[-2:] if op != "count_below" else (picked[-1], None)
        ends = tuple(int(end) for end in bounds.value)
        if weights is not None:
            self.hours[prices] = np.broadcast_to(_value(weights), (ends[-1],)), ends
            picked.pop()
        else:
            self.hours.setdefault(prices, (np.ones(ends[-1]), ends))
        if isinstance(months, Node):
            return *picked, self._once(Node("calendar", (), months.value + 1.0, "column_of_hourly_prices"))
        return *picked, months + 1.0

    def _joined_one_by_one(self, step: Traced, args: Sequence[Any]) -> Operand:
        """More than two parts joined, as a formula has them: two at a time."""
        ends = list(itertools.accumulate(len(plain(part)) for part in step.args))
        found: Operand = args[0]
        value = plain(step)
        for part, begin, end in zip(args[1:], ends, ends[1:], strict=False):
            both = (self.row(found, begin), part if isinstance(part, Node) else self.row(part, end - begin))
            found = self._joined(both, value[:end], step.name if end == len(value) else None)
        return found

    def _joined(self, args: Sequence[Any], value: Any, name: str | None) -> Operand:
        if all(not isinstance(arg, Node) and arg == args[0] for arg in args):
            return float(args[0])
        return self._once(Node("concatenate", tuple(args), value, name))

    def _opened(self, step: Traced, args: Sequence[Any]) -> list[Operand]:
        """The states of a recurrence, or of several at once: each a row whose formula is that of a row of the body.

        One that was met before, in another corner or plan, is the same rows.
        """
        body: Body = step.rest[0]
        count = len(body.befores)
        starts, series = args[:count], args[count:]
        values = np.asarray(plain(step)).reshape(count, -1)
        names = [state.name for state in body.states] or [step.name]
        rows = values.shape[1]
        key = (_shape(body), *map(_key, args), rows)
        if key in self._states_of:
            return [self._named(state, name) for state, name in zip(self._states_of[key], names, strict=True)]
        states = [Node("state", (), value, name) for value, name in zip(values, names, strict=True)]
        found: dict[Traced, Operand] = {}
        for leaf, state, start in zip(body.befores, states, starts, strict=True):
            before = np.concatenate([np.reshape(_value(start), -1)[:1], state.value[:-1]])
            found[leaf] = start if rows == 1 else self._once(Node("month_before", (state, start), before))
        found |= dict(zip(body.rows, series, strict=True))
        for inner in body.steps:
            if inner in found:
                continue
            operands = [found[arg] if type(arg) is Traced else self._operand(arg) for arg in inner.args]
            value = np.asarray(plain(inner)).reshape(-1)
            value = np.broadcast_to(value, (rows,)) if value.size == 1 and rows > 1 else value
            widest = max((operand.rows for operand in operands if isinstance(operand, Node)), default=1)
            found[inner] = self.made(inner.op, operands, value[:widest], None, inner.rest)
        for state, result in zip(states, body.results, strict=True):
            state.args = (found[result],)
        self._states_of[key] = list(states)
        return list(states)


def _optional(op: str, args: Sequence[Any]) -> bool:
    if op in LEAVES or op in ("calendar", "state", "states"):
        return False
    if op == "where":
        args = args[1:]
    elif op in OPERATIONS:
        operation = OPERATIONS[op]
        if '"none"' in operation.cell or operation.reads == "all":
            return '"none"' in operation.cell
    return any(arg.optional if isinstance(arg, Node) else arg != arg for arg in args)


def _value(operand: Operand) -> Any:
    return operand.value if isinstance(operand, Node) else np.array([operand])


def _shape(body: Body) -> tuple[Any, ...]:
    """What a body computes, whatever it is given: equal of bodies that do the same."""
    given = (*body.befores, *body.rows)
    number: dict[Traced, int] = {leaf: place for place, leaf in enumerate(given)}
    found: list[Any] = []
    for step in body.steps:
        if step not in number:
            number[step] = len(number)
            args = (number[arg] if type(arg) is Traced else np.asarray(arg).tobytes() for arg in step.args)
            found.append((step.op, step.rest, *args))
    return (len(body.befores), *found, *(number[result] for result in body.results))


def _key(arg: Any) -> Any:
    return id(arg) if isinstance(arg, Node) else repr(arg)


def _shortened(op: str, args: Sequence[Any]) -> Any:
    """The operand that an operation of one row comes to, or nothing; None where it does something."""
    if OPERATIONS[op].reads == "row" and op != "where":
        absent = [arg for arg in args if isinstance(arg, float) and arg != arg]
        if absent:
            return absent[0]
    if op in ("multiply", "bitwise_and") and any(not isinstance(arg, Node) and arg == _ZERO for arg in args):
        return _ZERO
    if op == "divide" and not isinstance(args[0], Node) and args[0] == _ZERO:
        return _ZERO
    if op == "where" and not isinstance(args[0], Node):
        return args[1] if args[0] else args[2]
    for place, same in enumerate(_NEUTRAL.get(op, OPERATIONS[op].neutral)):
        if same is not None and len(args) == 2 and not isinstance(args[place], Node) and args[place] == same:
            return args[1 - place]
    return None
