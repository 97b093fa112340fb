"""A finished simulation with all that is made of it: what is shown, solved, explained and assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.assumptions import Assumption, assumptions, certain
from minecalc.analysis.figures_of_cases import Reasons, figures
from minecalc.analysis.outlook import Outlook, outlook
from minecalc.analysis.simulate.collecting import Collected
from minecalc.analysis.simulate.confidence import Confident, at_confidence
from minecalc.analysis.simulate.courses import (
    BTC_PRICE,
    HASH_PRICE,
    STUDY_BLOCKS_MOST,
    Course,
    first_draws,
    studied,
    study_blocks,
)
from minecalc.analysis.simulate.explained import Explained, explained
from minecalc.analysis.simulate.outcomes import Certain, Outcomes, outcomes
from minecalc.analysis.simulate.run import own_rates
from minecalc.arrays import Number
from minecalc.levers import Lever, lever, levers
from minecalc.loading import Reading
from minecalc.scenario import Scenario
from minecalc.schema.names import quoted
from minecalc.simulation.world import Draw, World
from minecalc.statistics.sampling import Sampling

#: Prices whose break-even is told unless another input is asked for: the market's and the site's.
_PRICES = (f"market.{BTC_PRICE}", f"market.{HASH_PRICE}", "site.electricity_price_usd_per_kwh")

#: Own prices that are solved for, of a plan of many uses.
_OWN_MOST = 4


class Precision(NamedTuple):
    """The relative error that was asked for, and what it came to (None: it cannot be told).

    It is that of the mean lead of ``plan``; None: the largest of all plans.
    """

    tolerance: float
    error: float | None
    plan: str | None = None

    @property
    def met(self) -> bool:
        """Whether the error is as small as was asked for."""
        return self.error is not None and self.error <= self.tolerance


class SimulationNumbers(NamedTuple):
    """All that a simulation says.

    ``plan`` is what is shown where there is room for one: never the baseline, unless that is alone. ``fixed`` are
    factors that the scenario holds certain; ``saved`` is the file that has every path, or "".
    """

    reading: Reading
    world: World
    plan: str
    paths: int
    confidence: float
    outcomes: Outcomes
    courses: Sequence[Course]
    explained: Explained
    break_evens: Sequence[Confident]
    assumptions: Sequence[Assumption]
    fixed: Sequence[str]
    outlook: Outlook | None = None
    precision: Precision | None = None
    saved: str = ""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""
        return self.world.given

    @property
    def own_rates(self) -> dict[str, Number]:
        """The discount rates of plans that have another than the scenario's."""
        return own_rates(self.world)

    @property
    def baseline(self) -> str:
        """The plan that the others are compared with."""
        return self.scenario.baseline_plan.name

    @property
    def study_paths(self) -> int:
        """Of how many paths the courses are."""
        return self.explained.paths

    @property
    def exists(self) -> bool:
        """Whether any path has the figure that the headline is about."""
        of = self.outcomes.of(self.plan)
        return (of.npv if of.against is None else of.against.difference).mean.number is not None


def answered(
    reading: Reading,
    world: World,
    collected: Collected,
    *,
    plan: str | None,
    confidence: float,
    solve: str | None,
    tolerance: float | None,
    saved: str,
) -> SimulationNumbers:
    """What the ``collected`` paths of ``world`` say, and what is studied beside them on some of its paths.

    ``plan`` None: the best rival on average. ``solve`` is the input whose break-even is told; None: prices. Raises
    ``ValueError`` for an input that is none.
    """
    scenario = world.given
    baseline = scenario.baseline_plan.name
    found = outcomes(collected, baseline, _certain(world, collected))
    shown = plan or best_rival(found, baseline)
    draws = first_draws(world, study_blocks(collected.paths))
    study = studied(world, draws, shown, baseline)
    precision = None if tolerance is None else Precision(tolerance, collected.relative_error(baseline, plan), plan)
    return SimulationNumbers(
        reading,
        world,
        shown,
        collected.paths,
        confidence,
        found,
        study.courses,
        explained(world, draws, shown, baseline, study.difference),
        _break_evens(world, draws, (shown, baseline), confidence, solve) if shown != baseline else [],
        assumptions(world),
        certain(world),
        outlook(world, collected.market, Sampling(collected.draws, collected.paths)),
        precision,
        saved,
    )


def best_rival(found: Outcomes, baseline: str) -> str:
    """The plan but the baseline whose mean is furthest ahead of it; the baseline if it is alone."""
    means = {
        outcome.plan: outcome.against.difference.mean.number for outcome in found.plans if outcome.against is not None
    }
    return max(means, key=lambda name: -np.inf if means[name] is None else means[name] or 0.0, default=baseline)


def _certain(world: World, collected: Collected) -> Certain:
    """What the scenario says without uncertainty."""
    reasons: Reasons = {}
    numbers, codes = figures(world.given, collected.plans, collected.names, reasons)
    return {
        (plan, name): None if codes[0, p, f] else float(numbers[0, p, f])
        for p, plan in enumerate(collected.plans)
        for f, name in enumerate(collected.names)
    }


def _break_evens(
    world: World, draws: Sequence[Draw], plans: tuple[str, str], confidence: float, solve: str | None
) -> list[Confident]:
    """Those of prices on ``draws``, or that of the input asked for on more of them."""
    wanted = prices(world.scenario, plans[0])
    if solve is not None:
        wanted, draws = [lever(world.scenario, solve)], first_draws(world, STUDY_BLOCKS_MOST)
    found = [at_confidence(world, draws, plans, each, confidence, thorough=solve is not None) for each in wanted]
    if solve is None and not world.given.market.hash_price_is_given:
        found = [also for one in found for also in (one, *_as_hash_price(world, one))]
    return found


def prices(scenario: Scenario, plan: str) -> list[Lever]:
    """The prices that may decide for or against a plan: the market's, the site's and its own uses'."""
    known = levers(scenario)
    own = [
        ".".join((*map(quoted, scenario.plans[plan].place(use)), name))
        for use in scenario.plans[plan].uses
        for name in use.inputs.prices
    ]
    market = _PRICES[1:] if scenario.market.hash_price_is_given else (_PRICES[0], _PRICES[2])
    shared = [path for path in market if scenario.mines or not path.startswith("market.")]
    return [known[path] for path in [*[path for path in own if path in known][:_OWN_MOST], *shared] if path in known]


def _as_hash_price(world: World, found: Confident) -> list[Confident]:
    """The break-even of the price of bitcoin as that of the hash price, which is in proportion to it."""
    if found.lever.path != _PRICES[0] or found.value is None or not found.value.number:
        return []
    to = lever(world.scenario, _PRICES[1])
    if found.lever.value == 0.0:  # no price of bitcoin is so many times nothing
        return []
    factor = to.value / found.lever.value
    values = (None if value is None else value * factor for value in found.value[:4])
    number, error, low, high = values
    value = found.value._replace(number=number, error=error, low=low, high=high)
    return [found._replace(lever=to, value=value, setting=to.setting(to.x_at(number or 0.0)))]
