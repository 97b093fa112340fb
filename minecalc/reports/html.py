"""The document as one page of HTML that needs nothing else: no script, no file beside it, no request.

For a screen of any width, light or dark, for paper, and for those who hear it: headings in order, tables with captions
and heads, pictures with words and a table of what they show. Charts are drawn by vl-convert if it is installed.
"""

from __future__ import annotations

from minecalc.document import Document
from minecalc.reports import Screen

SUFFIXES = (".html", ".htm")
SHOWS = "blocks"


def render(document: Document, screen: Screen) -> str:
    """A whole page, in full: it is kept."""
    from minecalc.reports._html import page

    return page(document)
