"""Axes begin, end and are marked at round numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.reports._axes import linear, logarithmic, of_bins


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 10.0, [0, 2, 4, 6, 8, 10]),
        (-1e6, 1e6, [-1e6, -5e5, 0, 5e5, 1e6]),
        (10.3e6, 117e6, [0, 20e6, 40e6, 60e6, 80e6, 100e6, 120e6]),
        (-130e6, 165e6, [-150e6, -100e6, -50e6, 0, 50e6, 100e6, 150e6, 200e6]),
        (61.0e6, 61.4e6, [61.0e6, 61.1e6, 61.2e6, 61.3e6, 61.4e6]),
    ],
)
def test_ticks_are_a_round_step_apart_and_fall_on_rows(low: float, high: float, ticks: list[float]) -> None:
    axis = linear(low, high, "usd")
    assert axis.ticks == pytest.approx(ticks)
    assert (axis.low, axis.high) == (axis.ticks[0], axis.ticks[-1])
    assert (axis.height - 1) % (len(ticks) - 1) == 0


def test_what_is_level_or_too_near_to_be_told_apart_has_its_own_ends() -> None:
    assert linear(5.0, 5.0, "mw").ticks == (5.0,)
    assert linear(1e9, 1e9 + 1, "usd").ticks == (1e9, 1e9 + 0.5, 1e9 + 1)
    assert logarithmic(7.0, 7.0).ticks == (7.0,)


@pytest.mark.parametrize(
    ("low", "high", "ends", "ticks"),
    [
        (1.0, 10_000.0, (1, 10_000), [1, 10, 100, 1000, 10_000]),
        (15_000.0, 600_000.0, (10_000, 1_000_000), [10_000, 100_000, 1_000_000]),
        (3.0, 3000.0, (2, 5000), [2, 10, 100, 1000, 5000]),
        (3e-5, 3e7, (2e-5, 5e7), [2e-5, 1e-4, 1e-2, 1, 100, 1e4, 1e6, 5e7]),
        (30.0, 90.0, (20, 100), [20, 50, 100]),
    ],
)
def test_a_logarithmic_axis_has_powers_of_ten_and_its_ends(
    low: float, high: float, ends: tuple[float, float], ticks: list[float]
) -> None:
    axis = logarithmic(low, high)
    assert (axis.low, axis.high) == ends
    assert axis.ticks == ticks


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_an_axis_holds_all_that_it_is_for(one: float, other: float) -> None:
    low, high = sorted((one, other))
    axis = linear(low, high, "usd")
    assert -math.inf < axis.low <= low <= high <= axis.high < math.inf
    assert 1 <= len(axis.ticks) <= 8
    assert 9 <= axis.height <= 15
    if low > 0.0:
        axis = logarithmic(low, high)
        assert 0.0 < axis.low <= low <= high <= axis.high < math.inf
        assert 1 <= len(axis.ticks) <= 8


@pytest.mark.parametrize(
    ("low", "width", "bins", "most", "ticks"),
    [
        (-100e6, 10e6, 20, 8, [-100e6, -50e6, 0, 50e6, 100e6]),
        (-60e6, 10e6, 12, 8, [-60e6, -40e6, -20e6, 0, 20e6, 40e6, 60e6]),
        (-7.5, 2.5, 7, 8, [-7.5, -5, -2.5, 0, 2.5, 5, 7.5, 10]),
        (0.3, 0.1, 4, 8, [0.3, 0.4, 0.5, 0.6, 0.7]),
        (-7.5, 2.5, 10, 8, []),
        (-35, 7, 7, 9, []),
    ],
)
def test_bins_are_marked_at_round_edges(low: float, width: float, bins: int, most: int, ticks: list[float]) -> None:
    assert of_bins(low, width, bins, most) == pytest.approx(ticks)
