"""The colours of pages and pictures, each for light paper and for a dark screen.

Every text colour has a contrast of at least 4.5 to the grounds that it stands on, every line and bar one of at least
3 (WCAG 2.2, success criteria 1.4.3 and 1.4.11); a test measures them. A picture is drawn in the light colours; a page
on a dark screen puts the dark ones in their place.
"""

from __future__ import annotations

from typing import NamedTuple


class Colour(NamedTuple):
    """One colour as both schemes have it."""

    light: str
    dark: str


#: What things stand on: a page, and what is set off from it.
PAPER = Colour("#ffffff", "#14181d")
PANEL = Colour("#f4f6f8", "#1e242b")

INK = Colour("#1b2430", "#e8ecf1")
MUTED = Colour("#56616e", "#a7b1bd")
RULE = Colour("#c3cad2", "#47515d")
GRID = Colour("#e4e8ec", "#2e363f")
LINK = Colour("#1d5a9e", "#8bbcf5")
GOOD = Colour("#17703a", "#7ad69a")
BAD = Colour("#ad2430", "#ff9c97")
WARNING = Colour("#8a4b00", "#f5bd6b")

#: Of series, in order; a chart with more begins again, and lines differ in their dashes too.
SERIES = (
    Colour("#1d5a9e", "#8bbcf5"),
    Colour("#b34a00", "#ffb26b"),
    Colour("#0f7568", "#6fd6c6"),
    Colour("#8a2f8f", "#e3a3e8"),
    Colour("#6b5b00", "#d9c75a"),
    Colour("#b0245e", "#ff9fc4"),
    Colour("#4a5560", "#b9c3cd"),
    Colour("#3f4fb5", "#b3bcff"),
)


def swaps() -> list[Colour]:
    """The colours of pictures that a dark screen shows in another way, each once."""
    return list(dict.fromkeys((INK, MUTED, RULE, GRID, GOOD, BAD, *SERIES)))
