"""GPU cloud worked out by hand: 1,000 GPUs at 2 USD an hour, 24,000 USD each, 2.5 MW at the meter (see ``by_hand``)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minecalc.analysis.compare.record import compare
from minecalc.checks import warnings
from minecalc.engine import PlanEvaluation
from minecalc.figures import capex_usd, quantities
from minecalc.loading import ScenarioError, loads
from tests.by_hand import CLOUD, CONVERSION, DAYS, LEASE, MINER, Data, compared, flows, line, points, run, terms

#: Hours of each month from January 2027 on.
HOURS = [24 * days for days in DAYS]
REVENUE = [2_000 * hours for hours in HOURS]
POWER = [2.5 * hours * 50 for hours in HOURS]


def cloud(**keys: Any) -> Data:
    """The GPUs with ``keys`` in place."""
    return CLOUD | keys


def contracted(value_usd: float, term_months: int, **keys: Any) -> Data:
    """The GPUs all under a take-or-pay contract, without a market rate."""
    rest = {key: value for key, value in CLOUD.items() if key != "lease_usd_per_gpu_hour"}
    return rest | {"contract": {"value_usd": value_usd, "term_months": term_months}} | keys


def sold(plan: PlanEvaluation) -> float:
    return quantities(plan)["gpu_hours_sold"].number() or 0.0


def test_gpus_are_paid_at_the_start_and_earn_every_hour() -> None:
    plan = run(CLOUD)
    margins = [revenue - power for revenue, power in zip(REVENUE, POWER, strict=True)]
    # at the horizon 24 of 60 months of life are used: 60% of the 24 million are left
    assert flows(plan) == pytest.approx([-24e6, *margins[:-1], margins[-1] + 14.4e6])
    assert quantities(plan)["critical_mw"].number() == 2.0
    assert quantities(plan)["energy_mwh"].number() == pytest.approx(2.5 * sum(HOURS))
    assert sold(plan) == pytest.approx(1_000 * sum(HOURS))


def test_utilisation_and_availability_cut_what_is_sold_and_load_what_is_drawn() -> None:
    keys: Data = {
        "utilisation_fraction": {"steps": {"2027-01": 0.5, "2027-02": 0.8}},
        "availability_fraction": 0.9,
        "load_factor_fraction": {"points": {"2027-01": 0.4, "2027-03": 0.8}},
    }
    plan = run(cloud(**keys), months=3)
    assert line(plan, "gpu_revenue_usd") == pytest.approx(
        [share * 0.9 * revenue for share, revenue in zip((0.5, 0.8, 0.8), REVENUE, strict=False)]
    )
    assert line(plan, "ai_power_usd") == pytest.approx(
        [-x * power for x, power in zip((0.4, 0.6, 0.8), POWER, strict=False)]
    )
    assert sold(plan) == pytest.approx(900 * (0.5 * 744 + 0.8 * 672 + 0.8 * 744))


def test_the_rate_is_a_value_over_time() -> None:
    rate = {"start": 4, "growth_fraction_per_year": -0.75}
    assert line(run(cloud(lease_usd_per_gpu_hour=rate)), "gpu_revenue_usd")[::12] == pytest.approx(
        [4_000 * HOURS[0], 1_000 * HOURS[12]]
    )


def test_operating_cost_is_a_share_of_revenue_and_an_amount_of_every_hour() -> None:
    keys: Data = {"opex_fraction_of_revenue": 0.1, "opex_usd_per_gpu_hour": 0.3, "utilisation_fraction": 0.5}
    assert line(run(cloud(**keys), months=1), "ai_opex_usd") == pytest.approx([-0.1 * REVENUE[0] / 2 - 300 * 744])


def test_leased_space_costs_rent_per_critical_kilowatt_while_the_gpus_run() -> None:
    plan = run(cloud(space_rent_usd_per_kw_per_month={"steps": {"2027-01": 100, "2027-02": 150}}, life_months=3))
    assert line(plan, "space_rent_usd")[:5] == pytest.approx([-200_000, -300_000, -300_000, 0, 0])


def test_own_price_of_power() -> None:
    plan = run(cloud(electricity_price_usd_per_kwh=0.08), months=1)
    assert line(plan, "ai_power_usd") == pytest.approx([-2.5 * 744 * 80])


def test_gpus_stop_at_the_end_of_their_life_and_are_sold_for_the_residual() -> None:
    plan = run(cloud(life_months=6, residual_fraction=0.25))
    assert line(plan, "gpu_revenue_usd") == pytest.approx(REVENUE[:6] + [0] * 18)
    assert flows(plan)[6] == pytest.approx(REVENUE[5] - POWER[5] + 6e6)
    assert flows(plan)[7:] == [0] * 18
    assert any("the GPUs stop in 2027-07" in text for text in warnings(plan.engine.scenario))


def test_replaced_gpus_cost_the_price_of_their_month() -> None:
    price = {"steps": {"2027-01": 24_000, "2027-11": 12_000, "2028-09": 6_000}}
    plan = run(cloud(life_months=10, replace=True, residual_fraction=0.1, capex_usd_per_gpu=price))
    # generations in months 1, 11 and 21; the third has used 4 of 10 months at the horizon
    assert line(plan, "gpus_bought_usd") == pytest.approx([-24e6, *[0] * 9, -12e6, *[0] * 9, -6e6, 0, 0, 0])
    assert line(plan, "gpus_sold_usd") == pytest.approx([*[0] * 10, 2.4e6, *[0] * 9, 1.2e6, 0, 0, 0])
    assert line(plan, "gpus_residual_usd") == pytest.approx([0] * 23 + [6e6 * (1 - 0.9 * 0.4)])
    assert line(plan, "gpu_revenue_usd") == pytest.approx(REVENUE)


@pytest.mark.parametrize(("life", "bought"), [(24, 1), (23, 2), (12, 2), (8, 3), (1, 24)])
def test_no_generation_is_bought_at_the_horizon(life: int, bought: int) -> None:
    plan = run(cloud(life_months=life, replace=True, residual_fraction=0.5))
    assert float(capex_usd(plan)[0]) == pytest.approx(bought * 24e6)
    left = line(plan, "gpus_residual_usd")[-1]
    used = (24 - life * (bought - 1)) / life
    assert left == pytest.approx(24e6 * (1 - 0.5 * used))


def test_building_and_gpus_follow_the_conversion() -> None:
    plan = run(cloud(conversion=CONVERSION, life_months=2), months=8)
    # 2 critical MW at 1 million, half at the start of March and of April; GPUs at the start of May
    margin = [revenue - power for revenue, power in zip(REVENUE, POWER, strict=True)]
    assert flows(plan) == pytest.approx(points(8, p2=-1e6, p3=-1e6, p4=-24e6, p5=margin[4], p6=margin[5]))


def test_a_contract_pays_evenly_whatever_the_gpus_do() -> None:
    plan = run(contracted(9e6, 18, availability_fraction=0.9, utilisation_fraction=0.1))
    assert line(plan, "contract_revenue_usd") == pytest.approx([500_000] * 18 + [0] * 6)
    assert sold(plan) == pytest.approx(900 * sum(HOURS[:18]))
    # then nobody takes the GPUs: they stand idle
    assert line(plan, "ai_power_usd") == pytest.approx([-power for power in POWER[:18]] + [0] * 6)
    told = next(text for text in warnings(plan.engine.scenario) if "idle" in text)
    assert "idle from 2028-07 on, 6 months" in told


def test_a_contract_longer_than_the_gpus_live_is_told_with_the_money_lost() -> None:
    plan = run(contracted(9e6, 18, life_months=12))
    assert line(plan, "contract_revenue_usd") == pytest.approx([500_000] * 12 + [0] * 12)
    [told] = [text for text in warnings(plan.engine.scenario) if "longer" in text]
    assert told == (
        "it: the contract runs 6 months longer than the GPUs live: $3M of it is not earned within the horizon; "
        "give replace: true"
    )
    assert not [
        text
        for text in warnings(run(contracted(9e6, 18, life_months=12, replace=True)).engine.scenario)
        if "longer" in text
    ]


def test_what_is_not_contracted_sells_at_the_market() -> None:
    contract = {"value_usd": 9e6, "term_months": 12, "gpu_fraction": 0.75}
    keys: Data = {"utilisation_fraction": 0.8, "availability_fraction": 0.9, "opex_fraction_of_revenue": 0.1}
    plan = run(cloud(contract=contract, **keys))
    market = [0.72 * revenue * (0.25 if k < 12 else 1.0) for k, revenue in enumerate(REVENUE)]
    assert line(plan, "contract_revenue_usd") == pytest.approx([750_000] * 12 + [0] * 12)
    assert line(plan, "gpu_revenue_usd") == pytest.approx(market)
    assert line(plan, "ai_opex_usd")[0] == pytest.approx(-0.1 * (750_000 + market[0]))
    hours = 0.9 * (750 * sum(HOURS[:12]) + 0.8 * (250 * sum(HOURS[:12]) + 1_000 * sum(HOURS[12:])))
    assert sold(plan) == pytest.approx(hours)


def test_a_prepayment_is_a_share_of_the_contract() -> None:
    plan = run(contracted(24e6, 24, prepayment={"fraction": 0.2, "credited_years": [2]}, conversion=CONVERSION))
    received, credited = (line(plan, f"prepayment_{what}_usd") for what in ("received", "credited"))
    assert received == pytest.approx([0] * 4 + [4.8e6] + [0] * 19)
    # contract year 2 begins in month 17; eight of its months lie within the horizon
    assert credited == pytest.approx([0] * 16 + [-400_000] * 8)


def test_a_gpu_of_the_catalogue_lends_power_price_and_rate() -> None:
    inputs = terms(run({"kind": "gpu_cloud", "gpu_count": 8, "gpu": "h100"}).plan.uses[0])
    assert 0.5 < inputs.kw_per_gpu < 3
    assert 20_000 < inputs.capex_usd_per_gpu.shape.value < 100_000
    assert inputs.lease_usd_per_gpu_hour is not None
    named = terms(run({"kind": "gpu_cloud", "gpu_count": 8, "gpu": "h100", "kw_per_gpu": 5}).plan.uses[0])
    assert named.kw_per_gpu == 5


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ({"kind": "gpu_cloud", "gpu_count": 8}, "lease_usd_per_gpu_hour is missing"),
        (cloud(prepayment={"fraction": 0.1, "credited_years": [1]}), "a prepayment needs a contract"),
        (cloud(gpu="abacus"), "there is no GPU abacus"),
        (cloud(gpu_count=3600), "3600 GPUs x 2 kW / 0.7 = 10.29 MW; it has 10 MW"),
    ],
)
def test_what_cannot_be_is_refused(use: Data, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        run(use)


@pytest.mark.parametrize(
    ("gpu", "given", "missing"),
    [
        ("gb200", {}, "no capex_usd_per_gpu for gb200"),
        ("mi300x", {"capex_usd_per_gpu": 15_000}, "no kw_per_gpu for mi300x"),
    ],
)
def test_a_named_gpu_never_borrows_the_figures_of_another(gpu: str, given: Data, missing: str) -> None:
    plan = {"kind": "gpu_cloud", "gpu_count": 8, "gpu": gpu, **given}
    text = {"name": "x", "site": {"gross_mw": 1, "electricity_price_usd_per_kwh": 0.05}, "plans": {"cloud": plan}}
    with pytest.raises(ScenarioError, match=missing):
        loads(json.dumps(text))
    plan |= {"capex_usd_per_gpu": 30_000, "kw_per_gpu": 1.5}
    assert list(loads(json.dumps(text)).plans) == ["cloud"]


BUILT = CLOUD | {"capex_usd_per_critical_mw": 3e6}  # 2 critical MW: 6M of halls
RELET: Data = {"rent_usd_per_kw_per_month": {"steps": {"2027-01": 90, "2028-12": 100}}, "cap_rate_fraction": 0.08}


def test_halls_lose_their_cost_evenly_over_their_life() -> None:
    assert line(run(BUILT | {"building_life_months": 240}), "halls_residual_usd")[-1] == pytest.approx(6e6 * 0.9)
    assert line(run(BUILT | {"building_life_months": 12}), "halls_residual_usd")[-1] == 0.0
    converted = CLOUD | {"conversion": CONVERSION | {"tenant_funded_fraction": 0.5}, "building_life_months": 200}
    assert line(run(converted), "halls_residual_usd")[-1] == pytest.approx(1e6 * (1 - 20 / 200)), "from ready on"
    assert not [one for one in run(BUILT).lines if one.name == "halls_residual_usd"], "nothing is left unless said"


def test_halls_let_again_are_worth_what_a_lease_of_the_last_months_rent_is_sold_for() -> None:
    plan = run(BUILT | {"halls_relet": RELET | {"opex_fraction_of_rent": 0.2}})
    value = 2_000 * 100 * 12 * 0.8 / 0.08
    assert line(plan, "halls_residual_usd") == pytest.approx([0] * 23 + [value])
    lease = {"rent_usd_per_kw_per_month": 100, "exit_cap_rate_fraction": 0.08, "opex_fraction_of_rent": 0.2}
    sold = run(LEASE | lease | {"critical_per_gross_fraction": 0.2})
    assert line(sold, "exit_value_usd")[-1] == pytest.approx(value), "on the footing of a lease"
    late = CONVERSION | {"delay_months": 60}
    assert not any(line(run(CLOUD | {"conversion": late, "halls_relet": RELET}), "halls_residual_usd"))


def test_a_headline_says_what_the_lead_is_without_the_halls() -> None:
    plans = {"mine": MINER, "rent": BUILT | {"halls_relet": RELET, "lease_usd_per_gpu_hour": 1.5}}
    record = compare(compared(plans).scenario, with_break_evens=False)
    assert record["plans"][1]["worth_at_the_end"][-1]["what"] == "what the halls are worth after the GPUs"
    assert "halls are worth after the GPUs" in record["headline"], record["headline"]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"building_life_months": 240, "halls_relet": RELET}, "halls_relet"),
        ({"building_life_months": 240, "space_rent_usd_per_kw_per_month": 100}, "space is rented"),
        ({"halls_relet": RELET, "space_rent_usd_per_kw_per_month": 100}, "space is rented"),
    ],
)
def test_halls_that_are_rented_are_worth_nothing_to_the_tenant(keys: Data, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        run(CLOUD | keys)
