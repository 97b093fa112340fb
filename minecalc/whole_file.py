"""A file that appears complete or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(output: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the name ``output`` when all is written; what was there stays until then.

    What is behind a link is replaced, not the link. Whatever goes wrong, also an interrupt, leaves no other file.
    OSError if it cannot be written.
    """
    target = Path(os.path.realpath(output))
    if target.exists() and not target.is_file():
        raise OSError(None, "it is not a regular file")
    temporary = target.with_name(f".minecalc-{secrets.token_hex(8)}")
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
