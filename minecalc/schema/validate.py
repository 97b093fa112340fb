"""Data -> validated objects, with every complaint in our words and at its place in the file.

pydantic checks types, ranges and keys; this module says what is wrong and what to type instead. A validator
of an input class reports problems below itself by raising ``failed(problems)``, or a single one by ``refused``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from minecalc.schema.declared import annotation_at, choices, model_in, range_at
from minecalc.schema.diagnostics import Diagnostic, Path, Problem, cut, in_file_order, shown
from minecalc.schema.fields import field_meta
from minecalc.schema.names import did_you_mean, nearest
from minecalc.schema.node import Node
from minecalc.schema.numbers import in_unit, label, number_problem
from minecalc.schema.syntax import decimal_comma, missing_space
from minecalc.units import unit_of

CODES = {
    "unknown-key": "a key that does not exist here",
    "missing-key": "a key without a default is not given",
    "wrong-type": "a value of another kind than the key takes",
    "bad-choice": "a word that is not among those the key takes",
    "bad-length": "a text or list that is too short or too long",
    "bad-value": "a value that the key cannot take for a reason of its own",
}

M = TypeVar("M", bound=BaseModel)

#: Comparing names is slow, so only this many unknown keys get a suggestion.
_SUGGESTIONS = 20
_KEYS_LISTED = 12
_ALL_KEYS = "minecalc help keys lists all"

_NUMBER_ERRORS = {
    "float_type",
    "int_type",
    "int_from_float",
    "int_parsing_size",
    "finite_number",
    "greater_than_equal",
    "less_than_equal",
}
_KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
}


def validate(node: Node, model: type[M]) -> tuple[M | None, list[Diagnostic]]:
    """``node`` as an object of ``model`` (None if there are errors) and the diagnostics in file order."""
    validated, problems = validate_data(node.plain_data(), model)
    return validated, locate(problems, node)


def validate_data(data: object, model: type[M], at: Path = ()) -> tuple[M | None, list[Problem]]:
    """``data`` as an object of ``model`` (None on errors) and its problems, with paths below ``at``."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = _translated(error.errors(include_url=False), data, model)
        return None, [moved(problem, at) for problem in found]


def locate(problems: Iterable[Problem], node: Node) -> list[Diagnostic]:
    """Each problem of the data of ``node`` at its place in the text, in file order."""
    return in_file_order(_diagnostic(problem, node) for problem in problems)


def failed(problems: Iterable[Problem]) -> PydanticCustomError:
    """An error for a validator to raise: ``problems`` have paths relative to the value it validates."""
    found = list(problems)
    return PydanticCustomError("problems", "{message}", {"message": found[0].message, "problems": found})


def refused(at: Path, code: str, message: str, advice: str = "", *, key: bool = False) -> PydanticCustomError:
    """``failed`` with the one problem of these parts."""
    return failed([Problem(at, code, message, advice, key=key)])


def moved(problem: Problem, at: Path) -> Problem:
    """``problem`` seen from above: its path prefixed with ``at``."""
    return problem._replace(at=at + problem.at)


def _diagnostic(problem: Problem, root: Node) -> Diagnostic:
    node = root.find(problem.at)
    at_key = problem.key or problem.code == "missing-key"
    mark = node.key_mark if at_key and node.key_mark else node.mark
    return node.source.error(mark, problem.code, problem.message, problem.help)._replace(path=problem.at)


def _translated(errors: Sequence[ErrorDetails], data: object, model: type[BaseModel]) -> list[Problem]:
    found: list[Problem] = []
    unknown = 0
    missing: dict[Path, list[str]] = {}
    meant: set[Path] = set()
    branches: set[Path] = set()
    for error in errors:
        at = _path_in(data, error["loc"])
        context = error.get("ctx", {})
        if error["type"] == "problems":
            found += (moved(problem, at) for problem in context["problems"])
        elif error["type"] == "missing":
            missing.setdefault(at, []).append(str(error["loc"][-1]))
        elif error["type"] == "extra_forbidden":
            unknown += 1
            names = _keys(model, at[:-1])
            near = _nearest(str(at[-1]), names) if unknown <= _SUGGESTIONS else ""
            meant.add((*at[:-1], near))
            found.append(_unknown(at, names, near, data))
        elif error["type"] == "too_short" and len(error["input"]) >= context["min_length"]:
            continue  # members that are wrong themselves are not counted
        elif len(at) == len(error["loc"]):
            found.append(_wrong(error, at, context, model))
        elif at not in branches:  # the branches of a union: the complaint of the first is enough
            branches.add(at)
            found.append(_wrong(error, at, context, model))
    lacking = ((at, [name for name in names if (*at, name) not in meant]) for at, names in missing.items())
    return [_missing(at, names, model) for at, names in lacking if names] + found


