"""What the simulated paths say of each plan, and of the choice between them.

All plans live in the same world on a path, so they are compared path by path; a percentile of a difference is no
difference of percentiles. Paths count only where all the plans compared have the figure; more is better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from minecalc.analysis.questions import Watch
from minecalc.analysis.simulate.fans import Counts, counts
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, BREACHES, LEAST_DSCR, NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, Draws
from minecalc.statistics.estimates import Estimate, probability
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from minecalc.work.workers import Workers

#: Paths that a tolerance begins with, and after how many it is given up; Sobol replicates take both.
TOLERANCE_LEAST, TOLERANCE_MOST = 16 * BLOCK_PATHS, 1024 * BLOCK_PATHS


class Collected:
    """The figures of ``plans`` on all paths so far, in their order; why paths lack them is counted.

    Figures ``beside`` the others are no answer themselves, but what some of it is made of.
    """

    def __init__(self, plans: Sequence[str], names: Sequence[str], draws: Draws, beside: Sequence[str] = ()) -> None:
        self.plans, self.names, self.draws = tuple(plans), tuple(names), draws
        self.all_names = (*self.names, *beside)
        self._parts: list[FloatArray] = []
        self._markets: list[FloatArray] = []
        self._missing: Counter[tuple[int, int, str]] = Counter()

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return sum(len(part) for part in self._parts)

    def add(self, chunk: Chunk) -> None:
        """Put the next paths to those that are there."""
        self._parts.append(chunk.figures)
        self._markets.append(chunk.market)
        for number, reason in enumerate(chunk.reasons, start=1):
            for plan, name in zip(*np.nonzero((chunk.codes == number).any(axis=0)), strict=True):
                count = int(np.count_nonzero(chunk.codes[:, plan, name] == number))
                self._missing[int(plan), int(name), reason] += count

    @property
    def market(self) -> FloatArray:
        """The prices of bitcoin and of hash in the last month on every path, ``(2, paths)``."""
        return np.concatenate(self._markets, axis=1)

    def sample(self, plan: str, name: str = NPV) -> Sample:
        """One figure of one plan on every path."""
        p, f = self.plans.index(plan), self.all_names.index(name)
        values = np.concatenate([part[:, p, f] for part in self._parts])
        reasons = {reason: count for (of, what, reason), count in self._missing.items() if (of, what) == (p, f)}
        return Sample(values, Sampling(self.draws, values.size), reasons)

    @property
    def compared(self) -> str:
        """What plans are compared by: the NPV at the scenario's rate, which is their NPV where none has its own."""
        return AT_SCENARIO_RATE if AT_SCENARIO_RATE in self.names else NPV

    def worth(self, plan: str) -> Sample:
        """What a plan is compared by, on every path."""
        return self.sample(plan, self.compared)

    def relative_error(self, baseline: str, plan: str | None = None) -> float | None:
        """The standard error of the mean lead of ``plan`` over the baseline, over that mean lead without its sign.

        Without ``plan`` the largest of all plans; of a plan that is alone, that of its NPV. None: it cannot be told,
        as where the lead is zero on average but not in every world.
        """
        rivals = [name for name in self.plans if name != baseline] if plan is None else [plan]
        base = self.worth(baseline)
        leads = [difference(self.worth(name), base) for name in rivals if name != baseline]
        found = [_relative_error(lead.mean) for lead in leads or [self.sample(baseline)]]
        return max((error for error in found if error is not None), default=None) if None not in found else None


def _relative_error(mean: Estimate) -> float | None:
    if mean.error == 0.0:
        return 0.0
    return abs(mean.error / mean.number) if mean.error is not None and mean.number else None


def collect(
    run: Run,
    collected: Collected,
    workers: Workers,
    watch: Watch,
    tolerance: float | None = None,
    plan: str | None = None,
) -> Iterator[Chunk]:
    """The chunks of ``run`` as they come, after each was put to ``collected``.

    With a ``tolerance`` there are twice as many paths again and again, up to ``TOLERANCE_MOST``, until the
    ``relative_error`` of the lead of ``plan``, or of every plan, is as small: the first are those of ``run``.
    """
    baseline = run.world.given.baseline_plan.name
    while True:
        for chunk in watch(workers.share_out(run.chunk, range(run.chunks)), run.chunks, "simulating"):
            collected.add(chunk)
            yield chunk
        if tolerance is None or 2 * run.paths > TOLERANCE_MOST:
            return
        error = collected.relative_error(baseline, plan)
        if error is not None and error <= tolerance:
            return
        run = replace(run, first_block=run.paths // BLOCK_PATHS, paths=2 * run.paths)


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
    best = _best(plans)
    at_best = {name: plan.values == best for name, plan in plans.items()}
    alone = np.count_nonzero([*at_best.values()], axis=0) == 1
    return {name: probability(at & alone, ~np.isnan(best), plans[name].sampling) for name, at in at_best.items()}


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


def _sample(like: Sample, values: FloatArray) -> Sample:
    """``values`` of paths drawn as those of ``like``, with the reason for those that a plan lacks."""
    missing = int(np.count_nonzero(np.isnan(values)))
    return Sample(values, like.sampling, {INCOMPLETE: missing} if missing else {})


#: Percentiles that are told, and the share of the worst paths whose mean is the expected shortfall.
PERCENTS = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)
TAIL_FRACTION = 0.1


