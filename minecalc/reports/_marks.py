"""What pictures are made of: a plot and its axes, marks at places that are worked out here, texts, grids and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from minecalc.reports._palette import GRID, INK, MUTED, RULE, SERIES

Json = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

#: Widths, in pixels, of a picture on a page and on a phone; from which on there is room beside a plot for names.
WIDE, NARROW, ROOMY = 760, 340, 500

#: Sizes of letters and the height of a line of them.
SIZE, LINE = 12, 16

#: How lines differ but by colour: of the first, the second, ..
DASHES: Sequence[Sequence[int]] = ((), (6, 3), (2, 2), (9, 3, 2, 3), (12, 3), (4, 2, 1, 2))


class Frame(NamedTuple):
    """The plot of a picture and the margins around it, in pixels."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


class Axes(NamedTuple):
    """The scales of a plot: what stands at its ends, of numbers at ``y`` perhaps by their logarithms."""

    x: tuple[float, float]
    y: tuple[float, float]
    y_type: str = "linear"

    def place_x(self, field: str) -> Json:
        """Where the numbers of a field stand across."""
        return {**_quantity(field), "scale": {"domain": list(self.x), "nice": False, "zero": False}}

    def place_y(self, field: str) -> Json:
        """Where the numbers of a field stand up the plot."""
        scale = {"type": self.y_type, "domain": list(self.y), "nice": False}
        return {**_quantity(field), "scale": scale | ({} if self.y_type == "log" else {"zero": False})}


def colour(number: int) -> str:
    """The colour of a series."""
    return SERIES[number % len(SERIES)].light


def dash(number: int) -> list[int]:
    """The dashes of a line."""
    return list(DASHES[number % len(DASHES)])


def layer(mark: str, rows: Rows, encoding: Json, **look: Any) -> Json:
    """Marks at their rows."""
    return {"data": {"values": list(rows)}, "mark": {"type": mark, **look}, "encoding": encoding}


def words(rows: Rows | str, x: Json, y: Json, **look: Any) -> Json:
    """Text of each row's ``text``, or a single one."""
    rows = [{"text": rows}] if isinstance(rows, str) else rows
    encoding = {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}
    return layer("text", rows, encoding, **{"fontSize": SIZE, "color": MUTED.light, **look})


def across(number: float) -> Json:
    """A place so many pixels from the left of the plot, or from the top of it."""
    return {"value": round(number, 2)}


def grid(axes: Axes, frame: Frame, ticks: Sequence[tuple[float, str]], *, upright: bool) -> list[Json]:
    """Lines at each tick of the axis across, if ``upright``, or of that up the plot, with texts; zero is stronger."""
    rows = [{"at": number, "text": text} for number, text in ticks]
    if upright:
        (low, high), at = axes.x, axes.place_x("at")
        ends = {"x": at, "y": across(0), "y2": across(frame.height)}
        texts = words(rows, at, across(frame.height + LINE), align="center")
    else:
        (low, high), at = axes.y, axes.place_y("at")
        ends = {"x": across(0), "x2": across(frame.width), "y": at}
        texts = words(rows, across(-8), at, align="right", baseline="middle")
    found = [layer("rule", rows, ends, color=GRID.light, strokeWidth=1)]
    if low <= 0.0 <= high:
        found.append(layer("rule", [{"at": 0}], ends, color=RULE.light, strokeWidth=1.5))
    return [*found, texts]


class Entry(NamedTuple):
    """What a mark is called: a line, a band or a bar of a colour."""

    name: str
    colour: str
    mark: str
    dash: Sequence[int] = ()
    opacity: float = 1.0


def key(rows: Sequence[Sequence[tuple[Entry, float]]], frame: Frame) -> list[Json]:
    """The key above a plot: each entry's mark and name, at its place in its row."""
    found = []
    for number, row in enumerate(rows):
        y = -frame.top + LINE * number + LINE / 2
        for entry, x in row:
            look: Json = {"color": entry.colour, "opacity": entry.opacity}
            if entry.mark == "rule":
                look |= {"strokeWidth": 2, "strokeDash": list(entry.dash)}
                encoding = {"x": across(x), "x2": across(x + 18), "y": across(y)}
                found.append(layer("rule", [{}], encoding, **look))
            else:
                encoding = {"x": across(x + 4), "x2": across(x + 14), "y": across(y - 5), "y2": across(y + 5)}
                found.append(layer("rect", [{}], encoding, **look))
            look = {"color": INK.light, "align": "left", "baseline": "middle"}
            found.append(words(entry.name, across(x + 24), across(y), **look))
    return found


def _quantity(field: str) -> Json:
    return {"field": field, "type": "quantitative", "axis": None}
