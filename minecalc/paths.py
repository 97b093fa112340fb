"""Values over time: one input of a scenario as an array over its months.

A value over time is written as a number, ``{start, growth_fraction_per_year}``, ``{steps: {YYYY-MM: x}}`` (held until
changed), ``{points: {YYYY-MM: x}}`` (linear between) or ``{csv: file, column: name}``, beside which ``outside: hold``
holds the ends of a dated file and ``repeat: yearly`` makes a season of twelve values; any of them may carry a ``scale``
that multiplies the whole and a ``shift`` that is added to every month; either of these alone acts on the default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self, Unpack, get_args

import numpy as np
from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from minecalc.arrays import FloatArray, Number
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem, cut, shown
from minecalc.schema.fields import AMOUNT, META, About, Inputs, anything, field_meta
from minecalc.schema.file_names import file_meant
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import number_problem
from minecalc.schema.syntax import decimal_comma
from minecalc.schema.validate import failed
from minecalc.shapes import (
    Constant,
    Growth,
    Points,
    Season,
    Series,
    Shape,
    Steps,
    Unstated,
    in_larger_unit,
    shape_in_larger_unit,
)
from minecalc.timeline import Timeline, near_month, parse_month
from minecalc.units import MONTHS_PER_YEAR, OtherUnit

if TYPE_CHECKING:
    from minecalc.monthly_csv import MonthlyValues

CODES = {
    "bad-month": "a text that is no calendar month stands where one belongs",
    "no-season": "a file that is to repeat every year has not a value for each of twelve months",
}

#: Ranges of the growth of a value over time, a year, of its scale, and of its shift; by what a file calls them.
GROWTH, SCALE, SHIFT = (-0.99, 10.0), (-1e9, 1e9), (-1e18, 1e18)
PARTS = {"growth_fraction_per_year": GROWTH, "scale": SCALE, "shift": SHIFT}

#: Where CSV files are looked up: the folder of the scenario being read; and whether they may only stand inside it.
csv_folder: ContextVar[Path] = ContextVar("csv_folder", default=Path())
csv_confined: ContextVar[bool] = ContextVar("csv_confined", default=False)


class ValueOverTime(NamedTuple):
    """One input over the months of a scenario: a shape times ``scale`` plus ``shift`` (floats or columns).

    ``deviation`` is a further factor for each month and case, ``(1|months, cases)``: how far a simulated world strays.
    """

    shape: Shape
    scale: Number = 1.0
    deviation: FloatArray | None = None
    shift: Number = 0.0

    def values(self, timeline: Timeline) -> FloatArray:
        """Value of each month: ``(1, ·)`` if constant, else ``(months, ·)``; ``·`` is 1 or the number of cases."""
        if isinstance(self.shape, Unstated):
            raise TypeError("a value that is not stated has no months")
        return self.moved(self.shape.values(timeline))

    def moved(self, values: FloatArray) -> FloatArray:
        """``values (1|months, ·)`` scaled, then shifted, then as far astray as the simulated world is."""
        if not (isinstance(self.scale, float) and self.scale == 1.0):
            values = values * self.scale
        if not (isinstance(self.shift, float) and self.shift == 0.0):
            values = values + self.shift
        return values if self.deviation is None else values * self.deviation

    def with_part(self, part: str, value: Number) -> ValueOverTime:
        """This value with ``scale``, ``shift``, ``start``, ``value``, the growth or the deviation replaced.

        KeyError if it has no such part.
        """
        if part == "deviation" and isinstance(value, np.ndarray):
            return self._replace(deviation=value)
        if part == "scale":
            return self._replace(scale=value)
        if part == "shift":
            return self._replace(shift=value)
        if isinstance(self.shape, Constant) and part == "value":
            return self._replace(shape=Constant(value))
        if isinstance(self.shape, Growth) and part in ("start", "growth_fraction_per_year"):
            return self._replace(shape=self.shape._replace(**{part: value}))
        if isinstance(self.shape, Season) and part == "growth_fraction_per_year" and self.shape.grows:
            return self._replace(shape=self.shape._replace(growth_fraction_per_year=value))
        raise KeyError(part)

    def in_larger_unit(self, per_unit: int) -> ValueOverTime:
        """This value, typed in a unit of which ``per_unit`` make one, in that larger unit."""
        shape = shape_in_larger_unit(self.shape, per_unit)
        return self._replace(shape=shape, shift=in_larger_unit(self.shift, per_unit))

    @classmethod
    def constant(cls, value: Number) -> ValueOverTime:
        """The same value (a float or a column) in every month."""
        return cls(Constant(value))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(cls._as_written)
        )

    def _as_written(self) -> float | None:
        """A constant as its number, for the defaults of the JSON Schema."""
        return float(self.shape.value) if isinstance(self.shape, Constant) else None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        amount = {"type": "number", META: AMOUNT}
        moved = {part: {"type": "number", "minimum": low, "maximum": high} for part, (low, high) in PARTS.items()}
        growth = moved.pop("growth_fraction_per_year")
        by_month = {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {r"^[0-9]{4}-(0[1-9]|1[0-2])$": amount},
            "additionalProperties": False,
        }
        by_file = {"csv": {"type": "string"}, "column": {"type": "string"}}
        forms: list[dict[str, Any]] = [
            {"value": amount},
            {"start": amount, "growth_fraction_per_year": growth},
            {"steps": by_month},
            {"points": by_month},
            {**by_file, "outside": {"const": "hold"}},
            {**by_file, "repeat": {"const": "yearly"}, "growth_fraction_per_year": growth},
        ]
        objects = [
            {
                "type": "object",
                "properties": {**form, **moved},
                "required": required,
                "additionalProperties": False,
            }
            for form, required in [
                *((form, [key for key in form if "csv" not in form or key not in _BESIDE_CSV]) for form in forms),
                *(({}, [part]) for part in moved),
            ]
        ]
        return {"anyOf": [amount, *objects]}


def month_help(text: str) -> str:
    """What to type instead of ``text`` where a calendar month belongs."""
    return f"write year and month: {near_month(text) or '2027-01'}"


def _month(data: object) -> object:
    text = data if isinstance(data, str) else f"{data:.2f}" if isinstance(data, float) else str(data)
    if isinstance(data, str | int | float) and not isinstance(data, bool):
        try:
            parse_month(text)
        except ValueError:
            raise failed([Problem((), "bad-month", f"{shown(data)} is not a month", month_help(text))]) from None
    return data


#: The text of a calendar month, ``YYYY-MM``.
Month = Annotated[str, BeforeValidator(_month)]


class Sourced(NamedTuple):
    """A figure that stands for an input that is not given: its value, the date it is of, and where it comes from.

    The value is a number, of a history its range as text. ``from_record``: the record of a machine, GPU or lease that
    the file names supplies it, so it is no default. ``at``: the file, line and column where a market file states it.
    """

    value: Any
    as_of: str
    source: str
    from_record: bool = False
    at: tuple[str, int, int] | None = None


def over_time(*, low: float, high: float, default: float | EllipsisType | None = ..., **about: Unpack[About]) -> Any:
    """A value over time whose every amount lies in ``low..high``, in the unit that the field's name ends in."""
    value = ValueOverTime.constant(default) if isinstance(default, int | float) else default
    return anything(low=low, high=high, default=value, **about)


