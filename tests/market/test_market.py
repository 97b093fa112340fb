"""What hash rate is paid: given directly, or from price, network, subsidy and fees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.figures import quantities
from minecalc.loading import ScenarioError
from minecalc.market import MarketOverTime, over_time_of
from minecalc.market.bitcoin import network_hash_rate_eh_per_s
from minecalc.reference.snapshot import defaults
from minecalc.scenario.varying import vary
from minecalc.timeline import Timeline
from tests.by_hand import MINER, Data, compared, line, run


def market(start: str = "2027-01", months: int = 6, **keys: Any) -> MarketOverTime:
    return compared({"it": MINER}, market=keys, start=start, months=months).plans["it"].engine.market


def test_hash_price_is_144_blocks_over_the_network_times_the_price() -> None:
    # 144,000 PH/s share 144 blocks of 4 BTC: 0.004 BTC per PH/s and day, at 10,000 USD
    found = market(network_hash_rate_eh_per_s=144, fee_btc_per_block=0.875, btc_price_usd=10_000)
    assert found.hash_price_usd_per_ph_per_day[:, 0] == pytest.approx([40] * 6)


def test_price_network_and_fees_are_values_over_time() -> None:
    found = market(
        btc_price_usd={"steps": {"2027-01": 10_000, "2027-04": 20_000}},
        network_hash_rate_eh_per_s={"points": {"2027-01": 144, "2027-06": 288}},
        fee_btc_per_block={"steps": {"2027-01": 0.875, "2027-06": 4.875}},
    )
    network = [144, 172.8, 201.6, 230.4, 259.2, 288]
    wanted = [
        144 * reward * price / (1000 * eh)
        for reward, price, eh in zip([4, 4, 4, 4, 4, 8], [1e4, 1e4, 1e4, 2e4, 2e4, 2e4], network, strict=True)
    ]
    assert found.hash_price_usd_per_ph_per_day[:, 0] == pytest.approx(wanted)


def test_difficulty_stands_for_the_hash_rate_it_implies() -> None:
    difficulty = 1.2e14
    implied = network_hash_rate_eh_per_s(difficulty)
    by_difficulty = market(network_difficulty=difficulty).hash_price_usd_per_ph_per_day
    by_hash_rate = market(network_hash_rate_eh_per_s=implied).hash_price_usd_per_ph_per_day
    assert np.array_equal(by_difficulty, by_hash_rate)


def test_a_fee_fraction_halves_with_the_subsidy_and_a_fee_in_btc_does_not() -> None:
    around: Data = {"start": "2028-03", "months": 3}
    fraction = market(fee_fraction=0.1, **around).block_reward_btc[:, 0]
    assert fraction[[0, 2]] == pytest.approx([3.125 * 1.1, 1.5625 * 1.1])
    in_btc = market(fee_btc_per_block=0.2, **around).block_reward_btc[:, 0]
    assert in_btc[[0, 2]] == pytest.approx([3.325, 1.7625])


def test_a_hash_price_given_directly_replaces_the_rest() -> None:
    plan = run(MINER, months=2)
    assert line(plan, "mining_revenue_usd") == pytest.approx([31 * 20_000, 28 * 20_000])
    mined = quantities(plan)["btc_mined"]
    assert mined.number() is None
    assert mined.reason() == "the hash price is given without a price of bitcoin"


def test_the_implied_hash_price_can_be_scaled_without_being_given() -> None:
    scenario = compared({"it": MINER}, market={}, months=2).scenario
    base = MarketOverTime(scenario.market, scenario.timeline)
    scaled = vary(scenario, {"market.hash_price_usd_per_ph_per_day.scale": np.array([1.0, 2.0])})
    path = MarketOverTime(scaled.market, scaled.timeline)
    assert path.hash_price_usd_per_ph_per_day == pytest.approx(base.hash_price_usd_per_ph_per_day * [1, 2])
    assert path.btc_per_ph_per_day is not None
    assert base.btc_per_ph_per_day is not None
    assert np.array_equal(path.btc_per_ph_per_day, base.btc_per_ph_per_day)
    assert market(hash_price_usd_per_ph_per_day={"scale": 3}).hash_price_usd_per_ph_per_day[0] == pytest.approx(
        3 * market().hash_price_usd_per_ph_per_day[0]
    )


def test_a_market_asked_for_again_is_the_same_and_another_market_or_calendar_is_not() -> None:
    scenario = compared({"it": MINER}, market={}, months=2).scenario
    dearer = vary(scenario, {"market.btc_price_usd.scale": 2.0})
    base = over_time_of(scenario.market, scenario.timeline)
    assert over_time_of(scenario.market, scenario.timeline) is base
    twice = over_time_of(dearer.market, scenario.timeline).hash_price_usd_per_ph_per_day
    assert twice == pytest.approx(2 * base.hash_price_usd_per_ph_per_day)
    assert over_time_of(scenario.market, Timeline(scenario.timeline.start, 7)).timeline.months == 7
    assert over_time_of(scenario.market, scenario.timeline).timeline is scenario.timeline


def test_what_is_not_given_is_the_dated_snapshot() -> None:
    found = market()
    for name in ("btc_price_usd", "network_hash_rate_eh_per_s"):
        record = defaults()[f"market.{name}"]
        assert getattr(found, name).tolist() == [[record.value]]
        assert record.as_of
        assert record.source
    assert found.block_reward_btc[0, 0] == 3.125 + defaults()["market.fee_btc_per_block"].value


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"network_difficulty": 1e14, "network_hash_rate_eh_per_s": 900}, "network_difficulty stands beside"),
        ({"fee_fraction": 0.1, "fee_btc_per_block": 0.1}, "fee_fraction stands beside"),
        (
            {"hash_price_usd_per_ph_per_day": 38, "btc_price_usd": 6e4},
            "btc_price_usd stands beside hash_price_usd_per_ph_per_day",
        ),
        (
            {"hash_price_usd_per_ph_per_day": 38, "network_difficulty": 1e14},
            "network_difficulty stands beside hash_price_usd_per_ph_per_day",
        ),
        ({"network_hash_rate_eh_per_s": 0.9}, "more than the network's 0.9 EH/s"),
    ],
)
def test_what_contradicts_itself_is_refused(keys: Data, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        market(**keys)
