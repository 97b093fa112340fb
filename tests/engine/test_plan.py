"""A plan evaluated: no corner is computed but the one that is asked for, nor a deal that is known; to the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED
from minecalc.engine import Engine, Evaluation, evaluate, outcomes
from minecalc.engine.plan import PlanEvaluation
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, Data, compared
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


BTC = "market.btc_price_usd"
RENT = "plans.lease.rent_usd_per_kw_per_month"


@pytest.mark.parametrize(
    ("path", "values", "terms", "known", "loans_known"),
    [
        (BTC, [60e3, 90e3], {}, True, True),
        (RENT, [100.0, 120.0], {}, False, True),
        ("plans.lease.conversion.delay_months", [0.0, 2.0], {}, False, False),
        ("plans.lease.financing.tranches.loan.rate_fraction_per_year", [0.05, 0.12], {}, False, False),
        (BTC, [60e3, 90e3], {"dscr_after_tax": True}, False, True),
    ],
)
def test_a_deal_whose_project_nothing_moved_is_the_one_that_is_known(
    path: str, values: list[float], terms: Data, *, known: bool, loans_known: bool
) -> None:
    """And so are the loans before close of one on the same terms that is ready in the same month."""
    conversion = CONVERSION | {"meanwhile": "mine"}
    uses = plans(financing=LOAN | terms, conversion=conversion)
    before = compared(uses, tax=TAX).plans["lease"]
    varied = vary(before.engine.scenario, {path: np.array(values)})
    found = Engine(varied, before).evaluate(varied.plans["lease"])
    assert (found.financed is before.financed) == known
    assert found.financed is not None
    assert before.financed is not None
    assert (found.financed.loans is before.financed.loans) == loans_known
    anew = Engine(varied).evaluate(varied.plans["lease"])
    assert found.npv_usd.tobytes() == anew.npv_usd.tobytes()
    assert np.ptp(anew.npv_usd) > 0.0


@pytest.mark.parametrize(
    ("path", "values", "known"),
    [(RENT, [100.0, 120.0], True), (BTC, [60e3, 90e3], False), ("plans.mine.hash_rate_eh_per_s", [0.5, 0.9], False)],
)
def test_what_runs_meanwhile_is_known_where_only_what_follows_it_moved(
    path: str, values: list[float], *, known: bool
) -> None:
    before = compared(plans(conversion=CONVERSION | {"meanwhile": "mine"})).plans["lease"]
    varied = vary(before.engine.scenario, {path: np.array(values)})
    found, anew = (Engine(varied, of).evaluate(varied.plans["lease"]) for of in (before, None))
    runs, ran, again = (one.parts["lease"][1].lines[0].usd for one in (found, before, anew))
    assert (runs is ran) == known
    assert runs.tobytes() == again.tobytes()
    assert found.npv_usd.tobytes() == anew.npv_usd.tobytes()


@pytest.mark.parametrize(("financed", "parts"), [(False, [1024, 1024, 52]), (True, [2048, 52])])
def test_chunks_of_many_cases_have_the_bits_of_all_at_once(financed: bool, parts: list[int]) -> None:
    """With debt more cases go together, since its dates are worked out one after the other."""
    scenario = vary(lease(financed=financed).engine.scenario, {RENT: np.linspace(50.0, 200.0, 2100)})
    sizes = list[int]()

    def npv(evaluation: Evaluation) -> dict[str, FloatArray]:
        sizes.append(evaluation.scenario.cases)
        return {"npv": evaluation.plans["lease"].npv_usd}

    found = outcomes(scenario, npv)["npv"]
    assert sizes == parts
    assert found.tobytes() == evaluate(scenario).plans["lease"].npv_usd.tobytes()


def test_debt_sized_on_contracts_follows_a_lease_whose_money_is_the_same() -> None:
    """A renewal at the rent of the lease: what is earned does not tell when the contract ends."""
    sized = {"rate_fraction_per_year": 0.12, "repayment": "sculpted", "term_months": 12, "dscr_ratio": 3}
    loan = {"every_months": 1, "tranches": {"loan": sized | {"sized_on": "contracted"}}}
    terms = plans(financing=loan)
    terms["lease"] |= {"term_months": 6, "renewal": {"rent_usd_per_kw_per_month": 100}}
    before = compared(terms).plans["lease"]
    assert before.financed is not None
    path = "plans.lease.term_months"
    found = Engine(vary(before.engine.scenario, {path: 9.0}), before).evaluate(
        vary(before.engine.scenario, {path: 9.0}).plans["lease"]
    )
    assert found.financed is not None
    assert np.array_equal(found.project_lines[0].usd, before.project_lines[0].usd)
    worth = [sum(500_000 / 3 / 1.01**k for k in range(1, months + 1)) for months in (6, 9)]
    assert [plan.debt_usd.item() for plan in (before.financed, found.financed)] == pytest.approx(worth)
