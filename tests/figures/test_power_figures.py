"""What mining pays for power: the hours it runs and the prices of these, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.analysis.cashflow.statement import statement
from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.record import compare
from minecalc.analysis.explain.explanation import targets, trace_plans
from minecalc.engine import evaluate
from minecalc.figures import CATALOGUE
from minecalc.loading import loads
from minecalc.trace import plain
from tests.trace.replaying import replay

TEXT = """
name: two prices
start: 2027-01
months: 2
market: {hash_price_usd_per_ph_per_day: 48}
site: {gross_mw: 20, electricity_price_usd_per_kwh: {hourly: p.csv}}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 25, pue_ratio: 1, pool_fee_fraction: 0}
  off: {kind: bitcoin_mining, hash_rate_eh_per_s: 0, efficiency_j_per_th: 25}
  lease: {kind: colocation, rent_usd_per_kw_per_month: 100}
"""
NAMES = ("mining_hours_run_fraction", "mining_price_paid_usd_per_mwh", "mining_price_of_all_hours_usd_per_mwh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("hours")
    cells = ("20" if hour % 4 else "100" for hour in range(8760))  # running is worth 80 an MWh
    (found / "p.csv").write_text("usd_per_mwh\n" + "\n".join(cells))
    return found


def test_figures_of_a_mine_that_runs_three_hours_of_four(folder: Path) -> None:
    plans = evaluate(loads(TEXT, folder=folder)).plans
    found = [CATALOGUE[name].measure(plans["mine"]).number() for name in NAMES]
    assert found == pytest.approx([0.75, 20.0, 40.0])
    assert CATALOGUE[NAMES[0]].measure(plans["lease"]).reason() == "the plan has no mining"
    assert CATALOGUE[NAMES[1]].measure(plans["off"]).reason() == "mining never runs"


def test_a_statement_has_hours_and_prices_by_period(folder: Path) -> None:
    plans = evaluate(loads(TEXT, folder=folder)).plans
    found = statement(plans["mine"], 1)
    assert found.row("mining_hours").values == pytest.approx((744 * 0.75, 672 * 0.75))
    assert found.row("mining_price_paid_usd_per_mwh").values == pytest.approx((20.0, 20.0))
    assert found.row("mining_price_of_all_hours_usd_per_mwh").total == pytest.approx(40.0)
    assert found.row("curtailment_value_usd").total == pytest.approx(0.25 * 20.0 * 0.5 * 25 * 1416 * 0.89)
    assert found.by_hour
    assert not statement(plans["lease"], 1).by_hour
    assert statement(plans["lease"], 1).row("mining_hours_run_fraction").reason == "the plan has no mining"
    off = statement(plans["off"], 1).row("mining_price_paid_usd_per_mwh")
    assert (off.total, off.reason) == (None, "mining never runs")


PEAKS = """
name: peaks
months: 24
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.02, demand_charge_usd_per_kw_per_month: 1,
  coincident_peaks: {usd_per_kw_per_year: 60, mining_avoids_fraction: 0.75}}
market: {hash_price_usd_per_ph_per_day: {steps: {2027-01: 50, 2028-07: 1}}}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 2, efficiency_j_per_th: 15, pue_ratio: 1, uptime_fraction: 1}
  gpus: {kind: gpu_cloud, gpu_count: 1000, kw_per_gpu: 8, pue_ratio: 1.25, lease_usd_per_gpu_hour: 9,
    conversion: {starts: 2027-08, ready: 2028-01, meanwhile: {plan: mine}}}
"""


def test_what_the_baseline_avoids_at_peaks_and_ai_does_not_is_what_converting_loses() -> None:
    """30 MW of mining avoid three peaks of four at 15 USD a kW: all of a year, June of the next, then it is off."""
    found = compare(loads(PEAKS))
    mine, gpus = (plan["memo"] for plan in found["plans"])
    assert mine["avoided_peaks_usd"] == pytest.approx(30_000 * 15 * 0.75 * (4 + 1))
    assert mine["peak_charges_usd"] == pytest.approx(30_000 * (15 * 0.25 * (4 + 1) + 18))
    assert gpus["avoided_peaks_usd"] == pytest.approx(30_000 * 15 * 0.75 * 2), "June and July, before it converts"
    assert gpus["peak_charges_usd"] == pytest.approx(30_000 * (15 * 0.25 * 2 + 7) + 10_000 * (15 * 4 + 12))
    for plan in found["plans"]:
        memo = plan["memo"]
        assert memo["peak_charges_if_on_usd"] == memo["peak_charges_usd"] + memo["avoided_peaks_usd"]
    lost = found["plans"][1]["vs_baseline"]["avoided_peaks_lost_usd"]
    assert lost == pytest.approx(30_000 * 15 * 0.75 * 3)
    assert found["plans"][0]["vs_baseline"]["avoided_peaks_lost_usd"] == 0.0


def test_avoided_peaks_stand_where_there_are_such_charges_only() -> None:
    by_year = statement(evaluate(loads(PEAKS)).plans["mine"]).row("avoided_peaks_usd")
    assert by_year.values == pytest.approx([30_000 * 15 * 0.75 * 4, 30_000 * 15 * 0.75])
    assert by_year.total == pytest.approx(30_000 * 15 * 0.75 * 5)
    without = PEAKS.replace(", demand_charge_usd_per_kw_per_month: 1,", "}").replace(
        "  coincident_peaks: {usd_per_kw_per_year: 60, mining_avoids_fraction: 0.75}}\n", ""
    )
    assert statement(evaluate(loads(without)).plans["mine"]).row("peak_charges_if_on_usd").total == 0.0
    shown = [str(document([compare(loads(text))], "0")) for text in (PEAKS, without)]
    assert ["avoided peaks lost by converting" in text for text in shown] == [True, False]


def test_what_is_charged_and_avoided_is_explained_by_month() -> None:
    evaluation = trace_plans(loads(PEAKS))
    known = targets(evaluation, "mine")
    for name, wanted in (("peak_charges_usd", 30_000 * (15 * 0.25 + 1)), ("avoided_peaks_usd", 30_000 * 15 * 0.75)):
        assert float(plain(known[name])[5, 0]) == pytest.approx(wanted), name
    lost = targets(evaluation, "gpus")["avoided_peaks_lost_usd"]
    assert float(plain(lost)[0]) == pytest.approx(30_000 * 15 * 0.75 * 3)
    assert replay([lost])[0] == pytest.approx(plain(lost))
