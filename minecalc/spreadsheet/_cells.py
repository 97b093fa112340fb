"""Which nodes have cells of their own, and where: what others need as a range, what has a name, what is used twice.

Columns of every sheet with months are the same: label, unit, value, total, how it is made, a column that stays empty,
today, month 1 and so on. What comes before the first month of a row is therefore an empty cell, that counts as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from minecalc.spreadsheet._nodes import Node, Operand
from minecalc.trace import LEAVES
from minecalc.trace.operations import OPERATIONS

#: Columns from the left, counted from 0.
LABEL, UNIT, VALUE, TOTAL, HOW, EMPTY, TODAY = range(7)
FIRST_MONTH = TODAY + 1

#: The most operands that a formula has before parts of it get a row of their own.
_OPERANDS_MOST = 8

#: In a template of an operation: an operand or a working cell, and what of it.
TOKEN = re.compile(r"\{(\w+\+?)(?::(\w+))?\}")


class Place(NamedTuple):
    """Where the first row of a node stands: the sheet, its row and its column from 0."""

    sheet: str
    row: int
    column: int


@dataclass
class Row:
    """One row of a sheet: a node, or a working row or cell ``working`` of one; ``step``: it is one on the way only.

    ``held``: it is no flow but a balance, of which a year has that of its ``first`` month or of its ``last``.
    """

    node: Node
    working: str = ""
    label: str = ""
    unit: str = ""
    how: str = ""
    total: bool = False
    strong: bool = False
    step: bool = False
    held: Literal["", "first", "last"] = ""


@dataclass
class Section:
    """Rows of a sheet under one heading."""

    title: str
    rows: list[Row] = field(default_factory=list)


def in_order(tops: Iterable[Operand]) -> list[Node]:
    """Every node that ``tops`` are made of, once, after what it is made of; a recurrence after what its rows are."""
    done: dict[Node, None] = {}
    met: set[Node] = set()
    roots = [(top, False) for top in reversed(list(tops)) if isinstance(top, Node)]
    while roots:
        top, is_state = roots.pop()
        if is_state:  # what its rows are is done
            done[top] = None
            continue
        states: list[Node] = []
        waiting = [(top, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                done[node] = None
            elif node not in met:
                met.add(node)
                if node.op == "state":
                    states.append(node)
                    continue
                waiting.append((node, True))
                waiting += [(arg, False) for arg in reversed(node.nodes) if arg not in met]
        for state in reversed(states):
            roots += [(state, True), *((arg, False) for arg in state.nodes)]
    return list(done)


def ranged(node: Node) -> list[Node]:
    """The operands of which a node needs more than the number in the same row."""
    if node.op in ("at_points", "concatenate", "rows"):
        return node.nodes
    if node.op in LEAVES or node.op in ("calendar", "state", "spread", "states"):
        return []
    operation = OPERATIONS[node.op]
    templates = [operation.cell, *(template for _, template in operation.working)]
    if node.op == "accumulate" and is_product(node.args[0]):
        return list(node.args[0].nodes)
    wanted = {int(name) for text in templates for name, part in TOKEN.findall(text) if part and name.isdigit()}
    if operation.working:
        wanted |= set(range(len(node.args)))
    return [arg for place, arg in enumerate(node.args) if place in wanted and isinstance(arg, Node)]


def is_product(node: Operand) -> bool:
    """Whether it is the product of two rows that a sum over time can take at once."""
    return (
        isinstance(node, Node)
        and node.op == "multiply"
        and node.called is None
        and all(isinstance(arg, Node) and arg.rows == node.rows for arg in node.args)
    )


def passes_on(node: Node) -> bool:
    """Whether it is rows of another node as they are, which take no cells."""
    if node.op in ("rows", "spread"):
        return True
    of = node.args[0] if node.op == "month_before" and node.args[1] == 0.0 else None
    return isinstance(of, Node) and of.op not in ("rows", "spread") and of.rows > 1


class Cells:
    """The nodes that have cells, of all that ``tops`` are made of."""

    def __init__(self, tops: Sequence[Operand]) -> None:
        self.order = in_order(tops)
        self._uses: dict[Node, int] = dict.fromkeys(self.order, 0)
        self._must: set[Node] = {top for top in tops if isinstance(top, Node)}
        for node in self.order:
            for arg in node.nodes:
                self._uses[arg] += 1
                if node.rows > 1 and arg.rows == 1:
                    self._must.add(arg)
            self._must.update(ranged(node))
        self.placed: set[Node] = {node for node in self.order if node.op == "state"}
        self._operands: dict[Node, int] = {}
        for node in self.order:
            self._decide(node)

    def _decide(self, node: Node) -> None:
        inner = [arg for arg in node.nodes if self._seen(arg) not in self.placed]
        count = len(node.args) + sum(self._operands[self._seen(arg)] - 1 for arg in inner)
        for arg in sorted(inner, key=lambda arg: -self._operands[self._seen(arg)]):
            if count <= _OPERANDS_MOST and self._can_be_inside(node, arg):
                continue
            seen = self._seen(arg)
            if seen not in self.placed:
                count -= self._operands[seen] - 1
                self.placed.add(seen)
        self._operands[node] = max(count, 1)
        if self._has_cells(node):
            self.placed.add(node)

    @staticmethod
    def _can_be_inside(node: Node, arg: Node) -> bool:
        """Whether an operand may stand inside the formula of a node."""
        return not (arg.optional and node.rows == 1 and node.op != "where") and len(node.args) <= 4

    @staticmethod
    def _seen(node: Node) -> Node:
        """The node whose cells a node shows that has none."""
        while node.op in ("rows", "spread") and node.nodes:
            node = node.nodes[0]
        return node

    def _has_cells(self, node: Node) -> bool:
        is_named, must = bool(node.called), node in self._must
        if node.op in LEAVES or node.op in ("calendar", "state"):
            return True
        if node.op in ("rows", "spread"):
            return must and (is_named or node.op == "spread")
        if passes_on(node) and not is_named:
            return False
        operation = OPERATIONS[node.op]
        return is_named or must or bool(operation.working) or "{self:" in operation.cell or self._uses[node] > 1
