"""Rules of simulation, on worlds and what plans are worth in them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.loading import load, loads
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, Draws, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.relevance import has_place
from minecalc.simulation.world import World
from minecalc.uncertainty.block import Uncertainty
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared
from tests.invariants.rules import NAMES, SHIPPED, holds, scenario_of, uses_of
from tests.randomly import randomly
from tests.randomness.measuring import ERRORS, has_mean
from tests.strategies import scenarios

ONE: Data = {"distribution": "uniform", "low": 1, "high": 1}
NONE: Data = {"distribution": "uniform", "low": 0, "high": 0}
STILL: Data = {"volatility_fraction_per_year": 0}
STEADY: Data = STILL | {"trend_sd_fraction_per_year": 0}

#: Every factor without anything that moves.
CALM: dict[str, Data] = {
    "btc_price_usd": STEADY,
    "network_hash_rate_eh_per_s": STEADY,
    "hash_price_usd_per_ph_per_day": STILL,
    "fee_btc_per_block": STILL | {"spikes_per_year_count": 0},
    "electricity_price_usd_per_kwh": STILL,
    "rent_usd_per_kw_per_month": STILL,
    "lease_usd_per_gpu_hour": STILL,
    "utilisation_fraction": ONE,
    "capex_usd_per_critical_mw": ONE,
    "delay_months": NONE,
    "tenant_default": {"probability_fraction_per_year": 0},
}


def worths(scenario: Scenario, block: int = 0, seed: int = 1, draws: Draws = "independent") -> dict[str, FloatArray]:
    """What every plan is worth on each path of a block, and that none of them is impossible."""
    paths = World(scenario, Sampler(seed, draws)).paths(block)
    assert not paths.impossible
    plans = evaluate(paths.scenario).plans
    return {name: np.broadcast_to(plan.npv_usd, (BLOCK_PATHS,)) for name, plan in plans.items()}


def worths_possible(scenario: Scenario) -> dict[str, FloatArray]:
    """What every plan is worth on each path of a block, impossible ones included."""
    plans = evaluate(World(scenario, Sampler(1)).paths(0).scenario).plans
    assert all(np.isfinite(plan.net_usd).all() for plan in plans.values())
    return {name: np.broadcast_to(plan.npv_usd, (BLOCK_PATHS,)) for name, plan in plans.items()}


def certain(scenario: Scenario) -> dict[str, float]:
    return {name: float(plan.npv_usd[0]) for name, plan in evaluate(scenario).plans.items()}


def uncertain(plain: Scenario, terms: dict[str, Data]) -> Scenario:
    """``plain`` with these factors, as far as it has a place for them."""
    block = {name: given for name, given in terms.items() if has_place(plain, name)}
    return plain.model_copy(update={"uncertainty": Uncertainty.read(block)})


@holds("volatility-zero")
@pytest.mark.parametrize("file", SHIPPED, ids=NAMES)
def test_a_calm_world_is_the_scenario_itself(file: str) -> None:
    plain = load(file)
    found = worths(uncertain(plain, CALM))
    for name, worth in certain(plain).items():
        assert np.all(found[name] == worth), name


@holds("volatility-zero")
@randomly(8)
@given(scenarios(48))
def test_calm_worlds_of_random_scenarios(data: Data) -> None:
    plain = scenario_of(data)
    found = worths(uncertain(plain, CALM))
    for name, worth in certain(plain).items():
        assert np.all(found[name] == worth), name


@holds("volatility-zero")
@pytest.mark.parametrize("model", ["student_t", "gbm"])
@pytest.mark.parametrize("draws", DRAWS)
def test_calm_worlds_however_they_are_drawn(model: str, draws: Draws) -> None:
    plans = {"mine": MINER, "lease": LEASE | {"conversion": CONVERSION}, "cloud": CLOUD}
    plain = compared(plans, market={}, discount_rate_fraction_per_year=0.1).scenario
    terms = CALM | {"btc_price_usd": STEADY | {"model": model, "path_is": "mean"}}
    terms["rent_usd_per_kw_per_month"] = STILL | {"signed": "at_ready"}
    found = worths(uncertain(plain, terms), draws=draws)
    for name, worth in certain(plain).items():
        assert found[name] == pytest.approx(np.full(BLOCK_PATHS, worth), rel=1e-12), name
    # what is left out of the calm moves the plans
    moving = worths(uncertain(plain, terms | {"btc_price_usd": {"model": model}}), draws=draws)
    assert moving["mine"].std() > 1.0
    assert moving["lease"].min() == moving["lease"].max()


@holds("identical-alternatives")
@randomly(6)
@given(scenarios(36))
def test_a_plan_and_its_copy_are_worth_the_same_in_every_world(data: Data) -> None:
    name = list(data["plans"])[-1]
    found = worths_possible(scenario_of(data | {"plans": {**data["plans"], "copy": data["plans"][name]}}))
    assert np.array_equal(found["copy"], found[name])


MANY = 24
UNEVEN: Data = {"distribution": "pert", "low": 0.5, "mode": 0.9, "high": 1.9}
NORMAL: Data = {"distribution": "normal", "mean": 100, "sd": 9}

#: Inputs in which a plan's worth is linear, as they are drawn: their mean world is the scenario itself.
LINEAR: dict[str, tuple[str, dict[str, Any]]] = {
    "price": ("mine", {"btc_price_usd": {"path_is": "mean", "volatility_fraction_per_year": 0.4}}),
    "price, student t": ("mine", {"btc_price_usd": {"path_is": "mean", "model": "student_t"}}),
    "price, bootstrap": (
        "mine",
        {"btc_price_usd": {"path_is": "mean", "model": "bootstrap"}, "network_hash_rate_eh_per_s": "fixed"},
    ),
    "fees": ("mine", {"fee_btc_per_block": {"spikes_per_year_count": 0}}),
    "power": ("mine", {"electricity_price_usd_per_kwh": {"volatility_fraction_per_year": 0.4}}),
    "rent": ("lease", {"rent_usd_per_kw_per_month": {"signed": "at_ready", "volatility_fraction_per_year": 0.4}}),
    "GPU rate": ("cloud", {"lease_usd_per_gpu_hour": {}}),
    "utilisation": ("cloud", {"utilisation_fraction": {"distribution": "uniform", "low": 0.5, "high": 1.5}}),
    "build cost": ("lease", {"capex_usd_per_critical_mw": UNEVEN}),
    "an input": ("lease", {"inputs": {"plans.lease.rent_usd_per_kw_per_month": NORMAL}}),
}


def linear(block: dict[str, Any]) -> Scenario:
    """Plans without curtailment, whose GPUs are half sold."""
    mine = MINER | {"curtail": False}
    cloud = CLOUD | {"utilisation_fraction": 0.5}
    plans = {"mine": mine, "lease": LEASE | {"conversion": CONVERSION}, "cloud": cloud}
    data: Data = {"name": "linear", "months": 24, "plans": plans, "market": {"btc_price_usd": 6e4}}
    data["site"] = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
    return loads(json.dumps(data | {"uncertainty": {"others": "fixed"} | block}))


@holds("expected-vs-deterministic")
@pytest.mark.parametrize("name", LINEAR)
def test_the_mean_world_is_the_scenario_where_worth_is_linear(name: str) -> None:
    plan, block = LINEAR[name]
    scenario = linear(block)
    found = np.concatenate([worths(scenario, number)[plan] for number in range(MANY)])
    worth = certain(scenario)[plan]
    assert has_mean(found, worth)
    assert not has_mean(found, worth + 10 * found.std() / np.sqrt(found.size))
    assert found.std() > 1e-3 * abs(worth)


@holds("expected-vs-deterministic")
def test_a_fleet_that_may_stop_is_worth_more_than_in_the_mean_world() -> None:
    """The right to shut off is an option: worth is convex in the price."""
    plans = {"mine": MINER}
    data: Data = {"name": "x", "months": 24, "plans": plans, "market": {"btc_price_usd": 4e4}}
    data["site"] = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
    block = {"others": "fixed", "btc_price_usd": {"path_is": "mean"}}
    scenario = loads(json.dumps(data | {"uncertainty": block}))
    found = np.concatenate([worths(scenario, number)["mine"] for number in range(4)])
    assert found.mean() > certain(scenario)["mine"] + ERRORS * found.std() / np.sqrt(found.size)


@holds("seed")
@pytest.mark.parametrize("draws", ["independent", "antithetic"])
def test_a_seed_gives_the_same_bytes_and_another_a_change_like_the_error(draws: Draws) -> None:
    scenario = linear({"btc_price_usd": {}, "lease_usd_per_gpu_hour": {}})
    found = [worths(scenario, seed=seed, draws=draws) for seed in (1, 1, 2)]
    for name in ("mine", "cloud"):
        assert found[0][name].tobytes() == found[1][name].tobytes()
        change = abs(float(found[0][name].mean() - found[2][name].mean()))
        error = float(found[0][name].std()) / np.sqrt(BLOCK_PATHS)
        assert 0 < change < ERRORS * np.sqrt(2.0) * error


@holds("order-inputs")
def test_the_order_of_keys_changes_no_world() -> None:
    data: Data = {"name": "x", "months": 12, "site": {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}}
    data["plans"] = {"mine": MINER, "lease": LEASE}
    block = {"btc_price_usd": {"model": "student_t", "degrees_of_freedom_count": 5}, "tenant_default": {}}
    block |= {"correlations": {"btc_price_usd": {"network_hash_rate_eh_per_s": 0.2, "fee_btc_per_block": 0.1}}}
    written = json.dumps(data | {"uncertainty": block})
    backwards = json.dumps({"uncertainty": reordered(block), **data})
    first, second = (worths(loads(text)) for text in (written, backwards))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def reordered(data: Any) -> Any:
    return {key: reordered(data[key]) for key in reversed(data)} if isinstance(data, dict) else data


@holds("monotone-lease-rate")
@randomly(6)
@given(scenarios(36))
def test_a_higher_rent_never_makes_it_less_likely_that_a_lease_wins(data: Data) -> None:
    data.pop("baseline", None)
    world = World(scenario_of(data), Sampler(1))
    draw = world.draw(0)
    baseline = next(iter(data["plans"]))
    for name, plan in data["plans"].items():
        keys = [key for key in ("rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour") if key in plan]
        for path in [f'plans."{name}".{key}' for key in keys]:
            chances = []
            for value in (0.5, 2.0, 60.0, 300.0):
                plans = evaluate(world.applied(draw, {path: value}).scenario, [name]).plans
                chances.append(float(np.mean(plans[name].npv_usd > plans[baseline].npv_usd)))
            assert chances == sorted(chances), (path, chances)


def test_the_random_scenarios_hold_leases_and_fleets_to_draw() -> None:
    """So that the rules above are tried on what they are about."""
    kinds: set[str] = set()

    @randomly(12)
    @given(scenarios(48))
    def look(data: Data) -> None:
        kinds.update(use["kind"] for use in uses_of(data))

    look()
    assert kinds == {"bitcoin_mining", "colocation", "gpu_cloud"}
