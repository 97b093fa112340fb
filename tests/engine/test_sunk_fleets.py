"""Machines are not run twice: what a plan runs and did not buy, beside what there is of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from minecalc import checks
from minecalc.engine import Engine, evaluate
from minecalc.engine.sunk_fleets import can_run_until, hash_rate_eh_per_s, sunk
from minecalc.loading import ScenarioError, load, loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.schema.validate import validate_data
from tests.by_hand import LEASE, MINER, Data, compared
from tests.randomly import randomly
from tests.second_engine.engine import Scenario as Second
from tests.strategies import scenarios

CASE = Path(__file__).parents[1] / "cases" / "mixed-fleet-meanwhile.yaml"
DATES: Data = {"starts": "2027-03", "ready": "2027-05"}
SITE: Data = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
OLD: Data = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.4}
NEW: Data = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}
FLEET: Data = {"uses": {"old": OLD, "new": NEW}}


def half(meanwhile: object, **more: object) -> Data:
    return LEASE | {"gross_mw": 5, "conversion": DATES | {"meanwhile": meanwhile}} | more


def unchecked(plans: Data) -> Scenario:
    """Valid inputs that need not pass the checks of a whole scenario."""
    data = {"name": "x", "months": 24, "site": SITE, "market": {"hash_price_usd_per_ph_per_day": 20}, "plans": plans}
    found, problems = validate_data(data, Scenario)
    assert found is not None, problems
    return found


def messages(plans: Data) -> list[str]:
    return [found.message for found in checks.problems(unchecked(plans)) if found.code == "machines-twice"]


def test_the_case_of_a_mixed_fleet() -> None:
    """As written it runs the new machines twice; the uses that stay out of the plan alone may run until then."""
    with pytest.raises(ScenarioError) as error:
        load(CASE)
    (found,) = error.value.diagnostics
    assert "new 1.08 + old until lease 0.57 + new until lease 0.648 = 2.298 EH/s" in found.message
    assert "fleet owns 2.03 EH/s" in found.message
    path = 'plans."sell old, lease the MW".uses.lease.conversion.meanwhile'
    plan = evaluate(load(CASE, [path + "={plan: fleet, uses: [old]}"])).plans["sell old, lease the MW"]
    revenue = sum(line.usd[0, 0] for line in plan.flows.lines if line.category == "revenue")
    assert revenue == pytest.approx(3.15e6, abs=5e3)
    assert plan.npv_usd[0] == pytest.approx(-92.95e6, abs=5e3)


def test_the_sum_is_of_what_a_plan_runs_without_having_bought_it() -> None:
    assert messages({"fleet": FLEET, "all": half("fleet", gross_mw=10)}) == []
    twice = {"fleet": FLEET, "it": {"uses": {"new": NEW, "lease": half("fleet")}}}
    assert messages(twice) == [
        "in 2027-01 the plan it runs new 0.5 + old until lease 0.2 + new until lease 0.25 = 0.95 EH/s that it does not "
        "buy; fleet owns 0.9 EH/s"
    ]
    once = {"fleet": FLEET, "it": {"uses": {"new": NEW, "lease": half({"plan": "fleet", "uses": ["old"]})}}}
    assert messages(once) == []
    bought = {"fleet": FLEET, "it": {"uses": {"new": NEW | {"machine_price_usd_per_th": 5}, "lease": half("fleet")}}}
    assert messages(bought) == []
    assert messages({"fleet": FLEET, "it": {"uses": {"new": NEW, "more": NEW, "lease": half(None)}}}) == []


def test_more_megawatts_than_the_fleet_has_are_more_machines_than_there_are() -> None:
    assert messages({"fleet": OLD, "it": half("fleet", gross_mw=10)}) == [
        "in 2027-01 the plan it runs fleet until it 0.8 = 0.8 EH/s that it does not buy; fleet owns 0.4 EH/s"
    ]


def test_what_runs_meanwhile_and_was_bought_does_not_count() -> None:
    fleet = {"uses": {"old": OLD, "new": NEW | {"machine_price_usd_per_th": 5}}}
    assert hash_rate_eh_per_s(unchecked({"fleet": fleet}).plans["fleet"]) == 0.4
    twice = {"fleet": fleet, "it": {"uses": {"new": NEW, "lease": half("fleet")}}}
    assert len(messages(twice)) == 1, "0.5 of its own and 0.2 of the old until the start"


@pytest.mark.parametrize(
    ("of_old", "of_new", "fine"),
    [
        ({}, {}, False),
        ({}, {"conversion": {"starts": "2027-01", "ready": "2027-03"}}, True),
        ({}, {"conversion": {"starts": "2027-01", "ready": "2027-02"}}, False),
        ({"stops": "2027-02"}, {"conversion": {"starts": "2027-01", "ready": "2027-02"}}, True),
        ({"stops": "best"}, {"conversion": {"starts": "2027-01", "ready": "2027-02"}}, False),
        ({"stops": {"unpaid_months": 1}}, {"conversion": {"starts": "2027-01", "ready": "2027-02"}}, False),
        ({"life_months": 1}, {"conversion": {"starts": "2027-01", "ready": "2027-02"}}, True),
        (
            {"life_months": 1, "refresh": {"every_months": 1, "price_usd_per_th": 5, "efficiency_j_per_th": 10}},
            {"conversion": {"starts": "2027-01", "ready": "2027-02"}},
            False,
        ),
    ],
)
def test_a_fleet_counts_while_it_may_run(of_old: Data, of_new: Data, *, fine: bool) -> None:
    """0.4 EH/s of old machines until March, and as many of its own from when its hall is ready."""
    own = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.4} | of_new
    plans = {"fleet": OLD | of_old, "it": {"uses": {"own": own, "lease": half("fleet")}}}
    assert (messages(plans) == []) is fine


def test_of_several_plans_named_the_largest_limits() -> None:
    small, large = OLD | {"hash_rate_eh_per_s": 0.2}, NEW
    uses = {"a": half("small", gross_mw=3), "b": half("large", gross_mw=2)}

    def owning(eh_per_s: float) -> Data:
        own = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": eh_per_s}
        return {"small": small, "large": large, "it": {"uses": {"own": own} | uses}}

    assert messages(owning(0.18)) == []  # with 0.12 and 0.2 until the start
    assert messages(owning(0.19)) == [
        "in 2027-01 the plan it runs own 0.19 + small until a 0.12 + large until b 0.2 = 0.51 EH/s that it does not "
        "buy; large owns 0.5 EH/s"
    ]


def test_a_column_is_each_case_alone() -> None:
    scenario = unchecked({"fleet": FLEET, "it": {"uses": {"new": NEW, "lease": half("fleet")}}})
    path = "plans.it.uses.new.hash_rate_eh_per_s"
    rates = np.array([0.3, 0.45, 0.46, 0.5])
    many = sunk(Engine(vary(scenario, {path: rates})), vary(scenario, {path: rates}).plans["it"])
    assert many.exceeds.any(axis=0).tolist() == [False, False, True, True]
    later = vary(scenario, {"plans.it.uses.lease.conversion.starts": ["2027-01", "2027-02", "2027-03", "2027-04"]})
    assert sunk(Engine(later), later.plans["it"]).exceeds.sum(axis=0).tolist() == [0, 1, 2, 3]


def test_a_warning_says_what_would_be_right() -> None:
    """A plan that neither mines nor says what runs until it converts leaves machines unsold."""
    plans = {"fleet": FLEET, "lease": LEASE, "later": LEASE | {"conversion": DATES}}
    plans |= {"more": LEASE | {"gross_mw": 10, "conversion": DATES}}

    def told(plan: str, **fleet: object) -> list[str]:
        scenario = compared(plans | fleet).scenario
        return [text for text in checks.warnings(scenario) if "neither run nor sold" in text and text.startswith(plan)]

    assert told("lease") == ["lease: the machines of fleet are neither run nor sold in this plan"]
    assert told("later") == [
        "later: the machines of fleet are neither run nor sold in this plan; as meanwhile of its conversion they run "
        "until it starts, and are sold then"
    ]
    assert told("more", fleet=OLD) == [
        "more: the machines of fleet are neither run nor sold in this plan; meanwhile: {plan: fleet, uses: [..]} says "
        "which of them run until it converts"
    ]
    engine = Engine(compared(plans | {"fleet": OLD}).scenario)
    assert not can_run_until(engine, engine.scenario.plans["more"], "fleet")
    assert not can_run_until(engine, engine.scenario.plans["later"], "lease")


@randomly(10)
@given(scenarios())
def test_the_second_engine_adds_up_the_same(data: Data) -> None:
    scenario, second = loads(json.dumps(data)), Second(data, Path())
    engine = Engine(scenario)
    for name, plan in scenario.plans.items():
        found = sunk(engine, plan)
        assert found.total_eh_per_s[:, 0].tolist() == pytest.approx(second.machines_run(name))
        limit = second.machines_owned(name)
        assert (found.owner is None) is (limit is None)
        if limit is not None:
            assert float(np.asarray(found.limit_eh_per_s)) == pytest.approx(limit)
