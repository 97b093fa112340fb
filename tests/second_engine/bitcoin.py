"""What one EH/s earns in a month: halvings, fees, network, price (model, sections 3.1 and 4)."""

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from .paths import Timeline, Value, read_value

BTC_PRICE_USD = 63001
NETWORK_HASH_RATE_EH_PER_S = 969
FEE_BTC_PER_BLOCK = 0.019

SNAPSHOT_MONTH = (2026, 6)
HISTORY = Path(__file__).parents[2] / "minecalc" / "reference" / "bitcoin_monthly.csv"

BLOCKS_PER_DAY = 144
BLOCKS_PER_EPOCH = 210_000
ANCHOR_HEIGHT, ANCHOR_TIME = 953_568, datetime(2026, 6, 13, 23, 11, tzinfo=UTC)
EPOCH_STARTS = [  # the first block, then the halvings so far, block header times
    datetime(2009, 1, 3, 18, 15, 5, tzinfo=UTC),
    datetime(2012, 11, 28, 15, 24, 38, tzinfo=UTC),
    datetime(2016, 7, 9, 16, 46, 13, tzinfo=UTC),
    datetime(2020, 5, 11, 19, 23, 43, tzinfo=UTC),
    datetime(2024, 4, 20, 0, 9, 27, tzinfo=UTC),
]


def epoch_start(epoch: int) -> datetime:
    """Return when block 210,000 x epoch is found: as it was, or counted from the anchor."""
    if epoch < len(EPOCH_STARTS):
        return EPOCH_STARTS[epoch]
    blocks = BLOCKS_PER_EPOCH * epoch - ANCHOR_HEIGHT
    return ANCHOR_TIME + timedelta(days=1) * blocks / BLOCKS_PER_DAY


@cache
def mean_subsidy_btc(begin: datetime, end: datetime) -> float:
    """Return the subsidy per block between two instants, each part of the time at its own."""
    total = 0.0
    for epoch in range(33):
        subsidy = (5_000_000_000 >> epoch) / 1e8
        overlap = min(end, epoch_start(epoch + 1)) - max(begin, epoch_start(epoch))
        total += subsidy * max(0.0, overlap / (end - begin))
    return total


@cache
def history() -> dict[str, tuple[float, float]]:
    """Return price and network (EH/s) of past months, by `YYYY-MM`."""
    with HISTORY.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {
            row["month"]: (float(row["btc_price_usd"]), float(row["network_difficulty"]) * 2**32 / 600 / 1e18)
            for row in rows
        }


def as_of_the_month(snapshot: float, place: int, timeline: Timeline) -> Value:
    """Return history's value of a month, or the snapshot: history where the scenario begins before the snapshot."""
    in_time = timeline.year_and_month(1) >= SNAPSHOT_MONTH

    def value(k: int) -> float:
        past = history().get(timeline.text(k))
        return snapshot if in_time or past is None else past[place]

    return value


class Market:
    """The scenario's `market` section."""

    def __init__(self, data: dict[str, Any], timeline: Timeline, folder: Path) -> None:
        def value(key: str, default: float = 0.0) -> Value:
            return read_value(data.get(key, default), timeline, folder)

        self.timeline = timeline
        self.price = value("btc_price_usd")
        if "btc_price_usd" not in data:
            self.price = as_of_the_month(BTC_PRICE_USD, 0, timeline)
        self.hash_price = value("hash_price_usd_per_ph_per_day") if "hash_price_usd_per_ph_per_day" in data else None
        self.network = value("network_hash_rate_eh_per_s")
        if "network_hash_rate_eh_per_s" not in data:
            self.network = as_of_the_month(NETWORK_HASH_RATE_EH_PER_S, 1, timeline)
        self.difficulty = value("network_difficulty") if "network_difficulty" in data else None
        self.fee_fraction = value("fee_fraction") if "fee_fraction" in data else None
        self.fee_btc = value("fee_btc_per_block", FEE_BTC_PER_BLOCK)
        self.btc_per_eh_month: Value = cache(self._btc_per_eh_month)

    def network_eh_per_s(self, k: int) -> float:
        """Return the network's hash rate in month k, from the difficulty if that is given."""
        if self.difficulty is not None:
            return self.difficulty(k) * 2**32 / 600 / 1e18
        return self.network(k)

    def _btc_per_eh_month(self, k: int) -> float:
        """Return the BTC that 1 EH/s mines in all of month k."""
        subsidy = mean_subsidy_btc(self.timeline.begin(k), self.timeline.begin(k + 1))
        fee = self.fee_fraction(k) * subsidy if self.fee_fraction is not None else self.fee_btc(k)
        blocks = BLOCKS_PER_DAY * self.timeline.days(k)
        return blocks * (subsidy + fee) / self.network_eh_per_s(k)

    def usd_per_eh_month(self, k: int) -> float:
        """Return the USD that 1 EH/s earns in all of month k, before pool fee."""
        if self.hash_price is not None:
            return 1000 * self.hash_price(k) * self.timeline.days(k)
        return self.btc_per_eh_month(k) * self.price(k)
