"""Statements of whole plans: a published model, cases by hand, every shipped scenario, and one case of many."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.engine.stated import Stated
from minecalc.finance.integrity import TOLERANCE_RATIO
from minecalc.loading import loads
from minecalc.scenario.traced import traced
from minecalc.scenario.varying import vary
from tests import shipped
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, RENT_A_MONTH, SITE, Data, compared
from tests.randomly import randomly
from tests.strategies import scenarios

ROOT = Path(__file__).parents[2]
ORACLES = json.loads((ROOT / "tests" / "oracles" / "finance-2.json").read_text(encoding="utf-8"))["cases"]

#: Financing and tax with everything that a balance sheet has an account for.
LOANS: Data = {
    "senior": {
        "share_of_cost_fraction": 0.5,
        "rate_fraction_per_year": 0.06,
        "upfront_fee_fraction": 0.02,
        "commitment_fee_fraction_per_year": 0.005,
        "repayment": "level",
        "balloon_fraction": 0.2,
        "term_months": 24,
        "sweep_fraction": 0.3,
    },
    "bond": {
        "share_of_cost_fraction": 0.2,
        "rate_fraction_per_year": 0.08,
        "draw": "at_close",
        "escrow_yield_fraction_per_year": 0.03,
        "discount_fraction": 0.015,
        "repayment": "bullet",
        "term_months": 60,
    },
}
FINANCED: Data = {
    "every_months": 6,
    "tranches": LOANS,
    "reserve_months": 6,
    "reserve_yield_fraction_per_year": 0.02,
    "lockup_dscr_ratio": 1.2,
}
TAXED: Data = {"rate_fraction": 0.25, "classes": {"building": {"macrs_39": 0.5, "macrs_15": 0.5}}}
PREPAID: Data = {"prepayment": {"fraction": 0.1, "credited_years": [1, 2]}, "term_months": 36}
HALL: Data = {
    **LEASE,
    **PREPAID,
    "gross_mw": 6,
    "conversion": CONVERSION | {"meanwhile": "mine"},
    "exit_cap_rate_fraction": 0.1,
}
RIG: Data = MINER | {
    "gross_mw": 4,
    "hash_rate_eh_per_s": 0.4,
    "machine_price_usd_per_th": 10,
    "machine_resale_usd_per_th": 4,
    "life_months": 20,
}
EVERYTHING: Data = {
    "mine": MINER | {"machine_resale_usd_per_th": 4},
    "it": {"uses": {"hall": HALL, "rig": RIG}, "financing": FINANCED, "tax": TAXED},
}


def stated(plans: Data = EVERYTHING, months: int = 48, **scenario: Any) -> Stated:
    return Stated(compared(plans, months=months, **scenario).plans["it"])


def yearly(values: FloatArray) -> FloatArray:
    """Sums of twelve months of the only case."""
    return np.array([float(values[k : k + 12, 0].sum()) for k in range(0, len(values), 12)])


def at_year_ends(values: FloatArray) -> FloatArray:
    return np.broadcast_to(values, (len(values), 1))[11::12, 0]


def eight_years() -> tuple[Stated, Data]:
    """The published annual model: machines of eight years for 1000, earning what its rows say, three quarters lent.

    What it earns is demand response: the hash price pays no mining. Its unit is 10,000 USD.
    """
    (case,) = (case for case in ORACLES if case["group"] == "statements")
    given = case["inputs"]
    income = {f"{2027 + year}-01": 1e4 * usd / 12 for year, usd in enumerate(given["ebitda"])}
    use = MINER | {
        "machine_price_usd_per_th": given["capex"] / 100,
        "life_months": 12 * given["tenor"],
        "demand_response_usd_per_month": {"steps": income},
    }
    loan = {
        "share_of_cost_fraction": given["ltc"],
        "rate_fraction_per_year": given["rate"],
        "repayment": given["style"],
        "term_months": 12 * given["tenor"],
    }
    tax = {
        "rate_fraction": given["tax_rate"],
        "classes": {"machine": "straight_line_8"},
        "loss_limit_fraction": given["nol_limit"],
    }
    plan = use | {"financing": {"every_months": 12, "tranches": {"loan": loan}}, "tax": tax}
    found = stated({"it": plan}, 96, market={"hash_price_usd_per_ph_per_day": 1e-4})
    return found, case["expected"]


def test_the_statements_of_eight_years() -> None:
    found, expected = eight_years()
    income, cash, balance = found.statements.income, found.statements.cash, found.statements.balance
    assert found.tax is not None
    ours = {
        "ebitda": yearly(income.ebitda_usd),
        "dep": yearly(0.0 - income.depreciation_usd),
        "interest": yearly(0.0 - income.interest_expense_usd),
        "ebt": yearly(income.income_before_tax_usd),
        "tax": yearly(0.0 - income.tax_usd),
        "net_income": yearly(income.net_income_usd),
        "principal": yearly(0.0 - cash.debt_repaid_usd),
        "cash": at_year_ends(balance.cash_usd),
        "ppe": at_year_ends(balance.plant_usd),
        "debt": at_year_ends(balance.debt_usd),
        "equity": at_year_ends(balance.total_equity_usd),
        "nol": found.tax.losses.left_usd[:, 0],
    }
    for name, values in ours.items():
        assert values / 1e4 == pytest.approx([row[name] for row in expected["rows"]], rel=1e-9, abs=1e-9), name
    equity = yearly(0.0 - cash.equity_paid_in_usd - cash.distributions_usd) / 1e4
    # equity's money for the machines is point 0, which is in the first year
    assert equity[0] == pytest.approx(expected["equity_flows"][0] + expected["equity_flows"][1], rel=1e-9)
    assert equity[1:] == pytest.approx(expected["equity_flows"][2:], rel=1e-9)
    assert found.largest_gap_ratio[0] < 1e-12


def test_the_only_case_of_statements_is_that_one() -> None:
    """Its ratios of cover are those of cash after tax with debt, which no covenant here goes by: not compared."""
    cases = {case["id"] for case in ORACLES if case["group"] == "statements"}
    assert cases == {"three-statement-8y"}


def test_a_lease_on_paper() -> None:
    """5 million of building in March and April for 39 years, 500,000 a month from May on, of which 10% is prepaid."""
    plan = LEASE | {"conversion": CONVERSION, "prepayment": {"fraction": 0.1, "credited_years": [1]}, "term_months": 12}
    found = stated({"it": plan}, 24)
    income, balance = found.statements.income, found.statements.balance
    depreciation = 5e6 / 468
    assert income.depreciation_usd[:6, 0] == pytest.approx([0, 0, 0, 0, -depreciation, -depreciation])
    assert income.revenue_usd[4:16, 0] == pytest.approx([RENT_A_MONTH] * 12)
    assert balance.plant_usd[[2, 3, 4, 22, 23], 0] == pytest.approx(
        [2.5e6, 5e6, 5e6 - depreciation, 5e6 - 19 * depreciation, 0], abs=1e-6
    )
    prepaid = 0.1 * 12 * RENT_A_MONTH
    assert balance.deferred_revenue_usd[3:6, 0] == pytest.approx([0, prepaid * 11 / 12, prepaid * 10 / 12])
    assert balance.total_equity_usd[:3, 0] == pytest.approx([0, 0, 2.5e6])
    assert income.disposal_gains_usd[23, 0] == pytest.approx(-(5e6 - 20 * depreciation))
    assert found.scale_usd[0] == 5e6


def test_a_building_wears_by_the_lives_of_its_classes() -> None:
    found = stated({"it": LEASE | {"conversion": CONVERSION, "tax": TAXED}}, 24)
    a_month = 2.5e6 / 468 + 2.5e6 / 180
    assert found.statements.income.depreciation_usd[5, 0] == pytest.approx(-a_month)


def test_machines_wear_by_their_own_life_and_leave_when_they_are_sold() -> None:
    """1000 GPUs for 24 million, ten months, then others; each leaves a tenth."""
    plan = CLOUD | {"life_months": 10, "replace": True, "residual_fraction": 0.1}
    income = stated({"it": plan}, 24).statements.income
    assert income.depreciation_usd[[0, 9, 10], 0] == pytest.approx([-2.4e6] * 3)
    assert income.disposal_gains_usd[:, 0] == pytest.approx(
        [2.4e6 if k in (10, 20) else (24e6 * (1 - 0.9 * 0.4) - 24e6 * 0.6) if k == 23 else 0 for k in range(24)]
    )


def test_sunk_machines_stand_at_nothing() -> None:
    found = stated({"it": MINER | {"machine_resale_usd_per_th": 4, "life_months": 12}}, 24)
    assert not found.statements.balance.plant_usd.any()
    assert found.statements.income.disposal_gains_usd[12, 0] == pytest.approx(4e6)


def test_a_tenant_that_defaults_leaves_its_prepayment() -> None:
    plan = LEASE | PREPAID | {"tenant_default": {"month": "2028-01", "relet_months": 3}}
    income = stated({"it": plan}, 36).statements.income
    prepaid = 0.1 * 36 * RENT_A_MONTH
    assert income.prepayment_kept_usd[[34, 35], 0] == pytest.approx([0, prepaid / 2])


def test_a_plan_with_everything_agrees_with_itself() -> None:
    found = stated()
    names = [check.name for check in found.checks]
    assert len(names) == len(set(names)) == 12
    assert found.largest_gap_ratio[0] < 1e-13
    balance, cash = found.statements.balance, found.statements.cash
    accounts = ("cash_usd", "reserve_usd", "escrow_usd", "plant_usd", "financing_costs_usd", "debt_usd")
    for name in (*accounts, "accrued_interest_usd", "deferred_revenue_usd"):
        values = getattr(balance, name)
        assert values.max() > 0.0, name
        assert values.min() > -1e-6, name
    assert found.tax is not None
    paid = float(np.sum(cash.tax_usd))
    assert paid == pytest.approx(-float(found.tax.paid_usd.sum()))
    assert paid < 0.0
    equity = -float((cash.equity_paid_in_usd + cash.distributions_usd).sum())
    plan = found.plan
    assert plan.financed is not None
    assert equity == pytest.approx(float(plan.unlevered_usd.sum() + plan.financed.effect_usd.sum()) + paid)
    assert float(found.statements.income.net_income_usd.sum()) == pytest.approx(equity)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_statements_of_every_shipped_plan_close(name: str) -> None:
    for plan, evaluated in shipped.evaluation(name).plans.items():
        assert Stated(evaluated).largest_gap_ratio.max() < TOLERANCE_RATIO, plan


@randomly(15)
@given(scenarios())
def test_statements_of_any_plan_close(data: Data) -> None:
    for name, plan in evaluate(loads(json.dumps(data))).plans.items():
        assert Stated(plan).largest_gap_ratio.max() < TOLERANCE_RATIO, name


def alone_and_together(columns: dict[str, Any], cases: int) -> tuple[PlanEvaluation, list[PlanEvaluation]]:
    scenario = compared(EVERYTHING, months=48).scenario
    many = evaluate(vary(scenario, columns)).plans["it"]
    parts = [{name: values[case : case + 1] for name, values in columns.items()} for case in range(cases)]
    return many, [evaluate(vary(scenario, part)).plans["it"] for part in parts]


def test_a_case_of_many_is_that_case_alone() -> None:
    """Rent, delay and rates differ."""
    cases = 70
    dice = np.random.default_rng(5)
    columns = {
        "plans.it.uses.hall.rent_usd_per_kw_per_month": dice.uniform(80, 140, cases),
        "plans.it.uses.hall.conversion.delay_months": dice.integers(0, 5, cases) * 1.0,
        "plans.it.financing.tranches.senior.rate_fraction_per_year.scale": dice.uniform(0.5, 2.0, cases),
        "plans.it.uses.rig.life_months": dice.integers(10, 40, cases) * 1.0,
    }
    many, each = alone_and_together(columns, cases)
    together = Stated(many)
    assert together.largest_gap_ratio.shape == (cases,)
    assert together.largest_gap_ratio.max() < 1e-13
    for case in range(0, cases, 7):
        alone = Stated(each[case])
        assert alone.largest_gap_ratio[0] == together.largest_gap_ratio[case]
        for one, all_ in zip(alone.statements, together.statements, strict=True):
            for ours, theirs in zip(one, all_, strict=True):
                assert np.array_equal(ours[:, 0], np.broadcast_to(theirs, (len(theirs), cases))[:, case])


def test_statements_are_traced() -> None:
    scenario = compared(EVERYTHING, months=48).scenario
    followed = Stated(evaluate(traced(scenario)).plans["it"]).statements.income.net_income_usd
    plain = Stated(evaluate(scenario).plans["it"]).statements.income.net_income_usd
    assert np.array_equal(followed.value, plain)  # type: ignore[attr-defined]
    assert followed.name == "net_income_usd"  # type: ignore[attr-defined]


def test_what_a_plan_without_capex_is_measured_by() -> None:
    assert stated({"it": MINER}, 2).scale_usd[0] == pytest.approx((20_000 + 12_000) * 59)
    cheap = MINER | {"machine_price_usd_per_th": 1e-9}
    assert stated({"it": cheap}, 2).scale_usd[0] == pytest.approx(1e-6 * (20_000 + 12_000) * 59)
    assert stated({"it": MINER | {"hash_rate_eh_per_s": 0}}, 2, site=SITE).scale_usd[0] == 1.0


def test_a_case_without_debt_is_measured_by_all_capex_beside_one_with_debt() -> None:
    shares = {"senior": np.array([0.0, 0.5]), "bond": np.array([0.0, 0.2])}
    path = "plans.it.financing.tranches.{}.share_of_cost_fraction"
    many, each = alone_and_together({path.format(name): values for name, values in shares.items()}, 2)
    found = Stated(many)
    assert many.financed is not None
    capex_usd = -found.operations.capex_usd.sum()
    assert found.scale_usd.tolist() == pytest.approx([capex_usd, many.financed.closing.total_usd[1]])
    assert found.scale_usd.tolist() == [Stated(alone).scale_usd[0] for alone in each]
