"""Past months of bitcoin, and past difficulty: see ``bitcoin_monthly.csv`` and ``difficulty_epochs.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from minecalc.reference.records import TABLES, Date, Record, read_records


@dataclass(frozen=True, kw_only=True, eq=False)
class BitcoinMonth(Record):
    """One past month: mean daily close, and harmonic mean of difficulty, the mean that gives its output."""

    month: Date
    btc_price_usd: float
    network_difficulty: float


@dataclass(frozen=True, kw_only=True, eq=False)
class DifficultyEpoch(Record):
    """One stretch of 2,016 blocks: ``difficulty`` is exact, ``start_utc`` is good to about half a day."""

    start_height: int
    start_utc: str
    difficulty: float


@cache
def bitcoin_monthly() -> tuple[BitcoinMonth, ...]:
    """Past months in order, without a gap."""
    return read_records(TABLES / "bitcoin_monthly.csv", BitcoinMonth)


@cache
def difficulty_epochs() -> tuple[DifficultyEpoch, ...]:
    """Past difficulty epochs in order, without a gap."""
    return read_records(TABLES / "difficulty_epochs.csv", DifficultyEpoch)
