"""The shipped history, what was expected at its months, and that nothing of it comes from later."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE, VARIABLES, History, shipped_history
from minecalc.timeline import parse_month
from tests.analysis.backtest.made_up import START, history, walks


def number(month: str) -> int:
    return parse_month(month) - shipped_history().start


def test_it_is_the_shipped_months() -> None:
    found = shipped_history()
    assert (found.label(0), found.label(found.months - 1), found.months) == ("2014-10", "2026-06", 141)
    price, network, _ = np.exp(found.logs[:, -1])
    assert price == pytest.approx(63001.16)
    assert network == pytest.approx(1.35348e14 * 2**32 / 600 / 1e18)


@pytest.mark.parametrize(
    ("year", "mean"), [(2018, 490), (2020, 107), (2022, 122), (2023, 69.9), (2024, 60.4), (2025, 50.2)]
)
def test_the_hash_price_has_the_yearly_means_of_daily_data(year: int, mean: float) -> None:
    """Means of daily hash prices from the subsidy alone, computed from daily closes and every difficulty epoch."""
    months = np.exp(shipped_history().logs[VARIABLES.index(HASH_PRICE)])
    first = number(f"{year}-01")
    assert np.mean(months[first : first + 12]) == pytest.approx(mean, rel=0.02)


def test_the_price_is_expected_to_stay_and_the_network_to_keep_half_its_growth_of_four_years() -> None:
    network = np.concatenate([np.full(20, 5.0), 5.0 + 0.02 * np.arange(1, 81)])
    it = history(np.linspace(0.0, 3.0, 100), network)
    month = 20 + 40 - 1  # four years of which 40 months grew by 0.02
    assert it.network_growth(month) == pytest.approx(0.5 * 0.02 * 40 / 48)
    price, expected, _ = it.expected(month, 3)
    assert price.tolist() == [it.logs[0, month]] * 3
    assert expected == pytest.approx(network[month] + it.network_growth(month) * np.array([1.0, 2.0, 3.0]))
    early = history(np.zeros(100), 0.01 * np.arange(100.0))
    assert early.network_growth(10) == pytest.approx(0.005), "with less than four years, what there is"


def test_a_halving_is_known_ahead() -> None:
    found = shipped_history()
    month = number("2024-01")
    hash_price = found.expected(month, 6)[VARIABLES.index(HASH_PRICE)]
    growth = found.network_growth(month)
    assert hash_price[4 - 1] - hash_price[2 - 1] == pytest.approx(-math.log(2.0) - 2.0 * growth)
    assert hash_price[2 - 1] - hash_price[1 - 1] == pytest.approx(-growth)


def test_nothing_that_is_expected_comes_from_later() -> None:
    it = walks()
    other = History(START, it.logs + np.where(np.arange(it.months) > 60, 1.0, 0.0))
    assert np.array_equal(it.expected(60, 24), other.expected(60, 24))
    assert np.array_equal(it.changes(60), other.changes(60))
    assert it.changes(60).shape == (2, 60)
    assert not np.array_equal(it.expected(61, 24), other.expected(61, 24))


def test_the_outcome_is_what_came_over_what_was_expected() -> None:
    it = walks()
    outcome = it.outcome(90, 24)
    assert outcome.shape == (3, 9), "the history ends nine months later"
    assert outcome == pytest.approx(it.logs[:, 91:] - it.expected(90, 24)[:, :9])
    at = VARIABLES.index
    found = shipped_history().outcome(60, 24)
    assert found[at(HASH_PRICE)] == pytest.approx(found[at(PRICE)] - found[at(NETWORK)])
