"""Sheets with months across: one formula a row, from its first cell to its last."""

from __future__ import annotations

from typing import Any

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.spreadsheet import _calendar as calendar
from minecalc.spreadsheet._cells import FIRST_MONTH, HOW, LABEL, TODAY, TOTAL, UNIT, Place, Row, Section
from minecalc.spreadsheet._formulas import (
    CONSTANTS,
    DATES_ROW,
    POINT_ROW,
    POSITION_ROW,
    RATES,
    RATES_ROW,
    TIMELINE,
    Formulas,
    Text,
    cell_texts,
    column,
)
from minecalc.spreadsheet._layout import RETURNS, Layout, is_solved
from minecalc.spreadsheet._looks import GREY, HEAD, KINDS, RIGHT, RULED, Formats, Look, across, size_unit, unit_words
from minecalc.spreadsheet._nodes import Node
from minecalc.spreadsheet._worked import worked
from minecalc.timeline import Timeline
from minecalc.trace import LEAVES
from minecalc.units import MONTHS_PER_YEAR

#: How words are that tell how a row is made.
_TOLD: Look = {"italic": True, "font_color": GREY, "indent": 1}

#: The rates of the grid on which returns are looked for, a year: from -99% to 1,000%.
_LOW, _HIGH = 0.01, 11.0


def rates() -> FloatArray:
    """The rates a month of the grid."""
    steps = np.arange(RATES) / (RATES - 1)
    found: FloatArray = (_LOW * (_HIGH / _LOW) ** steps) ** (1 / MONTHS_PER_YEAR) - 1
    return found


def cached(value: float) -> Any:
    """A value as a cell keeps it."""
    if value != value:
        return "none"
    return min(max(value, -1e300), 1e300) + 0.0


