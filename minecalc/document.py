"""What a report is made of: tables, charts and notes, with raw numbers and their units.

A ``Document`` is all that a renderer in ``reports/`` sees. Numbers stay at full precision here; how they look
is the renderer's business, chosen from the unit. What cannot be shown honestly (NaN, an infinity, an unknown
unit, a ragged table) is refused with ``ValueError`` when it is built.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from minecalc.units import UNIT_SUFFIXES

Tone = Literal["plain", "good", "bad", "muted", "strong"]


@dataclass(frozen=True)
class Value:
    """A number with its unit (a suffix of ``units``), or no number and the reason why."""

    number: float | None
    unit: str
    reason: str = ""
    tone: Tone = "plain"

    def __post_init__(self) -> None:
        _check_number(self.number, self.unit)


class Text(NamedTuple):
    """A word or phrase; user text is escaped where it is printed, never here."""

    text: str
    tone: Tone = "plain"


Cell = Value | Text

#: A sentence, perhaps with numbers for the renderer to show: ``("worth ", Value(41.2e6, "usd"), " more")``.
Phrase = str | Sequence[str | Value]


class Column(NamedTuple):
    """``key`` is the machine name (with its unit), ``title`` the heading a person reads."""

    key: str
    title: str
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns, each row's label first; ``sections`` are row numbers ruled off above."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sections: Sequence[int] = ()
    caption: str = ""

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells for {len(self.columns)} columns")


class Series(NamedTuple):
    """One named line of a chart: ``values[i]`` belongs to the chart's ``labels[i]``; None is a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """Named series over shared labels, in one unit; ``line`` for an ordered axis, ``bar`` for a bare list."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str
    kind: Literal["line", "bar"] = "line"

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.labels):
                raise ValueError(
                    f"series {series.name!r} has {len(series.values)} values for {len(self.labels)} labels"
                )
            for number in series.values:
                _check_number(number, self.unit)


class Note(NamedTuple):
    """A paragraph: ``headline`` answers in a sentence, ``warning`` wants attention, ``plain`` explains."""

    text: Phrase
    kind: Literal["headline", "warning", "plain"] = "plain"
    bullets: Sequence[Phrase] = ()


Block = Table | Chart | Note


class Document(NamedTuple):
    """A whole answer: ``blocks`` for people, ``records`` as flat rows and ``data`` as a tree for machines."""

    title: str
    blocks: Sequence[Block]
    records: Table
    data: Mapping[str, Any] = MappingProxyType({})


def _check_number(number: float | None, unit: str) -> None:
    if unit not in UNIT_SUFFIXES:
        raise ValueError(f"{unit!r} is not a unit suffix")
    if number is not None and not math.isfinite(number):
        raise ValueError(f"{number} {unit} is not an answer; use None and a reason")
