"""The changes of price and network: history's own, their drift, and the mean of what weighted sums of them grow to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.randomness.processes import t_log_mean
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.simulation.changes import Changes, historic_drift, monthly_changes, two_parts, unit
from minecalc.uncertainty.factors import BtcPrice, NetworkHashRate

FLAT = np.ones((24, 1))
NONE = np.zeros((24, 1))


def test_changes_of_history() -> None:
    rows = [row for row in bitcoin_monthly() if "2020-01" <= row.month <= "2024-01"]
    changes = monthly_changes("2020-01", "2024-01")
    assert changes.shape == (48, 2)
    assert np.max(np.abs(changes.mean(axis=0))) < 1e-12
    price = math.log(rows[5].btc_price_usd / rows[4].btc_price_usd)
    network = math.log(rows[5].network_difficulty / rows[4].network_difficulty)
    months = [math.log(rows[-1].btc_price_usd / rows[0].btc_price_usd) / 48]
    months.append(math.log(rows[-1].network_difficulty / rows[0].network_difficulty) / 48)
    assert changes[4] == pytest.approx([price - months[0], network - months[1]])
    assert len(monthly_changes("2020-01")) == len([row for row in bitcoin_monthly() if row.month >= "2020-01"]) - 1


def test_the_drift_of_history_and_its_error() -> None:
    rows, drift = bitcoin_monthly(), historic_drift()
    years = (len(rows) - 1) / 12
    grown = math.log(rows[-1].btc_price_usd / rows[0].btc_price_usd)
    assert drift.log_fraction_per_year == pytest.approx(grown / years)
    steps = np.diff(np.log([row.btc_price_usd for row in rows]))
    # of n steps of a walk: its volatility over the root of the years, from means that understate it by a third
    assert drift.error_fraction_per_year == pytest.approx(float(np.std(steps, ddof=1)) * math.sqrt(18.0 / years))
    assert (drift.first, drift.last) == (rows[0].month, rows[-1].month)


def test_a_change_that_lasts_by_a_share() -> None:
    price = BtcPrice(passing_fraction=0.4, half_life_months=12)
    weights = Changes(price, None).price_weights(24)
    assert weights[[0, 12], 0] == pytest.approx([1.0, 0.8])
    assert weights.tolist() == two_parts(price, unit(24)).tolist()
    assert Changes(None, NetworkHashRate()).price_weights(24).tolist() == NONE.tolist()


def test_normal_changes_add_half_of_their_variance_and_covariance() -> None:
    changes = Changes(
        BtcPrice(volatility_fraction_per_year=0.6), NetworkHashRate(volatility_fraction_per_year=0.3), 0.5
    )
    months = np.arange(1, 25) / 12
    assert changes.log_mean(FLAT, NONE)[:, 0] == pytest.approx(0.5 * 0.36 * months)
    assert changes.log_mean(FLAT, FLAT)[:, 0] == pytest.approx(0.5 * (0.36 + 2 * 0.5 * 0.6 * 0.3 + 0.09) * months)
    assert changes.log_mean(NONE, NONE).tolist() == NONE.tolist()


def test_student_t_changes_beside_normal_ones() -> None:
    price = BtcPrice(model="student_t", volatility_fraction_per_year=0.6, degrees_of_freedom_count=4)
    changes = Changes(price, NetworkHashRate(volatility_fraction_per_year=0.3), 0.5)
    step, own = 0.6 / math.sqrt(12), 0.3 / math.sqrt(12)
    wanted = t_log_mean(step, 4.0, 0.5 * own) + 0.5 * 0.75 * own**2
    assert changes.log_mean(FLAT, FLAT)[:, 0] == pytest.approx(wanted * np.arange(1, 25))
