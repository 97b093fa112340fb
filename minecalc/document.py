"""What a report is made of: tables, charts and notes, with raw numbers and their units.

A ``Document`` is all that a renderer in ``reports/`` sees. Numbers stay at full precision here; how they look
is the renderer's business, chosen from the unit. What cannot be shown honestly (NaN, an infinity, an unknown
unit, a ragged table) is refused with ``ValueError`` when it is built.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from minecalc.units import UNIT_SUFFIXES, unit_of

Tone = Literal["plain", "good", "bad", "muted", "strong"]

#: The bare name of a page: no way to another folder, and no scheme.
_PAGE = re.compile(r"([a-z0-9][a-z0-9-]*\.html)?")

#: How far shares may miss 1 by adding up.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Value:
    """A number with its unit (a suffix of ``units``), or no number and the reason why.

    ``error`` is the standard error of a number that was estimated: people see no digit beyond its first.
    ``bound`` takes the number's place for them where all that is known is that it lies below (or above) that:
    ``Value(0.0, "fraction", bound=0.004)`` is ``< 0.4%``.
    """

    number: float | None
    unit: str
    reason: str = ""
    tone: Tone = "plain"
    error: float | None = None
    bound: float | None = None

    def __post_init__(self) -> None:
        for number in (self.number, self.error, self.bound):
            _check_number(number, self.unit)
        if self.number is None and not self.error is self.bound is None:
            raise ValueError("a missing number has neither error nor bound")
        if self.error is not None and self.error < 0.0:
            raise ValueError(f"{self.error} is no standard error")
        if self.bound is not None and self.bound == self.number:
            raise ValueError(f"{self.bound} does not bound itself")


class Text(NamedTuple):
    """A word or phrase; user text is escaped where it is printed, never here."""

    text: str
    tone: Tone = "plain"


Cell = Value | Text

#: A sentence, perhaps with numbers for the renderer to show: ``("worth ", Value(41.2e6, "usd"), " more")``.
Phrase = str | Sequence[str | Value]


class Column(NamedTuple):
    """``key`` is the machine name (with its unit), ``title`` the heading a person reads.

    With ``errors`` the errors of its estimates are written out: ``$41.2M ± 0.4M``.
    """

    key: str
    title: str
    align: Literal["left", "right"] = "right"
    errors: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns, each row's label first; ``sections`` are row numbers ruled off above.

    A ``picture`` shows figures of the table; formats without pictures leave it out, for the table says as much. A row's
    label may lead to a page in the same folder, whose bare name stands at its place in ``links``.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sections: Sequence[int] = ()
    caption: str = ""
    picture: "Chart | None" = None
    links: Sequence[str] = ()

    def __post_init__(self) -> None:
        for link in self.links:
            if not _PAGE.fullmatch(link):
                raise ValueError(f"{link!r} is not the name of a page in the same folder")
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells for {len(self.columns)} columns")

    def plain_columns(self) -> Iterator[tuple[str, list[str | float | None]]]:
        """Words and numbers by column: ``npv_usd``, if estimated, is followed by ``npv_standard_error_usd``.

        A number that does not exist is None, as is the error of one that is not estimated.
        """
        for number, column in enumerate(self.columns):
            cells = [row[number] for row in self.rows]
            yield column.key, [_plain(cell) for cell in cells]
            errors = [cell.error if isinstance(cell, Value) else None for cell in cells]
            if any(error is not None for error in errors):
                unit = unit_of(column.key) or ""
                parts = (column.key.removesuffix(unit).rstrip("_"), "standard_error", unit)
                yield "_".join(filter(None, parts)), list(errors)


def _plain(cell: Cell) -> str | float | None:
    if isinstance(cell, Text):
        return cell.text
    # Adding 0 turns -0.0 into 0.0 and changes no other number.
    return None if cell.number is None else cell.number + 0


class Series(NamedTuple):
    """One named line of a chart: ``values[i]`` belongs to the chart's ``labels[i]``; None is a gap.

    Estimates have their standard ``errors``, as many as values: people see no digit beyond the first of these.
    """

    name: str
    values: Sequence[float | None]
    errors: Sequence[float | None] = ()

    def error(self, place: int) -> float:
        """The standard error of the value at ``place``; 0 if it is no estimate."""
        return (self.errors[place] or 0.0) if self.errors else 0.0


class Band(NamedTuple):
    """A shaded area of a line chart, from ``low[i]`` to ``high[i]``; None on either side is a gap."""

    name: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """Named series over shared labels, in one unit.

    ``line`` and ``column`` are for an ordered axis, ``bar`` for a bare list. Columns of one label are stacked, what is
    above zero upwards and what is below it downwards, under the lines ``over`` them. A ``bridge`` has one series: its
    first and last values are levels, those between the steps that lead from the one to the other; those at the places
    ``levels`` are what the steps before them have come to.

    ``bands`` lie behind the lines, each over the ones before it: a fan of percentiles names its widest first. On a
    ``log`` axis equal factors are equally far apart; all numbers lie above zero.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str
    kind: Literal["line", "bar", "column", "bridge"] = "line"
    bands: Sequence[Band] = ()
    axis: Literal["linear", "log"] = "linear"
    over: Sequence[Series] = ()
    levels: Sequence[int] = ()

    def __post_init__(self) -> None:
        if (self.bands or self.axis == "log") and self.kind != "line":
            raise ValueError("only a line chart has bands or a logarithmic axis")
        if self.over and self.kind != "column":
            raise ValueError("only columns have lines over them")
        if self.kind == "bridge" and (len(self.series) != 1 or None in self.series[0].values):
            raise ValueError("a bridge is one series without gaps")
        if self.levels and (self.kind != "bridge" or not all(0 < at < len(self.labels) - 1 for at in self.levels)):
            raise ValueError("only a bridge has levels, between its ends")
        edges = [(band.name, values) for band in self.bands for values in (band.low, band.high)]
        drawn = [*self.series, *self.over]
        edges += [(one.name, one.errors) for one in drawn if one.errors]
        for name, values in [*((one.name, one.values) for one in drawn), *edges]:
            if len(values) != len(self.labels):
                raise ValueError(f"series {name!r} has {len(values)} values for {len(self.labels)} labels")
            for number in values:
                _check_number(number, self.unit)
                if self.axis == "log" and number is not None and number <= 0.0:
                    raise ValueError(f"{number} has no place on a logarithmic axis")


