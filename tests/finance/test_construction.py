"""The build by hand and against ``oracles/debt.json`` and ``oracles/finance-2.json``: what it costs and who pays."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from minecalc.arrays import FloatArray, accumulate
from minecalc.finance.closing import close
from minecalc.finance.construction import Spends, costs, funding, linear_total_cost, total_cost
from tests.by_hand import Data
from tests.finance.deals import build, by_period, by_point, column, drawing, lent, oracle, project

DEBT, FINANCE = oracle("debt"), oracle("finance-2")


def test_equity_pays_its_share_of_each_cost() -> None:
    """100 and 100 at points 0 and 1, half by debt at 10 %: 50, then 5 of interest and 105 shared: U = 205.128."""
    spent, drawn = funding(costs(build(100, 100), [drawing(0.1)], [100.0], 0.0), 200.0)
    assert by_point(spent) == [100, 100 + 100 + 50 * 0.1]
    assert by_point(drawn) == [0.5, 205 / 200]


def test_equity_pays_first_until_its_money_is_spent() -> None:
    spent, drawn = funding(costs(build(100, 100, equity_first=True), [drawing(0.1)], [80.0], 0.0), 200.0)
    assert by_point(spent) == [100, 200]  # 120 of equity, of which 20 are left at point 1
    assert by_point(drawn) == [0, 1]


def test_a_bond_bears_interest_from_close_and_its_escrow_earns() -> None:
    """100 at point 0, 100 at point 1; a bond of 100 has paid 50 of 200: interest 10 less 5 % on 50 in escrow."""
    spent, _ = funding(costs(build(100, 100), [drawing(0.1, at_close=True, escrow=0.05)], [100.0], 0.0), 200.0)
    assert by_point(spent) == [100, 200 + 10 - 2.5]


def test_fees_at_close_and_on_what_is_undrawn_and_interest_paid_by_equity() -> None:
    spent, _ = funding(
        costs(build(100, 100), [drawing(0.1, paid=True, fee=0.03, commitment=0.01)], [100.0], 7.0), 206.0
    )
    drawn = 103 / 206
    assert by_point(spent) == pytest.approx([103, 203 + 100 * (1 - drawn) * 0.01 + 7])


def test_cases_that_end_apart_stay_at_what_they_had_spent() -> None:
    two = build(100, 100, 0)
    ends = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    building = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    spent, _ = funding(costs(two._replace(ends=ends, building=building), [drawing(0.1)], [100.0], 0.0), 200.0)
    assert spent.T.tolist() == pytest.approx(np.array([[100, 205, 205], [100, 205, 205 + 102.5 * 0.1]]))


def test_interest_of_the_build_is_that_of_its_closed_form() -> None:
    case = DEBT["idc-pro-rata"]
    total, debt, interest = _closed(case["inputs"], share=case["inputs"]["debt_share"])
    assert debt == pytest.approx(case["expected"]["debt_end"], abs=1e-9)
    assert total - debt == pytest.approx(case["expected"]["equity_end"], abs=1e-9)
    assert interest == pytest.approx(case["expected"]["idc"], abs=1e-9)
    assert total == pytest.approx(case["expected"]["uses"], abs=1e-9)


def test_interest_is_less_where_equity_is_first() -> None:
    case = DEBT["idc-equity-first"]
    total, debt, interest = _closed(case["inputs"], amount=case["expected"]["debt_end"], equity_first=True)
    assert total - debt == pytest.approx(case["expected"]["equity_end"], abs=1e-9)
    assert interest == pytest.approx(case["expected"]["idc"], abs=1e-9)


def test_a_fee_that_is_financed_itself() -> None:
    given_, expected = DEBT["upfront-fee-financed"]["inputs"], DEBT["upfront-fee-financed"]["expected"]
    loan = lent(by_period(2, 0.01), drawing(0.01, fee=given_["upfront_fee"]), share=given_["debt_share"])
    deal = close(project(build(given_["cost"]), column(1, 1)), [loan])
    (amount,) = (float(one.amount_usd[0]) for one in deal.lent)
    assert amount == pytest.approx(expected["debt"], abs=1e-10)
    assert deal.total_usd.item() - amount == pytest.approx(expected["equity"], abs=1e-10)
    assert amount * given_["upfront_fee"] == pytest.approx(expected["fee"], abs=1e-10)


def test_a_bond_costs_its_negative_carry() -> None:
    """Costs fall at months 1 to 18; all is drawn at point 0, where nothing is spent."""
    given_, expected = (FINANCE["bond-drawn-at-close-negative-carry"][key] for key in ("inputs", "expected"))
    coupon, yields = given_["coupon"] / 12, given_["escrow_yield"] / 12
    at = build(0, *given_["cost_per_month"])
    bond = lent(by_period(2, 0.01), drawing(coupon, at_close=True, escrow=yields), share=1.0)
    face = close(project(at, column(1, 1)), [bond]).total_usd.item()
    assert face == pytest.approx(expected["face"], rel=1e-9)
    assert face - 180 == pytest.approx(expected["negative_carry"], rel=1e-9)
    loan = lent(by_period(2, 0.01), drawing(coupon), share=1.0)
    drawn = close(project(at, column(1, 1)), [loan]).total_usd.item()
    assert drawn == pytest.approx(expected["compare_drawn_monthly_all_debt"], rel=1e-9)


def test_total_cost_is_found_by_two_evaluations_where_it_is_linear() -> None:
    seen = list[FloatArray]()

    def spends(total: FloatArray) -> FloatArray:
        seen.append(total)
        return 30.0 + 0.4 * total

    assert linear_total_cost(spends, np.array([10.0])).tolist() == pytest.approx([50.0])
    assert len(seen) == 2
    assert np.isnan(linear_total_cost(lambda total: 1.0 + 1.5 * total, np.array([10.0]))).all()


@given(st.floats(0.1, 1e9), st.floats(0.0, 0.9), st.floats(0.0, 1.0))
def test_total_cost_is_the_root_to_rounding(capex: float, slope: float, bend: float) -> None:
    def spends(total: FloatArray) -> FloatArray:
        return capex * (1.0 + 0.3 * bend) + slope * np.minimum(total, capex * (1.0 + bend))

    found = total_cost(spends, np.array([capex]))
    assert spends(found) == pytest.approx(found, rel=1e-14)


def test_there_may_be_no_total_cost_and_it_may_be_below_capex() -> None:
    assert np.isnan(total_cost(lambda total: 2.0 * total + 1.0, np.array([10.0]))).all()
    assert total_cost(lambda total: total * 0.0 + 4.0, np.array([10.0])).tolist() == pytest.approx([4.0])


def test_costs_of_a_debt_that_dwarfs_capex_are_found_in_few_steps() -> None:
    """Fees of 1e7 on a build of 10, and a little for what is drawn; and a loan that costs 60 % of total cost."""
    seen = list[FloatArray]()

    def spends(total: FloatArray) -> FloatArray:
        seen.append(total)
        return np.array([10.0 + 1e7 * (1.0 + 0.04 * 1.04e7 / total[0]), 10.0 + 0.6 * total[1]])

    found = total_cost(spends, np.array([10.0, 10.0]))
    assert spends(found) == pytest.approx(found, rel=1e-14)
    assert found[1] == pytest.approx(25.0)
    assert len(seen) < 20


def test_total_cost_is_the_same_alone_and_among_others() -> None:
    capex, slopes = np.linspace(1.0, 9.0, 70), np.linspace(0.0, 1.9, 70)

    def spends(at: FloatArray, slope: FloatArray, total: FloatArray) -> FloatArray:
        return at + slope * np.sqrt(at * total)

    found = total_cost(partial(spends, capex, slopes), capex)
    assert (found > 4.0 * capex).any()
    alone = [total_cost(partial(spends, capex[[i]], slopes[[i]]), capex[[i]]).item() for i in range(70)]
    assert found.tolist() == alone


def test_where_few_of_many_are_left_these_alone_are_looked_at_to_the_same_bits() -> None:
    capex, slopes, asked = np.linspace(1.0, 9.0, 700), np.linspace(0.0, 1.9, 700), list[int]()

    def spends(at: FloatArray, slope: FloatArray, total: FloatArray) -> FloatArray:
        asked.append(total.size)
        return at + slope * np.sqrt(at * total)

    def of(cases: NDArray[np.intp]) -> Spends:
        return partial(spends, capex[cases], slopes[cases])

    whole = total_cost(of(np.arange(700)), capex)
    assert total_cost(of(np.arange(700)), capex, of).tobytes() == whole.tobytes()
    assert min(asked) < 525


def _closed(
    given_: Data, *, share: float | None = None, amount: float | None = None, equity_first: bool = False
) -> tuple[float, float, float]:
    """Total cost, debt and interest of a build whose costs fall at months 1, 2, .. and which closes with the first."""
    costs = given_["monthly_cost"]
    at = build(0, *costs, closes=1, equity_first=equity_first)
    loan = lent(by_period(2, 0.01), drawing(given_["annual_rate_nominal"] / 12), share=share, amount=amount)
    deal = close(project(at, column(1, 1)), [loan])
    total, debt = deal.total_usd.item(), deal.lent[0].amount_usd.item()
    assert by_point(deal.funding.spent_usd)[-1] == pytest.approx(total, rel=1e-14)
    assert by_point(deal.funding.drawn_fraction)[-1] == pytest.approx(1.0, rel=1e-14)
    return total, debt, total - float(accumulate(at.capex_usd)[0])


def test_nothing_is_drawn_of_no_debt() -> None:
    spent, drawn = funding(costs(build(100, 100), [drawing(0.1)], [0.0], 0.0), 200.0)
    assert by_point(spent) == [100, 200]
    assert by_point(drawn) == [0.5, 1.0]
