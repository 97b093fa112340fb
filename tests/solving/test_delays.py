"""Whether being late is worth money, and to what it is owed."""

from __future__ import annotations

import pytest

from minecalc.engine import evaluate
from minecalc.scenario.movables import movable
from minecalc.scenario.stacking import stacks
from minecalc.solving.delays import gain_by_delay, late, late_each
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data, compared

LATE = "plans.it.conversion.delay_months"


def gain(use: Data) -> str | None:
    evaluation = compared({"mine": MINER, "it": use})
    delay = movable(evaluation.scenario, LATE)
    return gain_by_delay(late(evaluation.plans["it"], delay))


def test_a_lease_that_pays_gains_nothing_by_being_late() -> None:
    assert gain(LEASE | {"conversion": CONVERSION}) is None


def test_what_is_bought_later_at_a_lower_price_is_named() -> None:
    falling = {"start": 24_000, "growth_fraction_per_year": -0.9}
    told = gain(CLOUD | {"conversion": CONVERSION, "capex_usd_per_gpu": falling, "life_months": 24})
    assert told is not None
    assert told == ("a delay of 2 months raises the plan's NPV by $1M, most of it by gpus_bought_usd (+$3.56M)")


def test_a_building_that_is_not_paid_for_within_the_horizon_is_named() -> None:
    told = gain(LEASE | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 5e7}})
    assert told is not None
    assert "most of it by building_usd" in told


@pytest.mark.parametrize("of", ["it", "mine"])
def test_each_of_many_scenarios_is_late_as_it_is_alone(of: str) -> None:
    """What mines until then reads the delay only through the plan that converts."""
    several = [
        compared(
            {
                "mine": MINER,
                "it": LEASE | {"rent_usd_per_kw_per_month": rent, "conversion": CONVERSION | {"meanwhile": "mine"}},
            },
            site=SITE | {"electricity_price_usd_per_kwh": price},
        )
        for rent, price in ((80, 0.05), (100, 0.04), (120, 0.06))
    ]
    delays = [movable(one.scenario, LATE) for one in several]
    (stack,) = stacks([one.scenario for one in several])
    many = late_each(evaluate(stack.scenario).plans[of], [2, 0], [delays[2], delays[0]])
    for found, case in zip(many, (2, 0), strict=True):
        alone = late(several[case].plans[of], delays[case])
        assert found.months.tolist() == alone.months.tolist()
        ours, theirs = (one.own(one.plan.npv_at_scenario_rate_usd).tolist() for one in (found, alone))
        assert ours == theirs
        assert gain_by_delay(found) == gain_by_delay(alone)
