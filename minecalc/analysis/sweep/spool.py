"""The finished chunks of a sweep on disk, so that an interrupted sweep goes on where it was.

A spool is a folder: what the sweep is (``sweep.json``) and a file for each finished chunk. Each file is written under
another name and renamed, so that whatever is there is whole, also after a power cut or a kill.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from minecalc.analysis.processes import Processes
from minecalc.analysis.sweep.cases import Chunk, Sweep, SweepError
from minecalc.analysis.workers import Workers
from minecalc.visible import visible

_FORMAT = "minecalc.sweep-spool/1"
_REPLACES = "replaces"
_ABOUT, _LOCK, _TABLE, _TEMPORARY = "sweep.json", "lock", "table", "unfinished"
_HERE = Processes(1)


class Spool:
    """A folder of finished chunks of one sweep. Made by ``opened``.

    ``replaces``: when the sweep began there was a file of the name that it is to write.
    """

    def __init__(self, folder: Path, sweep: Sweep, *, replaces: bool = False) -> None:
        self.folder, self.sweep, self.replaces = folder, sweep, replaces

    @property
    def table(self) -> Path:
        """Where the table of all rows may be put together, to be renamed when it is whole."""
        return self.folder / _TABLE

    def finished(self) -> list[int]:
        """The numbers of the chunks that are there, in order."""
        return [number for number in range(self.sweep.chunks) if self._file(number).exists()]

    def load(self, number: int) -> Chunk:
        """A finished chunk."""
        with np.load(self._file(number), allow_pickle=False) as held:
            return Chunk(held["figures"], held["codes"], tuple(held["reasons"].tolist()))

    def save(self, number: int, chunk: Chunk) -> None:
        """Put a chunk there, whole or not at all."""
        with _renamed(self._file(number)) as file:
            np.savez(file, figures=chunk.figures, codes=chunk.codes, reasons=np.array(chunk.reasons, dtype=np.str_))

    def fill(self, workers: Workers = _HERE) -> Iterator[int]:
        """Compute and keep the chunks that are not there yet; their numbers, each when it is kept."""
        missing = self.missing()
        for number, chunk in zip(missing, workers.share_out(self.sweep.chunk, missing), strict=True):
            self.save(number, chunk)
            yield number

    def missing(self) -> Sequence[int]:
        """The numbers of the chunks that are not there yet."""
        return sorted({*range(self.sweep.chunks)} - {*self.finished()})

    def remove(self) -> None:
        """Take the folder away; what it is about goes last, so that a removal cut short can be gone on with."""
        _cleared(self.folder)
        with suppress(OSError):
            self.folder.rmdir()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"


@contextmanager
def opened(
    folder: Path, sweep: Sweep, about: Mapping[str, Any], *, restart: bool, replaces: bool = False
) -> Iterator[Spool]:
    """The spool in ``folder``, new or left by an interrupted run of the same sweep; for one process at a time.

    ``about`` tells sweeps apart. With ``restart`` what an earlier run left is dropped. SweepError if the folder holds
    another sweep or something else, or is in use. OSError if it cannot be written.
    """
    folder.mkdir(exist_ok=True)
    shown = visible(str(folder))
    strange = [path.name for path in folder.iterdir() if not _is_ours(path)]
    if strange:
        raise SweepError(f"{shown} holds other files, such as {visible(strange[0])}; move it away")
    with (folder / _LOCK).open("wb") as lock:
        if not _locked(lock):
            raise SweepError(f"{shown} is in use; another sweep is writing the same file")
        if restart:
            _cleared(folder, keep=_LOCK)
        asked = {"format": _FORMAT, **about}
        if (folder / _ABOUT).exists():
            _same(asked, folder / _ABOUT, shown)
        else:
            _cleared(folder, keep=_LOCK)  # chunks that nothing is known about
            with _renamed(folder / _ABOUT) as file:
                file.write(json.dumps({**asked, _REPLACES: replaces}, indent=1).encode())
        spool = Spool(folder, sweep, replaces=bool(json.loads((folder / _ABOUT).read_bytes()).get(_REPLACES)))
        try:
            yield spool
        finally:
            if folder.exists() and not spool.finished():
                spool.remove()


def _same(asked: Mapping[str, Any], file: Path, shown: str) -> None:
    try:
        held = json.loads(file.read_bytes())
        differing = [key for key in asked if held.get(key) != asked[key]]
    except (ValueError, AttributeError):
        differing = ["format"]
    if differing:
        what = differing[0] + (" and more" if len(differing) > 1 else "")
        advice = "add --restart to drop it, or delete that folder"
        raise SweepError(f"{shown} holds an unfinished sweep that differs in {what}; {advice}")


def _cleared(folder: Path, keep: str = "") -> None:
    last = (_ABOUT, _LOCK)
    for path in sorted(folder.iterdir(), key=lambda path: last.index(path.name) if path.name in last else -1):
        if path.name != keep:
            path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return path.name in (_ABOUT, _LOCK, _TABLE, _TEMPORARY) or (path.suffix == ".npz" and path.stem.isdecimal())


@contextmanager
def _renamed(target: Path) -> Iterator[IO[bytes]]:
    """A file to write that gets its name when it is whole, and on the disk."""
    temporary = target.with_name(_TEMPORARY)
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _locked(file: IO[bytes]) -> bool:
    """Whether the file is now this process's own, until it is closed or the process ends; children have no part in it.

    On Windows, which has no such locks, always.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
