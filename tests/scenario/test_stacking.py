"""Scenarios of one shape as the cases of one: which go together, and that each stays what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.scenario.stacking import shape, stacks
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data

CONVERTED = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}


def scenario(*, mine: Data = MINER, lease: Data = CONVERTED, market: Data = MARKET, **more: Any) -> Scenario:
    data = {"name": "it", "months": 24, "site": SITE, "market": market, "plans": {"mine": mine, "lease": lease}} | more
    return loads(json.dumps(data))


def together(*several: Scenario) -> list[list[int]]:
    return [list(stack.places) for stack in stacks(several)]


GROWS = {"hash_price_usd_per_ph_per_day": {"start": 20, "growth_fraction_per_year": 0.1}}
LATER = CONVERSION | {"starts": "2027-04", "delay_months": 0, "meanwhile": "mine"}


@pytest.mark.parametrize(
    "other",
    [
        scenario(name="another", require=["site.gross_mw > 1"]),
        scenario(lease=CONVERTED | {"rent_usd_per_kw_per_month": 99.5}),
        scenario(lease=LEASE | {"conversion": CONVERSION | {"starts": "2027-04", "meanwhile": "mine"}}),
        scenario(market={"hash_price_usd_per_ph_per_day": 21}),
        scenario(site=SITE | {"gross_mw": 11, "electricity_price_usd_per_kwh": 0.06}),
    ],
)
def test_numbers_and_dates_may_differ_within_a_shape(other: Scenario) -> None:
    assert together(scenario(), other) == [[0, 1]]


@pytest.mark.parametrize(
    "other",
    [
        scenario(months=25),
        scenario(start="2027-02"),
        scenario(baseline="lease"),
        scenario(mine=MINER | {"stops": "best"}),
        scenario(lease=LEASE),
        scenario(lease=CONVERTED | {"pue_ratio": 1.2}),
        scenario(lease=CLOUD),
        scenario(market=GROWS),
        scenario(market={"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20}}}),
    ],
)
def test_what_is_no_number_keeps_scenarios_apart(other: Scenario) -> None:
    assert together(scenario(), other) == [[0], [1]]
    assert shape(scenario()).form != shape(other).form


def test_each_case_of_a_stack_is_worth_what_its_scenario_is_to_the_bit() -> None:
    several = [
        scenario(
            lease=CONVERTED | {"rent_usd_per_kw_per_month": 90.0 + 7.3 * n},
            market={"hash_price_usd_per_ph_per_day": {"start": 20 + n, "growth_fraction_per_year": 0.1 * n}},
        )
        for n in range(3)
    ]
    (stack,) = stacks(several)
    assert stack.scenario.cases == 3
    assert {*stack.scenario.columns} == {
        "plans.lease.rent_usd_per_kw_per_month",
        "market.hash_price_usd_per_ph_per_day.start",
        "market.hash_price_usd_per_ph_per_day.growth_fraction_per_year",
    }
    worth = {name: plan.npv_usd for name, plan in evaluate(stack.scenario).plans.items()}
    for case, own in enumerate(several):
        for name, plan in evaluate(own).plans.items():
            assert worth[name][case] == plan.npv_usd[0]


def test_scenarios_that_are_equal_are_cases_all_the_same() -> None:
    (stack,) = stacks([scenario(), scenario(), scenario()])
    assert (list(stack.places), stack.scenario.cases) == ([0, 1, 2], 3)


def test_a_scenario_alone_in_its_shape_stays_as_it_is() -> None:
    one, other = scenario(), scenario(months=25)
    assert [stack.scenario for stack in stacks([one])] == [one]
    assert [stack.scenario is own for stack, own in zip(stacks([one, other]), (one, other), strict=True)] == [True] * 2
    assert stacks([]) == []


def test_scenarios_of_many_uses_stay_alone() -> None:
    halls = {"uses": {f"hall {n}": LEASE | {"gross_mw": 1} for n in range(9)}}
    assert together(scenario(lease=halls), scenario(lease=halls)) == [[0], [1]]


def test_shapes_come_in_the_order_of_the_first_of_each() -> None:
    a, b = scenario(), scenario(months=25)
    assert together(b, a, b, a, a) == [[0, 2], [1, 3, 4]]
