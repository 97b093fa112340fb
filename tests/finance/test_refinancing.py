"""A balloon that a new loan repays: by hand, and what stays true of the deal and of its accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.cashflow.accounts import accounts
from minecalc.analysis.compare.financing import Measured, tables
from minecalc.deals.financed import Financed
from minecalc.document import Table, Text
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.engine.stated import Stated
from minecalc.scenario.varying import vary
from tests.finance.deals import RENT_USD, by_point, financed, loan, oracle, plan

LENT = 1e6
#: A million at 3% a period, due at point 10, and again at 6% a period in two payments at points 13 and 16.
BULLET = loan(
    "bullet",
    amount_usd=LENT,
    term_months=6,
    refinance_rate_fraction_per_year=0.24,
    refinance_term_months=6,
)
SERVICE = LENT / (1 / 1.06 + 1 / 1.06**2)


def of(found: PlanEvaluation) -> Financed:
    assert found.financed is not None
    return found.financed


def test_a_refinanced_bullet_by_hand() -> None:
    debt = financed({"loan": BULLET}, months=20)
    (flow,) = debt.flows
    first = SERVICE - 0.06 * LENT
    assert by_point(flow.interest_usd)[7:20:3] == pytest.approx([3e4, 3e4, 6e4, 0.06 * (LENT - first), 0])
    assert by_point(flow.instalment_usd)[7:20:3] == pytest.approx([0, 0, first, LENT - first, 0])
    assert by_point(flow.owed_usd)[7:20:3] == pytest.approx([LENT, LENT, LENT - first, 0, 0], abs=1e-6)
    assert not flow.balloon_usd.any()
    assert not debt.waterfall.refinancing_usd.any()
    assert by_point(debt.refinanced_usd["loan"])[9:12] == [0, LENT, 0]
    assert by_point(debt.waterfall.distribution_usd)[10] == pytest.approx(3 * RENT_USD - 3e4)
    assert debt.debt_yield_fraction.item() == pytest.approx(6 * RENT_USD / LENT)  # of the last months
    assert debt.dscr_min_ratio.item() == pytest.approx(3 * RENT_USD / SERVICE)
    assert debt.matures_inside.all()


def test_without_it_equity_pays_the_balloon() -> None:
    alone = {key: value for key, value in BULLET.items() if not key.startswith("refinance")}
    debt = financed({"loan": alone | {"amount_usd": 4e6}}, months=20)
    assert debt.refinanced_usd == {}
    assert debt.waterfall.refinancing_usd[10, 0] > 0.0
    again = financed({"loan": BULLET | {"amount_usd": 4e6}}, months=20)
    assert not again.waterfall.refinancing_usd.any()
    assert again.debt_usd.item() == debt.debt_usd.item()
    assert again.closing.total_usd.item() == debt.closing.total_usd.item()


def test_a_mini_perm_covers_its_new_loan_as_published() -> None:
    """What is left of 3,200 after five years is repaid in ten level payments at the rate of the new loan."""
    case = oracle("finance-2")["mini-perm-refinance"]
    inputs, expected = case["inputs"], case["expected"]
    *shares, balloon = inputs["amortisation_share_by_half_year"]
    notes = loan(
        {"shares": [*shares, 0.0]},
        amount_usd=inputs["principal"],
        balloon_fraction=balloon,
        rate_fraction_per_year=inputs["coupon"],
        term_months=60,
        refinance_rate_fraction_per_year=inputs["refinance_rate"],
        refinance_term_months=6 * inputs["refinance_payments"],
    )
    debt = financed({"notes": notes}, months=124, every_months=6)
    (flow,) = debt.flows
    assert by_point(debt.refinanced_usd["notes"])[64] == pytest.approx(expected["balloon"], rel=1e-12)
    due = by_point(flow.interest_usd + flow.instalment_usd)[10:65:6]
    assert [*due[:-1], due[-1] + expected["balloon"]] == pytest.approx(expected["debt_service_by_half_year"])
    half = inputs["refinance_rate"] / 2
    service = by_point(flow.interest_usd + flow.instalment_usd)[70:125:6]
    assert service == pytest.approx([expected["balloon"] * half / (1 - (1 + half) ** -10)] * 10, rel=1e-9)
    assert flow.owed_usd[124, 0] == 0.0


def test_what_is_owed_of_it_at_the_horizon_is_paid_there() -> None:
    debt = financed({"loan": BULLET | {"refinance_term_months": 120}}, months=20)
    (flow,) = debt.flows
    assert not debt.matures_inside.any()
    assert flow.at_end_usd[20, 0] == pytest.approx(flow.owed_usd[19, 0] * 1.02)


def test_a_sweep_before_it_shortens_it_from_its_end() -> None:
    debt = financed({"loan": BULLET | {"sweep_fraction": 0.2}}, months=20)
    (flow,) = debt.flows
    swept = 2 * 0.2 * 3 * RENT_USD
    assert by_point(debt.refinanced_usd["loan"])[10] == pytest.approx(
        LENT - swept + 0.2 * (3e4 + 0.03 * (LENT - 294e3))
    )
    assert by_point(flow.instalment_usd)[13] == pytest.approx(min(SERVICE - 0.06 * LENT, flow.owed_usd[10, 0]))
    assert flow.owed_usd[16, 0] == 0.0


DEALS: dict[str, dict[str, Any]] = {
    "alone": {},
    "with a reserve": {"reserve_months": 6, "reserve_yield_fraction_per_year": 0.03, "lockup_dscr_ratio": 3.0},
}


@pytest.mark.parametrize("terms", DEALS.values(), ids=DEALS)
def test_accounts_of_it_balance_and_lines_are_what_debt_does(terms: dict[str, Any]) -> None:
    found = plan({"loan": BULLET | {"draw": "at_close"}}, 22, {"tax": {"rate_fraction": 0.2}}, **terms)
    debt = of(found)
    assert Stated(found).largest_gap_ratio.item() < 1e-12
    total = sum(float(line.usd.sum()) for line in debt.lines_of_debt)
    assert total == pytest.approx(float(debt.effect_usd.sum()), abs=1e-6)
    moved = {line.name: float(line.usd.sum()) for line in debt.lines_of_debt}
    assert moved["balloon_refinanced_usd"] == -LENT
    assert moved["drawn_to_refinance_usd"] == LENT
    statement = accounts(found, "debt", 12)
    assert statement.values("debt_balloon_refinanced_usd", "loan") == (-LENT, 0.0)
    assert statement.values("debt_drawn_to_refinance_usd", "loan") == (LENT, 0.0)


def test_a_case_has_the_same_bits_alone_and_in_a_batch() -> None:
    scenario = plan({"loan": BULLET}, 30).engine.scenario
    at = "plans.it.financing.tranches.loan"
    columns = {
        "plans.it.rent_usd_per_kw_per_month": np.array([100.0, 60.0, 20.0]),
        f"{at}.refinance_rate_fraction_per_year": np.array([0.24, 0.05, 0.3]),
        f"{at}.refinance_term_months": np.array([6.0, 12.0, 60.0]),
        "plans.it.conversion.delay_months": np.array([0.0, 4.0, 1.0]),
    }
    batch = of(evaluate(vary(scenario, columns)).plans["it"]).effect_usd
    for case in range(3):
        one = {path: float(column[case]) for path, column in columns.items()}
        alone = of(evaluate(vary(scenario, one)).plans["it"]).effect_usd
        assert alone[:, 0].tobytes() == np.ascontiguousarray(batch[:, case]).tobytes()


def test_a_deal_that_is_closed_elsewhere_is_refinanced_as_well() -> None:
    first = financed({"loan": BULLET}, months=20)
    again = Financed(first.terms.with_deal(first.deal), first.timeline, first.ready, first.lines)
    assert by_point(again.effect_usd) == pytest.approx(by_point(first.effect_usd), abs=1e-6)


def test_readers_are_told_what_is_refinanced_and_when() -> None:
    found = plan({"loan": BULLET, "other": loan()}, months=40)
    record = {"name": "it"} | Measured(found).record(0)
    one, other = record["financing"]["tranches"]
    assert (one["refinanced_usd"], one["refinanced_month"]) == (LENT, "2027-10")
    assert "refinanced_usd" not in other
    cover = next(block for block in tables(record) if isinstance(block, Table) and "lender" in str(block.title))
    rows = {str(row[0].text): row for row in cover.rows if isinstance(row[0], Text)}
    assert rows["  refinanced 2027-10"][2] == Text("at 24% over 6 months", "muted")
