"""Formulas as text, on small traces whose wording can be read off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.explain.formulas import Formula, Writer, element, number, resolved, short_name, unit
from minecalc.arrays import accumulate, added, as_row, at_month, at_points, last_largest, lump, running_total, truth
from minecalc.timeline import Timeline, parse_month
from minecalc.trace import Traced, named, recorded

TIMELINE = Timeline(parse_month("2027-01"), 3)


def leaf(name: str, *rows: float, op: str = "input") -> Any:
    return Traced(np.array(rows)[:, None] if len(rows) > 1 else np.array(rows[0]), op, name=name)


def written(step: Any, row: int | None = None) -> Formula:
    return Writer(TIMELINE, short_name).formula(step, row)


A, B = leaf("site.a_usd", 4.0), leaf("market.b_ratio", 2.0)
C = leaf("plans.lease.c_usd", 1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("step", "names", "numbers"),
    [
        (A + B * 3.0, "a_usd + b_ratio × 3", "$4 + 2 × 3"),
        ((A + B) * 3.0, "(a_usd + b_ratio) × 3", "($4 + 2) × 3"),
        (A - (B - 1.0), "a_usd − (b_ratio − 1)", "$4 − (2 − 1)"),
        (A / (B * 2.0), "a_usd / (b_ratio × 2)", "$4 / (2 × 2)"),
        ((1.0 + A) ** -B, "(1 + a_usd)^(−b_ratio)", "(1 + $4)^(−2)"),
        (0.0 - A, "−a_usd", "−$4"),
        (A * 1.0 + np.zeros((1, 1)), "a_usd", "$4"),
        (np.maximum(A, B) - A, "max(a_usd, b_ratio) − a_usd", "max($4, 2) − $4"),
        ((A >= 2.0) & ~(B < 1.0), "a_usd ≥ 2 and not b_ratio < 1", "$4 ≥ 2 and not 2 < 1"),
        (np.where(A > B, A * 2.0, 0.0), "a_usd × 2 if a_usd > b_ratio, else 0", "$4 × 2"),
        (np.where(A < B, A * 2.0, B), "a_usd × 2 if a_usd < b_ratio, else b_ratio", "2"),
        (A / np.where(B > 0.0, B, 1.0), "a_usd / b_ratio", "$4 / 2"),
        (np.where(np.array([True]), A, np.nan), "a_usd", "$4"),
        (A + -1.0, "a_usd − 1", "$4 − 1"),
        (truth(A > 1.0) * as_row(B), "(a_usd > 1) × b_ratio", "($4 > 1) × 2"),
    ],
)
def test_a_calculation_reads_as_it_is(step: Any, names: str, numbers: str) -> None:
    assert written(step)[:2] == (names, numbers)


def test_parts_are_the_named_quantities_once() -> None:
    half = named("half_usd", A / 2.0)
    assert [part.step for part in written(half + B + half).parts] == [half, B]


def test_over_time() -> None:
    total: Any = accumulate(C * B)
    assert written(total) == ("the sum of (c_usd × b_ratio) over time", "$2 + $4 + $6", ((C, None), (B, None)))
    so_far: Any = running_total(C)
    so_far.name = "so_far_usd"
    assert written(so_far, 2)[:2] == ("its value of the month before + c_usd", "$3 + $3")
    assert written(at_month(C, B))[:2] == ("c_usd of month b_ratio", "$2")
    assert written(at_month(C, 3.0))[:2] == ("c_usd", "$3")
    paid: Any = lump(3, B, A)
    assert written(paid, 1)[:2] == ("a_usd in month b_ratio, else 0", "$4")
    assert written(paid, 0).numbers == "0"
    assert written(last_largest(C)).names == "the month in which c_usd is largest, the last of equals"


def test_money_at_points_in_time_shows_what_is_due_then() -> None:
    early, late = named("build_usd", C * -1.0), named("rent_usd", C * 2.0)
    flow = at_points(3, [True, False], early, late)
    assert written(flow, 1)[:2] == ("build_usd@2027-02 + rent_usd", "−$2 + $2")
    assert written(flow, 3)[:2] == ("rent_usd", "$6")
    both: Any = added(3, early, late, np.zeros((3, 1)))
    assert written(both, 1)[:2] == ("build_usd + rent_usd", "−$2 + $4")


def test_dates_and_months() -> None:
    ready = leaf("plans.lease.conversion.ready", float(parse_month("2027-03")), op="date")
    month = named("ready_month", recorded("number_of_month", np.array(3.0), ready, TIMELINE.start))
    assert written(month)[:2] == ("month_number(conversion.ready)", "3")
    assert number(element(ready, None), ready) == "2027-03"
    writer = Writer(TIMELINE, short_name)
    assert [writer.when(C, row) for row in (0, 2, None)] == ["2027-01", "2027-03", ""]
    points = leaf("net_usd", 0.0, 1.0, 2.0, 3.0, op="constant")
    assert [writer.when(points, row) for row in (0, 3)] == ["today", "2027-03"]
    assert writer.when(leaf("term_ratio", 1.0, 2.0, op="constant"), 1) == "month 2 of the term"
    assert writer.when(leaf("value_by_stop_usd", 1.0, 2.0, 3.0, 4.0, op="constant"), 0) == "stop in 2027-01"


def test_long_sums_are_told_by_year() -> None:
    long = Timeline(parse_month("2027-01"), 24)
    flows = leaf("net_usd", *([10.0] * 24))
    total: Any = accumulate(flows * B)
    formula = Writer(long, short_name).formula(total, None)
    assert formula.numbers == "by year, from 2027-01: $240; 2028-01: $240"


def test_what_is_looked_for_is_told_in_words() -> None:
    rate = recorded("irr", np.array([0.1]), C)
    assert written(rate)[:2] == ("the rate r a year at which the sum of c_usd × (1 + r)^(−months/12) is zero", "")


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
        (1_234_567.0, "btc_mined", "1,234,570"),
    ],
)
def test_numbers_have_six_digits_and_their_unit(value: float, name: str, text: str) -> None:
    assert number(value, leaf(name, value)) == text


def test_names_and_units_of_inputs() -> None:
    path = 'plans."a b".uses.hall.contract.value_usd'
    assert (short_name(leaf(path, 1.0)), unit(leaf(path, 1.0))) == ("contract.value_usd", "usd")
    assert short_name(leaf("discount_rate_fraction_per_year", 1.0)) == "discount_rate_fraction_per_year"
    assert unit(leaf("market.btc_price_usd.scale", 1.0)) is None


def test_resolving_goes_through_shapes_and_rows() -> None:
    assert resolved(C[1:], 0) == (C, 1)
    assert resolved(as_row(A), 2)[0] is A
    joined: Any = np.concatenate([np.zeros((1, 1)), C])
    assert resolved(joined, 2) == (C, 1)
