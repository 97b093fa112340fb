"""Small Dask clusters on this machine, each a process of its own, and work for them that says what became of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HANGS_SECONDS = 120.0

#: A scheduler and as many workers as asked for, until standard input ends.
CODE = """
import sys
import dask
from distributed import LocalCluster
if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    where = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1, "local_directory": sys.argv[2]}
    with LocalCluster(n_workers=int(sys.argv[1]), processes=True, **where) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


class Running:
    """A cluster that runs."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address

    def kill(self) -> None:
        """End the scheduler at once; its workers end with it."""
        self.process.kill()
        self.process.wait()

    def asked(self, question: Callable[..., Any]) -> Any:
        """What the scheduler answers: ``question(dask_scheduler)`` is computed in it."""
        from distributed import Client

        with Client(self.address, timeout=HANGS_SECONDS, set_as_default=False) as client:
            return client.run_on_scheduler(question)

    def on_workers(self, function: Callable[..., object], *arguments: object) -> list[Any]:
        """What each worker finds."""
        from distributed import Client

        with Client(self.address, timeout=HANGS_SECONDS, set_as_default=False) as client:
            found: dict[str, Any] = client.run(function, *arguments)
            return list(found.values())

    def tasks(self) -> int:
        """How many tasks the scheduler knows."""
        count: int = self.asked(_tasks)
        return count

    def workers(self) -> int:
        """How many workers the scheduler has: for a moment one less after one was killed."""
        count: int = self.asked(_workers)
        return count


def _tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


def _workers(dask_scheduler: Any) -> int:
    return len(dask_scheduler.workers)


@contextmanager
def local_cluster(workers: int, folder: Path) -> Iterator[Running]:
    """A scheduler and so many workers of one thread each, which are started again when they are killed.

    A task that two workers die of is given up. ``folder`` is theirs.
    """
    command = [sys.executable, "-c", CODE, str(workers), str(folder)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, text=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            yield Running(process, process.stdout.readline().strip())
        finally:
            process.kill()
            process.wait()


def squared(number: int) -> tuple[int, int]:
    """The square, after a while, and the process that found it."""
    time.sleep(0.02)
    return number * number, os.getpid()


def fails(number: int) -> int:
    """Nothing but an error."""
    raise ValueError(f"number {number}")


def ends(number: int) -> int:
    """Nothing at all: the process is gone."""
    os.kill(os.getpid(), signal.SIGKILL)
    return number


class Meeting:
    """Work that ends once so many processes have begun it; each leaves its number in a folder, where others may too."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder, self.processes = folder, processes

    def __call__(self, number: int) -> int:
        (self.folder / str(os.getpid())).touch()
        until(lambda: self.begun() >= self.processes)
        return os.getpid()

    def begun(self) -> int:
        """How many have begun."""
        return len(list(self.folder.iterdir()))


class Noting:
    """Work that notes each item in a file, a byte each, and each time that it is unpacked in another."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.seconds = folder, seconds

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._note("unpacked")

    def __call__(self, number: int) -> int:
        self._note("done")
        time.sleep(self.seconds)
        return number

    def _note(self, name: str) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(b".")

    def count(self, name: str) -> int:
        """How many notes there are."""
        file = self.folder / name
        return file.stat().st_size if file.exists() else 0


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + HANGS_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
