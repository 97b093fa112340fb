"""The market of months before the snapshot: the shipped history, the snapshot where there is none, and a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.checks import horizon
from minecalc.engine import Engine, evaluate
from minecalc.loading import load, loads
from minecalc.loading.origins import Defaulted, defaulted
from minecalc.market.market_history import past
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.scenario import Scenario
from minecalc.timeline import Timeline, parse_month

CASES = Path(__file__).parents[1] / "cases"
PRICE, NETWORK, FEE = "btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"


FREE: dict[str, Any] = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.01, "opex_usd_per_mw_per_year": 0}


def scenario(start: str, months: int, market: str = "{}", **plan: Any) -> Scenario:
    own = plan or {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.01, "efficiency_j_per_th": 100}
    return loads(
        f"name: then\nstart: {start}\nmonths: {months}\nmarket: {market}\n"
        f"site: {{gross_mw: 2, electricity_price_usd_per_kwh: 0.05}}\nplans: {{it: {own}}}\n"
    )


def prices(of: Scenario) -> list[float]:
    return [float(x) for x in np.broadcast_to(Engine(of).market.btc_price_usd, (of.months, 1))[:, 0]]


def market_defaults(of: Scenario) -> list[Defaulted]:
    return [item for item in defaulted(of) if item.path.startswith("market.")]


def test_a_year_of_the_past_has_its_own_price_and_network() -> None:
    """1 EH/s of 34 J/TH at 5 cents in 2021: $94M of gross profit at the snapshot's fee, the only one shipped."""
    found = load(CASES / "start-in-the-past.yaml")
    profit = evaluate(found).plans["mine"].gross_profit_usd
    assert float(np.sum(profit)) == pytest.approx(94e6, abs=0.5e6)
    listed = [(item.path, item.origin.as_of) for item in market_defaults(found)]
    assert listed == [
        ("market.btc_price_usd", "2021-01 to 2021-12"),
        ("market.network_hash_rate_eh_per_s", "2021-01 to 2021-12"),
        ("market.fee_btc_per_block", "2026-06"),
    ]
    price = market_defaults(found)[0]
    assert price.value == "34,445 to 60,621"
    assert price.origin.source.startswith("mean of each month's daily closes")
    assert horizon.warnings(found) == [
        "market.fee_btc_per_block: not given, and no history is shipped for 2021-01 to 2021-12: "
        "the snapshot of 2026-06, 0.019, stands for these months"
    ]


def test_history_runs_up_to_the_snapshot_which_stands_from_then_on() -> None:
    known = {str(record.month): record.btc_price_usd for record in bitcoin_monthly()}
    found = scenario("2026-04", 5)
    assert prices(found) == [known["2026-04"], known["2026-05"], known["2026-06"], 63001, 63001]
    both = [item for item in market_defaults(found) if item.path.endswith(PRICE)]
    assert [item.origin.as_of for item in both] == ["2026-06", "2026-04 to 2026-06"]
    assert not [text for text in horizon.warnings(found) if PRICE in text]


@pytest.mark.parametrize("start", ["2026-06", "2026-07", "2027-01"])
def test_from_the_snapshot_on_it_stands_alone(start: str) -> None:
    found = scenario(start, 3)
    assert prices(found) == [63001] * 3
    assert horizon.warnings(found) == []
    assert {item.origin.as_of for item in market_defaults(found)} == {"2026-06"}


def test_before_there_is_a_history_the_snapshot_stands_and_a_warning_says_so() -> None:
    found = scenario("2014-08", 4)
    assert prices(found)[:2] == [63001, 63001]
    assert prices(found)[2] == bitcoin_monthly()[0].btc_price_usd
    listed = [(item.value, item.origin.as_of) for item in market_defaults(found) if item.path.endswith(PRICE)]
    assert listed == [(63001.0, "2026-06"), ("364.15 to 366.1", "2014-10 to 2014-11")]
    told = [text for text in horizon.warnings(found) if PRICE in text]
    assert told == [
        "market.btc_price_usd: not given, and no history is shipped for 2014-08 to 2014-09: "
        "the snapshot of 2026-06, 63001, stands for these months"
    ]


def test_each_input_by_itself() -> None:
    """A given price brings no network of its own, a given difficulty no hash rate; a hash price replaces all."""
    given = scenario("2021-01", 2, "{btc_price_usd: 50000}")
    assert prices(given) == [50000, 50000]
    assert [item.path for item in market_defaults(given)] == [f"market.{NETWORK}", f"market.{FEE}"]
    assert [*given.market.past(given.timeline)] == [NETWORK, FEE]
    difficulty = scenario("2021-01", 2, "{network_difficulty: 2e13, fee_fraction: 0.06}", **FREE)
    assert [*difficulty.market.past(difficulty.timeline)] == [PRICE]
    assert horizon.warnings(difficulty) == []
    direct = scenario("2021-01", 2, "{hash_price_usd_per_ph_per_day: 300}", **FREE)
    assert market_defaults(direct) == []
    assert horizon.warnings(direct) == []


def test_a_scale_alone_scales_the_history() -> None:
    plain, doubled = scenario("2021-01", 3), scenario("2021-01", 3, "{btc_price_usd: {scale: 2}}")
    assert prices(doubled) == [2 * price for price in prices(plain)]
    assert market_defaults(doubled) == market_defaults(plain)


def test_fees_matter_to_nobody_who_does_not_mine() -> None:
    lease: dict[str, Any] = {"kind": "colocation", "rent_usd_per_kw_per_month": 130, "capex_usd_per_critical_mw": 0}
    found = scenario("2021-01", 3, **lease)
    assert horizon.warnings(found) == []


def test_prices_and_machines_of_a_later_date_are_told() -> None:
    cloud: dict[str, Any] = {"kind": "gpu_cloud", "gpu": "h100", "gpu_count": 100}
    (early,) = [text for text in horizon.warnings(scenario("2021-01", 24, **cloud)) if text.startswith("it: ")]
    assert "capex_usd_per_gpu is not given; its price of 2023-09" in early
    assert "h100 was announced in 2022, and is used from 2021-01 on" in early
    assert horizon.warnings(scenario("2027-01", 24, **cloud)) == []


def test_no_month_before_the_snapshot_needs_no_history() -> None:
    assert past(PRICE, Timeline(parse_month("2026-06"), 1)) is None
    found = past(FEE, Timeline(parse_month("2026-01"), 12))
    assert found is not None
    assert (found.covered, found.uncovered, found.snapshot_is_used) == (None, "2026-01 to 2026-05", True)
