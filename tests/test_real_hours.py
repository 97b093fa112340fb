"""Curtailment on real hourly years against ``oracles/curtailment.json`` and what Riot reported.

The prices are not shipped: ``pytest -m real_hours`` with MINECALC_REAL_HOURS naming their folder runs these checks.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import CATALOGUE
from minecalc.loading import loads
from minecalc.reference.power_years import power_years
from tests.reference.curves_of_hours import REFERENCE, SOURCES, figures, rows

pytestmark = pytest.mark.real_hours

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "oracles" / "curtailment.json").read_text(encoding="utf-8"))[
        "cases"
    ]
}
ERCOT = [name for name, case in CASES.items() if "efficiency_j_per_th" in case["inputs"]]

TEXT = """
name: real hours
start: START
months: MONTHS
market: {{hash_price_usd_per_ph_per_day: {hash_price_usd_per_ph_day}}}
site:
  gross_mw: {mw}
  electricity_price_usd_per_kwh:
    hourly: {price_file}
    time_zone: ZONE
    adder_usd_per_kwh: ADDER
plans:
"""
MINE = """
  NAME:
    kind: bitcoin_mining
    hash_rate_eh_per_s: RATE
    efficiency_j_per_th: {efficiency_j_per_th}
    pue_ratio: {pue}
    pool_fee_fraction: {pool_fee}
    uptime_fraction: 1
    opex_usd_per_mw_per_year: 0
    curtail: CURTAIL
"""


def folder() -> Path:
    named = os.environ.get("MINECALC_REAL_HOURS")
    assert named, "MINECALC_REAL_HOURS names the folder of real hourly prices"
    return Path(named)


def plans(given: dict[str, Any], of_site: str = "") -> dict[str, PlanEvaluation]:
    """The mine of a case that shuts off and one that never does, over its months."""
    year = given["price_file"][-8:-4]
    months = given["local_months"] or range(1, 13)
    # all of the year's hours on a clock without daylight saving, so that a month has the hours of its days
    zone = "America/Chicago" if given["local_months"] else "Etc/GMT+6"
    rate = given["mw"] / (given["efficiency_j_per_th"] * given["pue"])
    text = TEXT.replace("START", f"{year}-{months[0]:02}").replace("MONTHS", str(len(months))).replace("ZONE", zone)
    text = text.replace("ADDER", repr(given["adder_usd_per_mwh"] / 1000.0)).format(**given)
    text = text.replace("plans:\n", f"{of_site}plans:\n")
    for name, curtail in (("mine", "true"), ("always", "false")):
        mine = MINE.replace("NAME", name).replace("CURTAIL", curtail).replace("RATE", repr(rate))
        text += mine.format(**given)
    return dict(evaluate(loads(text, folder=folder())).plans)


def total(values: FloatArray) -> float:
    return float(values.sum())


@pytest.mark.parametrize("name", ERCOT)
def test_a_year_or_a_month_is_that_of_the_oracle(name: str) -> None:
    given, wanted = CASES[name]["inputs"], CASES[name]["expected"]
    found, mw = plans(given), given["mw"]
    mine, always = found["mine"], found["always"]
    margin = total(mine.gross_profit_usd) / mw
    assert margin == pytest.approx(wanted["margin_per_mw"], rel=1e-12)
    assert total(always.gross_profit_usd) / mw == pytest.approx(wanted["margin_per_mw_no_curtailment"], rel=1e-12)
    saved = total(mine.flows.memo["curtailment_value_usd"]) / mw
    assert saved == pytest.approx(wanted["curtailment_value_per_mw"], rel=1e-12)
    measured = [CATALOGUE[f"mining_{figure}"].measure(mine).number() for figure in FIGURES]
    assert measured == pytest.approx([wanted[key] for key in FIGURES.values()], rel=1e-12)
    hours = (measured[0] or 0.0) * wanted["hours"]
    assert hours == pytest.approx(wanted["hours_run"], rel=1e-12)


FIGURES = {
    "hours_run_fraction": "run_fraction",
    "price_paid_usd_per_mwh": "mean_price_paid",
    "price_of_all_hours_usd_per_mwh": "mean_price_all_hours",
}


def test_a_fleet_in_steps_earns_more_than_its_average_machine() -> None:
    """Each type shuts off at its own worth; one average machine is worth less, by Jensen's inequality."""
    given, wanted = CASES["fleet-stepped-ercot-2023"]["inputs"], CASES["fleet-stepped-ercot-2023"]["expected"]
    common = given | {"local_months": None, "adder_usd_per_mwh": 0.0}
    margins, hours = [], []
    for mw, joules in given["fleet_mw_and_j_per_th"]:
        mine = plans(common | {"mw": mw, "efficiency_j_per_th": joules})["mine"]
        margins.append(total(mine.gross_profit_usd))
        hours.append((CATALOGUE["mining_hours_run_fraction"].measure(mine).number() or 0.0) * 8760)
    assert hours == pytest.approx(wanted["hours_run_by_type"], rel=1e-12)
    assert sum(margins) == pytest.approx(wanted["margin_usd"], rel=1e-12)
    average = plans(common | {"mw": 300, "efficiency_j_per_th": wanted["average_efficiency_j_per_th"]})["mine"]
    assert total(average.gross_profit_usd) == pytest.approx(wanted["margin_if_one_average_machine"], rel=1e-12)


