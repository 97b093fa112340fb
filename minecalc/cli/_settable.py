"""The inputs of a scenario as words for a command line: each by its path, with the value it has and those it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minecalc.deals.taxation import ClassShares
from minecalc.reference.gpus import gpus
from minecalc.reference.leases import leases
from minecalc.reference.machines import machines
from minecalc.reference.power_years import power_years
from minecalc.reference.tax_regimes import tax_regimes
from minecalc.scenario import Plans, Scenario
from minecalc.scenario.movables import Movable, movables
from minecalc.scenario.places import places
from minecalc.schema.declared import choices
from minecalc.schema.diagnostics import number_text
from minecalc.schema.names import quoted, split_path
from minecalc.timeline import format_month
from minecalc.uses.meanwhile import Meanwhile
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Growth, Hourly, parts_of
from minecalc.visible import visible

#: A part of a path that needs no quotes of ours; what its spaces need is the shell's matter.
_PLAIN = re.compile(r"""[^\s."'=]([^.=]*[^\s.=])?""")

#: What the numbers beside an hourly file are.
_OF_HOURS = {
    "growth_fraction_per_year": "growth of the file's prices a year",
    "adder_usd_per_kwh": "is added to the price of every hour",
    "adder_growth_fraction_per_year": "growth of the adder a year",
}

#: Longer explanations do not fit beside a path.
_ABOUT_MOST = 60


class Settable(NamedTuple):
    """An input by the parts of its path: its value now ("" if it has none), what it is, and the words it takes."""

    parts: tuple[str, ...]
    now: str
    help: str = ""
    words: tuple[str, ...] = ()

    def path(self, typed: str) -> str:
        """The path, its names in double quotes where they must be, or where the user has ``typed`` some."""
        quotes = '"' in typed
        return ".".join(part if _PLAIN.fullmatch(part) and not quotes else quoted(part) for part in self.parts)

    @property
    def about(self) -> str:
        """The value now, and in short what it is."""
        return visible(f"{self.now or 'not given'}: {self.help}", _ABOUT_MOST)

    @property
    def values(self) -> tuple[str, ...]:
        """What may stand behind the equals sign: all words, or the value now to begin with."""
        return self.words or ((self.now,) if self.now else ())


def settable(scenario: Scenario) -> list[Settable]:
    """Every input of ``scenario``, and of a value over time its scale, shift and growth, in file order."""
    moved = {tuple(split_path(path)): found for path, found in movables(scenario).items()}
    names = _names(scenario)
    found = list[Settable]()
    for place in places(scenario):
        if isinstance(place.value, TimedInputs | Plans) or (place.idle and place.value is not None):
            continue
        declared = type(place.owner).model_fields[place.name].annotation
        words = ("true", "false") if declared is bool else tuple(choices(declared)) or names.get(place.name, ())
        found.append(Settable(place.path, _text(moved.get(place.path), place.value), place.meta.help, words))
        if isinstance(place.value, ValueOverTime):
            found += _parts_over_time(place.value, place.path)
    return found


def movable(scenario: Scenario) -> list[Settable]:
    """The inputs that are numbers, values over time or dates: those with a movable input."""
    known = {found.parts: found for found in settable(scenario)}
    return [known[parts] for path in movables(scenario) if (parts := tuple(split_path(path))) in known]


def _names(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """What inputs that take a name may be called."""
    plans = tuple(scenario.plans)
    spaces = tuple(name for name, lease in leases().items() if lease.kind == "colocation")
    records = {"machine": (*machines(),), "gpu": (*gpus(),), "lease": spaces, "regime": (*tax_regimes(),)}
    return {"baseline": plans, "meanwhile": plans, **records}


def _parts_over_time(value: ValueOverTime, parts: tuple[str, ...]) -> Iterator[Settable]:
    scale, shift = float(np.asarray(value.scale)), float(np.asarray(value.shift))
    yield Settable((*parts, "scale"), f"{scale:.10g}", "multiplies the value of every month")
    yield Settable((*parts, "shift"), f"{shift:.10g}", "is added to the value of every month")
    if isinstance(value.shape, Hourly):
        if (record := value.shape.hours.name) in power_years():
            yield Settable((*parts, "duration_curve"), record, "recorded year of hourly prices", (*power_years(),))
        for name, part in parts_of(value.shape).items():
            yield Settable((*parts, name), f"{float(np.asarray(part)):.10g}", _OF_HOURS[name])
    if isinstance(value.shape, Growth):
        growth = float(np.asarray(value.shape.growth_fraction_per_year))
        yield Settable((*parts, "growth_fraction_per_year"), f"{growth:.10g}", "growth a year")


def _text(movable: Movable | None, value: object) -> str:
    """The value of an input as ``--set`` takes it; of a value over time, that of the first month."""
    if movable is not None:
        return format_month(round(movable.value)) if movable.is_month else f"{movable.value:.10g}"
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case Meanwhile() | ClassShares():
            return value.written
        case _:
            return ""
