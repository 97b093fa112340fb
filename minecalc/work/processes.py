"""Work shared out to processes: the answers come in order, and the processes end with the one that started them."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from minecalc.work.workers import Answer, Batch, Item, WorkersError, batch, in_order

#: More processes than this gain little and take much memory.
_WORKERS_MOST = 16

#: Batches on their way for each process, and what one of them should take: sending one takes some 0.2 ms.
_AHEAD, _BATCH_SECONDS = 3, 0.05

#: How often it is looked whether a process was killed that would have sent the rest of its answer.
_LOOK_SECONDS = 1.0

#: Signals that ask a process to end, on systems that can hold them.
_ENDING = {signal.SIGINT, signal.SIGTERM, *([] if sys.platform == "win32" else [signal.SIGHUP])}

#: What the process that this module is in works at, if it was started here.
_work: Callable[[Any], Any]


def cores() -> int:
    """How many processes are worth starting on this machine."""
    return min(os.cpu_count() or 1, _WORKERS_MOST)


@dataclass(frozen=True)
class Processes:
    """So many processes of this machine, started for each work; one is the process that asks."""

    count: int

    def share_out(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
        """See ``Workers``; one process works on nothing ahead, and nothing need be picklable."""
        if self.count == 1:
            yield from map(work, items)
            return
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context, resource_tracker

        # a fork is quick, but from Python 3.12 on warns where a library has threads
        method = "fork" if sys.platform == "linux" and sys.version_info < (3, 12) else "spawn"
        context = get_context(method)
        if method == "spawn" and sys.platform != "win32":
            resource_tracker.ensure_running()  # where it starts it lets interrupts through, held or not
        pool: Any = None  # Any: its end takes what it keeps to itself

        def submit(some: Sequence[Item]) -> Callable[[], Batch[Answer]]:
            with _interrupts_held():
                return partial(_result, pool, pool.submit(_batch, some))

        try:
            with _interrupts_held():  # half made it would leave its semaphores behind
                pool = ProcessPoolExecutor(
                    self.count, mp_context=context, initializer=_begin, initargs=(pickle.dumps(work),)
                )
            yield from in_order(submit, items, lambda: _AHEAD * self.count, _BATCH_SECONDS)
        except BrokenProcessPool:
            raise WorkersError("a process was killed while it worked; is there enough memory?") from None
        except BaseException:  # an interrupt, or nobody wants the rest: what is under way need not be finished
            if pool is not None:
                _end(pool)
            raise
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)


def _result(pool: Any, future: Any) -> Any:
    """The batch that a pool works on; BrokenProcessPool if a process was killed, in the midst of an answer too."""
    from concurrent.futures import wait

    while wait([future], _LOOK_SECONDS).not_done:
        if any(process.exitcode is not None for process in _processes(pool)):
            _end(pool)
    return future.result()


def _end(pool: Any) -> None:
    """Kill the processes of a pool, which waits for an answer half sent as long as anyone could send its rest."""
    for process in _processes(pool):
        process.terminate()
    if pool._result_queue is not None:
        pool._result_queue._writer.close()


def _processes(pool: Any) -> list[Any]:
    return list((pool._processes or {}).values())


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """No interrupt until the end: one that came while processes start would be lost in a callback."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(work: bytes) -> None:
    """Set up a worker: interrupts are for the parent, whose end is also the worker's."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":  # by a fork the parent's handlers, and what it held, came too
        for number in _ENDING - {signal.SIGINT}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work = pickle.loads(work)


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _batch(items: Sequence[Any]) -> Batch[Any]:
    return batch(_work, items)
