"""Where an answer goes: standard output or a file, in the format that the user asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from minecalc import reports
from minecalc.analysis.questions import QuestionError
from minecalc.cli import _screen as screen
from minecalc.cli._shared import Shared
from minecalc.document import Document, Note
from minecalc.visible import visible

#: Width, in character cells, of a report in a file.
_FILE_WIDTH = 100


def show(document: Document, asked: Shared) -> None:
    """Write ``document`` to where it is ``asked`` to go: a file, or standard output if none is named, or ``-``.

    The format is that of ``--format``, else what the suffix of the file says, else ``terminal``. With ``--quiet``
    the terminal format has the headlines only, and details only with ``--full``; other formats stay whole, for programs
    read them, but a picture is one chart. On a terminal that is not high enough for a report the headlines stand below
    it once more. A file appears complete or not at all. A reader who closes the pipe early ends the writing quietly.
    Raises ``QuestionError`` for an unknown format or suffix and for a place that cannot be written.
    """
    name, file = chosen_format(asked), output_file(asked.output)
    if asked.quiet and name == "terminal":
        document = _headlines(document)
    rendered = partial(_rendered, name=name, in_full=asked.full, chart=asked.chart)
    if file is not None:
        _write(file, _encoded(rendered(document, width=_FILE_WIDTH)))
        return
    ascii_only = not sys.stdout.encoding.lower().startswith("utf")
    rendered = partial(rendered, width=screen.width(), color=screen.colored(), ascii_only=ascii_only)
    content = rendered(document)
    if isinstance(content, bytes) and sys.stdout.isatty():
        raise QuestionError(f"{name} is not for the screen; add --output FILE")
    _print(_encoded(content))
    if name == "terminal" and isinstance(content, str) and _scrolls_away(content):
        _print(b"\n" + _encoded(rendered(_headlines(document))))


def output_file(output: Path | None) -> Path | None:
    """The file that ``output`` names; None for standard output, which ``-`` names too."""
    return None if str(output) == "-" else output


def write_text(text: str, output: Path | None) -> None:
    """Write ``text`` to the file ``output``, whole or not at all, or to standard output. QuestionError as ``show``."""
    file = output_file(output)
    if file is None:
        _print(text.encode())
    else:
        _write(file, text.encode())


def chosen_format(asked: Shared) -> str:
    """The format that ``--format`` and ``--output`` ask for. QuestionError for an unknown one."""
    name, file = asked.format_, output_file(asked.output)
    if name is not None:
        if name not in reports.formats():
            raise QuestionError(f"{visible(name)!r} is not a format; use {', '.join(reports.formats())}")
        found = name
    else:
        found = "terminal" if file is None else _format_of(file)
    demand_picture(asked.chart, found)
    try:
        reports.demand(found)
    except reports.NotShownError as error:
        raise QuestionError(str(error)) from None
    if file is not None:
        see_that_it_can_be_written(file)
    return found


def demand_picture(chart: str, chosen: str) -> None:
    """QuestionError for a ``chart`` that is asked of a format which is no picture of one."""
    if chart and not reports.shows_one_chart(chosen):
        raise QuestionError(f"--chart is for pictures of one chart; add --format svg or png, not {chosen}")


def see_that_it_can_be_written(output: Path) -> None:
    """QuestionError for a place that no file can be written to, before any work is done."""
    from minecalc.files.whole_file import place_to_write

    with writing(output):
        place_to_write(output)


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """QuestionError where the system refuses to have ``output`` written."""
    try:
        yield
    except OSError as error:
        raise QuestionError(f"cannot write {visible(str(output))}: {error.strerror or error}") from error


def _format_of(output: Path) -> str:
    found = reports.format_for_suffix(output.suffix)
    if found is None:
        known = ", ".join(reports.suffixes())
        raise QuestionError(f"{visible(str(output))} ends in none of {known}; rename it or add --format")
    return found


def _headlines(document: Document) -> Document:
    """What a reader takes away, without all that it rests on."""
    headlines = [block for block in document.blocks if isinstance(block, Note) and block.kind == "headline"]
    return document._replace(title="", blocks=headlines)


def _scrolls_away(content: str) -> bool:
    """Whether the first line is out of sight once the last and the shell's next prompt are printed."""
    lines = screen.height()
    return lines is not None and content.count("\n") >= lines


def _rendered(document: Document, name: str, **screen: Any) -> str | bytes:
    try:
        return reports.render(document, name, **screen)
    except reports.NotShownError as error:
        raise QuestionError(str(error)) from None


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _print(content: bytes) -> None:
    sys.stdout.flush()
    rest = memoryview(content)
    try:
        while rest:  # an unbuffered output (python -u) may take a part at a time
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except OSError as error:
        _discard_buffer()
        if not isinstance(error, BrokenPipeError):
            raise QuestionError(f"cannot write to standard output: {error.strerror}") from error


def _discard_buffer() -> None:
    """Let what could not be written go nowhere; it would fail again, with a traceback, when Python exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _write(output: Path, content: bytes) -> None:
    from minecalc.files.whole_file import whole_file

    with writing(output), whole_file(output) as file:
        file.write(content)
