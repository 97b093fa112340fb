"""A sweep on disk: its finished chunks, so that an interrupted one goes on where it was, and the table they become.

The table is whole or not there, the same bytes however often the sweep was interrupted.

A spool is a folder: a mark that it is one (``lock``), what the sweep is (``sweep.json``) and a file for each finished
chunk. The folder appears with the first two in it, so that no other folder is taken for one. Each file is written under
another name and renamed, so that whatever is there is whole, also after a power cut or a kill.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np

from minecalc import tables
from minecalc.analysis.questions import QuestionError
from minecalc.analysis.sweep.cases import Axis, Chunk, Sweep
from minecalc.arrays import FloatArray
from minecalc.files.whole_file import place_to_write, renamed
from minecalc.tables import Batch, Column
from minecalc.timeline import format_month
from minecalc.visible import visible
from minecalc.work.processes import Processes
from minecalc.work.workers import Workers

_FORMAT = "minecalc.sweep-spool/1"
_REPLACES = "replaces"
_ABOUT, _LOCK, _TABLE, _TEMPORARY = "sweep.json", "lock", "table", "unfinished"
_HERE = Processes(1)

#: What the lock of a spool holds: it tells the folder from any other, whatever has become of the rest.
_MARK = b"minecalc.sweep-spool\n"

_RESTART = "add --restart to drop it, or delete that folder"


@dataclass(frozen=True)
class Spool:
    """A folder of finished chunks of one sweep. Made by ``opened``.

    ``replaces``: when the sweep began there was a file of the name that it is to write.
    """

    folder: Path
    sweep: Sweep
    replaces: bool = False

    @property
    def table(self) -> Path:
        """Where the table of all rows may be put together, to be renamed when it is whole."""
        return self.folder / _TABLE

    def finished(self) -> list[int]:
        """The numbers of the chunks that are there, in order."""
        return [number for number in range(self.sweep.chunks) if self._file(number).exists()]

    def load(self, number: int) -> Chunk:
        """A finished chunk. QuestionError if its file is not what was written."""
        file = self._file(number)
        chunk = None
        try:
            with file.open("rb") as archive, np.load(archive, allow_pickle=False) as held:
                chunk = Chunk(held["figures"], held["codes"], tuple(held["reasons"].tolist()))
        except OSError as error:
            if error.errno is not None:  # numpy gives no number of a file that is none of its own
                raise
        except (ValueError, KeyError, EOFError, TypeError, AttributeError, MemoryError, BadZipFile, zlib.error):
            pass
        if chunk is None or not self._fits(chunk, number):
            raise QuestionError(f"{visible(str(file))} is damaged; {_RESTART}")
        return chunk

    def _fits(self, chunk: Chunk, number: int) -> bool:
        """Whether a chunk is of the sweep's size and kinds, and its codes are those of its reasons."""
        shape = (self.sweep.numbers(number).size, len(self.sweep.plans), len(self.sweep.metrics))
        return (
            chunk.figures.shape == chunk.codes.shape == shape
            and chunk.figures.dtype == np.float64
            and chunk.codes.dtype == np.uint16
            and all(isinstance(reason, str) for reason in chunk.reasons)
            and int(chunk.codes.max(initial=0)) <= len(chunk.reasons)
        )

    def save(self, number: int, chunk: Chunk) -> None:
        """Put a chunk there, whole or not at all."""
        held = BytesIO()  # on a full disk numpy would leave an archive that complains when it is forgotten
        np.savez(held, figures=chunk.figures, codes=chunk.codes, reasons=np.array(chunk.reasons, dtype=np.str_))
        with renamed(self.folder / _TEMPORARY, self._file(number)) as file:
            file.write(held.getbuffer())

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
        """Take the folder away, under another name, so that a removal cut short leaves nothing that has its own."""
        hidden = _hidden(self.folder)
        self.folder.rename(hidden)
        _cleared(hidden)
        with suppress(OSError):
            hidden.rmdir()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"


@contextmanager
def spool_beside(output: Path, sweep: Sweep, about: Mapping[str, Any], *, restart: bool) -> Iterator[Spool]:
    """The spool of a sweep that is to be written to ``output``: the folder of its name with ``.partial`` added.

    QuestionError as for ``opened``, OSError as for ``place_to_write``.
    """
    target = place_to_write(output)
    folder = target.with_name(f"{target.name}.partial")
    with opened(folder, sweep, about, restart=restart, replaces=target.exists()) as spool:
        yield spool


def put_together(
    spool: Spool,
    name: str,
    output: Path,
    chunks: Iterable[int],
    watch: Callable[[Iterator[Batch]], Iterator[Batch]] = iter,
) -> None:
    """Write the rows of finished chunks to ``output`` in the table format called ``name``, at once when it is whole.

    What was there, perhaps behind a link, stays until then. ``watch`` sees the batches pass.
    """
    target = Path(os.path.realpath(output))
    with renamed(spool.table, target) as file:
        tables.write(name, file, columns(spool.sweep), watch(batches(spool.sweep, spool.load, chunks)))


def columns(sweep: Sweep) -> list[Column]:
    """The case (from 1), a column for each varied path, the plan, and a column for each figure."""
    return [
        Column("case", "whole"),
        *(_column(axis) for axis in sweep.axes),
        Column("plan", "text", sweep.plans),
        *(Column(name, "number") for name in sweep.metrics),
    ]


