"""Many scenario files compared, each on its own: one broken file does not hide the others."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from minecalc.analysis.compare import Record, compare_reading
from minecalc.loading import read
from minecalc.schema.diagnostics import Diagnostic

#: Fewer files than this are not worth starting processes for.
_FILES_FOR_PROCESSES = 64

_CHUNK_FILES = 8


class Answer(NamedTuple):
    """What came of one file: its record, or None, and its diagnostics."""

    file: str
    record: Record | None
    diagnostics: tuple[Diagnostic, ...]


def answer(file: str, assignments: Sequence[str], in_full: bool) -> Answer:
    """One file, read and compared: the whole record, or its summary."""
    reading = read(file, assignments)
    record = None if reading.scenario is None else compare_reading(reading, in_full=in_full)
    return Answer(file, record, reading.diagnostics)


def answers(files: Sequence[str], assignments: Sequence[str] = (), *, in_full: bool = True) -> Iterator[Answer]:
    """Every file's answer, in order, with whole records or summaries; many files are shared out to a process a core."""
    work = partial(answer, assignments=tuple(assignments), in_full=in_full)
    workers = min(os.cpu_count() or 1, 16)
    if len(files) < _FILES_FOR_PROCESSES or workers == 1 or "-" in files:
        yield from map(work, files)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # a fork is quick, but from Python 3.12 on warns where a library has threads
    method = "fork" if sys.platform == "linux" and sys.version_info < (3, 12) else "spawn"
    pool = ProcessPoolExecutor(workers, mp_context=get_context(method), initializer=_leave_interrupts_to_the_parent)
    try:
        with _interrupts_held():
            found = pool.map(work, files, chunksize=_CHUNK_FILES)
        yield from found
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """No interrupt until the end: one that came while processes start would be lost in a callback."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
