"""Fans over time are percentiles of the engine's own arrays, path by path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.simulate.courses import CUMULATIVE, Course, first_draws, studied, study_blocks
from minecalc.analysis.simulate.run import npv_difference
from minecalc.analysis.simulate.shapes import FAN
from minecalc.engine import Engine
from minecalc.simulation.world import World
from tests.analysis.simulate.worlds import CERTAIN, TWO, world


def by_name(of: World, plan: str = "lease", baseline: str = "mine") -> dict[tuple[str, str, str], Course]:
    return {course[:3]: course for course in studied(of, first_draws(of, 1), plan, baseline).courses}


def test_each_course_has_the_percentiles_of_the_paths() -> None:
    of = world()
    found = by_name(of)
    assert list(found) == [
        ("btc_price_usd", "", ""),
        ("hash_price_usd_per_ph_per_day", "", ""),
        (CUMULATIVE, "lease", ""),
        (CUMULATIVE, "mine", ""),
        (CUMULATIVE, "lease", "mine"),
    ]
    engine = Engine(of.paths(0).scenario)
    price = np.percentile(engine.market.btc_price_usd, FAN, axis=1)
    assert found["btc_price_usd", "", ""].percentiles == pytest.approx(price, rel=1e-12)
    flows = [engine.evaluate(engine.scenario.plans[name]).net_usd for name in ("lease", "mine")]
    gap = np.percentile(np.cumsum(flows[0] - flows[1], axis=0), FAN, axis=1)
    assert found[CUMULATIVE, "lease", "mine"].percentiles == pytest.approx(gap, rel=1e-6, abs=1.0)
    own = Engine(of.scenario)
    assert found["hash_price_usd_per_ph_per_day", "", ""].certain.tolist() == [
        float(x) for x in own.market.hash_price_usd_per_ph_per_day[:, 0]
    ]
    assert found[CUMULATIVE, "mine", ""].certain.shape == (of.given.months + 1,)


def test_the_difference_is_that_of_the_same_paths() -> None:
    of = world()
    found = studied(of, first_draws(of, 2), "lease", "mine")
    expected = [npv_difference(of.paths(block), "lease", "mine") for block in range(2)]
    assert np.array_equal(found.difference, np.concatenate(expected))


def test_impossible_paths_are_in_no_fan() -> None:
    drawn = "{distribution: normal, mean: 0.15, sd: 0.1}"
    odd = f"uncertainty={{others: fixed, inputs: {{plans.lease.opex_fraction_of_rent: {drawn}}}}}"
    of = world(TWO, odd)
    paths = of.paths(0)
    (which,) = paths.impossible.values()
    found = by_name(of)[CUMULATIVE, "lease", ""]
    plan = Engine(paths.scenario).evaluate(paths.scenario.plans["lease"])
    last = np.cumsum(plan.net_usd, axis=0)[-1]
    assert found.percentiles[:, -1] == pytest.approx(np.percentile(last[~which], FAN), rel=1e-9)
    assert which.any()


def test_a_certain_world_has_fans_without_width() -> None:
    for course in by_name(world(TWO, CERTAIN)).values():
        assert np.array_equal(course.percentiles, np.broadcast_to(course.certain, course.percentiles.shape))


def test_a_lone_plan_and_one_without_mining_have_fewer_courses() -> None:
    assert [key[1:] for key in by_name(world(), "mine", "mine") if key[0] == CUMULATIVE] == [("mine", "")]
    free = "opex_fraction_of_rent: 0, capex_usd_per_critical_mw: 0"
    lease = f"plans:\n  lease: {{kind: colocation, {free}, rent_usd_per_kw_per_month: 130}}\n"
    assert list(by_name(world(TWO.split("plans:")[0] + lease), "lease", "lease")) == [(CUMULATIVE, "lease", "")]
    given = world(TWO, "market.hash_price_usd_per_ph_per_day=40")
    assert [key[0] for key in by_name(given) if not key[1]] == ["hash_price_usd_per_ph_per_day"]


def test_what_is_studied_is_drawn_independently() -> None:
    of = world(draws="antithetic")
    (draw,) = first_draws(of, 1)
    alone = replace(of, sampler=replace(of.sampler, draws="independent")).draw(0)
    assert np.array_equal(draw.once["delay_months"], alone.once["delay_months"])
    assert not np.array_equal(draw.once["delay_months"], of.draw(0).once["delay_months"])


def test_more_paths_are_studied_beside_more() -> None:
    assert [study_blocks(paths) for paths in (1, 10_240, 20_479, 20_480, 50_000, 10**7)] == [1, 1, 1, 2, 4, 8]
