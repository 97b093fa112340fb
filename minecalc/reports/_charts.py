"""Charts drawn with characters: marks over shades for lines and bands, blocks for bars and histograms.

A drawn line is a list of spans: text and the number of the series it belongs to (None for axes and labels),
from which a renderer takes its colours.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from minecalc.document import Chart, Histogram
from minecalc.looks import MISSING, figure
from minecalc.reports._axes import linear, logarithmic, of_bins
from minecalc.reports._cells import beyond, on_screen

Span = tuple[str, int | None]
Line = list[Span]

_NAME_WIDTH = 24
#: What part of its width a chart of bars gives to their labels, if that is more.
_BAR_LABELS = 3
_LABEL_WIDTH = 14
#: Of series and of bands, the widest first, in any letters and in ASCII.
_MARKS = ("●▲■◆○△□◇" + string.ascii_letters, "*+ox#@%&" + string.ascii_letters)
_SHADES = ("░▒▓", ":=#")
#: Of a histogram's cells, from empty to full.
_LEVELS, _ASCII_LEVELS = " ▁▂▃▄▅▆▇█", " .:#"
#: Rows of a histogram of one sample, of two, and of each of more.
_STRIPS = (8, 5, 4)
#: Room for a label of the axis of a histogram.
_TICK_WIDTH = 12
#: Room for the scale of a histogram.
_SHARE_WIDTH = 8


def draw(chart: Chart | Histogram, width: int, *, ascii_only: bool) -> list[Line]:
    """The lines of ``chart``, at most ``width`` (40 or more) character cells each, without its title."""
    if isinstance(chart, Histogram):
        return list(_histogram(chart, width, ascii_only))
    if chart.kind != "line":
        chart = replace(chart, kind="bar", series=[*chart.series, *chart.over], over=())
    drawn = [series.values for series in chart.series]
    drawn += [values for band in chart.bands for values in (band.low, band.high)]
    numbers = [number for values in drawn for number in values if number is not None]
    if not numbers:
        return [[("(no values)", None)]]
    several = len(chart.series) + len(chart.bands) > 1
    lines = list(_legend(chart, width, ascii_only)) if several else []
    if chart.kind == "bar":
        lines.extend(_bars(chart, min(0.0, *numbers), max(0.0, *numbers), width, ascii_only))
    else:
        lines.extend(_grid(chart, min(numbers), max(numbers), width, ascii_only))
    return lines


def _share(number: float, low: float, high: float) -> float:
    """Where ``number`` lies between ``low`` (0) and ``high`` (1), without overflow; 0.5 if these are one."""
    size = max(abs(low), abs(high)) or 1.0
    span = high / size - low / size
    return (number / size - low / size) / span if span else 0.5


def _sign(signs: tuple[str, str], number: int, ascii_only: bool) -> str:
    return signs[ascii_only][number % len(signs[ascii_only])]


def _legend(chart: Chart, width: int, ascii_only: bool) -> Iterator[Line]:
    """The marks of the lines and then the shades of the bands, which have the colour of the first line."""
    entries = [(_sign(_MARKS, n, ascii_only), series.name, n) for n, series in enumerate(chart.series)]
    entries += [(_sign(_SHADES, n, ascii_only), band.name, 0) for n, band in enumerate(chart.bands)]
    line: Line = []
    room = width
    for mark, name, number in entries:
        entry = f"{mark} {on_screen(name, ascii_only, _NAME_WIDTH)}"
        if line and cell_len(entry) + 3 > room:
            yield line
            line, room = [], width
        if line:
            entry = "   " + entry
        line.append((entry, number))
        room -= cell_len(entry)
    yield line


def _grid(chart: Chart, low: float, high: float, width: int, ascii_only: bool) -> Iterator[Line]:
    """Marks for each series, its points joined by straight lines, over shaded bands; zero inside is a dotted line."""
    wall, tick, corner, floor, dots = "||+-." if ascii_only else "│┤└─┈"
    axis = logarithmic(low, high) if chart.axis == "log" else linear(low, high, chart.unit)
    ends, height = _placed((axis.low, axis.high), chart.axis), axis.height
    low, high = (end or 0.0 for end in ends)
    crosses_zero = chart.axis == "linear" and low < 0.0 < high
    places = list(zip(axis.ticks, _placed(axis.ticks, chart.axis), strict=True))
    texts = {
        _row(place or 0.0, low, high, height): on_screen(figure(number, chart.unit), ascii_only)
        for number, place in (*places, places[0])  # of two in a row an end is told
    }
    margin = max(map(len, texts.values()))
    columns = width - margin - 2
    rows: list[Line] = [[(" ", None)] * columns for _ in range(height)]
    if crosses_zero:
        rows[_row(0.0, low, high, height)] = [(dots, None)] * columns
    shares = [column / (columns - 1) for column in range(columns)]
    for number, band in enumerate(chart.bands):
        shade = (_sign(_SHADES, number, ascii_only), 0)
        lower, upper = _placed(band.low, chart.axis), _placed(band.high, chart.axis)
        for column, share in enumerate(shares):
            bottom, top = _between(lower, share), _between(upper, share)
            if bottom is not None and top is not None:
                for row in rows[_row(top, low, high, height) : _row(bottom, low, high, height) + 1]:
                    row[column] = shade
    for number, series in enumerate(chart.series):
        span, values = (_sign(_MARKS, number, ascii_only), number), _placed(series.values, chart.axis)
        for column, share in enumerate(shares):
            value = _between(values, share)
            if value is not None:
                rows[_row(value, low, high, height)][column] = span
    for place, row in enumerate(rows):
        edge = f"{texts.get(place, ''):>{margin}} {tick if place in texts else wall}"
        runs = groupby(row, key=lambda span: span[1])
        yield [(edge, None), *(("".join(text for text, _ in run), number) for number, run in runs)]
    yield [(" " * (margin + 1) + corner + floor * columns, None)]
    yield [(" " * (margin + 2) + _axis_labels(chart, columns, ascii_only), None)]


def _placed(values: Sequence[float | None], axis: str) -> Sequence[float | None]:
    """Where numbers stand on an axis: at their logarithms if it is logarithmic."""
    return [None if value is None else math.log10(value) for value in values] if axis == "log" else values


def _row(number: float, low: float, high: float, height: int) -> int:
    """The grid row of ``number``, 0 at the top."""
    return round((1.0 - _share(number, low, high)) * (height - 1))


def _between(values: Sequence[float | None], share: float) -> float | None:
    """The value at ``share`` (0..1) of the way along, straight between its neighbours; beside a gap, None."""
    position = share * (len(values) - 1)
    left = int(position)
    before, rest = values[left], position - left
    if not rest or before is None:
        return before
    after = values[left + 1]
    return None if after is None else before * (1.0 - rest) + after * rest


def _axis_labels(chart: Chart, columns: int, ascii_only: bool) -> str:
    """The first and the last label at the ends of the axis, the middle one at its place if there is room."""
    count = len(chart.labels)
    indices = sorted({0, count // 2, count - 1})
    return _ticks(((i / max(1, count - 1), chart.labels[i]) for i in indices), columns, ascii_only)


def _ticks(ticks: Iterable[tuple[float, str]], columns: int, ascii_only: bool) -> str:
    """Labels centred at their share (0..1) of an axis, from left to right, as far as there is room."""
    line = ""
    for share, text in ticks:
        label = on_screen(text, ascii_only, _LABEL_WIDTH)
        place = round(share * (columns - 1)) - cell_len(label) // 2
        start = min(max(0, place), columns - cell_len(label))
        if line and start < cell_len(line) + 2:
            continue
        line = set_cell_size(line, start) + label
    return line


def _bars(chart: Chart, low: float, high: float, width: int, ascii_only: bool) -> Iterator[Line]:
    """A label, a figure and a bar from zero for every label and series; ``low`` <= 0 <= ``high``."""
    labels = [on_screen(label, ascii_only, max(_NAME_WIDTH, width // _BAR_LABELS)) for label in chart.labels]
    margin = max(map(cell_len, labels))
    texts = [
        [on_screen(MISSING if n is None else figure(n, chart.unit), ascii_only) for n in series.values]
        for series in chart.series
    ]
    room = max(len(text) for column in texts for text in column)
    halves = 2 * (width - margin - room - 5)
    for index, label in enumerate(labels):
        for number, series in enumerate(chart.series):
            head = f"{set_cell_size('' if number else label, margin)}  {texts[number][index]:>{room}}  "
            yield [(head, None), (_bar(series.values[index] or 0.0, low, high, halves, ascii_only), number)]


def _bar(value: float, low: float, high: float, halves: int, ascii_only: bool) -> str:
    """A bar from zero to ``value`` on a line of ``halves`` half cells; anything but zero shows."""
    if not value:
        return ""
    zero = round(_share(0.0, low, high) * halves)
    tip = round(_share(value, low, high) * halves)
    if tip == zero:
        tip += 1 if value > 0 else -1
    start, end = min(zero, tip), max(zero, tip)
    full, left, right = "###" if ascii_only else "█▌▐"
    bar = " " * (start // 2) + right * (start % 2)
    return bar + full * (end // 2 - (start + 1) // 2) + left * (end % 2)


def _histogram(chart: Histogram, width: int, ascii_only: bool) -> Iterator[Line]:
    """A strip of columns for each sample, all over one axis and to one scale; zero inside the axis is marked."""
    wall, tick, corner, floor, cross, dots, notch = "||+-+'+" if ascii_only else "│┤└─┼┊┬"
    together = -(-len(chart.samples[0].shares) // (width - _SHARE_WIDTH))
    strips = [_merged(bins.shares, together) for bins in chart.samples]
    most = max(map(max, strips)) or 1.0
    top = on_screen(figure(most, "fraction"), ascii_only)
    bins, margin = len(strips[0]), len(top)
    columns = (width - margin - 2) // bins * bins
    high = chart.low + chart.width * together * bins
    at_zero = round(_share(0.0, chart.low, high) * columns)
    zero = min(at_zero, columns - 1) if chart.low < 0.0 < high else None
    height = _STRIPS[min(len(strips), len(_STRIPS)) - 1]
    for number, (sample, strip) in enumerate(zip(chart.samples, strips, strict=True)):
        told = beyond(sample)
        name = on_screen(sample.name, ascii_only, width - len(told)) if len(strips) > 1 else ""
        if caption := (name + told).strip():
            yield [(caption, number)]
        for row in range(height):
            heights = (share / most * height - (height - 1 - row) for share in strip)
            cells = "".join(
                _cell(tall, bool(share) and row == height - 1, ascii_only) * (columns // bins)
                for tall, share in zip(heights, strip, strict=True)
            )
            if zero is not None and cells[zero] == " ":
                cells = f"{cells[:zero]}{dots}{cells[zero + 1 :]}"
            yield [(f"{'' if row else top:>{margin}} {wall if row else tick}", None), (cells, number)]
    ticks = [
        (_share(number, chart.low, high), figure(number, chart.unit))
        for number in of_bins(chart.low, chart.width * together, bins, columns // _TICK_WIDTH)
    ]
    if not ticks:
        ticks = [(0.0, figure(chart.low, chart.unit)), (1.0, figure(high, chart.unit))]
        if zero is not None:
            # Where there is no room for all labels, that of zero goes before that of an end.
            ticks = [tick for tick in ticks if abs(tick[0] - zero / columns) * columns > _LABEL_WIDTH]
            ticks = sorted([*ticks, (zero / columns, figure(0.0, chart.unit))])
    places = {min(round(share * columns), columns - 1) for share, _ in ticks[1:-1]}
    axis = "".join(cross if k == zero else notch if k in places else floor for k in range(columns))
    yield [(" " * (margin + 1) + corner + axis, None)]
    yield [(" " * (margin + 2) + _ticks(ticks, columns, ascii_only), None)]
    told = on_screen(f"bars {figure(chart.width * together, chart.unit)} wide", ascii_only)
    yield [(" " * (margin + 2) + told, None)]


def _merged(shares: Sequence[float], together: int) -> list[float]:
    """The shares of so many neighbouring bins added up, where there is no room for each."""
    return [math.fsum(shares[at : at + together]) for at in range(0, len(shares), together)]


def _cell(height: float, some: bool, ascii_only: bool) -> str:
    """A cell filled to ``height`` (0..1, or outside); with ``some`` it is not empty."""
    levels = _ASCII_LEVELS if ascii_only else _LEVELS
    level = round(min(max(height, 0.0), 1.0) * (len(levels) - 1))
    return levels[max(level, int(some))]
