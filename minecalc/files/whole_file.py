"""A file that appears complete or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from minecalc.files.regular_file import read_as
from minecalc.visible import visible


def place_to_write(output: Path) -> Path:
    """Where the file ``output`` is to be, links followed.

    OSError if it cannot be written: no regular file, protected, without a folder, or a file that was read.
    """
    target = Path(os.path.realpath(output))
    if target.exists():
        if not target.is_file():
            raise OSError(None, "it is not a regular file")
        if name := read_as(target):
            raise OSError(None, f"it is {visible(name)}, which the same command reads")
        if not os.access(target, os.W_OK):
            raise OSError(None, "it is write-protected")
    folder = os.path.join(target.parent, ".")  # noqa: PTH118, a path without the dot would do for a file too
    os.stat(folder)  # noqa: PTH116
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target


@contextmanager
def whole_file(output: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the name ``output`` when all is written; what was there stays until then.

    What is behind a link is replaced, not the link. Whatever goes wrong, also an interrupt, leaves no other file.
    OSError as ``place_to_write``, and if it cannot be written to the end.
    """
    target = place_to_write(output)
    with renamed(target.with_name(f".minecalc-{secrets.token_hex(8)}"), target) as file:
        yield file


@contextmanager
def renamed(temporary: Path, target: Path) -> Iterator[BinaryIO]:
    """A file to write that is called ``temporary`` until all is written and on the disk, then ``target``.

    Of two calls with the same ``temporary`` the last counts. Whatever goes wrong leaves ``target`` as it was.
    """
    temporary.unlink(missing_ok=True)  # what a kill left
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink()
