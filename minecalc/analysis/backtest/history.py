"""The shipped history as logarithms by month, and the path that a forecast from one of its months begins with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.market.bitcoin import btc_per_ph_per_day, monthly_subsidy_btc, network_hash_rate_eh_per_s
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.timeline import format_month, parse_month

PRICE, NETWORK, HASH_PRICE = "btc_price_usd", "network_hash_rate_eh_per_s", "hash_price_usd_per_ph_per_day"

#: What is forecast, in the order of the rows of every array here.
VARIABLES = (PRICE, NETWORK, HASH_PRICE)

#: The network's expected growth is this share of its growth over the last so many months, the time between two
#: halvings: growth has slowed from one of these cycles to the next (a year, in logarithms: 1.13, 0.43, 0.17).
GROWTH_KEPT, CYCLE_MONTHS = 0.5, 48


@dataclass(frozen=True)
class History:
    """Months of the past without a gap: the first as calendar month, and logarithms ``(variables, months)``."""

    start: int
    logs: FloatArray

    @classmethod
    def of(cls, start: int, price: FloatArray, network: FloatArray) -> History:
        """The history of these logs of price and network, with the hash price that follows from the subsidy alone."""
        return cls(start, np.stack([price, network, _log_hash_price(price, network, start)]))

    @property
    def months(self) -> int:
        """How many months it has."""
        return int(self.logs.shape[1])

    def label(self, month: int) -> str:
        """``"YYYY-MM"`` of its month number ``month``, counted from 0."""
        return format_month(self.start + month)

    def changes(self, last: int) -> FloatArray:
        """Changes of log price and log network from each month to the next, up to month ``last``: ``(2, last)``."""
        return np.diff(self.logs[:2, : last + 1], axis=1)

    def network_growth(self, month: int) -> float:
        """Log growth of the network a month that is expected at the end of ``month``.

        It is ``GROWTH_KEPT`` of the growth over the last ``CYCLE_MONTHS``, or over what there is.
        """
        cycle = min(CYCLE_MONTHS, month)
        return GROWTH_KEPT * float(self.logs[1, month] - self.logs[1, month - cycle]) / cycle

    def expected(self, month: int, months: int) -> FloatArray:
        """Log paths over the ``months`` after ``month`` from what was known at its end: ``(variables, months)``.

        The price stays, the network grows, and the hash price follows from both and the subsidy: halvings are known
        ahead.
        """
        price = np.full(months, self.logs[0, month])
        network = self.logs[1, month] + self.network_growth(month) * np.arange(1.0, months + 1.0)
        return np.stack([price, network, _log_hash_price(price, network, self.start + month + 1)])

    def outcome(self, month: int, months: int) -> FloatArray:
        """What came over the ``months`` after ``month``, less what was expected: ``(variables, at most months)``."""
        came = self.logs[:, month + 1 : month + 1 + months]
        return came - self.expected(month, months)[:, : came.shape[1]]


@cache
def shipped_history() -> History:
    """Monthly means of price and difficulty; the hash price without fees, of which no history is shipped."""
    past = bitcoin_monthly()
    start = parse_month(past[0].month)
    price = np.log([month.btc_price_usd for month in past])
    network = np.log([network_hash_rate_eh_per_s(month.network_difficulty) for month in past])
    return History.of(start, price, network)


def _log_hash_price(price: FloatArray, network: FloatArray, start: int) -> FloatArray:
    """Log USD per PH/s and day from the logs of price and network over months from ``start``, subsidy only."""
    subsidy = monthly_subsidy_btc(start, len(price))[:, 0]
    hash_price: FloatArray = price + np.log(btc_per_ph_per_day(subsidy, np.exp(network)))
    return hash_price
