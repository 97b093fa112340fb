"""Conventions of the second engine on cases small enough to work out on paper."""

from pathlib import Path
from typing import Any

import pytest

from . import calculate
from .returns import irr, mirr, moic, npv, payback_months

SITE = {"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05}
# One EH/s at 10 J/TH draws 10 MW; at 10 USD per PH/s and day it earns 10,000 USD a day.
MINER = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 1,
    "efficiency_j_per_th": 10,
    "pue_ratio": 1,
    "uptime_fraction": 1,
    "pool_fee_fraction": 0,
    "opex_usd_per_mw_per_year": 0,
}
POWER_PER_DAY = 10 * 24 * 50
LEASE = {"kind": "colocation", "critical_per_gross_fraction": 0.5, "rent_usd_per_kw_per_month": 100}
CONVERSION = {"starts": "2027-03", "ready": "2027-05", "capex_usd_per_critical_mw": 1e6, "meanwhile": "mine"}


def free(use: dict[str, Any]) -> dict[str, Any]:
    """A use, or uses, of AI without operating cost and building where it states none."""
    if "uses" in use:
        return use | {"uses": {name: free(one) for name, one in use["uses"].items()}}
    if use["kind"] == "bitcoin_mining":
        return use
    opex = "opex_fraction_of_rent" if use["kind"] == "colocation" else "opex_fraction_of_revenue"
    return {opex: 0} | ({} if "conversion" in use else {"capex_usd_per_critical_mw": 0}) | use


def run(plans: dict[str, Any], tmp_path: Path, **scenario: Any) -> dict[str, dict[str, Any]]:
    market = {"hash_price_usd_per_ph_per_day": 20}
    every = {name: free(plan) for name, plan in plans.items()}
    return calculate({"site": SITE, "market": market, "months": 24, "plans": every} | scenario, tmp_path)


def test_a_month_of_mining(tmp_path: Path) -> None:
    plan = run({"mine": MINER | {"pool_fee_fraction": 0.01}}, tmp_path, months=2)["mine"]
    days = (20000 * 0.99 - POWER_PER_DAY) * 31, (20000 * 0.99 - POWER_PER_DAY) * 28
    assert plan["flows_usd"] == pytest.approx([0, *days])
    assert plan["annual"][0]["opex_usd"] == pytest.approx(-0.01 * 20000 * 59)
    assert plan["quantities"]["btc_mined"] is None


def test_curtailed_months_cost_no_power(tmp_path: Path) -> None:
    market = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2027-02": 11}}}
    miner = MINER | {"opex_usd_per_mw_per_year": 1200}
    plans = {"wise": miner, "stubborn": miner | {"curtail": False}}
    figures = run(plans, tmp_path, months=2, market=market)
    assert figures["wise"]["flows_usd"][2] == pytest.approx(-1000)
    assert figures["stubborn"]["flows_usd"][2] == pytest.approx(-1000 - 1000 * 28)


def test_halving_month_is_split_by_time(tmp_path: Path) -> None:
    market = {"network_hash_rate_eh_per_s": 100, "fee_btc_per_block": 0}
    plan = run({"mine": MINER}, tmp_path, months=1, start="2024-04", market=market)["mine"]
    before = (19 + (9 * 60 + 27) / 86_400) / 30
    blocks_won = 144 * 30 / 100
    assert plan["quantities"]["btc_mined"] == pytest.approx(blocks_won * (6.25 * before + 3.125 * (1 - before)))


def test_next_halving_follows_the_anchor(tmp_path: Path) -> None:
    market = {"network_hash_rate_eh_per_s": 100, "fee_btc_per_block": 0}
    plan = run({"mine": MINER}, tmp_path, months=2, start="2028-04", market=market)["mine"]
    before = 12 + (15 * 60 + 11) / 1440  # 96,432 blocks of ten minutes after 2026-06-13 23:11
    subsidies = 3.125 * before + 1.5625 * (61 - before)
    assert plan["quantities"]["btc_mined"] == pytest.approx(144 / 100 * subsidies)


