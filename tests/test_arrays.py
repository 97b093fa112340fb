"""Arrays of months by cases: every function gives one case the same bits alone and among many."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import (
    Number,
    Quiet,
    accumulate,
    added,
    at_month,
    at_points,
    cases_in,
    dropped_where,
    everywhere,
    first_in_a_row,
    first_true,
    in_a_row,
    kept_where,
    lump,
    lumps,
    narrowed,
    nowhere,
    placed,
    power,
    recurrence,
    recurrences,
    row_of_smallest,
    rows_at,
    running_total,
    stretches,
    sum_of,
    truth,
)
from minecalc.trace import Traced

MONTHS, CASES = 37, 129
MONEY = np.random.default_rng(7).normal(size=(MONTHS, CASES)) * 10.0 ** np.random.default_rng(8).integers(
    -6, 7, (MONTHS, CASES)
)


def test_sums_run_from_the_first_month_to_the_last() -> None:
    ordered = [0.0] * CASES
    for row in MONEY.tolist():
        ordered = [total + value for total, value in zip(ordered, row, strict=True)]
    assert accumulate(MONEY).tolist() == ordered
    assert running_total(MONEY)[-1].tolist() == ordered
    assert ordered[0] == pytest.approx(math.fsum(MONEY[:, 0].tolist()), rel=1e-9)


def test_one_case_has_the_same_bits_alone_and_among_many() -> None:
    many, running = accumulate(MONEY), running_total(MONEY)
    raised = power(np.linspace(0.1, 3, CASES), np.arange(float(MONTHS))[:, None] / 12)
    for i in range(CASES):
        alone = MONEY[:, i : i + 1]
        assert accumulate(alone)[0] == many[i]
        assert np.array_equal(running_total(alone)[:, 0], running[:, i])
        base = float(np.linspace(0.1, 3, CASES)[i])
        assert np.array_equal(power(base, np.arange(float(MONTHS))[:, None] / 12)[:, 0], raised[:, i])


def test_sums_of_no_months_are_zero() -> None:
    assert accumulate(np.zeros((0, 3))).tolist() == [0, 0, 0]
    assert accumulate(np.zeros((0, 1))).tolist() == [0]


def test_the_number_of_cases_is_that_of_the_widest() -> None:
    assert cases_in(1.0, np.float64(2)) == 1
    assert cases_in(np.array(3.0), np.zeros(5), np.zeros((7, 1))) == 5


def test_few_months_that_are_not_zero_are_added_to_many_cases_bit_for_bit() -> None:
    """What is the same in all cases is added where it is; each month alone says what the sum must be."""
    random = np.random.default_rng(3)
    wide = random.normal(size=(12, 50))
    few, nothing, not_a_number = (np.zeros((12, 1)) for _ in range(3))
    most, row = random.normal(size=(12, 1)), np.full((1, 1), 0.1)
    few[[2, 11]] = [[0.3], [-1e9]]
    not_a_number[5] = np.nan
    parts = [few, wide, most, row, nothing, few, not_a_number]
    for case in (0, 49):
        alone = [part[:, case : case + 1] if part.shape[1] > 1 else part for part in parts]
        assert added(12, *parts)[:, case].tobytes() == added(12, *alone)[:, 0].tobytes()
        early = [True, False, True, False, False, False, True]
        many, one = (at_points(12, early, *several) for several in (parts, alone))
        assert many[:, case].tobytes() == one[:, 0].tobytes()
    assert added(12, few, wide)[2, 7] == 0.3 + wide[2, 7]


def test_a_path_is_read_by_month_and_held_beyond_its_ends() -> None:
    path = np.array([[10.0], [20.0], [30.0]])
    assert [at_month(path, month).tolist() for month in (0, 1, 3, 9)] == [[10], [10], [30], [30]]
    assert at_month(path, np.array([3.0, 1.0])).tolist() == [30, 10]
    wide = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert at_month(wide, 2.0).tolist() == [3, 4]
    assert at_month(wide, np.array([2.0, 1.0])).tolist() == [3, 2]
    assert at_month(np.array([[5.0]]), np.array([4.0, 9.0])).tolist() == [5, 5]
    assert rows_at(path, np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [[10, 20], [30, 30]]


@given(st.lists(st.integers(-3, 9), min_size=2, max_size=6), st.integers(1, 6))
def test_a_lump_falls_in_its_month_or_outside_the_horizon(months: list[int], horizon: int) -> None:
    amounts = np.arange(1.0, len(months) + 1)
    table = lump(horizon, np.array(months, dtype=np.float64), amounts)
    for i, month in enumerate(months):
        alone = lump(horizon, float(month), float(amounts[i]))
        assert np.array_equal(table[:, i], alone[:, 0])
        inside = 1 <= month <= horizon
        assert alone.sum() == (amounts[i] if inside else 0.0)
        assert not inside or alone[month - 1, 0] == amounts[i]
    assert lump(horizon, 1.0, amounts).tolist()[0] == amounts.tolist()


def test_lumps_are_what_each_of_them_makes_added_up_bit_for_bit() -> None:
    generator = np.random.default_rng(3)
    columns = [generator.integers(-1, 9, 5).astype(np.float64) for _ in range(3)]
    parts: list[tuple[Number, Number]] = [
        (2.0, 0.1),
        (2.0, generator.standard_normal(5)),
        (99.0, 1.0),
        (columns[0], 0.3),
        (np.array([6.0]), -0.2),
    ]
    parts += [(column, generator.standard_normal(5)) for column in columns[1:]]
    assert lumps(7, parts).tobytes() == added(7, *(lump(7, *part) for part in parts)).tobytes()
    assert lumps(7, parts[:1]).shape == (7, 1)
    assert not lumps(7, []).any()


def test_the_first_row_that_holds_and_how_long_it_has_held() -> None:
    holds = np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert first_true(holds).tolist() == [2, 1, 5]
    assert in_a_row(holds).T.tolist() == [[0, 1, 2, 0], [1, 2, 0, 1], [0, 0, 0, 0]]
    assert in_a_row(holds[:, :1]).tolist() == in_a_row(holds)[:, :1].tolist()


def test_the_first_row_that_ends_so_many_in_a_row_is_that_of_their_count() -> None:
    holds = np.random.default_rng(3).random((300, 200)) < np.linspace(0.0, 1.0, 200)
    for least in (1, 2, 3.0, 6, 7, 12, 36, 299, 300, 301):
        counted = first_true(truth(in_a_row(truth(holds)) >= least))
        assert first_in_a_row(holds, least).tolist() == counted.tolist()
        assert first_in_a_row(holds[:, 150:151], least) == counted[150]
    column = np.resize([1.0, 6.0, 40.0], 200)
    counted = first_true(truth(in_a_row(truth(holds)) >= column))
    assert first_in_a_row(holds, column).tolist() == counted.tolist()
    alone = first_true(truth(in_a_row(truth(holds[:, 150:151])) >= column))
    assert first_in_a_row(holds[:, 150:151], column).tolist() == alone.tolist()


def test_a_mask_keeps_and_drops_what_where_does_to_the_last_bit() -> None:
    values = np.array([[1.5, -2.0, 0.0, -0.0, np.inf, -np.inf, np.nan]] * 2)
    holds = np.array([[True] * 7, [False] * 7])
    for condition in (holds, holds[:, :1], holds[:1], holds[1:]):
        for numbers in (values, values[:1], values[:, 1:2], values[:, ::-1]):
            assert kept_where(condition, numbers).tobytes() == np.where(condition, numbers, 0.0).tobytes()
            assert dropped_where(condition, numbers).tobytes() == np.where(condition, 0.0, numbers).tobytes()


def test_a_recurrence_is_the_plain_loop_bit_for_bit_alone_and_among_many() -> None:
    rate = np.linspace(-0.01, 0.02, CASES)

    def step(owed: float, rate: float, paid: float) -> float:
        return owed * (1.0 + rate) - paid

    rows = recurrence(step, 100.0, rate[None, :], MONEY)
    for i in range(CASES):
        owed, looped = 100.0, []
        for paid in MONEY[:, i].tolist():
            owed = step(owed, float(rate[i]), paid)
            looped.append(owed)
        assert rows[:, i].tolist() == looped
    alone = recurrence(step, 100.0, rate[None, 3:4], MONEY[:, 3:4])
    assert np.array_equal(alone[:, 0], rows[:, 3])
    wide = recurrence(step, rate, np.zeros((1, 1)), np.zeros((2, 1)))
    assert np.array_equal(wide, [rate, rate])


def test_stretches_are_sums_of_their_own_rows() -> None:
    ends = (5, 17, 29, MONTHS)
    found = stretches(MONEY, ends)
    for row, (begins, end) in zip(found, itertools.pairwise((0, *ends)), strict=True):
        assert row.tolist() == accumulate(MONEY[begins:end]).tolist()
    assert (stretches(MONEY[:, 3:4], ends)[:, 0] == found[:, 3]).all()
    assert stretches(np.array([[2.0, 3.0]]), (5, 7)).tolist() == [[10, 15], [4, 6]]


def test_amounts_are_placed_in_their_rows() -> None:
    assert placed(5, (1, 4), np.array([[3.0, 5.0], [7.0, 9.0]])).tolist() == [[0, 0], [3, 5], [0, 0], [0, 0], [7, 9]]


def swept(cash: Any, owed: Any, _: Any, rate: Any, earned: Any) -> tuple[Any, Any, Any]:
    """Cash, what is owed, and what was paid of it: all that is there goes to a debt that bears interest."""
    due = owed * (1.0 + rate)
    paid = np.minimum(np.maximum(cash + earned, 0.0), due)
    return cash + earned - paid, due - paid, paid


def test_recurrences_are_the_plain_loop_bit_for_bit_alone_and_among_many() -> None:
    rate, debts = np.linspace(0.0, 0.02, CASES), np.linspace(1e3, 1e6, CASES)
    together = recurrences(swept, (5.0, debts, 0.0), rate[None, :], MONEY)
    assert [rows.shape for rows in together] == [(MONTHS, CASES)] * 3
    for i in range(CASES):
        states, looped = (5.0, float(debts[i]), 0.0), []
        for earned in MONEY[:, i].tolist():
            states = swept(*states, float(rate[i]), earned)
            looped.append(states)
        assert np.array_equal([rows[:, i] for rows in together], np.transpose(looped))
        alone = recurrences(swept, (5.0, debts[i : i + 1], 0.0), rate[None, i : i + 1], MONEY[:, i : i + 1])
        assert all(rows[:, i].tobytes() == one.tobytes() for rows, one in zip(together, alone, strict=True))
    assert np.ptp(together[2][:, 0]) > 0.0


def test_recurrences_are_parts_of_one_array_as_wide_as_the_widest_of_starts_and_series() -> None:
    wide, ones = np.array([1.0, 2.0]), np.ones((3, 1))
    fibonacci, before, flag = recurrences(lambda a, b, _, x: (a + b * x, a, True), (wide, 1.0, 0.0), ones)
    assert fibonacci.tolist() == [[2.0, 3.0], [3.0, 5.0], [5.0, 8.0]]
    assert before.tolist() == [[1.0, 2.0], [2.0, 3.0], [3.0, 5.0]]
    assert flag.tolist() == [[1.0, 1.0]] * 3
    assert fibonacci.base is not None
    assert fibonacci.base is before.base is flag.base
    (alone,) = recurrences(lambda a, x: (a * 2.0 + x,), (0.5,), ones)
    assert np.array_equal(alone, recurrence(lambda a, x: a * 2.0 + x, 0.5, ones))
    (row,) = recurrences(lambda a, x, y: (a + x * y,), (1.0,), np.ones((1, 2)), np.full((1, 1), 3.0))
    assert row.tolist() == [[4.0, 4.0]]


def test_recurrences_show_beside_their_states_what_no_later_row_is_made_of() -> None:
    """What is owed halves; where a payment is above 2 it is shown, elsewhere a number 0.0 stands for every case."""

    def step(owed: Any, flag: Any) -> tuple[Any, ...]:
        paid = owed / 2.0
        return owed - paid, paid if not nowhere(flag) else 0.0, flag

    flags = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    owed, paid, flag = recurrences(step, (np.array([8.0, 16.0]),), flags, shown=2)
    assert owed.tolist() == [[4.0, 8.0], [2.0, 4.0], [1.0, 2.0]]
    assert paid.tolist() == [[0.0, 0.0], [2.0, 4.0], [1.0, 2.0]]
    assert np.array_equal(flag, flags)
    with pytest.raises(ValueError, match="zip"):
        recurrences(step, (np.array([8.0, 16.0]),), flags, shown=1)


def test_a_flag_is_nowhere_if_no_case_has_it_and_never_while_traced() -> None:
    assert nowhere(np.zeros(3))
    assert not nowhere(np.array([0.0, 1.0]))
    assert not nowhere(Traced(np.zeros(1), "input", name="site.flag"))
    assert (nowhere(0.0), nowhere(1.0)) == (True, False)


def test_what_is_zero_in_all_cases_is_narrowed_to_one_column_but_not_minus_zero_and_never_while_traced() -> None:
    assert narrowed(np.zeros((3, 4))).tolist() == [[0.0]] * 3
    some, minus = np.zeros((3, 4)), np.zeros((3, 4))
    some[2, 3], minus[1, 1] = 1e-300, -0.0
    assert narrowed(some) is some
    assert narrowed(minus) is minus
    traced: Any = Traced(np.zeros((3, 1)), "input", name="site.flag")
    assert narrowed(traced) is traced


def test_a_total_leaves_columns_of_zeros_out_and_keeps_all_rows_and_every_step_of_a_trace() -> None:
    first, last = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.1], [0.2]])
    zeros, row = np.zeros((2, 1)), np.full((1, 1), 5.0)
    assert sum_of(first, zeros, last).tobytes() == (first + zeros + last).tobytes()
    assert sum_of(zeros, first) is first
    assert sum_of(row, zeros).tolist() == [[5.0], [5.0]]
    assert sum_of(np.zeros((1, 1)), zeros).shape == (2, 1)
    traced: Any = Traced(zeros, "input", name="site.cost")
    found: Any = sum_of(traced, last)
    assert (found.op, len(found.args)) == ("add", 2)
    assert everywhere(np.ones(2))
    assert not everywhere(np.array([0.0, 1.0]))
    assert not everywhere(Traced(np.ones(1), "input", name="site.flag"))


def test_recurrences_refuse_too_few_rows_and_series_of_other_lengths() -> None:
    with pytest.raises(ValueError, match="zip"):
        recurrences(lambda a, b, x: (a + x,), (0.0, 0.0), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"series of \[2, 3\] months"):
        recurrences(lambda a, x, y: (a + x * y,), (0.0,), np.ones((2, 1)), np.ones((3, 1)))


def test_rows_that_do_not_move_are_the_row_before_to_the_bit() -> None:
    moves = truth(np.random.default_rng(3).random((MONTHS, 1)) < 0.3)
    moves[:2], moves[-2:] = 0.0, 0.0

    def step(worth: Any, rate: Any, moves: Any) -> Any:
        return worth / (1.0 + rate * moves)

    rates = np.abs(MONEY)
    looped = recurrence(step, 2.0, rates, moves)
    assert recurrence(step, 2.0, rates, moves, moves=moves).tobytes() == looped.tobytes()
    assert (recurrence(step, 2.0, rates, moves * 0.0, moves=moves * 0.0) == 2.0).all()


def test_quiet_rows_together_are_the_rows_one_by_one_to_the_bit() -> None:
    """Cash adds up; on dates in the middle and at the end a third of it is paid. Together only while it is not low."""
    dates, asked = np.zeros((MONTHS, 1)), list[int]()
    dates[[3, 4, MONTHS - 1]] = 1.0

    def step(cash: Any, earned: Any, date: Any) -> tuple[Any, ...]:
        cash = cash + earned
        return (cash, 0.0) if nowhere(date) else (cash - cash / 3.0 * date, cash / 3.0 * date)

    def together(cash: Any, earned: Any, date: Any) -> tuple[Any, ...] | None:
        asked.append(len(earned))
        rows = np.cumsum(np.concatenate([np.broadcast_to(cash, (1, CASES)), earned]), axis=0)[1:]
        return None if asked == [3] else (rows, 0.0)

    looped = recurrences(step, (5.0,), MONEY, dates, shown=1)
    found = recurrences(step, (5.0,), MONEY, dates, shown=1, quiet=Quiet(dates, together))
    assert asked == [3, MONTHS - 6]
    assert all(ours.tobytes() == theirs.tobytes() for ours, theirs in zip(found, looped, strict=True))


def test_rows_of_two_calendars_are_computed_together_from_a_good_guess() -> None:
    """Cash is paid out every six months, in the other case a month later: all pairs of dates at once."""
    earned, dates, asked = np.random.default_rng(4).normal(size=(50, 2)), np.zeros((50, 2)), list[int]()
    dates[5::6, 0] = dates[6::6, 1] = 1.0

    def step(cash: Any, earned: Any, date: Any) -> tuple[Any, ...]:
        asked.append(np.size(cash))
        return ((cash + earned) * (1.0 - date),)

    (looped,) = recurrences(step, (5.0,), earned, dates)
    assert len(asked) == 50
    asked.clear()
    (found,) = recurrences(step, (5.0,), earned, dates, quiet=Quiet(dates, lambda *_: None), guess=lambda: [looped])
    assert found.tobytes() == looped.tobytes()
    assert len(asked) < 20
    assert max(asked) > 10


def test_what_is_shown_nowhere_is_one_column() -> None:
    _, shown = recurrences(lambda cash, earned: (cash + earned, 0.0), (5.0,), MONEY, shown=1)
    assert shown.shape == (MONTHS, 1)
    assert not shown.any()


@pytest.mark.parametrize("cases", [1, 2, 3, 8, 63, 64, 65, 129, 700])
def test_sums_over_time_add_in_order_however_many_cases_and_however_they_lie(cases: int) -> None:
    """Of rows side by side, of every second column, of columns that are one, backwards, and of cases before months."""
    money = np.random.default_rng(cases).normal(0.0, 1.0, (41, 2 * cases)) * 10.0 ** np.arange(-20, 21)[:, None]
    lying = (money[:, :cases], money[:, ::2], np.broadcast_to(money[:, :1], (41, cases)), money[::-1, cases:])
    for values in (*lying, np.asfortranarray(money[:, :cases])):
        looped = np.zeros(cases)
        for row in values:
            looped = looped + row
        assert accumulate(values).tobytes() == looped.tobytes()
        assert running_total(values)[-1].tobytes() == looped.tobytes()


def test_the_row_of_the_smallest_is_the_first_of_those_that_differ_by_rounding() -> None:
    assert row_of_smallest(np.array([np.nan, 2.0, 1.0 + 1e-12, 1.0])) == 2
    assert row_of_smallest(np.array([1.0, -np.inf])) == 1
    assert row_of_smallest(np.array([np.inf, np.inf])) == 0
