"""What an input class declares for a place of the data: its type, range and choices."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from minecalc.schema.diagnostics import Path
from minecalc.schema.fields import field_meta, meant


def range_at(model: type[BaseModel], at: Path) -> tuple[float | None, float | None]:
    """The declared (low, high) of the field at ``at``, or of the field whose list or mapping holds it."""
    for depth in range(len(at) - 1, -1, -1):
        owner = model_in(annotation_at(model, at[:depth]))
        if owner and at[depth] in owner.model_fields:
            meta = field_meta(owner, str(at[depth]))
            return meta.low, meta.high
    return None, None


def annotation_at(annotation: Any, at: Path) -> Any:
    """The type declared for the value at ``at`` below a value of type ``annotation``; None if unknown."""
    for part in at:
        annotation = next((found for kind in _kinds(annotation) if (found := _member(kind, part))), None)
    return annotation


def _member(kind: Any, part: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin in (dict, Mapping):
            return arguments[1]
        case origin if origin in (list, tuple):
            return arguments[0]
        case _:
            return None


def _kinds(annotation: Any) -> list[Any]:
    """The types that a union, however nested, consists of."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for argument in get_args(annotation) for kind in _kinds(argument)]
    return [meant(annotation) if isinstance(annotation, type) else annotation]


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first class of inputs among the types of ``annotation``."""
    return next((kind for kind in _kinds(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def choices(annotation: Any) -> list[Any]:
    """The words that the ``Literal`` types of ``annotation`` allow."""
    return [word for kind in _kinds(annotation) if get_origin(kind) is Literal for word in get_args(kind)]
