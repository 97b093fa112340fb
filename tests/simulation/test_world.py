"""Worlds: what decides a draw and what does not, and where a draw goes. What it is worth stands in test_by_path.py."""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, REPLICATES, Draws, Sampler
from minecalc.simulation.world import Draw, World
from minecalc.uncertainty.factors import FACTORS
from tests.randomness.measuring import has_correlation, has_mean, has_share, has_variance
from tests.simulation.drawing import (
    FEES,
    NETWORK,
    PLANS,
    POWER,
    PRICE,
    RATE,
    RENT,
    Data,
    once,
    only,
    scenario,
    some_of,
    world,
)

ROOT = Path(__file__).parents[2]
LEASED = "plans.lease.rent_usd_per_kw_per_month"
UNIFORM: Data = {"distribution": "uniform", "low": 100, "high": 150}
CORRELATED: Data = {"correlations": {PRICE: {NETWORK: 0.5, RENT: 0.2}, "delay_months": {"utilisation_fraction": 0.4}}}
EVERYTHING: Data = CORRELATED | {
    "inputs": {LEASED: UNIFORM, "site.fixed_cost_usd_per_year": UNIFORM},
    RATE: {
        "futures": {
            "boom": {"probability_fraction": 0.5, "rate_ratio": 2},
            "as planned": {"probability_fraction": 0.5, "rate_ratio": 1},
        }
    },
    PRICE: {"model": "student_t"},
}


def same(one: Draw, other: Draw, *but: str) -> bool:
    """Whether two draws agree to the last bit, in what both have, but for these names."""
    first, second = one.values, other.values
    return all(np.array_equal(first[name], second[name]) for name in first.keys() & second.keys() - {*but})


# what decides a draw


@pytest.mark.parametrize("draws", DRAWS)
def test_seed_block_and_sampler_decide(draws: Draws) -> None:
    drawn = world(EVERYTHING, draws=draws)
    first = drawn.draw(3)
    assert set(first.values) == {*FACTORS, *EVERYTHING["inputs"]} - {"hash_price_usd_per_ph_per_day"}
    assert same(drawn.draw(3), first)
    assert same(pickle.loads(pickle.dumps(drawn)).draw(3), first)
    assert same(world(EVERYTHING, draws=draws).draw(3), first)
    otherwise = next(other for other in DRAWS if other != draws)
    others = [world(EVERYTHING, seed=2, draws=draws), world(EVERYTHING, draws=otherwise)]
    for other in (drawn.draw(4), *(different.draw(3) for different in others)):
        for name, values in first.values.items():
            assert not np.array_equal(other.values[name], values), name


def test_a_draw_does_not_depend_on_draws_before_it() -> None:
    drawn = world(EVERYTHING)
    fresh = world(EVERYTHING).draw(7)
    for block in (0, 3, 7, 1):
        drawn.paths(block)
    assert same(drawn.draw(7), fresh)


def worths(text: str) -> str:
    """A digest of what all paths of a block are worth, however they are drawn."""
    given: dict[str, Any] = {"text": text}
    exec(_WORTHS, given)
    return str(given["digest"])


#: In a process of its own it shall read nothing but what it needs.
_WORTHS = """
import hashlib
from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.randomness.streams import DRAWS, Sampler
from minecalc.simulation.world import World
found = hashlib.sha256()
for draws in DRAWS:
    for plan in evaluate(World(loads(text), Sampler(5, draws)).paths(2).scenario).plans.values():
        found.update(plan.npv_usd.tobytes())
digest = found.hexdigest()
"""


def test_another_process_draws_the_same_bytes() -> None:
    text = json.dumps(written(EVERYTHING))
    code = f"import sys\ntext = sys.argv[1]\n{_WORTHS}print(digest)"
    command = [sys.executable, "-c", code, text]
    other = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120, cwd=ROOT)
    assert other.stdout.strip() == worths(text)


def written(uncertainty: Data, **more: Any) -> Data:
    data: Data = {"name": "drawn", "months": 36, "site": {"gross_mw": 40, "electricity_price_usd_per_kwh": 0.05}}
    return data | {"plans": PLANS, "uncertainty": uncertainty} | more


