"""Fitted rules against published values: Longstaff and Schwartz, an American exchange, Dixit's entry and exit."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.timing.control_variates import ControlVariates
from minecalc.analysis.timing.rule import fit
from minecalc.analysis.timing.switching import Move, Switching, best_with_foresight
from minecalc.arrays import FloatArray
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from tests.analysis.timing.problems import (
    CASES,
    case,
    entry_exit,
    exchange,
    nothing_learnt,
    once,
    part,
    put,
    site,
    worth_active,
    worth_idle,
)
from tests.randomly import randomly

PATHS = 4096
PUTS = [pytest.param(case, id=case["id"]) for case in CASES if case["fn"] == "american_put_lsm"]
ENTRY_EXIT = [pytest.param(case, id=case["id"]) for case in CASES if case["fn"] == "entry_exit"]


def mean(worth: FloatArray) -> tuple[float, float]:
    """The mean over independent paths and its standard error."""
    estimate = Sample(worth, Sampling("independent", worth.size)).mean
    assert estimate.number is not None
    assert estimate.error is not None
    return estimate.number, estimate.error


def bounds(
    known: tuple[Switching, ControlVariates], fresh: tuple[Switching, ControlVariates]
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """What the rule is worth on fresh paths as it turns out, without noise, and the upper bound."""
    fitted = fit(*known)
    modes, quiet = fitted.modes(fresh[0]), fitted.quiet(*fresh)
    turned_out, without_noise, upper = fresh[0].worth_of(modes), quiet.worth_of(modes), best_with_foresight(quiet)
    assert (without_noise <= upper + 1e-9 * np.abs(upper).max()).all()
    assert upper.mean() < best_with_foresight(fresh[0]).mean()
    return mean(turned_out), mean(without_noise), mean(upper)


def test_the_worked_example_of_longstaff_and_schwartz() -> None:
    """Eight paths; the quadratics, when each path exercises and what it gets."""
    oracle = case("lsm-8-paths")
    inputs, expected, tolerance = oracle["inputs"], oracle["expected"], oracle["tolerance"]["abs"]
    share = np.array(inputs["paths"]).T[1:]
    growth = np.exp(inputs["r"] * inputs["dt"] * np.arange(1.0, 4.0))[:, None]
    payoff = inputs["K"] - share
    problem = once(payoff / growth, share[:, None])
    rule = fit(problem, nothing_learnt(*share.shape))
    modes = rule.modes(problem)
    worth = problem.worth_of(modes)

    assert worth.mean() == pytest.approx(expected["value"], rel=0, abs=tolerance)
    exercised = [int(np.argmax(column)) + 1 if column.any() else None for column in modes.T]
    assert exercised == expected["exercise_time"]
    paid = [0.0 if date is None else payoff[date - 1, path] for path, date in enumerate(exercised)]
    assert paid == pytest.approx(expected["cash_flow"], rel=0, abs=tolerance)
    for date, name in ((0, "coefficients_t1"), (1, "coefficients_t2")):
        fitted = rule.gains[date]
        assert fitted is not None
        points = np.sort(share[date][payoff[date] > 0.0])[[0, 2, 4]]
        continuation = -fitted.at(points[None])[0] * growth[date]
        coefficients = np.linalg.solve(np.vander(points, increasing=True), continuation)
        assert coefficients.tolist() == pytest.approx(expected[name], rel=0, abs=tolerance)

    anywhere = tuple(replace(move, allowed=np.ones((3, 1), dtype=np.bool_)) for move in problem.moves)
    at_the_end = replace(once(np.maximum(payoff, 0.0) / growth, share[:, None]), moves=())
    at_the_end = replace(at_the_end, moves=(replace(anywhere[0], worth=np.maximum(payoff, 0.0) / growth),))
    european = at_the_end.worth_of(np.array([[0], [0], [1]], dtype=np.int8))
    assert european.mean() == pytest.approx(expected["european"], rel=0, abs=tolerance)


@pytest.mark.parametrize("oracle", PUTS)
def test_the_table_of_longstaff_and_schwartz(oracle: dict[str, Any]) -> None:
    inputs, expected = oracle["inputs"], oracle["expected"]
    turned_out, (value, error), upper = bounds(put(inputs, 1, PATHS), put(inputs, 2, PATHS))
    bermudan, american = expected["bermudan_50_per_year"], expected["american_continuous"]
    for number, deviation in (turned_out, (value, error)):
        assert abs(number - bermudan) <= 4.0 * deviation + 0.003 * bermudan
        assert number <= american + 4.0 * deviation
    assert error < 0.002 * inputs["S"] * inputs["sigma"]
    assert expected["european"] < value
    assert bermudan - 4.0 * upper[1] <= upper[0] <= 1.03 * bermudan
    assert abs(value - expected["paper_lsm"]) <= 4.0 * math.hypot(error, expected["paper_se"]) + 0.003 * bermudan


def test_an_american_exchange() -> None:
    oracle = case("american-exchange-12-12-0-5")
    inputs, american = oracle["inputs"], oracle["expected"]["american"]
    _, (value, error), upper = bounds(exchange(inputs, 1, PATHS, 80), exchange(inputs, 2, PATHS, 80))
    assert american * (1.0 - 0.005) - 4.0 * error <= value <= american + 4.0 * error
    assert value > oracle["expected"]["european"] + 4.0 * error
    assert american * (1.0 - 0.005) - 4.0 * upper[1] <= upper[0] <= 1.04 * american


def test_the_right_to_exchange_what_a_site_earns_for_what_another_use_will_turn_out_to_earn() -> None:
    """The American exchange beside what mining is worth, with a move of which the worth is never known on its date."""
    oracle = case("american-exchange-12-12-0-5")
    inputs, expected = oracle["inputs"], oracle["expected"]
    _, (value, error), upper = bounds(site(inputs, 1, PATHS, 50), site(inputs, 2, PATHS, 50))
    whole = inputs["S2"] + expected["american"]
    assert whole * (1.0 - 0.005) - 4.0 * error <= value <= whole + 4.0 * error
    assert whole * (1.0 - 0.005) - 4.0 * upper[1] <= upper[0] <= 1.02 * whole


@pytest.mark.parametrize("oracle", [c for c in CASES if c["id"] in ("margrabe-site-0", "margrabe-site-0.9")])
def test_a_right_that_can_be_used_only_at_the_end_is_that_of_margrabe(oracle: dict[str, Any]) -> None:
    """Mining flows for AI flows, of uncorrelated and, by way of the ratio's volatility, of correlated assets."""
    inputs, years = oracle["inputs"], oracle["inputs"]["T"]
    deviation = math.sqrt(
        inputs["sigma1"] ** 2 + inputs["sigma2"] ** 2 - 2.0 * inputs["rho"] * inputs["sigma1"] * inputs["sigma2"]
    )
    alone = {**inputs, "sigma1": 0.0, "sigma2": deviation}

    def at_the_end(seed: int) -> tuple[Switching, ControlVariates]:
        problem, controls = site(alone, seed, PATHS, 12)
        last = np.arange(13)[:, None] == 12
        return replace(problem, moves=tuple(replace(move, allowed=last) for move in problem.moves)), controls

    _, (value, error), upper = bounds(at_the_end(1), at_the_end(2))
    whole = inputs["S2"] + oracle["expected"]["value"]
    assert abs(value - whole) <= 4.0 * error + 0.002 * whole
    assert error < 0.003 * whole
    assert whole - 4.0 * upper[1] <= upper[0] <= 1.005 * whole + 4.0 * upper[1]
    assert years == 3


