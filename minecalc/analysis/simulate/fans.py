"""The shape of what is simulated: histograms of figures over paths, and how prices and flows unfold by month.

Bins follow Freedman and Diaconis (1981): twice the interquartile range over the cube root of the number of paths,
rounded up to a width that people read, with an edge at zero. The axis leaves out half a percent at either end at most,
which is counted and told. Fans take the arrays by month that the figures are made of, and so are of some paths
alone, which are the first of the run unless that draws Sobol or antithetic ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from minecalc.analysis.simulate.run import npv_difference
from minecalc.arrays import FloatArray, running_total
from minecalc.document import Band, Bins, Chart, Histogram, Series
from minecalc.engine import Engine
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Scenario
from minecalc.simulation.world import Draw, World
from minecalc.statistics.estimates import percentile
from minecalc.statistics.sample import Sample

#: Of how many blocks one is studied beyond its figures, which takes about as long again; the most that are.
_OF_BLOCKS, STUDY_BLOCKS_MOST = 10, 8

BTC_PRICE, HASH_PRICE = "btc_price_usd", "hash_price_usd_per_ph_per_day"


CUMULATIVE = "cumulative_net_usd"


class Fan(NamedTuple):
    """One quantity over time: its percentiles at ``FAN``, ``(5, times)``, and the scenario's own, ``(times,)``.

    Of the market it is by months 1..T and ``plan`` is ""; a cumulative net flow is at points 0..T, and if there is
    ``less`` it is less that of this other plan.
    """

    name: str
    plan: str
    less: str
    percentiles: FloatArray
    certain: FloatArray


class Studied(NamedTuple):
    """The fans, and the difference in NPV of the two plans on the same paths, ``(paths,)``, NaN on impossible ones.

    Of a plan that is alone it is the NPV.
    """

    fans: Sequence[Fan]
    difference: FloatArray


def study_blocks(paths: int) -> int:
    """How many blocks are studied beside so many paths."""
    return min(max(paths // (_OF_BLOCKS * BLOCK_PATHS), 1), STUDY_BLOCKS_MOST)


def first_draws(world: World, blocks: int) -> list[Draw]:
    """The first blocks of ``world``, a draw each, to be studied; drawn independently, whatever the others are."""
    alone = replace(world, sampler=replace(world.sampler, draws="independent"))
    return [alone.draw(block) for block in range(blocks)]


def studied(world: World, draws: Sequence[Draw], plan: str, baseline: str) -> Studied:
    """How the market goes in ``draws`` of ``world``, and what ``plan`` earns beside ``baseline``."""
    blocks = [world.applied(draw) for draw in draws]
    found = [_over_time(paths.scenario, plan, baseline) for paths in blocks]
    gaps = [npv_difference(paths, plan, baseline) for paths in blocks]
    fans = []
    for key, certain in _over_time(world.given, plan, baseline).items():
        shape = (len(certain), BLOCK_PATHS)
        parts = [
            np.where(np.isnan(gap), np.nan, np.broadcast_to(by_key[key], shape))
            for by_key, gap in zip(found, gaps, strict=True)
        ]
        fans.append(Fan(*key, percentiles_over_time(np.concatenate(parts, axis=1), FAN), certain[:, 0]))
    return Studied(fans, np.concatenate(gaps))


def _over_time(scenario: Scenario, plan: str, baseline: str) -> dict[tuple[str, str, str], FloatArray]:
    """What is followed over time, by name and plans, ``(times, ·)``."""
    engine, found = Engine(scenario), dict[tuple[str, str, str], FloatArray]()
    months = (scenario.months, 1)
    if scenario.earns_hash_price:
        if not scenario.market.hash_price_is_given:
            found[BTC_PRICE, "", ""] = np.zeros(months) + engine.market.btc_price_usd
        found[HASH_PRICE, "", ""] = np.zeros(months) + engine.market.hash_price_usd_per_ph_per_day
    ours = running_total(engine.evaluate(scenario.plans[plan]).net_usd)
    found[CUMULATIVE, plan, ""] = ours
    if plan != baseline:
        theirs = running_total(engine.evaluate(scenario.plans[baseline]).net_usd)
        found[CUMULATIVE, baseline, ""] = theirs
        found[CUMULATIVE, plan, baseline] = ours - theirs
    return found


#: Most bins of a histogram, and what share of a sample may lie beyond either end of its axis.
_BINS, _BEYOND = 36, 0.005
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Parts of an axis that are round numbers of bins, and how many of them there are at most.
_PARTS_OF_BINS, _PARTS_MOST = (1, 2, 4, 5, 10), 9
#: Figures nearer than this share of their size are the same, but for rounding.
_SAME = 1e-9

#: Percentiles of a fan, outermost pair first, the median last.
FAN = (5.0, 95.0, 25.0, 75.0, 50.0)


class Counts(NamedTuple):
    """How many paths fall into bins of equal ``width``, by name: in each bin, below all, above all.

    The ``first`` bin begins at that many widths, so that zero, if inside, is an edge; the ends are round numbers.
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
    part = _part(width, last - first)
    first, last = first // part * part, -(-last // part) * part
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


def fan_chart(
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


def _part(width: float, bins: int) -> int:
    """How many bins lie between two round numbers that part an axis of so many into few parts."""
    return next(part for part in _PARTS_OF_BINS if bins <= part * _PARTS_MOST and _is_round(part * width))


def _is_round(width: float) -> bool:
    return math.isclose(_round_up(width * (1.0 - _SAME)), width, rel_tol=2.0 * _SAME)


def _gaps(numbers: FloatArray) -> list[float | None]:
    return [None if np.isnan(number) else number for number in numbers.tolist()]
