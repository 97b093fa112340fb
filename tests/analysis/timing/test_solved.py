"""A choice of times solved: the best way is the best, its parts agree, and what is sure has no error."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.control_variates import ControlVariates
from minecalc.analysis.timing.problems import Problem
from minecalc.analysis.timing.solved import (
    BOUNDS,
    FIXED,
    FORESIGHT,
    NEVER,
    NOW,
    RULE,
    TRIGGER,
    UPPER,
    WAYS,
    Solved,
    Worths,
    all_worths,
    solved,
)
from minecalc.analysis.timing.switching import Move, Switching
from tests.analysis.timing.problems import case, nothing_learnt, put, site
from tests.analysis.timing.waiting import LEASE, PHASES, answer, number

PATHS, STEPS = 2048, 20


def npv(solved: Solved, way: str) -> float:
    return number(solved.ways[way].npv.number)


def test_no_way_beats_the_best_and_the_bounds_hold() -> None:
    for found in (answer(LEASE, "lease").whole, answer(PHASES, "halls").whole):
        assert set(found.ways) == {*WAYS, *BOUNDS}
        assert npv(found, found.best) == max(npv(found, way) for way in WAYS)
        for bound in BOUNDS:
            excess = found.ways[bound].npv
            assert npv(found, found.best) <= number(excess.number) + 3.0 * number(excess.error)
        assert npv(found, UPPER) <= npv(found, "foresight")


def test_differences_are_of_the_same_paths() -> None:
    solved = answer(LEASE, "lease").whole
    for worth in solved.ways.values():
        gap = number(worth.npv.number) - npv(solved, NOW)
        np.testing.assert_allclose(number(worth.over_now.number), gap, atol=1e-3)
        np.testing.assert_allclose(number(worth.over_never.number), gap + npv(solved, NOW) - npv(solved, NEVER), atol=1)
    assert solved.ways[NOW].over_now.error == 0.0
    assert number(solved.ways[RULE].over_never.error) < number(solved.ways[RULE].npv.error)


def test_the_first_fixed_date_is_now() -> None:
    solved = answer(LEASE, "lease").whole
    assert solved.by_date[0] == solved.ways[NOW]
    assert [number(worth.npv.number) <= npv(solved, FIXED) + 1e6 for worth in solved.by_date] == [True] * 3


def test_shares_of_dates_add_up() -> None:
    solved = answer(LEASE, "lease").whole
    for dates in solved.dates.values():
        total = sum(number(share.number) for share in dates.shares) + number(dates.never.number)
        np.testing.assert_allclose(total, 1.0)
    rule = solved.dates[RULE]
    assert rule.shares[0].error == 0.0, "the market of today is known"
    assert number(rule.shares[1].error) > 0.0


def test_a_median_date_needs_half_of_the_worlds() -> None:
    rule = answer(LEASE, "lease").whole.dates[RULE]
    by_then = np.cumsum([number(share.number) for share in rule.shares])
    expected = next((12 * date for date, share in enumerate(by_then) if share >= 0.5), None)
    assert rule.median_months == expected


def test_worths_are_added_by_path() -> None:
    rest, part = np.array([1.0, 2.0]), Worths(np.array([10.0, 20.0]), np.array([0.5, 0.25]))
    total = all_worths([part, part], rest)
    np.testing.assert_array_equal(total.quiet, [21.0, 42.0])
    np.testing.assert_array_equal(total.raw, [2.0, 2.5])
    np.testing.assert_array_equal(rest, [1.0, 2.0])


def test_the_sharper_of_two_samples_is_told() -> None:
    steady, wild = np.full(4, 2.0), np.array([0.0, 4.0, 0.0, 4.0])
    assert Worths(steady, wild).mean == Worths(wild, steady).mean
    assert Worths(wild, steady).mean.error == 0.0
    same = Worths(steady, wild)
    assert Worths(steady + wild, wild).over(same).number == 0.0, "what is alike on every path has no error"


def test_a_way_back_is_never_worth_less_than_none() -> None:
    cheap, dear = (answer(PHASES, "halls", "plans.mine.stops=never", back=cost) for cost in (0.0, 5e6))
    for found in (cheap, dear):
        assert found.back is not None
        assert number(found.back.added.number) >= 0.0
        error = number(found.back.worth.npv.error)
        assert number(found.back.worth.npv.number) <= number(found.back.upper.npv.number) + 3.0 * error
    assert cheap.back is not None
    assert dear.back is not None
    assert number(cheap.back.added.number) > 3.0 * number(cheap.back.added.error), "machines for nothing are used"
    assert number(cheap.back.returns.number) > 0.05
    assert number(dear.back.returns.number) < 0.01


def choice(switching: Switching, controls: ControlVariates) -> Problem:
    """A choice of times beside which there is nothing."""
    return Problem(tuple(range(switching.dates)), switching, controls, np.zeros(switching.paths))


def check_order(found: Solved) -> None:
    """No less than any fixed plan, no more than the upper bound, which is far below foresight."""
    assert npv(found, found.best) == max(npv(found, way) for way in WAYS)
    best, upper = found.paths_worth["best"].quiet, found.paths_worth[UPPER].quiet
    assert (best <= upper + 1e-9 * np.abs(upper).max()).all()
    error = number(found.ways[FORESIGHT].npv.error)
    assert npv(found, UPPER) <= npv(found, FORESIGHT) + 4.0 * error


def test_a_site_that_may_convert() -> None:
    inputs = case("american-exchange-12-12-0-5")["inputs"] | {"sigma1": 0.25, "sigma2": 0.7}
    found = solved("", choice(*site(inputs, 1, PATHS, STEPS)), choice(*site(inputs, 2, PATHS, STEPS)))
    check_order(found)
    assert found.best == RULE
    fixed, error = max(npv(found, way) for way in (NEVER, NOW, FIXED)), number(found.ways[RULE].npv.error)
    assert npv(found, RULE) > fixed + 10.0 * error
    assert npv(found, UPPER) < npv(found, RULE) + 0.7 * (npv(found, FORESIGHT) - npv(found, RULE))
    assert found.captured_fraction is not None
    assert 0.8 < found.captured_fraction < 1.0
    gained = (npv(found, TRIGGER) - fixed) / (npv(found, RULE) - fixed)
    assert found.captured_fraction == pytest.approx(gained, rel=0.02)


def test_identical_uses_leave_nothing_to_choose() -> None:
    """A move at no cost to the same flows: ties, so no move, and an option worth exactly nothing."""
    problem, controls = put(case("ls2001-36-20-1")["inputs"], 1, PATHS)
    same = np.repeat(problem.features, 2, axis=1)
    free = Move(0, 1, np.zeros((problem.dates, 1)), np.ones((problem.dates, 1), dtype=np.bool_), known=True)
    problem = Switching(problem.features, same, (free,))
    found = solved("", choice(problem, controls), choice(problem, controls))
    assert found.best == NEVER
    assert len({npv(found, way) for way in WAYS}) == 1
    assert found.captured_fraction is None
    assert found.conditions is None
    assert found.fixed_months is None


def test_a_rule_that_does_worse_than_fixed_dates_is_not_followed() -> None:
    """Few paths and features that say nothing teach a rule that is only luck."""
    random = np.random.default_rng(4)

    def problem(paths: int) -> Problem:
        gains = 0.2 + random.standard_normal((5, paths))
        moves = (Move(0, 1, gains, np.ones((5, 1), dtype=np.bool_)),)
        switching = Switching(random.standard_normal((5, 3, paths)), np.zeros((5, 2, paths)), moves)
        return choice(switching, nothing_learnt(5, paths))

    found = solved("", problem(60), problem(PATHS))
    check_order(found)
    assert npv(found, RULE) < npv(found, found.best)
    assert found.best in (NOW, FIXED)
