"""What does the reference catalogue hold? Its records filtered, searched and sorted."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minecalc.analysis.power_curve import curve_chart
from minecalc.analysis.questions import Answer, QuestionError
from minecalc.document import Block, Cell, Column, Document, Note, Table, Text, Value
from minecalc.reference.financings import Financing, financings
from minecalc.reference.gpus import Gpu, gpus
from minecalc.reference.leases import Lease, leases
from minecalc.reference.machines import Machine, machines
from minecalc.reference.power_years import PowerYear, power_years
from minecalc.reference.records import Record, column_types
from minecalc.reference.tax_regimes import TaxRegime, tax_regimes
from minecalc.schema.names import did_you_mean
from minecalc.units import unit_of

Entry = str | float | int | None
Row = Mapping[str, Entry]


@dataclass(frozen=True)
class _Shelf:
    """One kind of record: where it comes from, the columns people see, units of computed columns (None: of words).

    ``called`` is what its records are, where that is not the word for the kind.
    """

    record: type[Record]
    records: Callable[[], Mapping[str, Record]]
    shown: Mapping[str, str]
    computed: Mapping[str, str | None] = field(default_factory=dict)
    called: str = ""


@dataclass(frozen=True)
class _Field:
    """A column: whether it holds numbers, and their unit if they have one."""

    numeric: bool
    unit: str | None


_SHELVES: Mapping[str, _Shelf] = {
    "machines": _Shelf(
        record=Machine,
        records=machines,
        shown={
            "id": "machine",
            "alias": "or",
            "cooling": "cooling",
            "hash_rate_th_per_s": "hash rate",
            "efficiency_j_per_th": "energy",
            "price_usd_per_th": "per TH",
            "price_as_of": "priced",
        },
        computed={"alias": None},
    ),
    "gpus": _Shelf(
        record=Gpu,
        records=gpus,
        shown={
            "id": "GPU",
            "kw_per_gpu": "power",
            "kw_basis": "of",
            "capex_usd_per_gpu": "installed",
            "lease_usd_per_gpu_hour": "rent an hour",
            "lease_contract": "contract",
            "lease_as_of": "as of",
        },
    ),
    "leases": _Shelf(
        record=Lease,
        records=leases,
        shown={
            "id": "deal",
            "landlord": "landlord",
            "gross_mw": "gross",
            "critical_mw": "critical",
            "term_years": "term",
            "average_rent_usd_per_kw_per_month": "average rent, kW-month",
            "escalator_fraction_per_year": "escalator",
            "capex_usd_per_critical_mw": "capex, critical MW",
            "usd_per_gpu_hour": "average, GPU-hour",
            "grade": "grade",
            "address": "source",
        },
        computed={
            "average_usd_per_year": "usd_per_year",
            "usd_per_critical_mw_per_year": "usd_per_mw_per_year",
            "usd_per_gross_mw_per_year": "usd_per_mw_per_year",
            "average_rent_usd_per_kw_per_month": "usd_per_kw_per_month",
            "usd_per_gpu_hour": "usd_per_gpu_hour",
            "capex_usd_per_gpu": "usd_per_gpu",
        },
    ),
    "financing": _Shelf(
        record=Financing,
        records=financings,
        shown={
            "id": "loan or bond",
            "closed": "closed",
            "amount_usd": "amount",
            "rate_fraction_per_year": "rate",
            "margin_fraction_per_year": "margin",
            "issue_price_fraction": "price",
            "tenor_years": "tenor",
            "debt_usd_per_critical_mw": "debt, critical MW",
            "loan_to_cost_fraction": "of cost",
            "grade": "grade",
            "address": "source",
        },
        computed={"debt_usd_per_critical_mw": "usd_per_critical_mw"},
        called="loans and bonds",
    ),
    "tax": _Shelf(
        record=TaxRegime,
        records=tax_regimes,
        shown={
            "id": "regime",
            "rate_fraction": "rate",
            "building": "buildings",
            "gpu": "GPUs",
            "machine": "machines",
            "bonus_fraction": "bonus",
            "loss_limit_fraction": "losses",
            "interest_limit_fraction": "interest",
            "prepayment_taxed": "prepaid",
            "as_of": "as of",
            "grade": "grade",
        },
        called="tax regimes",
    ),
    "power": _Shelf(
        record=PowerYear,
        records=power_years,
        shown={
            "id": "year of hours",
            "currency": "in",
            "mean_price": "mean, MWh",
            "p5_price": "P5",
            "p95_price": "P95",
            "highest_price": "highest",
            "negative_hours": "below zero",
            "dearest_hundredth_fraction": "dearest 1%, of the sum",
            "grade": "grade",
        },
        called="years of hourly power prices",
    ),
}

_GRADES = (
    "Grades: A filing, press release or consensus data; B established press or broker; C aggregator; "
    "D list or opinion; calc arithmetic on published figures; J judgement."
)

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "==": operator.eq,
}
_FILTER = re.compile(r"\s*(\w[\w ,-]*?)\s*(<=|>=|!=|==?|<|>)\s*(.*?)\s*")


@dataclass(frozen=True)
class Catalog(Answer):
    """The records of one kind that were asked for, in order, of so many that there are."""

    kind: str
    records: Sequence[Row]
    there: int
    in_full: bool = False

    def document(self) -> Document:
        """The columns that tell most, or of a record ``in_full`` every one that is filled; files have all of them."""
        shelf = _SHELVES[self.kind]
        fields, called = _fields(shelf), shelf.called or self.kind
        blocks: list[Block] = [Note(f"{len(self.records)} of {self.there} {called}", kind="headline")]
        if self.in_full:
            (record,) = self.records
            blocks = [Note(f"{record['id']}, one of {self.there} {called}", kind="headline"), _in_full(record, fields)]
            if self.kind == "power":
                blocks.append(curve_chart(str(record["id"])))
        else:
            blocks.append(_table("", self.records, {name: fields[name] for name in shelf.shown}, shelf.shown))
        blocks.append(Note(_GRADES))
        data = {"format": "minecalc.catalog/1", "kind": self.kind, "records": self.records}
        return Document(
            f"Catalogue of {called}", blocks, _table(called, self.records, fields, {n: n for n in fields}), data
        )


def catalog(
    kind: str,
    where: Sequence[str] = (),
    search: str | None = None,
    sort: str | None = None,
    record: str | None = None,
) -> Catalog:
    """The records of ``kind`` (machines, gpus, leases, financing, tax, power) that meet every filter and every word.

    A filter is ``column=value`` with ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``: numbers as numbers, words
    and dates as text, small letters as capitals. ``column=`` finds empty fields, ``column!=`` filled ones; an
    empty field meets no other filter. ``sort`` is a column, or ``-column`` for the greatest first; records
    without it come last. A column is named as in files, or as it is headed on the screen. ``record`` is one of them, by
    its id or alias, in full. Raises ``QuestionError`` for a kind, record, column or filter that does not exist, and for
    a record that is to be filtered or sorted.
    """
    shelf = _SHELVES[_known(kind, "kind", _SHELVES)]
    if record is not None:
        return _one(kind, shelf, record, others=bool(where or search or sort))
    fields = _fields(shelf)
    everything: list[Row] = [{name: _entry(record, name) for name in fields} for record in shelf.records().values()]
    named = {title: name for name, title in shelf.shown.items()}
    conditions = [_condition(text, fields, named) for text in where]
    words = (search or "").casefold().split()
    rows = [row for row in everything if all(holds(row) for holds in conditions) and _mentions(row, words)]
    if sort is not None:
        column = sort.removeprefix("-")
        rows = _sorted(rows, _known(named.get(column, column), "column", fields), downwards=sort.startswith("-"))
    return Catalog(kind, rows, len(everything))


def _one(kind: str, shelf: _Shelf, wanted: str, *, others: bool) -> Catalog:
    """The record that is called so."""
    if others:
        raise QuestionError(f"{wanted!r} is one record; leave out --where, --search and --sort")
    known = shelf.records()
    ids = {getattr(record, "alias", None) or name: name for name, record in known.items()}
    name = _known(ids.get(wanted, wanted), f"record of {kind}", known, see=f"minecalc catalog {kind}")
    return Catalog(kind, [{field: _entry(known[name], field) for field in _fields(shelf)}], len(known), in_full=True)


def _fields(shelf: _Shelf) -> dict[str, _Field]:
    stored = {name: _Field(hint in (int, float), unit_of(name)) for name, hint in column_types(shelf.record).items()}
    return stored | {name: _Field(unit is not None, unit) for name, unit in shelf.computed.items()}


def _known(name: str, what: str, names: Iterable[str], see: str = "") -> str:
    """``name`` if it is one of ``names``; else ``QuestionError`` with the nearest, or with what lists them."""
    names = list(names)
    if name in names:
        return name
    advice = did_you_mean(name, names, f"{see} lists them" if see else f"there are {', '.join(names)}")
    raise QuestionError(f"unknown {what} {name!r}; {advice}")


def _entry(record: Record, name: str) -> Entry:
    """A field of a record; what is not published is None, text or number."""
    entry: Entry = getattr(record, name)
    return None if entry == "" else entry


def _condition(text: str, fields: Mapping[str, _Field], named: Mapping[str, str]) -> Callable[[Row], bool]:
    """The test that a filter such as ``efficiency_j_per_th<=15`` stands for."""
    parts = _FILTER.fullmatch(text)
    if parts is None:
        raise QuestionError(f"cannot read the filter {text!r}; write column=value or column<=value")
    column, comparison, wanted = parts.groups()
    name = _known(named.get(column, column), "column", fields)
    if not wanted:
        if comparison not in ("=", "==", "!="):
            raise QuestionError(f"the filter {text!r} has no value")
        return lambda row: (row[name] is None) == (comparison != "!=")
    holds, bound = (
        _COMPARISONS[comparison],
        _number(name, wanted) if fields[name].numeric else wanted.casefold(),
    )
    return lambda row: row[name] is not None and holds(_comparable(row[name]), bound)


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise QuestionError(f"{name} is compared with a number, not {text!r}")
    return number


def _comparable(entry: Entry) -> Any:
    """Text without regard to case; entries of one column compare with each other."""
    return entry.casefold() if isinstance(entry, str) else entry


def _mentions(row: Row, words: Iterable[str]) -> bool:
    """Whether each word stands in one of the row's texts."""
    texts = " ".join(entry.casefold() for entry in row.values() if isinstance(entry, str))
    return all(word in texts for word in words)


