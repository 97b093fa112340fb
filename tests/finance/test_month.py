"""The rules of a date by hand: what cash pays, what the reserve takes, and when distributions are held."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.finance.month import FREE, Tranche, held_after, paid_from, topped_up, wanted_reserve


@pytest.mark.parametrize(
    ("due", "cash", "reserve", "left"),
    [
        (50.0, 70.0, 30.0, (20.0, 30.0, 0.0, 0.0)),
        (50.0, 40.0, 30.0, (0.0, 20.0, 10.0, 0.0)),
        (90.0, 40.0, 30.0, (0.0, 0.0, 30.0, 20.0)),
    ],
)
def test_cash_pays_first_then_the_reserve_then_nobody_yet(
    due: float, cash: float, reserve: float, left: tuple[float, ...]
) -> None:
    """Cash and reserve that are left, what the reserve paid, and what is short."""
    found = paid_from(*(np.array([usd]) for usd in (due, cash, reserve)))
    assert tuple(float(usd[0]) for usd in found) == left


def test_the_reserve_takes_what_cash_has_up_to_its_aim_and_gives_back_the_rest() -> None:
    aim, reserve, cash = np.array([60.0, 60.0, 20.0]), np.array([40.0, 40.0, 50.0]), np.array([30.0, 5.0, 0.0])
    assert topped_up(aim, reserve, cash).tolist() == [20.0, 5.0, -30.0]


def test_the_reserve_aims_at_nothing_for_a_swept_loan_that_is_still_lent_its_interest_as_scheduled() -> None:
    """Of 100, 80 is swept: on the date ahead 1 of interest was to be lent, and 0.2 is due; then 3 of 21 is repaid."""
    none = np.zeros(1)
    loan = Tranche(none, none, none, none, none, none, none, none, (0.01, -1.0, 0.01, 3.0))
    assert wanted_reserve([np.array([20.0])], [loan], [1.0, 0.0]).tolist() == [0.0]
    assert wanted_reserve([np.array([20.0])], [loan], [1.0, 1.0]) == pytest.approx(0.2 - 1.0 + 0.21 + 3.0)


def test_distributions_resume_at_the_second_clean_date_in_a_row() -> None:
    """Low, clean, a month that is no date, clean; and low, clean, low, clean."""
    held, found = np.array([FREE, FREE]), []
    for low, dates in (([1.0, 1.0], 1.0), ([0.0, 0.0], 1.0), ([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([0.0, 0.0], 1.0)):
        held = held_after(held, np.array(low), np.full(2, dates))
        found.append((held != FREE).tolist())
    assert found == [[True, True], [True, True], [True, True], [False, True], [False, True]]
