"""Crossings of functions whose zeros are known: roots however close, jumps, stretches, gaps, and whole numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray
from minecalc.solving.crossings import (
    AT_JUMP,
    AT_ROOT,
    AT_STEP,
    AT_STRETCH,
    Crossings,
    Whole,
    bracketed_roots,
    crossings,
    whole_crossings,
)
from tests.randomly import randomly

Shape = Callable[[FloatArray], FloatArray]

roots = st.lists(st.floats(-50, 50), min_size=1, max_size=6)
slopes = st.lists(st.floats(0.01, 100), min_size=6, max_size=6)

#: Functions of the distance from their only root and a slope.
SHAPES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "line": lambda d, s: s * d,
    "cubic": lambda d, s: s * np.power(d, 3),
    "step": lambda d, s: np.where(d < 0, -s, s),
    "kinked": lambda d, s: np.where(d < 0, d * s, np.where(d < 10, d / s, 10 / s + (d - 10) * s)),
}


@randomly(150)
@given(roots, slopes, st.sampled_from(sorted(SHAPES)))
def test_roots_of_many_functions_are_found_each_on_its_own(found: list[float], slope: list[float], kind: str) -> None:
    root, steep = np.array(found), np.array(slope[: len(found)])
    asked: list[list[int]] = []

    def function(x: FloatArray, which: Whole) -> FloatArray:
        asked.append(which.tolist())
        return SHAPES[kind](x - root[which], steep[which])

    low, high = root - 60.0, root + 97.0
    everyone = np.arange(len(found))
    ends = (function(low, everyone), function(high, everyone))
    asked.clear()
    solved = bracketed_roots(function, low, high, *ends)
    assert np.all((solved.x >= low) & (solved.x <= high))
    assert np.max(np.abs(solved.x - root)) <= (1e-2 if kind == "cubic" else 1e-6)
    assert np.array_equal(solved.value, function(solved.x, everyone))
    assert np.array_equal(solved.beyond_value, function(solved.beyond, everyone))
    assert np.all(np.abs(solved.value) <= np.abs(solved.beyond_value))
    assert np.all(solved.value * solved.beyond_value <= 0)
    asked = asked[:-2]
    assert all(set(later) <= set(earlier) for earlier, later in itertools.pairwise(asked)), "frozen once found"

    def alone(x: FloatArray, which: Whole) -> FloatArray:
        assert which.tolist() == [0]
        return function(x, which + last)

    last = len(found) - 1
    single = bracketed_roots(alone, low[last:], high[last:], ends[0][last:], ends[1][last:])
    assert single.x[0] == solved.x[last]


def straight(x: FloatArray) -> FloatArray:
    return 2 * x - 3


def smooth(x: FloatArray) -> FloatArray:
    return np.exp(x / 3) - 2


@pytest.mark.parametrize(("shape", "most"), [(straight, 1), (smooth, 16)])
def test_a_straight_line_takes_one_step_and_smooth_functions_few(shape: Shape, most: int) -> None:
    asked: list[float] = []

    def function(x: FloatArray, which: Whole) -> FloatArray:
        asked.append(float(x[0]))
        return shape(x)

    low, high = np.array([-10.0]), np.array([20.0])
    found = bracketed_roots(function, low, high, shape(low), shape(high))
    assert abs(float(shape(found.x)[0])) < 1e-15
    assert len(asked) <= most, "halving takes sixty"


def test_a_root_at_an_end_needs_no_search() -> None:
    def function(x: FloatArray, which: Whole) -> FloatArray:
        raise AssertionError("nothing to look for")

    low, high = np.array([2.0, 5.0]), np.array([3.0, 9.0])
    assert bracketed_roots(function, low, high, np.array([0.0, -1.0]), np.array([1.0, 0.0])).x.tolist() == [2, 9]


def test_a_root_at_which_a_function_is_zero_has_no_other_side() -> None:
    ends = np.array([-10.0]), np.array([20.0])
    found = bracketed_roots(lambda x, _: straight(x), *ends, *map(straight, ends))
    assert [float(number[0]) for number in found] == [1.5, 1.5, 0.0, 0.0]


def found_in(shape: Shape, grid: FloatArray, size: float = 1.0) -> Crossings:
    """Crossings of one function."""
    values = shape(grid)
    return crossings(lambda x, which: shape(x), grid[None], values[None], np.array([size]))


GRID = np.linspace(-10, 10, 21)


def test_every_root_of_a_wave() -> None:
    found = found_in(lambda x: np.sin(x + 0.3), GRID)
    wanted = [k * np.pi - 0.3 for k in range(-3, 4)]
    assert found.x.tolist() == pytest.approx(wanted, abs=1e-14)
    assert found.kind.tolist() == [AT_ROOT] * 7
    assert np.all(np.abs(found.value) < 1e-14)


@pytest.mark.parametrize("depth", [1e-9, 1e-4, 0.2])
@pytest.mark.parametrize("bottom", [0.37, 2.9991, -5.5])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_two_roots_between_two_points_of_the_grid(depth: float, bottom: float, sign: float) -> None:
    wanted = [bottom - depth / 3, bottom + depth]

    def valley(x: FloatArray) -> FloatArray:
        return sign * (np.where(x < bottom, 3 * (bottom - x), x - bottom) - depth)

    found = found_in(valley, GRID)
    assert found.x.tolist() == pytest.approx(wanted, abs=1e-14)
    depth = max(depth, 1e-4)
    parabola = found_in(lambda x: sign * (np.square(x - bottom) - depth * depth), GRID)
    assert parabola.x.tolist() == pytest.approx([bottom - depth, bottom + depth], rel=1e-6, abs=1e-9)


def test_a_valley_that_stays_above_zero_has_no_root_and_is_given_up_soon() -> None:
    asked = 0

    def function(x: FloatArray, which: Whole) -> FloatArray:
        nonlocal asked
        asked += x.size
        return np.abs(x - 0.3) + 0.2

    grid = GRID[None]
    found = crossings(function, grid, function(grid[0], np.zeros(21, np.intp))[None], np.ones(1))
    assert found.x.size == 0
    assert asked <= 21 + 12


def test_a_function_that_touches_zero() -> None:
    touching = found_in(lambda x: np.abs(x - 0.5), GRID)
    assert (touching.x.tolist(), touching.kind.tolist()) == ([0.5], [AT_ROOT])
    on_the_grid = found_in(lambda x: np.square(x - 3.0), GRID)
    assert (on_the_grid.x.tolist(), on_the_grid.kind.tolist()) == ([3.0], [AT_ROOT])
    at_the_end = found_in(lambda x: x + 10.0, GRID)
    assert (at_the_end.x.tolist(), at_the_end.kind.tolist()) == ([-10.0], [AT_ROOT])


def test_a_jump_is_told_apart_from_a_root() -> None:
    found = found_in(lambda x: np.where(x < 1.3, -0.5, x), GRID)
    assert found.kind.tolist() == [AT_JUMP]
    assert sorted([found.x[0], found.beyond[0]]) == pytest.approx([1.3, 1.3], abs=1e-15)
    assert found.x[0] != found.beyond[0]
    assert (found.value[0], found.beyond_value[0]) == (-0.5, pytest.approx(1.3))
    tiny = found_in(lambda x: np.where(x < 1.3, x - 1.3, x - 1.3 + 1e-10), GRID)
    assert tiny.kind.tolist() == [AT_ROOT], "no more than rounding"


def test_a_stretch_at_zero_to_its_very_ends() -> None:
    middle = found_in(lambda x: np.maximum(x - 4.25, 0.0) + np.minimum(x + 2.125, 0.0), GRID)
    assert middle.kind.tolist() == [AT_STRETCH]
    assert (middle.x[0], middle.beyond[0]) == (pytest.approx(-2.125, abs=1e-14), pytest.approx(4.25, abs=1e-14))
    to_the_end = found_in(lambda x: np.minimum(x - 4.25, 0.0), GRID)
    assert (to_the_end.x[0], to_the_end.beyond[0]) == (pytest.approx(4.25, abs=1e-14), 10.0)
    from_the_start = found_in(lambda x: np.maximum(x - 4.25, 0.0), GRID)
    assert (from_the_start.x[0], from_the_start.beyond[0]) == (-10.0, pytest.approx(4.25, abs=1e-14))
    assert found_in(np.zeros_like, GRID).x.size == 0, "nothing to say of what is zero everywhere"
    short = found_in(lambda x: np.maximum(x + 9.5, 0.0), GRID)
    assert short.kind.tolist() == [AT_STRETCH], "of which the grid has one point only"
    assert (short.x[0], short.beyond[0]) == (-10.0, pytest.approx(-9.5, abs=1e-14))


def test_rounding_is_zero() -> None:
    noise = np.random.default_rng(1)
    found = found_in(lambda x: np.where(x > 2.5, x - 2.5, 1e-7 * noise.choice([-1.0, 1.0], x.size)), GRID, size=1e9)
    assert found.kind.tolist() == [AT_STRETCH]


def test_where_a_function_has_no_value_there_is_no_root() -> None:
    inside = found_in(lambda x: np.where(np.abs(x - 0.5) < 2, np.nan, x - 0.5), GRID)
    assert inside.x.size == 0
    beside = found_in(lambda x: np.where((x > 1.2) & (x < 1.4), np.nan, x - 1.7), GRID)
    assert beside.kind.tolist() == [AT_ROOT]
    assert beside.x.tolist() == pytest.approx([1.7])


def test_equal_neighbours_on_the_grid_do_no_harm() -> None:
    twice = np.repeat(GRID, 2)
    for shape in (lambda x: x - 3.3, lambda x: x - 3.0, lambda x: np.abs(x - 0.4) - 0.1, lambda x: np.maximum(x, 0)):
        for ours, theirs in zip(found_in(shape, twice), found_in(shape, GRID), strict=True):
            assert np.array_equal(ours, theirs)


def test_functions_do_not_disturb_each_other() -> None:
    moves = np.array([0.1, -3.0, 5.77, 100.0])

    def function(x: FloatArray, which: Whole) -> FloatArray:
        wave: FloatArray = np.sin(x - moves[which]) * np.square(x - moves[which]) + 0.01 * which
        return wave

    grid = np.tile(GRID, (4, 1))
    values = function(grid.ravel(), np.repeat(np.arange(4), 21)).reshape(grid.shape)
    together = crossings(function, grid, values, np.ones(4))
    for number in range(4):

        def one(x: FloatArray, which: Whole, number: int = number) -> FloatArray:
            return function(x, which + number)

        alone = crossings(one, GRID[None], values[number : number + 1], np.ones(1))
        ours = together.take(np.flatnonzero(together.which == number))
        assert ours.x.size
        assert np.array_equal(ours.x, alone.x)
        assert np.array_equal(ours.value, alone.value)
        assert np.all(np.diff(ours.x) > 0)


def whole_in(shape: Shape, grid: FloatArray) -> Crossings:
    asked: list[float] = []

    def function(x: FloatArray, which: Whole) -> FloatArray:
        asked.extend(x.tolist())
        return shape(x)

    found = whole_crossings(function, grid[None], shape(grid)[None], np.zeros(1), np.ones(1))
    assert all(x.is_integer() for x in asked)
    return found


@pytest.mark.parametrize("grid", [np.arange(0.0, 1001.0), np.array([0.0, 1.0, 40.0, 1000.0])])
def test_steps_of_whole_numbers(grid: FloatArray) -> None:
    step = whole_in(lambda x: x - 617.3, grid)
    assert (step.kind.tolist(), step.x.tolist(), step.beyond.tolist()) == ([AT_STEP], [617], [618])
    assert (step.value[0], step.beyond_value[0]) == (617 - 617.3, 618 - 617.3)
    hit = whole_in(lambda x: 21.0 - x, grid)
    assert (hit.kind.tolist(), hit.x.tolist(), hit.beyond.tolist()) == ([AT_ROOT], [21], [21])
    assert whole_in(lambda x: x + 1.0, grid).x.size == 0


def test_a_stretch_of_whole_numbers() -> None:
    found = whole_in(lambda x: np.maximum(x - 7, 0) + np.minimum(x - 4, 0), np.arange(20.0))
    assert (found.kind.tolist(), found.x.tolist(), found.beyond.tolist()) == ([AT_STRETCH], [4], [7])
