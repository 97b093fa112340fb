"""Past months of bitcoin: see ``bitcoin_monthly.csv``."""

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


@cache
def bitcoin_monthly() -> tuple[BitcoinMonth, ...]:
    """Past months in order, without a gap."""
    return read_records(TABLES / "bitcoin_monthly.csv", BitcoinMonth)