@pytest.mark.parametrize(
    ("file", "month", "hash_price", "joules", "hours", "ratio"),
    [
        ("ercot_hubavg_dam_2023.csv", 8, 65.7, 29.0, 234, 3.886),  # reported: 24.2 to 31.6 M of credits over 8.9 mined
        ("ercot_hubavg_dam_2023.csv", 7, 72.1, 29.0, 104, 0.34),
        ("ercot_hubavg_dam_2024.csv", 8, 42.4, 26.0, 54, 0.20),
    ],
)
def test_power_credits_exceed_mining_in_a_month_of_scarcity_and_in_no_other(
    file: str, month: int, hash_price: float, joules: float, hours: int, ratio: float
) -> None:
    """Riot's shape: what the hours off would have cost, sold on, over what the hours on mine."""
    given = {
        "price_file": file,
        "local_months": [month],
        "hash_price_usd_per_ph_day": hash_price,
        "efficiency_j_per_th": joules,
        "pue": 1.04,
        "pool_fee": 0.005,
        "mw": 345,
        "adder_usd_per_mwh": 0.0,
    }
    mine = plans(given)["mine"]
    power = {line.name: total(line.usd) for line in mine.flows.lines}
    credit = -(total(mine.flows.memo["mining_power_if_run_usd"]) - power["mining_power_usd"])
    mined = power["mining_revenue_usd"] + power["pool_fee_usd"]
    off = (1.0 - (CATALOGUE["mining_hours_run_fraction"].measure(mine).number() or 0.0)) * 744
    assert off == pytest.approx(hours, rel=1e-12)
    assert credit / mined == pytest.approx(ratio, rel=0.02)


def test_the_shipped_curves_are_those_of_the_hours() -> None:
    import csv

    with (REFERENCE / "duration_curves.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == rows(folder())
    for source in SOURCES:
        record = power_years()[source.id]
        assert {name: str(getattr(record, name)) for name in ("hours", "negative_hours", "sha256")}.items() <= figures(
            folder(), source
        ).items()
        for name in ("mean_price", "p5_price", "p95_price", "highest_price", "dearest_hundredth_fraction"):
            assert getattr(record, name) == float(figures(folder(), source)[name])


@pytest.mark.parametrize("name", ["ercot_hubavg_dam_2023.csv", "caiso_np15_dam_2024.csv"])
def test_a_curve_of_bins_is_near_its_hours(name: str) -> None:
    """What a year of hours earns and what its curve does differ by less than a hundredth."""
    source = next(source for source in SOURCES if source.file == name)
    price = f"{{hourly: {name}, time_zone: {source.zone}}}"
    text = "name: x\nmonths: 12\nstart: 2027-01\nsite: {gross_mw: 20, electricity_price_usd_per_kwh: PRICE}\nplans:\n"
    text += "  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 25}\n"
    mines = [
        evaluate(loads(text.replace("PRICE", one), folder=folder())).plans["mine"]
        for one in (price, f"{{duration_curve: {source.id}}}")
    ]
    for of in ("mining_revenue_usd", "mining_power_usd"):
        by_hours, by_bins = (sum(total(line.usd) for line in mine.flows.lines if line.name == of) for mine in mines)
        assert by_bins == pytest.approx(by_hours, rel=1e-2)


@pytest.mark.parametrize("name", [name for name in ERCOT if CASES[name]["inputs"]["hedge"]])
def test_a_block_bought_before_is_resold_as_the_oracle_has_it(name: str) -> None:
    given, wanted = CASES[name]["inputs"], CASES[name]["expected"]
    mw, price = given["mw"], given["hedge"][0] / 1000.0
    block = f"  power_contract: {{mw: {mw}, price_usd_per_kwh: {price!r}, resale: hourly}}\n"
    mine = plans(given, block)["mine"]
    lines = {line.name: total(line.usd) / given["mw"] for line in mine.flows.lines}
    assert lines["power_resold_usd"] == pytest.approx(wanted["resale_gross_per_mw"], rel=1e-12)
    assert total(mine.gross_profit_usd) / given["mw"] == pytest.approx(wanted["total_margin_per_mw"], rel=1e-12)
    mined = lines["mining_revenue_usd"] + lines["pool_fee_usd"]
    assert mined == pytest.approx(wanted["mining_revenue_per_mw"], rel=1e-12)