class TimedInputs(Inputs):
    """Inputs some of which are values over time, and some of which a named record may supply."""

    #: Values over time that may be scaled without being given, because others imply them.
    implied: ClassVar[frozenset[str]] = frozenset()

    #: Keys that give an input in another unit. What they say is put in its place, so that it is found under one name.
    other_units: ClassVar[Mapping[str, OtherUnit]] = {}

    #: Inputs that exclude each other, such as a rent and a contract.
    alternatives: ClassVar[tuple[Alternatives, ...]] = ()

    #: Texts that name a month; ``vary`` puts calendar months (months since year 0) in their place.
    month_fields: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _over_time(cls, data: Any, info: ValidationInfo) -> Any:
        name = info.field_name or ""
        if name not in cls.over_time_fields() or isinstance(data, ValueOverTime):
            return data
        meta = field_meta(cls, name)
        value, problems = parse(data, csv_folder.get(), name, meta.low, meta.high, confined=csv_confined.get())
        if value is None:
            raise failed(problems)
        if isinstance(value.shape, Unstated) and name not in cls.implied:
            if not isinstance(meta.default, ValueOverTime):
                raise failed(
                    [Problem((), "missing-key", f"{name} has no default that scale or shift could move", _HELP)]
                )
            return meta.default._replace(scale=value.scale, shift=value.shift)
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Of inputs that exclude each other one way is given."""
        given = self.given()
        problems = [problem for one in self.alternatives for problem in one.conflicts(given)]
        if problems:
            raise failed(problems)
        return self

    @model_validator(mode="after")
    def _in_one_unit(self) -> Self:
        """What is given in another unit stands where the input is looked for."""
        for name, (meant, per_unit) in self.other_units.items():
            value = getattr(self, name)
            if value is not None:
                vars(self).update({meant: value.in_larger_unit(per_unit), name: None})
                self.model_fields_set.discard(name)
                self.model_fields_set.add(meant)
        return self

    def given(self) -> frozenset[str]:
        """The inputs that say something: not those left empty, nor those that others imply and that are scaled only."""
        values = vars(self)
        return frozenset(
            name
            for name in self.model_fields_set
            if (value := values[name]) is not None
            and not (isinstance(value, ValueOverTime) and isinstance(value.shape, Unstated))
        )

    @classmethod
    @cache
    def over_time_fields(cls) -> frozenset[str]:
        """The names of the fields that are values over time."""
        return frozenset(
            name
            for name, field in cls.model_fields.items()
            if field.annotation is ValueOverTime or ValueOverTime in get_args(field.annotation)
        )

    #: Numbers that are the same in all cases of a scenario, as the length of every array is.
    fixed: ClassVar[frozenset[str]] = frozenset()

    @property
    def idle(self) -> Mapping[str, str]:
        """The inputs that have no effect because others take their place, and why."""
        return self._idle_beside(self.given()) if self.alternatives else {}

    @classmethod
    @lru_cache(maxsize=1024)
    def _idle_beside(cls, given: frozenset[str]) -> Mapping[str, str]:
        """What has no effect beside the inputs that are ``given``, and why."""
        return MappingProxyType(
            {
                other: f"{name} takes its place"
                for one in cls.alternatives
                for name in one.stated(given)
                for other in one.others(name)
                if other not in one.implied
            }
        )

    def implied_values(self, name: str, timeline: Timeline) -> FloatArray:
        """The months ``(1|months, ·)`` of one of the ``implied`` inputs, as others imply it and it is moved."""
        raise KeyError(name)

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """What stands, besides a default, for the input ``name`` that is not given; none unless a class says so."""
        return ()

    def from_records(self) -> Mapping[str, Sourced]:
        """Figures for inputs that are not given, of records these inputs name or for a reason; none by default."""
        return {}

    def with_values(self, values: Mapping[str, Number]) -> Self:
        """A copy with these inputs replaced by numbers or columns, unchecked."""
        timed = self.over_time_fields()
        update = {name: ValueOverTime.constant(v) if name in timed else v for name, v in values.items()}
        return self.model_copy(update=update)

    def without_alternatives(self, name: str) -> Self:
        """A copy in which what the input ``name`` excludes is as if it were not given."""
        given = self.given()
        excluded = {other for one in self.alternatives for other in one.others(name) if other in given}
        if not excluded:
            return self
        copy = self.model_copy(update={other: field_meta(type(self), other).default for other in excluded})
        copy.__pydantic_fields_set__.difference_update(excluded)
        return copy


_FORMS: dict[str, tuple[str, ...]] = {
    "value": ("value",),
    "start": ("start", "growth_fraction_per_year"),
    "steps": ("steps",),
    "points": ("points",),
    "csv": ("csv", "column"),
}

#: What moves any of these forms as a whole, and the number that changes nothing.
_MOVES = {"scale": 1.0, "shift": 0.0}

#: What may stand beside ``csv`` and ``column``, and the only word that the first two take.
_BESIDE_CSV = {"outside": "hold", "repeat": "yearly", "growth_fraction_per_year": ""}
#: The forms of a value over time exclude each other.
FORMS = Alternatives(tuple(_FORMS.values()))
_HELP = (
    "write a number, {start, growth_fraction_per_year}, {steps: {2027-01: x}}, {points: {2027-01: x}} "
    "or {csv: file, column: name}"
)


def parse(
    data: Any, folder: Path, name: str, low: float | None, high: float | None, *, confined: bool = False
) -> tuple[ValueOverTime | None, list[Problem]]:
    """The input ``name`` as a value over time from plain YAML data, its amounts in ``low..high``.

    CSV files are looked up from ``folder``, and only inside it if ``confined``. None with the problems, their paths
    relative to the input, if it is wrong.
    """
    reader = _Reader(name, low, high)
    if isinstance(data, str) and (advice := file_meant(data, folder)):
        return None, [Problem((), "not-a-number", f"{name} is {shown(data)}; a file stands in a mapping", advice)]
    if not isinstance(data, Mapping):
        amount = reader.amount(data, ())
        return (None, reader.problems) if reader.problems else (ValueOverTime(Constant(amount)), [])
    problems = reader.problems
    form = next((name for name in _FORMS if name in data), None)
    needed = _FORMS[form] if form else ()
    keys = (*needed, *(_BESIDE_CSV if form == "csv" else ()), *_MOVES)
    for key in data:
        if key not in keys:
            message = f"unknown key {key} in a value over time"
            others = [name for name in (*keys, *_FORMS) if name != key]
            help_ = did_you_mean(key, others, decimal_comma(data, key) or _HELP)
            problems.append(Problem((key,), "unknown-key", message, help_, key=True))
    for key in needed:
        if key not in data:
            problems.append(Problem((), "missing-key", f"{key} is missing beside {form}", _HELP))
    scale, shift = (reader.move(data, part) for part in _MOVES)
    if not data or (form is None and not any(part in data for part in _MOVES)):
        problems.append(Problem((), "wrong-type", "this is no value over time", _HELP))
    if problems:
        return None, problems
    shape = reader.by_file(data, folder, confined=confined) if form == "csv" else reader.shape(data, form)
    return (None, problems) if problems or shape is None else (ValueOverTime(shape, scale, shift=shift), [])


class _Reader:
    """Reads the forms of one input, collecting problems."""

    def __init__(self, name: str, low: float | None, high: float | None) -> None:
        self.name, self.low, self.high = name, low, high
        self.problems: list[Problem] = []

    def number(
        self, data: Any, at: tuple[str, ...], name: str, low: float | None = None, high: float | None = None
    ) -> float:
        """``data`` as a number in ``low..high``; 0 and a problem if it is none."""
        problem = number_problem(data, at, low=low, high=high, name=name)
        if problem is None:
            return float(data)
        self.problems.append(problem)
        return 0.0

    def move(self, data: Mapping[str, Any], part: str) -> float:
        """The scale or the shift of a value over time; what moves nothing where it is not given."""
        return self.number(data[part], (part,), part, *PARTS[part]) if part in data else _MOVES[part]

    def amount(self, data: Any, at: tuple[str, ...]) -> float:
        """``data`` as an amount of the input."""
        return self.number(data, at, self.name, self.low, self.high)

    def shape(self, data: Mapping[str, Any], form: str | None) -> Shape | None:
        """The shape that ``form`` writes; None with problems if it is wrong."""
        match form:
            case None:
                return Unstated()
            case "value":
                return Constant(self.amount(data["value"], ("value",)))
            case "start":
                key = "growth_fraction_per_year"
                growth = self.number(data[key], (key,), key, *GROWTH)
                return Growth(self.amount(data["start"], ("start",)), growth)
            case "steps" | "points":
                months, amounts = self.by_month(data[form], form)
                return (Steps if form == "steps" else Points)(months, amounts) if months else None
            case _:
                raise KeyError(form)

    def by_file(self, data: Mapping[str, Any], folder: Path, *, confined: bool) -> Shape | None:
        """The shape that a column of a CSV file holds; None with problems if it is wrong."""
        from minecalc.monthly_csv import BadCsvError, Wanted, monthly_values

        file, column = data["csv"], data["column"]
        if not isinstance(file, str) or not isinstance(column, str):
            message = "csv and column take a file name and a column name"
            self.problems.append(Problem(("csv",), "wrong-type", message, _HELP))
            return None
        growth = self.beside_csv(data)
        if self.problems:
            return None
        try:
            found = monthly_values(file, column, folder, Wanted(self.name, self.low, self.high), confined=confined)
        except BadCsvError as bad:
            self.problems.append(Problem((bad.key,), bad.code, bad.message, bad.help))
            return None
        if "repeat" not in data:
            return Series(found.first, found.amounts, held="outside" in data)
        return self.season(file, found, growth)

    def beside_csv(self, data: Mapping[str, Any]) -> float | None:
        """The growth of a season, if it has one, once what stands beside ``csv`` fits together."""
        for key in ("outside", "repeat"):
            word = _BESIDE_CSV[key]
            if key in data and data[key] != word:
                message = f"{key} is {shown(data[key])}; it must be {word}"
                self.problems.append(Problem((key,), "bad-choice", message, f"write {word}, or leave {key} out"))
        if "outside" in data and "repeat" in data:
            message, advice = "outside stands beside repeat: a season covers every month", "leave outside out"
            self.problems.append(Problem(("outside",), "conflict", message, advice, key=True))
        key = "growth_fraction_per_year"
        if key not in data:
            return None
        if "repeat" not in data:
            message = f"{key} stands beside csv: only a season grows"
            advice = "add repeat: yearly if the file holds a year, or leave it out"
            self.problems.append(Problem((key,), "conflict", message, advice, key=True))
        return self.number(data[key], (key,), key, *GROWTH)

    def season(self, file: str, found: MonthlyValues, growth: float | None) -> Season | None:
        """Twelve values as a season."""
        rows = len(found.amounts)
        if rows == MONTHS_PER_YEAR:
            return Season(found.by_calendar_month(), growth)
        message = f"{file} has {rows} {'row' if rows == 1 else 'rows'}; repeat: yearly takes 12, a value a month"
        self.problems.append(Problem(("csv",), "no-season", message, "leave repeat out if the file covers the horizon"))
        return None

    def by_month(self, data: Any, form: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Calendar months, ascending, and their amounts."""
        if not isinstance(data, Mapping) or not data:
            self.problems.append(Problem((form,), "wrong-type", f"{form} takes months and values", _HELP))
            return (), ()
        pairs: dict[int, float] = {}
        for key, given in data.items():
            try:
                month = parse_month(key)
            except ValueError:
                message = f"{cut(key)} is not a month"
                advice = decimal_comma(data, key) or month_help(key).replace("year and month:", "it as")
                self.problems.append(Problem((form, key), "bad-month", message, advice, key=True))
            else:
                pairs[month] = self.amount(given, (form, key))
        ascending = sorted(pairs)
        return tuple(ascending), tuple(pairs[month] for month in ascending)