@pytest.mark.parametrize("oracle", ENTRY_EXIT)
def test_entry_and_exit(oracle: dict[str, Any]) -> None:
    """The value to either side of the paper's triggers, from ten years of decisions in steps of a tenth."""
    inputs, expected = oracle["inputs"], oracle["expected"]
    idle = float(worth_idle(np.ones(1), inputs, expected)[0])
    low = np.array([expected["P_low"] * (1.0 + 1e-12)])
    left = worth_idle(low, inputs, expected) - inputs["exit_cost"]
    np.testing.assert_allclose(worth_active(low, inputs, expected), left, atol=1e-6)
    _, (value, error), upper = bounds(entry_exit(inputs, expected, 1, PATHS), entry_exit(inputs, expected, 2, PATHS))
    assert idle * (1.0 - 0.005) - 4.0 * error <= value <= idle + 4.0 * error
    assert idle * (1.0 - 0.005) - 4.0 * upper[1] <= upper[0] <= 1.005 * idle + 4.0 * upper[1]


def test_a_rule_decides_each_path_by_itself_and_by_what_is_known() -> None:
    inputs = case("ls2001-36-20-1")["inputs"]
    problem, controls = put(inputs, 1, 3000)
    fitted = fit(problem, controls)
    fresh, learnt = put(inputs, 2, 3000)
    some = slice(1500, 1600)
    np.testing.assert_array_equal(fitted.modes(fresh)[:, some], fitted.modes(part(fresh, some)))
    few = ControlVariates(learnt.features[..., some], learnt.before_next[..., some], learnt.to_the_end[..., some])
    np.testing.assert_array_equal(
        fitted.quiet(fresh, learnt).flows[..., some], fitted.quiet(part(fresh, some), few).flows
    )
    later = fresh.features.copy()
    later[26:] = later[26:, :, ::-1]
    changed = replace(fresh, features=later, flows=fresh.flows + 7.0)
    np.testing.assert_array_equal(fitted.modes(changed)[:26], fitted.modes(fresh)[:26])
    assert (fitted.modes(changed)[26:] != fitted.modes(fresh)[26:]).any()


