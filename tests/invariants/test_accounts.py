"""Accounts of any debt: what opens is what closed, sources are uses, and the balance sheet balances in every month."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.engine import evaluate
from minecalc.engine.stated import Stated
from minecalc.finance.statements import Debt
from minecalc.loading import ScenarioError
from minecalc.units import MONTHS_PER_YEAR
from tests.by_hand import MARKET, SITE, Data, freed
from tests.engine.test_stated import EVERYTHING, TAXED
from tests.invariants.rules import holds, scenario_of
from tests.randomly import randomly
from tests.strategies import Draw, amounts


@st.composite
def loans(draw: Draw, every: int) -> Data:
    """A tranche of a third of the cost at the most."""
    term, first = every * draw(st.integers(2, 8)), every * draw(st.integers(1, 2))
    shape = draw(st.sampled_from(["level", "equal_principal", "bullet", "sculpted"]))
    loan: Data = {
        "rate_fraction_per_year": draw(amounts(0.0, 0.15)),
        "repayment": shape,
        "term_months": min(term, 36 // every * every) if shape == "sculpted" else term,
        "first_payment_months": first,
        "upfront_fee_fraction": draw(amounts(0.0, 0.05)),
        "discount_fraction": draw(amounts(-0.02, 0.05)),
        "sweep_fraction": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }
    size = draw(amounts(0.01, 0.3))
    loan |= draw(st.sampled_from([{"share_of_cost_fraction": size}, {"amount_usd": 3e6 * size}]))
    loan |= draw(st.sampled_from([{}, {"dscr_ratio": 1.5}]))
    if shape != "bullet":
        loan["balloon_fraction"] = draw(st.sampled_from([0.0, 0.3]))
    if shape == "sculpted":
        loan["allow_negative_amortisation"] = True
    if draw(st.booleans()):
        escrow = loan["rate_fraction_per_year"] * draw(amounts(0.0, 1.0))
        return loan | {"draw": "at_close", "escrow_yield_fraction_per_year": escrow}
    return loan | {"interest_in_build": draw(st.sampled_from(["capitalised", "paid"]))}


@st.composite
def financed(draw: Draw) -> Data:
    """The plan of ``EVERYTHING`` with other loans, and with or without tax."""
    every = draw(st.sampled_from([1, 3, 6, 12]))
    financing = {
        "every_months": every,
        "equity": draw(st.sampled_from(["pro_rata", "first"])),
        "tranches": {f"loan {k}": draw(loans(every)) for k in range(draw(st.integers(1, 3)))},
        "reserve_months": draw(st.sampled_from([0, 5, 12])),
        "reserve_yield_fraction_per_year": draw(amounts(0.0, 0.05)),
        "lockup_dscr_ratio": draw(st.sampled_from([0.0, 1.3])),
    }
    plan = {**EVERYTHING["it"], "financing": financing}
    if draw(st.booleans()):
        plan = {**plan, "tax": {**TAXED, "interest_limit_fraction": draw(amounts(0.0, 1.0))}}
    months = draw(st.sampled_from([40, 48, 61]))
    data = {"name": "any", "start": "2027-01", "months": months, "site": SITE, "market": MARKET}
    return {**data, "plans": freed({**EVERYTHING, "it": plan})}


def corkscrews(debt: Debt, rate: float, scale: float) -> None:
    """Each month opens with what the last closed with, ends at nothing, and interest is the rate of what is owed.

    Interest that is capitalised is due with the spending of the month after.
    """
    rounding = 1e-11 * scale
    balance = opening = 0.0
    for k, closing in enumerate(debt.owed_usd[:, 0]):
        moved = float(debt.drawn_usd[k, 0] - debt.repaid_usd[k, 0])
        assert opening + moved == pytest.approx(closing, abs=rounding)
        interest = (opening + float(debt.drawn_usd[k, 0])) * rate / MONTHS_PER_YEAR
        later = float(debt.capitalised_usd[k + 1, 0]) if k + 1 < len(debt.capitalised_usd) else 0.0
        assert debt.accrued_usd[k, 0] + later == pytest.approx(interest, abs=rounding)
        balance += float(debt.accrued_usd[k, 0] - debt.interest_usd[k, 0] - debt.paid_in_build_usd[k, 0])
        assert debt.accrued_interest_usd[k, 0] == pytest.approx(balance, abs=rounding)
        opening = float(closing)
    assert opening == 0.0
    assert balance == pytest.approx(0.0, abs=rounding)


@holds("balance-sheet", "sources-uses", "debt-corkscrew", "debt-ends-zero", "interest-on-balance", "dsra")
@randomly(15)
@given(financed())
def test_accounts_of_any_debt(data: Data) -> None:
    try:
        scenario = scenario_of(data)
    except ScenarioError:  # such a deal does not close, and says so
        return
    found = Stated(evaluate(scenario).plans["it"])
    scale = float(found.scale_usd[0])
    assert found.largest_gap_ratio[0] < 1e-11
    balance = found.statements.balance
    assets = balance.cash_usd + balance.reserve_usd + balance.escrow_usd + balance.plant_usd
    equity = balance.total_assets_usd - balance.total_liabilities_usd
    assert balance.total_equity_usd[:, 0] == pytest.approx(equity[:, 0], abs=1e-11 * scale)
    assert (assets + balance.financing_costs_usd)[:, 0] == pytest.approx(balance.total_assets_usd[:, 0])
    for name, debt in found.tranches.items():
        written = data["plans"]["it"]["financing"]["tranches"][name]
        corkscrews(debt, written["rate_fraction_per_year"], scale)
    deal = found.plan.financed
    assert deal is not None
    uses = sum(float(usd.sum()) for usd in deal.uses_usd.values())
    paid = float(deal.paid_by_debt_usd.sum())
    assert uses == pytest.approx(float(np.asarray(deal.closing.total_usd).reshape(-1)[0]), rel=1e-11)
    assert paid == pytest.approx(float(deal.debt_usd[0]), rel=1e-11, abs=1e-6)
    # what the reserve is given it gives back
    reserve = balance.reserve_usd[:, 0]
    assert reserve.min() >= 0.0
    assert reserve[-1] == 0.0
