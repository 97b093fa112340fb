"""A scenario as a workbook with live formulas, made from the trace that ``explain`` reads."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from minecalc.scenario import Scenario
from minecalc.spreadsheet import _layout as laid
from minecalc.spreadsheet._calendar import calendar_names
from minecalc.spreadsheet._cells import Cells, in_order
from minecalc.spreadsheet._checks import CHECKS, CheckSheet
from minecalc.spreadsheet._formulas import TIMELINE, Formulas, Names
from minecalc.spreadsheet._front import Front
from minecalc.spreadsheet._grid import Grid
from minecalc.spreadsheet._hours import HourSheet
from minecalc.spreadsheet._inputs import InputSheets
from minecalc.spreadsheet._looks import Formats
from minecalc.spreadsheet._model import Model, model
from minecalc.spreadsheet._nodes import Node
from minecalc.spreadsheet._years import YearSheet
from minecalc.trace import INPUTS

#: When every workbook says that it was made, so that the same scenario gives the same bytes.
CREATED = datetime(2026, 1, 1)

_LONGEST = 31
_TAKEN: tuple[str, ...] = (
    "Cover",
    "Inputs",
    laid.SERIES,
    laid.HOURLY,
    TIMELINE,
    laid.MARKET,
    laid.FINANCING,
    laid.TAX,
    laid.STATED,
)
_TAKEN += (laid.RETURNS, "Summary", laid.BY_YEAR, "Checks", "Sources", "History")


def sheet_names(names: Sequence[str]) -> Mapping[str, str]:
    """A name of a sheet for each of ``names``: short enough, without what spreadsheets refuse, none twice."""
    taken = {name.lower() for name in _TAKEN}
    found = {}
    for name in names:
        bare = re.sub(r"[^\w .,()&+-]", " ", name).strip() or "Plan"
        sheet, number = bare[:_LONGEST].strip(), 2
        while sheet.lower() in taken:
            sheet, number = f"{bare[: _LONGEST - 4].strip()} {number}", number + 1
        taken.add(sheet.lower())
        found[name] = sheet
    return found


class Book(NamedTuple):
    """A workbook: its bytes, the same every time, and what is in it."""

    data: bytes
    about: Mapping[str, Any]


def book_of(scenario: Scenario) -> Book:
    """The workbook of ``scenario``, of a single case as it was read."""
    import xlsxwriter

    found = model(scenario)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": scenario.name, "author": "minecalc", "created": CREATED})
    book.set_calc_mode("auto")
    about = _write(book, found)
    book.close()
    return Book(buffer.getvalue(), {"scenario": scenario.name, **about})


def _write(book: Any, found: Model) -> Mapping[str, int]:
    """Everything; what there is of it."""
    formats = Formats(book)
    tops = list(found.operands())
    order = in_order(tops)
    inputs = InputSheets(found, [node for node in order if node.op in INPUTS], formats)
    cells = Cells(tops, {node: node.called for node in order if node.called})
    names = Names(calendar_names(found.scenario.timeline))
    formulas = Formulas(cells, names, inputs.references)
    formulas.places.update(inputs.places)
    formulas.figures = {
        node for plan in found.plans.values() for node in plan.figures.values() if isinstance(node, Node)
    }
    layout = laid.Layout(found, cells, formulas, sheet_names(list(found.plans)))
    hours = HourSheet(inputs.hourly, found.hours, formats)
    formulas.hours = hours.tables
    grid = Grid(layout, formulas, formats, inputs.months_at)
    sheets = _sheets(book, layout, inputs)
    for name, title in _titles(layout).items():
        if name in sheets:
            grid.write(sheets[name], name, title)
    if laid.SERIES in sheets:
        inputs.write_series(sheets[laid.SERIES])
    if laid.HOURLY in sheets:
        hours.write(sheets[laid.HOURLY])
    by_year = YearSheet(layout, formulas, formats)
    by_year.write(sheets[laid.BY_YEAR])
    CheckSheet(layout, formulas, formats, hours).write(sheets[CHECKS])
    Front(layout, formulas, formats, inputs).write(book, sheets)
    inputs.write(book, sheets[laid.INPUT_SHEET], names)
    return {
        "sheets_count": len(sheets),
        "formulas_count": grid.formulas_count + hours.formulas_count + by_year.formulas_count,
        "inputs_count": len(inputs.single) + len(inputs.series) + len(inputs.hourly),
        "guards_count": len(found.guards),
    }


def _sheets(book: Any, layout: laid.Layout, inputs: InputSheets) -> dict[str, Any]:
    """The sheets in their order; those that would be empty are left out."""
    found = ["Cover", laid.INPUT_SHEET, *([laid.SERIES] if inputs.series else [])]
    found += [*([laid.HOURLY] if inputs.hourly else []), TIMELINE]
    of_grid = [laid.MARKET, *layout.sheets.values(), laid.FINANCING, laid.TAX, laid.STATED, laid.RETURNS]
    found += [name for name in of_grid if layout.sections[name] or name == laid.RETURNS]
    plain = _plain_worksheet()
    return {name: book.add_worksheet(name, plain) for name in (*found, "Summary", laid.BY_YEAR, "Checks", "Sources")}


def _plain_worksheet() -> Any:
    """A class of worksheets that looks for no function newer than Excel 2007 in each formula, in half the time."""
    from xlsxwriter.worksheet import Worksheet

    class Plain(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, *_: Any) -> str:
            return formula.removeprefix("=")

    return Plain


def _titles(layout: laid.Layout) -> Mapping[str, str]:
    plans = {sheet: f"Plan: {name}" for name, sheet in layout.sheets.items()}
    shared = {
        TIMELINE: "Timeline",
        laid.MARKET: "Market and site",
        laid.FINANCING: "Financing: debt of each plan",
        laid.TAX: "Tax of each plan",
        laid.STATED: "Statements",
        laid.RETURNS: "Working of returns",
    }
    return {**shared, **plans}
