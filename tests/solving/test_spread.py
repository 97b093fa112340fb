"""Which numbers of a range are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.solving.spread import WHOLE_MOST, spread, whole_spread


def column(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize("points", [8, 16, 240])
def test_ends_present_value_and_steps_that_grow(points: int) -> None:
    present, low, high = column(63_001, 0.045, 0, -0.3), column(0, -1, 0, -0.99), column(1e6, 2, 100, 10)
    grids = spread(present, low, high, points)
    assert grids.shape[0] == 4
    assert abs(grids.shape[1] - points) <= 3
    assert np.all(np.diff(grids, axis=1) >= 0)
    for grid, now, least, most in zip(grids, present, low, high, strict=True):
        assert (grid[0], grid[-1]) == (least, most)
        assert now in grid
        assert {least + 1e-4 * (most - least), most - 1e-4 * (most - least)} <= set(grid.tolist())
        near_ends = np.isin(grid, (least + 1e-4 * (most - least), most - 1e-4 * (most - least)))
        steps = np.unique(grid[(grid > now) & ~near_ends]) - now
        assert steps[0] == pytest.approx(0.05 * abs(now) if now else 0.1)
        assert steps.size >= points // 4


def test_a_present_value_at_or_beyond_an_end() -> None:
    grids = spread(column(5, 5, 5), column(5, 0, 7), column(9, 5, 9), 16)
    assert (grids[:, 0].tolist(), grids[:, -1].tolist()) == ([5, 0, 7], [9, 5, 9])
    assert np.all(np.isfinite(grids))
    nowhere = spread(column(3), column(3), column(3), 16)
    assert set(nowhere.ravel().tolist()) == {3}


def test_a_case_does_not_depend_on_the_others() -> None:
    present, low, high = column(1, 2, 3), column(0, -5, 1), column(9, 80, 1000)
    together = spread(present, low, high, 24)
    for case in range(3):
        one = slice(case, case + 1)
        assert np.array_equal(spread(present[one], low[one], high[one], 24)[0], together[case])


def test_few_whole_numbers_are_all_looked_at_and_many_are_not() -> None:
    few = whole_spread(column(3, 4), column(0, 2), column(10, 5), 16)
    assert few[0].tolist() == list(range(11))
    assert np.unique(few[1]).tolist() == [2, 3, 4, 5]
    many = whole_spread(column(17_000), column(0), column(1e7), 16)[0]
    assert WHOLE_MOST <= many.size <= WHOLE_MOST + 3
    assert np.array_equal(many, np.rint(many))
    assert {0, 17_000, 1e7} <= set(many.tolist())


def test_every_whole_number_of_a_short_range_is_looked_at_beside_a_long_one() -> None:
    short, long = whole_spread(column(3, 17_000), column(0, 0), column(10, 1e7), 16)
    assert np.unique(short).tolist() == list(range(11))
    assert np.all(np.diff(short) >= 0)
    alone = whole_spread(column(17_000), column(0), column(1e7), 16)[0]
    assert np.array_equal(long[: alone.size], alone)
