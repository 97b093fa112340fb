"""The sheets that are read first and last: the cover, the summary with its charts, and the sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from minecalc.figures import CATALOGUE, against_baseline, figures_of
from minecalc.figures.labels import capital, figure_label, figure_unit
from minecalc.loading import reading_of
from minecalc.looks import sentence
from minecalc.spreadsheet import _layout as laid
from minecalc.spreadsheet._cells import FIRST_MONTH, TODAY, Place
from minecalc.spreadsheet._checks import CHECKS, STATUS
from minecalc.spreadsheet._formulas import TIMELINE, Formulas, column, quoted
from minecalc.spreadsheet._grid import cached
from minecalc.spreadsheet._inputs import InputSheets, bare, called
from minecalc.spreadsheet._looks import GREEN, HEADING, KINDS, RED, Formats, page, unit_words
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


class Front:
    """Writes cover, summary and sources."""

    def __init__(self, layout: laid.Layout, formulas: Formulas, formats: Formats, inputs: InputSheets) -> None:
        self._layout, self._formulas, self._formats, self._inputs = layout, formulas, formats, inputs
        self._model = layout.model
        self._plans = list(self._model.plans)

    def write(self, book: Any, sheets: dict[str, Any]) -> None:
        """All three."""
        self._summary(book, sheets["Summary"])
        self._sources(sheets["Sources"])
        self._cover(sheets["Cover"], list(sheets))

    def _text(self, sheet: Any, at: int, text: str, **look: Any) -> None:
        sheet.write_string(at, 1, harmless(text), self._formats.of(**look))

    def _cover(self, sheet: Any, sheets: Sequence[str]) -> None:
        from minecalc.analysis.compare.question import compare
        from minecalc.document import Note

        of, scenario = self._formats.of, self._model.scenario
        page(sheet)
        sheet.set_column(0, 0, 2)
        sheet.set_column(1, 1, 30, of())
        sheet.set_column(2, 2, 100, of())
        self._text(sheet, 1, scenario.name, bold=True, font_size=20, font_color=HEADING)
        self._text(sheet, 2, "What do these megawatts earn, and for which use of them?", italic=True)
        at = 4
        blocks = compare(scenario, with_break_evens=False).document().blocks
        for block in blocks:
            if isinstance(block, Note) and block.kind == "headline":
                sheet.merge_range(at, 1, at, 2, "", of(text_wrap=True, valign="top", font_size=12))
                sheet.write_string(
                    at, 1, harmless(sentence(block.text)), of(text_wrap=True, valign="top", font_size=12)
                )
                sheet.set_row(at, 48)
                at += 1
        self._text(sheet, at, "As computed by minecalc when the workbook was made.", italic=True, font_color="#7F7F7F")
        at += 2
        self._text(sheet, at, "Checks", bold=True)
        look = of(bold=True, align="left", font_color=GREEN)
        sheet.write_formula(at, 2, f"={CHECKS}!{STATUS}", look, "All checks hold")
        red = of(bold=True, align="left", font_color="#FFFFFF", bg_color=RED)
        wrong = {"type": "cell", "criteria": "!=", "value": '"All checks hold"', "format": red}
        sheet.conditional_format(at, 2, at, 2, wrong)
        at += 2
        self._text(sheet, at, "Sheets", bold=True, font_color=HEADING)
        told = self._told()
        for name in sheets[1:]:
            at += 1
            link = of(font_color="#0563C1", underline=1)
            sheet.write_url(at, 1, f"internal:{quoted(name)}A1", link, string=name)
            sheet.write_string(at, 2, told.get(name, ""), of())
        at += 2
        self._text(sheet, at, "Colours of inputs", bold=True, font_color=HEADING)
        meanings = {
            "typed": "typed in the scenario",
            "default": "a default of minecalc, with its source and date",
            "record": "of a sourced record of a machine, GPU or lease",
            "solved": "solved by minecalc: holds for these inputs, and a check says when it no longer does",
            "fixed": "fixed when the workbook was made, or decided by the calendar",
        }
        for kind, text in meanings.items():
            at += 1
            sheet.write_string(at, 1, kind, of(bg_color=KINDS[kind], border=1, border_color="#BFBFBF"))
            sheet.write_string(at, 2, text, of())
        at += 2
        self._text(sheet, at, "How it is built", bold=True, font_color=HEADING)
        reading = reading_of(scenario)
        for text in (
            "Every computed cell is a formula, made from the steps that minecalc explain shows; one formula a row.",
            "USD of the month, inflow positive; a month's money falls at its end. No macros, nothing hidden.",
            f"minecalc {VERSION}; {harmless(bare(reading.file))}, SHA-256 {reading.sha256}",
        ):
            at += 1
            sheet.write_string(at, 1, text, of())

    def _told(self) -> dict[str, str]:
        told = "lines, totals, results and how they come about"
        plans = {sheet: f"the plan {name}: {told}" for name, sheet in self._layout.sheets.items()}
        shared = {
            laid.INPUT_SHEET: "every number that may be changed, with unit, source and date",
            laid.SERIES: "inputs that change over time",
            laid.HOURLY: "prices of each month by the hour, cheapest first, and what so many hours of them cost",
            TIMELINE: "months, their days and hours, and what else the calendar decides",
            laid.MARKET: "prices and network, and what the site costs, which plans share",
            laid.FINANCING: "debt: close, schedules, waterfall, covenants",
            laid.TAX: "tax by calendar year",
            laid.STATED: "income, cash flow and balance sheet",
            laid.RETURNS: "what IRR, payback and the like need to be computed by formulas",
            "Summary": "plans side by side, the figures that minecalc computed beside them, and charts",
            laid.BY_YEAR: "statements of each plan, or its lines, by calendar year: to be handed on",
            CHECKS: "what must hold, and which changes need minecalc to be asked again",
            "Sources": "where every default and record comes from",
        }
        return {**shared, **plans}

    def _summary(self, book: Any, sheet: Any) -> None:
        """Live figures and charts on top, what they are drawn from and minecalc's own figures below."""
        of, names = self._formats.of, self._headlines()
        years = -(-self._model.scenario.months // MONTHS_PER_YEAR)
        page(sheet)
        sheet.set_column(0, 0, 40, of())
        sheet.set_column(1, max(len(names), years + 1, 9), 15, of())
        sheet.write_string(0, 0, "Summary", of(bold=True, font_size=14, font_color=HEADING))
        told = (
            "Workbook: live. minecalc: as it computed when the workbook was made. They differ once an input is changed."
        )
        sheet.write_string(1, 0, told, of(italic=True))
        block = len(self._plans) + 4
        tops = [3, 0, 0, 0, 0]
        charts = tops[0] + block
        tops[1] = charts + self._chart_rows() + 1
        for number in range(2, 5):
            tops[number] = tops[number - 1] + block
        live, by_year, _, engine, difference = tops
        for at, what in ((live, "Workbook"), (engine, "minecalc"), (difference, "Difference")):
            self._figures(sheet, at, what, names, (live, engine))
        self._annual(sheet, by_year)
        self._charts(book, sheet, (live + 2, live + 1 + len(self._plans)), (by_year, years), charts)
        sheet.freeze_panes(3, 1)

    def _figures(self, sheet: Any, top: int, what: str, names: Sequence[str], between: tuple[int, int]) -> None:
        """A table of figures of every plan: live, as minecalc computed them, or how far two tables are apart."""
        of = self._formats.of
        head = of(bold=True, font_color="#FFFFFF", bg_color=HEADING, align="right", text_wrap=True, valign="top")
        left = of(bold=True, font_color="#FFFFFF", bg_color=HEADING, valign="top")
        sheet.write_string(top, 0, what, left)
        sheet.write_string(top + 1, 0, "Plan", left)
        for at, name in enumerate(names, start=1):
            sheet.write_string(top, at, capital(figure_label(name)), head)
            sheet.write_string(top + 1, at, unit_words(figure_unit(name)), head)
        sheet.set_row(top, 28)
        for row, plan in enumerate(self._plans):
            label = f"{plan} (baseline)" if plan == self._model.scenario.baseline_plan.name else plan
            sheet.write_string(top + 2 + row, 0, label, of(indent=1))
            for at, name in enumerate(names, start=1):
                if name not in self._model.plans[plan].figures:
                    sheet.write_string(top + 2 + row, at, "n/a", of(align="right", font_color="#7F7F7F"))
                elif what == "Difference":
                    here, there = (f"{column(at)}{first + 3 + row}" for first in between)
                    both = f"AND(ISNUMBER({here}),ISNUMBER({there}))"
                    text = f'=IF({both},{here}-{there},IF({here}={there},0,"differs"))'
                    sheet.write_formula(top + 2 + row, at, text, self._look(name), 0)
                else:
                    self._headline(sheet, top + 2 + row, at, plan, name, live=what == "Workbook")
        if what == "Difference":
            rows = range(top + 2, top + 2 + len(self._plans))
            for at in (at for at, name in enumerate(names, start=1) if figure_unit(name) == "usd"):
                self._formats.hide_dust(sheet, rows, at, at)

    def _headlines(self) -> list[str]:
        return [name for name in HEADLINES if any(name in plan.figures for plan in self._model.plans.values())]

    def _look(self, name: str, number: float | None = None) -> Any:
        """The format of a figure; of one that is 0 or not known that of a small one."""
        return self._formats.number(figure_unit(name), np.array([number or 0.5]), align="right")

    def _headline(self, sheet: Any, row: int, at: int, plan: str, name: str, *, live: bool) -> None:
        number = self._engine(plan, name)
        look = self._look(name, number)
        if live:
            text = self._shown(self._model.plans[plan].figures[name])
            sheet.write_formula(row, at, f"={text}", look, "none" if number is None else number)
        elif number is None:
            sheet.write_string(row, at, "none", look)
        else:
            sheet.write_number(row, at, number, look)

    def _engine(self, plan: str, name: str) -> float | None:
        """What the engine has for a figure, from the evaluation that was traced."""
        found = self._model.evaluation
        if CATALOGUE[name].of == "incremental":
            metric = against_baseline(found, plan, [name])[name]
        else:
            metric = figures_of(found.plans[plan], [name])[name]
        value = cached(float(getattr(metric.numbers, "value", metric.numbers).reshape(-1)[0]))
        return None if value == "none" else value

    def _shown(self, operand: Any) -> str:
        text = self._formulas.shown(operand, Place("Summary", 0, 0))
        return "".join(map(str, text.pieces))

    def _annual(self, sheet: Any, at: int) -> None:
        """Net cash by year from the start, and added up; today's money stands in the first column."""
        of, months = self._formats.of, self._model.scenario.months
        years = -(-months // MONTHS_PER_YEAR)
        head = of(bold=True, font_color="#FFFFFF", bg_color=HEADING, align="right")
        left = of(bold=True, font_color="#FFFFFF", bg_color=HEADING)
        money = self._formats.number("usd")
        for block, title in enumerate(("Net cash flow by year, USD", "Net cash flow added up, USD")):
            top = at + block * (len(self._plans) + 4)
            sheet.write_string(top, 0, title, left)
            sheet.write_string(top, 1, "today", head)
            for year in range(years):
                here, before = column(2 + year), column(1 + year)
                sheet.write_formula(
                    top, 2 + year, f"=N({before}{top + 1})+1", of(**_HEAD, num_format='"year "0'), year + 1
                )
            for row, plan in enumerate(self._plans):
                line = top + 1 + row
                sheet.write_string(line, 0, plan, of(indent=1))
                net = self._model.plans[plan].others.get("net_usd")
                if not isinstance(net, Node):
                    continue
                place = self._formulas.places[net]
                flow = net.value
                ends = [0, *(min(12 * year, months) for year in range(1, years + 1))]
                sums = [
                    float(flow[0]),
                    *(total(flow[a + 1 : b + 1]) for a, b in pairwise(ends)),
                ]
                if block == 0:
                    first, last = column(FIRST_MONTH), column(FIRST_MONTH + months - 1)
                    cells = f"{quoted(place.sheet)}${first}${place.row + 1}:${last}${place.row + 1}"
                    numbers = f"{TIMELINE}!${first}$7:${last}$7"
                    today = f"={quoted(place.sheet)}${column(TODAY)}${place.row + 1}"
                    sheet.write_formula(line, 1, today, money, sums[0])
                    for year in range(years):
                        number = f"{column(2 + year)}${top + 1}"
                        text = f'=SUMIFS({cells},{numbers},">"&12*({number}-1),{numbers},"<="&12*{number})'
                        sheet.write_formula(line, 2 + year, text, money, sums[year + 1])
                else:
                    of_year = at + 1 + row + 1
                    so_far = 0.0
                    for year in range(years + 1):
                        so_far += sums[year]
                        here, before = column(1 + year), column(year)
                        text = f"=N({before}{line + 1})+{here}{of_year}"
                        sheet.write_formula(line, 1 + year, text, money, so_far)

    def _chart_rows(self) -> int:
        """How many rows of the sheet the charts cover."""
        return -(-(self._bars_height() + _CHART[1] + 2 * _ROW) // _ROW)

    def _bars_height(self) -> int:
        return max(_CHART[1], 110 + 26 * min(len(self._plans), 30))

    def _charts(self, book: Any, sheet: Any, plans: tuple[int, int], annual: tuple[int, int], at: int) -> None:
        """The worth of each plan, and money by year beside and below it."""
        first, last = plans
        top, years = annual
        grid = {"visible": True, "line": {"color": "#D9D9D9"}}
        bars = book.add_chart({"type": "bar"})
        bars.add_series(
            {
                "name": "NPV",
                "categories": ["Summary", first, 0, last, 0],
                "values": ["Summary", first, 1, last, 1],
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
        shown = self._plans[:_LINES_MOST]
        titles = ("Net cash flow by year, USD million", "Net cash flow added up, USD million")
        below = at + -(-(self._bars_height() + _ROW) // _ROW)
        for block, (title, kind) in enumerate(zip(titles, ("column", "line"), strict=True)):
            chart = book.add_chart({"type": kind})
            start = top + block * (len(self._plans) + 4)
            for row in range(len(shown)):
                line = start + 1 + row
                color = _COLORS[row % len(_COLORS)]
                series: dict[str, Any] = {
                    "name": ["Summary", line, 0],
                    "categories": ["Summary", start, 1, start, 1 + years],
                    "values": ["Summary", line, 1, line, 1 + years],
                }
                if kind == "line":
                    series |= {"line": {"color": color, "width": 2, "dash_type": _DASHES[row % len(_DASHES)]}}
                else:
                    series |= {"fill": {"color": color}, "gap": 60}
                chart.add_series(series)
            more = f" of the first {_LINES_MOST} plans" if len(self._plans) > _LINES_MOST else ""
            chart.set_title({"name": title.replace(",", f"{more},"), "name_font": {"size": 12}})
            chart.set_legend({"position": "bottom"})
            chart.set_x_axis({"label_position": "low"})
            chart.set_y_axis({"num_format": _MILLIONS, "major_gridlines": grid})
            chart.set_size({"width": _CHART[0], "height": _CHART[1]})
            place = (below, 0) if block else (at, _BESIDE)
            sheet.insert_chart(*place, chart, {"description": title, "x_offset": 4})

    def _sources(self, sheet: Any) -> None:
        of = self._formats.of
        page(sheet)
        for at, width in enumerate((46, 60, 10, 10, 100)):
            sheet.set_column(at, at, width, of())
        sheet.write_string(0, 0, "Sources", of(bold=True, font_size=14, font_color=HEADING))
        head = of(bold=True, font_color="#FFFFFF", bg_color=HEADING)
        for at, text in enumerate(("Input", "Path", "Kind", "As of", "Source")):
            sheet.write_string(2, at, text, head)
        sheet.freeze_panes(3, 1)
        row = 3
        for field in (*self._inputs.single, *self._inputs.series, *self._inputs.hourly):
            sheet.write_string(row, 0, harmless(called(field.path)), of(valign="top"))
            sheet.write_string(row, 1, harmless(field.path), of(font_color="#7F7F7F", valign="top"))
            sheet.write_string(row, 2, field.kind, of(bg_color=KINDS[field.kind], valign="top"))
            sheet.write_string(row, 3, field.origin.as_of, of(valign="top"))
            sheet.write_string(row, 4, field.source, of(text_wrap=True, valign="top"))
            row += 1
        row += 1
        sheet.write_string(row, 0, "Files that were read", of(bold=True, font_color=HEADING))
        reading = reading_of(self._model.scenario)
        for file, digest in [(reading.file, reading.sha256), *((str(one.name), one.sha256) for one in reading.files)]:
            row += 1
            sheet.write_string(row, 0, harmless(bare(file)), of())
            sheet.write_string(row, 1, f"SHA-256 {digest}", of(font_color="#7F7F7F"))


_HEAD: dict[str, Any] = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEADING, "align": "right"}
