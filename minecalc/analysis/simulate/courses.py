"""How simulated worlds unfold: prices and cumulative flows by month, as fans of percentiles.

They take the arrays by month that the figures are made of, and so are of some paths alone, which are the first of the
run unless that draws Sobol or antithetic ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from minecalc.analysis.simulate.run import npv_difference
from minecalc.analysis.simulate.shapes import FAN, percentiles_over_time
from minecalc.arrays import FloatArray, running_total
from minecalc.engine import Engine
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Scenario
from minecalc.simulation.world import Draw, World

#: Of how many blocks one is studied beyond its figures, which takes about as long again; the most that are.
_OF_BLOCKS, STUDY_BLOCKS_MOST = 10, 8

BTC_PRICE, HASH_PRICE = "btc_price_usd", "hash_price_usd_per_ph_per_day"


CUMULATIVE = "cumulative_net_usd"


class Course(NamedTuple):
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
    """The courses, and the difference in NPV of the two plans on the same paths, ``(paths,)``, NaN on impossible ones.

    Of a plan that is alone it is the NPV.
    """

    courses: Sequence[Course]
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
    courses = []
    for key, certain in _over_time(world.given, plan, baseline).items():
        shape = (len(certain), BLOCK_PATHS)
        parts = [
            np.where(np.isnan(gap), np.nan, np.broadcast_to(by_key[key], shape))
            for by_key, gap in zip(found, gaps, strict=True)
        ]
        courses.append(Course(*key, percentiles_over_time(np.concatenate(parts, axis=1), FAN), certain[:, 0]))
    return Studied(courses, np.concatenate(gaps))


def _over_time(scenario: Scenario, plan: str, baseline: str) -> dict[tuple[str, str, str], FloatArray]:
    """What is followed over time, by name and plans, ``(times, ·)``."""
    engine, found = Engine(scenario), dict[tuple[str, str, str], FloatArray]()
    months = (scenario.months, 1)
    if scenario.mines:
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
