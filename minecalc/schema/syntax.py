"""A complaint of the YAML parser -> a diagnostic in our words, at the place the user should look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from minecalc.schema.diagnostics import Diagnostic, Mark, shown
from minecalc.schema.node import Source

if TYPE_CHECKING:
    import yaml

CODES = {
    "syntax": "the text is not YAML",
    "tab-indent": "a tab stands where only spaces can indent",
    "yaml-version": "the file asks for a version of YAML that does not exist here",
}

_NO_SPACE = re.compile(r"\s*(?:- )?([\w-]+):([^\s:/\\].*)")
_TAB = re.compile(r" *\t")

#: (words of the parser, our message, whether to point at where the construct began, advice)
_PHRASES: tuple[tuple[str, str, bool, str], ...] = (
    (
        "mapping values are not allowed",
        "no value can start at this colon",
        False,
        "quote text that holds a colon, or correct the indentation",
    ),
    ("expected ':'", "this line has no key", True, "a key ends in a colon and a space"),
    ("',' or", "a comma or a closing bracket is missing", True, "this is where the list or mapping opens"),
    ("end of stream", "the text ends within these quotes", True, "close the quotes"),
    ("cannot start any token", "this character cannot begin a value", False, "put the value in quotes"),
    ("node content", "a value is missing here", False, "close the list or mapping, or remove a comma"),
    ("escape", "this escape sequence does not exist", False, "in double quotes, write \\\\ for a backslash"),
    ("hexdec", "this escape sequence does not exist", False, "in double quotes, write \\\\ for a backslash"),
    ("expected key", "the indentation fits no line above", False, "keys of one mapping start in one column"),
    ("'-' indicator", "the indentation fits no line above", False, "items of one list start in one column"),
    ("<block end>", "the indentation fits no line above", False, "keys of one mapping start in one column"),
    (
        "document start",
        "something follows the end of the document",
        False,
        "quote a value that begins in a mark",
    ),
)


def explain(error: yaml.MarkedYAMLError, source: Source, begin: Mark) -> Diagnostic:
    """The parser's error as a diagnostic; ``begin`` is where in ``source`` the text that it read begins."""
    problem = error.problem or "unexpected end"
    there = _mark(error.problem_mark, source, begin)
    began = _mark(error.context_mark, source, begin) or there
    if there and _TAB.match(source.line(there.line)):
        column = source.line(there.line).index("\t") + 1
        return source.error(
            Mark(there.line, column),
            "tab-indent",
            "a tab cannot indent",
            "indent with spaces, two for each level",
        )
    if "incompatible YAML" in problem:
        return source.error(there, "yaml-version", "this YAML version is not supported", "remove the %YAML line")
    for words, message, at_beginning, advice in _PHRASES:
        if words in problem:
            place = began if at_beginning else there
            return source.error(place, "syntax", message, _advice(source, place, advice))
    return source.error(there, "syntax", f"not YAML: {problem}", _advice(source, there, ""))


def missing_space(text: str) -> str:
    """Advice for text such as ``key:value`` that was meant as a key with its value, or ""."""
    match = _NO_SPACE.match(text)
    if not match:
        return ""
    value = re.split(r"\s", match[2], maxsplit=1)[0]
    return f"a space is needed after the colon: {shown(f'{match[1]}: {value}')[1:-1]}"


def decimal_comma(data: Mapping[str, object], key: str) -> str:
    """Advice for a key that is the end of a number with a decimal comma, ``{price: 0,05}``, or ""."""
    names = list(data)
    place = names.index(key) if key in data else 0
    before = data[names[place - 1]] if place else None
    if not key.isdecimal() or data[key] is not None or isinstance(before, bool) or not isinstance(before, int):
        return ""
    return f"the decimal mark is a point: {names[place - 1]}: {before}.{key}"


def _advice(source: Source, place: Mark | None, otherwise: str) -> str:
    if source.line(1).lstrip().startswith("<"):
        return "the file looks like HTML or XML"
    return (missing_space(source.line(place.line)) if place else "") or otherwise


def _mark(mark: yaml.Mark | None, source: Source, begin: Mark) -> Mark | None:
    """The parser's place; if that is an empty line or the end, the last character before it."""
    if mark is None:
        return None
    line = mark.line + begin.line
    if source.line(line).strip():
        return Mark(line, mark.column + (begin.column if mark.line == 0 else 1))
    while line > begin.line and not source.line(line).strip():
        line -= 1
    return Mark(line, max(1, len(source.line(line))))
