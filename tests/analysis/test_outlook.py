"""The market at the horizon: means that are exact, percentiles of the paths, and what bitcoin held is worth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecalc.analysis.outlook import Outlook, data, last_market, notes, of_paths, outlook
from minecalc.engine import Engine
from minecalc.looks import sentence
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.statistics.sampling import Sampling
from tests.simulation.drawing import HASH_PRICE, NETWORK, PRICE, Data, only, world


def found(block: Data | None = None, blocks: int = 8, **more: object) -> Outlook | None:
    drawn = world(block, **more)  # type: ignore[arg-type]
    last = []
    for number in range(blocks):
        paths = drawn.paths(number)
        last.append(of_paths(last_market(Engine(paths.scenario).market), BLOCK_PATHS, paths.impossible))
    return outlook(drawn, np.concatenate(last, axis=1), Sampling("independent", blocks * BLOCK_PATHS))


def test_bitcoin_held_is_worth_its_price_at_the_scenarios_rate_at_most() -> None:
    """Of a flat price, its mean: 1 / (1 + rate) to the power of the years; of one that grows at the rate about 1."""
    flat = found(months=120)
    assert flat is not None
    assert flat.held_ratio == pytest.approx((1.0 + flat.rate) ** -10.0)
    assert flat.rate >= 0.0
    assert flat.drift_used == 0.0
    growing: Data = {PRICE: {"start": 63_001, "growth_fraction_per_year": 0.05}}
    more = found(months=120, market=growing)
    assert more is not None
    assert more.held_ratio == pytest.approx(1.05 ** (119 / 12) / (1.0 + more.rate) ** 10.0)
    assert more.drift_used == pytest.approx(0.05)
    median = found({PRICE: {"path_is": "median", "passing_fraction": 0}}, months=120)
    assert median is not None
    assert median.held_ratio == pytest.approx(math.exp(0.65**2 * 10 / 2) / (1.0 + median.rate) ** 10.0)
    assert [note.kind for note in notes(median)] == ["plain", "warning"]
    assert [note.kind for note in notes(flat)] == ["plain", "plain"]


def test_percentiles_are_of_the_paths_and_means_are_exact() -> None:
    it = found(only(btc_price_usd={"passing_fraction": 0}, network_hash_rate_eh_per_s="fixed"))
    assert it is not None
    price = it.prices[PRICE]
    spread = 0.65 * math.sqrt(3.0)
    assert price["mean"].number == pytest.approx(63_001)
    assert price["mean"].error == 0.0
    for key, normal in (("median", 0.0), ("p5", -1.6449), ("p95", 1.6449)):
        estimate = price[key]
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < 63_001 * math.exp(-0.5 * spread**2 + normal * spread) < estimate.high, key
    hash_price = it.prices[HASH_PRICE]
    own = Engine(world(None).given).market.hash_price_usd_per_ph_per_day[-1, 0]
    assert hash_price["mean"].number == pytest.approx(own)


def test_it_is_told_in_two_lines_and_in_json() -> None:
    it = found()
    first, second = (sentence(note.text) for note in notes(it))
    assert first.startswith("In 2029-12 the price of bitcoin is $63,001 on average, $")
    assert "; the hash price is $" in first
    assert second.startswith("The mean price of bitcoin grows by 0% a year, as the scenario says; history")
    assert "44.2% ± 21.4% a year from 2014-10 to 2026-06" in second
    tree = data(it)
    assert tree is not None
    assert set(tree) == {"month", PRICE, HASH_PRICE, "held_bitcoin_value_ratio", "drift"}
    assert set(tree[PRICE]) == {"mean", "median", "p5", "p95", "standard_errors"}
    assert tree["drift"]["used_fraction_per_year"] == 0.0


def test_a_hash_price_of_its_own_has_no_bitcoin_and_no_mine_no_market() -> None:
    given = found(market={HASH_PRICE: 40})
    assert given is not None
    assert (set(given.prices), given.held_ratio) == ({HASH_PRICE}, None)
    assert len(list(notes(given))) == 1
    lease: Data = {"lease": {"kind": "colocation", "rent_usd_per_kw_per_month": 130, "capex_usd_per_critical_mw": 8e6}}
    without = world(None, plans=lease)
    assert outlook(without, np.full((2, BLOCK_PATHS), np.nan), Sampling("independent", BLOCK_PATHS)) is None
    assert data(None) is None
    assert list(notes(None)) == []


def test_a_drawn_price_today_has_no_exact_mean() -> None:
    uniform = {"distribution": "uniform", "low": 50_000, "high": 70_000}
    it = found(only(network_hash_rate_eh_per_s="fixed", inputs={f"market.{PRICE}": uniform}))
    assert it is not None
    mean = it.prices[PRICE]["mean"]
    assert mean.error != 0.0
    assert mean.number == pytest.approx(60_000, rel=0.02)
    assert NETWORK not in it.prices
