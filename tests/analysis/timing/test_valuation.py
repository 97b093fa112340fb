"""What choosing the time is worth: its bounds, certainty, and how it grows with volatility, horizon and rights."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.timing.control_variates import ControlVariates
from minecalc.analysis.timing.switching import Modes, Move, Switching
from minecalc.analysis.timing.valuation import Valuation, value
from minecalc.arrays import FloatArray
from minecalc.finance.options import exchange_value
from tests.analysis.timing.problems import case, nothing_learnt, put, site
from tests.randomly import randomly

PATHS, STEPS = 2048, 20
WAYS = [(0, 1), (1, 2), (0, 2), (2, 0)]
INPUTS = case("american-exchange-12-12-0-5")["inputs"]


def at_once(problem: Switching) -> Modes:
    return np.ones((problem.dates, 1), dtype=np.bool_).astype(np.int8)


@cache
def site_value(volatility: float = 0.7, last_date: int = STEPS, only: bool = False) -> Valuation:
    """The value of a site that may be converted up to ``last_date``, or ``only`` then."""
    inputs = {**INPUTS, "sigma1": 0.25 if volatility else 0.0, "sigma2": volatility}
    dates = np.arange(STEPS + 1)[:, None]
    allowed = dates == last_date if only else dates <= last_date

    def problem(seed: int) -> tuple[Switching, ControlVariates]:
        found, controls = site(inputs, seed, PATHS, STEPS)
        return replace(found, moves=tuple(replace(move, allowed=allowed) for move in found.moves)), controls

    known, fresh = problem(1), problem(2)
    now = np.zeros_like(at_once(fresh[0])) if only else at_once(fresh[0])
    return value(*known, *fresh, now=now)


def error(worth: FloatArray) -> float:
    return float(np.std(worth)) / math.sqrt(worth.size)


def check_order(valuation: Valuation) -> None:
    """No less than any fixed plan, no more than the upper bound, which is far below foresight."""
    best = valuation.best
    for policy in (valuation.staying, valuation.now, valuation.schedule, valuation.rule, valuation.triggered):
        assert policy.mean <= best.mean
    rounding = 1e-9 * np.abs(valuation.upper).max()
    assert (best.worth <= valuation.upper + rounding).all()
    assert valuation.upper.mean() <= valuation.foresight.mean() + 4.0 * error(valuation.foresight)


def test_a_site_that_may_convert() -> None:
    found = site_value()
    check_order(found)
    assert found.best is found.rule
    assert found.rule.mean > max(found.staying.mean, found.now.mean, found.schedule.mean) + 10 * error(found.rule.worth)
    assert found.upper.mean() < found.rule.mean + 0.7 * (found.foresight.mean() - found.rule.mean)
    assert found.captured_fraction is not None
    assert 0.8 < found.captured_fraction < 1.0
    fixed = max(found.staying.mean, found.now.mean, found.schedule.mean)
    gained = (found.triggered.mean - fixed) / (found.rule.mean - fixed)
    assert found.captured_fraction == pytest.approx(gained)
    assert found.triggered.modes.tolist() == found.trigger.modes(site(INPUTS, 2, PATHS, STEPS)[0]).tolist()


def test_the_value_rises_with_volatility_and_with_the_time_to_decide() -> None:
    by_volatility = [site_value(volatility).best for volatility in (0.0, 0.4, 0.8)]
    by_horizon = [site_value(last_date=date).best for date in (0, 6, 20)]
    for policies in (by_volatility, by_horizon):
        for lower, higher in pairwise(policies):
            assert higher.mean > lower.mean + error(higher.worth)


def test_choosing_the_date_is_worth_more_than_one_date() -> None:
    """American over European, and the European as in closed form: Margrabe's exchange of flows for flows."""
    american, european = site_value(), site_value(only=True)
    whole = INPUTS["S2"] + exchange_value(
        INPUTS["S1"],
        INPUTS["S2"],
        received_payout=INPUTS["q1"],
        given_payout=INPUTS["q2"],
        volatility=np.hypot(0.25, 0.7),
        years=INPUTS["T"],
    )
    assert abs(european.rule.mean - whole) < 4.0 * error(european.rule.worth) + 0.002 * whole
    assert american.rule.mean > european.rule.mean + 10.0 * error(american.rule.worth)


