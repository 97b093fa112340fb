"""The problem of switching: its worth for given modes, the best fixed modes, and the best with foresight."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from minecalc.analysis.timing.switching import Modes, Move, Switching, best_date, best_with_foresight
from minecalc.arrays import FloatArray
from tests.analysis.timing.problems import part

DATES, MODES, PATHS = 4, 3, 50
WAYS = [(0, 1), (0, 2), (1, 2), (2, 0)]


def problem(seed: int = 1) -> Switching:
    """Random whole numbers, whose sums are exact, and moves that are not always allowed."""
    random = np.random.default_rng(seed)

    def whole(*shape: int) -> FloatArray:
        return random.integers(-9, 10, shape).astype(np.float64)

    moves = tuple(Move(a, b, whole(DATES, PATHS), random.random((DATES, PATHS)) < 0.7) for a, b in WAYS)
    return Switching(whole(DATES, 1, PATHS), whole(DATES, MODES, PATHS), moves)


def by_hand(switching: Switching, modes: tuple[int, ...], path: int) -> float | None:
    """What ``modes`` are worth on a path; None where a move does not exist or is not allowed."""
    total, before = 0.0, 0
    for d, mode in enumerate(modes):
        if mode != before:
            made = [move for move in switching.moves if (move.origin, move.target) == (before, mode)]
            if not made or not np.broadcast_to(made[0].allowed, (DATES, PATHS))[d, path]:
                return None
            total += np.broadcast_to(made[0].worth, (DATES, PATHS))[d, path]
        total += switching.flows[d, mode, path]
        before = mode
    return total


def every_way() -> list[tuple[int, ...]]:
    return [*product(range(MODES), repeat=DATES)]


def columns(modes: tuple[int, ...]) -> Modes:
    return np.array(modes, dtype=np.int8)[:, None]


@pytest.mark.parametrize("path", [0, 17])
def test_worth_is_that_of_moves_and_modes(path: int) -> None:
    alone = part(problem(), slice(path, path + 1))
    refused = 0
    for modes in every_way():
        expected = by_hand(problem(), modes, path)
        if expected is None:
            refused += 1
            with pytest.raises(ValueError, match=r"is not allowed|no such move"):
                alone.worth_of(columns(modes))
        else:
            assert alone.worth_of(columns(modes)).tolist() == [expected]
    assert 0 < refused < len(every_way())


def test_modes_may_differ_by_path() -> None:
    switching = problem()
    ways = [modes for modes in every_way() if by_hand(switching, modes, 0) is not None]
    choices = [[modes for modes in ways if by_hand(switching, modes, path) is not None] for path in range(PATHS)]
    chosen = [choice[path % len(choice)] for path, choice in enumerate(choices)]
    worth = switching.worth_of(np.array(chosen, dtype=np.int8).T)
    assert worth.tolist() == [by_hand(switching, modes, path) for path, modes in enumerate(chosen)]


def test_foresight_finds_the_best_of_all_ways_on_each_path() -> None:
    found = best_with_foresight(problem()).tolist()
    for path in range(PATHS):
        worths = [by_hand(problem(), modes, path) for modes in every_way()]
        assert found[path] == max(worth for worth in worths if worth is not None)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_date_is_best_on_average_of_those_that_all_paths_allow(seed: int) -> None:
    switching = problem(seed)
    everywhere = np.random.default_rng(seed).random((DATES, 1)) < 0.7
    switching = replace(switching, moves=(replace(switching.moves[0], allowed=everywhere),))
    totals = {
        date: float(switching.worth_of(switching.converted_on(date)).sum())
        for date in (None, *np.flatnonzero(everywhere).tolist())
    }
    assert totals[best_date(switching)] == max(totals.values())


def test_a_fixed_date_makes_no_move_that_some_path_forbids() -> None:
    one = Move(0, 1, np.full((1, 1), 5.0), np.array([[True, False]]))
    switching = Switching(np.zeros((1, 1, 2)), np.zeros((1, 2, 2)), (one,))
    assert best_date(switching) is None
    always = replace(switching, moves=(replace(one, allowed=np.array([[True, True]])),))
    assert best_date(always) == 0


def test_of_equals_the_best_date_is_the_later_one() -> None:
    free = Move(0, 1, np.zeros((2, 1)), np.ones((2, 1), dtype=np.bool_))
    switching = Switching(np.zeros((2, 1, 3)), np.ones((2, 2, 3)), (free,))
    assert best_date(switching) is None
    later = replace(switching, moves=(replace(free, worth=np.ones((2, 1))),))
    assert best_date(later) == 1


def test_modes_of_a_date_begin_with_it() -> None:
    switching = problem()
    assert switching.converted_on(None).tolist() == [[0]] * DATES
    assert [switching.converted_on(date)[:, 0].tolist() for date in (0, 2)] == [[1, 1, 1, 1], [0, 0, 1, 1]]


def test_shapes_and_moves_must_fit() -> None:
    right = problem()
    [move, *others] = right.moves
    with pytest.raises(ValueError, match="features of shape"):
        replace(right, features=right.features[:, :, :2])
    with pytest.raises(ValueError, match="of one path or"):
        replace(right, moves=(replace(move, worth=move.worth[:, :2]), *others))
    with pytest.raises(ValueError, match="of one path or"):
        replace(right, moves=(replace(move, allowed=move.allowed[:2]), *others))
    for wrong in (replace(move, target=0), replace(move, target=MODES), others[0]):
        with pytest.raises(ValueError, match="leads from one of 3 modes to another"):
            replace(right, moves=(wrong, *others))
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            replace(right, flows=np.full_like(right.flows, bad))
        with pytest.raises(ValueError, match="finite"):
            replace(right, moves=(replace(move, worth=np.full((DATES, 1), bad)), *others))