def _sorted(rows: Sequence[Row], name: str, downwards: bool) -> list[Row]:
    filled = [row for row in rows if row[name] is not None]
    filled.sort(key=lambda row: _comparable(row[name]), reverse=downwards)
    return filled + [row for row in rows if row[name] is None]


def _in_full(record: Row, fields: Mapping[str, _Field]) -> Table:
    """A row for each field that is filled, under the name of its column in files."""
    filled = [name for name in fields if record[name] is not None]
    columns = [Column("column", "Column", "left"), Column("value", "Value", "left")]
    return Table("", columns, [[Text(name), _cell(record[name], fields[name])] for name in filled])


def _table(title: str, rows: Sequence[Row], fields: Mapping[str, _Field], titles: Mapping[str, str]) -> Table:
    columns = [Column(name, titles[name], "right" if f.numeric else "left") for name, f in fields.items()]
    return Table(title, columns, [[_cell(row[name], f) for name, f in fields.items()] for row in rows])


def _cell(entry: Entry, column: _Field) -> Cell:
    """Numbers keep their unit; a year of the calendar has none and is a word."""
    if column.numeric and column.unit is not None and not isinstance(entry, str):
        return Value(entry, column.unit, reason="" if entry is not None else "not published")
    return Text("" if entry is None else str(entry))
