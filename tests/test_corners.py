"""A plan's corners: which it has, what is taken off in each, and which of them decides."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED, WORDS
from minecalc.engine import PlanEvaluation
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared

LOAN: Data = {
    "every_months": 1,
    "equity_rate_fraction_per_year": 0.15,
    "tranches": {
        "loan": {
            "share_of_cost_fraction": 0.5,
            "rate_fraction_per_year": 0.12,
            "repayment": "equal_principal",
            "term_months": 12,
        }
    },
}
TAX: Data = {"rate_fraction": 0.25}


def plans(**terms: Any) -> Data:
    return {"mine": MINER, "lease": LEASE | {"conversion": CONVERSION} | terms}


def lease(of: Data, **scenario: Any) -> PlanEvaluation:
    return compared(of, **scenario).plans["lease"]


@pytest.mark.parametrize(
    ("terms", "taxed", "corners", "deepest"),
    [
        ({}, False, [UNLEVERED], UNLEVERED),
        ({}, True, [UNLEVERED, AFTER_TAX], AFTER_TAX),
        ({"financing": LOAN}, False, [UNLEVERED, LEVERED], LEVERED),
        ({"financing": LOAN}, True, [UNLEVERED, AFTER_TAX, LEVERED, TO_EQUITY], TO_EQUITY),
        ({"tax": TAX}, False, [UNLEVERED, AFTER_TAX], UNLEVERED),
        ({"financing": LOAN, "tax": TAX}, False, [UNLEVERED, AFTER_TAX, LEVERED, TO_EQUITY], LEVERED),
    ],
)
def test_the_deepest_corner_has_tax_only_where_every_plan_pays_it(
    terms: Data, taxed: bool, corners: list[str], deepest: str
) -> None:
    plan = lease(plans(**terms), **({"tax": TAX} if taxed else {}))
    assert list(plan.corners) == corners
    assert plan.deepest == deepest
    assert np.array_equal(plan.net_usd, plan.corners[deepest].net_usd)
    assert np.array_equal(plan.project_usd, plan.corners[deepest].project_usd)


def test_with_debt_the_rate_is_that_of_equity_and_without_it_the_plans_own() -> None:
    plan = lease(plans(financing=LOAN, discount_rate_fraction_per_year=0.1), tax=TAX)
    rates = {name: corner.rate_fraction_per_year for name, corner in plan.corners.items()}
    assert rates == {UNLEVERED: 0.1, AFTER_TAX: 0.1, LEVERED: 0.15, TO_EQUITY: 0.15}


def test_corners_differ_by_debt_and_by_tax() -> None:
    plan = lease(plans(financing=LOAN), tax=TAX)
    found, taxes = plan.corners, plan.taxes
    assert taxes is not None
    assert plan.financed is not None
    debt = found[LEVERED].net_usd - found[UNLEVERED].net_usd
    assert debt == pytest.approx(plan.financed.effect_usd, abs=1e-6)
    without, with_debt = taxes.plan.paid_usd, taxes.plan_with_debt.paid_usd
    assert found[UNLEVERED].net_usd - found[AFTER_TAX].net_usd == pytest.approx(without, abs=1e-6)
    assert found[LEVERED].net_usd - found[TO_EQUITY].net_usd == pytest.approx(with_debt, abs=1e-6)
    assert with_debt.sum() < without.sum()  # interest is deducted


def test_lines_add_up_to_the_deepest_corner() -> None:
    plan = lease(plans(financing=LOAN), tax=TAX)
    total = np.zeros((25, 1))
    for line in plan.lines:
        rows = total[:-1] if line.at_start else total[1:]
        rows += line.usd
    assert total == pytest.approx(plan.net_usd, abs=1e-6)


def test_every_corner_has_words() -> None:
    assert list(WORDS) == [UNLEVERED, AFTER_TAX, LEVERED, TO_EQUITY]


def test_a_plan_that_nobody_asks_any_more_is_freed_at_once() -> None:
    """A simulation evaluates hundreds of megabytes a second; what only the garbage collector frees would pile up."""
    gc.disable()
    try:
        plan = lease(plans(financing=LOAN | {"dscr_after_tax": True}), tax=TAX)
        assert np.isfinite(plan.npv_usd).all()
        seen = weakref.ref(plan)
        del plan
        assert seen() is None
    finally:
        gc.enable()
