"""From what ``compare`` says of the scenario as it stands to the mean of its simulated worlds, in steps that add up.

A step is what the mean moves by when more of the same draws acts (``simulation.stages``), path by path, so that what is
alike has no error. The steps are of the first ``BLOCKS_MOST`` blocks of paths, the mean of all: the step that varies
most is what the others leave of it, and so is told by all paths. How large a step is depends on what acts before it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.assumptions import factor_label
from minecalc.arrays import FloatArray
from minecalc.document import Cell, Chart, Column, Series, Table, Text, Value
from minecalc.figures.labels import mid_sentence
from minecalc.looks import figure
from minecalc.simulation.relevance import Uncertain
from minecalc.simulation.stages import DEFAULTS, DELAYS, INPUTS, PRICES, SHUTDOWNS, price_names
from minecalc.statistics.estimates import Estimate, mean_estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling

#: Of how many blocks of paths the steps are at the most: 4,096 paths.
BLOCKS_MOST = 4

SCENARIO, MEAN = ENDS = "scenario", "mean"

#: Steps as rows of a table and in a sentence.
LABELS: Mapping[str, tuple[str, str]] = {
    SCENARIO: ("As compare says", ""),
    INPUTS: ("Uncertain inputs", "uncertain inputs"),
    DELAYS: ("Delays and overruns", "delays and overruns"),
    DEFAULTS: ("Tenant defaults", "tenant defaults"),
    PRICES: ("Prices", "prices"),
    SHUTDOWNS: ("Mining shutdowns", "mining shutdowns"),
    MEAN: ("Mean of the worlds", ""),
}

#: Steps that a sentence names: from which share of the largest on, and with how many errors.
_NAMED_LEAST, _TOLD_ERRORS = 0.25, 2.0

#: A sentence without errors leaves out digits below the first of so many of them.
_ERRORS = 3.0


class Step(NamedTuple):
    """A change of the mean, by name; the first is the scenario's own figure and the last the mean that they come to."""

    name: str
    usd: Estimate


def certain(usd: float) -> Estimate:
    """What is known without error."""
    return Estimate(usd, 0.0, usd, usd, 0)


def bridge(
    scenario_usd: float,
    stages: Mapping[str, FloatArray],
    mean: Estimate,
    sampling: Sampling,
    whole: Sample | None = None,
) -> list[Step]:
    """The steps from ``scenario_usd`` to ``mean``, by what a figure is on the same paths in each of ``stages``.

    ``stages`` are in order, ``(paths,)`` each, NaN where there is none; ``sampling`` is how these paths were drawn. The
    ``mean`` is that of ``whole``, whose first paths they are, or another estimate of the last stage's. Without a mean,
    or a path that has a figure in all of them, there are no steps.
    """
    levels = [np.full(sampling.paths, scenario_usd), *stages.values()]
    known = np.logical_and.reduce([np.isfinite(level) for level in levels])
    if whole is not None:
        known &= whole.known[: sampling.paths]
    if mean.number is None or not known.any():
        return []
    missing = {"one of the stages has no figure": int(np.count_nonzero(~known))} if not known.all() else {}
    paths = [np.where(known, after - before, np.nan) for before, after in pairwise(levels)]
    changes = [Sample(values, sampling, missing).mean for values in paths]
    if changes:
        widest = max(range(len(changes)), key=lambda n: _doubt(changes[n]))
        others = [change.number or 0.0 for n, change in enumerate(changes) if n != widest]
        left = mean.number - math.fsum([scenario_usd, *others])
        if whole is None or whole.values.size == sampling.paths or changes[widest].error is None:
            changes[widest] = moved(changes[widest], left)
        else:
            beside = np.where(known, levels[-1] - scenario_usd, np.nan) - paths[widest]
            changes[widest] = _left(left, whole, Sample(beside, sampling, missing))
    steps = [Step(name, change) for name, change in zip(stages, changes, strict=True)]
    return [Step(SCENARIO, certain(scenario_usd)), *steps, Step(MEAN, mean)]


def _doubt(change: Estimate) -> float:
    return math.inf if change.error is None else change.error


def moved(change: Estimate, number: float) -> Estimate:
    """``change`` with another number, as well known."""
    by = number - (change.number or 0.0)
    low, high = (None if end is None else end + by for end in (change.low, change.high))
    return change._replace(number=number, low=low, high=high)


def _left(number: float, whole: Sample, beside: Sample) -> Estimate:
    """What the mean of ``whole`` is more than that of ``beside``, which is of its first paths alone."""
    counts = np.zeros(whole.values.size, dtype=np.bool_)
    counts[: beside.values.size] = beside.known
    influence = np.where(whole.known, whole.values - (whole.mean.number or 0.0), 0.0)
    own = beside.values[beside.known] - (beside.mean.number or 0.0)
    influence[counts] -= own * (whole.paths / beside.paths)
    return mean_estimate(number, whole.sampling.error_of_mean(influence, whole.known), whole.paths)


def data(found: Sequence[Step], key: str) -> list[dict[str, Any]]:
    """The steps for programs: ``key`` ends in the unit."""
    error = f"{key.removesuffix('_usd')}_error_usd"
    return [{"step": step.name, key: step.usd.number, error: step.usd.error} for step in found]


