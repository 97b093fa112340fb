"""Which plans choose a stop by its worth, and that the choice is another number where the stop is another month."""

from __future__ import annotations

import numpy as np

from minecalc.engine import evaluate
from minecalc.scenario.varying import vary
from minecalc.solving.gap import choices, chooses
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared

PRICE = "market.hash_price_usd_per_ph_per_day"
CAPEX = "plans.lease.conversion.capex_usd_per_critical_mw"
#: Machines lose value, so that it may be worth more to sell them at once than to run them.
SMART = MINER | {"stops": "best", "machine_resale_usd_per_th": {"start": 12, "growth_fraction_per_year": -0.6}}


def test_a_stop_that_is_not_typed_of_the_plan_or_of_what_may_run_meanwhile_is_a_choice() -> None:
    def found(other: Data) -> list[bool]:
        scenario = compared({"smart": SMART, "other": other}).scenario
        return [chooses(scenario, name) for name in ("smart", "other")]

    assert found(MINER | {"stops": "2028-01"}) == [True, False]
    assert found(MINER | {"stops": {"unpaid_months": 3}}) == [True, True]
    assert found(LEASE) == [True, False]
    assert found(LEASE | {"conversion": CONVERSION | {"meanwhile": "smart"}}) == [True, True]


def test_choices_differ_where_months_unpaid_shut_a_fleet() -> None:
    shuts = MINER | {"stops": {"unpaid_months": 3}, "machine_resale_usd_per_th": 5, "opex_usd_per_mw_per_year": 1e4}
    scenario = vary(compared({"shuts": shuts, "lease": LEASE}).scenario, {PRICE: np.array([5.0, 6.0, 30.0])})
    shut, still_shut, runs = choices(evaluate(scenario).plans["shuts"]).tolist()
    assert shut == still_shut
    assert shut != runs


def test_choices_differ_where_the_stop_does() -> None:
    prices = np.array([10.0, 12.0, 40.0, 50.0])
    scenario = vary(compared({"smart": SMART, "lease": LEASE}).scenario, {PRICE: prices})
    sold, still_sold, kept, still_kept = choices(evaluate(scenario).plans["smart"]).tolist()
    assert sold == still_sold
    assert kept == still_kept
    assert sold != kept


def test_what_a_month_that_is_shut_off_or_a_price_of_nothing_takes_is_no_choice() -> None:
    """No pool's fee in months that do not pay, and no line of money where its price is zero."""
    plans = {"mine": MINER | {"pool_fee_fraction": 0.02}, "lease": LEASE | {"conversion": CONVERSION}}
    scenario = compared(plans).scenario
    numbers = {PRICE: np.array([5.0, 30.0, 30.0]), CAPEX: np.array([1e6, 1e6, 0.0])}
    moved = evaluate(vary(scenario, numbers)).plans
    assert np.ptp(choices(moved["mine"])) == 0.0
    assert np.ptp(choices(moved["lease"])) == 0.0
