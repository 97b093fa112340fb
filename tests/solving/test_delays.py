"""Whether being late is worth money, and to what it is owed."""

from __future__ import annotations

from minecalc.engine import evaluate
from minecalc.scenario.movables import movable
from minecalc.scenario.stacking import stacks
from minecalc.solving.delays import Gain, delay_note, gain_notes, largest_gain, late
from minecalc.solving.gap import Question
from minecalc.solving.screen import break_evens
from minecalc.solving.solve import solve_each
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data, compared

LATE = "plans.it.conversion.delay_months"


def gain(use: Data) -> str | None:
    scenario = compared({"mine": MINER, "it": use}).scenario
    told = delay_note(scenario, movable(scenario, LATE))
    assert break_evens(evaluate(scenario))["it"][LATE].note == told
    return told


def test_a_lease_that_pays_gains_nothing_by_being_late() -> None:
    assert gain(LEASE | {"conversion": CONVERSION}) is None


def test_what_is_bought_later_at_a_lower_price_is_named() -> None:
    falling = {"start": 24_000, "growth_fraction_per_year": -0.9}
    told = gain(CLOUD | {"conversion": CONVERSION, "capex_usd_per_gpu": falling, "life_months": 24})
    assert told is not None
    assert told == (
        "a delay of 2 months raises the plan's NPV by $1.00M, and the line that gains most is GPUs bought (+$3.56M)"
    )


def test_a_building_that_is_not_paid_for_within_the_horizon_is_named() -> None:
    told = gain(LEASE | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 5e7}})
    assert told is not None
    assert "the line that gains most is building (+" in told


def test_each_of_many_scenarios_is_late_as_it_is_alone() -> None:
    """A ranking search looks at all delays of all cases; what mines until then reads the delay of the other plan."""
    falling = {"start": 24_000, "growth_fraction_per_year": -0.9}
    several = [
        compared(
            {
                "mine": MINER,
                "it": CLOUD
                | {"capex_usd_per_gpu": falling | {"start": price}, "life_months": 24}
                | {"conversion": CONVERSION | {"meanwhile": "mine"}},
            },
            site=SITE | {"electricity_price_usd_per_kwh": power},
        ).scenario
        for price, power in ((24_000, 0.05), (20_000, 0.04), (12_000, 0.06), (30_000, 0.06))
    ]
    delays = [movable(one, LATE) for one in several]
    (stack,) = stacks(several)
    solved = solve_each(stack.scenario, [(delays, Question("it", "mine"))])
    gains: dict[int, Gain] = {}
    for number, (scenario, delay, (own,)) in enumerate(zip(several, delays, solved, strict=True)):
        for name, side in (("it", 0), ("mine", 1)):
            (steps,) = own.steps
            alone = late(evaluate(scenario).plans[name], delay._replace(present=1.0))
            count = len(alone.months)
            assert steps.x[1 : count + 1].tolist() == alone.months.tolist() == list(range(1, count + 1))
            assert steps.worth_usd[side, 1 : count + 1].tolist() == alone.worth_usd.tolist()
            assert steps.residual_usd[side, 1 : count + 1].tolist() == alone.residual_usd.tolist()
        gain = largest_gain(late(evaluate(scenario).plans["it"], delay))
        if gain is not None:
            gains[number] = gain
    places = [3, 0]
    assert set(gains) >= set(places)
    told = gain_notes(
        evaluate(stack.scenario).plans["it"], places, [delays[k] for k in places], [gains[k] for k in places]
    )
    assert list(told) == [delay_note(several[k], delays[k]) for k in places]
