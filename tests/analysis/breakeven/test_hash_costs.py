"""What operators know machines by, against the engine: at its shutdown price a machine earns its power, no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.breakeven.hash_costs import (
    HashCost,
    catalogue,
    fleets,
    network_of,
    reference_fleet,
)
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.reference.machines import machines
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.by_hand import LEASE, MINER, compared, line
from tests.cli.running import TEXAS

MARKET = {"btc_price_usd": 100_000, "network_hash_rate_eh_per_s": 1000, "fee_btc_per_block": 0}


def named(plans: dict[str, Any], baseline: str) -> str | None:
    """The mine that machines on record are run as."""
    own = reference_fleet(compared(plans, baseline=baseline).scenario)
    return None if own is None else own.name


def by_name(costs: list[HashCost]) -> dict[str, HashCost]:
    return {cost.name: cost for cost in costs}


def test_a_fleet_on_paper() -> None:
    """A PH/s of the site's fleet burns 240 kWh a day, 12 USD, and earns 20."""
    (fleet,) = fleets(compared({"mine": MINER | {"pool_fee_fraction": 0.02}, "lease": LEASE}).scenario)
    assert fleet.name == "mine"
    assert fleet.hash_cost_usd_per_ph_per_day == pytest.approx(12)
    assert fleet.hash_price_usd_per_ph_per_day == pytest.approx(20)
    assert fleet.break_even_usd_per_kwh == pytest.approx(20 * 0.98 / 240)
    assert fleet.shutdown_hash_price_usd_per_ph_per_day == pytest.approx(12 / 0.98)
    assert fleet.power_usd_per_btc is None, "nobody says how many BTC it mines"


def test_a_hash_price_given_directly_is_turned_into_bitcoin_at_the_snapshots_network() -> None:
    mine = MINER | {"pool_fee_fraction": 0.02}
    direct, implied = compared({"mine": mine}).scenario, compared({"mine": mine}, market={}).scenario
    (fleet,), (other,) = fleets(direct), fleets(implied)
    assert fleet.shutdown_btc_price_usd == other.shutdown_btc_price_usd
    assert fleet.shutdown_btc_price_usd is not None
    assert network_of(direct) == "2026-06"
    assert network_of(implied) is None
    assert {cost.shutdown_btc_price_usd for cost in catalogue(direct)} == {
        cost.shutdown_btc_price_usd for cost in catalogue(implied)
    }


def test_a_pool_that_keeps_all_leaves_no_price_to_run_at() -> None:
    (fleet,) = fleets(compared({"mine": MINER | {"pool_fee_fraction": 1}}).scenario)
    assert (fleet.shutdown_hash_price_usd_per_ph_per_day, fleet.shutdown_btc_price_usd) == (None, None)


def at_shutdown_price(scenario: Scenario, price: float) -> tuple[float, float]:
    """What the mine keeps of its revenue in the first year, and what its power costs, at a price of bitcoin."""
    plan = evaluate(vary(scenario, {"market.btc_price_usd": price})).plans["mine"]
    return sum(line(plan, "mining_revenue_usd")[:12]) + sum(line(plan, "pool_fee_usd")[:12]), -sum(
        line(plan, "mining_power_usd")[:12]
    )


def test_at_the_shutdown_price_power_takes_all() -> None:
    mine = MINER | {"pool_fee_fraction": 0.02, "curtail": False, "uptime_fraction": 0.9}
    scenario = compared({"mine": mine}, market=MARKET, months=12).scenario
    (fleet,) = fleets(scenario)
    assert fleet.shutdown_btc_price_usd is not None
    kept, power = at_shutdown_price(scenario, fleet.shutdown_btc_price_usd)
    assert kept == pytest.approx(power, rel=1e-12)
    assert fleet.power_usd_per_btc == pytest.approx(fleet.shutdown_btc_price_usd, rel=1e-12), "a BTC costs that power"


def test_means_are_those_of_the_first_year_and_of_each_use() -> None:
    rising = {"steps": {"2027-01": 0.03, "2027-07": 0.05, "2028-01": 1}}
    cheap = MINER | {"electricity_price_usd_per_kwh": 0.01, "gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    plans = {"mine": MINER, "both": {"uses": {"old": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}, "new": cheap}}}
    site = {"gross_mw": 10, "electricity_price_usd_per_kwh": rising}
    found = by_name(fleets(compared(plans, site=site, market=MARKET).scenario))
    assert found["mine, both: old"].electricity_price_usd_per_kwh == pytest.approx(0.04)
    assert found["both: new"].electricity_price_usd_per_kwh == pytest.approx(0.01)
    assert set(found) == {"mine, both: old", "both: new"}, "fleets that agree in all stand together"


def test_a_fleet_that_never_runs_has_no_cost_per_bitcoin() -> None:
    (fleet,) = fleets(compared({"mine": MINER}, market=MARKET | {"btc_price_usd": 1}).scenario)
    assert fleet.power_usd_per_btc is None
    assert fleet.shutdown_btc_price_usd is not None
    assert fleets(compared({"lease": LEASE}).scenario) == []


def test_every_machine_on_record_at_the_site() -> None:
    scenario = load(TEXAS)
    costs = catalogue(scenario)
    assert {cost.name for cost in costs} == set(machines())
    assert np.all(np.diff([cost.efficiency_j_per_th for cost in costs]) >= 0)
    found = by_name(costs)["antminer-s21"]
    assert (found.pue_ratio, found.pool_fee_fraction, found.electricity_price_usd_per_kwh) == (1.05, 0.005, 0.045)
    assert found.hash_cost_usd_per_ph_per_day == pytest.approx(24 * 17.5 * 1.05 * 0.045)
    assert found.break_even_usd_per_kwh == pytest.approx(
        found.hash_price_usd_per_ph_per_day * 0.995 / (24 * 17.5 * 1.05)
    )
    assert found.power_usd_per_btc is None
    own = reference_fleet(scenario)
    assert own is not None
    assert own.plan.name == "keep mining"


def test_without_a_fleet_a_machine_has_the_pue_of_its_cooling() -> None:
    scenario = compared({"lease": LEASE}, market=MARKET).scenario
    assert reference_fleet(scenario) is None
    found = by_name(catalogue(scenario))
    assert (found["antminer-s21"].pue_ratio, found["antminer-s23-hyd"].pue_ratio) == (1.05, 1.06)
    assert found["antminer-s21"].pool_fee_fraction == 0


def test_the_baselines_fleet_comes_first() -> None:
    plans = {"mine": MINER, "other": MINER | {"pue_ratio": 1.0, "pool_fee_fraction": 0.01}}
    assert catalogue(compared(plans, baseline="other").scenario)[0].pool_fee_fraction == 0.01
    assert catalogue(compared(plans | {"lease": LEASE}, baseline="lease").scenario)[0].pool_fee_fraction == 0
    assert named(plans, "other") == "other"
    both = {"uses": {"old": MINER | {"gross_mw": 10}}}
    assert named({"mine": MINER, "both": both}, "both") == "both: old"
    assert reference_fleet(compared({"lease": LEASE}).scenario) is None
