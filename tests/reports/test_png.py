"""One chart as dots: on white, twice as fine as a screen, the same every time."""

from __future__ import annotations

import struct

from minecalc import reports
from minecalc.document import Document
from minecalc.reports._marks import WIDE


def test_it_is_a_png_of_the_width_of_a_page_and_the_same_every_time(document: Document) -> None:
    made = reports.render(document, "png", chart="2")
    assert isinstance(made, bytes)
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", made[16:20]) == (2 * WIDE,)
    assert reports.render(document, "png", chart="2") == made