def test_refresh_and_sales(tmp_path: Path) -> None:
    miner = MINER | {
        "machine_resale_usd_per_th": {"points": {"2027-01": 24, "2028-12": 1}},
        "refresh": {"every_months": 6, "price_usd_per_th": 10, "efficiency_j_per_th": 5},
    }
    plan = run({"mine": miner}, tmp_path)["mine"]
    # months 7 and 13; one in month 19 would serve only 6 months
    assert plan["metrics"]["capex_usd"] == pytest.approx(20e6)
    assert [row["sale_usd"] for row in plan["annual"]] == pytest.approx([18e6, 10e6 * 12 / 18])
    assert plan["annual"][1]["residual_usd"] == pytest.approx(10e6 * 1 / 12)
    assert plan["annual"][1]["power_usd"] == pytest.approx(-POWER_PER_DAY / 2 * 366)


def test_refresh_is_paid_at_the_start_of_its_month(tmp_path: Path) -> None:
    refresh = {"every_months": 12, "price_usd_per_th": 10, "efficiency_j_per_th": 5}
    flows = run({"mine": MINER | {"refresh": refresh}}, tmp_path)["mine"]["flows_usd"]
    assert flows[12:14] == pytest.approx([31 * 8000 - 10e6, 31 * 14000])


def test_uptime_scales_what_is_mined_and_drawn(tmp_path: Path) -> None:
    market = {"network_hash_rate_eh_per_s": 144, "fee_btc_per_block": 0.875, "btc_price_usd": 10000}
    miner = MINER | {"uptime_fraction": {"steps": {"2027-01": 0.5}}, "pool_fee_fraction": 0.1}
    plan = run({"mine": miner}, tmp_path, months=1, market=market)["mine"]
    assert plan["quantities"]["btc_mined"] == pytest.approx(0.5 * 0.9 * 31 * 4)
    assert plan["flows_usd"][1] == pytest.approx(31 * (0.5 * 0.9 * 40000 - 0.5 * POWER_PER_DAY))


def test_building_without_a_conversion_is_paid_at_point_0(tmp_path: Path) -> None:
    dear = {"capex_usd_per_critical_mw": 1000}
    figures = run({"mine": MINER | dear, "lease": LEASE | dear}, tmp_path)
    assert figures["mine"]["flows_usd"][0] == pytest.approx(-10000)
    assert figures["lease"]["flows_usd"][0] == pytest.approx(-5000)


def test_fleet_ends_with_its_life_and_is_sold(tmp_path: Path) -> None:
    miner = MINER | {"life_months": 6, "machine_price_usd_per_th": 7, "machine_resale_usd_per_th": 2}
    plan = run({"mine": miner}, tmp_path)["mine"]
    june = (20000 - POWER_PER_DAY) * 30
    assert plan["flows_usd"][0] == pytest.approx(-7e6)
    assert plan["flows_usd"][6:8] == pytest.approx([june + 2e6, 0])


def test_best_stop_weighs_margin_against_resale(tmp_path: Path) -> None:
    falling = {"steps": {"2027-01": 20, "2027-06": 5}}
    miner = MINER | {"machine_resale_usd_per_th": 1}
    market = {"hash_price_usd_per_ph_per_day": falling}
    plans = {"blind": miner, "best": miner | {"stops": "best"}, "never bought": MINER | {"stops": "2027-01"}}
    figures = run(plans, tmp_path, market=market)
    assert figures["blind"]["metrics"]["best_stop"] == "2027-06"
    assert figures["blind"]["metrics"]["npv_at_best_stop_usd"] == figures["best"]["metrics"]["npv_usd"]
    assert figures["best"]["metrics"]["npv_usd"] > figures["blind"]["metrics"]["npv_usd"]
    hopeless = run({"it": miner}, tmp_path, market={"hash_price_usd_per_ph_per_day": 1})["it"]["metrics"]
    assert (hopeless["best_stop"], hopeless["npv_at_best_stop_usd"]) == ("2027-01", pytest.approx(1e6))
    # without resale or operating cost a curtailed fleet costs nothing, so stopping gains nothing
    assert figures["never bought"]["metrics"]["best_stop"] == "never"


