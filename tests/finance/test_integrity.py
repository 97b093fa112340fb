"""Each check finds what is wrong, by how much and where, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.finance.integrity import Check, largest_of, largest_of_many, of_build, of_statements
from minecalc.finance.statements import Books, Part, statements
from tests.finance.test_statements import EFFECT, FINANCED, HELD, LOAN, books, column

WHOLE = books(FINANCED, LOAN, parts=(Part(80.0, 1.0, 5.0, 4.0),), held=HELD, effect_usd=EFFECT)

BALANCE = "the balance sheet balances"
CASH = "cash moves by what its lines come to"
TRANCHE = "every tranche opens with what it closed with"
INTEREST = "interest that accrues is paid"
BELOW = "no cash, reserve or escrow is below zero"
PLANT = "depreciation and write-offs are what plant cost"
ENDS = "every account ends at zero"


def checks(of: Books) -> list[Check]:
    return of_statements(statements(of), of.tranches)


def failing(wrong: Books) -> dict[str, tuple[float, int]]:
    """The checks that do not hold, with their largest gap and its row."""
    found = checks(wrong)
    gaps = {check.name: (round(float(check.largest_usd[0]), 9), int(np.argmax(check.gap_usd[:, 0]))) for check in found}
    return {name: gap for name, gap in gaps.items() if gap[0] > 0.0}


def loan(**account: FloatArray) -> Books:
    return WHOLE._replace(tranches=(LOAN._replace(**account),))


def test_they_hold() -> None:
    assert failing(WHOLE) == {}


def test_a_flow_to_equity_that_is_off() -> None:
    """3 too little is paid out in the second month: the cash is nowhere, and equity has a claim to it at the end."""
    assert failing(WHOLE._replace(effect_usd=EFFECT - column(0, 3, 0, 0))) == {
        BALANCE: (3, 1),
        CASH: (3, 1),
        ENDS: (3, 0),
    }


def test_a_debt_that_moves_without_a_payment() -> None:
    wrong = failing(loan(owed_usd=column(60, 30, 28, 0)))
    assert wrong == {BALANCE: (2, 2), TRANCHE: (2, 2)}


def test_a_debt_that_is_left_at_the_end() -> None:
    assert failing(loan(owed_usd=column(60, 30, 30, 4)))[ENDS] == (4, 0)


def test_interest_that_is_never_paid() -> None:
    wrong = failing(loan(accrued_usd=column(1, 1, 0.5, 0.75)))
    assert wrong[INTEREST] == (0.25, 3)
    assert set(wrong) == {BALANCE, INTEREST, ENDS}


def test_cash_below_zero() -> None:
    assert failing(WHOLE._replace(held=HELD._replace(reserve_usd=column(0, 0, -6, 0))))[BELOW] == (6, 2)


def test_plant_that_costs_more_than_is_worn() -> None:
    wrong = failing(WHOLE._replace(parts=(Part(70.0, 1.0, 5.0, 4.0),)))
    assert wrong == {PLANT: (10, 0), ENDS: (10, 0)}


def test_what_is_no_number_is_seen() -> None:
    nowhere = statements(WHOLE._replace(effect_usd=EFFECT * np.nan))
    assert np.isnan(largest_of(of_statements(nowhere, WHOLE.tranches))).all()


def test_many_cases_are_each_as_alone() -> None:
    """More than are checked together; each has a gap of its own."""
    dice = np.random.default_rng(3)
    off = dice.uniform(0.0, 9.0, 150)
    many = WHOLE._replace(effect_usd=EFFECT + off, parts=(Part(80.0 + off, 1.0, 5.0, 4.0),))
    largest = largest_of_many(checks, many)
    assert largest.shape == (150,)
    for case in range(150):
        one = off[case : case + 1]
        alone = WHOLE._replace(effect_usd=EFFECT + one, parts=(Part(80.0 + one, 1.0, 5.0, 4.0),))
        assert largest[case] == largest_of(checks(alone))[0]


USES, LENT = (column(10, 5, 0, 0), column(2, 0, 1, 0)), (column(6, 2, 0.5, 0), column(3, 0.5, 0, 0))
BUILDING = column(1, 1, 1, 0)


def build(uses: tuple[FloatArray, ...] = USES, lent: tuple[FloatArray, ...] = LENT, total: float = 18.0) -> Check:
    return of_build(uses, lent, column(12, 17, 18, 18), column(9, 2.5, 0.5, 0), np.array([total]), BUILDING)


def test_sources_are_uses() -> None:
    assert build().largest_usd[0] == 0.0


@pytest.mark.parametrize(
    ("check", "gaps"),
    [
        (build(uses=(USES[0], column(2, 0, 4, 0))), [3, 3, 3, 3]),
        (build(lent=(LENT[0],)), [3, 0.5, 0, 0]),
        (build(total=17.5), [0.5, 0.5, 0.5, 0.5]),
    ],
)
def test_sources_that_are_not_uses(check: Check, gaps: list[float]) -> None:
    assert check.place == "point"
    assert [float(gap) for gap in check.gap_usd[:, 0]] == gaps
