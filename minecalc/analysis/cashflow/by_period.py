"""What every statement by period has in common: its figures by period, and its records for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from minecalc.analysis.cashflow.statement import Period, Row
from minecalc.analysis.records import Entry
from minecalc.document import Cell, Text, Tone, Value
from minecalc.units import MONTHS_PER_YEAR

#: More periods than this are rows of subtotals rather than columns of a statement.
MOST_COLUMNS = 20

#: Less money than this is what rounding leaves.
_HALF_A_CENT = 0.005

_PERIODS = {1: "month", 3: "quarter", MONTHS_PER_YEAR: "year"}


class ByPeriod(Protocol):
    """A statement of one plan by period."""

    @property
    def plan(self) -> str:
        """The plan's name."""

    @property
    def months_per_period(self) -> int:
        """Months of a period."""

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows."""


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


def _is_nothing(value: float, unit: str) -> bool:
    """Whether a figure is zero, or money that is zero to the cent."""
    return value == 0.0 or (unit == "usd" and abs(value) < _HALF_A_CENT)


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


def long(found: ByPeriod, file: str, scenario: str) -> Iterator[dict[str, Entry]]:
    """A row for every period of every row, at full precision."""
    for row in found.rows:
        for period, value in by_period(found, row):
            place: dict[str, Entry] = {"file": file, "scenario": scenario, "plan": found.plan, "period": period.label}
            place |= {"start_month": period.begins, "end_month": period.ends} | _line(row)
            yield place | {"value": Value(value, row.unit, row.reason), "unit": row.unit}


def wide(found: ByPeriod, file: str, scenario: str) -> Iterator[dict[str, Entry]]:
    """A row for every row, with a column for each period, at full precision."""
    for row in found.rows:
        place: dict[str, Entry] = {"file": file, "scenario": scenario, "plan": found.plan, **_line(row)}
        periods = {period.label: Value(value, row.unit, row.reason) for period, value in by_period(found, row)}
        yield place | {"unit": row.unit, **periods, "total": Value(row.total, row.unit, row.reason)}


def _line(row: Row) -> dict[str, Entry]:
    """Which row of the statement it is, and whether it sums others that stand there too."""
    place: dict[str, Entry] = {"section": row.section, "subtotal": row.section == "subtotal", "use": row.use}
    return place | {"meanwhile": row.meanwhile, "at_start": row.at_start, "line": row.name}