class Grid:
    """Writes the sheets of a layout into a book."""

    def __init__(self, layout: Layout, formulas: Formulas, formats: Formats) -> None:
        self._layout, self._formulas, self._formats = layout, formulas, formats
        self._timeline: Timeline = layout.model.scenario.timeline
        self.formulas_count = 0
        self._paths = calendar.read_by(layout.model.operands())
        self._values: dict[Node, dict[str, FloatArray]] = {}

    def write(self, sheet: Any, name: str, title: str) -> None:
        """One sheet with its header and all of its sections."""
        self._header(sheet, name, title)
        for section in self._layout.sections[name]:
            self._section(sheet, section)

    def _header(self, sheet: Any, name: str, title: str) -> None:
        of, last = self._formats.of, self._layout.columns
        self._formats.begin(sheet, (42, 19, 15, 15, 44, 1.5), title)
        across(sheet, last - TODAY)
        sheet.set_column(UNIT, UNIT, 19, of(font_color=GREY))
        sheet.set_column(HOW, HOW, 44, of(**_TOLD))
        sheet.set_column(TODAY, last, 13.5, of())
        if name == TIMELINE:
            self._timeline_rows(sheet)
            sheet.freeze_panes(POINT_ROW + 1, TOTAL)
            return
        head, left = of(**RIGHT), of(**HEAD)
        top = RATES_ROW - 4 if name == RETURNS else 2
        sheet.repeat_rows(top, top + 1)
        for at, text in enumerate(("Line", "Unit", "Value", "Total", "How it is made")):
            look = left if at in (LABEL, UNIT) else of(**HEAD, indent=1) if at == HOW else head
            sheet.write_string(top, at, text, look)
            sheet.write_blank(top + 1, at, None, left)
        sheet.write_string(top, TODAY, "today", head)
        dates = of(**RIGHT, num_format="yyyy-mm")
        for at in range(FIRST_MONTH, last):
            sheet.write_formula(top, at, f"={TIMELINE}!{column(at)}${DATES_ROW + 1}", dates, self._date(at))
        for at in range(TODAY, last):
            where = f"={TIMELINE}!{column(at)}${POINT_ROW + 1}"
            sheet.write_formula(top + 1, at, where, head, at - TODAY)
        if name == RETURNS:
            self._rates(sheet)
        sheet.freeze_panes(RATES_ROW + 1 if name == RETURNS else 4, TOTAL)

    def _date(self, at: int) -> int:
        """The number that spreadsheets have for the first day of the month in a column."""
        return calendar.date_number(self._timeline.start + at - FIRST_MONTH)

    def _timeline_rows(self, sheet: Any) -> None:
        of, last = self._formats.of, max(self._layout.columns, TODAY + RATES)
        dates, plain = of(**RIGHT, num_format="yyyy-mm"), of(**RIGHT, num_format="0")
        told = (
            "Column k holds month k; money of a month falls at its end, point k. Today is point 0, month 1 begins then."
        )
        sheet.write_string(1, 0, told, of(italic=True))
        for at, text in enumerate(("Month begins", "Number of the column", "Month, point in time"), DATES_ROW):
            sheet.write_string(at, 0, text, of(**HEAD))
            for blank in range(1, TODAY):
                sheet.write_blank(at, blank, None, of(**HEAD))
        sheet.write_string(DATES_ROW, TODAY, "today", dates)
        for at in range(TODAY, last):
            here, before = column(at), column(at - 1)
            if at > TODAY:
                text = f"=EDATE({calendar.START_DATE},{here}{POINT_ROW + 1}-1)"
                sheet.write_formula(DATES_ROW, at, text, dates, self._date(at))
            sheet.write_formula(POSITION_ROW, at, f"=N({before}{POSITION_ROW + 1})+1", plain, at - TODAY + 1)
            sheet.write_formula(POINT_ROW, at, f"={here}{POSITION_ROW + 1}-1", plain, at - TODAY)

    def _rates(self, sheet: Any) -> None:
        """The grid of rates, a month, evenly spaced in logarithms between the lowest and the highest."""
        of = self._formats.of
        sheet.write_string(RATES_ROW, LABEL, "Rates on which a return is looked for, a month", of(bold=True))
        names = self._formulas.names
        low, high = names.constant("lowest_growth_per_year", _LOW), names.constant("highest_growth_per_year", _HIGH)
        gaps = names.constant("rates_less_1", RATES - 1.0)
        for at, value in enumerate(rates().tolist()):
            where = f"{TIMELINE}!{column(TODAY + at)}${POSITION_ROW + 1}"
            text = f"=({low}*({high}/{low})^(({where}-1)/{gaps}))^(1/12)-1"
            sheet.write_formula(RATES_ROW, TODAY + at, text, of(num_format="0.00%"), value)

    def _section(self, sheet: Any, section: Section) -> None:
        top = self._place(section.rows[0]).row - 1
        self._formats.ruled(sheet, top, section.title, TOTAL)
        self._own_header(sheet, section, top)
        for row in section.rows:
            self._row(sheet, row, self._place(row))
        money = [self._place(row).row for row in section.rows if row.unit == "usd"]
        self._formats.hide_dust(sheet, money, TOTAL, self._layout.columns)

    def _own_header(self, sheet: Any, section: Section, top: int) -> None:
        """The columns of rows that do not run along the months of the sheet: calendar years, or their own numbers."""
        axis = self._layout.axes.of(section.rows[0].node)
        if axis not in ("year", "own") or section.rows[0].working:
            return
        first = self._timeline.start // MONTHS_PER_YEAR if axis == "year" else 1
        look = self._formats.of(**RULED, num_format="0")
        for at in range(TODAY, TODAY + max(row.node.rows for row in section.rows)):
            number = f"{TIMELINE}!{column(at)}${POSITION_ROW + 1}"
            text = f"=YEAR({calendar.START_DATE})+{number}-1" if axis == "year" else f"={number}"
            sheet.write_formula(top, at, text, look, first + at - TODAY)

    def _place(self, row: Row) -> Place:
        return self._formulas.working[row.node, row.working] if row.working else self._formulas.places[row.node]

    def _row(self, sheet: Any, row: Row, place: Place) -> None:
        formats, node = self._formats, row.node
        look: dict[str, Any] = {"bold": True} if row.strong else {}
        label = formats.of(indent=2, font_color=GREY) if row.step else formats.of(indent=1, **look)
        sheet.write_string(place.row, LABEL, row.label, label)
        if row.unit:
            sheet.write_string(place.row, UNIT, unit_words(row.unit), formats.of(font_color=GREY))
        if row.how:
            sheet.write_string(place.row, HOW, row.how, formats.of(**_TOLD))
        unit = row.unit or ("" if row.working else size_unit(node.value))
        values = self._worked(node)[row.working] if row.working else node.value
        number = formats.number(unit, values, align="right", **look)
        if (node.called or "").endswith("_year") and not row.unit:
            number = formats.of(num_format="0", align="right", **look)
        text = self._formulas.of_working(node, row.working, place) if row.working else self._text(node, place)
        if text is None:
            fixed = formats.number(unit, values, bg_color=KINDS["solved" if is_solved(node) else "fixed"])
            sheet.write_row(place.row, place.column, map(cached, values.tolist()), fixed)
            return
        formulas = cell_texts(text, place.column, len(values))
        self.formulas_count += len(formulas)
        for at, (formula, value) in enumerate(zip(formulas, values.tolist(), strict=True), place.column):
            sheet.write_formula(place.row, at, formula, number, cached(value))
        if row.total and node.rows > 1:
            inside = f"{column(place.column)}{place.row + 1}:{column(place.column + node.rows - 1)}{place.row + 1}"
            total = cached(node.total)
            bold = formats.number(row.unit, np.array([node.total]), bold=True)
            sheet.write_formula(place.row, TOTAL, f"=SUM({inside})", bold, total)

    def _text(self, node: Node, place: Place) -> Text | None:
        """The formula of a node; None of numbers that stand as they are."""
        if node.op not in LEAVES and node.op != "calendar":
            return self._formulas.of(node, place)
        return calendar.formula(node, place, self._timeline, self._formulas, self._paths.get(node))

    def _worked(self, node: Node) -> dict[str, FloatArray]:
        if node not in self._values:
            self._values[node] = worked(node, {**dict(CONSTANTS.values()), "rates": rates()})
        return self._values[node]
