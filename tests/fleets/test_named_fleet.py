"""Several fleets of one mine: each as if it were alone, and together what they earn one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc import checks
from minecalc.analysis.dark_fleets import dark_fleets, off_words
from minecalc.arrays import FloatArray
from minecalc.engine import Engine, PlanEvaluation, evaluate
from minecalc.engine.sunk_fleets import sunk
from minecalc.fleets.stops import UnpaidMonths
from minecalc.loading import ScenarioError, loads
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.places import places
from minecalc.scenario.varying import vary
from minecalc.simulation.world import World
from tests.by_hand import DAYS, LEASE, MARGIN_A_DAY, MINER, POWER_A_DAY, REVENUE_A_DAY, Data, compared, flows, line, run

SITE: Data = {"gross_mw": 40, "electricity_price_usd_per_kwh": 0.05}
#: Keys of a mine that its fleets do not have.
COMMON = {"kind", "uptime_fraction", "pool_fee_fraction", "opex_usd_per_mw_per_year", "demand_response_usd_per_month"}
REFRESH: Data = {"every_months": 12, "price_usd_per_th": 7, "efficiency_j_per_th": 8}


def several(*fleets: Data, **common: Any) -> Data:
    """A mine of these fleets, called a, b, c; what only a mine says is taken out of them."""
    own = [{key: value for key, value in MINER.items() if key not in COMMON} | fleet for fleet in fleets]
    return {"kind": "bitcoin_mining", "fleets": dict(zip("abc", own, strict=False)), **common}


def arrays(plan: PlanEvaluation) -> dict[str, FloatArray]:
    found = {found.name: found.usd for found in plan.flows.lines} | {**plan.flows.quantities} | {**plan.flows.memo}
    best = plan.at_best_stop
    assert best is not None
    return found | {"npv": plan.npv_usd, "at best": best[0].npv_usd}


EITHER: list[Data] = [
    {},
    {"machine_price_usd_per_th": 7, "machine_resale_usd_per_th": {"start": 9, "growth_fraction_per_year": -0.5}},
    {"stops": "best", "machine_resale_usd_per_th": 2},
    {"stops": {"unpaid_months": 2}},
    {"stops": "2027-09", "life_months": 7},
    {"refresh": REFRESH, "machine_resale_usd_per_th": 3},
]
MARKET = {"hash_price_usd_per_ph_per_day": {"start": 20, "growth_fraction_per_year": -0.4}}


@pytest.mark.parametrize("fleet", EITHER)
def test_a_mine_of_one_named_fleet_is_that_fleet_to_the_bit(fleet: Data) -> None:
    common = {"demand_response_usd_per_month": 700, "pool_fee_fraction": 0.01, "opex_usd_per_mw_per_year": 9000}
    flat, one = arrays(run(MINER | fleet | common, market=MARKET)), arrays(run(several(fleet, **common), market=MARKET))
    assert flat.keys() == one.keys()
    for name, values in flat.items():
        assert np.array_equal(values, one[name]), name


@pytest.mark.parametrize("fleet", EITHER)
def test_equal_machines_split_in_two_earn_what_they_earn_together(fleet: Data) -> None:
    common = {"demand_response_usd_per_month": 700, "opex_usd_per_mw_per_year": 9000}
    parts = [fleet | {"hash_rate_eh_per_s": rate} for rate in (0.3, 0.7)]
    flat, two = (
        arrays(run(MINER | fleet | common, market=MARKET)),
        arrays(run(several(*parts, **common), market=MARKET)),
    )
    for name, values in flat.items():
        assert np.broadcast_to(values, two[name].shape) == pytest.approx(two[name], rel=1e-12, abs=1e-6), name


def test_each_fleet_shuts_off_by_what_its_own_machines_earn() -> None:
    # 15 USD a PH/s and day pay 24 h x 50 USD at 12 J/TH or less: 15,000 against 12,000 and 18,000
    plan = run(several({"hash_rate_eh_per_s": 0.5}, {"hash_rate_eh_per_s": 0.25, "efficiency_j_per_th": 15}))
    both = REVENUE_A_DAY * 0.75 - POWER_A_DAY * (0.5 + 0.25 * 1.5)
    assert flows(plan)[1] == pytest.approx(31 * both)
    plan = run(
        several({"hash_rate_eh_per_s": 0.5}, {"hash_rate_eh_per_s": 0.25, "efficiency_j_per_th": 15}),
        market={"hash_price_usd_per_ph_per_day": 15},
    )
    assert flows(plan)[1] == pytest.approx(31 * 0.5 * 3000)


def test_machines_that_are_bought_are_paid_and_run_from_their_month() -> None:
    plan = run(several({"bought": "2027-04", "machine_price_usd_per_th": 7, "life_months": 3}), months=8)
    assert flows(plan) == pytest.approx([0, 0, 0, -7e6, *(d * MARGIN_A_DAY for d in DAYS[3:6]), 0, 0])


def test_deliveries_run_and_age_from_the_month_in_which_they_arrive() -> None:
    machines: Data = {"machine_hash_rate_th_per_s": 100, "efficiency_j_per_th": 10, "pue_ratio": 1}
    fleet = machines | {"deliveries": {"2027-04": 2000, "2027-02": 8000}, "machine_price_usd_per_th": 7}
    plan = run({"kind": "bitcoin_mining", "fleets": {"new": fleet | {"life_months": 3}}}, months=8)
    assert line(plan, "machines_bought_usd") == pytest.approx([0, -5.6e6, 0, -1.4e6, 0, 0, 0, 0])
    share = [0, 0.8, 0.8, 1.0, 0.2, 0.2, 0, 0]
    revenue = [s * d * REVENUE_A_DAY for s, d in zip(share, DAYS, strict=False)]
    assert line(plan, "mining_revenue_usd") == pytest.approx(revenue)


def test_deliveries_stop_together_at_their_best() -> None:
    machines: Data = {"machine_hash_rate_th_per_s": 100, "efficiency_j_per_th": 10, "pue_ratio": 1, "stops": "best"}
    fleet = machines | {"deliveries": {"2027-02": 8000, "2027-04": 2000}, "machine_price_usd_per_th": 0.01}
    more: Data = {"opex_usd_per_mw_per_year": 150_000}
    plan = run({"kind": "bitcoin_mining", "fleets": {"new": fleet}, **more}, market=MARKET)
    best = plan.at_best_stop
    assert best is not None
    assert best[1]["new"] == pytest.approx([6.0])
    running = np.flatnonzero(np.array(line(plan, "mining_opex_usd")))
    assert (running[0] + 1, running[-1] + 1) == (2, 5)
    assert float(best[0].npv_usd[0]) == float(plan.npv_usd[0])


def test_a_fleet_ends_so_much_earlier_as_it_is_old() -> None:
    plan = run(several({"age_months": 50, "life_months": 53}), months=6)
    assert flows(plan) == pytest.approx([0, *(d * MARGIN_A_DAY for d in DAYS[:3]), 0, 0, 0])
    refreshed = run(several({"age_months": 9, "refresh": REFRESH}), months=24)
    assert np.flatnonzero(line(refreshed, "machines_bought_usd")).tolist() == [3], "at the age of twelve months"


def test_wear_takes_hash_rate_and_no_power_until_machines_are_new() -> None:
    plan = run(several({"hash_rate_loss_fraction_per_year": 0.1, "refresh": REFRESH}), months=24)
    left = [0.9 ** (k % 12 / 12) for k in range(24)]
    revenue = [d * REVENUE_A_DAY * share for d, share in zip(DAYS, left, strict=True)]
    assert line(plan, "mining_revenue_usd") == pytest.approx(revenue, rel=1e-12)
    assert line(plan, "mining_power_usd")[:12] == pytest.approx([-d * POWER_A_DAY for d in DAYS[:12]], rel=1e-12)
    inputs, setting = plan.plan.uses[0].inputs, plan.engine.setting(plan.plan, plan.plan.uses[0])
    assert inputs.every_fleet()[0].hash_rate_loss_fraction_per_year is not None
    assert setting.first == 1.0


def test_income_from_demand_response_goes_by_the_draw_of_the_fleets_that_are_there() -> None:
    parts = ({"hash_rate_eh_per_s": 0.4}, {"hash_rate_eh_per_s": 0.2, "efficiency_j_per_th": 20, "stops": "2027-03"})
    plan = run(several(*parts, demand_response_usd_per_month=1000), months=4)
    assert line(plan, "demand_response_usd") == pytest.approx([1000, 1000, 500, 500])


def test_megawatts_are_those_of_the_month_in_which_most_machines_stand() -> None:
    site = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
    new: Data = {"bought": "2027-06", "machine_price_usd_per_th": 7}
    after = several({"stops": "2027-06"}, new)
    assert run(after, site=site).flows.lines
    with pytest.raises(ScenarioError, match=r"1 EH/s x 10 J/TH x PUE 1 \+ 1 EH/s x 10 J/TH x PUE 1 = 20 MW"):
        loads(str({"name": "x", "site": site, "plans": {"mine": several({}, new)}}))


def test_fleets_that_are_off_are_told_by_their_names() -> None:
    new: Data = {
        "hash_rate_eh_per_s": 1,
        "efficiency_j_per_th": 5,
        "pue_ratio": 1,
        "bought": "2027-03",
        "machine_price_usd_per_th": 1,
    }
    plans = {"mine": {"kind": "bitcoin_mining", "fleets": {"S19 XP": several({})["fleets"]["a"], "S21": new}}}
    evaluation = compared(
        plans,
        site=SITE,
        market={"hash_price_usd_per_ph_per_day": {"start": 20, "growth_fraction_per_year": -0.5}},
    )
    assert (
        off_words([dark._asdict() for dark in dark_fleets(evaluation)]) == "S19 XP off from 2027-10, S21 from 2028-10"
    )


def test_every_input_of_a_fleet_has_an_address_and_moves_there() -> None:
    machines = {
        "s19 xp": {"machine": "s19 xp", "machine_count": 3700},
        "s21": {"machine": "s21", "machine_count": 4800},
    }
    text = str(
        {
            "name": "x",
            "site": SITE | {"gross_mw": 90},
            "plans": {"mine": {"kind": "bitcoin_mining", "fleets": machines}},
        }
    )
    scenario = loads(text)
    found = {place.dotted: place for place in places(scenario)}
    old = 'plans.mine.fleets."s19 xp"'
    assert found[f"{old}.machine_count"].value == 3700
    efficiency = found[f"{old}.efficiency_j_per_th"]
    assert efficiency.sourced is not None
    assert (efficiency.value, efficiency.given) == (21.5, False)
    assert found["plans.mine.machine_count"].idle == "fleets takes its place"
    assert loads(text, [f"{old}.machine_count=10"]).plans["mine"].uses[0].inputs.every_fleet()[
        0
    ].hash_rate_eh_per_s == (pytest.approx(10 * 140e-6))
    twice = loads(text, ["plans.mine.fleets.*.machine_count.scale=2"]).plans["mine"].uses[0].inputs.every_fleet()
    assert [fleet.hash_rate_eh_per_s for fleet in twice] == pytest.approx([1.036, 1.92])
    whole = loads(text, ["plans.mine.machine=s21", "plans.mine.machine_count=100"]).plans["mine"].uses[0].inputs
    assert set(whole.stopping) == {""}, "what is set of one fleet replaces several"
    moved = vary(scenario, {"plans.mine.fleets.*.pue_ratio": [1.0, 1.1]}).plans["mine"].uses[0].inputs.every_fleet()
    assert [list(np.asarray(fleet.pue_ratio)) for fleet in moved] == [[1.0, 1.1]] * 2


@pytest.mark.parametrize(
    ("fleets", "message", "advice"),
    [
        ("{a: {machine_count: 5}}", "of which machine is not said", "name a machine"),
        ("{a: {}}", "the hash rate of the fleet is missing", "give hash_rate_eh_per_s"),
        ("{a: {machine: s21, deliveries: {2027-03: 5}}}", "not what the machines cost", "0 if they are paid for"),
        ("{a: {machine: s21, machine_count: 5, bought: 2027-03}}", "not what the machines cost", "0 if they are paid"),
        ("{a: {machine: s21, machine_count: 5, age_months: 60}}", "age_months is 60", "life_months: 84"),
        (
            "{a: {machine: s21, machine_count: 5, deliveries: {2027-03: 5}}}",
            "deliveries stands beside",
            "a fleet is so",
        ),
        (
            "{a: {machine: s21, deliveries: {2027-3: 5}, machine_price_usd_per_th: 1}}",
            '"2027-3" is not a month',
            "2027-03",
        ),
        ("{a: {machine: s21, deliveries: {2027-03: -5}, machine_price_usd_per_th: 1}}", "-5", "0..100"),
        (
            "{a: {machine: s21, deliveries: {2017-03: 5}, machine_price_usd_per_th: 1}}",
            "2017-03 lies outside",
            "runs from",
        ),
        (
            "{a: {machine: s21, machine_count: 5, bought: 2017-03, machine_price_usd_per_th: 1}}",
            "bought 2017-03",
            "runs",
        ),
        ("{a: {machine: s12, machine_count: 5}}", "there is no machine s12", "catalog machines"),
        ("{}", "fleets has 0 entries", ""),
        ("[]", "fleets is", ""),
        ("{a: 3}", "a is 3", ""),
    ],
)
def test_what_is_wrong_is_told_at_its_place(fleets: str, message: str, advice: str) -> None:
    with pytest.raises(ScenarioError) as error:
        loads(f"name: x\nsite: {SITE}\nplans:\n  mine:\n    kind: bitcoin_mining\n    fleets: {fleets}\n")
    (found,) = error.value.diagnostics
    assert message in found.message
    assert advice in found.help or advice in found.message
    assert found.mark is not None
    assert found.mark.line == 6


def test_keys_of_one_fleet_beside_several_are_refused() -> None:
    with pytest.raises(ScenarioError, match="machine_count stands beside fleets"):
        run(several({}) | {"machine_count": 3, "machine": "s21"})


def test_each_sunk_fleet_counts_until_its_own_end() -> None:
    dates = {"starts": "2027-05", "ready": "2027-07", "meanwhile": "fleet"}
    parts = ({"hash_rate_eh_per_s": 0.4, "stops": "2027-03"}, {"hash_rate_eh_per_s": 0.6})
    bought: Data = {"hash_rate_eh_per_s": 5, "bought": "2027-02", "machine_price_usd_per_th": 1}
    plans = {
        "fleet": several(*parts, bought) | {"gross_mw": 60},
        "lease": LEASE | {"gross_mw": 60, "conversion": dates},
    }
    scenario = compared(plans, site={"gross_mw": 60, "electricity_price_usd_per_kwh": 0.05}).scenario
    found = sunk(Engine(scenario), scenario.plans["lease"])
    assert found.limit_eh_per_s == 1.0, "without those that are bought"
    assert found.total_eh_per_s[:6, 0].tolist() == [1.0, 1.0, 0.6, 0.6, 0.0, 0.0]
    assert [part.name for part in found.parts] == ["a until lease", "b until lease"]
    assert list(checks.problems(scenario)) == []


def uncertain(**fleets: Data) -> Scenario:
    own = {name: {"hash_rate_eh_per_s": 0.4} | fleet for name, fleet in fleets.items()}
    data = {
        "name": "x",
        "months": 24,
        "site": SITE,
        "uncertainty": {"others": "fixed", "btc_price_usd": {}},
    }
    return loads(str(data | {"plans": {"mine": {"kind": "bitcoin_mining", "fleets": own}}}))


def test_under_uncertainty_each_fleet_without_a_stop_shuts_after_months_unpaid_and_best_is_one_date_each() -> None:
    world = World(uncertain(a={}, b={"stops": "never"}, c={"stops": "best"}), Sampler(5))
    assert world.stops_assumed == {"plans.mine.fleets.a.stops": 6}
    assert set(world.stops_fixed) == {"plans.mine.fleets.c.stops"}
    a, b, c = world.scenario.plans["mine"].uses[0].inputs.every_fleet()
    assert isinstance(a.stops, UnpaidMonths)
    assert b.stops == "never"
    assert not isinstance(c.stops, str)


def test_machines_before_they_are_announced_are_told() -> None:
    mine = "{kind: bitcoin_mining, fleets: {a: {machine: s23 hyd, machine_count: 5}}}"
    text = f"name: x\nstart: 2024-01\nsite: {SITE}\nplans: {{mine: {mine}}}"
    assert any("was announced in 2026" in told for told in checks.warnings(loads(text)))


def test_the_fleets_of_a_use_add_up_in_an_evaluation_of_several_uses() -> None:
    halves = {
        name: several({"hash_rate_eh_per_s": 0.2}, {"hash_rate_eh_per_s": 0.3}) | {"gross_mw": 5} for name in "xy"
    }
    plan = evaluate(compared({"halves": {"uses": halves}}).scenario).plans["halves"]
    assert flows(plan) == pytest.approx([0, *(d * MARGIN_A_DAY for d in DAYS)])
