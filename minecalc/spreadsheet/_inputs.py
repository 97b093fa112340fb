"""The sheet of inputs: each with its value, unit, kind, source, date and name; those over time on a sheet beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minecalc.figures.labels import input_label
from minecalc.loading import reading_of
from minecalc.loading.origins import Origin, Origins, remark
from minecalc.scenario.places import Place as Input
from minecalc.scenario.places import places
from minecalc.schema.names import split_path
from minecalc.spreadsheet import _calendar as calendar
from minecalc.spreadsheet._cells import TODAY, Place
from minecalc.spreadsheet._formulas import Names, quoted
from minecalc.spreadsheet._layout import INPUT_SHEET, SERIES
from minecalc.spreadsheet._looks import HEADING, KINDS, Formats, across, page, unit_words
from minecalc.spreadsheet._model import Model
from minecalc.spreadsheet._nodes import Node
from minecalc.timeline import MONTHS_OF_ANY_YEAR
from minecalc.units import MONTHS_PER_YEAR, unit_of
from minecalc.values.paths import ValueOverTime
from minecalc.visible import harmless

_PATH, _VALUE, _UNIT, _KIND, _DATE, _SOURCE, _NAME = range(1, 8)
_FIRST = 7

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
    found: dict[str, str] = {}
    taken: set[str] = set()
    for path in paths:
        bare = ".".join(re.sub(r"\W+", "_", part).strip("_") or "_" for part in split_path(path))
        bare = bare if re.match(r"[A-Za-z_]", bare) and "." in bare else f"input.{bare}"
        name, number = bare[:200], 2
        while name.lower() in taken:
            name, number = f"{bare[:200]}_{number}", number + 1
        taken.add(name.lower())
        found[path] = name
    return found


def reference(field: Field, name: str) -> str:
    """An input in a formula: its name, of a date the number of its calendar month."""
    return f"(YEAR({name})*12+MONTH({name})-1)" if field.node.op == "date" else name


def date_number(calendar_month: float) -> int:
    """The number that spreadsheets have for the first day of a calendar month (months since year 0)."""
    from datetime import date

    month = round(calendar_month)
    return date(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1).toordinal() - 693594


class InputSheets:
    """Writes the inputs; where series stand is known before anything is written."""

    def __init__(self, model: Model, nodes: Sequence[Node], formats: Formats) -> None:
        every = fields(model, nodes)
        self.model, self._formats = model, formats
        self.single = [field for field in every if field.node.rows == 1]
        self.hourly = [field for field in every if field.node in model.hours]
        self.series = [field for field in every if field.node.rows > 1 and field.node not in model.hours]
        self.names = defined_names([field.path for field in self.single])
        self.references = {field.node: reference(field, self.names[field.path]) for field in self.single}
        self.places = {field.node: Place(SERIES, 4 + 3 * number + 1, TODAY) for number, field in enumerate(self.series)}
        self.months_at = {node: place._replace(row=place.row - 1) for node, place in self.places.items()}
        self.rows = {field.path: row for field, row in zip(self.single, self._rows(), strict=True)}

    def _rows(self) -> Iterator[int]:
        """The rows of single inputs, with a heading above each owner."""
        at, owner = _FIRST, ""
        for field in self.single:
            if (of := _owner(field.path)) != owner:
                at, owner = at + 2, of
            yield at
            at += 1

    def write(self, book: Any, sheet: Any, names: Names) -> None:
        """The sheet of inputs, and the names of all."""
        of = self._formats.of
        page(sheet)
        for at, width in enumerate((40, 58, 16, 22, 10, 10, 70, 58)):
            sheet.set_column(at, at, width, of())
        sheet.write_string(0, 0, "Inputs", of(bold=True, font_size=14, font_color=HEADING))
        told = (
            "Change a coloured value and everything follows; the sheet Checks says where minecalc must be asked again."
        )
        sheet.write_string(1, 0, told, of(italic=True))
        for at, (kind, text) in enumerate(
            {
                "typed": "typed in the scenario",
                "default": "a default, with its source and date",
                "record": "of a record",
                "fixed": "fixed",
            }.items()
        ):
            sheet.write_string(3, at, text, of(bg_color=KINDS[kind], border=1, border_color="#BFBFBF"))
        head = of(bold=True, font_color="#FFFFFF", bg_color=HEADING)
        for at, text in enumerate(("Input", "Path", "Value", "Unit", "Kind", "As of", "Source", "Name in formulas")):
            sheet.write_string(_FIRST - 1, at, text, head)
        sheet.freeze_panes(_FIRST, 1)
        owner = ""
        for field in self.single:
            at = self.rows[field.path]
            if (here := _owner(field.path)) != owner:
                owner = here
                sheet.write_string(
                    at - 1, 0, owner, of(bold=True, font_color=HEADING, bottom=1, bottom_color="#BFBFBF")
                )
            self._field(sheet, at, field)
            book.define_name(self.names[field.path], f"={quoted(INPUT_SHEET)}$C${at + 1}")
        last = max(self.rows.values(), default=_FIRST) + 3
        last = self._fixed(sheet, last)
        self._constants(book, sheet, names, last + 2)

    def _field(self, sheet: Any, at: int, field: Field) -> None:
        of, value = self._formats.of, float(field.node.value[0])
        sheet.write_string(at, 0, called(field.path), of(indent=1, valign="top"))
        sheet.write_string(at, _PATH, field.path, of(font_color="#7F7F7F", valign="top"))
        value = date_number(value) if field.node.op == "date" else value
        look = self._formats.number(
            field.unit,
            bg_color=KINDS[field.kind],
            border=1,
            border_color="#BFBFBF",
            font_color="#0000FF",
            valign="top",
        )
        sheet.write_number(at, _VALUE, value, look)
        sheet.write_string(at, _UNIT, unit_words(field.unit), of(font_color="#7F7F7F", indent=1, valign="top"))
        sheet.write_string(at, _KIND, field.kind, of(valign="top"))
        sheet.write_string(at, _DATE, field.origin.as_of, of(valign="top"))
        sheet.write_string(at, _SOURCE, field.source, of(text_wrap=True, valign="top"))
        sheet.write_string(at, _NAME, self.names[field.path], of(font_color="#7F7F7F", valign="top"))

    def _fixed(self, sheet: Any, at: int) -> int:
        """Inputs that no formula reads: what chose the formulas, and what has no effect here."""
        of = self._formats.of
        live = {field.path for field in (*self.single, *self.series, *self.hourly)}
        rest = [place for place in places(self.model.scenario) if _is_fixed(place, live)]
        sheet.write_string(at, 0, "Fixed when the workbook was made", of(bold=True, font_color=HEADING))
        told = "These chose the formulas, or have no effect here: change the scenario, and make the workbook anew."
        sheet.write_string(at + 1, 0, told, of(italic=True))
        at += 2
        for place in rest:
            sheet.write_string(at, 0, input_label(place.dotted), of(indent=1))
            sheet.write_string(at, _PATH, place.dotted, of(font_color="#7F7F7F"))
            sheet.write_string(at, _VALUE, _shown(place.value), of(bg_color=KINDS["fixed"], align="right"))
            sheet.write_string(at, _KIND, "typed" if place.given else "default", of())
            if place.idle:
                sheet.write_string(at, _SOURCE, f"no effect: {place.idle}", of())
            at += 1
        return at

    def _constants(self, book: Any, sheet: Any, names: Names, at: int) -> None:
        """Numbers of formulas that are no inputs, each with a name."""
        of, timeline = self._formats.of, self.model.scenario.timeline
        sheet.write_string(at, 0, "Numbers in formulas", of(bold=True, font_color=HEADING))
        at += 1
        dated = self._formats.number("date", bg_color=KINDS["fixed"])
        rows: list[tuple[str, float, str, Any]] = [
            (calendar.START_DATE, date_number(timeline.start), "first month of the scenario", dated),
            (calendar.HORIZON, float(timeline.months), "months of the scenario", None),
        ]
        rows += [
            (name, value, _MEANINGS.get(name, "a number of the model"), None)
            for name, value in sorted(names.used.items())
        ]
        for name, value, meaning, look in rows:
            sheet.write_string(at, 0, meaning[:1].upper() + meaning[1:], of(indent=1))
            sheet.write_number(at, _VALUE, value, look or of(bg_color=KINDS["fixed"], num_format="General"))
            sheet.write_string(at, _NAME, name, of(font_color="#7F7F7F"))
            book.define_name(name, f"={quoted(INPUT_SHEET)}$C${at + 1}")
            at += 1
        sheet.write_string(at, 0, "First month of the scenario, in months since year 0", of(indent=1))
        sheet.write_formula(
            at,
            _VALUE,
            f"=YEAR({calendar.START_DATE})*12+MONTH({calendar.START_DATE})-1",
            of(num_format="0"),
            timeline.start,
        )
        sheet.write_string(at, _NAME, calendar.START_MONTH, of(font_color="#7F7F7F"))
        book.define_name(calendar.START_MONTH, f"={quoted(INPUT_SHEET)}$C${at + 1}")

    def write_series(self, sheet: Any) -> None:
        """The inputs that state amounts at dates, a row each below the row of their months."""
        of = self._formats.of
        across(sheet, max(field.node.rows for field in self.series))
        sheet.repeat_columns(0, 1)
        for at, width in enumerate((46, 19, 10, 15, 44, 1.5)):
            sheet.set_column(at, at, width, of())
        sheet.write_string(0, 0, "Inputs over time", of(bold=True, font_size=14, font_color=HEADING))
        sheet.write_string(1, 0, "Amounts may be changed; their dates may not.", of(italic=True))
        sheet.freeze_panes(3, 1)
        for field in self.series:
            place, node = self.places[field.node], field.node
            sheet.write_string(place.row - 1, 0, "", of())
            sheet.write_string(place.row, 0, called(field.path), of(indent=1))
            sheet.write_string(place.row, 1, unit_words(field.unit), of(font_color="#7F7F7F"))
            sheet.write_string(place.row, 2, field.kind, of())
            sheet.write_string(place.row, 3, field.origin.as_of, of())
            sheet.write_string(place.row, 4, field.source, of())
            sheet.write_string(place.row - 1, 4, field.path, of(font_color="#7F7F7F"))
            look = self._formats.number(field.unit, bg_color=KINDS[field.kind], font_color="#0000FF")
            for at, value in enumerate(node.value.tolist()):
                months = node.months
                if months and months != MONTHS_OF_ANY_YEAR:
                    sheet.write_number(place.row - 1, TODAY + at, date_number(months[at]), self._formats.number("date"))
                else:
                    sheet.write_number(place.row - 1, TODAY + at, at + 1, of(num_format="0"))
                sheet.write_number(place.row, TODAY + at, value, look)


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