def test_large_gains_and_losses_do_not_blur_the_decision_where_it_is_close() -> None:
    """Polynomials of a level cannot follow it to both ends; only the sign of the gain matters there."""
    level, noise = np.random.default_rng(1).standard_normal((2, 1, PATHS))
    gains = np.sinh(2.0 * (level - 0.3))
    problem = once(gains + noise, level[:, None], known=False)
    modes = fit(problem, nothing_learnt(1, PATHS)).modes(problem)
    wrong = (modes == 1) != (gains > 0.0)
    assert np.count_nonzero(wrong) < 0.08 * PATHS


def test_a_rule_makes_no_move_where_it_is_not_allowed() -> None:
    """And none at all on dates without a move."""
    gains, features = np.full((3, 400), 5.0), np.random.default_rng(1).standard_normal((3, 1, 400))
    allowed = np.zeros((3, 400), dtype=np.bool_)
    allowed[1, :100] = True
    problem = Switching(features, np.zeros((3, 2, 400)), (Move(0, 1, gains, allowed),))
    rule = fit(problem, nothing_learnt(3, 400))
    assert [expected is None for expected in rule.gains] == [True, False, True]
    assert rule.modes(problem)[-1].tolist() == [1] * 100 + [0] * 300


def test_of_equals_a_rule_stays() -> None:
    features = np.random.default_rng(1).standard_normal((3, 1, 400))
    flows = np.repeat(features, 2, axis=1)
    free = Move(0, 1, np.zeros((3, 1)), np.ones((3, 1), dtype=np.bool_), known=True)
    problem = Switching(features, flows, (free,))
    rule = fit(problem, nothing_learnt(3, 400))
    assert not rule.modes(problem).any()


