"""Charges and contracts of power by hand, and what they come to beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import checks
from minecalc.arrays import FloatArray
from minecalc.cashflows import CashFlows, Line
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.power import PowerPrice
from minecalc.power.charge_lines import (
    CoincidentPeaks,
    CurtailmentObligation,
    DemandResponse,
    PowerContract,
    contract_lines,
    demand_charges,
    load_of,
    obligation_lines,
    peak_charges,
    response_lines,
)
from minecalc.power.power_charges import ENERGY, ENERGY_IF_RUN
from minecalc.scenario.traced import traced
from minecalc.scenario.varying import vary
from minecalc.timeline import Timeline, parse_month
from minecalc.values.paths import ValueOverTime
from tests.made_up_hours import hours_of, of_month, written
from tests.trace.replaying import replay

YEAR = Timeline(parse_month("2027-01"), 12)
HOURS = YEAR.hours


def mine(mw: float, fraction: float, price: float, worth: float) -> CashFlows:
    """A mine that runs in a part of the hours, at a mean price in these, and what an MWh is worth."""
    whole = HOURS * mw
    lines = (
        Line("mining_revenue_usd", "revenue", whole * fraction * worth),
        Line("mining_power_usd", "power", -whole * fraction * price),
        Line("pool_fee_usd", "opex", 0.0 * whole),
    )
    load = {ENERGY: whole * fraction, ENERGY_IF_RUN: whole}
    return CashFlows(lines, {"energy_mwh": whole * fraction}, load, (load | {line.name: line.usd for line in lines},))


def ai(mw: float) -> CashFlows:
    return CashFlows((), {"energy_mwh": HOURS * mw})


def total(lines: Sequence[Line], name: str) -> float:
    return float(next(line.usd for line in lines if line.name == name).sum())


def test_a_demand_charge_is_on_what_each_sort_of_use_draws() -> None:
    load = load_of([(mine(30.0, 0.9, 40.0, 80.0), True), (ai(10.0), True), (ai(50.0), False)], YEAR)
    found = demand_charges(np.array([[5.0]]), load)
    assert total(found, "mining_demand_charge_usd") == pytest.approx(-30_000 * 5 * 12)
    assert total(found, "ai_demand_charge_usd") == pytest.approx(-10_000 * 5 * 12), "a tenant pays for its own"
    off = load_of([(mine(30.0, 0.0, 0.0, 80.0), True)], YEAR)
    assert total(demand_charges(np.array([[5.0]]), off), "mining_demand_charge_usd") == 0.0


def test_one_peak_of_four_missed_at_100_mw_is_a_tag_of_25() -> None:
    """The published case: 100 MW in one of four peaks at 67 USD per kW-year are 1.675 M."""
    terms = CoincidentPeaks(usd_per_kw_per_year=ValueOverTime.constant(67.0), mining_avoids_fraction=0.75)
    found = peak_charges(terms, 0.0, load_of([(mine(100.0, 1.0, 40.0, 80.0), True)], YEAR), YEAR)
    assert total(found.lines, "mining_peaks_usd") == pytest.approx(-1_675_000)
    assert float(found.memo["avoided_peaks_usd"].sum()) == pytest.approx(3 * 1_675_000), "the three that it met"
    by_month = found.lines[0].usd[:, 0] != 0.0
    assert by_month.nonzero()[0].tolist() == [5, 6, 7, 8]


def test_ai_is_on_at_every_peak_and_alarms_cost_mining_its_margin() -> None:
    terms = CoincidentPeaks(usd_per_kw_per_year=ValueOverTime.constant(67.0), alarm_hours_per_month=12.0)
    load = load_of([(mine(100.0, 0.5, 40.0, 80.0), True), (ai(20.0), True)], YEAR)
    found = peak_charges(terms, 0.0, load, YEAR).lines
    assert total(found, "mining_peaks_usd") == 0.0
    assert total(found, "ai_peaks_usd") == pytest.approx(-20_000 * 67)
    assert total(found, "mining_alarms_usd") == pytest.approx(-4 * 12 * 100 * (80.0 - 40.0))
    gone = terms.model_copy(update={"until": "2027-08"})
    assert total(peak_charges(gone, 0.0, load, YEAR).lines, "ai_peaks_usd") == pytest.approx(-20_000 * 67 / 2)


def test_a_block_is_used_in_the_hours_run_and_sold_in_the_others() -> None:
    """100 MW at 35: mining 80 MW three hours of four at 20, the dear hour at 200, so the mean is 65."""
    load = load_of([(mine(80.0, 0.75, 20.0, 90.0), True)], YEAR)
    power = PowerPrice(np.array([[0.065]]))
    terms = PowerContract(
        mw=100.0, price_usd_per_kwh=ValueOverTime.constant(0.035), resale="hourly", resale_fee_usd_per_kwh=0.001
    )
    found = contract_lines(terms, load, power, YEAR)
    hours = float(HOURS.sum())
    assert total(found, "power_contract_usd") == pytest.approx(-hours * 100 * 35)
    assert total(found, "power_from_contract_usd") == pytest.approx(hours * 0.75 * 80 * 20)
    sold = 0.75 * 20 * 20 + 0.25 * 100 * 200 - (0.75 * 20 + 0.25 * 100) * 1.0
    assert total(found, "power_resold_usd") == pytest.approx(hours * sold)
    lost = contract_lines(terms.model_copy(update={"resale": None}), load, power, YEAR)
    assert [line.name for line in lost] == ["power_contract_usd", "power_from_contract_usd"]
    taken = terms.model_copy(update={"resale": None, "take_or_pay": False})
    assert total(contract_lines(taken, load, power, YEAR), "power_contract_usd") == pytest.approx(
        -hours * 0.75 * 80 * 35
    )


def test_an_adder_is_paid_on_what_is_drawn_and_by_nobody_on_what_is_sold(folder: Path) -> None:
    bare = TEXT.replace("{hourly: p.csv}", "{hourly: p.csv, scale: 1.0}")
    added = TEXT.replace("{hourly: p.csv}", "{hourly: p.csv, adder_usd_per_kwh: 0.004}")
    without, with_adder = of_plan(bare, "mine", folder), of_plan(added, "mine", folder)
    for name in ("power_contract_usd", "power_from_contract_usd", "power_resold_usd"):
        assert with_adder[name] == pytest.approx(without[name], rel=1e-12)
    assert (with_adder["mining_power_usd"] < without["mining_power_usd"]).all()


def test_beyond_the_block_the_price_of_the_hour_is_paid() -> None:
    load = load_of([(mine(80.0, 0.75, 20.0, 90.0), True), (ai(50.0), True)], YEAR)
    terms = PowerContract(mw=100.0, price_usd_per_kwh=ValueOverTime.constant(0.035), resale="hourly")
    found = contract_lines(terms, load, PowerPrice(np.array([[0.065]])), YEAR)
    hours = float(HOURS.sum())
    assert total(found, "power_from_contract_usd") == pytest.approx(hours * (0.75 * 100 * 20 + 0.25 * 50 * 200))
    assert total(found, "power_resold_usd") == pytest.approx(hours * 0.25 * 50 * 200)


def test_demand_response_pays_for_being_there_and_takes_the_hours_called() -> None:
    load = load_of([(mine(100.0, 1.0, 40.0, 80.0), True)], YEAR)
    terms = DemandResponse(
        mw=60.0,
        usd_per_mw_per_month=ValueOverTime.constant(5000.0),
        hours_per_month=10.0,
        energy_usd_per_mwh=ValueOverTime.constant(300.0),
    )
    found = response_lines(terms, load, YEAR)
    assert total(found, "demand_response_capacity_usd") == pytest.approx(12 * 60 * 5000)
    assert total(found, "demand_response_energy_usd") == pytest.approx(12 * 600 * 300)
    assert total(found, "demand_response_hours_off_usd") == pytest.approx(-12 * 600 * 40)


def test_300_hours_at_a_twentieth_leave_the_published_energy() -> None:
    """Rate CB: 30 MW, 300 hours a year at 5%, are 254,250 MWh, which is an availability of 0.96747."""
    load = load_of([(mine(30.0, 1.0, 0.0, 1.0), True)], YEAR)
    terms = CurtailmentObligation(hours=300.0, load_fraction=0.05)
    found = obligation_lines(terms, 0.0, load, PowerPrice(np.array([[0.0]])), YEAR)
    lost_mwh = -total(found, "mining_obligation_usd")  # at 1 USD an MWh, and power for nothing
    energy = float(HOURS.sum()) * 30.0 - lost_mwh
    assert energy == pytest.approx(254_250.0, rel=1e-12)
    assert energy / (8760 * 30) == pytest.approx(0.9674657534246576, rel=1e-12)
    assert found[0].usd[:, 0].nonzero()[0].tolist() == [0, 1, 2, 11]
    paid = load_of([(mine(30.0, 1.0, 0.4, 1.0), True)], YEAR)
    flat = obligation_lines(terms, 0.0, paid, PowerPrice(np.array([[0.0004]])), YEAR)
    assert total(flat, "mining_obligation_usd") == pytest.approx(-lost_mwh * 0.6), "power of these hours is saved"


def test_ai_stays_on_by_its_own_generators_in_the_hours_off() -> None:
    terms = CurtailmentObligation(hours=300.0, load_fraction=0.05, ai_backup_usd_per_kwh=ValueOverTime.constant(0.4))
    load = load_of([(ai(10.0), True), (ai(50.0), False)], YEAR)
    found = obligation_lines(terms, 0.0, load, PowerPrice(np.array([[0.05]])), YEAR)
    beyond = obligation_lines(
        terms.model_copy(update={"hours": 5000.0}), 0.0, load, PowerPrice(np.array([[0.05]])), YEAR
    )
    assert total(beyond, "ai_obligation_usd") == pytest.approx(-2904 * 10_000 * 0.95 * (0.4 - 0.05)), "no more than are"
    assert total(found, "ai_obligation_usd") == pytest.approx(-300 * 10_000 * 0.95 * (0.4 - 0.05))
    assert total(found, "mining_obligation_usd") == 0.0


@pytest.mark.parametrize("hash_price", [25, 48, 90])
def test_the_dearest_hours_of_each_month_are_off_as_a_loop_finds_them(hash_price: int, tmp_path: Path) -> None:
    hours = hours_of([2023], "America/Chicago", 5)
    written(hours, tmp_path / "p.csv")
    old = "  gross_mw: 40\n  electricity_price_usd_per_kwh: {hourly: p.csv}\n"
    price = "{hourly: p.csv, time_zone: America/Chicago, adder_usd_per_kwh: 0.004}"
    text = TEXT.split("  demand_charge")[0].replace(old, f"  gross_mw: 40\n  electricity_price_usd_per_kwh: {price}\n")
    text += "  curtailment_obligation: {months: [1, 12], hours: 124, load_fraction: 0.1}\nplans:"
    text = (text + TEXT.split("plans:")[1]).replace("per_day: 48", f"per_day: {hash_price}")
    found = evaluate(loads(text.replace("months: 24", "months: 12"), folder=tmp_path)).plans["mine"].flows
    for month in (0, 11):
        prices = sorted(1.0 * p + 4.0 for p in of_month(hours, "America/Chicago", month, 2027 * 12))
        lines = {line.name: float(line.usd[month, 0]) for line in found.lines if line.usd.shape[0] > 1}
        whole, drawn = (float(found.memo[name][month, 0]) for name in (ENERGY_IF_RUN, ENERGY))
        mw, net = whole / len(prices), lines["mining_revenue_usd"] + lines["pool_fee_usd"]
        worth = net / drawn
        off = 62  # of 124, an equal part of two months of 31 days
        lost = sum(worth - price for price in prices[-off:] if price < worth) * mw * 0.9
        assert lines["mining_obligation_usd"] == pytest.approx(-lost, rel=1e-9, abs=1e-6)


def test_an_obligation_is_explained_and_varies_as_its_hours_do(folder: Path) -> None:
    text = TEXT.replace("  demand_r", "  curtailment_obligation: {hours: 300, load_fraction: 0.05}\n  demand_r")
    scenario = loads(text, folder=folder)
    for plan in ("mine", "gpus"):
        npv: Any = evaluate(traced(scenario)).plans[plan].npv_usd
        assert replay([npv])[0].tobytes() == npv.value.tobytes()
        hours = [100.0, 500.0]
        (many,) = replay([npv], {"site.curtailment_obligation.hours": np.array(hours)})
        found = evaluate(vary(scenario, {"site.curtailment_obligation.hours": hours})).plans[plan].npv_usd
        assert np.array_equal(many, found)
        assert (many[0] > many[1]) == (plan == "gpus"), "mining is off in a quarter of the hours, and in these, anyway"


def test_a_block_that_is_sold_on_after_the_machines_is_told_with_what_it_brings(folder: Path) -> None:
    """Machines that last 18 of 24 months; 30 MW at 35 are sold at a mean of 40 less 1 after that."""
    text = TEXT.replace("pue_ratio: 1}", "pue_ratio: 1, life_months: 18}")
    told = [text for text in checks.warnings(loads(text, folder=folder)) if "power_contract" in text]
    hours = 24 * (31 + 31 + 30 + 31 + 30 + 31)
    assert told == [
        "mine: nothing of this plan draws power in 2028-07 to 2028-12, and its power_contract goes on: selling the "
        f"whole block brings ${hours * 30 * (40 - 1 - 35) / 1e6:.4g}M over these months, which is trade in "
        "power"
    ]
    assert not [text for text in checks.warnings(loads(TEXT, folder=folder)) if "power_contract" in text]
    kept = text.replace(", resale: hourly, resale_fee_usd_per_kwh: 0.001", "")
    assert not [text for text in checks.warnings(loads(kept, folder=folder)) if "power_contract" in text]


TEXT = """
name: charges
start: 2027-01
months: 24
market: {hash_price_usd_per_ph_per_day: 48}
site:
  gross_mw: 40
  electricity_price_usd_per_kwh: {hourly: p.csv}
  demand_charge_usd_per_kw_per_month: 4
  coincident_peaks: {usd_per_kw_per_year: 60, mining_avoids_fraction: 0.9, alarm_hours_per_month: 10, until: 2028-08}
  power_contract: {mw: 30, price_usd_per_kwh: 0.035, resale: hourly, resale_fee_usd_per_kwh: 0.001}
  demand_response: {mw: 5, usd_per_mw_per_month: 4000, hours_per_month: 4}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 25, pue_ratio: 1}
  gpus: {kind: gpu_cloud, gpu_count: 4000, lease_usd_per_gpu_hour: 2}
  lease: {kind: colocation, rent_usd_per_kw_per_month: 100}
