"""Work shared out to a Dask cluster that is there already: its workers looked at first, nothing of ours left on it.

What is sent names nothing of ours, but in bytes that a task unpacks: the stream of a worker that came late, and has no
minecalc, would break where it meets such a name, and the work would come to no end.
"""

from __future__ import annotations

import itertools
import logging
import pickle
import re
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from minecalc.visible import visible
from minecalc.work.freed_memory import keep_freed_memory
from minecalc.work.workers import Answer, Batch, Item, WorkersError, batch, in_order

if TYPE_CHECKING:
    from distributed import Client, Future

#: How long a scheduler may take to answer, how long it may have no worker when it does, and how long work waits for
#: another worker where the last one is lost.
_CONNECT_SECONDS, _FIRST_WORKER_SECONDS, _WORKERLESS_SECONDS = 5.0, 5.0, 60.0

#: Batches on their way for each thread of a worker, and what one should take: the scheduler needs 3 ms for each.
_AHEAD, _BATCH_SECONDS = 3, 0.7

#: How long the number of threads, which may grow and shrink, is taken for known.
_COUNT_SECONDS = 1.0

_ADDRESS = re.compile(r"tcp://([^\s/:\[\]]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")

#: What has to be the same everywhere for the answers to be, to the last bit, beside minecalc.
_NUMERIC = ("numpy", "scipy")

#: What unpacks work. Of the standard library, and forgotten by a worker when the cluster forgets it.
Recipe = partial[Callable[[Any], Any]]

#: The work that this process, a worker, has unpacked, for as long as it holds the recipe.
_unpacked: WeakKeyDictionary[Recipe, Callable[[Any], Any]] = WeakKeyDictionary()


class Cluster:
    """A Dask cluster to share work out to. Made by ``connected``."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._threads, self._counted, self._manned = 0, float("-inf"), monotonic()

    def share_out(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
        """See ``Workers``; what a lost worker had is done by another. WorkersError if the cluster cannot go on.

        The work goes to each worker once, if that does not idle. It is the result of a task and not scattered data, so
        that it can be made again when the worker that holds it is lost.
        """
        import dask

        here = versions()
        # keys of one name are one group to the scheduler, which gives its tasks to whoever is idle
        keys = zip(itertools.repeat(f"minecalc-{uuid.uuid4()}"), itertools.count())
        with (
            _answering(self._client, self._address),
            dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}),
        ):
            recipe = self._client.submit(partial, pickle.loads, pickle.dumps(work), pure=False)

        def task(recipe: Recipe, items: bytes) -> Batch[Any]:  # a function in a function goes by value
            from minecalc.work.cluster import done

            return done(recipe, items, here)

        def submit(some: Sequence[Item]) -> Callable[[], Batch[Answer]]:
            with _answering(self._client, self._address):
                return partial(self.result, self._client.submit(task, recipe, pickle.dumps(some), key=next(keys)))

        yield from in_order(submit, items, self._ahead, _BATCH_SECONDS)

    def result(self, future: Future[Any]) -> Any:
        """What ``future`` comes to, once it is done. Raises what the work raised, and WorkersError."""
        from distributed import KilledWorker

        while True:
            self._ahead()  # which sees that there are workers
            with _answering(self._client, self._address), suppress(TimeoutError):
                error = future.exception(timeout=_COUNT_SECONDS)
                break
        if error is None:
            with _answering(self._client, self._address):
                return future.result()
        match error:
            case KilledWorker():
                lost = error.allowed_failures + 1
                raise WorkersError(f"{lost} workers were lost over the same work; have they too little memory?")
            case ImportError():
                raise WorkersError(f"a worker {_wrong(error, versions())}")
        raise error

    def _ahead(self) -> int:
        """How many batches should be on their way. WorkersError if there has been no worker for long."""
        now = monotonic()
        if now > self._counted + _COUNT_SECONDS:
            with _answering(self._client, self._address):
                self._threads = sum(self._client.nthreads().values())
            self._counted = now
            if self._threads:
                self._manned = now
            elif now > self._manned + _WORKERLESS_SECONDS:
                raise WorkersError(f"{self._address} has no workers any more")
        return max(1, _AHEAD * self._threads)


def done(recipe: Recipe, items: bytes, needs: Mapping[str, str]) -> Batch[Any]:
    """On a worker: what the recipe unpacks to, done on pickled items. WorkersError if the worker is not fit for it."""
    if recipe not in _unpacked:
        if wrong := _wrong(versions(), needs):
            raise WorkersError(f"a worker {wrong}")
        keep_freed_memory()  # Dask's nanny has glibc give all back at once
        _unpacked[recipe] = recipe()
    return batch(_unpacked[recipe], pickle.loads(items))


def versions() -> dict[str, str]:
    """The versions here of what the answers depend on."""
    from importlib.metadata import version

    ours = str(sys.modules["minecalc"].__version__)  # of the source that runs, whatever is installed
    return {"minecalc": ours, **{name: version(name) for name in _NUMERIC}}


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The cluster whose scheduler is at ``address``, once all its workers are fit. WorkersError if it cannot be had.

    In the end, however it comes, the cluster forgets what was asked of it: whatever a worker has begun it finishes.
    """
    if not _ADDRESS.fullmatch(address):
        raise WorkersError(f"{visible(address)} is no address of a Dask scheduler; write tcp://host:8786")
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise WorkersError("Dask is not installed; type: pip install 'minecalc[cluster]'") from None
    with _quietly(), dask.config.set({"distributed.comm.timeouts.connect": _CONNECT_SECONDS}):
        client = _called(partial(Client, address), address)
        try:
            _see_that_all_are_fit(client, address)
            yield Cluster(client, address)
        finally:
            client.close(timeout=_CONNECT_SECONDS)