def test_conversion_with_delay(tmp_path: Path) -> None:
    mine = MINER | {"machine_resale_usd_per_th": 3}
    lease = LEASE | {"gross_mw": 5, "conversion": CONVERSION | {"delay_months": 2, "spend": [0.75, 0.25]}}
    site = SITE | {"fixed_cost_usd_per_year": 12000}
    plan = run({"mine": mine, "lease": lease}, tmp_path, site=site)["lease"]
    margin = (20000 - POWER_PER_DAY) / 2
    cost = 2.5e6
    spend = [0.375 * cost, 0.375 * cost, 0.125 * cost, 0.125 * cost]
    # the project bears the half of the fixed cost that its megawatts are of the site's
    own = [0, -500, -500 - spend[0], *(-500 - x for x in spend[1:]), -500, 249500, 249500]
    assert plan["own_flows_usd"][:9] == pytest.approx(own)
    assert plan["flows_usd"][1] == pytest.approx(31 * margin - 1000)
    assert plan["flows_usd"][2] == pytest.approx(28 * margin - 1000 - spend[0] + 1.5e6)
    assert plan["metrics"]["first_year_revenue_usd"] == pytest.approx(3e6)
    assert plan["metrics"]["yield_on_cost_fraction"] == pytest.approx((3e6 - 6000) / cost)
    assert plan["annual"][0]["sale_usd"] == pytest.approx(1.5e6)


def test_tenant_funds_and_all_is_spent_at_once(tmp_path: Path) -> None:
    conversion = CONVERSION | {"starts": "2027-05", "tenant_funded_fraction": 0.4}
    plan = run({"mine": MINER, "lease": LEASE | {"conversion": conversion}}, tmp_path)["lease"]
    assert plan["own_flows_usd"][4:6] == pytest.approx([-3e6, 500e3])


def test_rent_over_a_term_and_its_renewal(tmp_path: Path) -> None:
    lease = LEASE | {
        "free_months": 1,
        "term_months": 14,
        "escalator_fraction_per_year": 0.1,
        "renewal": {"rent_usd_per_kw_per_month": {"points": {"2027-01": 100, "2029-01": 340}}},
        "opex_fraction_of_rent": 0.2,
        "tenant_pays_power": False,
        "exit_cap_rate_fraction": 0.08,
    }
    figures = run({"lease": lease}, tmp_path)["lease"]
    power = [figures["flows_usd"][1]]
    assert power == pytest.approx([-5 * 1.25 * 744 * 50])
    hours = [24 * d for d in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)]
    hours += [24 * d for d in (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)]
    rents = [0, *[100] * 11, 110, 110, *[240] * 10]
    profit = [0.8 * 5000 * rent - 6.25 * h * 50 for rent, h in zip(rents, hours, strict=True)]
    exit_value = sum(profit[12:]) / 0.08
    assert figures["flows_usd"][1:24] == pytest.approx(profit[:23])
    assert figures["annual"][1]["residual_usd"] == pytest.approx(exit_value)
    assert figures["metrics"]["gross_profit_usd_per_gross_mwh"] == pytest.approx(sum(profit) / (10 * sum(hours)))


def test_remaining_term_and_prepayment(tmp_path: Path) -> None:
    lease = LEASE | {
        "contract": {"value_usd": 18e6, "term_years": 3},
        "exit_cap_rate_fraction": 0.1,
        "exit_basis": "remaining_term",
        "prepayment": {"fraction": 0.5, "credited_years": [2, 3]},
    }
    figures = run({"lease": lease}, tmp_path)["lease"]
    assert figures["flows_usd"][:2] == pytest.approx([9e6, 500e3])
    assert figures["flows_usd"][13] == pytest.approx(500e3 - 9e6 / 24)
    assert figures["annual"][1]["prepayment_usd"] == pytest.approx(-4.5e6)
    assert figures["annual"][1]["residual_usd"] == pytest.approx(6e6 / 0.1 * (1 - 1 / 1.1) - 4.5e6)
    assert figures["metrics"]["first_year_gross_profit_usd"] == pytest.approx(6e6)


def test_leased_share_and_prepaid_rent(tmp_path: Path) -> None:
    lease = LEASE | {
        "leased_fraction": 0.5,
        "term_months": 12,
        "renewal": {"rent_usd_per_kw_per_month": 80, "term_months": 18},
        "prepayment": {"fraction": 0.5, "credited_years": [1]},
        "exit_cap_rate_fraction": 0.1,
        "exit_basis": "remaining_term",
    }
    figures = run({"lease": lease}, tmp_path)["lease"]
    assert figures["flows_usd"][:2] == pytest.approx([1.5e6, 250e3 - 1.5e6 / 12])
    assert figures["flows_usd"][13] == pytest.approx(200e3)
    assert figures["annual"][1]["residual_usd"] == pytest.approx(2.4e6 / 0.1 * (1 - 1.1**-0.5))
    assert figures["quantities"]["energy_mwh"] == pytest.approx(2.5 * 1.25 * 24 * (365 + 366))


