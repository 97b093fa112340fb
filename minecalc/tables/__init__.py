"""Tables written to files as they are made: one module per format, found by its file name.

A report is a ``Document`` in memory; a table here may be larger than memory, for it comes in batches of rows. A format
is a module whose name has no leading underscore. It states ``SUFFIXES`` and has ``write(file, columns, batches)``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Literal, NamedTuple, Protocol, cast

from minecalc.arrays import FloatArray


class Column(NamedTuple):
    """One column: ``number`` (NaN is an empty cell), ``whole`` number, or ``text``, which is given as an index.

    The index of a text is its place in ``texts``, NaN for an empty cell; a list of texts may grow between batches.
    """

    name: str
    kind: Literal["number", "whole", "text"]
    texts: Sequence[str] = ()


#: Some rows of a table: one array ``(rows,)`` for each column.
Batch = Sequence[FloatArray]


class _Format(Protocol):
    SUFFIXES: tuple[str, ...]

    def write(self, file: BinaryIO, columns: Sequence[Column], batches: Iterable[Batch]) -> None: ...


def formats() -> tuple[str, ...]:
    """The names of all formats in alphabetical order, without importing any."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def format_for_suffix(suffix: str) -> str | None:
    """The format that writes files ending in ``suffix`` (``".csv"``, in any case), or None."""
    return next((name for name in formats() if suffix.lower() in _module(name).SUFFIXES), None)


def write(name: str, file: BinaryIO, columns: Sequence[Column], batches: Iterable[Batch]) -> None:
    """Write a table in the format called ``name`` to a binary file, one batch of rows after the other.

    The bytes depend on the rows and the batches alone. OSError if the file takes no more.
    """
    _module(name).write(file, columns, batches)


def _module(name: str) -> _Format:
    return cast(_Format, importlib.import_module(f"{__name__}.{name}"))
