"""From what compare says to what simulate prints: the first step, the last, and what lies between."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.compare.record import compare
from minecalc.analysis.simulate.bridges import Staged, bridges
from minecalc.analysis.simulate.question import Simulation
from minecalc.analysis.simulate.run import NPV, Run
from minecalc.engine import evaluate
from tests.analysis.simulate.test_question import LONE, THREE
from tests.analysis.simulate.worlds import CERTAIN, ONLY_LEASE, TWO, answer, world

_RATE = "plans.lease.discount_rate_fraction_per_year=0.08"
_MORE = 10_240


def check(found: Simulation) -> None:
    """What holds of every bridge."""
    record = {plan["name"]: plan for plan in compare(found.scenario, with_break_evens=False)["plans"]}
    for name, one in found.bridges.items():
        outcome = found.outcomes.of(name)
        assert one.npv[0].usd.number == record[name]["metrics"]["npv_usd"]
        assert one.npv[-1].usd == outcome.npv.mean
        assert bool(one.lead) == (outcome.against is not None)
        if outcome.against is not None:
            compared = record[name]["vs_baseline"]["npv_difference_at_scenario_rate_usd"]
            assert one.lead[0].usd.number == compared
            assert one.lead[-1].usd == outcome.against.difference.mean
        for steps in (one.npv, one.lead):
            size = max((abs(step.usd.number or 0.0) for step in steps), default=0.0)
            total = math.fsum(step.usd.number or 0.0 for step in steps[:-1])
            assert total == pytest.approx(steps[-1].usd.number if steps else 0.0, abs=1e-9 * size)


def test_they_begin_with_compare_add_up_and_end_with_the_mean() -> None:
    for found in (answer(), answer(paths=_MORE), answer(text=THREE), answer(_RATE, paths=_MORE), answer(text=LONE)):
        check(found)
    names = [step.name for step in answer().bridges["lease"].lead]
    assert names == ["scenario", "delays_and_overruns", "tenant_defaults", "prices", "mining_shutdowns", "mean"]
    assert [answer(paths=paths).bridges["lease"].paths for paths in (700, _MORE)] == [700, 4096]


def test_inputs_are_a_step_and_what_is_certain_is_none() -> None:
    found = answer(ONLY_LEASE, "plans.mine.stops=never")
    check(found)
    assert [step.name for step in found.bridges["lease"].lead] == ["scenario", "inputs", "mean"]
    assert found.bridges["mine"].npv[1].usd.number == 0.0
    check(answer(CERTAIN))
    assert [step.name for step in answer(CERTAIN).bridges["lease"].npv] == ["scenario", "mean"]


def test_a_step_is_the_mean_of_differences_on_the_same_paths() -> None:
    """By hand: delays and building costs put into the scenario's own inputs, path by path."""
    found, of = answer(), world()
    draw = of.draw(0)
    late, dearer = np.rint(draw.values["delay_months"]), draw.values["capex_usd_per_critical_mw"]
    from minecalc.scenario.varying import vary

    moved = vary(
        of.given,
        {
            "plans.lease.conversion.delay_months": late,
            "plans.lease.conversion.capex_usd_per_critical_mw": 3e6 * dearer,
        },
        used_ranges=False,
    )
    mean = float(np.mean(evaluate(moved).difference_npv_at_scenario_rate_usd("lease")))
    scenario, delays = found.bridges["lease"].lead[:2]
    assert (scenario.usd.number or 0.0) + (delays.usd.number or 0.0) == pytest.approx(mean, rel=1e-9)


def test_other_draws_and_worlds_that_do_not_count_add_up_too() -> None:
    drawn = "{distribution: normal, mean: 0.15, sd: 0.1}"
    check(answer(f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}", paths=_MORE))
    from minecalc.work.processes import Processes
    from tests.analysis.simulate.worlds import collected

    of = world(draws="antithetic")
    run = Run(of, tuple(of.scenario.plans), 5120)
    those = collected(run)
    certain = {(plan, NPV): float(one.npv_usd[0]) for plan, one in evaluate(of.given).plans.items()}
    lead = bridges(run, those, certain, Processes(1))["lease"].lead
    gap = those.sample("lease").values - those.sample("mine").values
    assert math.fsum(step.usd.number or 0.0 for step in lead[:-1]) == pytest.approx(float(np.mean(gap)), rel=1e-9)


def test_no_more_blocks_are_evaluated_than_said() -> None:
    of = world(TWO)
    assert Staged(Run(of, ("mine", "lease"), 100_000)).blocks == 4
    assert Staged(Run(of, ("mine", "lease"), 1025)).blocks == 2
