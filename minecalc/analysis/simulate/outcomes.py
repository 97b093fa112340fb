"""What the simulated paths say of each plan: its figures, how it does beside the baseline and beside the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from minecalc.analysis.simulate.choices import (
    Beats,
    beats,
    difference,
    probability_of_being_best,
    regrets,
    value_of_perfect_information,
)
from minecalc.analysis.simulate.collecting import Collected
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, NPV
from minecalc.analysis.simulate.shapes import Counts, counts
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample

#: Percentiles that are told, and the share of the worst paths whose mean is the expected shortfall.
PERCENTS = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)
TAIL_FRACTION = 0.1


class Spread(NamedTuple):
    """One figure over all paths. ``below_zero`` and ``shortfall`` are of money; ``undefined`` paths are none of them.

    ``certain`` is the figure of the scenario as it stands, without uncertainty; None: it has none.
    """

    certain: float | None
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


class Outcome(NamedTuple):
    """One plan. ``npv`` is at its own rate; ``against`` is None for the baseline, the rest for a plan that is alone.

    ``best`` is the share of paths on which it is worth most of all plans, ``regret`` by how much it is not: at the
    scenario's rate.
    """

    plan: str
    npv: Spread
    others: Mapping[str, Spread]
    against: Rivalry | None
    best: Estimate | None
    mean_regret: Estimate | None
    high_regret: Estimate | None


class Outcomes(NamedTuple):
    """All plans, what knowing the path beforehand would be worth (None for a lone plan), and differences counted."""

    plans: Sequence[Outcome]
    perfect_information: Estimate | None
    differences: Counts | None

    @staticmethod
    def compared(outcome: Outcome) -> Spread:
        """What a plan is compared by: its NPV at the scenario's rate."""
        return outcome.others.get(AT_SCENARIO_RATE, outcome.npv)

    def of(self, plan: str) -> Outcome:
        """The plan of this name."""
        return next(outcome for outcome in self.plans if outcome.plan == plan)


#: What the scenario says without uncertainty, by plan and figure; None where it has none.
Certain = Mapping[tuple[str, str], float | None]


def outcomes(collected: Collected, baseline: str, certain: Certain) -> Outcomes:
    """What ``collected`` paths say. Where no path has an NPV of all plans, nothing is counted."""
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
            lead = spread(gaps[plan], _certain_lead(certain, plan, baseline, collected.compared))
            own = lead
            if collected.compared != NPV:
                own = spread(difference(sample, npvs[baseline]), _certain_lead(certain, plan, baseline, NPV))
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
            )
        )
    shown = gaps or npvs
    counted = counts(shown) if any(sample.paths for sample in shown.values()) else None
    return Outcomes(found, None if alone else value_of_perfect_information(regret), counted)


def _certain_lead(certain: Certain, plan: str, baseline: str, figure: str) -> float | None:
    """By how much a plan is ahead without uncertainty."""
    ours, theirs = certain.get((plan, figure)), certain.get((baseline, figure))
    return None if ours is None or theirs is None else ours - theirs


def spread(sample: Sample, certain: float | None) -> Spread:
    """What a sample says of its figure. What it keeps on the way, as large as itself, is not kept."""
    sample = replace(sample)
    return Spread(
        certain,
        sample.mean,
        sample.standard_deviation,
        {percent: sample.percentile(percent) for percent in PERCENTS},
        sample.probability_of_loss,
        sample.expected_shortfall(TAIL_FRACTION),
        sample.undefined,
    )