def reordered(data: Any) -> Any:
    """``data`` with all keys the other way round."""
    return {key: reordered(data[key]) for key in reversed(data)} if isinstance(data, dict) else data


@pytest.mark.parametrize("draws", DRAWS)
def test_the_order_of_keys_means_nothing(draws: Draws) -> None:
    first = World(loads(json.dumps(written(EVERYTHING))), Sampler(1, draws)).paths(0)
    found = World(loads(json.dumps(reordered(written(EVERYTHING)))), Sampler(1, draws)).paths(0)
    assert same(first.draw, found.draw)
    worth = evaluate(first.scenario)
    for name, plan in evaluate(found.scenario).plans.items():
        assert np.array_equal(plan.npv_usd, worth.plans[name].npv_usd)


def test_other_factors_leave_a_factor_as_it_is() -> None:
    """Its stream is its own; only what is correlated with it, or drives it, moves it."""
    terms: Data = {PRICE: {}, POWER: {}, RATE: {}, FEES: {}, RENT: {"signed": "at_ready"}, "tenant_default": {}}
    together = world(only(**terms)).draw(0)
    for name in terms:
        alone = world(only(**{name: terms[name]})).draw(0)
        assert set(alone.values) == {name}
        assert same(alone, together), name
    # nor does a plan more, an input drawn, or a correlation of others
    more = PLANS | {"another": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.5}}
    assert same(world(only(**terms), plans=more).draw(0), together)
    assert same(world(only(**terms, inputs={LEASED: UNIFORM})).draw(0), together)
    assert same(world(only(**terms, correlations={PRICE: {RENT: 0.5}})).draw(0), together, RENT)
    assert not same(world(only(**terms, correlations={PRICE: {RENT: 0.5}})).draw(0), together)


def test_the_correlation_changes_what_is_correlated() -> None:
    weak, strong = (world({"correlations": {PRICE: {POWER: value}}}).draw(0) for value in (0.1, 0.2))
    assert same(weak, strong, POWER)
    assert not same(weak, strong)


def test_a_longer_horizon_begins_with_the_same_months() -> None:
    short, long = world(months=24).draw(0), world(months=36).draw(0)
    for name, drawn in short.values.items():
        if name != FEES:  # whose crowded months are drawn by month and path together
            assert np.array_equal(long.values[name][: len(drawn)], drawn), name


# how the methods of drawing differ


def test_antithetic_paths_mirror_each_other() -> None:
    block: Data = {
        PRICE: {"trend_sd_fraction_per_year": 0.2},
        NETWORK: {"hash_price_half_life_months": None},
        FEES: {"spikes_per_year_count": 0},
        "inputs": {LEASED: UNIFORM},
    }
    drawn = world(block, draws="antithetic").draw(1)
    half = BLOCK_PATHS // 2
    for name in (PRICE, NETWORK, POWER, RATE, RENT, FEES):  # about what makes the mean 1
        logs = np.log(drawn.values[name])
        pairs = logs[:, :half] + logs[:, half:]
        assert pairs == pytest.approx(np.broadcast_to(pairs[:, :1], pairs.shape), abs=1e-12), name
    assert drawn.values[LEASED][:half] + drawn.values[LEASED][half:] == pytest.approx(np.full(half, 250.0))
    for name in ("delay_months", "utilisation_fraction", "tenant_default"):
        assert np.array_equal(np.argsort(drawn.values[name][:half]), np.argsort(-drawn.values[name][half:])), name


@pytest.mark.parametrize("draws", ["antithetic", "sobol"])
def test_means_are_the_same_and_more_accurate(draws: Draws) -> None:
    """The mean NPV of GPUs that a rate and a utilisation move: over blocks it varies less than independent draws'."""
    block = only(**{RATE: {}}) | {"inputs": {LEASED: UNIFORM}}
    found: dict[Draws, FloatArray] = {}
    for method in ("independent", draws):
        which = [seed * REPLICATES for seed in range(40)]
        means = [_worth(world(block, seed=seed, draws=method), number % 64) for seed, number in enumerate(which)]
        found[method] = np.array(means)
    assert has_mean(found["independent"] - found[draws].mean(), 0.0)
    assert found["independent"].var() > (20 if draws == "sobol" else 4) * found[draws].var()


