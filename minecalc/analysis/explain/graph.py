"""A trace as a graph: its steps in order, each once, and as plain data that other programs can compute again.

In the data every step comes after its operands. A leaf (``input``, ``date``, ``constant``) has its value; any other
step has its operation (see ``minecalc.trace.operations``), its operands (``{"step": n}`` for an earlier step, else a
number or a list of them, one a row) and its number of rows. A ``recurrence`` begins with its first operand; its
``body`` are the steps that make a row of the row ``before`` and of a ``row`` of each further operand, which goes by its
number.
``recurrences`` are ``states`` of them at once, their rows one after the other. They begin with as many operands, a row
``before`` has the number of its state, and ``results`` are the steps of the body that are the new row of each.
NaN is null and an infinity the text ``inf`` or ``-inf``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from minecalc.trace import Traced
from minecalc.trace.replay import Body, in_order


def merged(*tops: Traced) -> list[Traced]:
    """``tops`` with steps that do the same made one, under the shortest of their names; a top keeps its own."""
    known: dict[Any, Traced] = {}
    become: dict[Traced, Traced] = {}
    for step in in_order(tops):
        args = tuple(become[arg] if type(arg) is Traced else arg for arg in step.args)
        leaf = step.name if not args else None
        key = (step.op, leaf, *(_key(arg) for arg in (*args, *step.rest)))
        same = known.setdefault(key, Traced(step.value, step.op, args, step.name, step.months, step.rest))
        same.name = min((name for name in (same.name, step.name) if name), key=len, default=None)
        become[step] = same
    for top in tops:
        become[top].name = top.name or become[top].name
    return [become[top] for top in tops]


def _key(arg: Any) -> Any:
    if isinstance(arg, np.ndarray):
        return arg.shape, arg.tobytes()
    return tuple(arg) if isinstance(arg, list) else arg


def beside(tops: Iterable[Traced]) -> list[Traced]:
    """The named rows of all recurrences of which some of several at once are in ``tops``, whether used there or not."""
    together = [step.rest[0] for step in in_order(tops) if step.op == "recurrences"]
    return list(dict.fromkeys(state for body in together for state in body.states if state.name is not None))


def data(tops: Iterable[Traced]) -> tuple[list[dict[str, Any]], dict[Traced, int]]:
    """The steps that ``tops`` are made of as plain data, and the number (from 0) of each."""
    steps = in_order(tops)
    number_of = {step: number for number, step in enumerate(steps)}
    return [_step(step, number_of) for step in steps], number_of


def numbers(value: Any) -> Any:
    """The number, or list of numbers by row, of an array."""
    flat = [plain_number(x) for x in np.asarray(value).reshape(-1).tolist()]
    return flat if len(flat) > 1 else flat[0]


def plain_number(value: float) -> float | str | None:
    """A number for JSON, which has no NaN and no infinity; 1 or 0 for truth."""
    if np.isfinite(value):
        return int(value) if isinstance(value, bool) else value
    return None if np.isnan(value) else "inf" if value > 0 else "-inf"


def _step(step: Traced, number_of: Mapping[Traced, int]) -> dict[str, Any]:
    name = {"name": step.name} if step.name else {}
    if step.op == "before":
        return {"op": step.op, "args": list(step.args)} if step.args else {"op": step.op}
    if not step.args:
        return {"op": step.op, **name, "value": numbers(step.value)}
    args = [{"step": number_of[arg]} if type(arg) is Traced else _operand(arg) for arg in step.args]
    found = {"op": step.op, **name, "rows": int(step.value.size), "args": args}
    if step.rest and isinstance(step.rest[0], Body):
        body = step.rest[0]
        found["body"], number_in = data(body.results)
        if step.op == "recurrences":
            found |= {"states": len(body.befores), "results": [number_in[result] for result in body.results]}
    return found


def _operand(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [bool(item) if isinstance(item, bool | np.bool_) else float(item) for item in value]
    return numbers(value)
