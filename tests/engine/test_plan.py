"""A plan evaluated: that no corner is computed but the one that is asked for, and that all agree to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED
from minecalc.engine.plan import PlanEvaluation
from tests.by_hand import Data, compared
from tests.test_corners import LOAN, TAX, plans


def lease(*, taxed: bool = True, financed: bool = True) -> PlanEvaluation:
    """The lease with debt and tax, or without one of them."""
    terms = {"financing": LOAN} if financed else {}
    scenario: Data = {"tax": TAX} if taxed else {}
    return compared(plans(**terms), **scenario).plans["lease"]


@pytest.mark.parametrize("corner", [UNLEVERED, AFTER_TAX, LEVERED, TO_EQUITY])
def test_a_corner_alone_has_the_bits_that_it_has_beside_the_others(corner: str) -> None:
    all_of = lease().corners[corner]
    alone = lease()
    assert np.array_equal(alone.project_usd_of(corner), all_of.project_usd)
    assert np.array_equal(alone.net_usd_of(corner), all_of.net_usd)


def test_what_a_plan_is_worth_computes_the_tax_of_its_deepest_corner_alone() -> None:
    plan = lease()
    assert np.isfinite(plan.npv_usd).all()
    assert plan.taxes is not None
    assert {"plan", "project", "project_with_debt"}.isdisjoint(vars(plan.taxes))
    assert "plan_with_debt" in vars(plan.taxes)
    assert plan.project_rates.every_root.shape[1] == 1
    assert {"plan", "project"}.isdisjoint(vars(plan.taxes))


def test_what_is_asked_before_debt_computes_none() -> None:
    plan = lease()
    assert np.isfinite(plan.net_usd_of(AFTER_TAX)).all()
    assert plan.financed is None or "closing" not in vars(plan.financed)


def test_the_names_of_corners_cost_no_evaluation() -> None:
    plan = lease()
    assert plan.corner_names == tuple(plan.corners)
    assert lease(financed=False).corner_names == (UNLEVERED, AFTER_TAX)
    assert lease(taxed=False).corner_names == (UNLEVERED, LEVERED)