"""
CHARGED = (
    "mining_demand_charge_usd",
    "mining_peaks_usd",
    "mining_alarms_usd",
    "power_contract_usd",
    "power_from_contract_usd",
    "power_resold_usd",
    "demand_response_capacity_usd",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("hours")
    (found / "p.csv").write_text("usd_per_mwh\n" + "\n".join("20" if hour % 4 else "100" for hour in range(8760)))
    return found


def of_plan(text: str, plan: str, folder: Path) -> dict[str, FloatArray]:
    return {line.name: line.usd for line in evaluate(loads(text, folder=folder)).plans[plan].flows.lines}


def test_each_charge_is_a_line_of_every_plan_that_draws(folder: Path) -> None:
    mining, gpus, lease = (of_plan(TEXT, plan, folder) for plan in ("mine", "gpus", "lease"))
    assert all(mining[name].any() for name in CHARGED)
    assert not mining["ai_peaks_usd"].any()
    assert gpus["ai_peaks_usd"].any()
    assert gpus["ai_demand_charge_usd"].any()
    assert not gpus["mining_peaks_usd"].any()
    assert not lease["ai_demand_charge_usd"].any(), "its tenant pays"
    assert float(gpus["ai_peaks_usd"][17:, 0].sum()) == float(gpus["ai_peaks_usd"][17:19, 0].sum())


def test_a_file_without_charges_has_no_lines_of_them(folder: Path) -> None:
    bare = "\n".join(line for line in TEXT.splitlines() if not line.startswith("  demand_") and ": {mw" not in line)
    bare = "\n".join(line for line in bare.splitlines() if "coincident_peaks" not in line)
    assert not {*CHARGED} & {*of_plan(bare, "mine", folder)}


def test_charges_vary_as_columns_do(folder: Path) -> None:
    path, values = "site.power_contract.price_usd_per_kwh", [0.02, 0.04]
    found = vary(loads(TEXT, folder=folder), {path: values, "site.coincident_peaks.mining_avoids_fraction": [0.5, 1.0]})
    many = evaluate(found).plans["mine"].npv_usd
    for case, (price, avoids) in enumerate(zip(values, (0.5, 1.0), strict=True)):
        alone = TEXT.replace("0.035", str(price)).replace(
            "mining_avoids_fraction: 0.9", f"mining_avoids_fraction: {avoids}"
        )
        assert float(evaluate(loads(alone, folder=folder)).plans["mine"].npv_usd[0]) == float(many[case])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("coincident_peaks: {", "coincident_peaks: {months: [6, 13], ", "months are 6, 13; each is one of 1 to 12"),
        ("resale: hourly,", "resale: hourly, take_or_pay: false,", "resale stands beside take_or_pay: false"),
        ("resale: hourly,", "resale: daily,", "resale"),
        ("demand_response: {mw: 5", "demand_response: {mw: -5", "must"),
        ("  demand_r", "  curtailment_obligation: {hours: 3000}\n  demand_r", "more than the 2,904 hours"),
        ("  demand_r", "  curtailment_obligation: {months: [0], hours: 9}\n  demand_r", "months are 0; each is one"),
        (
            "resale: hourly, resale_fee_usd_per_kwh: 0.001}",
            "take_or_pay: true}\n  curtailment_obligation: {hours: 300}",
            "power_contract has no resale",
        ),
        (
            "plans:",
            "  curtailment_obligation: {hours: 300}\nplans:\n  host: {kind: hosting, hosting_usd_per_kwh: 0.07}",
            "host hosts other people's machines",
        ),
    ],
)
def test_what_is_wrong_is_refused(old: str, new: str, said: str, folder: Path) -> None:
    with pytest.raises(ScenarioError, match=said):
        loads(TEXT.replace(old, new), folder=folder)


UNLIKE = """
name: fleets that are on in hours of their own
start: 2027-01
months: 3
market: {hash_price_usd_per_ph_per_day: 48}
site:
  gross_mw: 60
  electricity_price_usd_per_kwh: {hourly: p.csv, adder_usd_per_kwh: 0.004}
  demand_charge_usd_per_kw_per_month: 4
  power_contract: {mw: 20, price_usd_per_kwh: 0.035, take_or_pay: false}
