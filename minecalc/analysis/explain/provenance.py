"""Where each input of a scenario came from: a line of the file, the command line, a record, or a default."""

from __future__ import annotations

from typing import NamedTuple

from minecalc.loading import Defaulted, Reading, defaulted
from minecalc.schema.diagnostics import COMMAND_LINE
from minecalc.schema.names import quoted, split_path
from minecalc.schema.node import Node
from minecalc.timeline import parse_month


class Origin(NamedTuple):
    """One source: a place in a text (``file``, ``line``, ``column``), or a record with its date.

    ``source`` at a place is what it refers to: the CSV file and its column, or what was set.
    """

    file: str | None
    line: int | None
    column: int | None
    source: str
    as_of: str = ""
    from_record: bool = False

    @property
    def text(self) -> str:
        """The source in a phrase."""
        if self.file == COMMAND_LINE:
            return f"--set {self.source}"
        if self.file is not None:
            return f"{self.file}:{self.line}:{self.column}" + (f" ({self.source})" if self.source else "")
        kind = "record" if self.from_record else "default"
        return f"{kind}, {self.as_of}: {self.source}" if self.as_of else f"{kind}: {self.source}"


class Origins:
    """The sources of everything in one file that was read."""

    def __init__(self, reading: Reading) -> None:
        if reading.scenario is None or reading.node is None:
            raise ValueError(f"{reading.file} holds no scenario")
        self._node = reading.node
        self._defaults: dict[str, Defaulted] = {item.path: item for item in defaulted(reading.scenario)}

    def of(self, path: str, row: int | None = None) -> Origin:
        """The source of the input at ``path``; of its ``row``-th amount where it has several."""
        parts = split_path(path)
        node = _written(self._node, parts, row)
        if node is not None:
            source = node.source
            text = source.line(node.mark.line).strip() if source.name == COMMAND_LINE else _table(self._node, parts)
            return Origin(source.name, node.mark.line, node.mark.column, text)
        found = self._defaults.get(".".join(quoted(part) for part in parts))
        if found is None:
            return Origin(None, None, None, "convention")
        return Origin(None, None, None, found.source, found.as_of, found.from_record)


def _table(root: Node, parts: list[str]) -> str:
    """The CSV file and column that hold an input over time, or ""."""
    node: Node | None = root
    for part in parts[:-1]:
        node = None if node is None else node.child(part)
    file, column = (None, None) if node is None else (node.child("csv"), node.child("column"))
    if parts[-1] != "csv" or file is None:
        return ""
    return f"{file.value}, column {column.value}" if column is not None else str(file.value)


#: Parts of a value over time.
_OVER_TIME = ("start", "csv", "steps", "points", "scale", "shift")


def _written(root: Node, parts: list[str], row: int | None) -> Node | None:
    """The node that states an input, or None where the file does not."""
    node: Node | None = root
    for part in parts:
        assert node is not None
        below = node.child(part)
        if below is None and part in _OVER_TIME and not isinstance(node.value, dict):
            return node
        node = below
        if node is None:
            return None
    if node is not None and row is not None and isinstance(node.value, list):
        return node.value[row]
    if parts[-1] in ("steps", "points") and node is not None and isinstance(node.value, dict) and row is not None:
        ascending = sorted(node.value, key=parse_month)
        return node.value[ascending[row]]
    if node is not None and isinstance(node.value, dict):
        return node.child("value") or (None if node.value.keys() & {"scale", "shift"} else node)
    return node
