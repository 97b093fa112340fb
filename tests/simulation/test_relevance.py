"""Which factors have a place in a scenario."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minecalc.factor import Drawn
from minecalc.loading import loads
from minecalc.randomness.processes import t_correlation_kept
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.simulation.relevance import (
    MONTHLY,
    as_quoted,
    block_of,
    building_cost,
    can_default,
    drawn_input,
    has_place,
    is_signed_later,
    uncertain,
)
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS
from minecalc.uses.ai_rates import Rent
from tests.simulation.drawing import NETWORK, POWER, PRICE, RENT, Data, only, scenario

#: Halls that cost nothing, which a file has to say.
BUILT: Data = {"capex_usd_per_critical_mw": 0}

MINE: Data = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1}
LET: Data = {"kind": "colocation", "rent_usd_per_kw_per_month": 100}
LEASE: Data = LET | BUILT
CLOUD: Data = {"kind": "gpu_cloud", "gpu_count": 100, "lease_usd_per_gpu_hour": 2} | BUILT
CONTRACT: Data = {"kind": "gpu_cloud", "gpu_count": 100, "contract": {"value_usd": 1e6, "term_months": 200}} | BUILT
CONVERSION: Data = {"starts": "2027-03", "ready": "2027-05"} | BUILT

MARKET = {"btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"}
RENTED, SOLD = {RENT, "tenant_default"}, {"lease_usd_per_gpu_hour", "utilisation_fraction"}

#: Plans of one use, and the factors that can change what they are worth.
PLACES: dict[str, tuple[Data, set[str]]] = {
    "mine": (MINE, MARKET | {POWER}),
    "lease": (LEASE, RENTED),
    "a published building cost": (LET, RENTED | {"capex_usd_per_critical_mw"}),
    "landlord's power": (LEASE | {"tenant_pays_power": False}, RENTED | {POWER}),
    "conversion": (LET | {"conversion": CONVERSION}, RENTED | {"delay_months"}),
    "paid conversion": (
        LET | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 1}},
        RENTED | {"delay_months", "capex_usd_per_critical_mw"},
    ),
    "fit-out": (CLOUD | {"capex_usd_per_critical_mw": 1}, SOLD | {POWER, "capex_usd_per_critical_mw"}),
    "GPUs": (CLOUD, SOLD | {POWER}),
    "contracted GPUs": (CONTRACT, {POWER, "tenant_default"}),
    "a dated default": (LEASE | {"tenant_default": {"month": "2028-01"}}, set()),
    "a dated default and a renewal": (
        LEASE
        | {"tenant_default": {"month": "2028-01"}, "term_months": 12, "renewal": {"rent_usd_per_kw_per_month": 90}},
        {RENT},
    ),
}


def of(use: Data, uncertainty: Data | None = None, **more: Any) -> Scenario:
    data: Data = {"name": "x", "site": {"gross_mw": 50, "electricity_price_usd_per_kwh": 0.05}, "plans": {"it": use}}
    return loads(json.dumps(data | ({} if uncertainty is None else {"uncertainty": uncertainty}) | more))


@pytest.mark.parametrize("name", PLACES)
def test_factors_have_a_place_where_they_change_something(name: str) -> None:
    use, wanted = PLACES[name]
    found = of(use)
    assert {factor for factor in FACTORS if has_place(found, factor)} == wanted
    assert set(uncertain(found).factors) == wanted


def test_a_hash_price_takes_the_place_of_the_market() -> None:
    found = of(MINE, market={"hash_price_usd_per_ph_per_day": 40})
    assert set(uncertain(found).factors) == {"hash_price_usd_per_ph_per_day", POWER}
    assert set(uncertain(of(MINE, market={"hash_price_usd_per_ph_per_day": {"scale": 2}})).factors) == MARKET | {POWER}


def test_a_rent_signed_at_the_start_and_never_again_is_certain() -> None:
    for terms, moves in (({}, False), ({"signed": "at_ready"}, True), ({"signed": "at_conversion"}, True)):
        block = only(**{RENT: terms}) | {"others": "default", "tenant_default": "fixed"}
        if moves:
            assert set(uncertain(of(LEASE, block)).factors) == {RENT}
    assert uncertain(of(LEASE, {"tenant_default": "fixed"})).factors == {}
    renewed = LEASE | {"term_months": 12, "renewal": {"rent_usd_per_kw_per_month": 90}}
    assert set(uncertain(of(renewed, {"tenant_default": "fixed"})).factors) == {RENT}
    later = Rent(signed="at_ready")
    signed = {"contract": {"value_usd": 1e6, "term_years": 2}, "kind": "colocation"}
    assert [is_signed_later(rent, use) for rent in (Rent(), later) for _, use in of(LEASE).uses()] == [False, True]
    assert not any(is_signed_later(later, use) for _, use in of(signed).uses())


def test_who_can_default() -> None:
    def may(use: Data) -> bool:
        return any(can_default(found) for _, found in of(use).uses())

    assert [may(use) for use in (MINE, LEASE, CLOUD, CONTRACT)] == [False, True, False, True]
    dated = CONTRACT["contract"] | {"tenant_default": {"month": "2028-01"}}
    assert not may(CONTRACT | {"contract": dated})


def test_building_costs() -> None:
    def cost(use: Data) -> float:
        return next(float(building_cost(found)) for _, found in of(use).uses())

    assert cost(LEASE) == 0.0
    assert cost(LEASE | {"capex_usd_per_critical_mw": 5}) == 5.0
    assert cost(LET | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 6}}) == 6.0


def test_factors_come_in_one_order_and_inputs_by_one_spelling() -> None:
    uniform = {"distribution": "uniform", "low": 1, "high": 2}
    block = {
        "electricity_price_usd_per_kwh": {},
        "btc_price_usd": {},
        "inputs": {"plans.rent out.uses.gpus.lease_usd_per_gpu_hour": uniform},
        "correlations": {"plans.rent out.uses.gpus.lease_usd_per_gpu_hour": {"delay_months": 0.5}},
    }
    found = uncertain(scenario(block))
    assert list(found.factors) == [name for name in FACTORS if name in found.factors]
    assert found.given == {"electricity_price_usd_per_kwh", "btc_price_usd"}
    path = 'plans."rent out".uses.gpus.lease_usd_per_gpu_hour'
    assert list(found.inputs) == [path]
    assert found.pairs[path, "delay_months"] == 0.5
    assert as_quoted("plans.rent out.gross_mw") == as_quoted('plans."rent out".gross_mw') == 'plans."rent out".gross_mw'
    assert as_quoted("no.path.") == "no.path."


def test_a_delay_may_be_drawn_beyond_the_horizon() -> None:
    assert drawn_input(scenario(), "plans.lease.conversion.delay_months").high == 240.0
    assert movable(scenario(), "plans.lease.conversion.delay_months").high < 36
    assert drawn_input(scenario(), "site.gross_mw") == movable(scenario(), "site.gross_mw")


def test_correlations_of_what_is_certain_fall_away() -> None:
    (pair,) = DEFAULT_CORRELATIONS
    assert uncertain(scenario()).pairs == {pair: DEFAULT_CORRELATIONS[pair][0]}
    assert uncertain(scenario({PRICE: "fixed"})).pairs == {}
    assert uncertain(of(LEASE)).pairs == {}
    assert uncertain(scenario(only(**{PRICE: {}, NETWORK: {}}))).pairs == {}


def test_the_bootstrap_brings_its_own_correlation() -> None:
    assert not uncertain(scenario()).bootstraps
    found = uncertain(scenario({PRICE: {"model": "bootstrap"}}))
    assert found.bootstraps
    assert found.pairs == {}


def test_normals_behind_student_t_steps_are_correlated_more() -> None:
    block = {
        PRICE: {"model": "student_t", "degrees_of_freedom_count": 3},
        "correlations": {PRICE: {POWER: 0.3}, POWER: {NETWORK: 0.2}},
    }
    found = uncertain(scenario(block))
    kept = t_correlation_kept(3.0)
    assert kept < 0.85
    assert found.shock_pairs() == {
        (PRICE, NETWORK): DEFAULT_CORRELATIONS[PRICE, NETWORK][0] / kept,
        (PRICE, POWER): 0.3 / kept,
        (POWER, NETWORK): 0.2,
    }
    assert found.kept((POWER, PRICE)) == kept
    plain = uncertain(scenario({"correlations": {PRICE: {POWER: 0.3}}}))
    assert plain.shock_pairs() == plain.pairs


def test_factors_are_drawn_monthly_or_once() -> None:
    for name, model in FACTORS.items():
        assert (name in MONTHLY) == (not issubclass(model, Drawn) and name != "tenant_default")


def test_without_a_block_all_is_by_default() -> None:
    plain = of(LEASE)
    assert plain.uncertainty is None
    assert block_of(plain).factors == {}
    given = of(LEASE, {"others": "fixed"})
    assert block_of(given) is given.uncertainty
    assert uncertain(given).factors == {}