def test_a_term_that_ends_at_the_horizon_has_no_months_left(tmp_path: Path) -> None:
    lease = LEASE | {"term_months": 24, "exit_cap_rate_fraction": 0.1}
    plans = {"let again": lease, "over": lease | {"exit_basis": "remaining_term"}}
    figures = run(plans, tmp_path)
    assert figures["let again"]["annual"][1]["residual_usd"] == pytest.approx(60e6)
    assert figures["over"]["annual"][1]["residual_usd"] == pytest.approx(0)


def test_gpus_after_their_contract_and_up_to_the_horizon(tmp_path: Path) -> None:
    gpus = {
        "kind": "gpu_cloud",
        "gpu_count": 10,
        "lease_usd_per_gpu_hour": 1,
        "capex_usd_per_gpu": 1000,
        "life_months": 12,
        "residual_fraction": 0.3,
        "replace": True,
        "contract": {"value_usd": 600, "term_months": 6},
        "electricity_price_usd_per_kwh": 0,
    }
    plan = run({"gpus": gpus}, tmp_path)["gpus"]
    assert plan["flows_usd"][5:8] == pytest.approx([100, 100, 7440])
    assert plan["annual"][0]["sale_usd"] == 0
    assert plan["annual"][1]["sale_usd"] == pytest.approx(3000)
    assert plan["annual"][1]["residual_usd"] == pytest.approx(3000)


def test_gpu_generations(tmp_path: Path) -> None:
    gpus = {
        "kind": "gpu_cloud",
        "gpu_count": 100,
        "kw_per_gpu": 2,
        "lease_usd_per_gpu_hour": 3,
        "utilisation_fraction": 0.5,
        "availability_fraction": 0.9,
        "opex_fraction_of_revenue": 0.1,
        "opex_usd_per_gpu_hour": 0.2,
        "space_rent_usd_per_kw_per_month": 50,
        "capex_usd_per_gpu": {"steps": {"2027-01": 10000, "2027-11": 8000}},
        "life_months": 10,
        "residual_fraction": 0.2,
        "contract": {"value_usd": 240000, "term_months": 12, "gpu_fraction": 0.25},
    }
    figures = run({"once": gpus, "again": gpus | {"replace": True}}, tmp_path)
    once = figures["once"]
    hours = 744
    revenue = 20000 + 75 * hours * 0.45 * 3
    cost = 0.2 * 1.25 * hours * 50 + 0.1 * revenue + 100 * hours * 0.2 + 200 * 50
    assert once["flows_usd"][1] == pytest.approx(revenue - cost)
    assert once["flows_usd"][11:] == pytest.approx([0] * 14)
    days = 304
    assert once["quantities"]["gpu_hours_sold"] == pytest.approx(24 * days * (25 * 0.9 + 75 * 0.45))
    assert once["quantities"]["energy_mwh"] == pytest.approx(24 * days * 0.25)
    assert once["annual"][0]["sale_usd"] == pytest.approx(0.2 * 1e6)
    again = figures["again"]
    assert again["metrics"]["capex_usd"] == pytest.approx(1e6 + 2 * 8e5)
    assert [row["sale_usd"] for row in again["annual"]] == pytest.approx([2e5, 1.6e5])
    assert again["annual"][1]["residual_usd"] == pytest.approx(8e5 * (1 - 0.8 * 4 / 10))


def test_uses_side_by_side_and_against_the_baseline(tmp_path: Path) -> None:
    half = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    lease = LEASE | {"gross_mw": 5, "conversion": CONVERSION}
    plans = {"mine": MINER, "both": {"uses": {"old": half, "new": half, "ai": lease}}}
    figures = run(plans, tmp_path, discount_rate_fraction_per_year=0.1)
    both = figures["both"]
    assert both["kinds"] == ["bitcoin_mining", "colocation"]
    assert both["metrics"]["best_stop"] == "old: never; new: never"
    assert both["vs_baseline"]["npv_difference_usd"] == pytest.approx(
        npv(both["flows_usd"], 0.1) - npv(figures["mine"]["flows_usd"], 0.1)
    )
    assert figures["mine"]["vs_baseline"]["incremental_irr_fraction_per_year"] is None


