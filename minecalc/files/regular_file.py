"""Files that are read: opened without waiting for anybody, and remembered, so that nothing is written over them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

#: Bytes of a file that says it has none, as those of /proc do: some of them never end.
_UNSIZED_MOST = 1_000_000

_NOT_REGULAR = "it is not a regular file"

#: Files on a disk by device and number, each with the name that it was read by; None where nothing is remembered.
_read: ContextVar[dict[tuple[int, int], str] | None] = ContextVar("files_read", default=None)


#: Checksums of the tables that are read, by name; None where nobody asks.
_noted: ContextVar[dict[str, str] | None] = ContextVar("tables_read", default=None)


@contextmanager
def noting() -> Iterator[dict[str, str]]:
    """Until the end what is held by every table that is read is noted: its SHA-256 by the name of the file."""
    found: dict[str, str] = {}
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def note(path: str | Path, data: bytes) -> None:
    """Note that the table at ``path`` was read and held ``data``, if somebody asks."""
    noted = _noted.get()
    if noted is not None:
        import hashlib

        noted[str(path)] = hashlib.sha256(data).hexdigest()


@contextmanager
def remembering() -> Iterator[None]:
    """Until the end every file that is read is remembered."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def regular_file(path: str | Path) -> BinaryIO:
    """The file at ``path`` to read. It is on a disk, or small, so that reading comes to an end and never waits.

    OSError if it cannot be read or is something else: a device, a pipe, a folder.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116, before it is opened: to open a pipe is to wait
        raise OSError(None, _NOT_REGULAR)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(handle, "rb")
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, _NOT_REGULAR)
        _remember(status, str(path))
        if status.st_size:
            return file
        data = _unsized(handle)
    except BaseException:
        file.close()
        raise
    file.close()
    return BytesIO(data)


def _unsized(handle: int) -> bytes:
    """What a file holds that gives no size. OSError if it would have to be waited for, or is too much."""
    parts, size = [], 0
    while part := os.read(handle, _UNSIZED_MOST):
        parts.append(part)
        size += len(part)
        if size > _UNSIZED_MOST:
            raise OSError(None, _NOT_REGULAR)
    return b"".join(parts)


def remember_standard_input() -> None:
    """Remember the file that is read as standard input, if it is one."""
    with suppress(OSError):
        status = os.fstat(0)
        if stat.S_ISREG(status.st_mode):
            _remember(status, "standard input")


def _remember(status: os.stat_result, name: str) -> None:
    files = _read.get()
    if files is not None:
        files.setdefault((status.st_dev, status.st_ino), name)


def read_as(path: Path) -> str:
    """The name that the file at ``path`` was read by, through whatever link or spelling; "" if it was not read."""
    files = _read.get()
    if not files:
        return ""
    try:
        status = path.stat()
    except OSError:
        return ""
    return files.get((status.st_dev, status.st_ino), "")
