"""How a row is made, in words: what an operation does with its operands, each by its name."""

from __future__ import annotations

from collections.abc import Callable

from minecalc.spreadsheet._nodes import Node, Operand
from minecalc.trace import LEAVES
from minecalc.trace.operations import ATOM, LOOSE, OPERATIONS, SUM

#: How deep steps without a name are written out, and how long a text may be.
_DEEP, _LONG = 3, 240


def words(node: Node, called: Callable[[Node], str]) -> str:
    """How ``node`` is made of the nearest quantities that are ``called`` something; "" of what is typed."""
    if node.op in LEAVES or node.op == "calendar":
        return ""
    if node.op == "shown":
        return _operand(node.args[0], called, 0)[0]
    text = _made(node, called, 0)[0]
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def _operand(operand: Operand, called: Callable[[Node], str], depth: int) -> tuple[str, int]:
    if not isinstance(operand, Node):
        return ("nothing" if operand != operand else f"{operand:.6g}"), ATOM if operand >= 0 else SUM
    name = called(operand)
    if name:
        return name, ATOM
    if operand.op in ("spread", "rows", "truth"):
        return _operand(operand.args[0], called, depth)
    if depth >= _DEEP or operand.op in LEAVES or operand.op == "calendar":
        return "…", ATOM
    return _made(operand, called, depth + 1)


def _made(node: Node, called: Callable[[Node], str], depth: int) -> tuple[str, int]:
    if node.op in ("state", "spread", "rows", "truth"):
        return _operand(node.args[0], called, depth)
    if node.op == "month_before":
        text, binds = _operand(node.args[0], called, depth)
        return f"{text if binds >= ATOM else f'({text})'} of the column before", ATOM
    if node.op in ("added", "at_points"):
        texts = [_operand(arg, called, depth) for arg in node.args if isinstance(arg, Node)]
        told = " + ".join(text if binds >= SUM else f"({text})" for text, binds in texts)
        return (f"{told}, at the end or the start of the month" if node.op == "at_points" else told), SUM
    operation = OPERATIONS[node.op]
    texts = [_operand(arg, called, depth) for arg in node.args]
    inside = [text if binds >= operation.least_of(place) else f"({text})" for place, (text, binds) in enumerate(texts)]
    return operation.words.format(*inside), operation.binds or LOOSE
