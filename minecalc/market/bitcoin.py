"""The Bitcoin protocol's arithmetic: subsidy, halvings, difficulty and expected output.

Sources: consensus rules for the subsidy (50 BTC shifted right once per 210,000 blocks, in satoshi) and difficulty
(expected hashes per block = difficulty x 2^32); block 840,000 at 2024-04-20 00:09:27 UTC and the other past halvings
from block headers; the anchor is the start of difficulty epoch 473, block 953,568, about 2026-06-13 23:11 UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.timeline import Timeline
from minecalc.units import HASHES_PER_EH, HOURS_PER_DAY, PH_PER_EH

BLOCKS_PER_DAY = 144.0
BLOCK_SECONDS = 600.0
HALVING_BLOCKS = 210_000
SATOSHI_PER_BTC = 100_000_000
HASHES_PER_DIFFICULTY = 2.0**32
LAST_HALVING = 64

#: A block whose time is known, from which future heights count at 144 blocks a day.
ANCHOR_HEIGHT = 953_568
ANCHOR_TIME = datetime(2026, 6, 13, 23, 11, tzinfo=UTC)

#: When the halvings so far happened (block header times, UTC).
PAST_HALVINGS = (
    datetime(2012, 11, 28, 15, 24, 38, tzinfo=UTC),
    datetime(2016, 7, 9, 16, 46, 13, tzinfo=UTC),
    datetime(2020, 5, 11, 19, 23, 43, tzinfo=UTC),
    datetime(2024, 4, 20, 0, 9, 27, tzinfo=UTC),
)

Amount = TypeVar("Amount", float, FloatArray)


def subsidy_satoshi(height: int) -> int:
    """The block subsidy at ``height`` in satoshi: 50 BTC >> (height // 210,000)."""
    halvings = height // HALVING_BLOCKS
    return 0 if halvings >= LAST_HALVING else (50 * SATOSHI_PER_BTC) >> halvings


def halving_time(halving: int) -> datetime:
    """When halving number ``halving`` (1 = block 210,000) happened, or is expected from the anchor."""
    if halving <= len(PAST_HALVINGS):
        return PAST_HALVINGS[halving - 1]
    return ANCHOR_TIME + timedelta(days=(halving * HALVING_BLOCKS - ANCHOR_HEIGHT) / BLOCKS_PER_DAY)


@lru_cache(maxsize=64)
def monthly_subsidy_btc(start: int, months: int) -> FloatArray:
    """Mean block subsidy of each month, BTC, shape ``(months, 1)``; a month with a halving is split by time.

    ``start`` is the calendar month (months since year 0) of the first.
    """
    timeline = Timeline(start, months)
    subsidy = np.empty((months, 1))
    halving = 0
    for k in range(1, months + 1):
        begins, ends = timeline.begins(k), timeline.begins(k + 1)
        while halving < LAST_HALVING and halving_time(halving + 1) <= begins:
            halving += 1
        before = subsidy_satoshi(halving * HALVING_BLOCKS) / SATOSHI_PER_BTC
        after = subsidy_satoshi((halving + 1) * HALVING_BLOCKS) / SATOSHI_PER_BTC
        boundary = min(halving_time(halving + 1), ends) if halving < LAST_HALVING else ends
        share_before = (boundary - begins) / (ends - begins)
        subsidy[k - 1] = before * share_before + after * (1.0 - share_before) if share_before < 1.0 else before
    subsidy.flags.writeable = False
    return subsidy


def network_hash_rate_eh_per_s(difficulty: Amount) -> Amount:
    """Hash rate that finds a block every 600 s at ``difficulty``: D x 2^32 / 600, in EH/s."""
    return difficulty * (HASHES_PER_DIFFICULTY / BLOCK_SECONDS / HASHES_PER_EH)


def btc_per_ph_per_day(block_reward_btc: Amount, network_eh_per_s: Amount) -> Amount:
    """Expected BTC a day of 1 PH/s: 144 x (subsidy + fees) / network, before pool fee and downtime.

    The same as Luxor's definition 1e15 x 86,400 x reward / (difficulty x 2^32).
    """
    return block_reward_btc * BLOCKS_PER_DAY / (network_eh_per_s * PH_PER_EH)


def hash_cost_usd_per_ph_per_day(joules_per_th: Amount, pue: Amount, usd_per_kwh: Amount) -> Amount:
    """What the power of 1 PH/s costs a day: 24 x J/TH x PUE x price, as 1 PH/s at j J/TH draws j kW at the wall."""
    return HOURS_PER_DAY * joules_per_th * pue * usd_per_kwh


def break_even_usd_per_kwh(hash_price: Amount, pool_fee: Amount, joules_per_th: Amount, pue: Amount) -> Amount:
    """The price of power at which a machine earns it back: hash price x (1 - pool fee) / (24 x J/TH x PUE).

    The hash price is in USD per PH/s a day. VanEck's and CoinShares' figures agree with it.
    """
    return hash_price * (1.0 - pool_fee) / (HOURS_PER_DAY * joules_per_th * pue)


def shutdown_btc_price_usd(hash_cost: Amount, btc_per_ph_a_day: Amount, pool_fee: Amount) -> Amount:
    """The price of bitcoin at which a machine earns its power back; it is also what the power of one BTC kept costs.

    Hash cost in USD over the BTC that the same 1 PH/s earns a day, net of the pool's fee; AntPool's table of machines
    follows it.
    """
    return hash_cost / (btc_per_ph_a_day * (1.0 - pool_fee))
