"""On which side functions are beside their crossings: known from what was looked at, or looked up half-way."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.solving.crossings import AT_ROOT, AT_STEP, Crossings, Whole
from minecalc.solving.sides import Looked, signs_beside

LOW, HIGH = np.array([0.0]), np.array([10.0])


def crossings(kind: int, *places: tuple[float, float]) -> Crossings:
    """Crossings of one function that begin and end at these places."""
    x, beyond = np.array([place[0] for place in places]), np.array([place[1] for place in places])
    zeros = np.zeros(len(places))
    return Crossings(np.zeros(len(places), np.intp), np.full(len(places), kind), x, beyond, zeros, zeros)


def asked(x: FloatArray, which: Whole) -> FloatArray:
    """A parabola with roots at 2 and 6."""
    return (x - 2.0) * (x - 6.0)


def never(x: FloatArray, which: Whole) -> FloatArray:
    raise AssertionError(f"{x} has been looked at")


def looked(*numbers: float, noise: float = 0.0) -> Looked:
    grid = np.array([numbers])
    return Looked(grid, asked(grid, np.zeros(1, np.intp)), np.array([noise]))


def test_signs_are_those_of_numbers_that_were_looked_at() -> None:
    roots = crossings(AT_ROOT, (2.0, 2.0), (6.0, 6.0))
    signs = signs_beside(never, roots, LOW, HIGH, looked(0.0, 2.0, 3.0, 6.0, 10.0), whole=False)
    assert signs.tolist() == [[1.0, -1.0], [-1.0, 1.0]]


@pytest.mark.parametrize("known", [looked(0.0, 10.0), looked(0.0, 4.0, 10.0, noise=5.0)])
def test_where_none_was_looked_at_it_is_half_way(known: Looked) -> None:
    """Between the roots nothing is known, or no more than noise: at 4 the parabola is -4."""
    seen: list[float] = []

    def seeing(x: FloatArray, which: Whole) -> FloatArray:
        seen.extend(x.tolist())
        return asked(x, which)

    roots = crossings(AT_ROOT, (2.0, 2.0), (6.0, 6.0))
    signs = signs_beside(seeing, roots, LOW, HIGH, known, whole=False)
    assert signs.tolist() == [[1.0, -1.0], [-1.0, 1.0]]
    assert seen == [4.0, 4.0]


def test_nothing_is_left_beside_the_ends_of_the_range() -> None:
    stretch = crossings(AT_ROOT, (0.0, 4.0))
    signs = signs_beside(asked, stretch, LOW, HIGH, looked(0.0, 4.0, 8.0, 10.0), whole=False)
    assert np.isnan(signs[0, 0])
    assert signs[1, 0] == 1.0


def test_of_whole_numbers_the_next_has_the_sign() -> None:
    step = crossings(AT_STEP, (5.0, 7.0))
    signs = signs_beside(never, step, LOW, HIGH, looked(0.0, 1.0, 5.0, 7.0), whole=True)
    assert signs.tolist() == [[-1.0], [1.0]]
    root = crossings(AT_ROOT, (6.0, 6.0))
    assert signs_beside(never, root, LOW, HIGH, looked(5.0, 6.0, 7.0), whole=True).tolist() == [[-1.0], [1.0]]
