"""The values of working cells, which no trace has: templates of ``minecalc.trace.operations`` computed here.

A viewer that does not calculate shows what a cell remembers, so working rows remember what they come to. Templates are
constants of this package, in the few functions below; each is read as Python once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.spreadsheet._cells import TOKEN
from minecalc.spreadsheet._nodes import Node, total
from minecalc.trace.operations import OPERATIONS

_FUNCTIONS: Mapping[str, Any] = {
    "IF": lambda condition, yes, no: yes if condition else no,
    "AND": lambda *all_: all(all_),
    "OR": lambda *any_: any(any_),
    "ABS": abs,
    "SIGN": np.sign,
    "MAX": lambda *of: max(float(np.max(one)) for one in of),
    "MIN": lambda *of: min(float(np.min(one)) for one in of),
    "SUM": total,
    "ISODD": lambda number: int(number) % 2 == 1,
    "INDEX": lambda row, _, place: row[int(place) - 1],
    "MATCH": lambda wanted, row, _: _place(wanted, row),
    "NPV": lambda rate, flows: total(flows * (1.0 + rate) ** -np.arange(1.0, len(flows) + 1.0)),
    "SUMIF": lambda row, sign, least: total(row[row > least if sign == ">" else row < least]),
}


def _place(wanted: float, row: FloatArray) -> int:
    found = np.flatnonzero(row == wanted)
    return int(found[0]) + 1 if found.size else 1


def worked(node: Node, numbers: Mapping[str, Any]) -> dict[str, FloatArray]:
    """The values of every working row and cell of ``node`` by its name; ``numbers`` are those that templates name."""
    operands = {f"_{place}": _rows(arg) for place, arg in enumerate(node.args)}
    known: dict[str, Any] = {**numbers, **operands, "rows": len(operands["_0"])}
    found: dict[str, FloatArray] = {}
    for name, template in OPERATIONS[node.op].working:
        bare = re.sub(r"\[.*", "", name)
        rows = len(numbers["rates"]) if name.endswith("[rates]") else known["rows"] if name.endswith("[]") else 1
        known[bare] = found[name] = _computed(template, known, rows)
    return found


def _rows(arg: Any) -> FloatArray:
    return arg.value if isinstance(arg, Node) else np.array([float(arg)])


def _computed(template: str, known: Mapping[str, Any], rows: int) -> FloatArray:
    code, values = _read(template), np.zeros(rows)
    for row in range(rows):

        def at(name: str, part: str, row: int = row) -> Any:
            if name == "row":
                return row + 1.0
            of = values if name == "self" else known[{"rate": "rates"}.get(name, name)]
            if part == "all" or not isinstance(of, np.ndarray):
                return of
            if part == "before":
                return of[row - 1] if row else 0.0
            return of[row if len(of) > 1 else 0]

        with np.errstate(all="ignore"):  # both ways of an IF are computed, also the one that is not taken
            values[row] = eval(code, {"__builtins__": {}, **_FUNCTIONS, "at": at})
    return values


@lru_cache(maxsize=256)
def _read(template: str) -> CodeType:
    """A template as Python, in which ``at`` gives what a token stands for."""

    def token(match: re.Match[str]) -> str:
        name = f"_{match[1]}" if match[1].isdigit() else match[1]
        return f"at({name!r},{match[2] or ''!r})"

    text = template.replace("<>", "!=").replace("^", "**")
    text = re.sub(r'"([<>])"&', r'"\1",', text)
    text = re.sub(r"(?<![<>!])=", "==", text)
    return compile(TOKEN.sub(token, text), template, "eval")
