"""Scenarios whose power goes by the hour: each line equals a loop over the hours, and moves as other prices do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.timeline import parse_month
from tests.made_up_hours import hours_of, looped, of_month, written

TEXT = """
name: by the hour
start: START
months: 30
market: {hash_price_usd_per_ph_per_day: {start: 40, growth_fraction_per_year: -0.1}}
site: {gross_mw: 20, electricity_price_usd_per_kwh: PRICE}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 25}
  always: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 25, curtail: false}
  gpus: {kind: gpu_cloud, gpu_count: 1000, lease_usd_per_gpu_hour: 2}
"""
PRICE = "site.electricity_price_usd_per_kwh"


def scenario(folder: Path, price: str, start: str = "2027-01") -> Scenario:
    return loads(TEXT.replace("PRICE", price).replace("START", start), folder=folder)


def lines(found: Scenario, plan: str) -> dict[str, FloatArray]:
    flows = evaluate(found).plans[plan].flows
    return {line.name: line.usd for line in flows.lines} | {**flows.quantities} | {**flows.memo}


@pytest.mark.parametrize(
    ("years", "zone", "start", "scale", "adder", "growth", "adder_growth"),
    [
        ([2023], "America/Chicago", "2027-01", 1.0, 0.0, 0.0, 0.0),
        ([2024], "America/New_York", "2027-07", 1.1, 0.012, 0.0, 0.0),
        ([2023, 2024], "Europe/Oslo", "2024-10", 0.7, -0.003, 0.08, 0.03),
        ([2022, 2023, 2024], "UTC", "2027-11", 2.5, 0.004, -0.2, 0.0),
        ([2021], "Asia/Kolkata", "2028-02", 0.0, 0.02, 0.0, 0.5),
    ],
)
def test_every_month_is_the_loop_over_its_hours(
    years: list[int],
    zone: str,
    start: str,
    scale: float,
    adder: float,
    growth: float,
    adder_growth: float,
    tmp_path: Path,
) -> None:
    hours = hours_of(years, zone, years[0] + len(start))
    written(hours, tmp_path / "p.csv")
    price = (
        f"{{hourly: p.csv, time_zone: {zone}, scale: {scale}, adder_usd_per_kwh: {adder}, "
        f"growth_fraction_per_year: {growth}, adder_growth_fraction_per_year: {adder_growth}}}"
    )
    found = scenario(tmp_path, price, start)
    mine, always, gpus = (lines(found, plan) for plan in ("mine", "always", "gpus"))
    for k in range(0, 30, 1 if scale == 1.0 else 5):
        grown = (1 + growth) ** (k / 12)
        added = 1000.0 * scale * adder * (1 + adder_growth) ** (k / 12)
        prices = of_month(hours, zone, parse_month(start) + k, parse_month(start))
        worth = always["mining_revenue_usd"][k, 0] + always["pool_fee_usd"][k, 0]
        energy = always["energy_mwh"][k, 0]
        month = looped(prices, scale * grown, added, worth / energy)
        assert mine["energy_mwh"][k, 0] == pytest.approx(energy * month.fraction, rel=1e-12)
        assert mine["mining_revenue_usd"][k, 0] == pytest.approx(
            always["mining_revenue_usd"][k, 0] * month.fraction, rel=1e-12
        )
        paid = energy * month.paid_usd_per_mwh
        assert mine["mining_power_usd"][k, 0] == pytest.approx(-paid, rel=1e-12)
        assert always["mining_power_usd"][k, 0] == pytest.approx(-energy * month.mean_usd_per_mwh, rel=1e-12)
        assert gpus["ai_power_usd"][k, 0] == pytest.approx(
            -gpus["energy_mwh"][k, 0] * month.mean_usd_per_mwh, rel=1e-12
        )
        saved = worth * month.fraction - paid - (worth - energy * month.mean_usd_per_mwh)
        assert mine["curtailment_value_usd"][k, 0] == pytest.approx(saved, rel=1e-12)


@pytest.fixture
def year(tmp_path: Path) -> Path:
    written(hours_of([2023], "America/Chicago", 4), tmp_path / "p.csv")
    return tmp_path


HOURLY = "{hourly: p.csv, time_zone: America/Chicago, adder_usd_per_kwh: 0.01}"


@pytest.mark.parametrize(
    ("path", "values", "forms"),
    [
        (f"{PRICE}.scale", [0.5, 1.0, 2.0], "scale: {}"),
        (f"{PRICE}.shift", [-0.01, 0.0, 0.03], "shift: {}"),
        (f"{PRICE}.growth_fraction_per_year", [-0.1, 0.0, 0.2], "growth_fraction_per_year: {}"),
        (f"{PRICE}.adder_growth_fraction_per_year", [-0.1, 0.0, 0.2], "adder_growth_fraction_per_year: {}"),
    ],
)
def test_a_column_is_its_cases_one_by_one(path: str, values: list[float], forms: str, year: Path) -> None:
    columns = vary(scenario(year, HOURLY), {path: values})
    for case, value in enumerate(values):
        alone = scenario(year, HOURLY.replace("}", f", {forms.format(value)}}}"))
        for plan in ("mine", "gpus"):
            many = evaluate(columns).plans[plan].npv_usd
            assert float(evaluate(alone).plans[plan].npv_usd[0]) == float(np.broadcast_to(many, (3,))[case])


def test_a_simulated_factor_scales_the_prices_of_the_file_and_not_the_adder(year: Path) -> None:
    factor = np.exp(np.random.default_rng(3).normal(0.0, 0.3, (30, 4)))
    found = vary(scenario(year, HOURLY), {f"{PRICE}.deviation": factor})
    hours, start = hours_of([2023], "America/Chicago", 4), parse_month("2027-01")
    mine, always = lines(found, "mine"), lines(found, "always")
    for k, case in ((0, 0), (7, 1), (15, 2), (29, 3)):
        prices = of_month(hours, "America/Chicago", start + k, start)
        worth = (always["mining_revenue_usd"] + always["pool_fee_usd"])[k, 0]
        energy = always["energy_mwh"][k, 0]
        month = looped(prices, factor[k, case], 10.0, worth / energy)
        assert mine["energy_mwh"][k, case] == pytest.approx(energy * month.fraction, rel=1e-12)
        assert mine["mining_power_usd"][k, case] == pytest.approx(-energy * month.paid_usd_per_mwh, rel=1e-12)


def test_curtailment_by_the_hour_is_worth_what_the_plans_differ_by(year: Path) -> None:
    found = scenario(year, HOURLY)
    mine, always = lines(found, "mine"), lines(found, "always")
    profit = [
        sum(of[name] for name in ("mining_revenue_usd", "pool_fee_usd", "mining_power_usd")) for of in (mine, always)
    ]
    assert mine["curtailment_value_usd"] == pytest.approx(profit[0] - profit[1])
    assert np.all(mine["curtailment_value_usd"] >= 0.0)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("{hourly: none.csv}", "6:62: error.missing-file.: there is no file"),
        ("{hourly: p.csv, time_zone: Texas}", "6:80: error.unknown-name.: there is no time zone Texas"),
        ("{hourly: p.csv, scale: -1}", "scale is -1; a price by the hour is scaled by 0 or more"),
        ("{hourly: p.csv, time_zone: America/Chicago, shift: 3}", "must lie in -1..2"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(price: str, said: str, year: Path) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenario(year, price)


def test_a_negative_scale_is_no_case(year: Path) -> None:
    with pytest.raises(ValueError, match="scaled by 0 or more"):
        vary(scenario(year, HOURLY), {f"{PRICE}.scale": [1.0, -0.5]})


def test_a_price_by_the_hour_has_one_key(year: Path) -> None:
    text = TEXT.replace("START", "2027-01").replace("electricity_price_usd_per_kwh: PRICE", "KEY: {hourly: p.csv}")
    with pytest.raises(ScenarioError, match="unknown key hourly") as caught:
        loads(text.replace("KEY", "electricity_price_usd_per_mwh"), folder=year)
    assert "only electricity_price_usd_per_kwh goes by the hour" in str(caught.value)


def test_a_scenario_that_is_extended_names_its_file_from_its_own_folder(year: Path) -> None:
    (year / "base").mkdir()
    (year / "p.csv").rename(year / "base" / "p.csv")
    (year / "base" / "base.yaml").write_text(TEXT.replace("START", "2027-01").replace("PRICE", HOURLY))
    found: Any = loads("extends: base/base.yaml\nmonths: 24\n", folder=year)
    assert found.months == 24
