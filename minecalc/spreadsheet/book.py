"""A scenario as a workbook with live formulas, made from the trace that ``explain`` reads."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from minecalc.scenario import Scenario
from minecalc.schema.names import none_twice
from minecalc.spreadsheet import _layout as laid
from minecalc.spreadsheet._calendar import calendar_names
from minecalc.spreadsheet._cells import Cells
from minecalc.spreadsheet._checks import CheckSheet
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
_CREATED = datetime(2026, 1, 1)

Told = TypeVar("Told")

#: The longest name of a sheet, and one that spreadsheets keep for themselves.
_LONGEST, _RESERVED = 31, "History"


def sheet_names(names: Sequence[str]) -> Mapping[str, str]:
    """A name of a sheet for each of ``names``: short enough, without what spreadsheets refuse, none twice."""
    bare = (re.sub(r"[^\w .,()&+-]", " ", name).strip() or "Plan" for name in names)
    short = (name[:_LONGEST].strip() for name in bare)
    sheets = none_twice(short, (*laid.SHEETS, _RESERVED), lambda name, n: f"{name[: _LONGEST - 4].strip()} {n}")
    return dict(zip(names, sheets, strict=True))


class Book(NamedTuple):
    """A workbook of ``scenario``: its bytes, the same every time, and what is in it."""

    scenario: Scenario
    data: bytes
    about: Mapping[str, Any]


def book_of(scenario: Scenario) -> Book:
    """The workbook of ``scenario``, of a single case as it was read."""
    found = model(scenario)
    data, about = written(scenario.name, lambda book: _write(book, found))
    return Book(scenario, data, {"scenario": scenario.name, **about})


def written(title: str, write: Callable[[Any], Told]) -> tuple[bytes, Told]:
    """A file as ``write`` fills its workbook, and what that tells."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "author": "minecalc", "created": _CREATED})
    told = write(book)
    book.close()
    return buffer.getvalue(), told


def _write(book: Any, found: Model) -> Mapping[str, int]:
    """Everything; what there is of it."""
    formats = Formats(book)
    cells = Cells(list(found.operands()))
    inputs = InputSheets(found, [node for node in cells.order if node.op in INPUTS], formats)
    names = Names(calendar_names(found.scenario.timeline))
    formulas = Formulas(names, inputs.references)
    formulas.places.update(inputs.places)
    formulas.figures = {
        node for plan in found.plans.values() for node in plan.figures.values() if isinstance(node, Node)
    }
    layout = laid.Layout(found, cells, formulas, sheet_names(list(found.plans)))
    hours = HourSheet(inputs.hourly, found.hours, formats)
    formulas.hours = hours.tables
    grid = Grid(layout, formulas, formats)
    sheets = _sheets(book, layout, inputs)
    plans = {sheet: f"Plan: {name}" for name, sheet in layout.sheets.items()}
    for name, title in {**laid.TITLES, **plans}.items():
        if name in sheets:
            grid.write(sheets[name], name, title)
    if laid.SERIES in sheets:
        inputs.write_series(sheets[laid.SERIES])
    if laid.HOURLY in sheets:
        hours.write(sheets[laid.HOURLY])
    by_year = YearSheet(layout, formulas, formats)
    by_year.write(sheets[laid.BY_YEAR])
    CheckSheet(layout, formulas, formats, hours).write(sheets[laid.CHECKS])
    Front(layout, formulas, formats, inputs).write(book, sheets)
    inputs.write(book, sheets[laid.INPUT_SHEET], names)
    return {
        "sheets_count": len(sheets),
        "formulas_count": grid.formulas_count + hours.formulas_count + by_year.formulas_count,
        "inputs_count": len(inputs.every),
        "guards_count": len(found.guards),
    }


def _sheets(book: Any, layout: laid.Layout, inputs: InputSheets) -> dict[str, Any]:
    """The sheets in their order; those that would be empty are left out."""
    from xlsxwriter.worksheet import Worksheet

    class Plain(Worksheet):  # type: ignore[misc]
        """Looks for no function newer than Excel 2007 in each formula, in half the time."""

        def _prepare_formula(self, formula: str, *_: Any) -> str:
            return formula.removeprefix("=")

    rows = {**layout.sections, laid.SERIES: inputs.series, laid.HOURLY: inputs.hourly}
    empty = {name for name, found in rows.items() if not found} - {TIMELINE, laid.RETURNS}
    names = list(laid.SHEETS)
    after = names.index(laid.MARKET) + 1
    names[after:after] = layout.sheets.values()
    return {name: book.add_worksheet(name, Plain) for name in names if name not in empty}