def test_rounding_is_no_increment(tmp_path: Path) -> None:
    third = MINER | {"gross_mw": 3.3, "hash_rate_eh_per_s": 0.33}
    lease = LEASE | {"gross_mw": 6.7, "conversion": CONVERSION}
    plans = {"mine": MINER, "both": {"uses": {"rest": third, "ai": lease}}}
    plan = run(plans, tmp_path, months=60)["both"]
    margin = (20000 - POWER_PER_DAY) * 0.67
    flows = [
        0,
        0,
        -1.675e6,
        -1.675e6 - 31 * margin,
        -30 * margin,
        *(335e3 - d * margin for d in (31, 30, 31)),
    ]
    base = run(plans, tmp_path, months=60)["mine"]["flows_usd"]
    extra = [a - b for a, b in zip(plan["flows_usd"], base, strict=True)]
    assert extra[:8] == pytest.approx(flows, abs=1e-6)
    rate = plan["vs_baseline"]["incremental_irr_fraction_per_year"]
    assert rate is not None
    assert npv(extra, rate) == pytest.approx(0, abs=1e-3)


def test_values_over_time(tmp_path: Path) -> None:
    (tmp_path / "dated.csv").write_text("month,x\n2027-03,8\n2027-02,6\n")
    (tmp_path / "plain.csv").write_text("x\n6\n8\n")
    rents = [
        ({"value": 3, "scale": 2}, [6, 6, 6, 6]),
        ({"value": 3, "scale": 2, "shift": 1}, [7, 7, 7, 7]),
        ({"steps": {"2027-02": 6, "2027-04": 7}, "shift": -1}, [5, 5, 5, 6]),
        ({"start": 3, "growth_fraction_per_year": 1.0, "scale": 2}, [6 * 2 ** (k / 12) for k in range(4)]),
        ({"steps": {"2027-02": 6, "2027-04": 7}}, [6, 6, 6, 7]),
        ({"points": {"2027-02": 6, "2027-04": 8}}, [6, 6, 7, 8]),
        ({"csv": "dated.csv", "column": "x"}, [6, 6, 8, 8]),
        ({"csv": "plain.csv", "column": "x"}, [6, 8, 8, 8]),
    ]
    for spec, wanted in rents:
        market = {"hash_price_usd_per_ph_per_day": spec}
        miner = MINER | {"electricity_price_usd_per_kwh": 0}
        flows = run({"mine": miner}, tmp_path, months=4, market=market)["mine"]["flows_usd"]
        days = (31, 28, 31, 30)
        assert [flow / 1000 / d for flow, d in zip(flows[1:], days, strict=True)] == pytest.approx(wanted)


def test_returns() -> None:
    year = [-100.0, *[0.0] * 11, 110.0]
    assert irr(year)[0] == pytest.approx(0.1)
    assert irr(year)[1] == []
    assert mirr(year, 0.3) == pytest.approx(0.1)
    assert mirr([-100.0, 50.0, *[0.0] * 10, 60.0], 0.1) == pytest.approx(0.5 * 1.1 ** (11 / 12) + 0.6 - 1)
    assert moic(year) == pytest.approx(1.1)
    assert payback_months(year) == pytest.approx(11 + 100 / 110)
    two = [-100.0, *[0.0] * 11, 230.0, *[0.0] * 11, -132.0]
    assert irr(two)[0] is None
    assert irr(two)[1] == pytest.approx([0.1, 0.2])
    assert irr([5.0, -4.0, 3.0]) == (None, [])
    assert mirr([5.0, -4.0, 3.0], 0.1) is None
    assert payback_months([0.0, 1.0, 1.0]) is None
    assert payback_months([-1.0, 2.0, -3.0]) is None
    assert payback_months([-1.0, 3.0, -3.0, 2.0]) == pytest.approx(2.5)
    assert moic([0.0, 1.0]) is None
