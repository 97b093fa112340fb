"""Rows that the calendar alone decides, as formulas of the timeline; what has none stands there as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from minecalc.spreadsheet._cells import Place, in_order
from minecalc.spreadsheet._formulas import Formulas, Moving, Text, cell, number_of, span
from minecalc.spreadsheet._nodes import Node, Operand
from minecalc.timeline import MONTHS_OF_ANY_YEAR, Timeline
from minecalc.trace import INPUTS
from minecalc.units import HOURS_PER_DAY, MONTHS_PER_YEAR

#: The names of the scenario's first month, as a date and as a number, and of its months.
START_DATE, START_MONTH, HORIZON = "start_date", "start_calendar_month", "horizon_months"


def calendar_names(timeline: Timeline) -> Mapping[float, str]:
    """The numbers of formulas that the timeline gives, and what stands for each."""
    months, start = float(timeline.months), float(timeline.start)
    found = {start: START_MONTH, start - 1: f"{START_MONTH}-1", start + 1: f"{START_MONTH}+1"}
    return {months: HORIZON, months + 1: f"{HORIZON}+1", months - 1: f"{HORIZON}-1"} | found


def read_by(operands: Iterator[Operand]) -> Mapping[Node, Node]:
    """Which input over time each row of the calendar picks the rows of."""
    found = {}
    for node in in_order(operands):
        if node.op == "rows_at" and isinstance(node.args[1], Node) and node.args[1].op == "calendar":
            path = node.args[0]
            if isinstance(path, Node) and path.op in INPUTS:
                found[node.args[1]] = path
    return found


def formula(node: Node, place: Place, timeline: Timeline, formulas: Formulas, path: Node | None) -> Text | None:
    """The formula of a row, or a number, of the calendar; None if it has none.

    ``path`` is the input over time whose rows it picks, whose months stand above it.
    """
    if node.rows == 1:
        is_after = node.called == "after_horizon_month" and node.value[0] == timeline.months + 1.0
        return Text((f"{HORIZON}+1",)) if is_after else None
    values, count = node.value, np.arange(1.0, node.rows + 1.0)
    row = number_of(place)
    for template, expected in _candidates(node, timeline, count):
        if np.array_equal(values, expected):
            return _text(template, row)
    shift = values - count
    if (shift == shift[0]).all() and shift[0] == np.trunc(shift[0]):
        sign, size = ("-", -shift[0]) if shift[0] < 0 else ("+", shift[0])
        return _text(f"{{row}}{sign}{formulas.names.number(float(size))[0]}", row)
    if path is not None and path.months and path.months != MONTHS_OF_ANY_YEAR:
        index = np.searchsorted(np.array(path.months), timeline.start + count - 1.0, side="right")
        if np.array_equal(values, np.maximum(index, 1.0)):
            own = formulas.places[path]
            months = own._replace(row=own.row - 1)
            begins = f"EDATE({START_DATE},{{row}}-1)"
            text = f"IF({begins}<{cell(months)},1,MATCH({begins},{span(months, path.rows)},1))"
            return _text(text, row)
    return None


def _candidates(node: Node, timeline: Timeline, count: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    year = MONTHS_PER_YEAR
    year_ends = np.minimum(timeline.months, year * count - timeline.start % year)
    yield "{row}", count
    yield "{row}-1", count - 1.0
    yield "-({row}-1)/12", (count - 1.0) / -year
    yield f"IF({{row}}-1={HORIZON},1,0)", np.where(count - 1.0 == timeline.months, 1.0, 0.0)
    yield f"MOD({START_MONTH}+{{row}}-1,12)+1", (timeline.start + count - 1.0) % year + 1.0
    yield f"YEAR({START_DATE})+{{row}}-1", timeline.start // year + count - 1.0
    for more, months in (("", 0.0), ("-1", -1.0), ("+1", 1.0)):
        yield f"MIN({HORIZON},12*{{row}}-MOD({START_MONTH},12)){more}", year_ends + months
    if node.rows == timeline.months:
        days = timeline.days[:, 0]
        in_month = f"DAY(EOMONTH(EDATE({START_DATE},{{row}}-1),0))"
        yield in_month, days
        yield f"24*{in_month}", days * HOURS_PER_DAY


def _text(template: str, row: Moving) -> Text:
    pieces: list[str | Moving] = []
    for part in template.split("{row}"):
        pieces += [part, row]
    return Text(tuple(piece for piece in pieces[:-1] if piece != ""), 0)


def date_number(calendar_month: float) -> int:
    """The number that spreadsheets have for the first day of a calendar month (months since year 0)."""
    year, month = divmod(round(calendar_month), MONTHS_PER_YEAR)
    return date(year, month + 1, 1).toordinal() - 693594