class Spread(NamedTuple):
    """One figure over all paths. ``below_zero`` and ``shortfall`` are of money; ``undefined`` paths are none of them.

    ``certain`` is the figure of the scenario as it stands, without uncertainty; None: it has none. ``below_certain`` is
    the share of paths on which it is less, the scenario's rank among its worlds; None where nothing varies.
    """

    certain: float | None
    below_certain: Estimate | None
    mean: Estimate
    standard_deviation: Estimate
    percentiles: Mapping[float, Estimate]
    below_zero: Estimate
    shortfall: Estimate
    undefined: Mapping[str, int]


class Rivalry(NamedTuple):
    """A plan beside the baseline: the difference in NPV, path by path, and how often it is above zero.

    Both NPVs are at the scenario's rate; in ``at_own_rates`` each is at its plan's own.
    """

    difference: Spread
    beats: Beats
    at_own_rates: Spread


class Cover(NamedTuple):
    """What a lender asks of a plan with debt: how its least DSCR spreads, and how likely its cash is too little.

    ``default_ratio`` is the DSCR below which the covenant is breached, in a share ``breach`` of paths on some date;
    None for both without such a covenant. ``below_one`` is the share of paths on which the least DSCR is below 1.
    """

    least_dscr: Spread
    default_ratio: float | None
    breach: Estimate | None
    below_one: Estimate


class Outcome(NamedTuple):
    """One plan. ``npv`` is at its own rate; ``against`` is None for the baseline, the rest for a plan that is alone.

    ``best`` is the share of paths on which it is worth most of all plans, ``regret`` by how much it is not: at the
    scenario's rate. ``cover`` is None for a plan without debt.
    """

    plan: str
    npv: Spread
    others: Mapping[str, Spread]
    against: Rivalry | None
    best: Estimate | None
    mean_regret: Estimate | None
    high_regret: Estimate | None
    cover: Cover | None = None


class Outcomes(NamedTuple):
    """All plans, what knowing the path beforehand would be worth (None for a lone plan), and differences counted."""

    plans: Sequence[Outcome]
    perfect_information: Estimate | None
    differences: Counts | None

    def of(self, plan: str) -> Outcome:
        """The plan of this name."""
        return next(outcome for outcome in self.plans if outcome.plan == plan)


#: What the scenario says without uncertainty, by plan and figure; None where it has none.
Certain = Mapping[tuple[str, str], float | None]


#: The default covenants of plans with debt: the DSCR below which they are breached, 0 for none.
Covenants = Mapping[str, float]


def outcomes(
    collected: Collected, baseline: str, certain: Certain, covenants: Covenants = MappingProxyType({})
) -> Outcomes:
    """What ``collected`` paths say. Where no path has an NPV of all plans, nothing is counted.

    Of plans with ``covenants`` the figures that a lender asks for must be collected.
    """
    npvs = {plan: collected.sample(plan) for plan in collected.plans}
    worths = {plan: collected.worth(plan) for plan in collected.plans}
    gaps = {plan: difference(sample, worths[baseline]) for plan, sample in worths.items() if plan != baseline}
    alone = not gaps
    regret = {} if alone else regrets(worths)
    best = {} if alone else probability_of_being_best(worths)
    found = []
    for plan, sample in npvs.items():
        others = {
            name: spread(collected.sample(plan, name), certain.get((plan, name)))
            for name in collected.names
            if name != NPV
        }
        against = None
        if plan in gaps:
            lead = spread(gaps[plan], certain_lead(certain, plan, baseline, collected.compared))
            own = lead
            if collected.compared != NPV:
                own = spread(difference(sample, npvs[baseline]), certain_lead(certain, plan, baseline, NPV))
            against = Rivalry(lead, beats(worths[plan], worths[baseline]), own)
        found.append(
            Outcome(
                plan,
                spread(sample, certain.get((plan, NPV))),
                others,
                against,
                best.get(plan),
                None if alone else regret[plan].mean,
                None if alone else replace(regret[plan]).percentile(90.0),
                cover(collected, plan, certain, covenants[plan]) if plan in covenants else None,
            )
        )
    shown = gaps or npvs
    counted = counts(shown) if any(sample.paths for sample in shown.values()) else None
    return Outcomes(found, None if alone else value_of_perfect_information(regret), counted)


def cover(collected: Collected, plan: str, certain: Certain, default_ratio: float) -> Cover:
    """What a lender asks of a plan; ``default_ratio`` is 0 without a covenant."""
    least, breaches = (collected.sample(plan, name) for name in (LEAST_DSCR, BREACHES))
    breach = probability(breaches.values > 0.0, breaches.known, breaches.sampling) if default_ratio > 0.0 else None
    return Cover(
        spread(least, certain.get((plan, LEAST_DSCR))),
        default_ratio if default_ratio > 0.0 else None,
        breach,
        probability(least.values < 1.0, least.known, least.sampling),
    )


def certain_lead(certain: Certain, plan: str, baseline: str, figure: str) -> float | None:
    """By how much a plan is ahead without uncertainty."""
    ours, theirs = certain.get((plan, figure)), certain.get((baseline, figure))
    return None if ours is None or theirs is None else ours - theirs


def spread(sample: Sample, certain: float | None) -> Spread:
    """What a sample says of its figure. What it keeps on the way, as large as itself, is not kept."""
    sample = replace(sample)
    below = None
    if certain is not None and sample.paths and sample.ordered[0] != sample.ordered[-1]:
        below = probability(sample.values < certain, sample.known, sample.sampling)
    return Spread(
        certain,
        below,
        sample.mean,
        sample.standard_deviation,
        {percent: sample.percentile(percent) for percent in PERCENTS},
        sample.probability_of_loss,
        sample.expected_shortfall(TAIL_FRACTION),
        sample.undefined,
    )
