"""The plans of many scenarios in one table, each with a link to the workbook that computes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minecalc.engine import evaluate
from minecalc.figures import figures_of
from minecalc.figures.labels import capital, figure_label, figure_unit
from minecalc.scenario import Scenario
from minecalc.spreadsheet._looks import HEAD, LINK, RIGHT, Formats, unit_words
from minecalc.spreadsheet.book import written
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


def league_bytes(scenarios: Mapping[str, Scenario]) -> bytes:
    """A sheet with a row a plan: its scenario, with a link to the workbook in the file beside, and its figures."""
    return written("League table", lambda book: _write(book, scenarios))[0]


def _write(book: Any, scenarios: Mapping[str, Scenario]) -> None:
    sheet, formats = book.add_worksheet("League"), Formats(book)
    of = formats.of
    told = "Figures as minecalc computed them; each name leads to the workbook that computes it."
    formats.begin(sheet, (44, 44), "League table", told)
    sheet.set_column(2, 2 + len(_FIGURES), 17, of())
    sheet.write_row(3, 0, ("Scenario", "Plan"), of(**HEAD, text_wrap=True, valign="top"))
    heads = (f"{capital(figure_label(name))}, {unit_words(figure_unit(name))}" for name in _FIGURES)
    sheet.write_row(3, 2, heads, of(**RIGHT, text_wrap=True, valign="top"))
    sheet.set_row(3, 42)
    sheet.repeat_rows(3)
    sheet.freeze_panes(4, 2)
    row = 4
    for file, scenario in scenarios.items():
        for name, plan in evaluate(scenario).plans.items():
            sheet.write_url(row, 0, f"external:{file}", of(**LINK), string=harmless(scenario.name))
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
