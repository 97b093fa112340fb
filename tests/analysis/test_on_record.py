"""The published range of an input, by its path."""

from __future__ import annotations

from minecalc.analysis.on_record import published
from minecalc.reference.snapshot import defaults, ranges
from tests.by_hand import LEASE, MINER, compared

SCENARIO = compared({"mine": MINER, "half": {"uses": {"hall": LEASE | {"gross_mw": 5}}}}).scenario


def test_ranges_are_those_of_the_kind_wherever_the_use_stands() -> None:
    record = ranges()["colocation.critical_per_gross_fraction"]
    for path in ("plans.half.uses.hall.critical_per_gross_fraction", "plans.half.uses.*.critical_per_gross_fraction"):
        found = published(SCENARIO, path)
        assert found is not None
        assert (found.low, found.high, found.as_of) == (record.low, record.high, record.as_of)


def test_the_market_has_those_of_its_defaults_and_much_has_none() -> None:
    found, record = published(SCENARIO, "market.btc_price_usd"), defaults()["market.btc_price_usd"]
    assert found is not None
    assert (found.low, found.high) == (record.low, record.high)
    assert published(SCENARIO, "plans.mine.hash_rate_eh_per_s") is None
    assert published(SCENARIO, "months") is None
