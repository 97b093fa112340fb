"""Work shared out to processes: the answers come in order, and the processes end with the one that started them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: More processes than this gain little and take much memory.
_WORKERS_MOST = 16

#: What the process that this module is in works at, if it was started here.
_work: Callable[[Any], Any]


def cores() -> int:
    """How many processes are worth starting on this machine."""
    return min(os.cpu_count() or 1, _WORKERS_MOST)


def shared_out(work: Callable[[Item], Answer], items: Sequence[Item], workers: int, batch: int = 1) -> Iterator[Answer]:
    """``work`` done on each of ``items``, in order, by ``workers`` processes, ``batch`` items at a time.

    One worker is this process itself. ``work``, the items and the answers must be picklable. What is unfinished when
    the answers are no longer asked for is dropped.
    """
    if workers == 1:
        yield from map(work, items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # a fork is quick, but from Python 3.12 on warns where a library has threads
    method = "fork" if sys.platform == "linux" and sys.version_info < (3, 12) else "spawn"
    pool = ProcessPoolExecutor(workers, mp_context=get_context(method), initializer=_begin, initargs=(work,))
    try:
        with _interrupts_held():
            found = pool.map(_do, items, chunksize=batch)
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


def _begin(work: Callable[[Any], Any]) -> None:
    """Set up a worker: interrupts are for the parent, whose end is also the worker's."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(item: Any) -> Any:
    return _work(item)
