"""Hosting by hand: 10 MW at 10 J/TH mine 20,000 USD a day, are billed 19,200 at 8 cents and draw power for 12,000."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.loading import ScenarioError
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, DAYS, LEASE, MINER, SITE, Data, compared, flows, line, points, run

HOST: Data = {"kind": "hosting", "hosting_usd_per_kwh": 0.08, "pue_ratio": 1, "efficiency_j_per_th": 10}
SHARED: Data = {"kind": "hosting", "share_of_mining_profit_fraction": 0.25, "pue_ratio": 1, "efficiency_j_per_th": 10}
MINED, BILLED, POWER = 20_000, 19_200, 12_000
#: Half a year at 20 USD per PH/s a day, then half of that.
FALLING: Data = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-07": 10}}}


def by_day(plan: PlanEvaluation, name: str, months: int = 12) -> list[float]:
    """A line over the days of its months."""
    return [usd / days for usd, days in zip(line(plan, name)[:months], DAYS, strict=False)]


def test_customers_pay_for_the_energy_of_their_machines_and_the_host_for_that_at_the_meter() -> None:
    plan = run(HOST | {"pue_ratio": 1.25, "uptime_fraction": 0.5})
    assert by_day(plan, "hosting_revenue_usd") == pytest.approx([BILLED * 0.5 / 1.25] * 12)
    assert by_day(plan, "hosting_power_usd") == pytest.approx([-POWER * 0.5] * 12)
    assert plan.flows.quantities["energy_mwh"][0, 0] == pytest.approx(31 * 24 * 10 * 0.5)
    assert flows(run(HOST))[1] == pytest.approx(31 * (BILLED - POWER))


def test_nameplate_bills_every_hour_run_or_not() -> None:
    plan = run(HOST | {"bills": "nameplate", "uptime_fraction": 0.5})
    assert by_day(plan, "hosting_revenue_usd") == pytest.approx([BILLED] * 12)
    by_kw = {key: value for key, value in HOST.items() if key != "hosting_usd_per_kwh"} | {"usd_per_kw_per_month": 60}
    plan = run(by_kw | {"uptime_fraction": 0.5})
    assert line(plan, "hosting_revenue_usd") == pytest.approx([600_000] * 24)


def test_a_part_of_the_site_may_be_hosted_and_running_it_costs_what_inflation_makes_of_it() -> None:
    keys = {"hosted_fraction": {"steps": {"2027-01": 0.5, "2027-02": 1}}, "opex_usd_per_mw_per_year": 12_000}
    plan = run(HOST | keys, inflation_fraction_per_year=0.21, months=13)
    assert line(plan, "hosting_opex_usd")[::12] == pytest.approx([-5_000, -12_100])
    assert by_day(plan, "hosting_revenue_usd", 2) == pytest.approx([BILLED / 2, BILLED])


def test_metered_customers_shut_off_where_machines_mine_less_than_they_are_billed() -> None:
    plan = run(HOST, market=FALLING)
    assert by_day(plan, "hosting_revenue_usd") == pytest.approx([BILLED] * 6 + [0] * 6)
    assert by_day(plan, "hosting_power_usd") == pytest.approx([-POWER] * 6 + [0] * 6)


def test_nameplate_makes_curtailment_worthless_to_the_customer() -> None:
    plan = run(HOST | {"bills": "nameplate"}, market=FALLING)
    assert by_day(plan, "hosting_revenue_usd") == pytest.approx([BILLED] * 12)
    assert by_day(plan, "hosting_power_usd") == pytest.approx([-POWER] * 12)
    dear = SITE | {"electricity_price_usd_per_kwh": 0.5}
    assert by_day(run(HOST | {"bills": "nameplate"}, site=dear), "hosting_power_usd") == pytest.approx([-120_000] * 12)


@pytest.mark.parametrize("bills", ["metered", "nameplate"])
def test_a_host_shuts_off_where_power_costs_more_than_it_is_paid(bills: str) -> None:
    site = SITE | {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.05, "2027-07": 0.081}}}
    plan = run(HOST | {"curtails": "host", "bills": bills}, site=site, market=FALLING)
    assert by_day(plan, "hosting_revenue_usd") == pytest.approx([BILLED] * 6 + [0] * 6), "hours off are not billed"
    assert by_day(plan, "hosting_power_usd") == pytest.approx([-POWER] * 6 + [0] * 6)
    saved = plan.flows.memo["curtailment_value_usd"][:, 0]
    assert saved[[0, 6]] == pytest.approx([0, 31 * 240 * (81 - 80)])
    shares = HOST | {"curtails": "host", "bills": bills, "share_of_mining_profit_fraction": 1}
    market = {"hash_price_usd_per_ph_per_day": 20}
    plan = run(shares, site=site, market=market)
    assert by_day(plan, "profit_share_usd") == pytest.approx([MINED - BILLED] * 12), "its share is worth running for"


def test_power_that_is_passed_on_and_a_share_of_the_profit_are_what_a_mine_of_the_same_machines_earns() -> None:
    mine = run(MINER | {"opex_usd_per_mw_per_year": 12_000}, market=FALLING)
    margin = mine.net_usd[:, 0]
    whole = run(SHARED | {"share_of_mining_profit_fraction": 1, "opex_usd_per_mw_per_year": 12_000}, market=FALLING)
    assert whole.net_usd[:, 0] == pytest.approx(margin, rel=1e-12)
    for share in (0.0, 0.25, 0.6):
        host = run(SHARED | {"share_of_mining_profit_fraction": share}, market=FALLING)
        kept = np.array(line(host, "profit_share_usd"))
        customers = np.array(line(run(MINER, market=FALLING), "mining_revenue_usd")) - np.array(
            line(host, "hosting_revenue_usd")
        )
        rest = customers * (1 - share)
        assert kept + rest == pytest.approx(run(MINER, market=FALLING).net_usd[1:, 0], rel=1e-12)
        assert np.array(line(host, "hosting_revenue_usd")) == pytest.approx(-np.array(line(host, "hosting_power_usd")))


def test_a_share_beside_a_price_is_of_what_the_price_leaves_and_never_of_a_loss() -> None:
    plan = run(HOST | {"bills": "nameplate", "share_of_mining_profit_fraction": 0.5}, market=FALLING)
    assert by_day(plan, "profit_share_usd") == pytest.approx([(MINED - BILLED) / 2] * 6 + [0] * 6)


def test_a_term_ends_and_a_renewal_follows_at_its_share_of_the_price() -> None:
    term = HOST | {"term_months": 3}
    assert by_day(run(term), "hosting_revenue_usd") == pytest.approx([BILLED] * 3 + [0] * 9)
    renewed = term | {"renewal": {"rate_ratio": 0.75, "term_months": 2}}
    assert by_day(run(renewed), "hosting_revenue_usd") == pytest.approx([BILLED] * 3 + [0.75 * BILLED] * 2 + [0] * 7)
    assert by_day(run(term | {"renewal": {}}), "hosting_revenue_usd") == pytest.approx([BILLED] * 12)


def test_a_deposit_is_paid_back_after_the_last_month_or_owed_at_the_horizon() -> None:
    deposit = 2 * 31 * BILLED
    term = run(HOST | {"term_months": 3, "deposit_months": 2}, months=6)
    months = [31, 28, 31]
    earned = {f"p{k}": days * (BILLED - POWER) for k, days in enumerate(months, 1)}
    assert flows(term) == pytest.approx(points(6, **earned | {"p0": deposit, "p3": earned["p3"] - deposit}))
    open_ = run(HOST | {"deposit_months": 2}, months=6)
    assert flows(open_)[0] == pytest.approx(deposit)
    assert line(open_, "prepayment_owed_usd") == pytest.approx([0] * 5 + [-deposit])


def test_it_may_run_until_a_conversion_starts_and_gives_the_deposit_back_there() -> None:
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "host"}}  # starts 2027-03, ready 2027-05
    plan = compared({"host": HOST | {"deposit_months": 1}, "lease": lease}).plans["lease"]
    assert line(plan, "hosting_revenue_usd")[:4] == pytest.approx([31 * BILLED, 28 * BILLED, 0, 0])
    assert line(plan, "deposits_usd")[:3] == pytest.approx([31 * BILLED, 0, -31 * BILLED])
    assert not any(line(plan, "prepayment_owed_usd"))
    assert plan.engine.lost_margin_usd(plan.plan)[2, 0] == pytest.approx(31 * (BILLED - POWER))


def test_columns_of_terms_and_dates_equal_their_cases() -> None:
    renewed = HOST | {"term_months": 3, "renewal": {"rate_ratio": 0.5, "term_months": 4}, "deposit_months": 1}
    scenario = compared({"it": renewed}).scenario
    columns: dict[str, FloatArray] = {
        "plans.it.term_months": np.array([3.0, 5.0, 30.0]),
        "plans.it.renewal.rate_ratio": np.array([0.5, 1.0, 0.0]),
        "plans.it.hosting_usd_per_kwh": np.array([0.08, 0.05, 0.09]),
    }
    batch = evaluate(vary(scenario, columns)).plans["it"].net_usd
    for case in range(3):
        one = vary(scenario, {path: float(column[case]) for path, column in columns.items()})
        assert np.array_equal(evaluate(one).plans["it"].net_usd[:, 0], batch[:, case])


@pytest.mark.parametrize(
    ("use", "says"),
    [
        ({"kind": "hosting"}, "what customers pay is missing"),
        (HOST | {"usd_per_kw_per_month": 60}, "usd_per_kw_per_month"),
        (SHARED | {"bills": "metered"}, "there is none"),
        (SHARED | {"deposit_months": 1}, "there is no price"),
        (HOST | {"machine": "s99"}, "no machine s99"),
    ],
)
def test_what_does_not_go_together_is_refused(use: Data, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        run(use)


def test_a_machine_gives_its_efficiency_and_what_shuts_off_is_told() -> None:
    from minecalc.checks import warnings

    named = {**HOST, "machine": "s21"}
    del named["efficiency_j_per_th"]
    assert run(named).plan.uses[0].sourced["efficiency_j_per_th"].value == 17.5
    found = warnings(compared({"it": HOST}, market=FALLING).scenario)
    assert any("customers shut their machines off from 2027-07 on, 18 months" in text for text in found), found
    found = warnings(compared({"it": HOST | {"bills": "nameplate"}}, market=FALLING).scenario)
    assert any("in 18 months, the first 2027-07, customers' machines (10 J/TH) mine less" in text for text in found)
    found = warnings(compared({"it": HOST | {"renewal": {}}}).scenario)
    assert "it: the renewal never begins: the contract has no term; give term_months" in found
    found = warnings(compared({"it": HOST | {"term_months": 3}}).scenario)
    assert any("the hosting contract ends with 2027-03; the last 21 months earn nothing" in text for text in found)
