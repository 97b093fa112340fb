"""The JSON Schema of files that may extend others and define things once: as strict as ``composing`` lets a file be.

Such a file may leave out any key and empty any, so what is required is only asked of a file that does neither.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from minecalc.schema.composing import DEFINE, EXTENDS
from minecalc.schema.jsonschema import json_schema, rebuilt

#: What a part of a schema says of structure, and not of single values.
_STRUCTURE = frozenset(
    {"type", "properties", "required", "additionalProperties", "patternProperties", "anyOf", "const"}
)

_EMPTY = {"type": "null"}

#: Characters from which on a structure, and a key that stands in several places, is worth a name.
_SHORT, _LONG = 300, 1000

_EXTENDS = "The file that this one is laid over: mappings merge key by key, all else replaces, an empty key takes away."
_DEFINE = "Mappings by name. extends: NAME in another mapping lays that over the one of this name."


def file_schema(model: type[BaseModel], title: str, schema_id: str) -> dict[str, Any]:
    """The schema of files that hold a ``model``, in draft 2020-12, with ``title`` and ``$id``."""
    whole = json_schema(model, title, schema_id)
    parts: dict[str, Any] = _in_part(whole)
    parts["properties"] |= {
        EXTENDS: {"type": "string", "minLength": 1, "description": _EXTENDS},
        DEFINE: {"type": "object", "additionalProperties": {"type": "object"}, "description": _DEFINE},
    }
    shared: dict[str, str] = {}
    strict = _structure(whole, shared)
    told = _told_once(parts)
    return {
        **told.pop("whole"),
        "if": {"anyOf": [{"required": [EXTENDS]}, {"required": [DEFINE]}]},
        "else": strict,
        "$defs": {name: json.loads(text) for text, name in shared.items()} | told,
    }


def _told_once(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as ``whole``, in which long keys that stand in several places are referred to, and those by name."""
    counts = Counter(text for text in map(json.dumps, _keys(schema)) if len(text) >= _LONG)
    names = {text: f"key_{number}" for number, text in enumerate(sorted(t for t in counts if counts[t] > 1), start=1)}

    def told(part: Any, *, outermost: bool = False) -> Any:
        name = None if outermost or not isinstance(part, dict) else names.get(json.dumps(part))
        return rebuilt(part, told) if name is None else {"$ref": f"#/$defs/{name}"}

    return {"whole": told(schema)} | {name: told(json.loads(text), outermost=True) for text, name in names.items()}


def _keys(schema: Any) -> Iterator[dict[str, Any]]:
    """The schemas of all keys of a schema, however deep."""
    for part in schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ():
        yield from _keys(part)
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield from schema["properties"].values()


def _in_part(schema: Any) -> Any:
    """A copy of a part of a schema in which mappings may lack any key, have it empty, and say what they extend."""
    copy = rebuilt(schema, _in_part)
    if not isinstance(copy, dict):
        return copy
    if isinstance(copy.get("properties"), dict):
        copy.pop("required", None)
        copy["properties"] = {name: _or_empty(field) for name, field in copy["properties"].items()}
        copy["properties"][EXTENDS] = {"type": "string"}
    elif isinstance(copy.get("additionalProperties"), dict):
        copy["additionalProperties"] = _or_empty(copy["additionalProperties"])
    return copy


def _or_empty(field: dict[str, Any]) -> dict[str, Any]:
    """A schema of what may also be empty."""
    if isinstance(field.get("type"), str):
        return {**field, "type": [field["type"], "null"]}
    others = field.get("anyOf", [_EMPTY])
    return field if _EMPTY in others else {**field, "anyOf": [*others, _EMPTY]}


def _structure(schema: Any, shared: dict[str, str]) -> Any:
    """A copy of a part of a schema without what it says of single values.

    What many keys have in common, such as the forms of a value over time, is referred to; ``shared`` names the texts.
    """
    if not isinstance(schema, dict):
        return rebuilt(schema, lambda inner: _structure(inner, shared))
    copy = {key: _structure(value, shared) for key, value in schema.items() if key in _STRUCTURE}
    for named in ("properties", "patternProperties"):
        if named in schema:
            copy[named] = {name: _structure(field, shared) for name, field in schema[named].items()}
    text = json.dumps(copy)
    if len(text) < _SHORT:
        return copy
    return {"$ref": f"#/$defs/{shared.setdefault(text, f'structure_{len(shared) + 1}')}"}
