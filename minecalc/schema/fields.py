"""How a class of inputs declares its fields: type, range, help, and where each default comes from.

    class Mining(Inputs):
        efficiency_j_per_th: float = number(
            low=5, high=150, default=17.5, default_source="data sheet", default_as_of="2025-06", help="..."
        )

A field without ``default`` is required; ``default=None`` means "not given" and wants a type such as
``float | None``. The unit is not declared: it is the suffix of the name.
"""

from functools import cache
from importlib import import_module
from types import EllipsisType
from typing import Annotated, Any, ClassVar, NamedTuple, NotRequired, TypedDict, TypeVar, Unpack, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import core_schema

C = TypeVar("C", bound=type)

#: Longest text an input may hold, in characters.
LONGEST_TEXT = 200

#: A name that a file gives.
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]

#: Where a field's JSON Schema keeps what ``field_meta`` reads and ``jsonschema`` writes out.
META = "minecalc"
#: What stands there for a number that is an amount of the field, and so lies in its range.
AMOUNT = "amount"


class Inputs(BaseModel):
    """Base of all input classes: no key beyond the declared ones, no silent conversion, unchangeable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Inside another class this one is built no sooner than a file gives a value for it; most files give few."""
        if handler.field_name is None:
            return handler(source)
        return core_schema.no_info_plain_validator_function(cls.model_validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        if schema["type"] == "function-plain":
            cls.model_rebuild()
            schema = cls.__pydantic_core_schema__
        return handler(schema)

    @model_validator(mode="before")  # one for all fields: pydantic inspects one of fields anew for each of them
    @classmethod
    def _read_fields(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        known = cls.model_fields
        return {name: cls._read_field(name, value) if name in known else value for name, value in data.items()}

    @classmethod
    def _read_field(cls, name: str, value: Any) -> Any:
        """What a file says of the field ``name`` as pydantic shall check it.

        A whole float for an int (YAML's ``1e6``) and a list for a tuple mean the same thing.
        """
        declared = cls.model_fields[name].annotation
        if isinstance(value, float) and value.is_integer() and declared in (int, int | None):
            return int(value)
        if isinstance(value, list) and get_origin(declared) is tuple:
            return tuple(value)
        return value


class Later:
    """Stands in an annotation for the class of inputs of its name, whose module is read where a file gives a value."""

    home: ClassVar[str]

    @classmethod
    def meant(cls) -> type[Inputs]:
        """That class."""
        found: type[Inputs] = getattr(import_module(cls.home), cls.__name__)
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda data: cls.meant().model_validate(data))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return cls.meant().__get_pydantic_json_schema__(schema, handler)


def later(home: str, name: str) -> Any:
    """What stands for the class ``name`` of the module ``home``; most files have nothing of it."""
    return type(name, (Later,), {"home": home})


def meant(declared: Any) -> Any:
    """The class that is declared, or for which ``later`` stands."""
    return declared.meant() if issubclass(declared, Later) else declared


def own_form(cls: C) -> C:
    """A class of values made a type of fields that a file writes in a form of its own.

    Its ``_read`` makes a value of what is none yet and its ``_form`` is the JSON Schema; where values are defaults, its
    ``_as_written`` makes plain data of one for that.
    """
    of: Any = cls
    shown = getattr(cls, "_as_written", None)

    def read(data: Any) -> Any:
        return data if isinstance(data, cls) else of._read(data)

    def core(cls: Any, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        serialization = None if shown is None else core_schema.plain_serializer_function_ser_schema(shown)
        return core_schema.no_info_plain_validator_function(read, serialization=serialization)

    of.__get_pydantic_core_schema__ = classmethod(core)
    of.__get_pydantic_json_schema__ = classmethod(lambda cls, schema, handler: cls._form())
    return cls


class Usual(NamedTuple):
    """The published range of an input, None for no end, and who published it: outside it a reader is warned."""

    low: float | None
    high: float | None
    source: str


class FieldMeta(NamedTuple):
    """What is known of an input beside its type; ``low`` and ``high`` are inclusive, None for no limit.

    ``published`` are the lowest and the highest value that the default was chosen from; None if it was not.
    """

    help: str
    default: Any
    low: float | None = None
    high: float | None = None
    default_source: str = ""
    default_as_of: str = ""
    example: str = ""
    usual: Usual | None = None
    published: tuple[float, float] | None = None


class About(TypedDict):
    """What every field may say: a phrase of help, an example, its published range, its default's origin and date.

    ``published`` is the range of published values that the default was chosen from.
    """

    help: str
    example: NotRequired[str]
    usual: NotRequired[Usual]
    default_source: NotRequired[str]
    default_as_of: NotRequired[str]
    published: NotRequired[tuple[float, float]]


def number(
    *,
    low: float | None = None,
    high: float | None = None,
    default: float | EllipsisType | None = ...,
    **about: Unpack[About],
) -> Any:
    """A finite number in ``low..high``, both included, in the unit that the field's name ends in.

    Raises ValueError for a default outside the range.
    """
    below = isinstance(default, int | float) and low is not None and default < low
    above = isinstance(default, int | float) and high is not None and default > high
    if below or above:
        raise ValueError(f"the default {default} is outside {low}..{high}")
    return Field(default, ge=low, le=high, allow_inf_nan=False, **_told(about, low, high))


def whole(
    *,
    low: int | None = None,
    high: int | None = None,
    default: int | EllipsisType | None = ...,
    **about: Unpack[About],
) -> Any:
    """A whole number in ``low..high``; ``1e6`` is one, ``1.5`` and ``true`` are not. Raises as ``number``."""
    return number(low=low, high=high, default=default, **about)


def text(*, default: str | EllipsisType | None = ..., **about: Unpack[About]) -> Any:
    """A text of 1 to ``LONGEST_TEXT`` characters."""
    return Field(default, min_length=1, max_length=LONGEST_TEXT, **_told(about))


def flag(*, default: bool | EllipsisType | None = ..., **about: Unpack[About]) -> Any:
    """``true`` or ``false``; ``yes`` and ``off`` are refused."""
    return anything(default=default, **about)


def choice(*, default: str | EllipsisType | None = ..., **about: Unpack[About]) -> Any:
    """One of the words of the field's type, a ``Literal``."""
    return anything(default=default, **about)


def anything(
    *,
    low: float | None = None,
    high: float | None = None,
    default: Any = ...,
    **about: Unpack[About],
) -> Any:
    """A field whose type checks itself, such as a value over time; the range is recorded, not enforced."""
    return Field(default, **_told(about, low, high))


@cache
def field_meta(model: type[BaseModel], name: str) -> FieldMeta:
    """What the field ``name`` of ``model`` declares. Raises KeyError if there is no such field."""
    field = model.model_fields[name]
    extra = field.json_schema_extra
    about: Any = extra.get(META, {}) if isinstance(extra, dict) else {}
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return FieldMeta(field.description or "", default, **about)


def _told(about: About, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """What ``pydantic.Field`` takes to keep what a field says of itself."""
    words = {key: value for key, value in about.items() if key != "help"}
    return {"description": about["help"], "json_schema_extra": {META: {"low": low, "high": high, **words}}}
