"""Fitted rules against published values: Longstaff and Schwartz, an American exchange, Dixit's entry and exit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

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
    put,
    site,
    worth_active,
    worth_idle,
)

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
    modes, quiet = fitted.rule.modes(fresh[0]), fitted.quiet(*fresh)
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
    rule = fit(problem, nothing_learnt(*share.shape)).rule
    modes = rule.modes(problem)
    worth = problem.worth_of(modes)

    assert worth.mean() == pytest.approx(expected["value"], rel=0, abs=tolerance)
    exercised = [int(np.argmax(column)) + 1 if column.any() else None for column in modes.T]
    assert exercised == expected["exercise_time"]
    paid = [0.0 if date is None else payoff[date - 1, path] for path, date in enumerate(exercised)]
    assert paid == pytest.approx(expected["cash_flow"], rel=0, abs=tolerance)
    for date, name in ((0, "coefficients_t1"), (1, "coefficients_t2")):
        fitted = rule.by_date[date]
        assert fitted is not None
        points = np.sort(share[date][payoff[date] > 0.0])[[0, 2, 4]]
        continuation = -fitted.regression.at(points[None])[0] * growth[date]
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
    np.testing.assert_array_equal(fitted.rule.modes(fresh)[:, some], fitted.rule.modes(fresh.part(some)))
    part = ControlVariates(learnt.before_next[..., some], learnt.to_the_end[..., some])
    np.testing.assert_array_equal(
        fitted.quiet(fresh, learnt).flows[..., some], fitted.quiet(fresh.part(some), part).flows
    )
    later = fresh.features.copy()
    later[26:] = later[26:, :, ::-1]
    changed = replace(fresh, features=later, flows=fresh.flows + 7.0)
    np.testing.assert_array_equal(fitted.rule.modes(changed)[:26], fitted.rule.modes(fresh)[:26])
    assert (fitted.rule.modes(changed)[26:] != fitted.rule.modes(fresh)[26:]).any()


def test_large_gains_and_losses_do_not_blur_the_decision_where_it_is_close() -> None:
    """Polynomials of a level cannot follow it to both ends; only the sign of the gain matters there."""
    level, noise = np.random.default_rng(1).standard_normal((2, 1, PATHS))
    gains = np.sinh(2.0 * (level - 0.3))
    problem = once(gains + noise, level[:, None], known=False)
    modes = fit(problem, nothing_learnt(1, PATHS)).rule.modes(problem)
    wrong = (modes == 1) != (gains > 0.0)
    assert np.count_nonzero(wrong) < 0.08 * PATHS


def test_a_rule_makes_no_move_where_it_is_not_allowed() -> None:
    """And none at all on dates without a move."""
    gains, features = np.full((3, 400), 5.0), np.random.default_rng(1).standard_normal((3, 1, 400))
    allowed = np.zeros((3, 400), dtype=np.bool_)
    allowed[1, :100] = True
    problem = Switching(features, np.zeros((3, 2, 400)), (Move(0, 1, gains, allowed),))
    rule = fit(problem, nothing_learnt(3, 400)).rule
    assert [expected is None for expected in rule.by_date] == [True, False, True]
    assert rule.modes(problem)[-1].tolist() == [1] * 100 + [0] * 300


def test_of_equals_a_rule_stays() -> None:
    features = np.random.default_rng(1).standard_normal((3, 1, 400))
    flows = np.repeat(features, 2, axis=1)
    free = Move(0, 1, np.zeros((3, 1)), np.ones((3, 1), dtype=np.bool_), known=True)
    problem = Switching(features, flows, (free,))
    rule = fit(problem, nothing_learnt(3, 400)).rule
    assert not rule.modes(problem).any()