class Bins(NamedTuple):
    """What shares of a sample lie in each bin of a histogram, below all and above all; they add up to 1."""

    name: str
    shares: Sequence[float]
    below: float = 0.0
    above: float = 0.0


@dataclass(frozen=True)
class Histogram:
    """Samples counted in the same bins, each ``width`` wide, the first from ``low`` on; ``unit`` is of the axis."""

    title: str
    low: float
    width: float
    samples: Sequence[Bins]
    unit: str

    def __post_init__(self) -> None:
        for number in (self.low, self.width):
            _check_number(number, self.unit)
        if self.width <= 0.0:
            raise ValueError(f"bins {self.width} wide")
        counts = {len(bins.shares) for bins in self.samples}
        if len(counts) != 1 or 0 in counts:
            raise ValueError("the samples of a histogram have the same bins, and at least one")
        for bins in self.samples:
            shares = (*bins.shares, bins.below, bins.above)
            if min(shares) < 0.0 or abs(math.fsum(shares) - 1.0) > _ROUNDING:
                raise ValueError(f"the shares of {bins.name!r} do not add up to 1")

    @property
    def high(self) -> float:
        """Where the last bin ends."""
        return self.low + self.width * len(self.samples[0].shares)


class Note(NamedTuple):
    """A paragraph: ``headline`` answers in a sentence, ``warning`` wants attention, ``plain`` explains.

    An ``aside`` is what a reader may pass over. A ``heading`` stands over all that follows, to the next one.
    """

    text: Phrase
    kind: Literal["headline", "warning", "plain", "aside", "heading"] = "plain"
    bullets: Sequence[Phrase] = ()


class Details(NamedTuple):
    """``blocks`` for readers who ask for all of them; others see the ``note``, which says what there is."""

    note: Note
    blocks: Sequence[Table | Chart | Histogram | Note]


Block = Table | Chart | Histogram | Note | Details


#: A part of a document: ``blocks`` for people, who see few of many, ``records`` as flat rows, ``data`` as a whole tree.
Part = Literal["blocks", "records", "data"]


class Written(str):
    """A part of a document's data as a format writes it in its place, which therefore need not write it again."""


class Document(NamedTuple):
    """A whole answer: ``blocks`` for people, ``records`` as flat rows and ``data`` as a tree for machines."""

    title: str
    blocks: Sequence[Block]
    records: Table
    data: Mapping[str, Any] = MappingProxyType({})


def shown_blocks(document: Document, *, in_full: bool) -> list[Table | Chart | Histogram | Note]:
    """What a reader sees of the blocks: of each detail its blocks if they are shown ``in_full``, else its note."""
    found = list[Table | Chart | Histogram | Note]()
    for block in document.blocks:
        if isinstance(block, Details):
            found += block.blocks if in_full else [block.note]
        else:
            found.append(block)
    return found


def pictures(document: Document) -> list[Chart | Histogram]:
    """All charts and histograms of ``document`` in order, those that tables have too."""
    shown = shown_blocks(document, in_full=True)
    found = (block.picture if isinstance(block, Table) else block for block in shown)
    return [one for one in found if isinstance(one, Chart | Histogram)]


def _check_number(number: float | None, unit: str) -> None:
    if unit not in UNIT_SUFFIXES:
        raise ValueError(f"{unit!r} is not a unit suffix")
    if number is not None and not math.isfinite(number):
        raise ValueError(f"{number} {unit} is not an answer; use None and a reason")
