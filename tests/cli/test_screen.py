"""Whether a screen shows colours, and how much of a report it holds."""

from __future__ import annotations

import io
import sys

import pytest

from minecalc.cli._screen import colored, height, width, with_color
from tests.cli.running import run


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@with_color
def _command(asked: list[bool]) -> None:
    """Tell whether there are colours."""
    asked.append(colored())


@pytest.mark.parametrize(
    ("terminal", "environment", "when", "expected"),
    [
        (True, {}, "auto", True),
        (False, {}, "auto", False),
        (True, {"NO_COLOR": "1"}, "auto", False),
        (True, {"TERM": "dumb"}, "auto", False),
        (False, {"NO_COLOR": "1"}, "always", True),
        (True, {}, "never", False),
    ],
)
def test_the_option_goes_before_the_environment_and_that_before_the_terminal(
    terminal: bool, environment: dict[str, str], when: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal() if terminal else io.StringIO())
    for name, value in ({"NO_COLOR": "", "TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    asked: list[bool] = []
    _command(asked=asked, color=when)
    assert asked == [expected]
    assert not (when == "always" and colored()), "it holds for one command"


def test_nothing_scrolls_away_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert (width(), height()) == (240, None)
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert height() == 30


def test_colours_can_be_had_in_a_pipe() -> None:
    assert "\x1b[1m" in run("catalog", "gpus", "--color", "always").out
    assert "\x1b[" in run("help", "start", "--color", "always").out
    assert "\x1b[" not in run("catalog", "gpus").out + run("help", "start").out
