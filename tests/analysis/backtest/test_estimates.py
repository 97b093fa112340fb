"""Numbers from a window of the past: what they should be, and that they know nothing of later."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.backtest.estimates import MODELS, WINDOW_MONTHS, estimated, uncertainty
from minecalc.analysis.backtest.history import NETWORK, PRICE, History, shipped_history
from minecalc.arrays import FloatArray
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, BtcPrice, NetworkHashRate
from tests.analysis.backtest.made_up import START, history, walks

_HISTORIES, _STEPS = 400, 30


def averaged(volatility: float, seed: int) -> FloatArray:
    """Monthly means of random walks by 30 steps a month, ``(histories, months)``."""
    months = WINDOW_MONTHS + 1
    steps = np.random.default_rng(seed).standard_normal((_HISTORIES, months * _STEPS))
    walked = np.cumsum(steps, axis=1) * volatility / np.sqrt(12 * _STEPS)
    means: FloatArray = walked.reshape(_HISTORIES, months, _STEPS).mean(axis=2)
    return means


def test_volatility_is_that_of_what_the_monthly_means_are_the_means_of() -> None:
    factor = NetworkHashRate()
    lag, elasticity = int(factor.price_lag_months), float(factor.price_elasticity_ratio)
    price, own = averaged(0.6, 1), averaged(0.3, 2)
    network = own.copy()
    network[:, lag:] += elasticity * price[:, : price.shape[1] - lag]
    found = np.array([estimated(history(p, h), WINDOW_MONTHS) for p, h in zip(price, network, strict=True)])
    of_price, of_network, correlation = found.mean(axis=0)
    assert of_price == pytest.approx(0.6, rel=0.02)
    assert of_network == pytest.approx(0.3, rel=0.02)
    assert correlation == pytest.approx(0.0, abs=0.02)


def test_the_correlation_is_of_the_same_month() -> None:
    steps = np.random.default_rng(3).standard_normal((2, 4000))
    of_both = 0.6 * steps[0] + 0.8 * steps[1]
    lag, elasticity = int(NetworkHashRate().price_lag_months), float(NetworkHashRate().price_elasticity_ratio)
    of_both[lag:] += elasticity * steps[0, : 4000 - lag]
    found = [
        estimated(history(np.cumsum(steps[0, i : i + 80]), np.cumsum(of_both[i : i + 80])), 79)[2]
        for i in range(0, 4000 - 80, 80)
    ]
    assert np.mean(found) == pytest.approx(0.6, abs=0.03)


def test_only_the_window_before_the_month_counts() -> None:
    it, month = walks(), 90
    outside = np.where((np.arange(it.months) > month) | (np.arange(it.months) < month - WINDOW_MONTHS), 1.0, 0.0)
    other = History(START, it.logs + outside * np.sin(np.arange(it.months)))
    assert estimated(it, month) == estimated(other, month)
    assert estimated(it, month + 1) != estimated(other, month + 1)
    for model in MODELS:
        assert uncertainty(model, "known then", it, month) == uncertainty(model, "known then", other, month)


def test_shipped_numbers_are_those_by_default() -> None:
    correlation = {PRICE: {NETWORK: DEFAULT_CORRELATIONS[PRICE, NETWORK][0]}}
    block = uncertainty("student_t", "shipped", walks(), 50)
    flat: dict[str, object] = {"path_is": "median"}
    factors = {PRICE: flat | {"model": "student_t"}, NETWORK: flat, "others": "fixed"}
    assert block == factors | {"correlations": correlation}
    bootstrap = uncertainty("bootstrap", "shipped", walks(), 50)
    assert bootstrap == factors | {PRICE: flat | {"model": "bootstrap"}}


def test_known_then_has_what_was_estimated_or_the_months_to_draw_from() -> None:
    it = walks()
    price, network, correlation = estimated(it, 50)
    block = uncertainty("gbm", "known then", it, 50)
    assert block[PRICE] == {"model": "gbm", "path_is": "median", "volatility_fraction_per_year": price}
    assert block[NETWORK] == {"path_is": "median", "volatility_fraction_per_year": network}
    assert block["correlations"] == {PRICE: {NETWORK: correlation}}
    early = uncertainty("bootstrap", "known then", it, 50)
    window = {"history_from": "2014-10", "history_to": it.label(50)}
    assert early[PRICE] == {"model": "bootstrap", "path_is": "median"} | window
    late = uncertainty("bootstrap", "known then", it, 90)
    assert late[PRICE]["history_from"] == it.label(90 - WINDOW_MONTHS)
    assert (late[NETWORK], "correlations" in late) == ({"path_is": "median"}, False)


def test_the_shipped_numbers_are_what_the_rule_gives_at_the_end_of_the_history() -> None:
    found = shipped_history()
    price, network, correlation = estimated(found, found.months - 1)
    assert BtcPrice().volatility_fraction_per_year == pytest.approx(price, abs=0.02)
    assert NetworkHashRate().volatility_fraction_per_year == pytest.approx(network, abs=0.02)
    assert DEFAULT_CORRELATIONS[PRICE, NETWORK][0] == pytest.approx(correlation, abs=0.05)
