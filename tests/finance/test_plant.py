"""Book value falls in a straight line from the month of service, and all of a cost is worn or written off."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.finance.statements import Part, Worn, worn

MONTHS = np.arange(1.0, 9.0)[:, None]


def by_month(values: FloatArray) -> list[float]:
    """The only case, without rounding."""
    return [round(float(value), 9) for value in values[:, 0]]


def lost(**part: float) -> tuple[list[float], list[float]]:
    """Depreciation and write-off by month of what costs 60, of eight months."""
    found = worn(Part(60.0, **part), MONTHS)
    return by_month(found.depreciation_usd), by_month(found.written_off_usd)


def test_it_is_worn_over_its_life() -> None:
    assert lost(service=3, ends=9, life_months=4) == ([0, 0, 15, 15, 15, 15, 0, 0], [0] * 8)


def test_what_is_left_is_written_off_when_it_leaves_at_the_start_of_a_month() -> None:
    """In service for April and May: 20 of 60 are worn when June begins."""
    assert lost(service=4, ends=6, life_months=6) == ([0, 0, 0, 10, 10, 0, 0, 0], [0, 0, 0, 0, 0, 40, 0, 0])


@pytest.mark.parametrize("ends", [9, 30])
def test_what_lasts_to_the_horizon_leaves_there_after_its_last_month(ends: int) -> None:
    assert lost(service=7, ends=ends, life_months=6) == ([0] * 6 + [10, 10], [0] * 7 + [40])


def test_a_building_that_is_not_ready_in_time_is_written_off_whole() -> None:
    assert lost(service=12, ends=9, life_months=468) == ([0] * 8, [0] * 7 + [60])


def test_what_leaves_before_it_serves_is_written_off_whole() -> None:
    assert lost(service=3, ends=3, life_months=6) == ([0] * 8, [0, 0, 60, 0, 0, 0, 0, 0])


def test_what_was_gone_before_the_first_month_is_of_the_first() -> None:
    assert lost(service=1, ends=0, life_months=6)[1] == [60, 0, 0, 0, 0, 0, 0, 0]


def test_many_are_each_alone_to_the_bit_and_lose_what_they_cost() -> None:
    dice = np.random.default_rng(7)
    cost = dice.uniform(1, 100, 50)
    service, life = (dice.integers(1, most, 50).astype(np.float64) for most in (12, 15))
    ends = service + dice.integers(0, 9, 50).astype(np.float64)
    together = worn(Part(cost, service, ends, life), MONTHS)
    for case in range(50):
        alone = worn(Part(*(column[case : case + 1] for column in (cost, service, ends, life))), MONTHS)
        for one, many in zip(alone, together, strict=True):
            assert np.array_equal(one[:, 0], many[:, case])
    whole = Worn(*(values.sum(axis=0) for values in together))
    assert whole.depreciation_usd + whole.written_off_usd == pytest.approx(cost, rel=1e-14)
