"""Pictures of bars that lie: a list, a tornado, a bridge; and the strips of a histogram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minecalc.document import Chart, Histogram
from minecalc.looks import figure
from minecalc.reports._axes import linear, of_bins
from minecalc.reports._cells import beyond
from minecalc.reports._lettering import fitted, room
from minecalc.reports._line_pictures import key_rows
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
    grid,
    key,
    layer,
    words,
)
from minecalc.reports._palette import BAD, GOOD, INK, RULE

#: The share of a picture that labels take at the most, and the height of a bar and of the gap between labels.
_LABELS, _BAR, _GAP = 0.36, 18, 10
#: What is left of zero at least, for half of the text below it.
_LEAST_LEFT = 12
#: The height of a strip of a histogram, and of the line above it that names it.
_STRIP, _NAME = 110, 22


class _Bar(NamedTuple):
    """A bar in its row, from where to where it goes, what it says there, and on which side."""

    row: int
    begins: float
    ends: float
    text: str
    hue: str

    @property
    def is_below(self) -> bool:
        """Whether all of it lies below zero."""
        return max(self.begins, self.ends) <= 0.0 > min(self.begins, self.ends)


def bars(chart: Chart, width: int) -> tuple[Frame, list[Json]]:
    """A bar for each label and series, or the steps of a bridge, with what each comes to at its end."""
    found, rows_of_label = _bridge(chart) if chart.kind == "bridge" else _from_zero(chart)
    entries = [Entry(one.name, colour(n), "rect") for n, one in enumerate(chart.series)]
    entries = entries if len(entries) > 1 else []
    numbers = [0.0, *(end for bar in found for end in (bar.begins, bar.ends))]
    # where there is no room beside the bars their label stands above them
    above = LINE + 2 if width < ROOMY else 0
    labels = [fitted(label, SIZE, width if above else _LABELS * width) for label in chart.labels]
    aside = 0.0 if above else max((room(label, SIZE) for label in labels), default=0.0) + 10
    right = round(max((room(bar.text, SIZE) for bar in found), default=0.0)) + 8
    left = round(aside) + (right if any(bar.is_below for bar in found) else _LEAST_LEFT)
    tall = above + _BAR * rows_of_label + _GAP
    frame = Frame(width - left - right, tall * len(labels), left, right, 6, LINE + 10)
    rows = key_rows(entries, frame)
    frame = frame._replace(top=6 + (LINE * len(rows) + 6 if entries else 0))
    low, high = min(numbers), max(numbers)
    ticks = [number for number in linear(low, high, chart.unit).ticks if low <= number <= high]
    axes = Axes((low, high) if low < high else (low - 1.0, high + 1.0), (0.0, 1.0))
    named = _thinned([(n, figure(n, chart.unit)) for n in ticks], frame.width)
    layers = grid(axes, frame, named, upright=True)
    for n, label in enumerate(labels):
        y = across(tall * n + (LINE / 2 + _GAP / 2 if above else tall / 2))
        x = across(4 if above and left == _LEAST_LEFT else 4 - left)
        layers.append(words(label, x, y, color=INK.light, align="left", baseline="middle"))
    for bar in found:
        place, part = divmod(bar.row, rows_of_label)
        top = tall * place + above + _GAP / 2 + _BAR * part
        layers += _drawn(bar, top, axes)
    if chart.kind == "bridge":
        layers += _joints(found, axes, tall, above)
    return frame, layers + (key(rows, frame) if entries else [])


def _from_zero(chart: Chart) -> tuple[list[_Bar], int]:
    """A row for each label and series; one for a label whose two bars go different ways, as those of a tornado do."""
    both = [one.values for one in chart.series]
    apart = len(both) == 2 and all((a or 0.0) * (b or 0.0) <= 0.0 for a, b in zip(*both, strict=True))
    rows = 1 if apart else len(both)
    found = []
    for number, one in enumerate(chart.series):
        for label, value in enumerate(one.values):
            if value is not None and (value or not apart):
                row = label * rows + (0 if apart else number)
                found.append(_Bar(row, 0.0, value, figure(value, chart.unit, one.error(label)), colour(number)))
    return found, rows


def _bridge(chart: Chart) -> tuple[list[_Bar], int]:
    """Levels at the ends and where the chart has more, and the steps between them."""
    steps = chart.series[0]
    values = [value or 0.0 for value in steps.values]
    levels = {0, len(values) - 1, *chart.levels}
    found, before = [], 0.0
    for row, value in enumerate(values):
        text = figure(value, chart.unit, steps.error(row))
        if row in levels:
            found.append(_Bar(row, 0.0, value, text, colour(0)))
        else:
            hue = GOOD.light if value >= 0.0 else BAD.light
            found.append(_Bar(row, before, before + value, text if value < 0.0 else f"+{text}", hue))
        before = found[-1].ends
    return found, 1


def _drawn(bar: _Bar, top: float, axes: Axes) -> Iterator[Json]:
    low, high = sorted((bar.begins, bar.ends))
    rows = [{"from": low, "to": high, "text": bar.text}]
    begin, end = axes.place_x("from"), axes.place_x("to")
    encoding = {"x": begin, "x2": {"field": "to"}, "y": across(top), "y2": across(top + _BAR)}
    yield layer("rect", rows, encoding, color=bar.hue)
    side: Json = {"align": "right", "dx": -5} if bar.is_below else {"align": "left", "dx": 5}
    place = begin if bar.is_below else end
    yield words(rows, place, across(top + _BAR / 2), color=INK.light, baseline="middle", **side)


def _joints(found: Sequence[_Bar], axes: Axes, tall: float, above: float) -> Iterator[Json]:
    """A line from where each bar of a bridge ends to the next."""
    for bar in found[:-1]:
        top = tall * bar.row + above + _GAP / 2 + _BAR
        encoding = {"x": axes.place_x("at"), "y": across(top), "y2": across(top + _GAP + above)}
        yield layer("rule", [{"at": bar.ends}], encoding, color=RULE.light, strokeWidth=1)


def _thinned(ticks: Sequence[tuple[float, str]], width: float) -> list[tuple[float, str]]:
    """Ticks with texts as far as there is room; zero, if it is one, keeps its own."""
    longest = max(room(text, SIZE) for _, text in ticks) + 10
    step = max(1, -(-len(ticks) * round(longest) // max(1, round(width))))
    zero = next((n for n, (number, _) in enumerate(ticks) if number == 0.0), 0)
    return [(number, text if (n - zero) % step == 0 else "") for n, (number, text) in enumerate(ticks)]


def strips(chart: Histogram, width: int) -> tuple[Frame, list[Json]]:
    """A strip of bars for each sample, all over one axis and to one scale."""
    most = max(max(bins.shares) for bins in chart.samples) or 1.0
    axis = linear(0.0, most, "fraction")
    top_text = figure(axis.high, "fraction")
    left, right, named = round(room(top_text, SIZE)) + 12, 24, len(chart.samples) > 1 or width >= ROOMY
    tall = _STRIP + _NAME
    frame = Frame(width - left - right, tall * len(chart.samples), left, right, 4, LINE + 10)
    axes = Axes((chart.low, chart.high), (0.0, float(frame.height)))
    count = len(chart.samples[0].shares)
    found = of_bins(chart.low, chart.width, count, max(2, frame.width // 80)) or (chart.low, chart.high)
    layers = grid(axes, frame, [(n, figure(n, chart.unit)) for n in found], upright=True)
    up: Json = {"field": "top", "type": "quantitative", "axis": None}
    up |= {"scale": {"domain": list(axes.y[::-1]), "nice": False, "zero": False}}
    for number, sample in enumerate(chart.samples):
        base, rows = tall * (number + 1), list[Json]()
        for place, share in enumerate(sample.shares):
            if share:
                low, top = chart.low + place * chart.width, round(base - share / axis.high * _STRIP, 2)
                rows.append({"from": low, "to": low + chart.width, "share": share, "top": top})
        bar = {"x": axes.place_x("from"), "x2": {"field": "to"}, "y": up, "y2": across(base)}
        layers.append(layer("rect", rows, bar, color=colour(number), opacity=0.85, stroke=None))
        for begin, end, y in ((0, frame.width, base), (-4, 0, base - _STRIP)):
            ends = {"x": across(begin), "x2": across(end), "y": across(y)}
            layers.append(layer("rule", [{}], ends, color=RULE.light, strokeWidth=1))
        layers.append(words(top_text, across(-8), across(base - _STRIP), align="right", baseline="middle"))
        told = beyond(sample)
        name = fitted(sample.name, SIZE, frame.width - room(told, SIZE)) if named else ""
        look = {"color": colour(number), "align": "left", "baseline": "middle", "fontWeight": "bold"}
        layers.append(words((name + told).strip(), across(0), across(base - _STRIP - _NAME / 2), **look))
    return frame, layers
