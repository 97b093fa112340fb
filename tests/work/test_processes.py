"""Work shared out to processes: answers in order, and no process that outlives the one it works for."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from minecalc.work.processes import Processes, cores
from minecalc.work.workers import WorkersError
from tests.clusters import HANGS_SECONDS, Noting, ends, fails, squared, until

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("count", [1, 2])
def test_answers_come_in_order(count: int) -> None:
    found = list(Processes(count).share_out(squared, range(10)))
    assert [square for square, _ in found] == [number * number for number in range(10)]
    assert (os.getpid() in {process for _, process in found}) == (count == 1)


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_in_the_work_is_the_callers(count: int) -> None:
    with pytest.raises(ValueError, match="number 3"):
        list(Processes(count).share_out(fails, [3]))


def test_what_is_not_asked_for_is_not_done() -> None:
    done: list[int] = []
    found: Iterator[None] = Processes(1).share_out(done.append, [1, 2, 3])
    next(found)
    assert done == [1]


def test_little_is_worked_on_ahead_and_the_work_is_unpacked_once_by_each(tmp_path: Path) -> None:
    work = Noting(tmp_path, seconds=0.01)
    found = Processes(2).share_out(work, range(200))
    assert next(found) == 0
    until(lambda: work.count("done") >= 6)
    time.sleep(0.1)
    assert work.count("done") == 6
    assert list(found) == list(range(1, 200))
    assert (work.count("done"), work.count("unpacked")) == (200, 2)


def stays(folder: Path, number: int) -> int:
    """The number; but 0 takes no time."""
    if number:
        (folder / f"begun {number}").touch()
        time.sleep(5.0)
        (folder / "finished").touch()
    return number


def test_what_is_under_way_is_not_finished_once_nobody_wants_it(tmp_path: Path) -> None:
    found = Processes(2).share_out(partial(stays, tmp_path), [0, 1, 2])
    assert next(found) == 0
    until(lambda: any(tmp_path.iterdir()))
    del found
    assert not (tmp_path / "finished").exists()


UNWANTED = """
from minecalc.work.processes import Processes
from tests.work.test_processes import large
answers = Processes(2).share_out(large, range(40))
print(len(next(answers)))
answers.close()
"""


def large(_number: int) -> bytes:
    """An answer that takes much longer to send than to find."""
    return bytes(50_000_000)


def test_an_answer_in_the_midst_of_being_sent_is_not_waited_for_once_nobody_wants_it() -> None:
    command = [sys.executable, "-c", UNWANTED]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=HANGS_SECONDS)
    assert (done.stdout, done.stderr) == ("50000000\n", "")


KILLED = """
from minecalc.work.processes import Processes
from minecalc.work.workers import WorkersError
from tests.work.test_processes import killed
try:
    list(Processes(2).share_out(killed, range(40)))
except WorkersError as error:
    print(error)
"""


def killed(number: int) -> bytes:
    """An answer of whose message only a half is sent before its process is killed."""

    def half(connection: Connection, message: memoryview) -> None:
        os.write(connection.fileno(), struct.pack("!i", len(message)) + bytes(message[: len(message) // 2]))
        os.kill(os.getpid(), signal.SIGKILL)

    patch.object(Connection, "_send_bytes", half).start()
    return bytes(1000)


def test_an_interrupt_while_a_pool_is_made_ends_what_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[ProcessPoolExecutor]()

    class Interrupted(ProcessPoolExecutor):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            signal.raise_signal(signal.SIGINT)  # in this thread, which holds it: others of a test run do not
            super().__init__(*arguments, **more)
            made.append(self)

    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(Processes(2).share_out(squared, [1, 2]))
    with pytest.raises(RuntimeError, match="after shutdown"):
        made[0].submit(squared, 1)


def test_nor_once_its_process_was_killed() -> None:
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=HANGS_SECONDS)
    assert done.stdout == "a process was killed while it worked; is there enough memory?\n"


def test_a_process_that_is_killed_is_an_error_that_says_so() -> None:
    with pytest.raises(WorkersError, match=r"a process was killed while it worked; is there enough memory\?"):
        list(Processes(2).share_out(ends, [1, 2]))


def test_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 200)
    assert cores() == 16


PARENT = """
from minecalc.work.processes import Processes
from tests.work.test_processes import waits
for answer in Processes(2).share_out(waits, range(100)):
    print(answer, flush=True)
"""


def waits(number: int) -> int:
    time.sleep(0.0 if number < 2 else HANGS_SECONDS)
    return os.getpid()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, check=False, text=True)
    return not state.stdout.startswith("Z") and bool(state.stdout.strip())


def test_workers_end_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    with parent.stdout as answers:
        workers = {int(answers.readline()), int(answers.readline())}
        assert all(map(alive, workers))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until(lambda: not any(map(alive, workers)))
