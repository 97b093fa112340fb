"""Charts as Vega-Lite specifications: pictures that any tool for them can draw again, with their numbers in full.

All places are worked out here, so that the same chart is the same picture everywhere; a specification names no file or
address outside of itself.
"""

from __future__ import annotations

from minecalc.document import Chart, Histogram
from minecalc.reports._bar_pictures import bars, strips
from minecalc.reports._lettering import FONTS, fitted
from minecalc.reports._line_pictures import columns, lines
from minecalc.reports._marks import WIDE, Json, across, words
from minecalc.reports._palette import INK, PAPER

#: The size of a title, the height that it takes, and what is left at its ends.
_TITLE_SIZE, _TITLE, _EDGE = 14, 30, 6

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def spec(chart: Chart | Histogram, width: int = WIDE, *, description: str = "", paper: bool = False) -> Json:
    """The specification of a chart ``width`` pixels wide: on white ``paper`` with a title, or for a page."""
    if isinstance(chart, Histogram):
        frame, layers = strips(chart, width)
    elif chart.kind == "line":
        frame, layers = lines(chart, width)
    elif chart.kind == "column":
        frame, layers = columns(chart, width)
    else:
        frame, layers = bars(chart, width)
    if paper and chart.title:
        title = fitted(chart.title, _TITLE_SIZE, width - 2 * _EDGE)
        frame = frame._replace(top=frame.top + _TITLE)
        place = across(_EDGE - frame.left), across(_TITLE / 2 - frame.top)
        look: Json = {"fontSize": _TITLE_SIZE, "fontWeight": "bold", "color": INK.light}
        layers = [*layers, words(title, *place, align="left", baseline="middle", **look)]
    return {
        "$schema": SCHEMA,
        "description": description,
        "background": PAPER.light if paper else None,
        "autosize": "none",
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        "width": frame.width,
        "height": frame.height,
        "config": {"aria": False, "font": FONTS, "view": {"stroke": None}, "axis": {"disable": True}},
        "layer": layers,
    }
