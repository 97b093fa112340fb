"""Simulated worlds as problems of switching: schedules are worth what the engine says, whatever they are cut into."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.answer import Asked
from minecalc.analysis.timing.problems import Problem, Simulated, all_parts
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS
from tests.analysis.timing.waiting import CERTAIN, LEASE, PHASES, simulated, waiting


def found(text: str, plan: str, back: float | None = None, paths: int = BLOCK_PATHS) -> Simulated:
    return simulated(Asked(waiting(text, plan), paths, 1, back))


def worth_on(problem: Problem, date: int | None) -> FloatArray:
    """Converting on one of the dates, or never."""
    modes = np.zeros((len(problem.months), 1), dtype=np.int8)
    if date is not None:
        modes[date:] = 1
    return problem.before + problem.switching.worth_of(modes)


def test_a_fixed_date_is_worth_what_the_plan_is_that_late() -> None:
    of = found(PHASES, "halls")
    problem = of.whole()
    assert problem.months == (0, 12, 24)
    for date, months in enumerate(problem.months):
        converted = [of._converted(of.dated.together(number, months)) for number in range(2)]
        expected = of.block.rest + converted[0] + converted[1]
        np.testing.assert_allclose(worth_on(problem, date), expected, rtol=1e-9)
    never = of.block.rest + of.block.staying.sum(axis=(0, 1))
    np.testing.assert_allclose(worth_on(problem, None), never, rtol=1e-9)


def test_phases_have_dates_of_their_own_and_add_up_to_the_whole() -> None:
    of = found(CERTAIN, "halls")
    north, south = of.alone(0), of.alone(1)
    assert (north.months, south.months) == ((0, 12, 24), (6, 18, 30))
    for date in (0, 1, 2, None):
        parts = worth_on(north, date) + worth_on(south, date) + of.block.rest
        np.testing.assert_allclose(parts, worth_on(of.whole(), date), rtol=1e-9)


def test_back_to_mining_is_the_plan_until_then_and_the_mine_after() -> None:
    of = found(PHASES, "halls", back=200_000.0)
    problem, dates = of.and_back(200_000.0), of.dated.dates
    converted, back = dates.index(12), dates.index(36)
    modes = np.zeros((len(dates), 1), dtype=np.int8)
    modes[converted:back], modes[back:] = 2, 4
    staying = all_parts(of.block.staying)
    expected = of.block.rest + of.block.after[1, :back].sum(axis=0) + staying[back:].sum(axis=0)
    expected = expected - 200_000.0 * 20.0 / 1.12**3
    np.testing.assert_allclose(problem.before + problem.switching.worth_of(modes), expected, rtol=1e-9)


def test_one_may_not_go_back_before_one_has_converted() -> None:
    problem = found(PHASES, "halls", back=0.0).and_back(0.0)
    modes = np.zeros((len(problem.months), 1), dtype=np.int8)
    modes[1:] = 4
    with pytest.raises(ValueError, match="no such move"):
        problem.switching.worth_of(modes)


def test_converting_without_going_back_is_worth_as_much_with_the_right_to() -> None:
    of = found(PHASES, "halls", back=0.0)
    problem = of.and_back(0.0)
    for j, months in enumerate(of.dated.project.delays):
        modes = np.zeros((len(problem.months), 1), dtype=np.int8)
        modes[problem.months.index(months) :] = 1 + j
        with_right = problem.before + problem.switching.worth_of(modes)
        np.testing.assert_allclose(with_right, worth_on(of.whole(), j), rtol=1e-9)


def test_control_variates_are_of_unit_size_and_without_mean() -> None:
    of = found(PHASES, "halls", paths=8 * BLOCK_PATHS)
    problem = of.alone(1)
    shocks, late = problem.controls.before_next, problem.controls.to_the_end
    assert shocks.shape == (3, 5, of.paths)
    assert late.shape == (3, 6, of.paths)
    for each in (*shocks.reshape(-1, of.paths), *late[0]):
        assert abs(float(np.mean(each))) < 4.5 * float(np.std(each)) / np.sqrt(of.paths)
    np.testing.assert_allclose(np.std(shocks[:, :2], axis=-1), 1.0, rtol=0.05)


def test_paths_that_cannot_be_are_left_out_and_counted() -> None:
    drawn = "  inputs: {plans.mine.pool_fee_fraction: {distribution: uniform, low: -0.1, high: 0.5}}\n"
    asked = Asked(waiting(LEASE + drawn, "lease"), 1500, 1)
    dated = asked.dated
    of, missing = Simulated.of(dated, [dated.block(0), dated.block(1)], asked.paths)
    [count] = missing.values()
    assert of.paths + count == 1500
    assert 150 < count < 350
    assert of.block.known.shape == (3, 1, of.paths)