def _worth(drawn: World, block: int) -> float:
    return float(evaluate(drawn.paths(block).scenario).plans["rent out"].npv_usd.mean())


# numbers drawn once a path


def test_numbers_drawn_once_are_those_of_their_distributions() -> None:
    late = {"distribution": "triangular", "low": 0, "mode": 3, "high": 12}
    found = once(world({"inputs": {LEASED: UNIFORM}, "delay_months": late}))
    assert has_mean(found[LEASED], 125.0)
    assert has_variance(found[LEASED], 50.0**2 / 12)
    assert has_mean(found["delay_months"], 5.0)
    assert has_mean(found["utilisation_fraction"], (0.5 + 4 + 1.15) / 6)
    assert has_mean(found["capex_usd_per_critical_mw"], (0.9 + 4 + 1.5) / 6)


def test_numbers_drawn_once_are_correlated_as_asked() -> None:
    normal = {"distribution": "normal", "mean": 0, "sd": 1}
    path = "site.fixed_cost_usd_per_year"
    block: Data = {"delay_months": normal, "utilisation_fraction": normal, "inputs": {path: normal}}
    pairs = {"delay_months": {"utilisation_fraction": -0.4, path: 0.6}}
    found = once(world(block | {"correlations": pairs}))
    assert has_correlation(found["delay_months"], found["utilisation_fraction"], -0.4)
    assert not has_correlation(found["delay_months"], found["utilisation_fraction"], -0.43)
    assert has_correlation(found["delay_months"], found[path], 0.6)
    assert has_correlation(found["utilisation_fraction"], found[path], 0.0)
    assert has_correlation(found["delay_months"], found["tenant_default"], 0.0)


@pytest.mark.parametrize("probability", [0.02, 0.5])
def test_the_time_to_a_default(probability: float) -> None:
    years = once(world({"tenant_default": {"probability_fraction_per_year": probability}}))["tenant_default"]
    for year in (1, 5):
        assert has_share(years < year, 1 - (1 - probability) ** year)
        assert not has_share(years < year, 1 - (1 - probability * 1.2) ** year)
    rate = -math.log1p(-probability)
    assert stats.kstest(years, stats.expon(scale=1 / rate).cdf).pvalue > 1e-6


@pytest.mark.parametrize(("probability", "when"), [(0, np.inf), (1, 0.0)])
def test_a_default_that_is_certain(probability: float, when: float) -> None:
    drawn = world({"tenant_default": {"probability_fraction_per_year": probability, "relet_months": 240}})
    assert np.all(drawn.draw(0).values["tenant_default"] == when)
    lease = evaluate(drawn.paths(0).scenario).plans["lease"]
    rent = next(line.usd for line in lease.flows.lines if line.name == "rent_usd")
    assert np.any(rent) == (probability == 0)


# a factor drawn again


def test_a_factor_can_be_drawn_again_alone() -> None:
    """With all that it draws: shocks, trend, future, crowded months; what is correlated with it follows in part."""
    block = EVERYTHING | {PRICE: {"trend_sd_fraction_per_year": 0.2}}
    drawn = world(block)
    first = drawn.draw(0)
    for name in first.values:
        again = drawn.draw(0, {name: 99})
        assert not np.array_equal(again.values[name], first.values[name]), name
        follow = {PRICE: (NETWORK, RENT), NETWORK: (RENT,), "utilisation_fraction": ("delay_months",)}
        assert same(again, first, name, *follow.get(name, ())), name
    assert same(drawn.draw(0, {PRICE: 99}), world(block, seed=99).draw(0), *(set(first.values) - {PRICE}))


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({"model": "bootstrap"}, PRICE),
        ({"model": "student_t"}, PRICE),
        ({"spikes_per_year_count": 6, "volatility_fraction_per_year": 0}, FEES),
        ({"trend_sd_fraction_per_year": 0.2, "volatility_fraction_per_year": 0}, PRICE),
    ],
)
def test_what_is_not_normal_is_drawn_again_too(terms: Data, name: str) -> None:
    drawn = world(only(**{name: terms}))
    again, first = drawn.draw(0, {name: 99}).values[name], drawn.draw(0).values[name]
    fresh = world(only(**{name: terms}), seed=99).draw(0).values[name]
    assert np.array_equal(again, fresh)
    assert has_correlation(np.log(again[20]) + 0.0, np.log(first[20]) + 0.0, 0.0)