def _wrong(error: ErrorDetails, at: Path, context: Mapping[str, Any], model: type[BaseModel]) -> Problem:
    """A value that its own key cannot take."""
    kind, value = error["type"], error["input"]
    if kind in _NUMBER_ERRORS:
        low, high = range_at(model, at)
        low, high = (context.get(end, limit) for end, limit in (("ge", low), ("le", high)))
        problem = number_problem(value, at, low=low, high=high, whole=kind.startswith("int"))
        if problem:
            return problem
    if kind in _KINDS:
        message = f"{label(at)} {_is(value)}; {_KINDS[kind]} is needed"
        return Problem(at, "wrong-type", message, _of_right_type(kind, value))
    if kind == "literal_error":
        return _bad_choice(value, at, model)
    if kind in ("string_too_short", "string_too_long", "too_short", "too_long"):
        has = f"has {len(value)} {'characters' if isinstance(value, str) else 'entries'}"
        least, most = context.get("min_length"), context.get("max_length")
        limit = f"at least {least}" if most is None else f"at most {most}"
        return Problem(at, "bad-length", f"{label(at)} {has}; it must have {limit}")
    if kind == "value_error":
        return Problem(at, "bad-value", str(context["error"]))
    return Problem(at, "bad-value", f"{label(at)} {_is(value)}: {error['msg']}")


def _missing(at: Path, names: Sequence[str], model: type[BaseModel]) -> Problem:
    """The required keys that the mapping at ``at`` lacks, as one problem."""
    prefix = "".join(f"{part}." for part in at)
    listed = ", ".join(cut(prefix + name) for name in names)
    name, place = names[0], (*at, names[0])
    owner = model_in(annotation_at(model, at))
    if len(names) > 1 or owner is None or name not in owner.model_fields:
        wanted = ", ".join(f"{name} {in_unit(unit_of(name))}".rstrip() for name in names)
        verb = "is" if len(names) == 1 else "are"
        return Problem(place, "missing-key", f"{listed} {verb} missing", f"add {wanted}")
    meta = field_meta(owner, name)
    example = f"for example {name}: {meta.example}" if meta.example else ""
    advice = "; ".join(word for word in (meta.help, in_unit(unit_of(name)), example) if word)
    return Problem(place, "missing-key", f"{listed} is missing", advice)


def _unknown(at: Path, names: Sequence[str], near: str, data: object) -> Problem:
    key, owner = str(at[-1]), data
    for part in at[:-1]:
        owner = owner[part] if isinstance(owner, dict | list | tuple) else None  # type: ignore[index]
    advice = f"keys here: {', '.join(names)}" if 0 < len(names) <= _KEYS_LISTED else _ALL_KEYS if names else ""
    if near:
        advice = missing_space(key) if key.startswith(f"{near}:") else f"did you mean {near}?"
    if isinstance(owner, dict):
        advice = decimal_comma(owner, key) or advice
    return Problem(at, "unknown-key", f"unknown key {shown(key)}", advice, key=True)


def _keys(model: type[BaseModel], at: Path) -> list[str]:
    """The keys that the mapping at ``at`` may have; none if they are not known."""
    owner = model_in(annotation_at(model, at))
    return sorted(owner.model_fields) if owner else []


def _nearest(key: str, names: Sequence[str]) -> str:
    """The name that was probably meant by ``key``, or ""."""
    plain = "".join(char for char in key.partition(":")[0].casefold() if char.isprintable()).strip()
    plain = plain.replace("-", "_").replace(" ", "_")
    if plain in names:
        return plain
    longer = [name for name in names if name.startswith(f"{plain}_")]
    if len(longer) == 1:
        return longer[0]
    stem = _without_unit(plain)
    return next((name for name in names if stem and _without_unit(name) == stem), "") or nearest(plain, names)


def _without_unit(key: str) -> str:
    """A key without the unit that it ends in; "" if it ends in none."""
    unit = unit_of(key)
    return "" if unit is None else key.removesuffix(unit).rstrip("_")


def _bad_choice(value: object, at: Path, model: type[BaseModel]) -> Problem:
    words = [str(word) for word in choices(annotation_at(model, at))]
    needed = f"it must be one of {', '.join(words)}" if words else "it is not among the choices"
    return Problem(at, "bad-choice", f"{label(at)} {_is(value)}; {needed}", did_you_mean(str(value), words))


def _of_right_type(kind: str, value: object) -> str:
    match kind, value:
        case "string_type", bool() | int() | float():
            return f'put it in quotes: "{shown(value)}"'
        case "bool_type", "yes" | "on" | "Yes" | "On" | "y":
            return "write true"
        case "bool_type", "no" | "off" | "No" | "Off" | "n":
            return "write false"
        case "bool_type", "true" | "false":
            return "remove the quotes"
        case "dict_type" | "model_type", str():
            return missing_space(value)
        case _:
            return ""


def _is(value: object) -> str:
    return "has no value" if value is None else f"is {shown(value)}"


def _path_in(data: object, loc: Sequence[str | int]) -> Path:
    """The part of a pydantic location that names keys and positions of the data, not branches of unions."""
    at: list[str | int] = []
    for part in loc:
        match data:
            case dict() if part in data:
                data = data[part]
            case list() | tuple() if isinstance(part, int) and part < len(data):
                data = data[part]
            case _:
                continue
        at.append(part)
    return tuple(at)