@randomly(12)
@given(st.data())
def test_without_volatility_the_rule_is_the_best_plan_exactly(data: st.DataObject) -> None:
    """All plans tried one by one; whole numbers, so that sums are exact."""
    dates, modes, paths = 3, 3, 5
    whole = st.integers(-20, 20)

    def numbers(rows: int) -> FloatArray:
        values = data.draw(st.lists(whole, min_size=dates * rows, max_size=dates * rows))
        return np.repeat(np.array(values, dtype=np.float64).reshape(dates, rows, 1), paths, axis=2)

    allowed = data.draw(st.lists(st.booleans(), min_size=len(WAYS), max_size=len(WAYS)))
    known = data.draw(st.booleans())
    moves = tuple(
        Move(a, b, numbers(1)[:, 0], np.full((dates, 1), may), known) for (a, b), may in zip(WAYS, allowed, strict=True)
    )
    problem = Switching(numbers(2), numbers(modes), moves)
    shocks = np.random.default_rng(1).standard_normal((dates, 2, paths))
    controls = ControlVariates(shocks, shocks)
    found = value(problem, controls, problem, controls, now=problem.staying())

    worths = []
    for plan in product(range(modes), repeat=dates):
        try:
            worths.append(problem.worth_of(np.array(plan, dtype=np.int8)[:, None])[0])
        except ValueError:
            continue
    best = max(worths)
    for worth in (found.schedule.worth, found.rule.worth, found.upper, found.foresight):
        assert worth.tolist() == [best] * paths
    assert found.best.mean == best >= found.staying.mean
    assert found.captured_fraction is None or found.triggered.mean == best


def test_identical_uses_leave_nothing_to_choose() -> None:
    """A move at no cost to the same flows: ties, so no move, and an option worth exactly nothing."""
    problem, controls = put(case("ls2001-36-20-1")["inputs"], 1, PATHS)
    same = np.repeat(problem.features, 2, axis=1)
    free = Move(0, 1, np.zeros((problem.dates, 1)), np.ones((problem.dates, 1), dtype=np.bool_), known=True)
    problem = Switching(problem.features, same, (free,))
    found = value(problem, controls, problem, controls, now=at_once(problem))
    assert found.best is found.staying
    assert found.rule.mean == found.now.mean == found.schedule.mean == found.staying.mean
    assert found.captured_fraction is None
    assert found.trigger.by_move == (None,)


def phases(seed: int, *ways: tuple[int, int]) -> tuple[Switching, ControlVariates]:
    """Mining, half, all converted: AI's gain over mining moves, the first half has more of it, and each costs a sum."""
    dates = 21
    shocks = np.random.default_rng(seed).standard_normal((dates, 1, PATHS))
    level = np.concatenate([np.zeros((1, PATHS)), np.cumsum(shocks[:-1, 0], axis=0)])
    halves = np.array([0.0, 0.65, 1.0])[:, None]
    flows = halves * (level + shocks[:, 0] / 2.0)[:, None]
    always = np.ones((dates, 1), dtype=np.bool_)
    moves = tuple(Move(a, b, np.full((dates, 1), -6.0 * abs(b - a) / 2.0), always, known=True) for a, b in ways)
    return Switching(level[:, None], flows, moves), ControlVariates(shocks, np.empty((dates, 0, PATHS)))


def test_more_rights_are_worth_more() -> None:
    """All at once; in phases, each when it is time; and back again."""
    ways = ((0, 2),), ((0, 2), (0, 1), (1, 2)), ((0, 2), (0, 1), (1, 2), (2, 0), (1, 0), (2, 1))
    values = []
    for rights in ways:
        known, fresh = phases(1, *rights), phases(2, *rights)
        found = value(*known, *fresh, now=np.full((21, 1), 2, dtype=np.int8))
        check_order(found)
        assert found.rule.mean > found.schedule.mean
        assert found.upper.mean() < 1.1 * found.rule.mean
        values.append(found.rule)
    once, partly, back = values
    assert partly.mean > once.mean - 2.0 * error(once.worth)
    assert back.mean > partly.mean + 10.0 * error(back.worth)
    assert (partly.modes == 1).any()
    assert (np.diff(back.modes.astype(np.int64), axis=0) < 0).any()
    assert (np.diff(partly.modes.astype(np.int64), axis=0) >= 0).all()
    assert set(np.unique(once.modes).tolist()) == {0, 2}


def test_a_rule_that_does_worse_than_fixed_dates_is_not_followed() -> None:
    """Few paths and features that say nothing teach a rule that is only luck."""
    random = np.random.default_rng(4)

    def problem(paths: int) -> Switching:
        gains = 0.2 + random.standard_normal((5, paths))
        moves = (Move(0, 1, gains, np.ones((5, 1), dtype=np.bool_)),)
        return Switching(random.standard_normal((5, 3, paths)), np.zeros((5, 2, paths)), moves)

    known, fresh = problem(60), problem(PATHS)
    found = value(known, nothing_learnt(5, 60), fresh, nothing_learnt(5, PATHS), now=np.ones((5, 1), dtype=np.int8))
    check_order(found)
    assert found.rule.mean < found.best.mean
    assert found.best in (found.now, found.schedule)
