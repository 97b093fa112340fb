"""Where an answer goes: standard output or a file, in the format that the user asked for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from minecalc import reports
from minecalc.analysis.questions import Answer
from minecalc.cli._usage import UsageError
from minecalc.document import Document, Note
from minecalc.visible import visible

#: Width, in character cells, of a report that no screen limits, and of one on the widest screen.
_FREE_WIDTH, _WIDEST = 100, 240


def emit(answer: Answer, *, format_name: str | None, output: Path | None, quiet: bool) -> None:
    """Show an answer as ``show`` does; the exit code is 3 if the question has none."""
    show(answer.document(), format_name=format_name, output=output, quiet=quiet)
    if not answer.exists:
        raise typer.Exit(3)


def show(document: Document, *, format_name: str | None, output: Path | None, quiet: bool) -> None:
    """Write ``document`` to the file ``output``, or to standard output if that is None or ``-``.

    The format is ``format_name``, else what the suffix of ``output`` says, else ``terminal``. With ``quiet``
    the terminal format has the headlines only; other formats stay whole, for programs read them. A file
    appears complete or not at all. A reader who closes the pipe early ends the writing quietly. Raises
    ``UsageError`` for an unknown format or suffix and for a place that cannot be written.
    """
    name = chosen_format(format_name, output)
    if quiet and name == "terminal":
        headlines = [block for block in document.blocks if isinstance(block, Note) and block.kind == "headline"]
        document = document._replace(title="", blocks=headlines)
    if output is None or str(output) == "-":
        content = _for_stdout(document, name)
        if isinstance(content, bytes) and sys.stdout.isatty():
            raise UsageError(f"{name} is not for the screen; add --output FILE")
        _print(_encoded(content))
    else:
        _write(output, _encoded(reports.render(document, name, width=_FREE_WIDTH)))


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
        return "terminal"
    else:
        found = _format_of(output)
    if output is not None:
        see_that_it_can_be_written(output)
    return found


def see_that_it_can_be_written(output: Path) -> None:
    """UsageError for a place that no file can be written to, before any work is done."""
    from minecalc.whole_file import place_to_write

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


def _for_stdout(document: Document, name: str) -> str | bytes:
    return reports.render(
        document,
        name,
        width=min(shutil.get_terminal_size(fallback=(_FREE_WIDTH, 24)).columns, _WIDEST),
        color=sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        ascii_only=not sys.stdout.encoding.lower().startswith("utf"),
    )


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
    from minecalc.whole_file import whole_file

    try:
        with whole_file(output) as file:
            file.write(content)
    except OSError as error:
        raise _cannot_write(output, error) from error


def _cannot_write(output: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write {visible(str(output))}: {error.strerror or error}")
