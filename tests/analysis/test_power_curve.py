"""The chart of a recorded year: its prices in order, and what machines earn by the MWh."""

from __future__ import annotations

import pytest

from minecalc.analysis.power_curve import MACHINES, curve, curve_chart, worth_usd_per_mwh


def test_a_curve_rises_to_all_hours() -> None:
    prices, until = curve("nyiso-capital-2024")
    assert (prices[1:] >= prices[:-1]).all()
    assert until[-1] == 1.0
    assert prices[-1] == pytest.approx(504.54)


def test_machines_earn_what_their_hash_price_pays_for_an_mwh() -> None:
    worth = [worth_usd_per_mwh(machine) for machine in MACHINES]
    assert worth == sorted(worth)
    assert worth[1] * 17.5 == pytest.approx(worth[2] * 13.5, rel=0.01), "in proportion to their efficiency"


def test_a_chart_has_machines_where_prices_are_in_dollars() -> None:
    assert len(curve_chart("caiso-np15-2024").series) == 1 + len(MACHINES)
    assert len(curve_chart("ieso-ontario-2024").series) == 1