def known_digits(estimate: Estimate, unit: str = "usd") -> str | Value:
    """An amount without its sign, in digits that are surely its own; with its error where that leaves none."""
    number, error = estimate.number, estimate.error
    if number is None or error is None or estimate.bound is not None:
        return estimate.value(unit)
    if abs(number) > _ERRORS * error:
        text = figure(abs(number), unit, _ERRORS * error)
        return estimate._replace(bound=estimate.low).value(unit) if text == "100%" and number < 1.0 else text
    return Value(abs(number), unit, error=error)


def rank(below: Estimate) -> str:
    """Where the scenario lies among its worlds, of the share of them that are ``below`` it: ``P78``."""
    share = below.number or 0.0
    if share in (0.0, 1.0):
        return "above all of them" if share else "below all of them"
    percent, doubt = round(100.0 * share), round(100.0 * (below.error or 0.0))
    if not 0 < percent < 100:
        return "above P99" if percent else "below P1"
    return f"P{percent}{f' ± {doubt}' if doubt else ''}"


class Shutting(NamedTuple):
    """Whose machines shutdowns move most: what the other side loses by them is in a lead as if it were gained."""

    who: str
    is_other_side: bool

    def words(self, step: Step) -> list[str | Value]:
        """``keep mining loses $21M by shutting without foresight``, of a lead that shutdowns move by the step.

        Before it acts, a fleet waits for better months for ever, or stops on the best date of each world.
        """
        loses = ((step.usd.number or 0.0) > 0.0) == self.is_other_side
        how = " by shutting without foresight" if loses else " by shutting down"
        return [f"{self.who} {'loses' if loses else 'gains'} ", known_digits(step.usd), how]


def told(found: Sequence[Step], most: int = 3, shutting: Shutting | None = None) -> list[str | Value]:
    """The ``most`` steps that matter, the largest first: ``prices take $9M and tenant defaults take $2M``.

    Of a lead ``shutting`` says who it is that shutdowns cost or serve.
    """
    changes = [step for step in found[1:-1] if step.name in LABELS and _is_told(step.usd)]
    changes.sort(key=lambda step: -abs(step.usd.number or 0.0))
    largest = abs(changes[0].usd.number or 0.0) if changes else 0.0
    named = [step for step in changes if abs(step.usd.number or 0.0) >= _NAMED_LEAST * largest][:most]
    words = list[str | Value]()
    for place, step in enumerate(named):
        usd = step.usd.number or 0.0
        words.append("" if not place else ", " if place < len(named) - 1 else " and ")
        if step.name == SHUTDOWNS and shutting is not None:
            words += shutting.words(step)
        else:
            words += [f"{LABELS[step.name][1]} {'add' if usd > 0.0 else 'take'} ", known_digits(step.usd)]
    return words


def _is_told(change: Estimate) -> bool:
    return change.error is not None and abs(change.number or 0.0) > _TOLD_ERRORS * change.error


def table(
    title: str,
    columns: Mapping[str, Sequence[Step]],
    caption: str = "",
    labels: Mapping[str, str] = MappingProxyType({}),
    pictured: str = "",
    levels: Collection[str] = (),
) -> Table:
    """The steps as rows, a column for each of the bridges by name, which have the same steps; ``labels`` for others.

    The one that is ``pictured``, or else the only one, is a picture too. ``levels`` are rows between the ends by name
    that are what the steps before them have come to.
    """
    heads = [Column("step", "", "left"), *(Column(name, name, errors=True) for name in columns)]
    (first, *_) = columns.values()
    rows, names = list[list[Cell]](), list[str]()
    between = [place for place, step in enumerate(first) if step.name in levels and 0 < place < len(first) - 1]
    sections = sorted({1, len(first) - 1, *between, *(place + 1 for place in between)})
    for place, step in enumerate(first):
        names.append(labels[step.name] if step.name in labels else LABELS[step.name][0])
        rows.append([Text(names[-1]), *(found[place].usd.value("usd") for found in columns.values())])
    named = pictured or (next(iter(columns)) if len(columns) == 1 else "")
    steps = [step.usd for step in columns.get(named, ())]
    picture = None
    if steps and all(step.number is not None for step in steps):
        series = Series(named, [step.number for step in steps], [step.error for step in steps])
        picture = Chart(f"{title}: {named}", names, [series], "usd", "bridge", levels=between)
    return Table(title, heads, rows, sections, caption, picture)


def caption(uncertain: Uncertain, paths: int, found: Sequence[Step]) -> str:
    """What to know of the steps ``found`` of a world in which so much is ``uncertain``."""
    text = f"Each step is what the mean moves by when that acts too, on the same {paths:,} worlds; it depends on what "
    text += "acts before."
    prices = [mid_sentence(factor_label(name)) for name in uncertain.factors if name in price_names(uncertain)]
    text += f" Prices are {', '.join(prices)}." if prices else ""
    if any(step.name == SHUTDOWNS for step in found):
        text += " Until mining shutdowns act, machines stop as the file says, on the best date of each world if it says"
        text += " best; then nobody knows a world beforehand, and what the other side loses by that counts as gained."
    return text
