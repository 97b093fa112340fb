"""One number in place of a path at which two plans are level, and that a run with it shows them level."""

from __future__ import annotations

import pytest

from minecalc.engine import evaluate
from minecalc.scenario.movables import movable
from minecalc.scenario.stacking import stacks
from minecalc.scenario.varying import vary
from minecalc.solving.flat import Flat, Sought, flat_levels, flat_levels_of_each
from minecalc.solving.gap import Question
from tests.by_hand import LEASE, MINER, compared

PRICE = "market.hash_price_usd_per_ph_per_day"
POWER = "site.electricity_price_usd_per_kwh"
FALLING = {"hash_price_usd_per_ph_per_day": {"start": 40, "growth_fraction_per_year": -0.3}}
MARKET = {"btc_price_usd": {"steps": {"2027-01": 60_000, "2028-01": 90_000}}, "network_hash_rate_eh_per_s": 900}


@pytest.mark.parametrize(
    ("path", "market"),
    [(PRICE, FALLING), (PRICE, MARKET), ("market.btc_price_usd", MARKET)],
    ids=["given", "implied", "BTC"],
)
def test_a_run_with_the_number_in_every_month_is_level(path: str, market: dict[str, object]) -> None:
    scenario = compared({"mine": MINER, "let": LEASE}, market=market).scenario
    (found,) = flat_levels(scenario, [(movable(scenario, path), Question("let", "mine"))])
    assert found.value is not None
    level = evaluate(vary(scenario, {path: found.value}))
    assert float(level.difference_npv_at_scenario_rate_usd("let")[0]) == pytest.approx(0.0, abs=1.0)
    assert found.set == f"{path}={found.value!r}"


def test_what_is_flat_already_or_level_nowhere_has_none() -> None:
    scenario = compared({"mine": MINER, "let": LEASE}).scenario
    assert flat_levels(scenario, [(movable(scenario, PRICE), Question("let", "mine"))]) == [Flat()]
    season = {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.05, "2028-01": 0.04}}, "gross_mw": 10}
    leases = compared({"a": LEASE, "b": LEASE | {"rent_usd_per_kw_per_month": 90}}, site=season).scenario
    assert flat_levels(leases, [(movable(leases, POWER), Question("b", "a"))]) == [Flat()]


@pytest.mark.parametrize("path", [PRICE, "market.btc_price_usd"])
def test_of_many_cases_each_has_the_bits_of_its_own(path: str) -> None:
    """Even where a column of the price of bitcoin would forbid the hash price that it implies."""
    markets = [
        MARKET | {"btc_price_usd": {"start": start, "growth_fraction_per_year": 0.2}} for start in (4e4, 5e4, 6e4)
    ]
    scenarios = [compared({"mine": MINER, "let": LEASE}, market=market).scenario for market in markets]
    (stack,) = stacks(scenarios)
    asked = [Sought(case, movable(scenarios[case], path), Question("let", "mine")) for case in (2, 0)]
    alone = [flat_levels(scenarios[case], [(of, question)])[0] for case, of, question in asked]
    assert flat_levels_of_each(stack.scenario, scenarios, asked) == alone
    assert None not in {flat.value for flat in alone}