def batches(sweep: Sweep, load: Callable[[int], Chunk], chunks: Iterable[int]) -> Iterator[Batch]:
    """The rows of these chunks, a batch for each."""
    plans = len(sweep.plans)
    for number in chunks:
        chunk, cases = load(number), sweep.numbers(number)
        given = zip(sweep.axes, sweep.given(cases), strict=True)
        yield [
            np.repeat(cases + 1.0, plans),
            *(np.repeat(_cells(axis, values), plans) for axis, values in given),
            np.tile(np.arange(float(plans)), cases.size),
            *(np.ascontiguousarray(chunk.figures[:, :, m]).reshape(-1) for m in range(len(sweep.metrics))),
        ]


def _column(axis: Axis) -> Column:
    if axis.is_month:
        first, last = int(axis.values.min()), int(axis.values.max())
        return Column(axis.path, "text", tuple(format_month(month) for month in range(first, last + 1)))
    if axis.words:
        return Column(axis.path, "text", axis.words)
    return Column(axis.path, "whole" if axis.is_whole else "number")


def _cells(axis: Axis, values: FloatArray) -> FloatArray:
    return values - axis.values.min() if axis.is_month else values


@contextmanager
def opened(
    folder: Path, sweep: Sweep, about: Mapping[str, Any], *, restart: bool, replaces: bool = False
) -> Iterator[Spool]:
    """The spool in ``folder``, new or left by an interrupted run of the same sweep; for one process at a time.

    ``about`` tells sweeps apart. With ``restart`` what an earlier run left is dropped. QuestionError if the folder
    holds another sweep or something else, or is in use; whatever is not a spool is left as it is. OSError if it cannot
    be written.
    """
    shown = visible(str(folder))
    asked = {"format": _FORMAT, **about}
    begun = json.dumps({**asked, _REPLACES: replaces}, indent=1).encode()
    if not os.path.lexists(folder):
        _made(folder, begun)
    _see_that_it_is_ours(folder, shown)
    with (folder / _LOCK).open("r+b") as lock:
        if not _locked(lock):
            raise QuestionError(f"{shown} is in use; another sweep is writing the same file")
        if restart or not (folder / _ABOUT).exists():  # chunks that nothing is known about
            _cleared(folder, keep=_LOCK)
            with renamed(folder / _TEMPORARY, folder / _ABOUT) as file:
                file.write(begun)
        held = _description(folder)
        _same(asked, held, shown)
        spool = Spool(folder, sweep, replaces=bool(held.get(_REPLACES)))
        try:
            yield spool
        finally:
            if folder.exists() and not spool.finished():
                spool.remove()


def _made(folder: Path, about: bytes) -> None:
    """Make the folder of a spool, which appears with its mark and what the sweep is, or not at all.

    Until then it has a name that is always the same, so that what a kill leaves of it is found again.
    """
    temporary = _hidden(folder)
    temporary.mkdir()
    try:
        (temporary / _LOCK).write_bytes(_MARK)
        (temporary / _ABOUT).write_bytes(about)
        temporary.rename(folder)
    except OSError:
        if not folder.exists():  # or another sweep was quicker
            raise
    finally:
        if temporary.exists():
            _cleared(temporary)
            temporary.rmdir()


def _hidden(folder: Path) -> Path:
    """The name of a spool that is being made or taken away, free of what a kill left there."""
    hidden = folder.with_name(f".minecalc-{folder.name}")
    if hidden.is_dir() and all(_is_part(path) for path in hidden.iterdir()):
        _cleared(hidden)
        hidden.rmdir()
    return hidden


def _see_that_it_is_ours(folder: Path, shown: str) -> None:
    """QuestionError for a folder that no sweep made: without the mark, or with anything that is no part of a spool."""
    if folder.is_symlink() or not folder.is_dir():
        raise QuestionError(f"{shown} is in the way, where finished cases are to be kept; move it away")
    strange = sorted(path.name for path in folder.iterdir() if not _is_part(path))
    if strange:
        raise QuestionError(f"{shown} holds other files, such as {visible(strange[0])}; move it away")
    lock = folder / _LOCK
    marked = lock.exists() and lock.read_bytes() == _MARK
    if not marked and _description(folder).get("format") != _FORMAT:
        raise QuestionError(f"{shown} is no folder of an unfinished sweep; move it away")
    if not lock.exists():
        lock.touch()


def _description(folder: Path) -> dict[str, Any]:
    """What the sweep of a spool is; nothing if that cannot be read."""
    try:
        held = json.loads((folder / _ABOUT).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _same(asked: Mapping[str, Any], held: Mapping[str, Any], shown: str) -> None:
    if "format" not in held:
        raise QuestionError(f"{shown} is damaged: what its sweep is cannot be read; {_RESTART}")
    differing = [key for key in asked if held.get(key) != asked[key]]
    if differing:
        what = differing[0] + (" and more" if len(differing) > 1 else "")
        raise QuestionError(f"{shown} holds an unfinished sweep that differs in {what}; {_RESTART}")


def _cleared(folder: Path, keep: str = "") -> None:
    last = (_ABOUT, _LOCK)
    for path in sorted(folder.iterdir(), key=lambda path: last.index(path.name) if path.name in last else -1):
        if path.name != keep:
            path.unlink(missing_ok=True)


def _is_part(path: Path) -> bool:
    """Whether something in a folder may be a part of a spool."""
    if path.is_symlink() or not path.is_file():
        return False
    return path.name in (_ABOUT, _LOCK, _TABLE, _TEMPORARY) or (path.suffix == ".npz" and path.stem.isdecimal())


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