def test_the_value_rises_with_volatility_and_with_the_time_to_decide() -> None:
    inputs, steps = case("american-exchange-12-12-0-5")["inputs"], 20

    def value(volatility: float, last_date: int = steps) -> FloatArray:
        allowed = np.arange(steps + 1)[:, None] <= last_date
        wide = {**inputs, "sigma1": 0.25 if volatility else 0.0, "sigma2": volatility}

        def problem(seed: int) -> tuple[Switching, ControlVariates]:
            found, controls = site(wide, seed, PATHS // 2, steps)
            return replace(found, moves=tuple(replace(move, allowed=allowed) for move in found.moves)), controls

        fitted, fresh = fit(*problem(1)), problem(2)
        return fitted.quiet(*fresh).worth_of(fitted.modes(fresh[0]))

    for values in ([value(volatility) for volatility in (0.0, 0.4, 0.8)], [value(0.7, date) for date in (0, 6, 20)]):
        for lower, higher in pairwise(values):
            assert higher.mean() > lower.mean() + higher.std() / math.sqrt(higher.size)


@randomly(12)
@given(st.data())
def test_without_volatility_the_rule_is_the_best_plan_exactly(data: st.DataObject) -> None:
    """All plans tried one by one; whole numbers, so that sums are exact."""
    dates, modes, paths = 3, 3, 5
    ways = [(0, 1), (1, 2), (0, 2), (2, 0)]
    whole = st.integers(-20, 20)

    def numbers(rows: int) -> FloatArray:
        values = data.draw(st.lists(whole, min_size=dates * rows, max_size=dates * rows))
        return np.repeat(np.array(values, dtype=np.float64).reshape(dates, rows, 1), paths, axis=2)

    allowed = data.draw(st.lists(st.booleans(), min_size=len(ways), max_size=len(ways)))
    known = data.draw(st.booleans())
    moves = tuple(
        Move(a, b, numbers(1)[:, 0], np.full((dates, 1), may), known) for (a, b), may in zip(ways, allowed, strict=True)
    )
    problem = Switching(numbers(2), numbers(modes), moves)
    shocks = np.random.default_rng(1).standard_normal((dates, 2, paths))
    controls = ControlVariates(problem.features, shocks, shocks)
    fitted = fit(problem, controls)
    quiet = fitted.quiet(problem, controls)

    worths = []
    for plan in product(range(modes), repeat=dates):
        try:
            worths.append(problem.worth_of(np.array(plan, dtype=np.int8)[:, None])[0])
        except ValueError:
            continue
    best = [max(worths)] * paths
    assert quiet.worth_of(fitted.modes(problem)).tolist() == best
    assert best_with_foresight(quiet).tolist() == best_with_foresight(problem).tolist() == best


def phases(seed: int, *ways: tuple[int, int]) -> tuple[Switching, ControlVariates]:
    """Mining, half, all converted: AI's gain over mining moves, the first half has more of it, and each costs a sum."""
    dates = 21
    shocks = np.random.default_rng(seed).standard_normal((dates, 1, PATHS // 2))
    level = np.concatenate([np.zeros((1, PATHS // 2)), np.cumsum(shocks[:-1, 0], axis=0)])
    halves = np.array([0.0, 0.65, 1.0])[:, None]
    flows = halves * (level + shocks[:, 0] / 2.0)[:, None]
    always = np.ones((dates, 1), dtype=np.bool_)
    moves = tuple(Move(a, b, np.full((dates, 1), -6.0 * abs(b - a) / 2.0), always, known=True) for a, b in ways)
    return Switching(level[:, None], flows, moves), ControlVariates(
        level[:, None], shocks, np.empty((dates, 0, PATHS // 2))
    )


def test_more_rights_are_worth_more() -> None:
    """All at once; in phases, each when it is time; and back again."""
    ways = ((0, 2),), ((0, 2), (0, 1), (1, 2)), ((0, 2), (0, 1), (1, 2), (2, 0), (1, 0), (2, 1))
    values, modes = [], []
    for rights in ways:
        fitted, (fresh, controls) = fit(*phases(1, *rights)), phases(2, *rights)
        quiet = fitted.quiet(fresh, controls)
        modes.append(fitted.modes(fresh))
        values.append(mean(quiet.worth_of(modes[-1])))
        assert best_with_foresight(quiet).mean() < 1.1 * values[-1][0]
    (once, error), (partly, _), (back, error_back) = values
    assert partly > once - 2.0 * error
    assert back > partly + 10.0 * error_back
    assert set(np.unique(modes[0]).tolist()) == {0, 2}
    assert (modes[1] == 1).any()
    assert (np.diff(modes[1].astype(np.int64), axis=0) >= 0).all()
    assert (np.diff(modes[2].astype(np.int64), axis=0) < 0).any()
