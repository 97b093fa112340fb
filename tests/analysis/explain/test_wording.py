"""How names, numbers and months of a trace read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.explain.wording import element, is_series, number, short_name, unit, when
from minecalc.timeline import Timeline, parse_month
from minecalc.trace import Traced

TIMELINE = Timeline(parse_month("2027-01"), 3)


def leaf(name: str, *rows: float, op: str = "constant", months: tuple[int, ...] = ()) -> Any:
    return Traced(np.array(rows)[:, None] if len(rows) > 1 else np.array(rows[0]), op, (), name, months)


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (61_352_962.08, "npv_usd", "$61,353,000"),
        (-34_732.199999999997, "energy_mwh", "−34,732.2 MWh"),
        (0.000123456789, "x_ratio", "0.000123457"),
        (0.0, "x_usd", "$0"),
        (1e-9, "x_ratio", "1e-09"),
        (3e20, "x_ratio", "3e+20"),
        (63_001.0, "market.btc_price_usd.start", "$63,001"),
        (130.0, "rent_usd_per_kw_per_month", "130 USD/kW/month"),
        (float("nan"), "x_usd", "none"),
        (float("-inf"), "x_usd", "−∞"),
        (1_234_567.0, "btc_mined", "1,234,570 BTC"),
        (1.5, "monthly_btc_mined", "1.5 BTC"),
        (1_234_567.0, "gpu_hours_sold", "1,234,570"),
    ],
)
def test_numbers_have_six_digits_and_their_unit(value: float, name: str, text: str) -> None:
    assert number(value, leaf(name, value)) == text


def test_names_and_units_of_inputs() -> None:
    path = 'plans."a b".uses.hall.contract.value_usd'
    assert (short_name(leaf(path, 1.0, op="input")), unit(leaf(path, 1.0))) == ("contract.value_usd", "usd")
    assert short_name(leaf("discount_rate_fraction_per_year", 1.0, op="input")) == "discount_rate_fraction_per_year"
    assert unit(leaf("market.btc_price_usd.scale", 1.0)) is None


def test_when() -> None:
    flows, points = leaf("net_usd", 1.0, 2.0, 3.0), leaf("net_usd", 0.0, 1.0, 2.0, 3.0)
    assert [when(flows, row, TIMELINE) for row in (0, 2, None)] == ["2027-01", "2027-03", ""]
    assert [when(points, row, TIMELINE) for row in (0, 3)] == ["today", "2027-03"]
    assert when(leaf("x_usd", 1.0), 2, TIMELINE) == ""
    assert when(leaf("term_escalation_ratio", 1.0, 2.0), 1, TIMELINE) == "month 2 of the term"
    assert when(leaf("term_loan_owed_usd", 1.0, 2.0), 1, TIMELINE) == "2027-02"
    stops = leaf("value_by_stop_usd", 1.0, 2.0, 3.0, 4.0)
    assert [when(stops, row, TIMELINE) for row in (0, 3)] == ["a stop in 2027-01", "no stop"]


def test_amounts_of_the_file_stand_at_their_own_dates() -> None:
    dates = (parse_month("2026-06"), parse_month("2028-02"))
    stated = leaf("market.btc_price_usd.points", 60.0, 90.0, op="input", months=dates)
    assert [when(stated, row, TIMELINE) for row in (0, 1)] == ["2026-06", "2028-02"]
    table = leaf("market.btc_price_usd.csv", 1.0, 2.0, 3.0, 4.0, op="input")
    assert when(table, 0, TIMELINE) == "2027-01", "a table of a month more is no series of points in time"


def test_a_single_row_counts_in_every_row() -> None:
    assert element(leaf("x_usd", 5.0), 7) == 5.0
    assert element(np.array([[1.0], [2.0]]), 1) == 2.0
    assert (is_series(2.0), is_series(leaf("x_usd", 1.0, 2.0))) == (False, True)
