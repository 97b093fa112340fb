"""Where to look besides: pairs of roots that a grid does not show, and nothing where none can be."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.solving import refining
from minecalc.solving.crossings import Whole
from minecalc.solving.refining import Parts, refined


def looked_at(function: Parts, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The grid of one function, refined, and its gap there."""
    parts = function(grid, np.zeros(grid.size, np.intp))[:, None, :]
    x, found = refined(function, grid[None], parts, np.array([1e-15]))
    return x[0], (found[0] - found[1])[0]


def kinked(first: float, second: float) -> Parts:
    """Two options on x: the gap rises between their strikes and stays above zero only there."""

    def parts(x: FloatArray, _: Whole) -> FloatArray:
        return np.stack([np.maximum(x - first, 0.0), 2.0 * np.maximum(x - second, 0.0) + 1e-3, 0.0 * x])

    return parts


@pytest.mark.parametrize("width", [0.5, 0.05, 0.0021])
def test_a_narrow_rise_above_zero_is_found(width: float) -> None:
    x, gap = looked_at(kinked(3.1, 3.1 + width), np.linspace(0.0, 10.0, 9))
    assert np.count_nonzero(np.diff(np.sign(gap)) != 0.0) == 2
    assert x.size < 200


def test_a_rise_that_stays_below_zero_is_given_up() -> None:
    x, gap = looked_at(kinked(3.1, 3.1009), np.linspace(0.0, 10.0, 9))
    assert np.all(gap < 0.0)
    assert x.size < 200


def test_straight_lines_need_no_more_points() -> None:
    grid = np.linspace(0.0, 10.0, 5)
    x, _ = looked_at(lambda x, _: np.stack([3.0 * x, 2.0 * x + 7.0, 0.0 * x]), grid)
    assert x.tolist() == grid.tolist()


def test_looking_ahead_finds_the_same_points_in_fewer_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    grid, asked = np.linspace(0.0, 10.0, 9), list[int]()

    def counted(x: FloatArray, which: Whole) -> FloatArray:
        asked.append(x.size)
        return kinked(3.1, 3.15)(x, which)

    ahead, gap = looked_at(counted, grid)
    evaluations = len(asked)
    asked.clear()
    monkeypatch.setattr(refining, "_FEW", 0)
    one_by_one, plain = looked_at(counted, grid)
    assert ahead.tobytes() == one_by_one.tobytes()
    assert gap.tobytes() == plain.tobytes()
    assert len(asked) >= 7
    assert evaluations <= 4


def test_functions_do_not_disturb_each_other() -> None:
    grid = np.tile(np.linspace(0.0, 10.0, 9), (2, 1))

    def both(x: FloatArray, which: Whole) -> FloatArray:
        return np.where(which == 0, kinked(3.1, 3.15)(x, which), np.stack([x, 0.0 * x + 4.0, 0.0 * x]))

    row = np.repeat([0, 1], 9)
    x, _ = refined(both, grid, both(grid.ravel(), row).reshape(3, 2, 9), np.full(2, 1e-15))
    alone, _ = looked_at(kinked(3.1, 3.15), grid[0])
    assert np.unique(x[0]).tolist() == alone.tolist()
    assert np.unique(x[1]).tolist() == grid[1].tolist()


def test_a_narrow_dip_behind_a_choice_is_found() -> None:
    """The gap falls by 1 where something else is chosen, and is above zero again 0.02 later."""

    def dips(x: FloatArray, _: Whole) -> FloatArray:
        chosen = np.where(x > 3.1, 1.0, 0.0)
        return np.stack([x - 2.12 - chosen, 0.0 * x, chosen])

    x, gap = looked_at(dips, np.linspace(0.0, 10.0, 9))
    assert np.count_nonzero(np.diff(np.sign(gap)) != 0.0) == 3
    assert x.size < 50
