"""Charts drawn with characters: a grid of marks for lines, half-cell blocks for bars.

A drawn line is a list of spans: text and the number of the series it belongs to (None for axes and labels),
from which a renderer takes its colours.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from minecalc.document import Chart
from minecalc.reports._cells import MISSING, on_screen
from minecalc.reports._numbers import figure

Span = tuple[str, int | None]
Line = list[Span]

_HEIGHT = 11
_NAME_WIDTH = 24
_LABEL_WIDTH = 14
_MARKS = "●▲■◆○△□◇" + string.ascii_letters
_ASCII_MARKS = "*+ox#@%&" + string.ascii_letters


def draw(chart: Chart, width: int, *, ascii_only: bool) -> list[Line]:
    """The lines of ``chart``, at most ``width`` (40 or more) character cells each, without its title."""
    numbers = [number for series in chart.series for number in series.values if number is not None]
    if not numbers:
        return [[("(no values)", None)]]
    lines = list(_legend(chart, width, ascii_only)) if len(chart.series) > 1 else []
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


def _mark(series: int, ascii_only: bool) -> str:
    marks = _ASCII_MARKS if ascii_only else _MARKS
    return marks[series % len(marks)]


def _legend(chart: Chart, width: int, ascii_only: bool) -> Iterator[Line]:
    line: Line = []
    room = width
    for number, series in enumerate(chart.series):
        entry = f"{_mark(number, ascii_only)} {on_screen(series.name, ascii_only, _NAME_WIDTH)}"
        if line and cell_len(entry) + 3 > room:
            yield line
            line, room = [], width
        if line:
            entry = "   " + entry
        line.append((entry, number))
        room -= cell_len(entry)
    yield line


def _grid(chart: Chart, low: float, high: float, width: int, ascii_only: bool) -> Iterator[Line]:
    """Marks for each series, its points joined by straight lines; zero inside the range is a dotted line."""
    wall, tick, corner, floor, dots = "||+-." if ascii_only else "│┤└─┈"
    crosses_zero = low < 0.0 < high
    middle = 0.0 if crosses_zero else low / 2 + high / 2
    ticks = {_row(middle, low, high): middle}
    if low < high:
        ticks |= {0: high, _HEIGHT - 1: low}
    texts = {row: on_screen(figure(number, chart.unit), ascii_only) for row, number in ticks.items()}
    margin = max(map(len, texts.values()))
    columns = width - margin - 2
    rows: list[Line] = [[(" ", None)] * columns for _ in range(_HEIGHT)]
    if crosses_zero:
        rows[_row(0.0, low, high)] = [(dots, None)] * columns
    for number, series in enumerate(chart.series):
        span = (_mark(number, ascii_only), number)
        for column in range(columns):
            value = _between(series.values, column / (columns - 1))
            if value is not None:
                rows[_row(value, low, high)][column] = span
    for place, row in enumerate(rows):
        axis = f"{texts.get(place, ''):>{margin}} {tick if place in texts else wall}"
        runs = groupby(row, key=lambda span: span[1])
        yield [(axis, None), *(("".join(text for text, _ in run), number) for number, run in runs)]
    yield [(" " * (margin + 1) + corner + floor * columns, None)]
    yield [(" " * (margin + 2) + _axis_labels(chart, columns, ascii_only), None)]


def _row(number: float, low: float, high: float) -> int:
    """The grid row of ``number``, 0 at the top."""
    return round((1.0 - _share(number, low, high)) * (_HEIGHT - 1))


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
    line = ""
    for index in sorted({0, count // 2, count - 1}):
        label = on_screen(chart.labels[index], ascii_only, _LABEL_WIDTH)
        place = round(index / max(1, count - 1) * (columns - 1)) - cell_len(label) // 2
        start = min(max(0, place), columns - cell_len(label))
        if line and start < cell_len(line) + 2:
            continue
        line = set_cell_size(line, start) + label
    return line


def _bars(chart: Chart, low: float, high: float, width: int, ascii_only: bool) -> Iterator[Line]:
    """A label, a figure and a bar from zero for every label and series; ``low`` <= 0 <= ``high``."""
    labels = [on_screen(label, ascii_only, _NAME_WIDTH) for label in chart.labels]
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
