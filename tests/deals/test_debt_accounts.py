"""A tranche's account by month, worked out by hand, and that one case of many is that case alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.deals.financed import Financed
from minecalc.engine import evaluate
from minecalc.finance.statements import Debt
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, LEASE, Data, compared

#: 5 million of building, half in March and half in April 2027, earning 500,000 a month from May on; 1% of interest a
#: month, due at the ends of October 2027 and April 2028, when the loan of half the cost is repaid whole.
LOAN: Data = {
    "amount_usd": 2_500_000,
    "rate_fraction_per_year": 0.12,
    "interest_in_build": "paid",
    "repayment": "bullet",
    "term_months": 12,
}
HALL: Data = {**LEASE, "conversion": CONVERSION}


def financed(loan: Data = LOAN, months: int = 24, **financing: Any) -> Financed:
    use = {**HALL, "financing": {"every_months": 6, "tranches": {"loan": loan}, **financing}}
    found = compared({"it": use}, months=months).plans["it"].financed
    assert found is not None
    return found


def account(loan: Data = LOAN, months: int = 24, **financing: Any) -> Debt:
    return financed(loan, months, **financing).accounts["loan"]


def moves(values: FloatArray) -> dict[int, float]:
    """The months in which there is anything, by number, and how much."""
    return {k + 1: round(float(value), 6) for k, value in enumerate(values[:, 0]) if value}


def test_it_is_drawn_in_the_months_that_it_pays_for() -> None:
    found = account()
    assert moves(found.drawn_usd) == {3: 1_250_000, 4: 1_250_000}
    assert moves(found.owed_usd) == {3: 1_250_000} | dict.fromkeys(range(4, 16), 2_500_000)
    assert moves(found.balloon_usd) == {16: 2_500_000}


def test_interest_is_the_expense_of_the_month_whenever_it_is_paid() -> None:
    """That of the build is due with the next month's spending, that of operation on the next date."""
    found = account()
    assert moves(found.accrued_usd) == {3: 12_500, 4: 25_000} | dict.fromkeys(range(5, 17), 25_000)
    assert moves(found.paid_in_build_usd) == {4: 12_500, 5: 25_000}
    assert moves(found.interest_usd) == {10: 150_000, 16: 150_000}
    owed = [12_500, 25_000, *(25_000 * k for k in range(1, 6)), 0, *(25_000 * k for k in range(1, 6))]
    assert moves(found.accrued_interest_usd) == {k + 3: usd for k, usd in enumerate(owed) if usd}


def test_interest_of_the_build_that_is_capitalised_is_no_expense() -> None:
    found = account({**LOAN, "interest_in_build": "capitalised"})
    assert sorted(moves(found.capitalised_usd)) == [4, 5]
    assert sorted(moves(found.accrued_usd)) == list(range(5, 17))
    assert not found.paid_in_build_usd.any()


def test_fees_and_discount_are_spread_over_the_loan() -> None:
    found = account({**LOAN, "upfront_fee_fraction": 0.024, "discount_fraction": 0.012})
    assert moves(found.fees_usd) == {3: 60_000}
    assert moves(found.discount_usd) == {3: 30_000}
    assert moves(found.fees_amortised_usd) == dict.fromkeys(range(5, 17), 5_000)
    assert moves(found.discount_amortised_usd) == dict.fromkeys(range(5, 17), 2_500)


def test_at_the_horizon_all_that_has_accrued_is_paid_and_all_that_is_left_is_spread() -> None:
    """Eight months of operation of twelve: two months after the first date."""
    found = account({**LOAN, "upfront_fee_fraction": 0.024}, months=12)
    assert moves(found.interest_usd) == {10: 150_000, 12: 50_000}
    assert moves(found.at_end_usd) == {12: 2_500_000}
    assert moves(found.fees_amortised_usd) == dict.fromkeys(range(5, 12), 5_000) | {12: 25_000}
    assert moves(found.owed_usd)[11] == 2_500_000
    assert 12 not in moves(found.owed_usd)


def test_a_bond_is_owed_whole_and_lies_in_escrow_until_the_next_month_needs_it() -> None:
    bond = {**LOAN, "draw": "at_close", "escrow_yield_fraction_per_year": 0.06}
    found = account({key: value for key, value in bond.items() if key != "interest_in_build"})
    assert moves(found.drawn_usd) == {3: 2_500_000}
    assert sorted(moves(found.escrow_usd)) == [3, 4]
    assert moves(found.escrow_income_usd)[4] == pytest.approx(0.005 * moves(found.escrow_usd)[3])


def test_cash_is_held_between_dates_and_the_reserve_from_the_start_of_operation() -> None:
    found = financed({**LOAN, "interest_in_build": "capitalised"}, reserve_months=6).held
    assert [k for k in moves(found.cash_usd) if k < 17] == [*range(5, 10), *range(11, 16)]
    assert moves(found.reserve_usd) == dict.fromkeys(range(5, 10), 150_000) | dict.fromkeys(range(10, 16), 150_000)


def test_flows_of_the_build_belong_to_the_month_that_begins() -> None:
    found = financed()
    effect = found.by_month(found.effect_usd)
    assert effect[2, 0] == found.effect_usd[2, 0] == 1_250_000
    assert effect[3, 0] == found.effect_usd[3, 0] == 1_250_000 - 12_500
    assert effect[15, 0] == found.effect_usd[16, 0]
    assert float(effect.sum()) == pytest.approx(float(found.effect_usd.sum()))


def test_a_case_of_many_is_that_case_alone() -> None:
    use = {**HALL, "financing": {"every_months": 6, "tranches": {"loan": {**LOAN, "sweep_fraction": 0.5}}}}
    scenario = compared({"it": use}).scenario
    columns = {
        "plans.it.rent_usd_per_kw_per_month": [80.0, 100.0, 120.0],
        "plans.it.conversion.delay_months": [0.0, 3.0, 1.0],
        "plans.it.financing.tranches.loan.rate_fraction_per_year.scale": [1.0, 0.5, 2.0],
    }
    many = evaluate(vary(scenario, columns)).plans["it"].financed
    assert many is not None
    for case in range(3):
        chosen = {name: values[case : case + 1] for name, values in columns.items()}
        alone = evaluate(vary(scenario, chosen)).plans["it"].financed
        assert alone is not None
        pairs = zip(alone.accounts["loan"], many.accounts["loan"], strict=True)
        for one, all_ in pairs:
            assert np.array_equal(one[:, 0], np.broadcast_to(all_, (24, 3))[:, case])
