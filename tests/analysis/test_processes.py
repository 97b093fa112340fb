"""Work shared out: answers in order, and no process that outlives the one it works for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from minecalc.analysis.processes import cores, shared_out

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 10.0


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("batch", [1, 3])
def test_answers_come_in_order(workers: int, batch: int) -> None:
    found = list(shared_out(squared, range(10), workers, batch))
    assert [square for square, _ in found] == [number * number for number in range(10)]
    assert (os.getpid() in {process for _, process in found}) == (workers == 1)


def fails(number: int) -> int:
    raise ValueError(f"number {number}")


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_the_work_is_the_callers(workers: int) -> None:
    with pytest.raises(ValueError, match="number 3"):
        list(shared_out(fails, [3], workers))


def test_what_is_not_asked_for_is_not_done() -> None:
    done: list[int] = []
    found: Iterator[None] = shared_out(done.append, [1, 2, 3], 1)
    next(found)
    assert done == [1]


def test_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 200)
    assert cores() == 16


PARENT = """
import os, sys, time
from minecalc.analysis.processes import shared_out
from tests.analysis.test_processes import waits
for answer in shared_out(waits, range(100), 2):
    print(answer, flush=True)
"""


def waits(number: int) -> int:
    time.sleep(0.0 if number < 2 else 60.0)
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
    begun = time.monotonic()
    while any(map(alive, workers)) and time.monotonic() < begun + DEADLINE_SECONDS:
        time.sleep(0.05)
    assert not any(map(alive, workers))