plans:
  mine:
    kind: bitcoin_mining
    uptime_fraction: 1
    pool_fee_fraction: 0
    fleets:
      old: {hash_rate_eh_per_s: 0.3, efficiency_j_per_th: 40, pue_ratio: 1}
      new: {hash_rate_eh_per_s: 1, efficiency_j_per_th: 15, pue_ratio: 1, profiles: PROFILES}
"""
#: Megawatts of the new fleet in its profiles, and the price by the MWh below which each is on.
PROFILES = {
    "[{hash_fraction: 1, power_fraction: 1}]": [(15.0, 2000 / 15)],
    "[{hash_fraction: 1.3, power_fraction: 1.3}]": [(19.5, 2000 / 15)],
    "[{hash_fraction: 0.6, power_fraction: 0.5}, {hash_fraction: 1, power_fraction: 1}]": [
        (7.5, 160.0),
        (7.5, 320 / 3),
    ],
}


@pytest.mark.parametrize("profiles", PROFILES)
def test_fleets_that_are_on_in_hours_of_their_own_are_charged_as_a_loop_over_hours_finds(
    profiles: str, tmp_path: Path
) -> None:
    """A block that is smaller than their draw, and the dearest hours, when some of them are off already."""
    prices = [float(20 + 13 * hour % 187) for hour in range(8760)]
    (tmp_path / "p.csv").write_text("usd_per_mwh\n" + "\n".join(map(str, prices)))
    text = UNLIKE.replace("PROFILES", profiles)
    found = of_plan(text, "mine", tmp_path)
    obliged = "take_or_pay: true, resale: hourly}\n  curtailment_obligation: {months: [2], hours: 180}"
    lost = of_plan(text.replace("take_or_pay: false}", obliged), "mine", tmp_path)["mining_obligation_usd"]
    loads = [(12.0, 50.0), *PROFILES[profiles]]  # the old fleet earns 600 USD an hour with 12 MW
    hours = prices[744 : 744 + 672]
    drawn = [sum(mw for mw, limit in loads if price + 4.0 < limit) for price in hours]
    used = [min(20.0, mw) for mw in drawn]
    assert found["mining_demand_charge_usd"][1, 0] == pytest.approx(-max(drawn) * 4000, rel=1e-12)
    assert found["power_contract_usd"][1, 0] == pytest.approx(-sum(used) * 35, rel=1e-12)
    worth = sum(mw * price for mw, price in zip(used, hours, strict=True))
    assert found["power_from_contract_usd"][1, 0] == pytest.approx(worth, rel=1e-12)
    dearest = sorted(price + 4.0 for price in hours)[-180:]
    gone = sum(mw * (limit - price) for price in dearest for mw, limit in loads if price < limit)
    assert lost[1, 0] == pytest.approx(-gone, rel=1e-12)


def test_a_fleet_that_is_off_all_month_has_no_part_in_its_highest_draw() -> None:
    flat = UNLIKE.replace("{hourly: p.csv, adder_usd_per_kwh: 0.004}", "0.055").replace(", profiles: PROFILES", "")
    assert of_plan(flat, "mine", Path())["mining_demand_charge_usd"][0, 0] == pytest.approx(-15_000 * 4)
