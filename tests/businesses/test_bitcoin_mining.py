"""Bitcoin mining worked out by hand: 20,000 USD a day of revenue, 12,000 of power (see ``by_hand``)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from minecalc.checks import warnings
from minecalc.engine import evaluate
from minecalc.figures import capex_usd, quantities
from minecalc.finance.returns import npv
from minecalc.loading import ScenarioError, loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.schema.names import quoted
from tests.by_hand import (
    DAYS,
    MARGIN_A_DAY,
    MINER,
    POWER_A_DAY,
    REVENUE_A_DAY,
    compared,
    flows,
    line,
    points,
    run,
    terms,
)
from tests.randomly import randomly
from tests.strategies import Data, scenarios

DEAR_THEN_CHEAP = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-03": 11, "2027-05": 20}}}


def test_a_month_is_hash_price_less_power_at_its_end() -> None:
    assert flows(run(MINER)) == pytest.approx([0, *(d * MARGIN_A_DAY for d in DAYS)])
    assert quantities(run(MINER))["energy_mwh"].number() == pytest.approx(10 * 24 * sum(DAYS))


def test_pool_fee_comes_off_revenue_and_off_the_bitcoin() -> None:
    # 1 of 144 EH/s finds one block a day: 3.125 + 0.875 BTC, at 10,000 USD; a tenth is the pool's
    market = {"network_hash_rate_eh_per_s": 144, "fee_btc_per_block": 0.875, "btc_price_usd": 10_000}
    plan = run(MINER | {"pool_fee_fraction": 0.1}, market=market, months=2)
    assert line(plan, "mining_revenue_usd") == pytest.approx([31 * 40_000, 28 * 40_000])
    assert line(plan, "pool_fee_usd") == pytest.approx([-31 * 4_000, -28 * 4_000])
    assert quantities(plan)["btc_mined"].number() == pytest.approx(0.9 * 4 * 59)


def test_pue_and_efficiency_set_the_power() -> None:
    # 0.5 EH/s x 12 J/TH x 1.1 = 6.6 MW
    plan = run(MINER | {"hash_rate_eh_per_s": 0.5, "efficiency_j_per_th": 12, "pue_ratio": 1.1}, months=1)
    assert line(plan, "mining_power_usd") == pytest.approx([-6.6 * 744 * 50])
    assert line(plan, "mining_revenue_usd") == pytest.approx([31 * REVENUE_A_DAY / 2])


def test_a_machine_of_the_catalogue_lends_its_efficiency_and_cooling() -> None:
    use = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.4, "machine": "antminer-s21"}
    inputs = terms(run(use).plan.uses[0])
    assert (inputs.efficiency_j_per_th, inputs.pue_ratio) == (17.5, 1.05)
    inputs = terms(run(use | {"efficiency_j_per_th": 20}).plan.uses[0])
    assert (inputs.efficiency_j_per_th, inputs.pue_ratio) == (20, 1.05)


def test_uptime_is_a_value_over_time() -> None:
    uptime = {"steps": {"2027-01": 0.5, "2027-02": 1}}
    assert flows(run(MINER | {"uptime_fraction": uptime}, months=2)) == pytest.approx(
        [0, 31 * MARGIN_A_DAY / 2, 28 * MARGIN_A_DAY]
    )


def test_operating_cost_is_per_nameplate_megawatt_curtailed_or_not() -> None:
    use = MINER | {"opex_usd_per_mw_per_year": 12_000, "uptime_fraction": 0.5}  # 10 MW: 10,000 a month
    assert line(run(use, market=DEAR_THEN_CHEAP), "mining_opex_usd") == pytest.approx([-10_000] * 24)


def test_curtailed_months_earn_nothing_and_cost_no_power() -> None:
    # at 11 USD the fleet earns 11,000 a day and would burn 12,000
    wise = run(MINER, market=DEAR_THEN_CHEAP)
    stubborn = run(MINER | {"curtail": False}, market=DEAR_THEN_CHEAP)
    assert flows(wise)[2:5] == pytest.approx([28 * MARGIN_A_DAY, 0, 0])
    assert flows(stubborn)[2:5] == pytest.approx([28 * MARGIN_A_DAY, -31 * 1_000, -30 * 1_000])
    assert float(np.sum(wise.flows.memo["curtailment_value_usd"])) == pytest.approx(61 * 1_000)
    assert wise.npv_usd > stubborn.npv_usd
    energy = [quantities(plan)["energy_mwh"].number() or 0.0 for plan in (wise, stubborn)]
    assert energy[1] - energy[0] == pytest.approx(61 * 240)


def test_a_month_that_only_pays_for_its_power_is_curtailed() -> None:
    market = {"hash_price_usd_per_ph_per_day": 12.5}
    assert quantities(run(MINER | {"pool_fee_fraction": 0.05}, market=market))["energy_mwh"].number() == 0.0
    assert quantities(run(MINER | {"pool_fee_fraction": 0.03}, market=market))["energy_mwh"].number()


def test_demand_response_is_paid_while_the_fleet_exists_even_if_curtailed() -> None:
    use = MINER | {"demand_response_usd_per_month": {"steps": {"2027-01": 0, "2027-03": 700}}, "stops": "2027-06"}
    assert line(run(use, market=DEAR_THEN_CHEAP), "demand_response_usd")[:7] == [0, 0, 700, 700, 700, 0, 0]


def test_own_price_of_power_replaces_the_sites() -> None:
    use = MINER | {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.02, "2027-02": -0.01}}}
    assert line(run(use, months=2), "mining_power_usd") == pytest.approx([-31 * 4_800, 28 * 2_400])


def test_a_fleet_is_sunk_unless_it_has_a_price() -> None:
    assert flows(run(MINER))[0] == 0
    assert flows(run(MINER | {"machine_price_usd_per_th": 7}))[0] == -7e6


def test_a_fleet_ends_with_its_life_and_is_sold_then() -> None:
    plan = run(MINER | {"life_months": 6, "machine_resale_usd_per_th": {"steps": {"2027-01": 9, "2027-07": 2}}})
    # month 7 is the first without it; sold at the start of that month, point 6, at that month's price
    assert flows(plan)[6:9] == pytest.approx([30 * MARGIN_A_DAY + 2e6, 0, 0])
    assert any("after its life of 6 months" in text for text in warnings(plan.engine.scenario))


def test_a_fleet_that_lasts_to_the_horizon_is_sold_at_it() -> None:
    plan = run(MINER | {"machine_resale_usd_per_th": {"points": {"2027-01": 24, "2028-12": 1}}})
    assert flows(plan)[-1] == pytest.approx(31 * MARGIN_A_DAY + 1e6)
    assert line(plan, "machines_residual_usd") == pytest.approx([0] * 23 + [1e6])
    assert line(plan, "machines_sold_usd") == [0] * 24


@pytest.mark.parametrize(("stops", "point"), [("2027-01", 0), ("2027-05", 4), ("2028-12", 23), ("2029-01", 24)])
def test_from_its_stop_a_fleet_is_off_sold_and_costs_nothing(stops: str, point: int) -> None:
    use = MINER | {"stops": stops, "machine_resale_usd_per_th": 3, "opex_usd_per_mw_per_year": 12_000}
    wanted = [0.0, *(d * MARGIN_A_DAY - 10_000 for d in DAYS[:point]), *[0.0] * (24 - point)]
    wanted[point] += 3e6
    assert flows(run(use)) == pytest.approx(wanted)


def test_a_refresh_is_paid_and_the_old_fleet_sold_at_the_start_of_its_month() -> None:
    refresh = {
        "every_months": 12,
        "price_usd_per_th": {"steps": {"2027-01": 99, "2028-01": 10}},
        "efficiency_j_per_th": 5,
    }
    use = MINER | {
        "refresh": refresh,
        "machine_resale_usd_per_th": {"steps": {"2027-01": 8, "2028-01": 4, "2028-12": 1}},
    }
    plan = run(use)
    # point 12: December's margin, 10 USD per TH/s paid, 4 received; from month 13 on half the power
    assert flows(plan)[12] == pytest.approx(31 * MARGIN_A_DAY - 10e6 + 4e6)
    assert line(plan, "mining_power_usd")[11:13] == pytest.approx([-31 * POWER_A_DAY, -31 * POWER_A_DAY / 2])
    # at the horizon the new fleet fetches what it cost x (1 / 4), the path's fall since it was bought
    assert line(plan, "machines_residual_usd")[-1] == pytest.approx(2.5e6)
    assert float(capex_usd(plan)[0]) == pytest.approx(10e6)


@pytest.mark.parametrize(("months", "bought"), [(18, 0), (23, 0), (24, 1), (35, 1), (36, 2)])
def test_a_refresh_with_less_than_a_year_of_use_is_skipped(months: int, bought: int) -> None:
    refresh = {"every_months": 12, "price_usd_per_th": 10, "efficiency_j_per_th": 5}
    plan = run(MINER | {"refresh": refresh}, months=months)
    assert float(capex_usd(plan)[0]) == pytest.approx(bought * 10e6)
    skipped = any("is skipped" in text for text in warnings(plan.engine.scenario))
    assert skipped == (months % 12 != 0)
    assert line(plan, "mining_revenue_usd")[-1] > 0  # the machines run on beyond their life


def test_a_refresh_that_a_stop_leaves_too_little_time_for_is_skipped() -> None:
    refresh = {"every_months": 6, "price_usd_per_th": 10, "efficiency_j_per_th": 5}
    for stops, bought in (("2028-06", 0), ("2028-07", 1), ("2028-12", 1), ("never", 2)):
        plan = run(MINER | {"refresh": refresh, "stops": stops})
        assert float(capex_usd(plan)[0]) == pytest.approx(bought * 10e6)


def test_a_refresh_beyond_the_life_is_refused() -> None:
    refresh = {"every_months": 61, "price_usd_per_th": 10, "efficiency_j_per_th": 5}
    with pytest.raises(ScenarioError, match="more than life_months 60"):
        run(MINER | {"refresh": refresh})


def test_a_fleet_that_never_runs_is_never_bought() -> None:
    assert (
        flows(run(MINER | {"machine_price_usd_per_th": 7, "stops": "2027-01", "machine_resale_usd_per_th": 3}))
        == [0] * 25
    )


def test_building_capex_is_per_megawatt_of_machines_at_point_0() -> None:
    assert flows(run(MINER | {"capex_usd_per_critical_mw": 1_000}))[0] == pytest.approx(-10_000)


def test_a_mine_that_is_built_first_counts_its_life_and_refresh_from_ready() -> None:
    conversion = {"starts": "2027-02", "ready": "2027-04", "capex_usd_per_critical_mw": 1_000}
    plan = run(MINER | {"conversion": conversion, "machine_price_usd_per_th": 7, "life_months": 2})
    wanted = points(24, p1=-5_000, p2=-5_000, p3=-7e6, p4=30 * MARGIN_A_DAY, p5=31 * MARGIN_A_DAY)
    assert flows(plan) == pytest.approx(wanted)


def test_best_stop_weighs_margin_against_resale() -> None:
    falling = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-06": 5}}}
    use = MINER | {"machine_resale_usd_per_th": 1}
    best = run(use | {"stops": "best"}, market=falling)
    assert flows(best)[4:7] == pytest.approx([30 * MARGIN_A_DAY, 31 * MARGIN_A_DAY + 1e6, 0])
    hopeless = run(use | {"stops": "best"}, market={"hash_price_usd_per_ph_per_day": 1})
    assert flows(hopeless) == points(24, p0=1e6)


def test_of_equally_good_stops_the_latest_wins() -> None:
    # a curtailed fleet without resale and operating cost costs nothing, so it never stops
    plan = run(MINER, market={"hash_price_usd_per_ph_per_day": 5})
    _, stops = plan.engine.at_best_stop(plan.plan)
    assert stops["it"].tolist() == [25]


@randomly(10)
@given(scenarios(40))
def test_best_stop_is_the_best_of_all_stops(data: Data) -> None:
    scenario = loads(json.dumps(data))
    plans = {name: plan for name, plan in scenario.plans.items() if len(plan.uses) == 1}
    mining = [name for name, plan in plans.items() if plan.uses[0].kind == "bitcoin_mining"]
    assume(mining)
    for name in mining:
        plan = evaluate(scenario).plans[name]
        best, stops = plan.engine.at_best_stop(plan.plan)
        labels = [scenario.timeline.label(month) for month in range(1, scenario.months + 1)]
        dated = vary(with_stop(data, name, labels[0]), {f"plans.{quoted(name)}.stops": labels})
        worth = dict(zip(labels, evaluate(dated).plans[name].npv_usd.tolist(), strict=True))
        worth["never"] = float(evaluate(with_stop(data, name, "never")).plans[name].npv_usd[0])
        tolerance = 1e-12 * float(np.abs(best.net_usd).sum())
        assert float(best.npv_usd[0]) == pytest.approx(max(worth.values()), rel=1e-9, abs=tolerance)
        (month,) = stops[name]
        label = "never" if month > scenario.months else scenario.timeline.label(int(month))
        assert worth[label] == pytest.approx(max(worth.values()), rel=1e-9, abs=tolerance)


def with_stop(data: Data, name: str, stops: str) -> Scenario:
    plan: dict[str, Any] = data["plans"][name] | {"stops": stops}
    return loads(json.dumps(data | {"plans": data["plans"] | {name: plan}}))


def test_best_stop_of_many_cases_is_that_of_each() -> None:
    refresh = {
        "every_months": 6,
        "price_usd_per_th": 9,
        "efficiency_j_per_th": {"start": 9, "growth_fraction_per_year": -0.2},
    }
    use = MINER | {
        "refresh": refresh,
        "machine_resale_usd_per_th": {"start": 6, "growth_fraction_per_year": -0.5},
        "stops": "best",
    }
    market = {"hash_price_usd_per_ph_per_day": {"start": 20, "growth_fraction_per_year": -0.4}}
    scenario = compared({"it": use}, market=market, months=36).scenario
    path = "market.hash_price_usd_per_ph_per_day.scale"
    scales = np.linspace(0.2, 4.0, 77)
    many = evaluate(vary(scenario, {path: scales})).plans["it"]
    alone = [evaluate(vary(scenario, {path: scale})).plans["it"] for scale in scales.tolist()]
    assert np.array_equal(many.net_usd, np.concatenate([plan.net_usd for plan in alone], axis=1))
    _, stops = many.engine.at_best_stop(many.plan)
    assert len(set(stops["it"].tolist())) > 5
    for plan in alone[::19]:
        assert plan.npv_usd == pytest.approx(npv(plan.net_usd, 0.12))


def test_the_stop_must_lie_within_the_horizon_and_be_a_month() -> None:
    for stops, code in (("2026-12", "outside-horizon"), ("2029-02", "outside-horizon"), ("soon", "bad-choice")):
        with pytest.raises(ScenarioError, match=code):
            run(MINER | {"stops": stops})


def test_a_site_too_small_for_the_hungriest_generation_is_refused() -> None:
    refresh = {"every_months": 12, "price_usd_per_th": 10, "efficiency_j_per_th": 11}
    with pytest.raises(ScenarioError, match="1 EH/s x 11 J/TH x PUE 1 = 11 MW; it has 10 MW"):
        run(MINER | {"refresh": refresh})
    assert run(MINER | {"refresh": refresh}, months=23)  # the refresh is skipped


def test_a_refresh_whose_machines_never_run_is_warned_about() -> None:
    refresh = {"every_months": 6, "price_usd_per_th": 10, "efficiency_j_per_th": 10}
    dear = MINER | {"refresh": refresh, "electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.01, "2027-07": 2}}}
    told = [text for text in warnings(run(dear, months=24).engine.scenario) if "never run" in text]
    assert [text.split("the refresh of ")[1].split(" buys")[0] for text in told] == ["2027-07", "2028-01"]
    cheap = MINER | {"refresh": refresh, "electricity_price_usd_per_kwh": 0.01}
    assert not any("never run" in text for text in warnings(run(cheap, months=24).engine.scenario))


def test_machines_are_counted_and_have_the_hash_rate_of_their_record() -> None:
    """2,000 machines of 200 TH/s are 0.4 EH/s; by whatever name the machine is called."""
    rated = MINER | {"hash_rate_eh_per_s": 0.4}
    counted = {key: value for key, value in MINER.items() if key != "hash_rate_eh_per_s"} | {"machine_count": 2000}
    for name in ("antminer-s21", "s21", "Antminer S21", "S 21"):
        assert flows(run(counted | {"machine": name})) == flows(run(rated)), name
    assert flows(run(counted | {"machine_hash_rate_th_per_s": 200})) == flows(run(rated))
    tuned = run(counted | {"machine": "s21", "machine_hash_rate_th_per_s": 220})
    assert flows(tuned) == pytest.approx([1.1 * usd for usd in flows(run(rated))])


def test_a_count_moves_like_any_input() -> None:
    counted = {key: value for key, value in MINER.items() if key != "hash_rate_eh_per_s"}
    scenario = run(counted | {"machine_count": 2000, "machine": "s21"}).engine.scenario
    counts = np.array([0.0, 1000.0, 4000.0])
    many = evaluate(vary(scenario, {"plans.it.machine_count": counts})).plans["it"]
    for case, count in enumerate((0, 1000, 4000)):
        assert many.net_usd[:, case].tolist() == flows(run(counted | {"machine_count": count, "machine": "s21"}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"machine_count": 9, "hash_rate_eh_per_s": 1}, "conflict.: machine_count stands beside hash_rate_eh_per_s"),
        ({"machine_count": 9}, "missing-key.: machine_count is 9, but of which machine is not said"),
        ({"machine": "s21"}, "missing-key.: the hash rate of the fleet is missing"),
        ({"machine": "antminer s22", "machine_count": 9}, "no machine antminer s22(.|\n)*did you mean antminer-s2"),
        ({"machine_hash_rate_th_per_s": 9, "hash_rate_eh_per_s": 1}, "machine_hash_rate_th_per_s stands beside"),
    ],
)
def test_machines_that_say_too_much_or_too_little(given: Data, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        run({"kind": "bitcoin_mining"} | given)
