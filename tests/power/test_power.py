"""What a load pays for power that always runs, and one that is off where running is worth less than its power."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.power import PowerPrice
from minecalc.series.sorted_hours import Curve, HourlyPrice, MonthOfFile, SortedHours
from tests.made_up_hours import looped

PRICE = PowerPrice(np.array([[0.05], [0.10], [0.20], [-0.01]]))
ENERGY = np.full((4, 1), 10.0)

#: What all hours of a month bring, so that the part of those in which a load runs is their share.
ALL_HOURS = np.ones((4, 1))


def test_a_firm_load_pays_the_mean_price_of_its_energy() -> None:
    assert PRICE.cost_usd(ENERGY)[:, 0].tolist() == pytest.approx([500.0, 1000.0, 2000.0, -100.0])


def test_an_interruptible_load_runs_where_that_is_worth_more_than_its_power() -> None:
    load = PRICE.interruptible(ENERGY, np.full((4, 1), 1000.0))
    assert load.margin_if_run_usd[:, 0].tolist() == pytest.approx([500.0, 0.0, -1000.0, 1100.0])
    assert load.runs[:, 0].tolist() == [True, False, False, True], "at a margin of nothing it is off"
    assert load.power_usd()[:, 0].tolist() == pytest.approx([-500.0, 0.0, 0.0, 100.0])
    assert load.saved_usd()[:, 0].tolist() == pytest.approx([0.0, 0.0, 1000.0, 0.0])
    assert load.in_hours_run(ENERGY)[:, 0].tolist() == [10.0, 0.0, 0.0, 10.0]


def test_a_load_that_is_shut_neither_runs_nor_saves() -> None:
    load = PRICE.interruptible(ENERGY, np.full((4, 1), 1000.0)).shut_but_for(
        np.array([[True], [True], [False], [False]])
    )
    assert load.in_hours_run(ENERGY)[:, 0].tolist() == [10.0, 0.0, 0.0, 0.0]
    assert load.power_usd()[:, 0].tolist() == pytest.approx([-500.0, 0.0, 0.0, 0.0])
    assert load.saved_usd()[:, 0].tolist() == [0.0, 0.0, 0.0, 0.0], "in the third month there is nothing to keep off"


def test_what_is_earned_and_saved_is_the_margin_of_a_load_that_chooses() -> None:
    worth = np.random.default_rng(1).uniform(-500.0, 3000.0, (4, 50))
    load = PRICE.interruptible(ENERGY, worth)
    chosen = load.in_hours_run(worth) + load.power_usd()
    assert chosen == pytest.approx(load.margin_if_run_usd + load.saved_usd())
    assert chosen == pytest.approx(np.maximum(load.margin_if_run_usd, 0.0))


def hourly(prices: FloatArray, scale: float = 1.0, adder: float = 0.0) -> PowerPrice:
    """Four months of the same hours (USD per kWh)."""
    year = SortedHours.of(
        "made up", "made up", {MonthOfFile(None, m): Curve(prices, np.ones(len(prices))) for m in range(12)}
    )
    price = HourlyPrice(year, year.rows(0, 4), np.full((1, 1), scale), np.full((1, 1), adder))
    return PowerPrice(None, price)


def test_one_price_by_the_hour_is_one_price_a_month() -> None:
    worth = np.random.default_rng(1).uniform(-500.0, 3000.0, (4, 50))
    one, many = PowerPrice(np.full((4, 1), 0.1)), hourly(np.full(744, 0.1))
    for load, other in ((one.interruptible(ENERGY, worth), many.interruptible(ENERGY, worth)),):
        assert (load.runs == other.runs).all()
        assert (load.unpaid == other.unpaid).all()
        for of in ("power_usd", "saved_usd"):
            assert getattr(other, of)() == pytest.approx(getattr(load, of)(), rel=1e-12, abs=1e-9)
        assert other.in_hours_run(ALL_HOURS) == pytest.approx(load.in_hours_run(ALL_HOURS), rel=1e-12)
        assert other.in_hours_run(worth) == pytest.approx(load.in_hours_run(worth))


def test_a_load_that_chooses_its_hours_asks_for_no_mean_of_them() -> None:
    price = hourly(np.array([0.01, 0.09]))
    load = price.interruptible(ENERGY, ENERGY * 50.0)
    assert load.in_hours_run(ALL_HOURS).tolist() == [[0.5]] * 4
    assert load.power_usd() == pytest.approx(ENERGY * -0.5 * 10.0)
    assert "average_usd_per_kwh" not in vars(price)
    assert price.average_usd_per_kwh == pytest.approx(np.full((4, 1), 0.05))


def test_a_load_by_the_hour_is_the_loop_over_its_hours() -> None:
    prices = np.round(np.random.default_rng(5).normal(0.04, 0.03, 744), 4)
    worth = np.random.default_rng(6).uniform(-500.0, 3000.0, (4, 50))
    load = hourly(prices, 1.3, 0.012).interruptible(ENERGY, worth)
    for month, case in ((0, 0), (1, 7), (3, 49)):
        loop = looped((1000.0 * prices).tolist(), 1.3, 12.0, worth[month, case] / 10.0)
        assert load.in_hours_run(ALL_HOURS)[month, case] == pytest.approx(loop.fraction, rel=1e-12)
        assert load.power_usd()[month, case] == pytest.approx(-10.0 * loop.paid_usd_per_mwh, rel=1e-12, abs=1e-9)
        margin = worth[month, case] * loop.fraction - 10.0 * loop.paid_usd_per_mwh
        without = worth[month, case] - 10.0 * loop.mean_usd_per_mwh
        assert load.saved_usd()[month, case] == pytest.approx(margin - without, rel=1e-11, abs=1e-9)
        assert load.margin_if_run_usd[month, case] == pytest.approx(without, rel=1e-11)


def test_a_load_by_the_hour_that_is_shut_neither_runs_nor_saves() -> None:
    load = hourly(np.linspace(0.0, 0.2, 100)).interruptible(ENERGY, np.full((4, 1), 1000.0))
    shut = load.shut_but_for(np.array([[True], [True], [False], [False]]))
    assert shut.in_hours_run(ALL_HOURS)[:, 0].tolist() == [0.5, 0.5, 0.0, 0.0]
    assert shut.power_usd()[2:, 0].tolist() == [0.0, 0.0]
    assert shut.saved_usd()[2:, 0].tolist() == [0.0, 0.0]
    assert load.saved_usd()[0, 0] > 0.0
    never = hourly(np.linspace(0.0, 0.2, 100)).interruptible(ENERGY, np.zeros((4, 1)))
    assert never.unpaid.all()


def test_the_hours_below_a_limit_are_what_loads_of_several_profiles_are_made_of() -> None:
    """The better of two profiles in each hour, by the breakpoint between them, is the best by a loop."""
    prices = np.round(np.random.default_rng(8).normal(0.05, 0.04, 744), 4)
    market, (low, high) = hourly(prices).hourly, ((70.0, 0.58), (100.0, 1.0))
    assert market is not None
    parting = np.array([[(high[0] - low[0]) / (high[1] - low[1])]])
    both, all_on = market.below(np.array([[low[0] / low[1]]]) / 1000.0), market.below(parting / 1000.0)
    worth = all_on.hours_fraction * high[0] + (both.hours_fraction - all_on.hours_fraction) * low[0]
    cost = 1000.0 * (all_on.usd_per_kwh * high[1] + (both.usd_per_kwh - all_on.usd_per_kwh) * low[1])
    best = [max(0.0, *(hash_ - power * 1000.0 * price for hash_, power in (low, high))) for price in prices]
    assert (worth - cost)[0, 0] == pytest.approx(np.mean(best), rel=1e-12)


def test_below_a_limit_where_a_month_has_one_price() -> None:
    assert PRICE.fraction_below(np.array([[60.0]]))[:, 0].tolist() == [1.0, 0.0, 0.0, 1.0]
