"""What a user typed wrong: where it stands, what the rule is, what to type instead, and how that is printed.

A ``Problem`` points into the data by a path of keys, a ``Diagnostic`` into a file by line and column;
``locate`` (in ``validate``) turns one into the other.

Codes are stable names. Each module that invents codes lists them, with one line of meaning, in a module-level
``CODES`` mapping; a test gathers these mappings and demands a whole-text snapshot for every code.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from minecalc.visible import visible

Path = tuple[str | int, ...]
Severity = Literal["error", "note"]

#: The "file" of whatever was set on the command line; each assignment is a line of it, in the order given.
COMMAND_LINE = "--set"

LONGEST_VALUE = 80
LONGEST_LINE = 100
_GUTTER = 6


class Mark(NamedTuple):
    """A stretch of one line: ``line`` and ``column`` count from 1, ``length`` is in characters."""

    line: int
    column: int
    length: int = 1


class Problem(NamedTuple):
    """Something wrong at a path of the data; ``key`` points at the key there rather than at its value."""

    at: Path
    code: str
    message: str
    help: str = ""
    key: bool = False


class Diagnostic(NamedTuple):
    """Something wrong at a place of a file; ``mark`` is None when the whole file is meant."""

    file: str
    mark: Mark | None
    severity: Severity
    code: str
    message: str
    help: str = ""
    source_line: str = ""
    path: Path = ()

    def as_dict(self) -> dict[str, object]:
        """The diagnostic for machines; without a mark, ``line``, ``column`` and ``length`` are None."""
        return {
            "file": visible(self.file),
            **(self.mark._asdict() if self.mark else dict.fromkeys(Mark._fields)),
            "severity": self.severity,
            "code": self.code,
            "message": visible(self.message),
            "help": visible(self.help),
            "path": list(self.path),
        }


class DiagnosedError(Exception):
    """What cannot be used, as a text that is read no further or an assignment; ``diagnostics`` say where and why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def number_text(number: float) -> str:
    """A number as a message shows it: ``0.045``, ``45``, ``1e+20``."""
    if not isinstance(number, int):
        return f"{number:.15g}"
    return str(number) if abs(number) < 10**20 else "an integer of more than 20 digits"


def shown(value: object) -> str:
    """A value of the data as a message shows it: on one line, made visible, at most about 80 characters."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return f'"{cut(value)}"'
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def cut(text: str) -> str:
    """``text`` as it can be printed, shortened to 80 characters with an ellipsis."""
    return visible(text, LONGEST_VALUE)


def in_file_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """File by file, of each by line and column; what concerns a whole file first, what the command line sets last."""
    found = list(diagnostics)
    files = list(dict.fromkeys(one.file for one in found))

    def place(found: Diagnostic) -> tuple[bool, int, int, int]:
        line, column = (found.mark.line, found.mark.column) if found.mark else (0, 0)
        return found.file == COMMAND_LINE, files.index(found.file), line, column

    return sorted(found, key=place)


def render(diagnostics: Sequence[Diagnostic], most: int = 8) -> str:
    """The diagnostics as people read them, without a newline at the end.

    Each shows its source line with carets, and blank lines separate them. When a file has more than ``most``,
    the first ``most`` take one line each and a last line counts the others, so that a file of another kind
    does not scroll the answer away. What is wrong at one place of the text is told once, however many paths lead there.
    """
    blocks = []
    for _, group in groupby(diagnostics, key=lambda found: found.file):
        of_file = list(dict.fromkeys(found._replace(path=()) for found in group))
        if len(of_file) <= most:
            blocks += [_full(found) for found in of_file]
        else:
            brief = [_header(found) + (f" ({visible(found.help)})" if found.help else "") for found in of_file]
            rest = f"... and {len(brief) - most:,} more in {visible(of_file[0].file)}"
            blocks.append("\n".join([*brief[:most], rest]))
    return "\n\n".join(blocks)


def _header(found: Diagnostic) -> str:
    place = f":{found.mark.line}:{found.mark.column}" if found.mark else ""
    return f"{visible(found.file)}{place}: {found.severity}[{found.code}]: {visible(found.message)}"


def _full(found: Diagnostic) -> str:
    lines = [_header(found)]
    if found.mark:
        text, before, carets = _window(found.source_line, found.mark)
        lines.append(f"{found.mark.line:>{_GUTTER}} | {text}".rstrip())
        lines.append(" " * _GUTTER + " | " + " " * before + "^" * carets)
    if found.help:
        lines.append(" " * (_GUTTER + 1) + f"= help: {visible(found.help)}")
    return "\n".join(lines)


def _window(line: str, mark: Mark) -> tuple[str, int, int]:
    """The visible part of ``line`` around the mark; the width before the carets; the number of carets."""
    begin = mark.column - 1
    first = max(0, begin - LONGEST_LINE // 2) if len(line) > LONGEST_LINE else 0
    last = min(len(line), first + LONGEST_LINE)
    left, right = "…" if first else "", "…" if last < len(line) else ""
    before = left + visible(line[first:begin])
    marked = visible(line[begin : min(begin + mark.length, last)])
    text = before + marked + visible(line[begin + mark.length : last]) + right
    return text, _width(before), max(1, _width(marked))


def _width(text: str) -> int:
    """Columns of ``text`` in a terminal: two for East Asian wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
