"""The shape of simulated results: histograms of figures over paths, and fans of percentiles over time.

Bins follow Freedman and Diaconis (1981): twice the interquartile range over the cube root of the number of paths,
rounded up to a width that people read, with an edge at zero. The axis leaves out half a percent at either end at most,
which is counted and told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.document import Band, Bins, Chart, Histogram, Series
from minecalc.statistics.estimates import percentile
from minecalc.statistics.sample import Sample

#: Most bins of a histogram, and what share of a sample may lie beyond either end of its axis.
_BINS, _BEYOND = 36, 0.005
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Figures nearer than this share of their size are the same, but for rounding.
_SAME = 1e-9

#: Percentiles of a fan, outermost pair first, the median last.
FAN = (5.0, 95.0, 25.0, 75.0, 50.0)


class Counts(NamedTuple):
    """How many paths fall into bins of equal ``width``, by name: in each bin, below all, above all.

    The ``first`` bin begins at that many widths, so that zero, if inside, is an edge.
    """

    first: int
    width: float
    inside: Mapping[str, Sequence[int]]
    below: Mapping[str, int]
    above: Mapping[str, int]

    def data(self) -> dict[str, Any]:
        """The bins for programs: ``edges``, and for each name counts of one number fewer."""
        bins = max((len(counts) for counts in self.inside.values()), default=0)
        return {
            "edges": [(self.first + number) * self.width for number in range(bins + 1)],
            "counts": {
                name: {"inside": list(counts), "below": self.below[name], "above": self.above[name]}
                for name, counts in self.inside.items()
            },
        }


def counts(samples: Mapping[str, Sample]) -> Counts:
    """The figures of ``samples`` counted in common bins; a figure on an edge belongs to the bin above it.

    Raises ``ValueError`` if no path of any has a figure.
    """
    ordered = {name: sample.ordered for name, sample in samples.items()}
    some = [figures for figures in ordered.values() if figures.size]
    if not some:
        raise ValueError("no path has a figure to count")
    low = min(float(figures[int(figures.size * _BEYOND)]) for figures in some)
    high = max(float(figures[-1 - int(figures.size * _BEYOND)]) for figures in some)
    width = _width(some, low, high)
    first, last = math.floor(low / width), math.floor(high / width) + 1
    # Division may round across a whole number where multiplication gives the edge.
    first -= first * width > low
    last += last * width <= high
    edges = np.arange(first, last + 1) * width
    inside, below, above = {}, {}, {}
    for name, figures in ordered.items():
        places = np.searchsorted(figures, edges)
        inside[name] = np.diff(places).tolist()
        below[name], above[name] = int(places[0]), int(figures.size - places[-1])
    return Counts(first, width, inside, below, above)


def histogram(title: str, counted: Counts, unit: str) -> Histogram:
    """``counted`` as a chart of shares of the paths that have the figure; what no path has is left out."""
    bins = []
    for name, inside in counted.inside.items():
        below, above = counted.below[name], counted.above[name]
        if paths := sum(inside) + below + above:
            bins.append(Bins(name, [count / paths for count in inside], below / paths, above / paths))
    return Histogram(title, counted.first * counted.width, counted.width, bins, unit)


def percentiles_over_time(values: FloatArray, percents: Sequence[float] = FAN) -> FloatArray:
    """The percentiles of each row of ``values (times, paths)``, NaN left out: ``(len(percents), times)``."""
    found = np.full((len(percents), values.shape[0]), np.nan)
    for time, row in enumerate(values):
        ordered = np.sort(row)[: row.size - int(np.count_nonzero(np.isnan(row)))]
        if ordered.size:
            found[:, time] = [percentile(ordered, percent) for percent in percents]
    return found


def fan(
    title: str, labels: Sequence[str], percentiles: FloatArray, unit: str, *, others: Sequence[Series] = ()
) -> Chart:
    """A fan chart of ``percentiles (5, times)`` at ``FAN``; ``others``, say without uncertainty, are lines over it.

    What lies above zero everywhere, such as a price, has a logarithmic axis.
    """
    low, high, low_half, high_half, median = map(_gaps, percentiles)
    bands = [Band("P5 to P95", low, high), Band("P25 to P75", low_half, high_half)]
    series = [Series("median", median), *others]
    numbers = [number for values in (low, *(line.values for line in series)) for number in values if number is not None]
    axis: Literal["linear", "log"] = "log" if numbers and min(numbers) > 0.0 else "linear"
    return Chart(title, labels, series, unit, bands=bands, axis=axis)


def _width(samples: Iterable[FloatArray], low: float, high: float) -> float:
    """The finest width that suits one of ``samples``, within what a histogram may have between ``low`` and ``high``."""
    size = max(abs(low), abs(high))
    if high - low <= size * _SAME:
        return _round_up(size / 100.0 or 1.0)
    middles = [
        2.0 * (percentile(ordered, 75.0) - percentile(ordered, 25.0)) / ordered.size ** (1.0 / 3.0)
        for ordered in samples
    ]
    # Two bins are spent on edges at multiples of the width.
    least = (high - low) / (_BINS - 2)
    return _round_up(max(least, min((width for width in middles if width > 0.0), default=least)))


def _round_up(width: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    size = 10.0 ** math.floor(math.log10(width))
    return size * next((step for step in _STEPS if step * size >= width), _STEPS[-1])


def _gaps(numbers: FloatArray) -> list[float | None]:
    return [None if np.isnan(number) else number for number in numbers.tolist()]
