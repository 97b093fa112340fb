"""Rules that can be read out: known thresholds are found, dates are conditions too, and nothing is said in vain."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.switching import Move, Switching, best_date
from minecalc.analysis.timing.trigger import Condition, best_trigger, triggered
from minecalc.arrays import BoolArray, FloatArray
from tests.analysis.timing.problems import once

DATES, PATHS = 10, 3000


def normals(rows: int, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((DATES, rows, PATHS))


def test_a_condition_holds_from_its_threshold_on_or_below_it() -> None:
    features = np.array([[[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]]])
    assert Condition(0, True, 2.0).holds(features).tolist() == [[False, True, True], [True, True, False]]
    assert Condition(0, False, 2.0).holds(features).tolist() == [[True, False, False], [False, False, True]]
    assert Condition(None, True, 1.0).holds(features).tolist() == [[False], [True]]


def test_a_trigger_moves_once_all_conditions_hold_where_that_is_allowed() -> None:
    features = np.array([[[0.0, 5.0, 5.0]], [[5.0, 5.0, 0.0]]])
    allowed: BoolArray = np.array([[True, True, False], [True, True, True]])
    problem = Switching(features, np.zeros((2, 2, 3)), (Move(0, 1, np.zeros((2, 1)), allowed),))
    high, late = Condition(0, True, 4.0), Condition(None, True, 1.0)
    assert triggered(problem, None).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert triggered(problem, (high,)).tolist() == [[0, 1, 0], [1, 1, 0]]
    assert triggered(problem, (high, late)).tolist() == [[0, 0, 0], [1, 1, 0]]
    assert triggered(problem, (late,)).tolist() == [[0, 0, 0], [1, 1, 1]]


def test_two_thresholds_are_found() -> None:
    """Worth taking only where the hash price is below 38 and the rent above 150."""
    hash_price, rent = 50.0 + 15.0 * normals(1), 130.0 + 25.0 * normals(1, seed=2)
    gains = np.where((hash_price < 38.0) & (rent >= 150.0), 5.0, -5.0)[:, 0]
    noise = normals(1, seed=3)
    problem = once(gains, np.concatenate([noise, hash_price, rent], axis=1), known=False)
    when = best_trigger(problem)
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
    when = best_trigger(problem)
    assert when is not None
    [condition] = when
    assert (condition.feature, condition.above) == (1, False)


def test_a_date_is_a_trigger_and_so_is_never() -> None:
    """Where features say nothing, the trigger is the best fixed date; where nothing helps, there is none."""
    gains = np.broadcast_to(np.array([1.0, 4.0, 9.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])[:, None], (DATES, PATHS))
    problem = once(gains, np.ones((DATES, 1, PATHS)))
    trigger = best_trigger(problem)
    assert trigger == (Condition(None, True, 2.0),)
    assert best_date(problem) == 2
    modes = triggered(problem, trigger)
    assert (modes == problem.converted_on(2)).all()
    assert problem.worth_of(modes).tolist() == [9.0] * PATHS
    assert best_trigger(once(-gains, np.ones((DATES, 1, PATHS)), known=False)) is None


def test_thresholds_are_of_as_few_digits_as_tell_them_apart() -> None:
    around_a_thousand = 1000.0 + 2.0 * normals(1)
    gains = np.where(around_a_thousand >= 1001.0, 5.0, -5.0)[:, 0]
    when = best_trigger(once(gains, around_a_thousand, known=False))
    assert when is not None
    [condition] = when
    assert condition.threshold == pytest.approx(1001.0, abs=0.3)
    assert float(f"{condition.threshold:.5g}") == condition.threshold