def test_sobol_points_of_one_factor_are_drawn_again_in_place() -> None:
    drawn = world(EVERYTHING, draws="sobol")
    again, first = drawn.draw(0, {RATE: 99}), drawn.draw(0)
    assert same(again, first, RATE)
    assert np.array_equal(again.values[RATE], world(EVERYTHING, seed=99, draws="sobol").draw(0).values[RATE])


# where a draw goes


def test_draws_that_no_file_could_hold_are_told_and_not_hidden() -> None:
    normal = {"distribution": "normal", "mean": 0.1, "sd": 0.1}
    opex = "plans.lease.opex_fraction_of_rent"
    wild = {"distribution": "uniform", "low": 0, "high": 25}
    block: Data = {"inputs": {opex: normal}, "capex_usd_per_critical_mw": wild, "tenant_default": "fixed"}
    paths = world(only(**block)).paths(0)
    reasons = {
        f"{opex} is drawn outside its range": paths.draw.values[opex] < 0.0,
        "plans.lease.conversion.capex_usd_per_critical_mw is drawn outside its range": paths.draw.values[
            "capex_usd_per_critical_mw"
        ]
        > 1e8 / 8e6,
    }
    assert set(paths.impossible) == set(reasons)
    for reason, which in reasons.items():
        assert np.array_equal(paths.impossible[reason], which)
        assert 0.1 < which.mean() < 0.6
    found = paths.scenario.columns
    assert found[opex].min() == 0.0
    assert found["plans.lease.conversion.capex_usd_per_critical_mw"].max() == 1e8
    assert np.isfinite(evaluate(paths.scenario).plans["lease"].npv_usd).all()
    assert world().paths(0).impossible == {}


def test_an_input_may_be_impossible_for_two_reasons() -> None:
    path = "plans.lease.conversion.capex_usd_per_critical_mw"
    block: Data = {
        "inputs": {path: {"distribution": "uniform", "low": -5e6, "high": 9e7}},
        "capex_usd_per_critical_mw": {"distribution": "uniform", "low": 0.5, "high": 2},
    }
    paths = world(only(**block)).paths(0)
    drawn = paths.draw.values[path]
    over = np.clip(drawn, 0.0, None) * paths.draw.values["capex_usd_per_critical_mw"] > 1e8
    assert np.array_equal(paths.impossible[f"{path} is drawn outside its range"], (drawn < 0) | over)


def test_a_market_that_booms_or_vanishes_says_nothing_of_tenants_that_stay() -> None:
    """The rent of the next tenant is a ratio to the lease's own, within a range: only of those that default."""
    futures = {
        "gone": {"probability_fraction": 0.5, "rate_ratio": 0},
        "boom": {"probability_fraction": 0.5, "rate_ratio": {"steps": {"2027-01": 1, "2029-06": 50}}},
    }
    rent = {"volatility_fraction_per_year": 0, "signed": "at_ready", "futures": futures}
    drawn = world(only(**{RENT: rent, "tenant_default": {"probability_fraction_per_year": 0.3}}))
    paths = drawn.paths(0)
    late = np.floor(12 * paths.draw.values["tenant_default"]) + 9
    booms = paths.draw.values[RENT][-1] == 50.0
    (reason, which) = next(iter(paths.impossible.items()))
    assert reason == "plans.lease.tenant_default.relet_rent_ratio is drawn outside its range"
    assert np.array_equal(which, booms & (late + 12 >= 30) & (late <= 36))
    assert np.isfinite(evaluate(paths.scenario).plans["lease"].npv_usd).all()


