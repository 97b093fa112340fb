"""Values over time: one input of a scenario as an array over its months.

How a file writes them is told in ``forms``, what they are in each month in ``shapes``.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self, Unpack, get_args

import numpy as np
from pydantic import (
    BeforeValidator,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import core_schema

from minecalc.arrays import FloatArray, Number
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem, shown
from minecalc.schema.fields import AMOUNT, META, About, Inputs, anything, field_meta, own_form
from minecalc.schema.validate import failed, refused
from minecalc.timeline import Timeline, month_written
from minecalc.units import OtherUnit
from minecalc.values.forms import (
    BESIDE_CSV,
    BESIDE_HOURS,
    HELP,
    HOURLY_SCHEMA,
    MOVES,
    PARTS,
    Wants,
    month_help,
    read,
)
from minecalc.values.shapes import (
    Constant,
    Hourly,
    Shape,
    Unstated,
    in_larger_unit,
    is_no_step,
    parts_of,
    shape_in_larger_unit,
)

if TYPE_CHECKING:
    from minecalc.series.sorted_hours import HourlyPrice

#: Where CSV files are looked up: the folder of the scenario being read; and whether they may only stand inside it.
csv_from: ContextVar[tuple[Path, bool]] = ContextVar("csv_from", default=(Path(), False))


class _Unread(NamedTuple):
    """What stands for a value over time that a file says wrongly, until its field is checked."""

    problems: list[Problem]


@own_form
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
        shape = self.shape
        if isinstance(shape, Unstated):
            raise TypeError("a value that is not stated has no months")
        hourly = self.hourly(timeline) if isinstance(shape, Hourly) else None
        return self.moved(shape.values(timeline)) if hourly is None else hourly.mean_usd_per_kwh()

    def hourly(self, timeline: Timeline) -> "HourlyPrice | None":
        """The prices of all hours, of a price that goes by them; None of any other value.

        The deviation scales the prices of the file; what is added to them does not stray.
        """
        if not isinstance(self.shape, Hourly):
            return None
        price = self.shape.over(timeline)
        scale, adder = price.scale * self.scale, price.adder_usd_per_kwh * self.scale + self.shift
        return price._replace(
            scale=scale if self.deviation is None else scale * self.deviation, adder_usd_per_kwh=adder
        )

    def moved(self, values: FloatArray) -> FloatArray:
        """``values (1|months, ·)`` scaled, then shifted, then as far astray as the simulated world is."""
        if not is_no_step(self.scale, 1.0):
            values = values * self.scale
        if not is_no_step(self.shift, 0.0):
            values = values + self.shift
        return values if self.deviation is None else values * self.deviation

    def times(self, share: Number) -> Self:
        """A share of it (float or column)."""
        return self._replace(scale=self.scale * share, shift=self.shift * share)

    def with_part(self, part: str, value: Number) -> Self:
        """This value with ``scale``, ``shift``, the deviation or a part of its shape replaced. KeyError for no part."""
        if part == "deviation" and isinstance(value, np.ndarray):
            return self._replace(deviation=value)
        if part == "scale":
            if isinstance(self.shape, Hourly) and np.any(np.asarray(value) < 0.0):
                raise ValueError("a price by the hour is scaled by 0 or more")
            return self._replace(scale=value)
        if part == "shift":
            return self._replace(shift=value)
        shape: Any = self.shape
        if part in parts_of(shape):
            return self._replace(shape=shape._replace(**{part: value}))
        raise KeyError(part)

    def in_larger_unit(self, per_unit: int) -> Self:
        """This value, typed in a unit of which ``per_unit`` make one, in that larger unit."""
        shape = shape_in_larger_unit(self.shape, per_unit)
        return self._replace(shape=shape, shift=in_larger_unit(self.shift, per_unit))

    @classmethod
    def constant(cls, value: Number) -> Self:
        """The same value (a float or a column) in every month."""
        return cls(Constant(value))

    @classmethod
    def _read(cls, value: _Unread) -> Self:
        """What the class of inputs could not read is complained of here, where pydantic knows the field."""
        raise failed(value.problems)

    def _as_written(self) -> float | None:
        """A constant as its number, for the defaults of the JSON Schema."""
        return float(self.shape.value) if isinstance(self.shape, Constant) else None

    @classmethod
    def _form(cls) -> dict[str, Any]:
        amount = {"type": "number", META: AMOUNT}
        growth, moved = _ranged("growth_fraction_per_year"), {part: _ranged(part) for part in MOVES}
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
        needed = ([key for key in form if "csv" not in form or key not in BESIDE_CSV] for form in forms)
        objects = [_form({**form, **moved}, required) for form, required in zip(forms, needed, strict=True)]
        return {"anyOf": [amount, *objects, *(_form(moved, [part]) for part in moved)]}


def _month(data: object) -> object:
    text = data if isinstance(data, str) else f"{data:.2f}" if isinstance(data, float) else str(data)
    if isinstance(data, str | int | float) and not isinstance(data, bool) and month_written(text) is None:
        raise refused((), "bad-month", f"{shown(data)} is not a month", month_help(text))
    return data


def _ranged(part: str) -> dict[str, Any]:
    low, high = PARTS[part]
    return {"type": "number", "minimum": low, "maximum": high}


def _form(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of one form of a value over time."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


class ByHour:
    """That a price may go by the hour, and how a JSON Schema says so."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        found: dict[str, Any] = handler.resolve_ref_schema(handler(schema))
        beside = {part: _ranged(part) for part in (*BESIDE_HOURS, *MOVES)}
        named = {form: {form: {"type": "string"}, **words, **beside} for form, words in HOURLY_SCHEMA.items()}
        forms = [_form(properties, [form]) for form, properties in named.items()]
        of_value = next((part for part in found["anyOf"] if "anyOf" in part), found)
        of_value["anyOf"] = [*of_value["anyOf"], *forms]
        return found


