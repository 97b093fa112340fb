"""Values over time: one input of a scenario as an array over its months.

A value over time is written as a number, ``{start, growth_fraction_per_year}``, ``{steps: {YYYY-MM: x}}`` (held until
changed), ``{points: {YYYY-MM: x}}`` (linear between) or ``{csv: file, column: name}``; any of them may carry a
``scale`` that multiplies the whole, and ``{scale: s}`` alone scales the default.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import EllipsisType
from typing import Annotated, Any, ClassVar, NamedTuple, Self, Unpack, get_args

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

from minecalc.arrays import FloatArray, Number, as_column, as_row, power, rows_at
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem, cut, shown
from minecalc.schema.fields import AMOUNT, META, About, Inputs, anything, field_meta
from minecalc.schema.file_names import file_meant
from minecalc.schema.numbers import number_problem
from minecalc.schema.syntax import decimal_comma
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline, near_month, parse_month
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR

CODES = {
    "bad-month": "a text that is no calendar month stands where one belongs",
    "missing-file": "a CSV file that does not exist is named",
    "missing-column": "a column is named that the CSV file does not have",
    "bad-csv": "a CSV file cannot be used",
}

#: Range of the growth of a value over time, a year, and of its scale.
GROWTH_LEAST, GROWTH_MOST = -0.99, 10.0
SCALE_LEAST, SCALE_MOST = -1e9, 1e9

_CSV_BYTES_MOST = 10_000_000

#: Where the CSV files of values over time are looked up: the folder of the scenario being read.
csv_folder: ContextVar[Path] = ContextVar("csv_folder", default=Path())


class Constant(NamedTuple):
    """The same value in every month."""

    value: Number

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(1, 1)`` or ``(1, cases)``: one row stands for every month."""
        return as_row(self.value)


