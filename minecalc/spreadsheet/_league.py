"""The plans of many scenarios in one table, each with a link to the workbook that computes it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from minecalc.engine import evaluate
from minecalc.figures import figures_of
from minecalc.figures.labels import capital, figure_label, figure_unit
from minecalc.scenario import Scenario
from minecalc.spreadsheet._looks import HEADING, Formats, page, unit_words
from minecalc.spreadsheet.book import CREATED
from minecalc.visible import harmless

_FIGURES = (
    "npv_at_scenario_rate_usd",
    "irr_fraction_per_year",
    "payback_months",
    "moic_ratio",
    "capex_usd",
    "peak_funding_usd",
    "gross_profit_usd_per_gross_mwh",
)


def league_bytes(scenarios: Sequence[Scenario], files: Sequence[str]) -> bytes:
    """A sheet with a row a plan: its scenario, with a link to the workbook beside, and its figures as computed."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "League table", "author": "minecalc", "created": CREATED})
    _write(book, book.add_worksheet("League"), scenarios, files)
    book.close()
    return buffer.getvalue()


def _write(book: Any, sheet: Any, scenarios: Sequence[Scenario], files: Sequence[str]) -> None:
    formats = Formats(book)
    of = formats.of
    page(sheet)
    sheet.set_column(0, 1, 44, of())
    sheet.set_column(2, 2 + len(_FIGURES), 17, of())
    sheet.write_string(0, 0, "League table", of(bold=True, font_size=14, font_color=HEADING))
    sheet.write_string(
        1, 0, "Figures as minecalc computed them; each name leads to the workbook that computes it.", of(italic=True)
    )
    left = of(bold=True, font_color="#FFFFFF", bg_color=HEADING, text_wrap=True, valign="top")
    head = of(bold=True, font_color="#FFFFFF", bg_color=HEADING, text_wrap=True, valign="top", align="right")
    told = [f"{capital(figure_label(name))}, {unit_words(figure_unit(name))}" for name in _FIGURES]
    for at, text in enumerate(("Scenario", "Plan", *told)):
        sheet.write_string(3, at, text, head if at > 1 else left)
    sheet.set_row(3, 42)
    sheet.repeat_rows(3)
    sheet.freeze_panes(4, 2)
    row = 4
    for scenario, file in zip(scenarios, files, strict=True):
        for name, plan in evaluate(scenario).plans.items():
            link = of(font_color="#0563C1", underline=1)
            sheet.write_url(row, 0, f"external:{file}", link, string=harmless(scenario.name))
            sheet.write_string(row, 1, harmless(name), of())
            for at, (figure, metric) in enumerate(figures_of(plan, _FIGURES).items(), start=2):
                number = metric.number()
                if number is None:
                    sheet.write_string(row, at, "none", of(align="right"))
                else:
                    look = formats.number(figure_unit(figure), np.array([number or 0.5]))
                    sheet.write_number(row, at, number, look)
            row += 1
    sheet.autofilter(3, 0, row - 1, 1 + len(_FIGURES))