#: Marks a price that may go by the hour, in its ``Annotated`` type.
BY_HOUR = ByHour()


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


def is_over_time(annotation: Any) -> bool:
    """Whether a field of this type is a value over time."""
    return ValueOverTime in (annotation, *get_args(annotation))


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
    #: Those of them that may lie after the horizon, by so many months at the most.
    months_beyond: ClassVar[Mapping[str, int]] = MappingProxyType({})

    @classmethod
    def _read_field(cls, name: str, data: Any) -> Any:
        if name not in cls.over_time_fields() or isinstance(data, ValueOverTime):
            return super()._read_field(name, data)
        meta = field_meta(cls, name)
        wants = Wants(name, meta.low, meta.high, by_hour=BY_HOUR in cls.model_fields[name].metadata)
        folder, confined = csv_from.get()
        form, problems = read(data, folder, wants, confined=confined)
        if form is None:
            return _Unread(problems)
        value = ValueOverTime(form.shape, form.scale, shift=form.shift)
        if not isinstance(value.shape, Unstated) or name in cls.implied:
            return value
        if isinstance(meta.default, ValueOverTime):
            return value._replace(shape=meta.default.shape)
        return _Unread([Problem((), "missing-key", f"{name} has no default that scale or shift could move", HELP)])

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """One way is given of those that exclude each other; what is in another unit stands where it is looked for."""
        given = self.given()
        problems = [problem for one in self.alternatives for problem in one.conflicts(given)]
        if problems:
            raise failed(problems)
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
        return frozenset(name for name, field in cls.model_fields.items() if is_over_time(field.annotation))

    #: Numbers that are the same in all cases of a scenario, as the length of every array is.
    fixed: ClassVar[frozenset[str]] = frozenset()

    #: Running costs, which inflation moves where they say no growth of their own.
    costs: ClassVar[frozenset[str]] = frozenset()

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
