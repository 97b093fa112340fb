"""Financing, tax and statements of the second engine: what must always hold, of random deals and of small ones."""

from dataclasses import replace
from typing import Any

import pytest

from . import returns
from .corners import with_finance
from .deals import HERE, deal, paid, project
from .debt_terms import NotFinancedError
from .engine import Scenario
from .ledger import Asset, Ledger
from .paths import Timeline, Value, read_value
from .random_financing import random_scenario, without_finance
from .statements import stated
from .taxation import no_debt, taxed

SEEDS = range(40)


def scenario_of(data: dict[str, Any]) -> Scenario:
    return Scenario(data, HERE)


def found_of(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the plan comes to, or none if its debt exceeds its cost."""
    try:
        return with_finance(scenario_of(data), "convert")
    except NotFinancedError as refused:
        if "above total cost" not in str(refused):
            raise
        return None


def free_of_fees(data: dict[str, Any]) -> dict[str, Any]:
    """Return the scenario without fees and discounts."""
    fees = ("upfront_fee_fraction", "discount_fraction", "commitment_fee_fraction_per_year")
    plan = data["plans"]["convert"]
    tranches = {
        name: {key: value for key, value in tranche.items() if key not in fees}
        for name, tranche in plan["financing"]["tranches"].items()
    }
    financing = plan["financing"] | {"tranches": tranches}
    return data | {"plans": data["plans"] | {"convert": plan | {"financing": financing}}}


@pytest.mark.parametrize("seed", SEEDS)
def test_statements_balance_and_every_dollar_is_somewhere(seed: int) -> None:
    found = found_of(random_scenario(seed))
    if found is None:
        return
    figures = found["financing"]
    scale = figures["total_cost_usd"]
    gaps = found["statements"]["gaps_ratio"]
    assert max(gaps.values()) < 1e-11, gaps
    for tax in found["tax"].values():
        assert abs(tax["basis_gap_usd"]) < 1e-11 * scale
        made = sum(max(0.0, -row["income_usd"]) for row in tax["years"])
        assert made == pytest.approx(tax["losses_lost_usd"] + sum(row["loss_used_usd"] for row in tax["years"]))
        interest = sum(row["interest_usd"] - row["interest_allowed_usd"] for row in tax["years"])
        assert interest == pytest.approx(tax["interest_lost_usd"], abs=1e-9 * scale)
    earned = [a + b for a, b in zip(figures["reserve_income_usd"], figures["escrow_income_usd"], strict=True)]
    held = 0.0
    for k, usd in enumerate(found["project_usd"]):
        before, held = held, sum(figures[f"{where}_usd"][k] for where in ("cash", "reserve", "escrow"))
        there = figures["equity_usd"][k] + figures["lender_usd"][k] + held - before - earned[k]
        assert there == pytest.approx(usd, abs=1e-10 * scale), k
    for tranche in figures["tranches"].values():
        assert tranche["balance_usd"][-1] == 0.0
        repaid = sum(sum(tranche[f"{what}_usd"]) for what in ("instalments", "sweep", "balloon"))
        assert repaid == pytest.approx(tranche["amount_usd"], abs=1e-10 * scale)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lender_without_fees_earns_its_rate(seed: int) -> None:
    data = free_of_fees(random_scenario(seed))
    scenario = scenario_of(data)
    written = data["plans"]["convert"]["financing"]
    every = written["every_months"]
    found = found_of(data)
    if found is None:
        return
    before = found["ready"] - 1
    for name, tranche in found["financing"]["tranches"].items():
        last = last_date(scenario, written["tranches"][name], before, every)
        rate = scenario_rate(scenario, written["tranches"][name], last)
        worth, v, accrued = 0.0, 1.0, 0.0
        for k, usd in enumerate(tranche["lender_usd"]):
            if k > found["financing"]["close"]:
                accrued += rate(k) / 12
                if k <= before or (last - k) % every == 0 or k == len(tranche["lender_usd"]) - 1:
                    v, accrued = v / (1 + accrued), 0.0
            worth += usd * v
        assert worth == pytest.approx(0.0, abs=1e-11 * found["financing"]["total_cost_usd"])


def last_date(scenario: Scenario, tranche: dict[str, Any], before: int, every: int) -> int:
    """The point of a tranche's last date: that of its maturity, or whole periods later the first of operation."""
    if "term_months" in tranche:
        return before + int(tranche["term_months"])
    matures = scenario.timeline.month(tranche["maturity"])
    return matures if matures > before else matures + every * ((before - matures) // every + 1)


def scenario_rate(scenario: Scenario, tranche: dict[str, Any], last: int) -> Value:
    """The rate of a tranche, from the month after its last date that of the loan that repays its balloon."""
    keys = "rate_fraction_per_year", "refinance_rate_fraction_per_year"
    own, new = (read_value(tranche.get(key, 0.0), scenario.timeline, HERE) for key in keys)
    return lambda k: own(k) if k <= last else new(k)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_debt_is_the_plan_and_no_rate_no_tax(seed: int) -> None:
    data = random_scenario(seed)
    plan = data["plans"]["convert"]
    for tranche in plan["financing"]["tranches"].values():
        for key in ("share_of_cost_fraction", "dscr_ratio"):
            tranche.pop(key, None)
        tranche["amount_usd"] = 0.0
    data["tax"] = {"rate_fraction": 0.0}
    plan.pop("tax", None)
    plan["financing"].pop("equity_rate_fraction_per_year", None)
    found = found_of(data)
    assert found is not None
    assert found["financing"]["equity_usd"] == found["project_usd"]
    corners = found["corners"]
    assert corners["after_tax"] == corners["unlevered"]
    for name, wanted in corners["unlevered"].items():
        assert corners["levered"][name] == pytest.approx(wanted), name
    assert corners["to_equity"] == corners["levered"]
    assert without_finance(data)["plans"]["convert"].keys() == plan.keys() - {"financing"}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_agreed_deal_stays_where_cash_and_dates_change(seed: int) -> None:
    data = random_scenario(seed)
    base = found_of(data)
    if base is None:
        return
    again = with_finance(scenario_of(data), "convert", base["deal"])
    assert again["financing"]["equity_usd"] == pytest.approx(base["financing"]["equity_usd"], rel=1e-9, abs=1e-3)
    for use in data["plans"]["convert"].get("uses", {"": data["plans"]["convert"]}).values():
        if "conversion" in use:
            use["conversion"]["delay_months"] = use["conversion"].get("delay_months", 0) + 2
            use["conversion"]["capex_usd_per_critical_mw"] *= 1.1
    data["site"]["fixed_cost_usd_per_year"] = 3e6
    path = with_finance(scenario_of(data), "convert", base["deal"])
    scale = path["financing"]["total_cost_usd"]
    assert max(path["statements"]["gaps_ratio"].values()) < 1e-11
    for name, tranche in path["financing"]["tranches"].items():
        agreed = base["financing"]["tranches"][name]
        assert tranche["amount_usd"] == agreed["amount_usd"]
        assert sum(tranche["balloon_usd"] + tranche["sweep_usd"] + tranche["instalments_usd"]) == pytest.approx(
            agreed["amount_usd"], abs=1e-10 * scale
        )


@pytest.mark.parametrize("draw", ["as_needed", "at_close"])
def test_all_equal_rates_leave_npv(draw: str) -> None:
    rate = 0.09
    loan = {
        "share_of_cost_fraction": 0.7,
        "rate_fraction_per_year": rate,
        "draw": draw,
        "repayment": "level",
        "term_months": 60,
        "balloon_fraction": 0.2,
    }
    if draw == "at_close":
        loan["escrow_yield_fraction_per_year"] = rate
    costs, cash = [10.0, 30.0, 20.0], [3.0] * 80
    _, run, figures = deal(costs, cash, loan, reserve_months=5, reserve_yield_fraction_per_year=rate)
    effective = (1 + rate / 12) ** 12 - 1
    flows = project(costs, cash).flows()
    assert returns.npv(run.equity, effective) == pytest.approx(returns.npv(flows, effective), rel=1e-12)
    assert figures["all_in_cost_fraction_per_year"] == pytest.approx(effective, rel=1e-11)


def test_level_payments_rise_with_the_rate_and_fall_with_the_term() -> None:
    def payment(rate: float, term: int) -> float:
        loan = {"amount_usd": 50.0, "rate_fraction_per_year": rate, "repayment": "level", "term_months": term}
        return float(paid(deal([100.0], [5.0] * 120, loan)[2], "lender_usd", 1)[0])

    by_rate = [payment(rate, 60) for rate in (0.0, 0.03, 0.06, 0.12)]
    by_term = [payment(0.06, term) for term in (24, 48, 96)]
    assert by_rate == sorted(by_rate)
    assert by_term == sorted(by_term, reverse=True)


def test_a_loan_of_next_to_nothing_moves_nothing() -> None:
    loan = {"amount_usd": 1e-9, "rate_fraction_per_year": 0.07, "repayment": "level", "term_months": 60}
    costs, cash = [10.0, 30.0, 20.0], [3.0] * 80
    _, run, _ = deal(costs, cash, loan)
    assert max(abs(a - b) for a, b in zip(run.equity, project(costs, cash).flows(), strict=True)) < 2e-9


def test_interest_on_the_build_is_borne_by_buildings_or_else_by_the_rest() -> None:
    ledger = project([60.0, 40.0], [9.0] * 24)
    ledger.assets.append(Asset("gpu", 50.0, 2, 26, use="it"))
    debt = replace(no_debt(25), ready=2, capitalised=6.0)
    terms = {"rate_fraction": 0.2, "bonus_fraction": 1.0, "classes": {"building": "macrs_39"}}
    timeline = Timeline("2027-01", 25)
    years = taxed(ledger, ["it"], terms, timeline, 0.0, debt)["years"]
    assert years[0]["depreciation_usd"] == pytest.approx(50 + 106 / 39 * 10.5 / 12)
    assert sum(row["basis_left_usd"] for row in years) == pytest.approx(106 * (1 - (10.5 + 12) / 12 / 39))
    ledger.assets = [replace(asset, kind="machine") if asset.kind == "building" else asset for asset in ledger.assets]
    ledger.assets.append(Asset("gpu", 90.0, 14, 26, use="it"))  # bought after R - 1: bears nothing
    years = taxed(ledger, ["it"], terms, timeline, 0.0, debt)["years"]
    assert [row["depreciation_usd"] for row in years] == pytest.approx([156.0, 90.0, 0.0])
    assert taxed(ledger, ["other"], terms, timeline, 0.0, no_debt(25))["basis_usd"] == pytest.approx(240.0)


def test_interest_is_allowed_up_to_what_the_reserve_earns_and_a_share() -> None:
    ledger = Ledger(12)
    ledger.at_end_of(6, "revenue", 100.0)
    debt = no_debt(12)
    debt.interest[3], debt.discount[3], debt.reserve_income[9] = 40.0, 5.0, 7.0
    terms = {"rate_fraction": 0.5, "interest_limit_fraction": 0.3}
    found = taxed(ledger, [], terms, Timeline("2027-01", 12), 0.0, debt)
    assert found["years"][0]["interest_allowed_usd"] == pytest.approx(37.0)
    assert found["interest_lost_usd"] == pytest.approx(8.0)
    assert found["tax_usd"][12] == pytest.approx((100 + 7 - 37) / 2)


def test_plant_goes_when_it_is_sold_and_what_a_tenant_leaves_is_income() -> None:
    ledger = Ledger(12)
    ledger.at_start_of(1, "capex", -48.0)
    ledger.assets = [Asset("gpu", 48.0, 1, 7, 24)]
    ledger.sell_at_start_of(7, 40.0)
    ledger.at_start_of(1, "prepayment", 30.0)
    ledger.at_end_of(2, "prepayment", -10.0)
    sheets = stated(ledger, ledger, [], Timeline("2027-01", 12), None, [0.0] * 13)
    assert sheets["plant_usd"] == pytest.approx([48, 46, 44, 42, 40, 38] + [0] * 7)
    assert sheets["deferred_revenue_usd"] == pytest.approx([30, 30] + [20] * 10 + [0])
    assert sheets["income_usd"] == pytest.approx([0, -2, -2, -2, -2, -2, -2 + 40 - 36] + [0] * 5 + [20])
    assert max(sheets["gaps_ratio"].values()) < 1e-12


@pytest.mark.parametrize("shape", ["level", "equal_principal", "bullet"])
def test_other_shapes_are_as_large_as_the_thinnest_date_allows(shape: str) -> None:
    loan = {"dscr_ratio": 1.25, "rate_fraction_per_year": 0.1, "repayment": shape, "term_months": 24}
    loan |= {"first_payment_months": 6}
    cash = [3.0, 0.4, 3.0] * 10
    _, _, figures = deal([500.0], cash, loan, every=3)
    assert figures["dscr_min_ratio"] == pytest.approx(1.25, rel=1e-12)
    by_share = {"share_of_cost_fraction": 0.01, **loan}
    _, _, figures = deal([500.0], cash, by_share, every=3)
    assert figures["sources_usd"]["a"] == pytest.approx(5.0)
    assert figures["warnings"] == ["a: capped by its share"]
