"""A folder that appears complete or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(output: Path, may_go: Callable[[Path], bool]) -> Iterator[Path]:
    """A folder to fill that takes the name ``output`` when all is in it; what was there stays until then.

    A folder that is there already is replaced if it is empty, or if it ``may_go``. Whatever goes wrong, also an
    interrupt, leaves no other folder. OSError for what may not be replaced, and if there is no place to write.
    """
    target = Path(os.path.realpath(output))
    _check(target, may_go)
    temporary = target.with_name(f".minecalc-{secrets.token_hex(8)}")
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            _swap(target, temporary)
        else:
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check(target: Path, may_go: Callable[[Path], bool]) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise OSError(None, "it is a file; name a folder")
    if any(target.iterdir()) and not may_go(target):
        raise OSError(None, "it holds other things; name a new folder")


def _swap(target: Path, new: Path) -> None:
    """``new`` in the place of ``target``, which is there until it is, and back where that fails."""
    old = target.with_name(f".minecalc-{secrets.token_hex(8)}")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
