"""The JSON Schema of a class of inputs, for editors: each key with its unit, range, default and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from minecalc.schema.diagnostics import number_text
from minecalc.schema.fields import AMOUNT, META
from minecalc.schema.numbers import range_words, unit_words
from minecalc.schema.scalars import resolve
from minecalc.units import unit_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[BaseModel], title: str, schema_id: str) -> dict[str, Any]:
    """The schema of ``model`` in draft 2020-12, with ``title`` and ``$id``; see ``inputs_json_schema``."""
    return {"$schema": DIALECT, "$id": schema_id, "title": title, **inputs_json_schema(model)}


def inputs_json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of ``model`` without references, so that it can stand anywhere within another schema.

    It allows no unknown keys. A property's description holds, as far as they are declared, the help, the
    unit, the range, and the default with its source and date. ``model`` must not contain itself.
    """
    schema = model.model_json_schema(schema_generator=_Generator)
    definitions = schema.pop("$defs", {})
    complete: dict[str, Any] = _complete(schema, definitions)
    del complete["title"]
    return complete


class _Generator(GenerateJsonSchema):
    """Leaves out defaults that are no JSON, without a word."""

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        if kind != "non-serializable-default":
            super().emit_warning(kind, detail)


def _complete(part: Any, definitions: dict[str, Any]) -> Any:
    """A copy of a part of a schema, with references resolved and properties described."""
    if isinstance(part, dict) and "$ref" in part:
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return _complete(definitions[part["$ref"].rpartition("/")[2]] | beside, definitions)
    complete = rebuilt(part, lambda inner: _complete(inner, definitions))
    if isinstance(complete, dict) and isinstance(complete.get("properties"), dict):
        complete["properties"] = {name: _described(name, field) for name, field in complete["properties"].items()}
    return complete


def rebuilt(part: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of a part of a schema in which ``change`` was made to what stands directly in it."""
    if isinstance(part, list):
        return [change(item) for item in part]
    return {key: change(value) for key, value in part.items()} if isinstance(part, dict) else part


def _described(name: str, field: Any) -> dict[str, Any]:
    described = {k: v for k, v in field.items() if k != "title" and (k != META or v == AMOUNT)}
    if described.get("default", ...) is None:
        del described["default"]
    meta = field.get(META)
    if not isinstance(meta, dict):
        return described
    described = {key: _limited(value, meta["low"], meta["high"]) for key, value in described.items()}
    described["description"] = _description(name, described, meta)
    if "example" in meta:
        described["examples"] = [resolve(meta["example"])]
    return described


def _limited(part: Any, low: float | None, high: float | None) -> Any:
    """A copy of a part of a field's schema, in which the field's amounts have its range."""
    limited = rebuilt(part, lambda inner: _limited(inner, low, high))
    if isinstance(limited, dict) and limited.pop(META, None) == AMOUNT:
        limits = {"minimum": low, "maximum": high}
        limited |= {key: limit for key, limit in limits.items() if limit is not None}
    return limited


def _description(name: str, field: dict[str, Any], meta: dict[str, Any]) -> str:
    help_text = field.get("description", "")
    words = [help_text[:1].upper() + help_text[1:]] if help_text else []
    if unit := unit_of(name):
        words.append(f"Unit: {unit_words(unit)}")
    if limits := range_words(meta["low"], meta["high"]):
        words.append(f"Must {limits}")
    if "usual" in meta:
        least, most, source = meta["usual"]
        words.append(f"Published: {range_words(least, most).removeprefix('lie in ').removeprefix('be ')} ({source})")
    default = field.get("default")
    if default is not None:
        told = number_text(default) if isinstance(default, int | float) else str(default)
        origin = ", ".join(meta[part] for part in ("default_source", "default_as_of") if part in meta)
        words.append(f"Default: {told}" + (f" ({origin})" if origin else ""))
    if "published" in meta:
        least, most = map(number_text, meta["published"])
        words.append(f"The default is published as {least}..{most}")
    return ". ".join(word.rstrip(".") for word in words) + "."
