"""Whether being late is worth money, and to what it is owed."""

from __future__ import annotations

from minecalc.levers import lever
from minecalc.solving.delays import gain_by_delay, late
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared

LATE = "plans.it.conversion.delay_months"


def gain(use: Data) -> str | None:
    evaluation = compared({"mine": MINER, "it": use})
    delay = lever(evaluation.scenario, LATE)
    return gain_by_delay(late(evaluation.plans["it"], delay), delay)


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
