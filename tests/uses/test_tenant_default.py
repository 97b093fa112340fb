"""A tenant's default on paper: five critical MW pay 500,000 a month, a thousand GPUs 2,000 an hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.explain.explanation import explain, find_target, trace_plans
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, load
from minecalc.scenario.varying import vary
from minecalc.timeline import Timeline, parse_month
from minecalc.uses.tenant_default import TenantDefault
from tests.by_hand import CLOUD, CONVERSION, DAYS, LEASE, RENT_A_MONTH, Data, compared, line, run

TIMELINE = Timeline(parse_month("2027-01"), 12)


def default(month: str, relet_months: int = 3, **terms: Any) -> Data:
    return {"tenant_default": {"month": month, "relet_months": relet_months} | terms}


def test_months_without_pay() -> None:
    terms = TenantDefault(month="2027-05", relet_months=3)
    assert terms.month_in(TIMELINE) == 5.0
    assert terms.pays(TIMELINE)[:, 0].tolist() == [1.0] * 4 + [0.0] * 8
    assert terms.empty(TIMELINE)[:, 0].tolist() == [0.0] * 4 + [1.0] * 3 + [0.0] * 5
    assert not np.any(TenantDefault(month="2027-05", relet_months=0).empty(TIMELINE))


def test_only_the_lease_in_which_the_default_falls_is_hit() -> None:
    terms = TenantDefault(month="2027-05", relet_months=3, relet_rent_ratio=0.5)
    for ends, left, empty in (
        (99.0, [1.0] * 4 + [0.0] * 3 + [0.5] * 5, [0.0] * 4 + [1.0] * 3 + [0.0] * 5),
        (7.0, [1.0] * 4 + [0.0] * 2 + [1.0] * 6, [0.0] * 4 + [1.0] * 2 + [0.0] * 6),  # the next lease begins in July
        (5.0, [1.0] * 4 + [0.0] * 3 + [0.5] * 5, [0.0] * 4 + [1.0] * 3 + [0.0] * 5),  # it is the next lease's tenant
    ):
        found = terms.on_contracts(TIMELINE, ends)
        assert [values[:, 0].tolist() for values in found] == [left, empty]


def test_rent_stops_and_is_let_again() -> None:
    plan = run(LEASE | default("2027-05", 3, relet_rent_ratio=0.5))
    assert line(plan, "rent_usd") == [RENT_A_MONTH] * 4 + [0.0] * 3 + [RENT_A_MONTH / 2] * 17
    default_ratio = run(LEASE | {"tenant_default": {"month": "2027-05"}})
    assert line(default_ratio, "rent_usd") == pytest.approx([RENT_A_MONTH] * 4 + [0.0] * 12 + [0.85 * RENT_A_MONTH] * 8)


def test_the_escalator_goes_on_and_power_is_bought_for_tenants_only() -> None:
    lease = LEASE | {"escalator_fraction_per_year": 0.1, "tenant_pays_power": False, "pue_ratio": 1.2}
    plan = run(lease | default("2027-11", 4, relet_rent_ratio=0.5))
    expected = [RENT_A_MONTH] * 10 + [0.0] * 4 + [0.5 * 1.1 * RENT_A_MONTH] * 10
    assert line(plan, "rent_usd") == pytest.approx(expected)
    empty = range(10, 14)
    power = [0.0 if k in empty else -5 * 1.2 * 24 * days * 50.0 for k, days in enumerate(DAYS)]
    assert line(plan, "ai_power_usd") == pytest.approx(power)
    opex = run(lease | {"opex_fraction_of_rent": 0.2} | default("2027-11", 4, relet_rent_ratio=0.5))
    assert line(opex, "ai_opex_usd") == pytest.approx([-0.2 * rent for rent in expected])


def test_a_renewal_begins_with_a_tenant_of_its_own() -> None:
    renewal = {"term_months": 6, "renewal": {"rent_usd_per_kw_per_month": 60, "term_months": 12}}
    lease = LEASE | renewal | {"tenant_pays_power": False}
    plan = run(lease | default("2027-05", 10, relet_rent_ratio=0.5))
    rents = [RENT_A_MONTH] * 4 + [0.0] * 2 + [0.6 * RENT_A_MONTH] * 12 + [0.0] * 6
    assert line(plan, "rent_usd") == pytest.approx(rents)
    assert [power < 0 for power in line(plan, "ai_power_usd")] == [rent > 0 for rent in rents]
    later = run(lease | default("2027-09", 2, relet_rent_ratio=0.5))
    rents = [RENT_A_MONTH] * 6 + [0.6 * RENT_A_MONTH] * 2 + [0.0] * 2 + [0.3 * RENT_A_MONTH] * 8 + [0.0] * 6
    assert line(later, "rent_usd") == pytest.approx(rents)


def test_who_has_defaulted_is_credited_nothing() -> None:
    lease = LEASE | {"term_months": 24, "prepayment": {"fraction": 0.1, "credited_years": [1]}}
    plan = run(lease | default("2027-05"))
    assert line(plan, "prepayment_received_usd") == [2.4 * RENT_A_MONTH] + [0.0] * 23
    assert line(plan, "prepayment_credited_usd") == pytest.approx([-0.2 * RENT_A_MONTH] * 4 + [0.0] * 20)
    assert not any(line(plan, "prepayment_owed_usd"))


def test_the_exit_is_sold_with_the_next_tenant() -> None:
    lease = LEASE | {"exit_cap_rate_fraction": 0.1}
    plan = run(lease | default("2028-04", 3, relet_rent_ratio=0.5))
    last_year = RENT_A_MONTH * (3 + 0 + 6 * 0.5)
    assert line(plan, "exit_value_usd")[-1] == pytest.approx(10 * last_year)


CONTRACT = {"value_usd": 24e6, "term_months": 12, "gpu_fraction": 0.5}


def test_gpus_stand_idle_and_are_then_let_again_to_the_end_of_the_contract() -> None:
    contract = CONTRACT | default("2027-05", 3)
    plan = run(CLOUD | {"contract": contract, "opex_usd_per_gpu_hour": 0.1})
    hours = [24 * days for days in DAYS]
    # take-or-pay at the default share of 0.85 from August to December
    assert line(plan, "contract_revenue_usd") == pytest.approx([2e6] * 4 + [0.0] * 3 + [1.7e6] * 5 + [0.0] * 12)
    at_market = [500.0] * 12 + [1000.0] * 12
    assert line(plan, "gpu_revenue_usd") == pytest.approx([2 * n * h for n, h in zip(at_market, hours, strict=True)])
    running = [1000.0] * 4 + [500.0] * 3 + [1000.0] * 17
    wanted = [n * h for n, h in zip(running, hours, strict=True)]
    assert plan.flows.quantities["gpu_hours_sold"][:, 0] == pytest.approx(wanted)
    assert plan.flows.quantities["energy_mwh"][:, 0] == pytest.approx([0.0025 * n for n in wanted])
    assert line(plan, "ai_opex_usd") == pytest.approx([-0.1 * n for n in wanted])


def test_gpus_are_idle_no_longer_than_their_contract() -> None:
    plan = run(CLOUD | {"contract": CONTRACT | default("2027-11", 20)})
    at_market = [500.0] * 12 + [1000.0] * 12
    wanted = [2 * n * 24 * days for n, days in zip(at_market, DAYS, strict=True)]
    assert line(plan, "gpu_revenue_usd") == pytest.approx(wanted)


def test_gpus_without_a_market_rate_are_let_again_or_stand_idle_without_power() -> None:
    own = {key: value for key, value in CLOUD.items() if key != "lease_usd_per_gpu_hour"}
    terms = {"gpu_fraction": 1.0, "term_months": 18}
    plan = run(own | {"contract": CONTRACT | terms | default("2027-05", 3, relet_rent_ratio=0.5)})
    a_month = 24e6 / 18
    paid = [1.0] * 4 + [0.0] * 3 + [0.5] * 11 + [0.0] * 6
    assert line(plan, "contract_revenue_usd") == pytest.approx([a_month * part for part in paid])
    for physical in ("gpu_hours_sold", "energy_mwh"):
        assert [bool(n) for n in plan.flows.quantities[physical][:, 0]] == [part > 0.0 for part in paid]


def test_rent_for_space_goes_on_while_gpus_stand_idle() -> None:
    plan = run(CLOUD | {"contract": CONTRACT | default("2027-05", 3), "space_rent_usd_per_kw_per_month": 100})
    assert line(plan, "space_rent_usd") == pytest.approx([-200_000.0] * 24)


@pytest.mark.parametrize("use", [LEASE, LEASE | {"conversion": CONVERSION}, CLOUD | {"contract": CONTRACT}])
def test_just_after_the_horizon_it_never_happens(use: Data) -> None:
    def with_default(month: str) -> Data:
        if "contract" in use:
            return use | {"contract": CONTRACT | default(month)}
        return use | default(month)

    never, plain = run(with_default("2029-01")), run(use)
    assert np.array_equal(never.net_usd, plain.net_usd)
    assert not np.array_equal(run(with_default("2027-06")).net_usd, plain.net_usd)


@pytest.mark.parametrize(
    ("use", "path"),
    [
        (LEASE | default("2027-05"), "plans.it.tenant_default.month"),
        (CLOUD | {"contract": CONTRACT | default("2027-05")}, "plans.it.contract.tenant_default.month"),
    ],
)
def test_a_column_of_months_is_each_month_alone(use: Data, path: str) -> None:
    scenario = compared({"it": use}).scenario
    months = [f"{year}-{month:02d}" for year in (2027, 2028) for month in range(1, 13)] + ["2029-01"]
    columns = evaluate(vary(scenario, {path: months})).plans["it"].npv_usd
    alone = [float(evaluate(vary(scenario, {path: month})).plans["it"].npv_usd[0]) for month in months]
    assert columns.tolist() == alone
    assert len(set(alone)) > 12


@pytest.mark.parametrize("month", ["2026-12", "2029-02", "2127-01"])
@pytest.mark.parametrize("contract", [False, True])
def test_a_default_outside_the_horizon_is_refused(month: str, contract: bool) -> None:
    use = CLOUD | {"contract": CONTRACT | default(month)} if contract else LEASE | default(month)
    with pytest.raises(ScenarioError, match=f"a tenant's default in {month} lies outside the horizon"):
        run(use)


def test_an_explanation_names_the_month_and_what_is_left() -> None:
    """Its arithmetic is replayed with that of every other example in tests/analysis/explain."""
    traced = trace_plans(load(Path(__file__).parents[1] / "examples" / "defaults.yaml"))
    found = explain(traced, "lease", find_target(traced, "lease", "rent_usd@2029-09"))
    values = {entry.name: entry.value for entry in found.entries}
    assert values["rent_usd"] == pytest.approx(0.7 * 28_000 * 130 * 1.03**2)
    assert (values["default_month"], values["rent_left_fraction"]) == (24.0, 0.7)
