"""What mining pays for power: the hours it runs and the prices of these, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.analysis.cashflow.statement import statement
from minecalc.engine import evaluate
from minecalc.figures import CATALOGUE
from minecalc.loading import loads

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
