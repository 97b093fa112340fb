"""A deal as it closes: what the build costs and who pays, by hand and for a loan of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.deals.financed import Financed
from minecalc.finance.waterfall import Paid
from tests.by_hand import Data
from tests.deals.test_financed import BOND, deal_of, in_any_deal, of, of_any_shape
from tests.finance.deals import CLOSES_AT, STARTS_AT, by_point, financed, loan, plan


def test_interest_paid_in_the_build_and_fees_are_equitys_and_lenders() -> None:
    keys: Data = {"interest_in_build": "paid", "upfront_fee_fraction": 0.02, "commitment_fee_fraction_per_year": 0.012}
    debt = financed({"loan": loan(amount_usd=2.5e6, **keys)})
    (flow,) = debt.flows
    total = debt.closing.total_usd.item()
    assert by_point(flow.upfront_fee_usd)[CLOSES_AT] == 5e4
    drawn = 2.55e6 / total
    assert by_point(flow.paid_in_build_usd)[3] == pytest.approx(2.5e6 * drawn * 0.01)
    assert by_point(flow.commitment_fee_usd)[3] == pytest.approx(2.5e6 * (1 - drawn) * 0.001)
    assert not debt.uses_usd["interest"].any()
    assert sum(usd.sum() for usd in debt.uses_usd.values()) == pytest.approx(total)


def test_without_a_conversion_operation_starts_today() -> None:
    use = {"conversion": None, "capex_usd_per_critical_mw": 1e6}
    found = plan({"loan": loan()}, use=use)
    debt = of(found)
    assert debt.starts_at.tolist() == [[0.0]]
    assert by_point(debt.flows[0].drawn_usd)[:2] == pytest.approx([2.5e6, 0])
    assert debt.closing.total_usd.item() == 5e6


@of_any_shape
@in_any_deal
def test_sources_are_uses(repayment: Any, deal: Data) -> None:
    debt = of(deal_of(repayment, deal, upfront_fee_fraction=0.01, discount_fraction=0.02))
    total = debt.closing.total_usd.item()
    uses = sum(debt.uses_usd.values(), np.zeros((41, 1)))
    assert uses.sum() == pytest.approx(total, rel=1e-12)
    by_equity = uses - debt.paid_by_debt_usd
    assert by_equity.min() >= -1e-6
    assert by_equity.sum() == pytest.approx(total - debt.debt_usd.item(), rel=1e-12)


def test_a_deal_that_is_fixed_keeps_its_amounts_and_instalments() -> None:
    closed = financed({"bond": BOND, "loan": loan("sculpted")}, reserve_months=3)
    terms = closed.terms.with_deal(closed.deal)
    same = Financed(terms, closed.timeline, closed.ready, closed.lines)
    assert same.effect_usd == pytest.approx(closed.effect_usd, abs=1e-6)
    later = Financed(terms, closed.timeline, closed.ready + 2.0, closed.lines)
    for before, after in zip(closed.waterfall.tranches, later.waterfall.tranches, strict=True):
        assert isinstance(after, Paid)
        assert after.owed_usd[STARTS_AT + 2, 0] == before.owed_usd[STARTS_AT, 0]
        assert after.instalment_usd[STARTS_AT + 5, 0] == before.instalment_usd[STARTS_AT + 3, 0]
