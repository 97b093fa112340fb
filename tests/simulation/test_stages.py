"""Between a scenario and its worlds: what acts grows, and the draws stay the same."""

from __future__ import annotations

import numpy as np

from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.randomness.streams import Sampler
from minecalc.simulation.stages import DEFAULTS, DELAYS, INPUTS, PRICES, SHUTDOWNS, price_names, stages
from minecalc.simulation.world import World

TEXT = """
name: Staged
months: 48
site: {gross_mw: 20, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.9, efficiency_j_per_th: 20}
  lease:
    kind: colocation
    rent_usd_per_kw_per_month: 130
    conversion: {starts: 2027-02, ready: 2027-05, capex_usd_per_critical_mw: 3000000, meanwhile: mine}
"""
DRAWN = "uncertainty.inputs={site.gross_mw: {distribution: uniform, low: 20, high: 30}}"


def world(*assignments: str) -> World:
    return World(loads(TEXT, assignments), Sampler(7))


def npvs(of: World, stage: int, plan: str) -> np.ndarray:
    paths = stages(of)[stage].paths(of.draw(0))
    return np.broadcast_to(evaluate(paths.scenario).plans[plan].npv_usd, (paths.draw.paths,))


def test_the_stages_are_those_that_have_something_uncertain() -> None:
    assert [stage.name for stage in stages(world(DRAWN))] == [INPUTS, DELAYS, DEFAULTS, PRICES, SHUTDOWNS]
    assert [stage.name for stage in stages(world("plans.mine.stops=never"))] == [DELAYS, DEFAULTS, PRICES]
    assert [stage.name for stage in stages(world("plans.mine.stops=best"))] == [DELAYS, DEFAULTS, PRICES, SHUTDOWNS]
    fixed = "uncertainty={others: fixed}"
    assert stages(world(fixed)) == ()
    late = "uncertainty={others: fixed, delay_months: {distribution: uniform, low: 0, high: 9}}"
    assert [stage.name for stage in stages(world(late, "plans.mine.stops=never"))] == [DELAYS]
    assert "rent_usd_per_kw_per_month" in price_names(world().uncertain)


def test_the_last_stage_is_the_world_to_the_bit() -> None:
    for of in (world(DRAWN), world("plans.mine.stops=best"), world("plans.mine.stops=never")):
        for name, plan in evaluate(of.paths(0).scenario).plans.items():
            assert np.array_equal(npvs(of, -1, name), np.broadcast_to(plan.npv_usd, (1024,)))


def test_what_does_not_act_yet_leaves_the_scenario_as_it_is() -> None:
    of = world()
    certain = evaluate(of.given).plans
    assert set(npvs(of, 0, "mine").tolist()) == {certain["mine"].npv_usd[0]}
    late = npvs(of, 0, "lease")
    draw = of.draw(0)
    on_time = np.flatnonzero(np.rint(draw.values["delay_months"]) == 0.0)
    assert on_time.size
    dearer = of.draw(0).values["capex_usd_per_critical_mw"][on_time] > 1.0
    assert ((late[on_time] < certain["lease"].npv_usd[0]) == dearer).all()
    never = draw.values["tenant_default"] > 4.0  # after the horizon
    assert np.array_equal(npvs(of, 1, "lease")[never], late[never])
    assert (npvs(of, 1, "lease")[~never] != late[~never]).any()


def test_before_the_last_stage_fleets_stop_as_the_scenario_says() -> None:
    """Kept for good where nobody said when; at each path's own best where it says that."""
    never = world("plans.mine.stops=never")
    assert np.array_equal(npvs(world(), 2, "mine"), npvs(never, 2, "mine"))
    assert (npvs(world("plans.mine.stops=best"), 2, "mine") >= npvs(never, 2, "mine") - 1e-6).all()
    assert stages(world())[2].world.stops_assumed == {}
