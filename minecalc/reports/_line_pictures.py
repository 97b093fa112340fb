"""Pictures over an ordered axis: lines and bands, and columns with lines over them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from minecalc.document import Chart, Series
from minecalc.looks import figure
from minecalc.reports._axes import linear, logarithmic
from minecalc.reports._lettering import fitted, room
from minecalc.reports._marks import (
    LINE,
    ROOMY,
    SIZE,
    Axes,
    Entry,
    Frame,
    Json,
    across,
    colour,
    dash,
    grid,
    key,
    layer,
    words,
)
from minecalc.reports._palette import INK, MUTED, RULE
from minecalc.visible import visible

#: Of a plot with room beside it and without.
_HEIGHT, _LOW_HEIGHT = 270, 210
#: Room between labels of the axis across, and from a plot to the names beside it.
_BETWEEN, _BESIDE = 14, 8
#: The share of a picture that names beside the plot may take.
_NAMES = 0.3
#: So many points are marked each.
_MARKED = 26
#: How strong a band is, the widest first.
_SHADES = (0.16, 0.22, 0.28)
_MONTH = re.compile(r"\d{4}-\d{2}")
#: Years between labels of months.
_YEARS = (1, 2, 5, 10, 20)


def lines(chart: Chart, width: int) -> tuple[Frame, list[Json]]:
    """Lines named where they end, or above the plot where there is no room, over bands and a grid."""
    numbers = [n for one in chart.series for n in one.values if n is not None]
    numbers += [n for band in chart.bands for values in (band.low, band.high) for n in values if n is not None]
    count = len(chart.labels)
    entries = [Entry(one.name, colour(n), "rule", dash(n)) for n, one in enumerate(chart.series)]
    entries += [Entry(band.name, colour(0), "rect", (), _shade(n)) for n, band in enumerate(chart.bands)]
    frame, axes, ticks = _framed(chart, numbers, (0.0, float(max(1, count - 1))), width, entries, direct=True)
    layers = grid(axes, frame, ticks, upright=False) + _labels(chart.labels, axes, frame)
    for number, band in enumerate(chart.bands):
        rows = [
            {"x": x, "low": low, "high": high} for x, (low, high) in enumerate(zip(band.low, band.high, strict=True))
        ]
        encoding = {"x": axes.place_x("x"), "y": axes.place_y("low"), "y2": {"field": "high"}}
        layers.append(layer("area", rows, encoding, color=colour(0), opacity=_shade(number)))
    for number, one in enumerate(chart.series):
        layers += _line(chart.labels, one, axes, colour(number), dash(number))
    if frame.right > _BESIDE * 2:
        layers += _names(chart, axes, frame)
    return frame, layers + _key(entries, frame)


def columns(chart: Chart, width: int) -> tuple[Frame, list[Json]]:
    """Columns, those of a label stacked from zero up and down, with lines over them; names stand above."""
    stacks = list(_stacked(chart))
    numbers = [0.0, *(end for rows in stacks for _, *ends in rows for end in ends)]
    numbers += [n for one in chart.over for n in one.values if n is not None]
    entries = [Entry(one.name, colour(n), "rect") for n, one in enumerate(chart.series)]
    entries += [Entry(one.name, INK.light, "rule", dash(n)) for n, one in enumerate(chart.over)]
    count = len(chart.labels)
    frame, axes, ticks = _framed(chart, numbers, (-0.5, count - 0.5), width, entries, direct=False)
    layers = grid(axes, frame, ticks, upright=False) + _labels(chart.labels, axes, frame)
    thick = max(1.0, round(frame.width / count * 0.7, 1))
    for number, found in enumerate(stacks):
        rows = [{"x": x, "label": visible(chart.labels[x]), "from": low, "to": high} for x, low, high in found]
        encoding = {"x": axes.place_x("x"), "y": axes.place_y("from"), "y2": {"field": "to"}}
        layers.append(layer("bar", rows, encoding, color=colour(number), width=thick))
    for number, one in enumerate(chart.over):
        layers += _line(chart.labels, one, axes, INK.light, dash(number))
    return frame, layers + _key(entries, frame)


def _framed(
    chart: Chart,
    numbers: Sequence[float],
    x: tuple[float, float],
    width: int,
    entries: Sequence[Entry],
    *,
    direct: bool,
) -> tuple[Frame, Axes, list[tuple[float, str]]]:
    """The plot, its axes and the ticks of the one that goes up, with room for a key or for names at the right."""
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    axis = logarithmic(low, high) if chart.axis == "log" else linear(low, high, chart.unit)
    ticks = [(number, figure(number, chart.unit)) for number in axis.ticks]
    ends = (axis.low, axis.high) if axis.low < axis.high else _around(axis.low)
    left = round(max(room(text, SIZE) for _, text in ticks)) + 12
    longest = max((room(entry.name, SIZE) for entry in entries), default=0.0)
    beside = direct and len(entries) > 1 and width >= ROOMY and longest <= _NAMES * width
    right = round(longest) + _BESIDE * 2 if beside else _BESIDE * 2
    height = _HEIGHT if width >= ROOMY else _LOW_HEIGHT
    frame = Frame(width - left - right, height, left, right, 10, LINE + 10)
    rows = 0 if beside or len(entries) < 2 else len(key_rows(entries, frame))
    frame = frame._replace(top=10 + LINE * rows + (6 if rows else 0))
    return frame, Axes(x, ends, chart.axis), ticks


def _around(number: float) -> tuple[float, float]:
    """Ends of an axis for a level line."""
    return (number / 2, number * 2) if number > 0.0 else (number * 2, number / 2) if number < 0.0 else (-1.0, 1.0)


def _line(labels: Sequence[str], one: Series, axes: Axes, hue: str, dashes: Sequence[int]) -> list[Json]:
    """A line, with its points marked if they are few."""
    rows = [{"x": x, "label": visible(labels[x]), "y": number} for x, number in enumerate(one.values)]
    encoding = {"x": axes.place_x("x"), "y": axes.place_y("y")}
    found = [layer("line", rows, encoding, color=hue, strokeWidth=2, strokeDash=list(dashes), strokeCap="butt")]
    if len(rows) <= _MARKED:
        there = [row for row in rows if row["y"] is not None]
        found.append(layer("circle", there, encoding, color=hue, size=26, opacity=1))
    return found


def _names(chart: Chart, axes: Axes, frame: Frame) -> Iterator[Json]:
    """The name of each line and band beside where it ends, none over another."""
    ends = [(one.name, _last(one.values), colour(n)) for n, one in enumerate(chart.series)]
    ends += [(band.name, _last(band.high), MUTED.light) for band in chart.bands]
    told = sorted((_down(value, axes, frame), name, hue) for name, value, hue in ends if value is not None)
    places = _apart([place for place, _, _ in told], frame.height)
    for y, (_, name, hue) in zip(places, told, strict=True):
        text = fitted(name, SIZE, frame.right)
        yield words(text, across(frame.width + _BESIDE), across(y), color=hue, align="left", baseline="middle")


def _apart(places: Sequence[float], height: float) -> list[float]:
    """``places`` in order from the top, moved until lines of text there do not overlap."""
    found = list(places)
    for n in range(1, len(found)):
        found[n] = max(found[n], found[n - 1] + LINE)
    over = max(0.0, found[-1] - height) if found else 0.0
    for n in range(len(found) - 1, -1, -1):
        limit = height if n == len(found) - 1 else found[n + 1] - LINE
        found[n] = min(found[n], limit) if over else found[n]
    return found


def _down(number: float, axes: Axes, frame: Frame) -> float:
    """How far below the top of the plot a number stands."""
    low, high = axes.y
    if axes.y_type == "log":
        low, high, number = math.log(low), math.log(high), math.log(number)
    return (high - number) / (high - low) * frame.height


def _last(values: Sequence[float | None]) -> float | None:
    return next((number for number in reversed(values) if number is not None), None)


def _shade(number: int) -> float:
    return _SHADES[min(number, len(_SHADES) - 1)]


def _stacked(chart: Chart) -> Iterator[list[tuple[int, float, float]]]:
    """Of each series the place of a label and from where to where its column goes there."""
    up, down = [0.0] * len(chart.labels), [0.0] * len(chart.labels)
    for one in chart.series:
        rows = []
        for x, number in enumerate(one.values):
            if number:
                side = up if number > 0.0 else down
                rows.append((x, side[x], side[x] + number))
                side[x] += number
        yield rows


def _labels(labels: Sequence[str], axes: Axes, frame: Frame) -> list[Json]:
    """Labels of the axis across, as many as there is room for, each with its tick."""
    rows = [{"x": x, "text": text} for x, text in _chosen(labels, frame.width)]
    ends = {"x": axes.place_x("x"), "y": across(frame.height), "y2": across(frame.height + 4)}
    return [
        layer("rule", rows, ends, color=RULE.light, strokeWidth=1),
        words(rows, axes.place_x("x"), across(frame.height + LINE + 2), align="center"),
    ]


def _chosen(labels: Sequence[str], width: float) -> list[tuple[int, str]]:
    """The labels that are shown, with their places: of months those of Januaries, as years."""
    if len(labels) > len(_YEARS) and all(_MONTH.fullmatch(label) for label in labels[1:]):
        years = [(x, label[:4]) for x, label in enumerate(labels) if label.endswith("-01")]
        most = max(2, int(width / (room("2027", SIZE) + _BETWEEN)))
        for step in _YEARS:
            found = [(x, year) for x, year in years if int(year) % step == 0]
            if len(found) <= most:
                break
        if len(found) > 1:
            return found
    texts = [fitted(label, SIZE, width / 2) for label in labels]
    longest = max((room(text, SIZE) for text in texts), default=0.0)
    step = max(1, -(-len(texts) // max(1, int(width / (longest + _BETWEEN)))))
    return [(x, texts[x]) for x in range(0, len(texts), step)]


def key_rows(entries: Sequence[Entry], frame: Frame) -> list[list[tuple[Entry, float]]]:
    """The entries of a key in rows as wide as the picture, each with its place from the left of the plot."""
    rows: list[list[tuple[Entry, float]]] = [[]]
    whole = frame.left + frame.width + frame.right
    x = 0.0
    for entry in entries:
        shown = entry._replace(name=fitted(entry.name, SIZE, whole - 40))
        wide = 24 + room(shown.name, SIZE) + 18
        if x and x + wide > whole:
            rows.append([])
            x = 0.0
        rows[-1].append((shown, x - frame.left + 4))
        x += wide
    return rows


def _key(entries: Sequence[Entry], frame: Frame) -> list[Json]:
    """The key above the plot, if there is room kept for one."""
    return key(key_rows(entries, frame), frame) if frame.top > 10 else []
