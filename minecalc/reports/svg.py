"""One chart of the document as SVG, for a slide or a page; drawn by vl-convert, which is an extra."""

from __future__ import annotations

from minecalc.document import Document
from minecalc.reports import Screen

SUFFIXES = (".svg",)
SHOWS = "blocks"
ONE_CHART = True


def render(document: Document, screen: Screen) -> str:
    """The only chart, or the one that ``screen`` names, on white, with its title and what it shows in words.

    Raises NotShownError where there is no such chart, or without vl-convert.
    """
    from minecalc.reports._pictures import chosen, svg

    return svg(chosen(document, screen.chart), paper=True) + "\n"
