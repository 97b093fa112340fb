"""The progress bar: on a slow terminal only, gone when all is done, and never in the way of the items."""

from __future__ import annotations

import io
import itertools
import sys
import time
from collections.abc import Iterator

import pytest

from minecalc.cli._progress import progress


class Stream(io.StringIO):
    """A standard error that may be a terminal."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that jumps by two seconds whenever it is read."""
    ticks = itertools.count(0, 2)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))


def written(monkeypatch: pytest.MonkeyPatch, count: int, *, tty: bool) -> str:
    """What goes to standard error while ``count`` items pass."""
    stream = Stream(tty=tty)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    assert list(progress(iter(range(count)), count, "comparing")) == list(range(count))
    return stream.getvalue()


def test_a_slow_terminal_shows_a_bar_and_hides_it(monkeypatch: pytest.MonkeyPatch, slow: None) -> None:
    shown = written(monkeypatch, 5, tty=True)
    assert "comparing" in shown
    assert shown.endswith(("\x1b[2K", "\x1b[?25h")), "the line is wiped, the cursor back"


def test_no_bar_for_programs_single_items_and_quick_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, 5, tty=True) == ""
    ticks = itertools.count(0, 2)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))
    assert written(monkeypatch, 5, tty=False) == ""
    assert written(monkeypatch, 1, tty=True) == ""
    assert written(monkeypatch, 0, tty=True) == ""


def test_items_come_as_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Stream(tty=True))
    taken: list[int] = []

    def work() -> Iterator[int]:
        for number in range(3):
            taken.append(number)
            yield number

    assert next(progress(work(), 3, "comparing")) == 0
    assert taken == [0]


def test_a_failure_takes_the_bar_away(monkeypatch: pytest.MonkeyPatch, slow: None) -> None:
    stream = Stream(tty=True)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")

    def work() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(progress(work(), 3, "comparing"))
    assert stream.getvalue().endswith(("\x1b[2K", "\x1b[?25h"))
