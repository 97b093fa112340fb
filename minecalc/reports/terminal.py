"""The document for a terminal: tables that fit the width, marked warnings, charts drawn with characters."""

from __future__ import annotations

from minecalc.document import Document
from minecalc.reports import Screen

SUFFIXES = (".txt",)
SHOWS = "blocks"


def render(document: Document, screen: Screen) -> str:
    """Text of lines at most ``screen.width`` cells wide (40 at least), with ANSI styles if ``screen.color``.

    A table too wide for the screen goes on in blocks below that repeat its first column; no number is cut.
    """
    from minecalc.reports._page import Page

    return Page(screen).text(document)
