"""Typed answers as programs have them: one tree for JSON and rows for CSV and frames, by the names of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.loading import Reading
from minecalc.scenario import Scenario
from minecalc.units import unit_of
from minecalc.version import VERSION

#: What stands in a row: a cell, a word, whether something is so, or a number whose unit ends the column's name.
Entry = Cell | str | bool | float | None


def heading(question: str, reading: Reading | None = None, scenario: Scenario | None = None) -> dict[str, Any]:
    """How the tree of each question begins: format and version, then which file and scenario it is about."""
    found: dict[str, Any] = {"format": f"minecalc.{question}/1", "version": VERSION}
    if reading is not None:
        found |= reading.identity
    return found if scenario is None else found | {"name": scenario.name}


def tree(value: Any) -> Any:
    """A typed answer as plain data: fields are keys, arrays and tuples lists, and a number that is none is None.

    Estimates say themselves what they are.
    """
    match value:
        case np.ndarray():
            return tree(value.tolist())
        case Mapping():
            return {key: tree(one) for key, one in value.items()}
        case tuple() if hasattr(value, "data"):
            return value.data()
        case tuple() if hasattr(value, "_asdict"):
            return tree(value._asdict())
        case list() | tuple():
            return [tree(one) for one in value]
        case float() if value != value:
            return None
        case _:
            return value


def rows(title: str, found: Iterable[Mapping[str, Entry]], columns: Sequence[str] = ()) -> Table:
    """A table of records: a column for each name, in the order in which they come; what a row lacks stays empty.

    ``columns`` are there even without a row.
    """
    listed = list(found)
    names = list(dict.fromkeys([*columns, *(name for row in listed for name in row)]))
    cells = [[_cell(name, row.get(name, "")) for name in names] for row in listed]
    return Table(title, [Column(name, name) for name in names], cells)


def _cell(name: str, entry: Entry) -> Cell:
    match entry:
        case Value() | Text():
            return entry
        case str():
            return Text(entry)
        case bool():
            return Text("true" if entry else "false")
        case _:
            return Value(entry, unit_of(name) or "ratio")
