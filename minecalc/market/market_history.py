"""What the market was: the shipped history in place of a snapshot that is later than the months it would stand for.

An input of the market that a scenario leaves out is, in a month before the snapshot's, the mean of that month where a
history is shipped (price and network, not fees), and else the snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from minecalc.market.bitcoin import network_hash_rate_eh_per_s
from minecalc.reference.bitcoin_history import BitcoinMonth, bitcoin_monthly
from minecalc.reference.snapshot import defaults
from minecalc.timeline import Timeline, parse_month, span
from minecalc.values.shapes import Recorded

#: The inputs that have a history: what it is in a month, and where it comes from.
_HISTORIES: Mapping[str, tuple[Callable[[BitcoinMonth], float], str]] = {
    "btc_price_usd": (
        lambda month: month.btc_price_usd,
        "mean of each month's daily closes, two public series (grade calc)",
    ),
    "network_hash_rate_eh_per_s": (
        lambda month: float(network_hash_rate_eh_per_s(month.network_difficulty)),
        "each month's difficulty from chain data: D x 2^32 / 600 (grade calc)",
    ),
}


class Past(NamedTuple):
    """A market input that a scenario leaves out, over months some of which lie before its snapshot.

    ``covered`` are the months, first and last, for which there is a history, if any; ``uncovered`` are those before the
    snapshot without one, as text, "" for none.
    """

    shape: Recorded
    covered: tuple[int, int] | None
    uncovered: str
    snapshot: float
    snapshot_as_of: str
    snapshot_is_used: bool
    source: str

    @property
    def months(self) -> str:
        """The months that the history covers."""
        return span(*self.covered) if self.covered else ""

    @property
    def range(self) -> str:
        """The lowest and highest value of the history in these months."""
        if self.covered is None:
            return ""
        first, last = (month - self.shape.start for month in self.covered)
        values = self.shape.amounts[first : last + 1]
        return f"{min(values):,.5g} to {max(values):,.5g}" if len(values) > 1 else f"{values[0]:,.5g}"


def past(name: str, timeline: Timeline) -> Past | None:
    """The market input ``name`` over the months of ``timeline``; None if none of them is before the snapshot's."""
    record = defaults()[f"market.{name}"]
    taken, last = parse_month(record.as_of[:7]), timeline.start + timeline.months - 1
    if timeline.start >= taken:
        return None
    of_month, source = _HISTORIES.get(name, (None, ""))
    known = {} if of_month is None else {parse_month(one.month): of_month(one) for one in bitcoin_monthly()}
    months = range(timeline.start, min(last, taken) + 1)
    amounts = [known.get(month, record.value) for month in months]
    if last > months[-1]:
        amounts.append(record.value)
    there = [month for month in months if month in known]
    lacking = [month for month in months if month not in known and month < taken]
    return Past(
        shape=Recorded(timeline.start, tuple(amounts)),
        covered=(there[0], there[-1]) if there else None,
        uncovered=span(lacking[0], lacking[-1]) if lacking else "",
        snapshot=record.value,
        snapshot_as_of=record.as_of,
        snapshot_is_used=bool(lacking) or last > months[-1],
        source=source,
    )
