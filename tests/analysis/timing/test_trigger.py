"""Rules that can be read out: known thresholds are found, dates are conditions too, and nothing is said in vain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.timing.rule import fit
from minecalc.analysis.timing.switching import Move, Switching, best_schedule
from minecalc.analysis.timing.trigger import Condition, Trigger, best_trigger
from minecalc.arrays import BoolArray, FloatArray
from tests.analysis.timing.problems import case, entry_exit, once

DATES, PATHS = 10, 3000
ALWAYS = np.ones((DATES, 1), dtype=np.bool_)


def normals(rows: int, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((DATES, rows, PATHS))


def test_a_condition_holds_from_its_threshold_on_or_below_it() -> None:
    features = np.array([[[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]]])
    problem = Switching(features, np.zeros((2, 2, 3)), ())
    assert Condition(0, True, 2.0).holds(problem).tolist() == [[False, True, True], [True, True, False]]
    assert Condition(0, False, 2.0).holds(problem).tolist() == [[True, False, False], [False, False, True]]
    assert Condition(None, True, 1.0).holds(problem).tolist() == [[False], [True]]


def test_a_trigger_makes_the_first_move_of_which_all_conditions_hold() -> None:
    features = np.array([[[0.0, 5.0, 5.0]], [[5.0, 5.0, 0.0]]])
    allowed: BoolArray = np.array([[True, True, False], [True, True, True]])
    moves = (
        Move(0, 1, np.zeros((2, 1)), allowed),
        Move(0, 2, np.zeros((2, 1)), np.ones((2, 1), dtype=np.bool_)),
        Move(1, 0, np.zeros((2, 1)), np.ones((2, 1), dtype=np.bool_)),
    )
    problem = Switching(features, np.zeros((2, 3, 3)), moves)
    high, late = Condition(0, True, 4.0), Condition(None, True, 1.0)
    assert Trigger((None, None, None)).modes(problem).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert Trigger(((high,), None, None)).modes(problem).tolist() == [[0, 1, 0], [1, 1, 0]]
    assert Trigger(((high, late), None, None)).modes(problem).tolist() == [[0, 0, 0], [1, 1, 0]]
    assert Trigger(((high,), (high,), (late,))).modes(problem).tolist() == [[0, 1, 2], [1, 0, 2]]


def test_two_thresholds_are_found() -> None:
    """Worth taking only where the hash price is below 38 and the rent above 150."""
    hash_price, rent = 50.0 + 15.0 * normals(1), 130.0 + 25.0 * normals(1, seed=2)
    gains = np.where((hash_price < 38.0) & (rent >= 150.0), 5.0, -5.0)[:, 0]
    noise = normals(1, seed=3)
    problem = once(gains, np.concatenate([noise, hash_price, rent], axis=1), known=False)
    [when] = best_trigger(problem).by_move
    assert when is not None
    by_feature = {condition.feature: condition for condition in when}
    assert {feature: condition.above for feature, condition in by_feature.items()} == {1: False, 2: True}
    assert by_feature[1].threshold == pytest.approx(38.0, abs=1.5)
    assert by_feature[2].threshold == pytest.approx(150.0, abs=4.0)
    for condition in when:
        assert float(f"{condition.threshold:.2g}") == condition.threshold


def test_one_threshold_is_enough_where_the_second_earns_little() -> None:
    hash_price, other = 50.0 + 15.0 * normals(1), np.broadcast_to(normals(1, seed=2)[:1], (DATES, 1, PATHS))
    gains = np.where(hash_price < 38.0, np.where(other < -1.6, -0.5, 5.0), -5.0)[:, 0]
    problem = once(gains, np.concatenate([other, hash_price], axis=1), known=False)
    [when] = best_trigger(problem).by_move
    assert when is not None
    [condition] = when
    assert (condition.feature, condition.above) == (1, False)


def test_a_date_is_a_trigger_and_so_is_never() -> None:
    """Where features say nothing, the trigger is the best fixed date; where nothing helps, there is none."""
    gains = np.broadcast_to(np.array([1.0, 4.0, 9.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])[:, None], (DATES, PATHS))
    problem = once(gains, np.ones((DATES, 1, PATHS)))
    trigger = best_trigger(problem)
    assert trigger.by_move == ((Condition(None, True, 2.0),),)
    modes = trigger.modes(problem)
    assert (modes == best_schedule(problem)).all()
    assert problem.worth_of(modes).tolist() == [9.0] * PATHS
    assert best_trigger(once(-gains, np.ones((DATES, 1, PATHS)), known=False)).by_move == (None,)


def test_conditions_are_kept_for_each_move() -> None:
    """In and out again, at thresholds with a gap between them: Dixit's, as far as 1,500 paths of ten years show."""
    oracle = case("dixit1989-0.05-0.0-0.4-1.0-4.0-1.0")
    problem, controls = entry_exit(oracle["inputs"], oracle["expected"], 1, PATHS // 2)
    problem = replace(problem, features=problem.features[:, :1])
    enter, leave = best_trigger(fit(problem, controls).quiet(problem, controls)).by_move
    assert enter is not None
    assert leave is not None
    assert (enter[0].feature, enter[0].above) == (leave[0].feature, not leave[0].above) == (0, True)
    assert enter[0].threshold == pytest.approx(oracle["expected"]["P_high"], rel=0.15)
    assert leave[0].threshold == pytest.approx(oracle["expected"]["P_low"], rel=0.15)


def test_thresholds_are_of_as_few_digits_as_tell_them_apart() -> None:
    around_a_thousand = 1000.0 + 2.0 * normals(1)
    gains = np.where(around_a_thousand >= 1001.0, 5.0, -5.0)[:, 0]
    [when] = best_trigger(once(gains, around_a_thousand, known=False)).by_move
    assert when is not None
    [condition] = when
    assert condition.threshold == pytest.approx(1001.0, abs=0.3)
    assert float(f"{condition.threshold:.5g}") == condition.threshold
