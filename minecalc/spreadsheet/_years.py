"""Statements of each plan, or the lines of one without, by calendar year: what is pasted into a memo."""

from __future__ import annotations

from typing import Any

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.spreadsheet._calendar import START_DATE
from minecalc.spreadsheet._cells import FIRST_MONTH, TODAY, Place, Row
from minecalc.spreadsheet._formulas import DATES_ROW, TIMELINE, Formulas, cell, column, span
from minecalc.spreadsheet._layout import Layout
from minecalc.spreadsheet._looks import HEAD, RIGHT, Formats
from minecalc.spreadsheet._nodes import total
from minecalc.units import MONTHS_PER_YEAR

_LABEL, _TOTAL, _FIRST = range(3)


class YearSheet:
    """Writes the sheet: flows are added up by the year that a month is in, what is held stands as its year ends."""

    def __init__(self, layout: Layout, formulas: Formulas, formats: Formats) -> None:
        self._layout, self._formulas, self._formats = layout, formulas, formats
        timeline = layout.model.scenario.timeline
        self._start, self._months = timeline.start, timeline.months
        last = (timeline.start + timeline.months - 1) // MONTHS_PER_YEAR
        self._years = [*range(timeline.start // MONTHS_PER_YEAR, last + 1)]
        self._head = 0
        self.formulas_count = 0

    def write(self, sheet: Any) -> None:
        """Every plan, one below the other."""
        told = "USD, inflow positive. The first year has today's money; balances are those of the year's end."
        self._formats.begin(sheet, (40,), "By calendar year", told)
        sheet.set_column(_TOTAL, _FIRST + len(self._years), 14, self._formats.of())
        sheet.freeze_panes(2, 1)
        at = 3
        for plan in self._layout.by_year:
            at = self._plan(sheet, at, plan) + 2

    def _plan(self, sheet: Any, at: int, plan: str) -> int:
        """One plan from the row ``at`` on; the row after it."""
        head = self._formats.of(**RIGHT, num_format="0")
        sheet.write_string(at, _LABEL, plan, self._formats.of(**HEAD))
        sheet.write_string(at, _TOTAL, "Total", head)
        for number, year in enumerate(self._years):
            before = column(_FIRST + number - 1)
            text = f"={before}{at + 1}+1" if number else f"=YEAR({START_DATE})"
            sheet.write_formula(at, _FIRST + number, text, head, year)
        self._head = at + 1
        money = []
        for section in self._layout.by_year[plan]:
            at += 1
            if section.title:
                self._formats.ruled(sheet, at, section.title, _FIRST + len(self._years) - 1)
                at += 1
            for row in section.rows:
                self._row(sheet, at, row)
                money.append(at)
                at += 1
        self._formats.hide_dust(sheet, money, _TOTAL, _FIRST + len(self._years))
        return at

    def _row(self, sheet: Any, at: int, row: Row) -> None:
        of, place = self._formats.of, self._formulas.places[row.node]
        strong: dict[str, Any] = {"bold": True} if row.strong else {}
        look = self._formats.number("usd", **strong)
        sheet.write_string(at, _LABEL, row.label, of(indent=1, **strong))
        range_ = span(place._replace(column=FIRST_MONTH), self._months)
        dates = span(Place(TIMELINE, DATES_ROW, FIRST_MONTH), self._months)
        today = cell(place._replace(column=TODAY))
        for number, value in enumerate(self._values(row, place.column == TODAY)):
            year = f"{column(_FIRST + number)}${self._head}"
            before, end = f'{dates},">="&DATE({year},1,1)', f'"<"&DATE({year}+1,1,1)'
            text = f"=SUMIFS({range_},{before},{dates},{end})+IF({year}=YEAR({START_DATE}),N({today}),0)"
            if row.node.rows == 1:
                text = f"={cell(place)}"
            elif row.held:
                which = end if row.held == "last" else f'"<="&DATE({year},1,1)'
                text = f"=INDEX({range_},1,MAX(1,COUNTIF({dates},{which})))"
            sheet.write_formula(at, _FIRST + number, text, look, value)
        self.formulas_count += len(self._years)
        if row.total:
            cells = f"{column(_FIRST)}{at + 1}:{column(_FIRST + len(self._years) - 1)}{at + 1}"
            sheet.write_formula(at, _TOTAL, f"=SUM({cells})", look, row.node.total)
            self.formulas_count += 1

    def _values(self, row: Row, has_today: bool) -> list[float]:
        """What the row comes to in each year."""
        values: FloatArray = row.node.value
        months = values[1:] if has_today else values
        year_of = (self._start + np.arange(self._months)) // MONTHS_PER_YEAR
        if row.held:
            which = -1 if row.held == "last" else 0
            return [float(months[np.flatnonzero(year_of == year)[which]]) for year in self._years]
        sums = [total(months[year_of == year]) for year in self._years]
        return [sums[0] + float(values[0]), *sums[1:]] if has_today else sums
