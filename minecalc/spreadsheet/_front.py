"""The sheets that are read first and last: the cover, the summary with its charts, and the sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from minecalc.figures.labels import capital, figure_label, figure_unit
from minecalc.loading import reading_of
from minecalc.looks import sentence
from minecalc.spreadsheet import _layout as laid
from minecalc.spreadsheet._cells import FIRST_MONTH, TODAY, Place
from minecalc.spreadsheet._checks import STATUS
from minecalc.spreadsheet._formulas import POINT_ROW, TIMELINE, Formulas, cell, column, quoted, span
from minecalc.spreadsheet._grid import cached
from minecalc.spreadsheet._inputs import InputSheets, bare, called
from minecalc.spreadsheet._looks import FRAMED, GREY, HEAD, KINDS, LINK, OVER, RIGHT, Formats, unit_words
from minecalc.spreadsheet._nodes import Node, total
from minecalc.units import MONTHS_PER_YEAR
from minecalc.version import VERSION
from minecalc.visible import harmless

#: What the summary shows of every plan, where it exists.
HEADLINES = (
    "npv_usd",
    "npv_difference_at_scenario_rate_usd",
    "irr_fraction_per_year",
    "payback_months",
    "moic_ratio",
    "capex_usd",
    "peak_funding_usd",
    "debt_usd",
    "dscr_min_ratio",
)

#: Plans that a chart of lines takes before it is a tangle.
_LINES_MOST = 8
_COLORS = ("#1F3864", "#C55A11", "#548235", "#7F6000", "#7030A0", "#2E75B6", "#C00000", "#7F7F7F")
#: Lines are told apart by dashes too, where colours are not seen.
_DASHES = ("solid", "dash", "round_dot", "long_dash_dot")
#: Width and height of a chart and height of a row, in pixels; the column where a chart beside the first one begins.
_CHART, _ROW, _BESIDE = (600, 320), 20, 4
_MILLIONS = "#,##0,,"
_BY_YEAR, _ADDED_UP = "Net cash flow by year", "Net cash flow added up"


class Front:
    """Writes cover, summary and sources."""

    def __init__(self, layout: laid.Layout, formulas: Formulas, formats: Formats, inputs: InputSheets) -> None:
        self._layout, self._formulas, self._formats, self._inputs = layout, formulas, formats, inputs
        self._model = layout.model
        self._plans = list(self._model.plans)
        self._years = -(-self._model.scenario.months // MONTHS_PER_YEAR)
        #: Rows from the top of one table of plans to that of the next.
        self._block = len(self._plans) + 4

    def write(self, book: Any, sheets: dict[str, Any]) -> None:
        """All three."""
        self._summary(book, sheets[laid.SUMMARY])
        self._sources(sheets["Sources"])
        self._cover(sheets["Cover"], list(sheets))

    def _text(self, sheet: Any, at: int, text: str, **look: Any) -> None:
        sheet.write_string(at, 1, harmless(text), self._formats.of(**look))

    def _cover(self, sheet: Any, sheets: Sequence[str]) -> None:
        from minecalc.analysis.compare.question import compare
        from minecalc.document import Note

        of, scenario = self._formats.of, self._model.scenario
        self._formats.begin(sheet)
        sheet.set_column(0, 0, 2)
        sheet.set_column(1, 1, 30, of())
        sheet.set_column(2, 2, 100, of())
        self._text(sheet, 1, scenario.name, **OVER, font_size=20)
        self._text(sheet, 2, "What do these megawatts earn, and for which use of them?", italic=True)
        at = 4
        for block in compare(scenario, with_break_evens=False).document().blocks:
            if isinstance(block, Note) and block.kind == "headline":
                look = {"text_wrap": True, "valign": "top", "font_size": 12}
                sheet.merge_range(at, 1, at, 2, "", of(**look))
                self._text(sheet, at, sentence(block.text), **look)
                sheet.set_row(at, 48)
                at += 1
        self._text(sheet, at, "As computed by minecalc when the workbook was made.", italic=True, font_color=GREY)
        at += 2
        self._text(sheet, at, "Checks", bold=True)
        self._formats.status(sheet, at, 2, f"={laid.CHECKS}!{STATUS}", align="left")
        at += 2
        self._text(sheet, at, "Sheets", **OVER)
        of_plan = "lines, totals, results and how they come about"
        plans = {name: f"the plan {plan}: {of_plan}" for plan, name in self._layout.sheets.items()}
        for name in sheets[1:]:
            at += 1
            sheet.write_url(at, 1, f"internal:{quoted(name)}A1", of(**LINK), string=name)
            sheet.write_string(at, 2, plans.get(name) or laid.SHEETS[name], of())
        at += 2
        self._text(sheet, at, "Colours of inputs", **OVER)
        meanings = {
            "typed": "typed in the scenario",
            "default": "a default of minecalc, with its source and date",
            "record": "of a sourced record of a machine, GPU or lease",
            "solved": "solved by minecalc: holds for these inputs, and a check says when it no longer does",
            "fixed": "fixed when the workbook was made, or decided by the calendar",
        }
        for kind, text in meanings.items():
            at += 1
            sheet.write_string(at, 1, kind, of(**FRAMED, bg_color=KINDS[kind]))
            sheet.write_string(at, 2, text, of())
        at += 2
        self._text(sheet, at, "How it is built", **OVER)
        reading = reading_of(scenario)
        for text in (
            "Every computed cell is a formula, made from the steps that minecalc explain shows; one formula a row.",
            "USD of the month, inflow positive; a month's money falls at its end. No macros, nothing hidden.",
            f"minecalc {VERSION}; {harmless(bare(reading.file))}, SHA-256 {reading.sha256}",
        ):
            at += 1
            sheet.write_string(at, 1, text, of())

    def _summary(self, book: Any, sheet: Any) -> None:
        """Live figures and charts on top, what they are drawn from and minecalc's own figures below."""
        names = [name for name in HEADLINES if any(name in plan.figures for plan in self._model.plans.values())]
        told = (
            "Workbook: live. minecalc: as it computed when the workbook was made. They differ once an input is changed."
        )
        self._formats.begin(sheet, (40,), laid.SUMMARY, told)
        sheet.set_column(1, max(len(names), self._years + 1, 9), 15, self._formats.of())
        live, charts = 3, 3 + self._block
        by_year = charts + self._chart_rows() + 1
        engine, difference = (by_year + number * self._block for number in (2, 3))
        for at, what in ((live, "Workbook"), (engine, "minecalc"), (difference, "Difference")):
            self._figures(sheet, at, what, names, (live, engine))
        self._annual(sheet, by_year)
        self._charts(book, sheet, live + 2, by_year, charts)
        sheet.freeze_panes(3, 1)

    def _figures(self, sheet: Any, top: int, what: str, names: Sequence[str], between: tuple[int, int]) -> None:
        """A table of figures of every plan: live, as minecalc computed them, or how far two tables are apart."""
        of = self._formats.of
        sheet.write_column(top, 0, (what, "Plan"), of(**HEAD, valign="top"))
        for at, name in enumerate(names, start=1):
            heads = (capital(figure_label(name)), unit_words(figure_unit(name)))
            sheet.write_column(top, at, heads, of(**RIGHT, text_wrap=True, valign="top"))
        sheet.set_row(top, 28)
        for row, plan in enumerate(self._plans, top + 2):
            label = f"{plan} (baseline)" if plan == self._model.scenario.baseline_plan.name else plan
            sheet.write_string(row, 0, label, of(indent=1))
            for at, name in enumerate(names, start=1):
                if name not in self._model.plans[plan].figures:
                    sheet.write_string(row, at, "n/a", of(align="right", font_color=GREY))
                elif what == "Difference":
                    here, there = (f"{column(at)}{first + row - top + 1}" for first in between)
                    both = f"AND(ISNUMBER({here}),ISNUMBER({there}))"
                    text = f'=IF({both},{here}-{there},IF({here}={there},0,"differs"))'
                    sheet.write_formula(row, at, text, self._look(name), 0)
                else:
                    self._figure(sheet, row, at, plan, name, live=what == "Workbook")
        if what == "Difference":
            rows = range(top + 2, top + 2 + len(self._plans))
            for at in (at for at, name in enumerate(names, start=1) if figure_unit(name) == "usd"):
                self._formats.hide_dust(sheet, rows, at, at)

    def _look(self, name: str, number: float = 0.0) -> Any:
        """The format of a figure; of one that is 0 or not known that of a small one."""
        return self._formats.number(figure_unit(name), np.array([number or 0.5]), align="right")

    def _figure(self, sheet: Any, row: int, at: int, plan: str, name: str, *, live: bool) -> None:
        """A figure as a formula, or as the engine has it, from the evaluation that was traced."""
        figure = self._model.plans[plan].figures[name]
        number = cached(float(figure.value[0]) if isinstance(figure, Node) else figure)
        look = self._look(name, 0.0 if number == "none" else number)
        if live:
            sheet.write_formula(row, at, f"={self._formulas.shown(figure, laid.SUMMARY)}", look, number)
        else:
            sheet.write(row, at, number, look)

    def _annual(self, sheet: Any, at: int) -> None:
        """Net cash by year from the start, and added up; today's money stands in the first column."""
        of, months = self._formats.of, self._model.scenario.months
        money = self._formats.number("usd")
        for top, title in ((at, _BY_YEAR), (at + self._block, _ADDED_UP)):
            sheet.write_string(top, 0, f"{title}, USD", of(**HEAD))
            sheet.write_string(top, 1, "today", of(**RIGHT))
            for year in range(1, self._years + 1):
                number = f"=N({column(year)}{top + 1})+1"
                sheet.write_formula(top, 1 + year, number, of(**RIGHT, num_format='"year "0'), year)
            for row, plan in enumerate(self._plans, top + 1):
                sheet.write_string(row, 0, plan, of(indent=1))
                net = self._model.plans[plan].others.get("net_usd")
                if not isinstance(net, Node):
                    continue
                sums = [float(net.value[0])]
                sums += [total(net.value[k : k + MONTHS_PER_YEAR]) for k in range(1, months + 1, MONTHS_PER_YEAR)]
                if top == at:
                    place = self._formulas.places[net]
                    cells = span(place._replace(column=FIRST_MONTH), months)
                    numbers = span(Place(TIMELINE, POINT_ROW, FIRST_MONTH), months)
                    sheet.write_formula(row, 1, f"={cell(place._replace(column=TODAY))}", money, sums[0])
                    for year in range(1, self._years + 1):
                        number = f"{column(1 + year)}${top + 1}"
                        text = f'=SUMIFS({cells},{numbers},">"&12*({number}-1),{numbers},"<="&12*{number})'
                        sheet.write_formula(row, 1 + year, text, money, sums[year])
                else:
                    for year, so_far in enumerate(accumulate(sums)):
                        text = f"=N({column(year)}{row + 1})+{column(1 + year)}{at + row - top + 1}"
                        sheet.write_formula(row, 1 + year, text, money, so_far)

    def _chart_rows(self) -> int:
        """How many rows of the sheet the charts cover."""
        return -(-(self._bars_height() + _CHART[1] + 2 * _ROW) // _ROW)

    def _bars_height(self) -> int:
        return max(_CHART[1], 110 + 26 * min(len(self._plans), 30))

    def _charts(self, book: Any, sheet: Any, first: int, by_year: int, at: int) -> None:
        """The worth of each plan, from the row ``first`` on, and money ``by_year`` beside and below it."""
        last = first + len(self._plans) - 1
        grid = {"visible": True, "line": {"color": "#D9D9D9"}}
        bars = book.add_chart({"type": "bar"})
        bars.add_series(
            {
                "name": "NPV",
                "categories": [laid.SUMMARY, first, 0, last, 0],
                "values": [laid.SUMMARY, first, 1, last, 1],
                "fill": {"color": _COLORS[0]},
                "invert_if_negative": False,
                "gap": 60,
            }
        )
        bars.set_title({"name": "NPV of each plan, USD million", "name_font": {"size": 12}})
        bars.set_legend({"none": True})
        bars.set_x_axis({"num_format": _MILLIONS, "major_gridlines": grid, "label_position": "high"})
        bars.set_y_axis({"reverse": True, "label_position": "low"})
        bars.set_size({"width": _CHART[0], "height": self._bars_height()})
        sheet.insert_chart(at, 0, bars, {"description": "Bars: the NPV of each plan", "x_offset": 4})
        below = at + -(-(self._bars_height() + _ROW) // _ROW)
        more = f" of the first {_LINES_MOST} plans" if len(self._plans) > _LINES_MOST else ""
        charts = ((_BY_YEAR, "column", by_year, (at, _BESIDE)), (_ADDED_UP, "line", by_year + self._block, (below, 0)))
        for title, kind, top, place in charts:
            chart = book.add_chart({"type": kind})
            for row in range(len(self._plans[:_LINES_MOST])):
                line = top + 1 + row
                color = _COLORS[row % len(_COLORS)]
                series: dict[str, Any] = {
                    "name": [laid.SUMMARY, line, 0],
                    "categories": [laid.SUMMARY, top, 1, top, 1 + self._years],
                    "values": [laid.SUMMARY, line, 1, line, 1 + self._years],
                }
                if kind == "line":
                    series |= {"line": {"color": color, "width": 2, "dash_type": _DASHES[row % len(_DASHES)]}}
                else:
                    series |= {"fill": {"color": color}, "gap": 60}
                chart.add_series(series)
            chart.set_title({"name": f"{title}{more}, USD million", "name_font": {"size": 12}})
            chart.set_legend({"position": "bottom"})
            chart.set_x_axis({"label_position": "low"})
            chart.set_y_axis({"num_format": _MILLIONS, "major_gridlines": grid})
            chart.set_size({"width": _CHART[0], "height": _CHART[1]})
            sheet.insert_chart(*place, chart, {"description": f"{title}, USD million", "x_offset": 4})

    def _sources(self, sheet: Any) -> None:
        of = self._formats.of
        self._formats.begin(sheet, (46, 60, 10, 10, 100), "Sources")
        sheet.write_row(2, 0, ("Input", "Path", "Kind", "As of", "Source"), of(**HEAD))
        sheet.freeze_panes(3, 1)
        for row, field in enumerate(self._inputs.every, 3):
            sheet.write_string(row, 0, harmless(called(field.path)), of(valign="top"))
            sheet.write_string(row, 1, harmless(field.path), of(font_color=GREY, valign="top"))
            sheet.write_string(row, 2, field.kind, of(bg_color=KINDS[field.kind], valign="top"))
            sheet.write_string(row, 3, field.origin.as_of, of(valign="top"))
            sheet.write_string(row, 4, field.source, of(text_wrap=True, valign="top"))
        row = 4 + len(self._inputs.every)
        sheet.write_string(row, 0, "Files that were read", of(**OVER))
        reading = reading_of(self._model.scenario)
        for file, digest in [(reading.file, reading.sha256), *((str(one.name), one.sha256) for one in reading.files)]:
            row += 1
            sheet.write_string(row, 0, harmless(bare(file)), of())
            sheet.write_string(row, 1, f"SHA-256 {digest}", of(font_color=GREY))
