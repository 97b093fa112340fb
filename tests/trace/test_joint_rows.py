"""Rows of several recurrences from a guess are those one after the other, whatever the guess is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray, nowhere, recurrences
from minecalc.trace.joint_rows import Quiet

STRETCHES, LENGTH, CASES = 9, 3, 4
MONTHS = 2 + STRETCHES * LENGTH + 1  # two before the first stretch, a last one of its own
random = np.random.default_rng(5)
MONEY = random.normal(1e5, 4e4, (MONTHS, CASES))
DATES = np.zeros((MONTHS, 1))
DATES[[1, *range(1 + LENGTH, MONTHS - 1, LENGTH), MONTHS - 1]] = 1.0


def step(cash: Any, owed: Any, earned: Any, date: Any) -> tuple[Any, ...]:
    """Cash adds up; on a date it pays a tenth of what is owed, as far as it goes, and half of the rest is paid out."""
    cash = cash + earned
    if nowhere(date):
        return cash, owed, 0.0
    paid = np.minimum(np.maximum(cash, 0.0), owed * 0.1) * date
    left = cash - paid
    return np.where(date > 0.0, left / 2.0, cash), owed - paid, left / 2.0 * date


def rows(guess: Sequence[FloatArray] | None, calls: list[int]) -> tuple[FloatArray, ...]:
    """The rows from this guess; ``calls`` gets a number for each time that the step is asked."""

    def counted(*given: Any) -> tuple[Any, ...]:
        calls.append(1)
        return step(*given)

    debts = np.linspace(1e6, 4e6, CASES)
    return recurrences(
        counted,
        (0.0, debts),
        MONEY,
        DATES,
        shown=1,
        quiet=Quiet(DATES, lambda *_: None),
        guess=None if guess is None else lambda: guess,
    )


@pytest.mark.parametrize("wrong_by", [0.0, 1e-9, 1e5, np.inf])
def test_rows_from_a_guess_are_those_one_after_the_other_to_the_bit(wrong_by: float) -> None:
    one_by_one, together = list[int](), list[int]()
    looped = rows(None, one_by_one)
    found = rows([looped[0] + wrong_by, looped[1]], together)
    assert [ours.tobytes() for ours in found] == [theirs.tobytes() for theirs in looped]
    assert len(one_by_one) == MONTHS
    assert len(together) == 3 + LENGTH if wrong_by == 0.0 else len(together) > 3 + LENGTH


def test_a_guess_may_be_one_number_for_all_rows() -> None:
    looped = rows(None, [])
    found = rows([np.zeros((1, 1)), np.zeros((1, CASES))], [])
    assert [ours.tobytes() for ours in found] == [theirs.tobytes() for theirs in looped]


def test_of_many_columns_no_guess_is_asked_for() -> None:
    def asked() -> Sequence[FloatArray]:
        raise AssertionError

    money = np.ones((8, 600))
    (cash,) = recurrences(lambda cash, earned: (cash + earned,), (0.0,), money, guess=asked)
    assert cash[:, 599].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
