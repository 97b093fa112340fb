"""Where an answer goes: standard output or a file, in the format that the user asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import typer

from minecalc import reports
from minecalc.analysis.questions import Answer
from minecalc.cli import _screen as screen
from minecalc.cli._chart import wanted_chart
from minecalc.cli._process import say
from minecalc.cli._usage import UsageError
from minecalc.document import Document, Note
from minecalc.visible import visible

#: Width, in character cells, of a report in a file.
_FILE_WIDTH = 100


def emit(answer: Answer, *, format_name: str | None, output: Path | None, quiet: bool, in_full: bool = False) -> None:
    """Show an answer as ``show`` does; the exit code is 3 if the question has none, 1 if it contradicts itself."""
    show(answer.document(), format_name=format_name, output=output, quiet=quiet, in_full=in_full)
    if answer.fault:
        say(visible(answer.fault))
        raise typer.Exit(1)
    if not answer.exists:
        raise typer.Exit(3)


def show(
    document: Document, *, format_name: str | None, output: Path | None, quiet: bool, in_full: bool = False
) -> None:
    """Write ``document`` to the file ``output``, or to standard output if that is None or ``-``.

    The format is ``format_name``, else what the suffix of ``output`` says, else ``terminal``. With ``quiet``
    the terminal format has the headlines only, and details only ``in_full``; other formats stay whole, for programs
    read them. On a terminal that is not high enough for a report the headlines stand below it once more. A file
    appears complete or not at all. A reader who closes the pipe early ends the writing quietly. Raises
    ``UsageError`` for an unknown format or suffix and for a place that cannot be written.
    """
    name = chosen_format(format_name, output)
    if quiet and name == "terminal":
        document = _headlines(document)
    if output is None or str(output) == "-":
        content = _for_stdout(document, name, in_full)
        if isinstance(content, bytes) and sys.stdout.isatty():
            raise UsageError(f"{name} is not for the screen; add --output FILE")
        _print(_encoded(content))
        if name == "terminal" and isinstance(content, str) and _scrolls_away(content):
            _print(b"\n" + _encoded(_for_stdout(_headlines(document), name, in_full)))
    else:
        _write(output, _encoded(_rendered(document, name, width=_FILE_WIDTH, in_full=in_full)))


def write_text(text: str, output: Path | None) -> None:
    """Write ``text`` to the file ``output``, whole or not at all, or to standard output. UsageError as ``emit``."""
    if output is None or str(output) == "-":
        _print(text.encode())
    else:
        _write(output, text.encode())


def chosen_format(name: str | None, output: Path | None) -> str:
    """The format that ``--format`` and ``--output`` ask for. UsageError for an unknown one."""
    if str(output) == "-":
        output = None
    if name is not None:
        if name not in reports.formats():
            raise UsageError(f"{visible(name)!r} is not a format; use {', '.join(reports.formats())}")
        found = name
    elif output is None:
        found = "terminal"
    else:
        found = _format_of(output)
    if wanted_chart() and not reports.shows_one_chart(found):
        raise UsageError(f"--chart is for pictures of one chart; add --format svg or png, not {found}")
    try:
        reports.demand(found)
    except reports.NotShownError as error:
        raise UsageError(str(error)) from None
    if output is not None:
        see_that_it_can_be_written(output)
    return found


def see_that_it_can_be_written(output: Path) -> None:
    """UsageError for a place that no file can be written to, before any work is done."""
    from minecalc.files.whole_file import place_to_write

    try:
        place_to_write(output)
    except OSError as error:
        raise _cannot_write(output, error) from error


def _format_of(output: Path) -> str:
    found = reports.format_for_suffix(output.suffix)
    if found is None:
        known = ", ".join(reports.suffixes())
        raise UsageError(f"{visible(str(output))} ends in none of {known}; rename it or add --format")
    return found


def _headlines(document: Document) -> Document:
    """What a reader takes away, without all that it rests on."""
    headlines = [block for block in document.blocks if isinstance(block, Note) and block.kind == "headline"]
    return document._replace(title="", blocks=headlines)


def _scrolls_away(content: str) -> bool:
    """Whether the first line is out of sight once the last and the shell's next prompt are printed."""
    lines = screen.height()
    return lines is not None and content.count("\n") >= lines


def _for_stdout(document: Document, name: str, in_full: bool) -> str | bytes:
    return _rendered(
        document,
        name,
        width=screen.width(),
        color=screen.colored(),
        ascii_only=not sys.stdout.encoding.lower().startswith("utf"),
        in_full=in_full,
    )


def _rendered(document: Document, name: str, **screen: Any) -> str | bytes:
    try:
        return reports.render(document, name, **screen, chart=wanted_chart())
    except reports.NotShownError as error:
        raise UsageError(str(error)) from None


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
            raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def _discard_buffer() -> None:
    """Let what could not be written go nowhere; it would fail again, with a traceback, when Python exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _write(output: Path, content: bytes) -> None:
    from minecalc.files.whole_file import whole_file

    try:
        with whole_file(output) as file:
            file.write(content)
    except OSError as error:
        raise _cannot_write(output, error) from error


def _cannot_write(output: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write {visible(str(output))}: {error.strerror or error}")
