"""The screen that a command prints on: its size, and whether it shows colours."""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from minecalc.analysis.questions import demand_word
from minecalc.cli._completion import one_of
from minecalc.cli._options import option, with_parameters

_WHEN = ("auto", "always", "never")

#: Size, in character cells, of a screen that nobody knows, and the widest that a report uses.
_FREE_WIDTH, _FREE_HEIGHT, _WIDEST = 100, 24, 240

_COLOR = option(
    "WHEN",
    "Colours: auto, on a terminal unless NO_COLOR is set; always; never.",
    one_of(*_WHEN),
    default="auto",
)

_color: ContextVar[str] = ContextVar("color", default="auto")


def with_color(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the option that all commands have: ``--color``, which holds for all that it prints."""

    @wraps(command)
    def run(*, color: str, **options: Any) -> None:
        token = _color.set(demand_word("--color", color, _WHEN, "choice"))
        try:
            command(**options)
        finally:
            _color.reset(token)

    own = inspect.signature(command, eval_str=True).parameters.values()
    last = inspect.Parameter("color", inspect.Parameter.KEYWORD_ONLY, annotation=str, default=_COLOR)
    return with_parameters(run, [*own, last])


def colored() -> bool:
    """Whether what goes to standard output has colours."""
    if _color.get() != "auto":
        return _color.get() == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many character cells a line of a report on standard output takes."""
    return min(shutil.get_terminal_size(fallback=(_FREE_WIDTH, _FREE_HEIGHT)).columns, _WIDEST)


def height() -> int | None:
    """How many lines are seen at once; None where nothing scrolls away, in a pipe or a file."""
    return shutil.get_terminal_size(fallback=(_FREE_WIDTH, _FREE_HEIGHT)).lines if sys.stdout.isatty() else None