def test_whole_numbers_are_drawn_whole() -> None:
    path = "plans.rent out.uses.gpus.life_months"
    found = world(only(inputs={path: {"distribution": "uniform", "low": 10, "high": 30}})).paths(0)
    (column,) = found.scenario.columns.values()
    assert np.array_equal(column, np.rint(next(iter(found.draw.values.values()))))


def test_a_stop_is_chosen_before_anything_is_drawn() -> None:
    """One that sees each path's future would be worth more than anybody can get."""
    fleet = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1.9, "machine_resale_usd_per_th": 3}
    fleet |= {"opex_usd_per_mw_per_year": 100_000}
    plans = {"best": fleet | {"stops": "best"}, "never": fleet}
    drawn = world(only(**{PRICE: {}}), plans=plans)
    month = drawn.stops_fixed["plans.best.stops"]
    assert list(drawn.stops_fixed) == ["plans.best.stops"]
    assert month > "2027-02"
    worth = evaluate(drawn.paths(0).scenario).plans["best"].npv_usd
    dated = world(only(**{PRICE: {}}), plans={"best": fleet | {"stops": month}, "never": fleet})
    assert np.array_equal(worth, evaluate(dated.paths(0).scenario).plans["best"].npv_usd)
    at_its_own = drawn.applied(drawn.draw(0)).scenario
    foreseen = evaluate(at_its_own.model_copy(update={"plans": scenario(plans=plans).plans}))
    assert np.all(foreseen.plans["best"].npv_usd >= worth - 1e-6)
    assert foreseen.plans["best"].npv_usd.mean() > worth.mean() + 1e5
    assert world().stops_fixed == {}


@pytest.mark.parametrize("draws", DRAWS)
def test_a_stop_does_not_depend_on_how_paths_are_drawn(draws: Draws) -> None:
    fleet = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1.9, "machine_resale_usd_per_th": 3, "stops": "best"}
    kind, independent = (world(only(**{PRICE: {}}), draws=one, plans={"best": fleet}) for one in (draws, DRAWS[0]))
    assert kind.stops_fixed == independent.stops_fixed


def test_the_stop_is_best_on_average_and_not_that_of_the_scenario_without_risk() -> None:
    """A fleet that shuts off in bad months and runs in good ones is worth keeping although its own path is not."""
    fleet = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1.9, "machine_resale_usd_per_th": 3}
    fleet |= {"opex_usd_per_mw_per_year": 100_000}

    def worth(stops: str) -> FloatArray:
        """On paths that are not those of the choice."""
        drawn = world(only(**{PRICE: {}}), plans={"mine": fleet | {"stops": stops}})
        parts = [evaluate(drawn.paths(block).scenario).plans["mine"].npv_usd for block in range(3)]
        return np.concatenate(parts)

    chosen = worth("best")
    drawn = world(only(**{PRICE: {}}), plans={"mine": fleet | {"stops": "best"}})
    certain = evaluate(scenario(plans={"mine": fleet | {"stops": "best"}})).plans["mine"].npv_usd[0]
    months = [f"{year}-{month:02d}" for year in (2027, 2028, 2029) for month in (3, 6, 9, 12)]
    alone = [float(evaluate(scenario(plans={"mine": fleet | {"stops": m}})).plans["mine"].npv_usd[0]) for m in months]
    assert max(alone) <= certain
    without_risk = months[int(np.argmax(alone))]
    assert drawn.stops_fixed["plans.mine.stops"] > without_risk
    for other in (*months, "never"):
        gap = chosen - worth(other)
        assert gap.mean() >= -3.0 * gap.std() / np.sqrt(gap.size)
    assert (chosen - worth(without_risk)).mean() > 0.0


