"""One chart of the document as PNG, for a slide; drawn by vl-convert, which is an extra."""

from __future__ import annotations

from minecalc.document import Document
from minecalc.reports import Screen

SUFFIXES = (".png",)
SHOWS = "blocks"
ONE_CHART = True


def render(document: Document, screen: Screen) -> bytes:
    """The only chart, or the one that ``screen`` names, on white. Raises NotShownError as ``svg`` does."""
    from minecalc.reports._pictures import chosen, png

    return png(chosen(document, screen.chart))
