"""Strict reading of the reference tables: one CSV row becomes one frozen dataclass.

The dataclass is the format: its fields are the columns, in order, then those of its base; a field without a default
must be filled in every row; a field's type says what a cell may hold. Anything else is refused with file and line,
because a figure that was dropped or misread in silence would be trusted like the others.
"""

import csv
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import MappingProxyType, NoneType
from typing import Any, Literal, NewType, TypeVar, get_args, get_origin, get_type_hints

#: Where the tables are.
TABLES = Path(__file__).parent

#: A day, month or year: ``2025-11-03``, ``2025-11`` or ``2025``; empty where a record has no such figure.
Date = NewType("Date", str)
UNDATED = Date("")

#: How far a figure can be trusted; see the page ``data`` of the manual.
Grade = Literal["A", "B", "C", "D", "calc", "J"]


class BadRecordError(ValueError):
    """A row or header of a reference table that cannot be read; the message holds file, line and column."""


@dataclass(frozen=True, eq=False, repr=False)
class Record:
    """One row of a reference table."""

    def together(self, *names: str) -> None:
        """Refuse, with ``ValueError``, a row that fills some of the named columns but not all."""
        missing = [name for name in names if getattr(self, name) in (None, "")]
        if missing and len(missing) < len(names):
            raise ValueError(f"{', '.join(missing)} must be filled where {names[0]} is")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sourced(Record):
    """A row that ends in where its figures come from: the last columns of its table, whatever those before are."""

    as_of: Date
    source: str
    address: str
    grade: Grade
    note: str = ""


R = TypeVar("R", bound=Record)
_Reader = Callable[[str], str | int | float]

_IDENTIFIER = re.compile(r"[a-z0-9]+([-._][a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def column_types(kind: type[Record]) -> dict[str, Any]:
    """The columns of ``kind``, its own first, and the type of a filled cell: ``{"power_w": float, ...}``."""
    hints = get_type_hints(kind)
    return {name: _filled(hints[name]) for name in dict.fromkeys((*kind.__annotations__, *hints))}


def read_records(path: Path, kind: type[R]) -> tuple[R, ...]:
    """Every row of the CSV file at ``path``; raises ``BadRecordError`` where one is not a ``kind``."""
    types = column_types(kind)
    required = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}
    readers = {name: _reader(hint) for name, hint in types.items()}
    records = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if header != list(types):
            raise BadRecordError(f"{path.name}:1: the columns must be {','.join(types)}, not {','.join(header)}")
        for row in reader:
            place = f"{path.name}:{reader.line_num}"
            if len(row) != len(header):
                raise BadRecordError(f"{place}: {len(row)} cells for {len(header)} columns")
            values = {}
            for name, cell in zip(header, row, strict=True):
                if cell:
                    try:
                        values[name] = readers[name](cell)
                    except ValueError as error:
                        raise BadRecordError(f"{place}: {name} is {cell!r}: {error}") from error
                elif name in required:
                    raise BadRecordError(f"{place}: {name} is empty")
            try:
                records.append(kind(**values))
            except ValueError as error:
                raise BadRecordError(f"{place}: {error}") from error
    return tuple(records)


def read_catalogue(path: Path, kind: type[R]) -> Mapping[str, R]:
    """The rows of ``path`` by their first column, an identifier; raises as ``read_records`` does."""
    key = next(iter(kind.__annotations__))
    found: dict[str, R] = {}
    for record in read_records(path, kind):
        name = getattr(record, key)
        if not _IDENTIFIER.fullmatch(name):
            raise BadRecordError(f"{path.name}: {name!r} is not an identifier of lower-case words")
        if name in found:
            raise BadRecordError(f"{path.name}: {name} appears twice")
        found[name] = record
    return MappingProxyType(found)


def _filled(hint: Any) -> Any:
    """``float | None`` is a float where the cell is filled."""
    parts = [part for part in get_args(hint) if part is not NoneType]
    return parts[0] if NoneType in get_args(hint) else hint


def _reader(hint: Any) -> _Reader:
    """What turns a filled cell into a value of this type, or raises ``ValueError``."""
    if get_origin(hint) is not Literal:
        return _READERS[hint]
    choices = get_args(hint)

    def choice(cell: str) -> str:
        if cell not in choices:
            raise ValueError(f"choose one of {', '.join(choices)}")
        return cell

    return choice


def _text(cell: str) -> str:
    if cell != cell.strip():
        raise ValueError("spaces around the text")
    return cell


def _date(cell: str) -> str:
    if not _DATE.fullmatch(cell):
        raise ValueError("dates are YYYY, YYYY-MM or YYYY-MM-DD")
    return cell


def _number(cell: str) -> float:
    number = float(cell)
    if not (math.isfinite(number) and number >= 0.0):
        raise ValueError("numbers are finite and not negative")
    return number


_READERS: Mapping[Any, _Reader] = {
    str: _text,
    Date: _date,
    int: int,
    float: _number,
}


def plain_name(name: str) -> str:
    """A name without what people write otherwise: capitals, spaces, hyphens, and + for plus."""
    return "".join(char for char in name.casefold().replace("+", "plus") if char.isalnum())


def per(amount: float | None, parts: float | None) -> float | None:
    """What each of the parts has of an amount; None where either is not published."""
    return None if amount is None or parts is None else amount / parts
