"""Blocks of worlds: a conversion brings what the engine says of the moved plan, and nothing is foreseen."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.timing.answer import Asked
from minecalc.analysis.timing.dated import Block, Dated, Known, Shift
from minecalc.analysis.timing.project import moved_dates
from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import Engine, evaluate
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario.varying import vary
from tests.analysis.timing.waiting import ANEW, CERTAIN, LEASE, PHASES, scenario, waiting

_GPUS = """
name: GPUs
months: 48
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 18}
  cloud: {kind: gpu_cloud, opex_fraction_of_revenue: 0, gpu_count: 2000, lease_usd_per_gpu_hour: {start: 2.5,
      growth_fraction_per_year: -0.1},
    kw_per_gpu: 1.7, capex_usd_per_gpu: 40000,
    conversion: {starts: 2027-02, ready: 2027-06, capex_usd_per_critical_mw: 5e6 MEANWHILE}}
"""


def dated(text: str, plan: str, back: float | None = None) -> Dated:
    return Asked(waiting(text, plan), BLOCK_PATHS, 1, back).dated


def total(block: Block, of: Dated, months: int) -> FloatArray:
    """The NPV of the whole plan, started so many months late."""
    parts = (block.converted[of.shifts.index(of.together(number, months))] for number in of.parts)
    together: FloatArray = block.rest + sum(parts)
    return together


def test_without_uncertainty_it_is_the_engine_with_moved_dates() -> None:
    of = dated(CERTAIN, "halls")
    block, given = of.block(0), scenario(CERTAIN)
    for months in of.project.delays:
        moved = given
        for phase in of.project.phases:
            moved = vary(moved, moved_dates(phase, given, months))
        expected = float(evaluate(moved).plans["halls"].npv_at_scenario_rate_usd[0])
        np.testing.assert_allclose(total(block, of, months), expected, rtol=1e-12)


def test_converting_now_is_what_the_simulation_has() -> None:
    """In the same worlds, signed at the start as the scenario says."""
    of = dated(PHASES, "halls")
    from minecalc.randomness.streams import Sampler
    from minecalc.simulation.world import World

    paths = World(scenario(PHASES), Sampler(1)).paths(0)
    engine = Engine(paths.scenario)
    expected = engine.evaluate(paths.scenario.plans["halls"]).npv_at_scenario_rate_usd
    np.testing.assert_allclose(total(of.block(0), of, 0), expected, rtol=1e-10)
    baseline = engine.evaluate(paths.scenario.plans["mine"]).npv_at_scenario_rate_usd
    block = of.block(0)
    np.testing.assert_allclose(block.rest + np.sum(block.staying, axis=(0, 1)), baseline, rtol=1e-10)


def test_the_market_is_that_of_the_month_before() -> None:
    of = dated(PHASES, "halls")
    draw, block = of.world.draw(0), of.block(0)
    assert of.dates == (0, 6, 12, 18, 24, 30)
    for d, months in enumerate(of.dates):
        hash_price = draw.values["hash_price_usd_per_ph_per_day"][months - 1] if months else np.ones(BLOCK_PATHS)
        np.testing.assert_allclose(block.known[d, 0], 38.0 * hash_price, rtol=1e-12)
        rent = draw.values["rent_usd_per_kw_per_month"][months - 1] if months else np.ones(BLOCK_PATHS)
        np.testing.assert_allclose(block.known[d, 1], 100.0 * rent, rtol=1e-12)


def test_a_lease_takes_the_rent_of_the_decision_until_it_starts() -> None:
    of = dated(PHASES, "halls")
    draw = of.world.draw(0)
    course = draw.values["rent_usd_per_kw_per_month"]
    signed = of._signed(draw, Shift(1, 12, 18)).values["rent_usd_per_kw_per_month"]
    np.testing.assert_array_equal(signed[18:21], np.broadcast_to(course[17], (3, BLOCK_PATHS)))
    np.testing.assert_array_equal(signed[:18], course[:18])
    np.testing.assert_array_equal(signed[21:], course[21:])
    now = of._signed(draw, Shift(1, 0, 0)).values["rent_usd_per_kw_per_month"]
    np.testing.assert_array_equal(now[:9], np.ones((9, BLOCK_PATHS)))


def test_a_phase_is_worth_the_same_beside_those_that_begin_with_it_and_alone() -> None:
    of = Asked(waiting(PHASES, "halls", every=6, until=12), BLOCK_PATHS, 1).dated
    together, shared = of._by_begin(of.shifts), of.world.without_uses(of.world.draw(0))
    assert sorted(shift for shifts in together for shift in shifts) == sorted(of.shifts)
    several = next(shifts for shifts in together if len(shifts) > 1)
    converted = of.block(0).converted
    for shift in several:
        moved = of._moved(shared, [shift]).scenario
        alone = accumulate(of._of_phase(Engine(moved), of.project.phases[shift.part]))
        np.testing.assert_array_equal(converted[of.shifts.index(shift)], alone)


def test_segments_add_up_to_the_whole() -> None:
    of = dated(PHASES, "halls", back=1e5)
    block = of.block(0)
    assert of.dates == (0, 6, 12, 18, 24, 30, 36, 48, 60)
    for j, months in enumerate(of.project.delays):
        whole = np.sum(block.after[j], axis=0)
        parts = [block.converted[of.shifts.index(of.together(number, months))] for number in range(2)]
        np.testing.assert_allclose(whole, np.sum(parts, axis=0), rtol=1e-10)


def test_shocks_have_no_mean_and_what_is_known_says_nothing_of_them() -> None:
    of = dated(PHASES, "halls")
    blocks = [of.block(number) for number in range(8)]
    shocks = np.concatenate([block.shocks for block in blocks], axis=-1)
    known = np.concatenate([block.known for block in blocks], axis=-1)
    late = np.concatenate([block.late for block in blocks], axis=-1)
    assert late.shape == (3, shocks.shape[-1])
    paths = shocks.shape[-1]
    for d in range(1, len(of.dates)):
        months = (of.dates[d + 1] if d + 1 < len(of.dates) else 72) - of.dates[d]
        np.testing.assert_allclose(np.std(shocks[d], axis=-1), np.sqrt(months), rtol=0.05)
        for state in np.log(known[d]):
            for noise in (*shocks[d], *late):
                assert abs(np.corrcoef(state, noise)[0, 1]) < 4.5 / np.sqrt(paths)
        assert abs(np.corrcoef(np.log(known[d, 0]), shocks[d - 1, 0])[0, 1]) > 0.3, "they do drive the market"


def test_weights_of_a_shock_have_unit_size() -> None:
    of = dated(PHASES.replace("hash_price_usd_per_ph_per_day: 38", "btc_price_usd: 63000"), "halls")
    weights = of.drivers[0]
    assert set(weights) == {"btc_price_usd", "network_hash_rate_eh_per_s"}
    assert sum(weight**2 for weight in weights.values()) == pytest.approx(1.0)
    assert weights["btc_price_usd"] > 0.0 > weights["network_hash_rate_eh_per_s"]
    assert of.drivers[1] == {"rent_usd_per_kw_per_month": 1.0}


def test_what_is_correlated_with_others_is_not_learnt_late() -> None:
    of = dated(PHASES, "halls")
    assert of.late == ("capex_usd_per_critical_mw", "delay_months", "tenant_default")
    paired = PHASES + "uncertainty: {correlations: {capex_usd_per_critical_mw: {delay_months: 0.5}}}\n"
    assert dated(paired, "halls").late == ("tenant_default",)


def test_a_mine_that_is_converted_to_stops_at_its_best_from_each_date_on() -> None:
    """Machines bought later may pay beyond the best stop of those bought now, and that may lie before they come."""
    of = dated(ANEW, "anew")
    block, given = of.block(0), scenario(ANEW)
    for months in of.project.delays:
        moved = vary(given, moved_dates(of.project.phases[0], given, months))
        expected = float(evaluate(moved).plans["anew"].npv_at_scenario_rate_usd[0])
        np.testing.assert_allclose(total(block, of, months), expected, rtol=1e-12)


def test_a_block_is_a_pure_function_of_its_number() -> None:
    of = dated(LEASE, "lease")
    first = of.block(3)
    again = pickle.loads(pickle.dumps(dated(LEASE, "lease"))).block(3)
    assert pickle.dumps(first) == pickle.dumps(again)
    assert (first.rest.size, len(first.impossible)) == (BLOCK_PATHS, 0)
    other = replace(of.world, sampler=replace(of.world.sampler, seed=2))
    assert pickle.dumps(replace(of, world=other).block(3)) != pickle.dumps(first)


def test_impossible_worlds_are_told() -> None:
    drawn = "  inputs: {plans.mine.pool_fee_fraction: {distribution: uniform, low: -0.1, high: 0.5}}\n"
    block = dated(LEASE + drawn, "lease").block(0)
    [(reason, which)] = block.impossible.items()
    assert "pool_fee_fraction" in reason
    assert 0.1 < np.count_nonzero(which) / which.size < 0.24


def test_what_is_sure_is_what_the_engine_says() -> None:
    of, given = dated(PHASES, "halls"), scenario(PHASES)
    now, never = of.certain()
    plans = evaluate(given).plans
    assert now == pytest.approx(float(plans["halls"].npv_at_scenario_rate_usd[0]))
    assert never == pytest.approx(float(plans["mine"].npv_at_scenario_rate_usd[0]))


def names(text: str, plan: str) -> list[str]:
    return [known.name for known in Asked(waiting(text, plan), 1024, 1).dated.known]


def test_it_is_what_varies_and_matters() -> None:
    assert names(LEASE, "lease") == ["hash_price_usd_per_ph_per_day"]
    assert names(PHASES, "halls") == ["hash_price_usd_per_ph_per_day", "rent_usd_per_kw_per_month"]
    assert names(CERTAIN, "halls") == []
    gpus = _GPUS.replace(" MEANWHILE", ", meanwhile: mine")
    assert names(gpus, "cloud") == ["hash_price_usd_per_ph_per_day", "lease_usd_per_gpu_hour"]


def test_power_is_looked_at_where_nothing_else_varies() -> None:
    alone = _GPUS.replace(" MEANWHILE", "").replace("plans:", "baseline: cloud\nplans:")
    assert names(alone, "cloud") == ["lease_usd_per_gpu_hour"]
    fixed = alone + "uncertainty: {lease_usd_per_gpu_hour: fixed}\n"
    assert names(fixed, "cloud") == ["electricity_price_usd_per_kwh"]


def test_a_rent_is_the_markets_and_a_rate_that_of_the_use() -> None:
    found = waiting(PHASES, "halls")
    market = np.array([[1.0, 2.0], [0.5, 1.0]])
    rent = Known("rent_usd_per_kw_per_month", "south")
    course = rent.path(Engine(found.scenario), found, {"rent_usd_per_kw_per_month": market})
    np.testing.assert_array_equal(course, 80.0 * market)
    np.testing.assert_array_equal(rent.path(Engine(found.scenario), found, {}), [[80.0]])
    gpus = waiting(_GPUS.replace(" MEANWHILE", ""), "cloud")
    rate = Known("lease_usd_per_gpu_hour", "cloud").path(Engine(gpus.scenario), gpus, {})
    assert rate[12, 0] == pytest.approx(2.25)
    power = Known("electricity_price_usd_per_kwh").path(Engine(gpus.scenario), gpus, {})
    assert power[0, 0] == 0.05
