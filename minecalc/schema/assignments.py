"""``dotted.path=value`` as it is typed on the command line, taken apart.

The path's parts are separated by dots; a part that holds a dot or an equals sign stands in quotes, as in
``plans."lease v1.2".term_months=120``; a double quote in double quotes stands twice. The value is YAML and follows the
same rules as in a file. Diagnostics show the assignment as their source line, numbered in the order given.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from minecalc.schema.diagnostics import COMMAND_LINE, DiagnosedError, Diagnostic, Mark, shown
from minecalc.schema.node import Node, Source
from minecalc.schema.parsing import compose
from minecalc.schema.reading import control_character

CODES = {"bad-assignment": "a --set is not of the form dotted.path=value, or its path leads nowhere"}

_PART = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"]|"")*)"|'(?P<single>[^']*)'|(?P<bare>[^\s."'=][^.=]*?))\s*(?P<end>[.=])"""
)


class Part(NamedTuple):
    """One part of a path, and where it is typed."""

    text: str
    mark: Mark


class Assignment(NamedTuple):
    """A value and the path it is for."""

    parts: Sequence[Part]
    value: Node

    @property
    def texts(self) -> tuple[str, ...]:
        """The path as keys."""
        return tuple(part.text for part in self.parts)


def understood(texts: Sequence[str]) -> tuple[list[Assignment], list[Diagnostic]]:
    """The assignments that ``texts`` write, and the problems of those that are none."""
    source = Source(COMMAND_LINE, "\n".join(texts))
    found: list[Assignment] = []
    problems: list[Diagnostic] = []
    position = 0
    for text in texts:
        try:
            found.append(_assignment(text, source, source.line_at(position)))
        except DiagnosedError as bad:
            problems += bad.diagnostics
        position += len(text) + 1
    return found, problems


def _assignment(text: str, source: Source, line: int) -> Assignment:
    """The assignment that stands on ``line`` of ``source``."""
    parts, begin = _split(text, source, line)
    mark = Mark(line, begin + 1)
    node, problems = compose(text[begin:], source, mark)
    if problems:
        raise DiagnosedError(*problems)
    return Assignment(parts, node or Node(None, mark, source))


def _split(text: str, source: Source, line: int) -> tuple[list[Part], int]:
    """The parts of the path and where the value begins."""
    if control := control_character(text, source):
        mark = control.mark or Mark(1, 1)
        raise DiagnosedError(source.error(mark._replace(line=line), control.code, control.message))
    parts: list[Part] = []
    begin = 0
    while match := _PART.match(text, begin):
        group = next(name for name in ("double", "single", "bare") if match[name] is not None)
        mark = Mark(line, match.start(group) + 1, max(1, len(match[group])))
        parts.append(Part(match[group].replace('""', '"') if group == "double" else match[group], mark))
        begin = match.end()
        if match["end"] == "=":
            return parts, begin
    rest = Mark(line, begin + 1, max(1, len(text) - begin))
    message = f"{shown(text)} is not of the form path=value"
    advice = "write path.to.key=value, with quotes around a part that holds a dot"
    raise DiagnosedError(source.error(rest, "bad-assignment", message, advice))
