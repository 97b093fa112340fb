"""The process that a command runs in: its standard streams, its signals, and what it says when the system fails it."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

import typer

from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.schema.diagnostics import Diagnostic

#: Signals that ask a process to end; the exit code is 128 and the signal's number, as shells have it.
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

_SIGNALLED = 128


class _Closed(io.RawIOBase):
    """Standard output that is closed: it takes nothing."""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1

    def write(self, _: Any) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


def prepare() -> None:
    """Have streams that are closed refuse or drop what is written, and signals end the process in good order."""
    _keep_standard_numbers()
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = _dropped()
    for number in ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:  # under nohup it stays ignored
            signal.signal(number, _end)


def _keep_standard_numbers() -> None:
    """Let no file that is opened later take the number of a standard stream that is closed."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)


def _dropped() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, it is open until the end


def _end(number: int, _: object) -> None:
    """End as an error would, so that nothing half-done stays behind; what is asked again meanwhile is no news."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(_SIGNALLED + number)


def say(message: str) -> None:
    """A line on standard error, if anybody can be told."""
    with suppress(OSError, ValueError):
        print(f"minecalc: {message}", file=sys.stderr)


def tell(diagnostics: Sequence[Diagnostic]) -> None:
    """What there is to say of files, on standard error."""
    from minecalc.schema.diagnostics import render

    if diagnostics:
        print(render(diagnostics), file=sys.stderr)


def finish(*, fault: str = "", wrong: bool = False, exists: bool = True) -> None:
    """End a command with the exit code of what came of it.

    1 if its answer contradicts itself, which is said; else 2 if something was wrong, 3 if there is no answer.
    """
    if fault:
        say(visible(fault))
    code = 1 if fault else 2 if wrong else 0 if exists else 3
    if code:
        raise typer.Exit(code)


def told(error: OSError | MemoryError) -> str:
    """What the system refused, in a line."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    reason = error.strerror or str(error) or type(error).__name__
    name = error.filename
    return visible(f"{os.fsdecode(name)}: {reason}" if isinstance(name, str | bytes) else reason)


def flushed(code: int) -> int:
    """The exit code once all that was written is out: ``code``, or 2 if it cannot be. A reader may leave early."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            pass
        except (OSError, ValueError) as error:
            if code == 0 and isinstance(error, OSError):
                say(f"cannot write to standard output: {told(error)}")
            code = code or 2
    return code
