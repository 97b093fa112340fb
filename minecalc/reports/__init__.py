"""Documents as text: one module per format, found by its file name.

A format is a module here whose name has no leading underscore. It states ``SUFFIXES`` (file name endings such
as ``(".md",)``) and what it ``SHOWS`` of a document, and has ``render(document, screen)``; nothing else lists it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

from minecalc.document import Document, Part, Written


class Screen(NamedTuple):
    """Where people read a report: ``width`` in character cells, ``color`` for ANSI codes, ``ascii_only``.

    ``in_full`` shows details, in whose place a line stands else. ``chart`` is which chart a picture is to show: its
    number, or a part of its title.
    """

    width: int = 100
    color: bool = False
    ascii_only: bool = False
    in_full: bool = False
    chart: str = ""


class NotShownError(ValueError):
    """A format cannot show what it is asked for; the message says why, and what to do."""


class _Format(Protocol):
    SUFFIXES: tuple[str, ...]
    SHOWS: Part

    def render(self, document: Document, screen: Screen) -> str | bytes: ...


def formats() -> tuple[str, ...]:
    """The names of all formats in alphabetical order, without importing any."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def shows(name: str) -> Part:
    """What the format called ``name`` shows of a document."""
    return _module(name).SHOWS


def ahead(name: str) -> Callable[[int, Any], Written] | None:
    """How the format called ``name`` writes a part of data so deep in it ahead of the rest; None if it does not."""
    return getattr(_module(name), "ahead", None)


def shows_one_chart(name: str) -> bool:
    """Whether the format called ``name`` is a picture of one chart."""
    return getattr(_module(name), "ONE_CHART", False)


def demand(name: str) -> None:
    """NotShownError, before any work is done, for a picture if the package that draws is not installed."""
    if shows_one_chart(name):
        from minecalc.reports import _pictures

        _pictures.demand()


def format_for_suffix(suffix: str) -> str | None:
    """The format that writes files ending in ``suffix`` (``".md"``, in any case), or None."""
    return suffixes().get(suffix.lower())


def suffixes() -> dict[str, str]:
    """Every file name ending that chooses a format, with the format's name."""
    return {suffix: name for name in formats() for suffix in _module(name).SUFFIXES}


def render(
    document: Document,
    name: str,
    *,
    width: int = 100,
    color: bool = False,
    ascii_only: bool = False,
    in_full: bool = False,
    chart: str = "",
) -> str | bytes:
    """``document`` in the format called ``name``: text, or bytes where the format is not text.

    ``width`` is in character cells; machine formats ignore the keywords. Raises ``ValueError`` for an unknown
    name, and for a document whose ``data`` holds NaN or an infinity; ``NotShownError`` where a picture cannot be had.
    """
    if name not in formats():
        raise ValueError(f"{name!r} is not a format; there are {', '.join(formats())}")
    screen = Screen(width=width, color=color, ascii_only=ascii_only, in_full=in_full, chart=chart)
    return _module(name).render(document, screen)


def _module(name: str) -> _Format:
    return cast(_Format, importlib.import_module(f"{__name__}.{name}"))
