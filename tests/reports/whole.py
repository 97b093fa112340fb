"""Formats that show a whole document, whatever is in it."""

from minecalc import reports

WHOLE = tuple(name for name in reports.formats() if not reports.shows_one_chart(name))
