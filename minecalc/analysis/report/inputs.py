"""Every input of a scenario as a table: what it is, and where that was taken from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.figures.labels import input_label
from minecalc.loading import Reading
from minecalc.loading.origins import Origin, Origins, remark
from minecalc.scenario import Scenario
from minecalc.scenario.places import Place, places
from minecalc.schema.diagnostics import COMMAND_LINE
from minecalc.schema.node import Node
from minecalc.units import unit_of
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Constant

#: What names the scenario and its parts, and so assumes nothing.
_NAMES = ("name", "baseline", "headline_plan", "require", "uncertainty", "evidence")

_COLUMNS = (
    Column("input", "Input", "left"),
    Column("value", "Value"),
    Column("end", "At the end"),
    Column("source", "Taken from", "left"),
    Column("as_of", "As of", "left"),
)


def table(scenario: Scenario, reading: Reading) -> Table:
    """A row for each input that plays a part, under the site, the market or the plan that it is of."""
    origins = Origins(reading)
    rows: list[Sequence[Cell]] = []
    sections: list[int] = []
    group = ""
    for place in places(scenario):
        value = list(_value(place, scenario))
        if not value or place.idle or place.name in _NAMES:
            continue
        if _group(place) != group:
            group = _group(place)
            if rows:
                sections.append(len(rows))
            rows.append([Text(group, "strong"), *(Text("") for _ in _COLUMNS[1:])])
        origin = origins.of(place.dotted)
        plan = place.path[1] if place.path[0] == "plans" else ""
        label = f"  {_named(place, plan)}"
        rows.append([Text(label), *value, Text(_source(origin, reading.node)), Text(origin.as_of)])
    caption = "A value over time stands with its first and its last month; a line is one of the file that is named."
    return Table("Every input", _COLUMNS, rows, sections, caption)


def _group(place: Place) -> str:
    """Whose input it is."""
    match place.path:
        case ("plans", plan, *_):
            return plan
        case ("site" | "market" | "tax", *_):
            return place.path[0].capitalize()
        case _:
            return "Scenario"


def _named(place: Place, plan: str) -> str:
    label = input_label(place.dotted, plan)
    return label.removesuffix(" (site)").removesuffix(" (scenario)")


def _value(place: Place, scenario: Scenario) -> Iterator[Cell]:
    """The value and, of one over time, its last; nothing of a group, or of what is not there."""
    value = place.value
    unit = unit_of(place.name) or "ratio"
    if isinstance(value, ValueOverTime):
        is_plain = place.sourced is not None or place.given or isinstance(value.shape, Constant)
        if not is_plain and not place.owner.supplied(place.name, scenario.timeline):
            return
        numbers = value.values(scenario.timeline).reshape(-1).tolist()
        yield Value(numbers[0], unit)
        yield Text("") if numbers[0] == numbers[-1] else Value(numbers[-1], unit)
    elif isinstance(value, bool):
        yield from (Text("yes" if value else "no"), Text(""))
    elif isinstance(value, int | float):
        yield from (Value(float(value), unit), Text(""))
    elif value is not None and not isinstance(value, TimedInputs | dict | tuple | list) and str(value):
        yield from (Text(str(value)), Text(""))


def _source(origin: Origin, root: Node | None) -> str:
    """Where a value was taken from: a line of a file, with what is remarked there, a record, or a default."""
    if origin.file == COMMAND_LINE:
        return origin.text
    if origin.file is not None:
        told = f"{PurePath(origin.file).name}, line {origin.line}"
        return "; ".join(filter(None, (told, remark(root, origin), origin.source)))
    return f"{origin.kind}: {origin.source}"
