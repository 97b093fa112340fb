"""A choice of times solved: the best way is the best, its parts agree, and what is sure has no error."""

from __future__ import annotations

import numpy as np

from minecalc.analysis.timing.solved import BOUNDS, FIXED, NEVER, NOW, RULE, UPPER, WAYS, Solved, Worths, all_worths
from tests.analysis.timing.waiting import LEASE, PHASES, answer, number


def npv(solved: Solved, way: str) -> float:
    return number(solved.ways[way].npv.number)


def test_no_way_beats_the_best_and_the_bounds_hold() -> None:
    for solved in (answer(LEASE, "lease").whole, answer(PHASES, "halls").whole):
        assert set(solved.ways) == {*WAYS, *BOUNDS}
        assert npv(solved, solved.best) == max(npv(solved, way) for way in WAYS)
        for bound in BOUNDS:
            excess = solved.ways[bound].npv
            assert npv(solved, solved.best) <= number(excess.number) + 3.0 * number(excess.error)
        assert npv(solved, UPPER) <= npv(solved, "foresight")


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
