"""The sheet of inputs: each with its value, unit, kind, source, date and name; those over time on a sheet beside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from minecalc.figures.labels import capital, input_label
from minecalc.loading import reading_of
from minecalc.loading.origins import Origin, Origins, remark
from minecalc.scenario.places import Place as Input
from minecalc.scenario.places import places
from minecalc.schema.names import none_twice, split_path
from minecalc.spreadsheet import _calendar as calendar
from minecalc.spreadsheet._cells import TODAY, Place
from minecalc.spreadsheet._formulas import Names, quoted
from minecalc.spreadsheet._layout import INPUT_SHEET, SERIES
from minecalc.spreadsheet._looks import BLUE, FRAMED, GREY, HEAD, KINDS, OVER, Formats, across, unit_words
from minecalc.spreadsheet._model import Model
from minecalc.spreadsheet._nodes import Node
from minecalc.timeline import MONTHS_OF_ANY_YEAR
from minecalc.units import unit_of
from minecalc.values.paths import ValueOverTime
from minecalc.visible import harmless

_PATH, _VALUE, _UNIT, _KIND, _DATE, _SOURCE, _NAME = range(1, 8)
_FIRST = 7

#: The number of the calendar month of a date, since year 0.
_MONTH_OF_DATE = "YEAR({0})*12+MONTH({0})-1"

#: What is told of each kind of input above them.
_KINDS = {
    "typed": "typed in the scenario",
    "default": "a default, with its source and date",
    "record": "of a record",
    "fixed": "fixed",
}

#: What a number in a formula is, by its value.
_MEANINGS = {
    "negligible": "share of the largest flow below which a flow is only rounding",
    "infinite": "more than any amount: what is divided by it is nothing",
    "lowest_growth_per_year": "1 + the lowest rate of return that is looked for",
    "highest_growth_per_year": "1 + the highest rate of return that is looked for",
    "rates_less_1": "rates on which a return is looked for, less 1",
    "number_1000000": "TH per EH, or W per MW",
    "number_144": "blocks a day",
    "number_1e_minus_09": "share of an amount that counts as rounding",
    "number_1e_minus_12": "share of an amount that counts as rounding",
}


class Field(NamedTuple):
    """One input: its node, its path, and where it came from."""

    node: Node
    path: str
    origin: Origin
    kind: str
    remark: str = ""

    @property
    def source(self) -> str:
        """Where it came from, with what is remarked there."""
        return harmless("; ".join(filter(None, (self.origin.text, self.remark))))

    @property
    def unit(self) -> str:
        """The unit at the end of its name; of a date that."""
        if self.node.op == "date":
            return "date"
        head, _, part = self.path.rpartition(".")
        return unit_of(head if part in ("start", "steps", "points", "csv", "scale") else self.path) or ""


def called(path: str) -> str:
    """What a reader calls the input at a path; of one over time the part that is a number of its own, too."""
    whole, _, part = path.rpartition(".")
    return f"{input_label(whole)}, first month" if part == "start" else input_label(_whole(path))


def bare(file: str) -> str:
    """The name of a file without its folders: a workbook is the same wherever its scenario stands."""
    return Path(file).name or file


def fields(model: Model, nodes: Sequence[Node]) -> list[Field]:
    """The inputs among ``nodes`` in the order of the file format."""
    reading = reading_of(model.scenario)
    origins = Origins(reading)
    found = []
    for node in nodes:
        path = node.called or ""
        origin = origins.of(path, 0 if node.rows > 1 else None)
        kind = "typed" if origin.file is not None else "record" if origin.from_record else "default"
        told = remark(reading.node, origin)
        if origin.file is not None:
            origin = origin._replace(file=bare(origin.file))
        found.append(Field(node, path, origin, kind, told))
    order = {place.dotted: number for number, place in enumerate(places(model.scenario))}

    def rank(field: Field) -> tuple[int, str]:
        path = field.path
        while path not in order and "." in path:
            path = path.rpartition(".")[0]
        return order.get(path, -1), field.path

    return sorted(found, key=rank)


def defined_names(paths: Sequence[str]) -> Mapping[str, str]:
    """A name for each path that spreadsheets take, none twice."""
    words = (".".join(re.sub(r"\W+", "_", part).strip("_") or "_" for part in split_path(path)) for path in paths)
    names = (word if re.match(r"[A-Za-z_]", word) and "." in word else f"input.{word}" for word in words)
    return dict(zip(paths, none_twice((name[:200] for name in names), again="{}_{}".format), strict=True))


class InputSheets:
    """Writes the inputs; where series stand is known before anything is written."""

    def __init__(self, model: Model, nodes: Sequence[Node], formats: Formats) -> None:
        self.model, self._formats = model, formats
        every = fields(model, nodes)
        self.single = [field for field in every if field.node.rows == 1]
        self.hourly = [field for field in every if field.node in model.hours]
        self.series = [field for field in every if field.node.rows > 1 and field.node not in model.hours]
        self.every = [*self.single, *self.series, *self.hourly]
        self.names = defined_names([field.path for field in self.single])
        self.references = {field.node: self._reference(field) for field in self.single}
        self.places = {field.node: Place(SERIES, 4 + 3 * number + 1, TODAY) for number, field in enumerate(self.series)}

    def _reference(self, field: Field) -> str:
        """An input in a formula: its name, of a date the number of its calendar month."""
        name = self.names[field.path]
        return f"({_MONTH_OF_DATE.format(name)})" if field.node.op == "date" else name

    def write(self, book: Any, sheet: Any, names: Names) -> None:
        """The sheet of inputs, and the names of all."""
        of = self._formats.of
        told = (
            "Change a coloured value and everything follows; the sheet Checks says where minecalc must be asked again."
        )
        self._formats.begin(sheet, (40, 58, 16, 22, 10, 10, 70, 58), "Inputs", told)
        for at, (kind, text) in enumerate(_KINDS.items()):
            sheet.write_string(3, at, text, of(**FRAMED, bg_color=KINDS[kind]))
        heads = ("Input", "Path", "Value", "Unit", "Kind", "As of", "Source", "Name in formulas")
        sheet.write_row(_FIRST - 1, 0, heads, of(**HEAD))
        sheet.freeze_panes(_FIRST, 1)
        at = _FIRST
        for owner, owned in groupby(self.single, lambda field: _owner(field.path)):
            self._formats.ruled(sheet, at + 1, owner)
            at += 2
            for field in owned:
                self._field(sheet, at, field)
                book.define_name(self.names[field.path], f"={quoted(INPUT_SHEET)}$C${at + 1}")
                at += 1
        at = self._fixed(sheet, at + 2)
        self._constants(book, sheet, names, at + 2)

    def _field(self, sheet: Any, at: int, field: Field) -> None:
        of, value = self._formats.of, float(field.node.value[0])
        sheet.write_string(at, 0, called(field.path), of(indent=1, valign="top"))
        sheet.write_string(at, _PATH, field.path, of(font_color=GREY, valign="top"))
        value = calendar.date_number(value) if field.node.op == "date" else value
        look = self._formats.number(field.unit, bg_color=KINDS[field.kind], **FRAMED, font_color=BLUE, valign="top")
        sheet.write_number(at, _VALUE, value, look)
        sheet.write_string(at, _UNIT, unit_words(field.unit), of(font_color=GREY, indent=1, valign="top"))
        sheet.write_string(at, _KIND, field.kind, of(valign="top"))
        sheet.write_string(at, _DATE, field.origin.as_of, of(valign="top"))
        sheet.write_string(at, _SOURCE, field.source, of(text_wrap=True, valign="top"))
        sheet.write_string(at, _NAME, self.names[field.path], of(font_color=GREY, valign="top"))

    def _fixed(self, sheet: Any, at: int) -> int:
        """Inputs that no formula reads: what chose the formulas, and what has no effect here."""
        of = self._formats.of
        live = {field.path for field in self.every}
        sheet.write_string(at, 0, "Fixed when the workbook was made", of(**OVER))
        told = "These chose the formulas, or have no effect here: change the scenario, and make the workbook anew."
        sheet.write_string(at + 1, 0, told, of(italic=True))
        at += 2
        for place in (place for place in places(self.model.scenario) if _is_fixed(place, live)):
            sheet.write_string(at, 0, input_label(place.dotted), of(indent=1))
            sheet.write_string(at, _PATH, place.dotted, of(font_color=GREY))
            sheet.write_string(at, _VALUE, _shown(place.value), of(bg_color=KINDS["fixed"], align="right"))
            sheet.write_string(at, _KIND, "typed" if place.given else "default", of())
            if place.idle:
                sheet.write_string(at, _SOURCE, f"no effect: {place.idle}", of())
            at += 1
        return at

    def _constants(self, book: Any, sheet: Any, names: Names, at: int) -> None:
        """Numbers of formulas that are no inputs, each with a name."""
        of, timeline = self._formats.of, self.model.scenario.timeline
        sheet.write_string(at, 0, "Numbers in formulas", of(**OVER))
        rows: list[tuple[str, float, str]] = [
            (calendar.START_DATE, calendar.date_number(timeline.start), "first month of the scenario"),
            (calendar.HORIZON, timeline.months, "months of the scenario"),
            *(
                (name, value, _MEANINGS.get(name, "a number of the model"))
                for name, value in sorted(names.used.items())
            ),
            (calendar.START_MONTH, timeline.start, "first month of the scenario, in months since year 0"),
        ]
        for row, (name, value, meaning) in enumerate(rows, at + 1):
            sheet.write_string(row, 0, capital(meaning), of(indent=1))
            if name == calendar.START_MONTH:
                text = _MONTH_OF_DATE.format(calendar.START_DATE)
                sheet.write_formula(row, _VALUE, f"={text}", of(num_format="0"), value)
            else:
                look = "yyyy-mm" if name == calendar.START_DATE else "General"
                sheet.write_number(row, _VALUE, value, of(bg_color=KINDS["fixed"], num_format=look))
            sheet.write_string(row, _NAME, name, of(font_color=GREY))
            book.define_name(name, f"={quoted(INPUT_SHEET)}$C${row + 1}")

    def write_series(self, sheet: Any) -> None:
        """The inputs that state amounts at dates, a row each below the row of their months."""
        of = self._formats.of
        told = "Amounts may be changed; their dates may not."
        self._formats.begin(sheet, (46, 19, 10, 15, 44, 1.5), SERIES, told)
        across(sheet, max(field.node.rows for field in self.series))
        sheet.repeat_columns(0, 1)
        sheet.freeze_panes(3, 1)
        for field in self.series:
            place, node = self.places[field.node], field.node
            sheet.write_string(place.row - 1, 0, "", of())
            sheet.write_string(place.row, 0, called(field.path), of(indent=1))
            sheet.write_string(place.row, 1, unit_words(field.unit), of(font_color=GREY))
            for at, text in enumerate((field.kind, field.origin.as_of, field.source), 2):
                sheet.write_string(place.row, at, text, of())
            sheet.write_string(place.row - 1, 4, field.path, of(font_color=GREY))
            if node.months and node.months != MONTHS_OF_ANY_YEAR:
                dates = map(calendar.date_number, node.months)
                sheet.write_row(place.row - 1, TODAY, dates, self._formats.number("date"))
            else:
                sheet.write_row(place.row - 1, TODAY, range(1, node.rows + 1), of(num_format="0"))
            look = self._formats.number(field.unit, bg_color=KINDS[field.kind], font_color=BLUE)
            sheet.write_row(place.row, TODAY, node.value.tolist(), look)


def _whole(path: str) -> str:
    head, _, part = path.rpartition(".")
    return head if part in ("steps", "points", "csv", "hourly", "duration_curve", "value") else path


def _owner(path: str) -> str:
    parts = split_path(path)
    if parts[0] == "plans":
        return f"Plan: {parts[1]}"
    return {"site": "Site", "market": "Market"}.get(parts[0], "Scenario")


def _is_fixed(place: Input, live: set[str]) -> bool:
    """Whether a place holds a value that no formula reads."""
    value = place.value
    if value is None or value is False or value == () or place.dotted in ("name", "require", "uncertainty"):
        return False
    if any(path == place.dotted or path.startswith(f"{place.dotted}.") for path in live):
        return False
    return isinstance(value, int | float | str | ValueOverTime)


def _shown(value: Any) -> str:
    if isinstance(value, ValueOverTime):
        return "over time"
    return f"{value:g}" if isinstance(value, float) else str(value)
