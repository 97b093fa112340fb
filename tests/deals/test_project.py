"""Which uses are the project of a plan, and what its returns are of (see ``by_hand`` for the site)."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.deals.project import Member, inside_project, project_lines
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import plan_metrics
from minecalc.scenario.varying import vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared, run

HALF = {"gross_mw": 5}
FIXED: Data = {"site": {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05, "fixed_cost_usd_per_year": 120_000}}
OLD = MINER | HALF | {"hash_rate_eh_per_s": 0.5}
LET = LEASE | HALF


def uses(**named: Data) -> PlanEvaluation:
    return compared({"it": {"uses": named}}, **FIXED).plans["it"]


def project(plan: PlanEvaluation) -> set[str]:
    return {name for name, inside in plan.project_members.items() if inside.all()}


def test_it_is_what_is_converted_to_whatever_else_spends() -> None:
    plan = uses(old=OLD | {"machine_price_usd_per_th": 10}, new=LET | {"conversion": CONVERSION})
    assert project(plan) == {"new"}


def test_without_a_conversion_it_is_what_spends_within_the_horizon() -> None:
    assert project(uses(old=OLD, new=LET | {"capex_usd_per_critical_mw": 1e6})) == {"new"}
    assert project(uses(old=OLD | {"machine_price_usd_per_th": 10}, new=LET)) == {"old"}
    refresh = {"every_months": 12, "price_usd_per_th": 10, "efficiency_j_per_th": 8}
    assert project(uses(old=OLD | {"refresh": refresh}, new=LET)) == {"old"}
    late = {"every_months": 30, "price_usd_per_th": 10, "efficiency_j_per_th": 8}
    assert project(uses(old=OLD | {"refresh": late}, new=LET)) == {"old", "new"}


def test_where_nothing_is_spent_it_is_all() -> None:
    assert project(uses(old=OLD, new=LET)) == {"old", "new"}


def test_its_share_of_the_sites_fixed_cost_is_by_megawatts_from_the_first_month() -> None:
    plan = uses(old=OLD, new=LET | {"conversion": CONVERSION})
    rent, build = 250_000.0, -1_250_000.0
    wanted = [0.0, -5_000, -5_000 + build, -5_000 + build, -5_000, *[rent - 5_000] * 20]
    assert plan.project_usd[:, 0] == pytest.approx(wanted)
    assert plan_metrics(plan)["capex_usd"].number() == 2.5e6


def test_more_megawatts_than_the_site_has_bear_no_more_than_its_cost() -> None:
    members = {"a": Member(8.0, converts=True), "b": Member(8.0, converts=True)}
    plan = run(MINER, **FIXED)
    site = [line for line in plan.flows.lines if line.use == ""]
    inside = inside_project(members, site)
    assert np.array_equal(project_lines(members, inside, site, 10.0)[0].usd, site[0].usd)


def test_cases_that_spend_and_cases_that_do_not_have_projects_of_their_own() -> None:
    scenario = compared({"it": {"uses": {"old": OLD, "new": LET}}}, **FIXED).scenario
    path = "plans.it.uses.new.capex_usd_per_critical_mw"
    both = evaluate(vary(scenario, {path: [0.0, 1e6]})).plans["it"]
    assert {name: inside.tolist() for name, inside in both.project_members.items()} == {
        "old": [True, False],
        "new": [True, True],
    }
    for case, capex in enumerate((0.0, 1e6)):
        alone = evaluate(vary(scenario, {path: capex})).plans["it"]
        assert np.array_equal(both.project_usd[:, case], alone.project_usd[:, 0])


def test_yield_is_of_the_first_year_in_which_all_of_it_earns_over_what_it_had_cost_by_then() -> None:
    # five critical MW in May, five more let free of rent until September: from then on a year of both
    late = CONVERSION | {"ready": "2027-07"}
    first, second = LET | {"conversion": CONVERSION}, LET | {"conversion": late, "free_months": 2}
    plan = uses(first=first, second=second)
    profit = 12 * (2 * 250_000 - 10_000)
    assert plan_metrics(plan)["yield_on_cost_fraction"].number() == pytest.approx(profit / 5e6)


def test_yield_leaves_out_generations_bought_later() -> None:
    cloud = CLOUD | {"life_months": 12, "replace": True}
    year = [run(cloud | keys) for keys in ({}, {"capex_usd_per_gpu": {"steps": {"2027-01": 24_000, "2028-01": 1}}})]
    found = [plan_metrics(plan)["yield_on_cost_fraction"].number() for plan in year]
    assert found[0] == found[1] == pytest.approx((2 * 8760 - 2.5 * 8760 * 0.05) / 24_000)


def test_yield_needs_twelve_months_and_some_capex() -> None:
    late = run(LEASE | {"conversion": CONVERSION, "free_months": 9})
    assert plan_metrics(late)["yield_on_cost_fraction"].reason() == (
        "fewer than twelve months are left once all of the project earns"
    )
    assert plan_metrics(run(LEASE))["yield_on_cost_fraction"].reason() == "nothing is spent"
