"""What every statement by period has in common: its figures by period, and its records for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from minecalc.analysis.cashflow.accounts import Accounts
from minecalc.analysis.cashflow.statement import Layout, Period, Row, Statement
from minecalc.analysis.records import Entry, rows
from minecalc.document import Cell, Chart, Column, Table, Text, Tone, Value
from minecalc.units import MONTHS_PER_YEAR

#: More periods than this are rows of subtotals rather than columns of a statement.
_MOST_COLUMNS = 20

#: Less money than this is what rounding leaves.
_HALF_A_CENT = 0.005

_PERIODS = {1: "month", 3: "quarter", MONTHS_PER_YEAR: "year"}

#: What stands in a row of many short periods: headings and the names of the rows that each adds up.
Narrow = Sequence[tuple[str, tuple[str, ...]]]

#: A statement of one plan by period.
ByPeriod = Statement | Accounts


def by_period(found: ByPeriod, row: Row) -> Sequence[tuple[Period, float | None]]:
    """Each period with the figure of ``row``; None where there is none."""
    values = (None if value != value else value for value in row.values) if row.values else (None,) * len(found.periods)
    return list(zip(found.periods, values, strict=True))


def shown(rows: Sequence[Row]) -> list[Row]:
    """Rows that say something: those with a figure that is not nothing."""
    return [row for row in rows if not all(_is_nothing(value, row.unit) for value in row.values)]


def cell(value: float | None, unit: str = "usd", reason: str = "", tone: Tone = "plain") -> Cell:
    """A figure; a dash for nothing, which a statement has much of."""
    return Text("-", "muted") if value is not None and _is_nothing(value, unit) else Value(value, unit, reason, tone)


def cell_or_dash(value: float | None, row: Row, tone: Tone = "plain") -> Cell:
    """A figure of a row; a dash too where only this period has none."""
    return cell(0.0 if value is None and row.total is not None else value, row.unit, row.reason, tone)


def _is_nothing(value: float, unit: str) -> bool:
    """Whether a figure is zero, or money that is zero to the cent."""
    return value == 0.0 or (unit == "usd" and abs(value) < _HALF_A_CENT)


def table(
    found: ByPeriod,
    title: str,
    parts: Iterable[Sequence[list[Cell]]],
    sums: tuple[Sequence[Row], Narrow],
    captions: tuple[str, str],
    picture: Chart | None = None,
) -> Table:
    """Periods side by side, ``parts`` ruled off; of many short ones ``sums`` of rows, below each other.

    ``captions`` are those of the one and of the other.
    """
    if len(found.periods) > _MOST_COLUMNS:
        return _below_each_other(found, title, *sums, captions[1], picture)
    lines: list[list[Cell]] = []
    sections: list[int] = []
    for part in parts:
        if lines and part:
            sections.append(len(lines))
        lines += part
    columns = [Column("line", "", "left"), *(Column(p.label, p.label.replace("..", " to ")) for p in found.periods)]
    return Table(title, [*columns, Column("total", "Total")], lines, sections, captions[0], picture)


def _below_each_other(
    found: ByPeriod, title: str, of: Sequence[Row], narrow: Narrow, caption: str, picture: Chart | None
) -> Table:
    """A row for every period, with a column for each heading of ``narrow`` to which rows ``of`` it give something."""
    columns, totals = [Column("period", "Period", "left")], list[Cell]()
    lines: list[list[Cell]] = [[Text(period.label)] for period in found.periods]
    for heading, names in narrow:
        added = [row for row in of if row.name in names]
        if not shown(added):
            continue
        columns.append(Column("_".join(names), heading))
        by_row = [[value for _, value in by_period(found, row)] for row in added]
        for line, values in zip(lines, zip(*by_row, strict=True), strict=True):
            line.append(cell_or_dash(_sum(values), added[0]))
        totals.append(cell(_sum([row.total for row in added]), added[0].unit, added[0].reason, "strong"))
    years = [period.begins[:4] for period in found.periods]
    sections = [number for number in range(1, len(years)) if years[number] != years[number - 1]]
    lines.append([Text("Total", "strong"), *totals])
    return Table(title, columns, lines, [*sections, len(years)], caption, picture)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def period_word(found: ByPeriod) -> str:
    """What a period is called: a month, a quarter, a year."""
    return _PERIODS.get(found.months_per_period, f"{found.months_per_period} months")


def tree(found: ByPeriod) -> Mapping[str, Any]:
    """Periods and rows as plain data."""
    return {
        "months_per_period": found.months_per_period,
        "periods": [
            {"period": label, "start": begins, "end": ends, "months": last - first + 1}
            for label, first, last, begins, ends in found.periods
        ],
        "rows": [
            {
                "section": row.section,
                "line": row.name,
                "use": row.use or None,
                "meanwhile": row.meanwhile,
                "at_start": row.at_start,
                "unit": row.unit,
                "values": [value for _, value in by_period(found, row)],
                "total": row.total,
                "reason": row.reason or None,
            }
            for row in found.rows
        ],
    }


def records(found: ByPeriod, title: str, layout: Layout, file: str, scenario: str) -> Table:
    """Every row at full precision: a record for each of its periods, or one with a column for each."""
    told = list[dict[str, Entry]]()
    for row in found.rows:
        head: dict[str, Entry] = {"file": file, "scenario": scenario, "plan": found.plan}
        values = {period: Value(value, row.unit, row.reason) for period, value in by_period(found, row)}
        if layout == "wide":
            by_label = {period.label: value for period, value in values.items()}
            total = Value(row.total, row.unit, row.reason)
            told.append({**head, **_line(row), "unit": row.unit, **by_label, "total": total})
            continue
        for (label, _, _, begins, ends), value in values.items():
            when = {"period": label, "start_month": begins, "end_month": ends}
            told.append({**head, **when, **_line(row), "value": value, "unit": row.unit})
    return rows(title, told)


def _line(row: Row) -> dict[str, Entry]:
    """Which row of the statement it is, and whether it sums others that stand there too."""
    place: dict[str, Entry] = {"section": row.section, "subtotal": row.section == "subtotal", "use": row.use}
    return place | {"meanwhile": row.meanwhile, "at_start": row.at_start, "line": row.name}
