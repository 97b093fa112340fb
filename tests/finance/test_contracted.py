"""Debt that is sized on contracts alone, by hand: a lease whose renewal counts for nothing, and GPUs half of which do.

The lease of ``tests.finance.deals`` earns half a million a month from point 5 on; its loan costs 3% a period.
"""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.cashflow.accounts import accounts
from minecalc.analysis.compare.financing import Measured, tables
from minecalc.checks import debt_checks
from minecalc.deals.financed import Financed
from minecalc.document import Table, Text
from minecalc.engine import PlanEvaluation
from tests.by_hand import CLOUD, CONVERSION, MINER, Data, run
from tests.finance.deals import RENT_USD, STARTS_AT, by_point, loan, plan

#: Halls that cost more than any of these loans.
BUILT: Data = {"conversion": {**CONVERSION, "capex_usd_per_critical_mw": 4e6}}
#: A year of rent, and then what the market pays, twice as much.
LEASED: Data = {**BUILT, "term_months": 12, "renewal": {"rent_usd_per_kw_per_month": 200}}
ON_ALL = loan("sculpted", dscr_ratio=1.5)
SCULPTED = ON_ALL | {"sized_on": "contracted"}


def of(found: PlanEvaluation) -> Financed:
    assert found.financed is not None
    return found.financed


def worth(periods: int) -> float:
    """So many dates of a period's rent at 3% a period."""
    return sum(3 * RENT_USD / 1.03**n for n in range(1, periods + 1))


def test_a_sculpted_loan_counts_rent_to_the_end_of_the_lease() -> None:
    found = plan({"loan": SCULPTED}, use=LEASED)
    debt = of(found)
    assert debt.debt_usd.item() == pytest.approx(worth(4) / 1.5)
    (lent,) = debt.closing.lent
    service = [RENT_USD * 2] * 4 + [0] * 4
    assert by_point(debt.service_usd)[7:29:3] == pytest.approx(service)
    assert lent.sculpted_dscr_ratio == pytest.approx([1.5])
    assert debt.flows[0].owed_usd[16, 0] == pytest.approx(0.0, abs=1e-6)
    assert by_point(debt.contracted_cfads_usd)[STARTS_AT : STARTS_AT + 14] == [0, *[RENT_USD] * 12, 0]
    of_all = of(plan({"loan": ON_ALL}, use=LEASED))
    assert of_all.debt_usd.item() > debt.debt_usd.item() * 1.9
    assert list(debt_checks.warnings(found)) == []


def test_costs_count_whatever_pays_them() -> None:
    dear = LEASED | {"opex_fraction_of_rent": 0.2}
    debt = of(plan({"loan": SCULPTED}, use=dear))
    assert debt.debt_usd.item() == pytest.approx(0.8 * worth(4) / 1.5)
    assert by_point(debt.contracted_cfads_usd)[STARTS_AT + 13] < 0.0


def test_a_level_loan_past_the_contract_lends_nothing_and_says_why() -> None:
    found = plan({"loan": loan("level", dscr_ratio=1.5, sized_on="contracted")}, use=LEASED)
    assert of(found).debt_usd.item() == 0.0
    (text,) = debt_checks.warnings(found)
    assert text == "loan lends nothing: there is no cash under contract on all of its dates to repay it from"
    inside = of(plan({"loan": loan("level", dscr_ratio=1.5, sized_on="contracted", term_months=12)}, use=LEASED))
    assert inside.debt_usd.item() == pytest.approx(worth(4) / 1.5)


def test_a_default_ends_the_contract() -> None:
    gone = BUILT | {"tenant_default": {"month": "2027-11", "relet_months": 0, "relet_rent_ratio": 1.0}}
    debt = of(plan({"loan": SCULPTED}, use=gone))
    assert debt.debt_usd.item() == pytest.approx(worth(2) / 1.5)


def test_a_lease_without_a_term_is_contracted_to_the_horizon() -> None:
    lent = of(plan({"loan": SCULPTED}, use=BUILT)).debt_usd.tobytes()
    assert lent == of(plan({"loan": ON_ALL}, use=BUILT)).debt_usd.tobytes()


def test_a_junior_on_all_cash_stands_behind_a_senior_on_contracts() -> None:
    senior, junior = (
        SCULPTED,
        loan("sculpted", dscr_ratio=1.5, rate_fraction_per_year=0.16, allow_negative_amortisation=True),
    )
    debt = of(plan({"senior": senior, "junior": junior}, use=LEASED))
    paid = [by_point(flow.interest_usd + flow.instalment_usd)[7:29:3] for flow in debt.flows]
    assert np.sum(paid, axis=0) == pytest.approx([2 * RENT_USD] * 4 + [4 * RENT_USD] * 4)
    assert paid[1][:4] == pytest.approx([0.0] * 4, abs=1e-6)


def test_gpus_count_by_their_contract_and_mining_does_not() -> None:
    contract = {"value_usd": 12e6, "term_months": 12, "gpu_fraction": 0.5}
    notes = loan("sculpted", amount_usd=1e5, sized_on="contracted", term_months=12)
    financing = {"every_months": 3, "tranches": {"loan": notes}}
    found = run({**CLOUD, "contract": contract, "conversion": CONVERSION, "financing": financing}, months=40)
    lines = {line.name: line for line in found.project_lines}
    fixed = lines["contract_revenue_usd"].under_contract()
    assert fixed is not None
    assert fixed.usd.sum() == pytest.approx(12e6)
    assert lines["gpu_revenue_usd"].under_contract() is None
    costs = sum(lines[name].usd for name in ("ai_power_usd", "ai_opex_usd"))
    expected = (fixed.usd + costs) * (np.arange(1, 41) > STARTS_AT)[:, None]
    assert of(found).contracted_cfads_usd[1:] == pytest.approx(expected)
    assert all(line.contracted is None for line in run(MINER).lines)


def test_readers_are_told() -> None:
    found = plan({"loan": SCULPTED}, use=LEASED)
    record = {"name": "it"} | Measured(found).record(0)
    (tranche,) = record["financing"]["tranches"]
    assert tranche["sized_on"] == "contracted"
    shown = [block for block in tables(record) if isinstance(block, Table)][-1].rows
    (words,) = (row[2] for row in shown if row[0] == Text("loan"))
    assert words == Text("sculpted to 1.50x of contracted cash, last payment 2028-04", "muted")
    statement = accounts(found, "debt", 12)
    assert sum(statement.values("contracted_cfads_usd", "")) == pytest.approx(12 * RENT_USD)


def test_hosting_counts_what_is_billed_whether_machines_run_or_not_in_its_term() -> None:
    hosted: Data = {"kind": "hosting", "efficiency_j_per_th": 20, "term_months": 6, "renewal": {"rate_ratio": 1}}
    taken = run(hosted | {"usd_per_kw_per_month": 50}).lines[0].under_contract()
    assert taken is not None
    billed = by_point(taken.usd)
    assert all(usd > 0.0 for usd in billed[:6])
    assert not any(billed[6:])
    assert run(hosted | {"hosting_usd_per_kwh": 0.07}).lines[0].under_contract() is None
    nameplate = run(hosted | {"hosting_usd_per_kwh": 0.07, "bills": "nameplate"}).lines[0].under_contract()
    assert nameplate is not None
    open_ended = {key: value for key, value in hosted.items() if key not in ("term_months", "renewal")}
    none = run(open_ended | {"usd_per_kw_per_month": 50}).lines[0].under_contract()
    assert none is not None
    assert not none.usd.any()