def test_worlds_that_need_more_megawatts_than_there_are_do_not_count() -> None:
    fleet = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1.9, "efficiency_j_per_th": 18}
    inputs = {"plans.mine.hash_rate_eh_per_s": {"distribution": "uniform", "low": 1.0, "high": 3.0}}
    drawn = world({"others": "fixed", "inputs": inputs}, plans={"mine": fleet})
    paths = drawn.paths(0)
    rates = paths.draw.values["plans.mine.hash_rate_eh_per_s"]
    (reason,) = paths.impossible
    assert reason == "mine needs more megawatts than it has"
    gross = float(np.max(drawn.given.site.gross_mw))
    assert np.array_equal(paths.impossible[reason], rates * 18 * 1.05 > gross * (1 + 1e-6))
    assert 0.0 < paths.impossible[reason].mean() < 1.0


def test_worlds_with_more_ai_than_can_be_converted_do_not_count() -> None:
    lease = {"kind": "colocation", "rent_usd_per_kw_per_month": 130, "gross_mw": 20}
    inputs = {"site.convertible_fraction": {"distribution": "uniform", "low": 0.2, "high": 1.0}}
    drawn = world({"others": "fixed", "inputs": inputs}, plans={"lease": lease})
    paths = drawn.paths(0)
    (which,) = paths.impossible.values()
    gross = float(np.max(drawn.given.site.gross_mw))
    assert np.array_equal(which, paths.draw.values["site.convertible_fraction"] * gross * (1 + 1e-6) < 20)
    assert 0.0 < which.mean() < 1.0


def test_some_paths_can_be_looked_at_again() -> None:
    drawn = world(EVERYTHING)
    paths = drawn.paths(0)
    which = np.array([5, 900, 5])
    some = drawn.applied(some_of(paths.draw, which))
    assert some.draw.paths == 3
    assert some.scenario.cases == 3
    all_worth, some_worth = evaluate(paths.scenario), evaluate(some.scenario)
    for name, plan in some_worth.plans.items():
        wanted = np.broadcast_to(all_worth.plans[name].npv_usd, (BLOCK_PATHS,))[which]
        assert np.broadcast_to(plan.npv_usd, (3,)).tolist() == wanted.tolist()


def test_an_input_can_be_moved_in_every_world() -> None:
    """A rent moved by half is what the market then moves: the same as a file that says so."""
    terms = only(**{RENT: {"signed": "at_ready"}, "delay_months": {"distribution": "uniform", "low": 0, "high": 9}})
    drawn = world(terms)
    draw = drawn.draw(0)
    moved = evaluate(drawn.applied(draw, {LEASED: 195.0}).scenario).plans["lease"].npv_usd
    dearer = {**PLANS, "lease": PLANS["lease"] | {"rent_usd_per_kw_per_month": 195.0}}
    assert np.array_equal(moved, evaluate(world(terms, plans=dearer).paths(0).scenario).plans["lease"].npv_usd)
    rents = np.linspace(50.0, 300.0, BLOCK_PATHS)
    columns = evaluate(drawn.applied(draw, {LEASED: rents}).scenario).plans["lease"].npv_usd
    for i in (0, 400, 1023):
        alone = drawn.applied(some_of(draw, np.array([i])), {LEASED: rents[i]})
        assert evaluate(alone.scenario).plans["lease"].npv_usd[0] == columns[i]


def test_the_scenario_itself_stays_as_it_was() -> None:
    given = scenario(EVERYTHING)
    before = {name: plan.npv_usd for name, plan in evaluate(given).plans.items()}
    World(given, Sampler(1)).paths(0)
    assert given.cases == 1
    for name, plan in evaluate(given).plans.items():
        assert np.array_equal(plan.npv_usd, before[name])


def test_csv_courses_are_found_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "futures.csv").write_text("glut\n" + "0.5\n" * 36, encoding="utf-8")
    futures = {"glut": {"probability_fraction": 1, "rate_ratio": {"csv": "futures.csv", "column": "glut"}}}
    terms = only(**{RATE: {"volatility_fraction_per_year": 0, "futures": futures}})
    found = World(loads(json.dumps(written(terms)), folder=tmp_path), Sampler(1)).draw(0)
    assert np.all(found.values[RATE] == 0.5)