def _called(call: Callable[..., Client], address: str) -> Client:
    """A client of the scheduler at ``address``, or WorkersError.

    In a thread, for Dask waits without end for somebody who takes the call and says nothing.
    """
    found: SimpleQueue[Client | Exception] = SimpleQueue()

    def run() -> None:
        try:
            found.put(call(timeout=_CONNECT_SECONDS, name="minecalc", set_as_default=False))
        except Exception as error:
            found.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = found.get(timeout=_CONNECT_SECONDS + 1.0)
    except Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception):
        raise WorkersError(f"no Dask scheduler answers at {address}")
    return answer


def _see_that_all_are_fit(client: Client, address: str) -> None:
    with _answering(client, address):
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
        except TimeoutError:
            raise WorkersError(f"{address} has no workers; start some with: dask worker {address}") from None
        here, found = versions(), client.run(versions, on_error="return")
    unfit = {worker: wrong for worker, there in sorted(found.items()) if (wrong := _wrong(there, here))}
    for worker, wrong in unfit.items():
        others = f" ({len(unfit)} of {len(found)} workers are unfit)" if len(unfit) > 1 else ""
        raise WorkersError(f"worker {worker} {wrong}{others}")


def _wrong(there: Mapping[str, str] | Exception, here: Mapping[str, str]) -> str:
    """What a worker whose versions are ``there`` lacks, and what to type there; "" if it lacks nothing."""
    if isinstance(there, Exception):
        return f"cannot load minecalc: {visible(str(there))}; type there: pip install minecalc=={here['minecalc']}"
    differing = [name for name in here if there.get(name) != here[name]]
    if not differing:
        return ""
    has = ", ".join(f"{name} {there.get(name)}" for name in differing)
    return f"has {has}; type there: pip install {' '.join(f'{name}=={here[name]}' for name in differing)}"


@contextmanager
def _answering(client: Client, address: str) -> Iterator[None]:
    """WorkersError if the scheduler at ``address`` ends, or drops what it was asked, before the end."""
    from distributed import CancelledError

    try:
        yield
    except Exception as error:
        if client.status == "running" and not isinstance(error, CancelledError | OSError):
            raise
        raise WorkersError(f"the Dask scheduler at {address} has ended, or dropped the work") from None


@contextmanager
def _quietly() -> Iterator[None]:
    """Nothing is logged until the end: Dask tells of lost connections in its own words, many of them."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
