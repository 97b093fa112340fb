"""What simulated plans say of the choice between them: who beats whom, the regret of each, what knowing would be worth.

All plans live in the same world on a path, so they are compared path by path; a percentile of a difference is no
difference of percentiles. Paths count only where all the plans compared have the figure; more is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.statistics.estimates import Estimate, probability
from minecalc.statistics.sample import Sample

#: Why a path does not count.
INCOMPLETE = "one of the plans has no figure"


class Beats(NamedTuple):
    """The shares of paths on which the one is above the other, below it, and exactly level with it."""

    above: Estimate
    below: Estimate
    level: Estimate


def difference(ours: Sample, theirs: Sample) -> Sample:
    """``ours`` less ``theirs`` on every path."""
    return _sample(ours, ours.values - theirs.values)


def beats(ours: Sample, theirs: Sample) -> Beats:
    """How likely ``ours`` is above ``theirs``; ties are neither a win nor a loss."""
    gap = difference(ours, theirs)
    events = (gap.values > 0.0, gap.values < 0.0, gap.values == 0.0)
    return Beats(*(probability(event, gap.known, gap.sampling) for event in events))


def probability_of_being_best(plans: Mapping[str, Sample]) -> dict[str, Estimate]:
    """The share of paths on which each of ``plans`` is above all others; where several are best, none is."""
    (first, *_), best, known = plans.values(), _best(plans), _all_known(plans)
    at_best = {name: plan.values == best for name, plan in plans.items()}
    alone = reduce(np.add, [at.astype(np.intp) for at in at_best.values()]) == 1
    return {name: probability(at & alone, known, first.sampling) for name, at in at_best.items()}


def regrets(plans: Mapping[str, Sample]) -> dict[str, Sample]:
    """By how much each of ``plans`` falls short of the best one on each path: never below zero.

    The mean is the expected regret, P90 what it stays below in nine worlds of ten.
    """
    best = _best(plans)
    return {name: _sample(plan, best - plan.values) for name, plan in plans.items()}


def value_of_perfect_information(regret: Mapping[str, Sample]) -> Estimate:
    """What knowing the path before choosing would be worth on average: mean of the best less the best of the means.

    That is the expected regret of the plan with the smallest (Raiffa and Schlaifer 1961), of what ``regrets`` gives.
    The plan is chosen on these same paths, so the estimate is a little low where two plans are nearly as good.
    """
    means = [sample.mean for sample in regret.values()]
    return min(means, key=lambda mean: np.inf if mean.number is None else mean.number)


def _best(plans: Mapping[str, Sample]) -> FloatArray:
    """The largest figure on each path, NaN where a plan has none ``(paths,)``."""
    return reduce(np.maximum, (plan.values for plan in plans.values()))


def _all_known(plans: Mapping[str, Sample]) -> BoolArray:
    return reduce(np.logical_and, (plan.known for plan in plans.values()))


def _sample(like: Sample, values: FloatArray) -> Sample:
    """``values`` of paths drawn as those of ``like``, with the reason for those that a plan lacks."""
    missing = int(np.count_nonzero(np.isnan(values)))
    return Sample(values, like.sampling, {INCOMPLETE: missing} if missing else {})