class Growth(NamedTuple):
    """``start x (1 + g)^((k - 1) / 12)`` in month k, counted from the scenario's start."""

    start: Number
    growth_fraction_per_year: Number

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)`` or ``(months, cases)``."""
        years = named("years_from_start", (timeline.numbers - 1.0) / MONTHS_PER_YEAR)
        return power(1.0 + as_row(self.growth_fraction_per_year), years) * self.start


class Steps(NamedTuple):
    """Each value holds from its calendar month until the next; the first also before."""

    months: tuple[int, ...]
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        calendar = timeline.start + np.arange(timeline.months)
        index = np.searchsorted(np.array(self.months), calendar, side="right")
        return rows_at(as_column(self.amounts), np.maximum(index, 1.0)[:, None])


class Points(NamedTuple):
    """Linear by month number between the given calendar months, flat outside."""

    months: tuple[int, ...]
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        calendar = timeline.start + np.arange(timeline.months)
        known = np.array(self.months, dtype=np.float64)
        place = np.interp(calendar, known, np.arange(1.0, len(known) + 1.0))[:, None]
        before, amounts = np.floor(place), as_column(self.amounts)
        left, right = rows_at(amounts, before), rows_at(amounts, before + 1.0)
        between: FloatArray = left + (right - left) * (place - before)
        return between


class Series(NamedTuple):
    """One value a month from calendar month ``start`` (None: the scenario's first), flat outside."""

    start: int | None
    amounts: tuple[float, ...]

    def values(self, timeline: Timeline) -> FloatArray:
        """Shape ``(months, 1)``."""
        offset = 0 if self.start is None else timeline.start - self.start
        index = np.arange(timeline.months) + offset
        return rows_at(as_column(self.amounts), np.asarray(index + 1.0)[:, None])


class Unstated(NamedTuple):
    """``{scale: s}`` alone: the default of the input, or what the market implies, is scaled."""


Shape = Constant | Growth | Steps | Points | Series | Unstated


class ValueOverTime(NamedTuple):
    """One input over the months of a scenario: a shape times ``scale`` (a float or a column).

    ``deviation`` is a further factor for each month and case, ``(1|months, cases)``: how far a simulated world strays.
    """

    shape: Shape
    scale: Number = 1.0
    deviation: FloatArray | None = None

    def values(self, timeline: Timeline) -> FloatArray:
        """Value of each month: ``(1, ·)`` if constant, else ``(months, ·)``; ``·`` is 1 or the number of cases."""
        if isinstance(self.shape, Unstated):
            raise TypeError("a value that is not stated has no months")
        values: FloatArray = self.shape.values(timeline)
        if not (isinstance(self.scale, float) and self.scale == 1.0):
            values = values * self.scale
        return values if self.deviation is None else values * self.deviation

    def with_part(self, part: str, value: Number) -> ValueOverTime:
        """This value with ``scale``, ``start``, ``value``, the growth or the deviation replaced.

        KeyError if it has no such part.
        """
        if part == "deviation" and isinstance(value, np.ndarray):
            return self._replace(deviation=value)
        if part == "scale":
            return self._replace(scale=value)
        if isinstance(self.shape, Constant) and part == "value":
            return self._replace(shape=Constant(value))
        if isinstance(self.shape, Growth) and part in ("start", "growth_fraction_per_year"):
            return self._replace(shape=self.shape._replace(**{part: value}))
        raise KeyError(part)

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
        growth = {"type": "number", "minimum": GROWTH_LEAST, "maximum": GROWTH_MOST}
        scale = {"type": "number", "minimum": SCALE_LEAST, "maximum": SCALE_MOST}
        by_month = {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {r"^[0-9]{4}-(0[1-9]|1[0-2])$": amount},
            "additionalProperties": False,
        }
        forms: list[dict[str, Any]] = [
            {"value": amount},
            {"start": amount, "growth_fraction_per_year": growth},
            {"steps": by_month},
            {"points": by_month},
            {"csv": {"type": "string"}, "column": {"type": "string"}},
        ]
        objects = [
            {
                "type": "object",
                "properties": {**form, "scale": scale},
                "required": list(form),
                "additionalProperties": False,
            }
            for form in [*forms, {}]
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
    """A figure that a record supplies: its value, the date it is of, and where it comes from."""

    value: float
    as_of: str
    source: str


def over_time(*, low: float, high: float, default: float | EllipsisType | None = ..., **about: Unpack[About]) -> Any:
    """A value over time whose every amount lies in ``low..high``, in the unit that the field's name ends in."""
    value = ValueOverTime.constant(default) if isinstance(default, int | float) else default
    return anything(low=low, high=high, default=value, **about)


class TimedInputs(Inputs):
    """Inputs some of which are values over time, and some of which a named record may supply."""

    #: Values over time that may be scaled without being given, because others imply them.
    implied: ClassVar[frozenset[str]] = frozenset()

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
        value, problems = parse(data, csv_folder.get(), name, meta.low, meta.high)
        if value is None:
            raise failed(problems)
        if isinstance(value.shape, Unstated) and name not in cls.implied:
            if not isinstance(meta.default, ValueOverTime):
                raise failed([Problem((), "missing-key", f"{name} has no default that scale could scale", _HELP)])
            return meta.default._replace(scale=value.scale)
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Of inputs that exclude each other one way is given."""
        given = self.given()
        problems = [problem for one in self.alternatives for problem in one.conflicts(given)]
        if problems:
            raise failed(problems)
        return self

    def given(self) -> frozenset[str]:
        """The inputs that say something: not those left empty, nor those that others imply and that are scaled only."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return frozenset(
            name
            for name, value in values.items()
            if value is not None and not (isinstance(value, ValueOverTime) and isinstance(value.shape, Unstated))
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

    def from_records(self) -> Mapping[str, Sourced]:
        """Figures for inputs that are not given, from the records these inputs name; none unless a class says so."""
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
#: The forms of a value over time exclude each other.
FORMS = Alternatives(tuple(_FORMS.values()))
_HELP = (
    "write a number, {start, growth_fraction_per_year}, {steps: {2027-01: x}}, {points: {2027-01: x}} "
    "or {csv: file, column: name}"
)


def parse(
    data: Any, folder: Path, name: str, low: float | None, high: float | None
) -> tuple[ValueOverTime | None, list[Problem]]:
    """The input ``name`` as a value over time from plain YAML data, its amounts in ``low..high``.

    CSV files are looked up from ``folder``. None with the problems, their paths relative to the input, if it is wrong.
    """
    reader = _Reader(name, low, high)
    if isinstance(data, str) and (advice := file_meant(data, folder)):
        return None, [Problem((), "not-a-number", f"{name} is {shown(data)}; a file stands in a mapping", advice)]
    if not isinstance(data, Mapping):
        amount = reader.amount(data, ())
        return (None, reader.problems) if reader.problems else (ValueOverTime(Constant(amount)), [])
    problems = reader.problems
    form = next((name for name in _FORMS if name in data), None)
    keys = (*(_FORMS[form] if form else ()), "scale")
    for key in data:
        if key not in keys:
            near = [name for name in keys if key and name.startswith(key)]
            near = near or difflib.get_close_matches(key, [*keys, *_FORMS], n=1)
            message = f"unknown key {key} in a value over time"
            help_ = f"did you mean {near[0]}?" if near and near[0] != key else decimal_comma(data, key) or _HELP
            problems.append(Problem((key,), "unknown-key", message, help_, key=True))
    for key in keys:
        if key not in data and key != "scale":
            problems.append(Problem((), "missing-key", f"{key} is missing beside {form}", _HELP))
    scale = reader.number(data["scale"], ("scale",), "scale", SCALE_LEAST, SCALE_MOST) if "scale" in data else 1.0
    if not data or (form is None and "scale" not in data):
        problems.append(Problem((), "wrong-type", "this is no value over time", _HELP))
    if problems:
        return None, problems
    shape = reader.shape(data, form, folder)
    return (None, problems) if problems or shape is None else (ValueOverTime(shape, scale), [])


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

    def amount(self, data: Any, at: tuple[str, ...]) -> float:
        """``data`` as an amount of the input."""
        return self.number(data, at, self.name, self.low, self.high)

    def shape(self, data: Mapping[str, Any], form: str | None, folder: Path) -> Shape | None:
        """The shape that ``form`` writes; None with problems if it is wrong."""
        match form:
            case None:
                return Unstated()
            case "value":
                return Constant(self.amount(data["value"], ("value",)))
            case "start":
                key = "growth_fraction_per_year"
                growth = self.number(data[key], (key,), key, GROWTH_LEAST, GROWTH_MOST)
                return Growth(self.amount(data["start"], ("start",)), growth)
            case "steps" | "points":
                months, amounts = self.by_month(data[form], form)
                return (Steps if form == "steps" else Points)(months, amounts) if months else None
            case _:
                series = _series(data["csv"], data["column"], folder, self.problems)
                for amount in series.amounts if series else ():
                    self.amount(amount, ("csv",))
                    if self.problems:
                        break
                return series

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


def _series(name: Any, column: Any, folder: Path, problems: list[Problem]) -> Series | None:
    """Monthly values from a CSV file with a header; a ``month`` column (YYYY-MM) dates the rows."""
    import csv

    def wrong(key: str, code: str, message: str, help_: str = "") -> None:
        problems.append(Problem((key,), code, message, help_))

    if not isinstance(name, str) or not isinstance(column, str):
        wrong("csv", "wrong-type", "csv and column take a file name and a column name", _HELP)
        return None
    path = folder / name
    try:
        if not path.is_file():
            wrong(
                "csv",
                "missing-file",
                f"there is no file {path}",
                "the name is relative to the scenario's folder",
            )
            return None
        if path.stat().st_size > _CSV_BYTES_MOST:
            wrong("csv", "bad-csv", f"{name} is larger than {_CSV_BYTES_MOST // 1_000_000} MB")
            return None
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        wrong("csv", "bad-csv", f"{name} cannot be read: {error}", "write a UTF-8 CSV file with a header line")
        return None
    if not rows:
        wrong("csv", "bad-csv", f"{name} has no rows below its header")
        return None
    if column not in rows[0]:
        names = [key for key in rows[0] if key]
        near = difflib.get_close_matches(column, names, n=1)
        found = f"did you mean {near[0]}?" if near else f"it has {', '.join(names)}"
        wrong("column", "missing-column", f"{name} has no column {column}", found)
        return None
    amounts: list[float] = []
    months: list[int] = []
    for line, row in enumerate(rows, start=2):
        try:
            amounts.append(_finite(row[column]))
            if "month" in row:
                months.append(parse_month(row["month"] or ""))
        except (ValueError, TypeError):
            shown = row[column] if len(amounts) < line - 1 else row["month"]
            expected = "a number" if len(amounts) < line - 1 else "a month such as 2027-01"
            wrong("csv", "bad-csv", f"{name} line {line}: {shown!r} is not {expected}")
            return None
    if months and months != list(range(months[0], months[0] + len(months))):
        wrong("csv", "bad-csv", f"{name}: the month column must name every month once, in order")
        return None
    return Series(months[0] if months else None, tuple(amounts))


def _finite(text: str) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise ValueError(text)
    return value
