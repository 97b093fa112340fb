"""Bitcoin's arithmetic against consensus values (``oracles/bitcoin-protocol.json``) and halvings split by time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.engine import evaluate
from minecalc.figures import quantities
from minecalc.loading import loads
from minecalc.market.bitcoin import (
    ANCHOR_HEIGHT,
    ANCHOR_TIME,
    HALVING_BLOCKS,
    SATOSHI_PER_BTC,
    break_even_usd_per_kwh,
    btc_per_ph_per_day,
    halving_time,
    hash_cost_usd_per_ph_per_day,
    monthly_subsidy_btc,
    network_hash_rate_eh_per_s,
    shutdown_btc_price_usd,
    subsidy_satoshi,
)
from minecalc.timeline import parse_month

Case = dict[str, Any]
ORACLE = Path(__file__).parents[1] / "oracles" / "bitcoin-protocol.json"
CASES: dict[str, Case] = {case["id"]: case for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]}

#: What the product does not compute: compact targets, retargets, the luck of a single miner, the first block's time.
NOT_COMPUTED = {
    "difficulty-bits-1d00ffff",
    "difficulty-bits-1b0404cb",
    "difficulty-core-1f111111",
    "difficulty-core-1df88f6f",
    "difficulty-core-12345678",
    "retarget-pow-limit",
    "retarget-upper-clamp",
    "poisson-solo",
    "block-time-0",
}


def cases(*keys: str) -> list[Any]:
    """The cases whose inputs have exactly these keys."""
    found = [pytest.param(case, id=name) for name, case in CASES.items() if set(case["inputs"]) == set(keys)]
    return [param for param in found if param.id not in NOT_COMPUTED]


SUBSIDIES = cases("height")
HALVINGS = [param for param in SUBSIDIES if param.id is not None and param.id.startswith("block-time")]
SUBSIDIES = [param for param in SUBSIDIES if param not in HALVINGS]
SUPPLIES = cases("until_height") + cases("height_inclusive")
NETWORKS = cases("difficulty")
REWARDS = cases("difficulty", "subsidy", "fees_btc_per_block")
SITES = cases("site_mw", "pue", "efficiency_j_per_th")


def test_every_case_is_used_or_named_as_not_computed() -> None:
    groups = (SUBSIDIES, HALVINGS, SUPPLIES, NETWORKS, REWARDS, SITES)
    used = [str(param.id) for group in groups for param in group]
    assert sorted([*used, *NOT_COMPUTED]) == sorted(CASES)
    assert all(groups)


@pytest.mark.parametrize("case", SUBSIDIES)
def test_subsidy(case: Case) -> None:
    satoshi = subsidy_satoshi(case["inputs"]["height"])
    assert satoshi == case["expected"]["satoshi"]
    assert satoshi / SATOSHI_PER_BTC == case["expected"]["btc"]


def test_subsidy_halves_at_the_block_itself() -> None:
    assert [subsidy_satoshi(height) for height in (839_999, 840_000)] == [625_000_000, 312_500_000]


@pytest.mark.parametrize("case", SUPPLIES)
def test_supply(case: Case) -> None:
    end = case["inputs"].get("until_height", case["inputs"].get("height_inclusive", 0) + 1)
    epochs = range(0, end, HALVING_BLOCKS)
    issued = sum(subsidy_satoshi(begin) * (min(begin + HALVING_BLOCKS, end) - begin) for begin in epochs)
    assert issued == case["expected"]["satoshi"]


@pytest.mark.parametrize("case", HALVINGS)
def test_past_halvings(case: Case) -> None:
    when = halving_time(case["inputs"]["height"] // HALVING_BLOCKS)
    assert int(when.timestamp()) == case["expected"]["unix"]


def test_future_halvings_follow_the_anchor_at_144_blocks_a_day() -> None:
    for halving in (5, 6, 7):
        days = (halving_time(halving) - ANCHOR_TIME).total_seconds() / 86_400
        assert days * 144 == pytest.approx(halving * 210_000 - ANCHOR_HEIGHT, rel=1e-9)
    assert halving_time(5).strftime("%Y-%m") == "2028-04"


@pytest.mark.parametrize("case", NETWORKS)
def test_network_hash_rate(case: Case) -> None:
    ours = network_hash_rate_eh_per_s(case["inputs"]["difficulty"])
    assert ours == pytest.approx(case["expected"]["EH_per_s"], rel=1e-12)


@pytest.mark.parametrize("case", REWARDS)
def test_btc_per_petahash_and_day(case: Case) -> None:
    inputs = case["inputs"]
    network = network_hash_rate_eh_per_s(inputs["difficulty"])
    ours = btc_per_ph_per_day(inputs["subsidy"] + inputs["fees_btc_per_block"], network)
    assert ours == pytest.approx(case["expected"]["btc_per_ph_day"], rel=1e-12)
    assert ours == pytest.approx(case["expected"]["share_form"], rel=1e-12)


@pytest.mark.parametrize("case", SITES)
def test_hash_rate_that_fits_a_site(case: Case) -> None:
    """The fleet of the case draws exactly the site's megawatts; a millionth more is refused."""
    inputs, fits = case["inputs"], case["expected"]["hashrate_eh"]
    text = (
        "{{name: fits, months: 1, site: {{gross_mw: {site_mw}, electricity_price_usd_per_kwh: 0}}, plans: {{it: {{"
        "kind: bitcoin_mining, efficiency_j_per_th: {efficiency_j_per_th}, pue_ratio: {pue}, uptime_fraction: 1, "
        "hash_rate_eh_per_s: {hash_rate}}}}}}}"
    )
    energy = quantities(evaluate(loads(text.format(**inputs, hash_rate=fits))).plans["it"])["energy_mwh"].number()
    assert energy == pytest.approx(inputs["site_mw"] * 31 * 24, rel=1e-12)
    assert case["expected"]["it_mw"] == pytest.approx(fits * inputs["efficiency_j_per_th"], rel=1e-12)
    with pytest.raises(ValueError, match="too-many-megawatts"):
        loads(text.format(**inputs, hash_rate=fits * (1 + 3e-6)))


@pytest.mark.parametrize(
    ("month", "before", "after", "until"),
    [
        # the header of block 840,000 says 00:09:27 on the 20th: 19 days and 567 seconds of 30 days at 6.25
        ("2024-04", 6.25, 3.125, 19 + 567 / 86_400),
        # 96,432 blocks of ten minutes after 23:11 on 2026-06-13 end 15:11 on 2028-04-13
        ("2028-04", 3.125, 1.5625, 12 + (15 * 60 + 11) / 1440),
    ],
)
def test_a_month_with_a_halving_is_split_by_time(month: str, before: float, after: float, until: float) -> None:
    subsidy = monthly_subsidy_btc(parse_month(month) - 1, 3)[:, 0]
    split = (before * until + after * (30 - until)) / 30
    assert subsidy == pytest.approx([before, split, after], rel=1e-9)


def test_every_halving_to_the_last_satoshi() -> None:
    start = parse_month("2013-01")
    subsidy = monthly_subsidy_btc(start, 12 * 135)[:, 0]
    assert subsidy[0] == 25.0
    assert np.all(np.diff(subsidy) <= 0.0)
    for halving in range(2, 34):
        when = halving_time(halving)
        month_after = when.year * 12 + when.month - start
        assert subsidy[month_after] == subsidy_satoshi(halving * HALVING_BLOCKS) / SATOSHI_PER_BTC
        assert subsidy[month_after - 2] == subsidy_satoshi(halving * HALVING_BLOCKS - 1) / SATOSHI_PER_BTC
    assert subsidy[-1] == 0.0


def test_a_timeline_may_begin_on_any_month_of_an_epoch() -> None:
    whole = monthly_subsidy_btc(parse_month("2023-01"), 120)
    for first in (1, 15, 16, 17, 63, 64):
        part = monthly_subsidy_btc(parse_month("2023-01") + first, 120 - first)
        assert np.array_equal(whole[first:], part)
    assert halving_time(4) == datetime(2024, 4, 20, 0, 9, 27, tzinfo=UTC)


#: AntPool's shutdown prices at 0.08 USD per kWh, as the press reported them in 2026 (bitcoinsistemi.com), and J/TH.
ANTPOOL = {
    "Antminer U3S23H": (41_448, 9.5),
    "S23e U2H": (43_630, 10),
    "S21": (76_353, 17.5),
    "Whatsminer M63S": (80_716, 18.5),
}


def test_antpools_shutdown_prices_are_hash_cost_over_one_output() -> None:
    """One yield of BTC a PH/s and day explains them all: that of a difficulty between 140 and 150 T, as it was then."""
    price, joules = ANTPOOL["S21"]
    earned = hash_cost_usd_per_ph_per_day(joules, 1.0, 0.08) / price
    for published, machine in ANTPOOL.values():
        cost = hash_cost_usd_per_ph_per_day(machine, 1.0, 0.08)
        assert shutdown_btc_price_usd(cost, earned, 0.0) == pytest.approx(published, rel=2e-5)
    assert btc_per_ph_per_day(3.125, network_hash_rate_eh_per_s(150e12)) < earned
    assert earned < btc_per_ph_per_day(3.2, network_hash_rate_eh_per_s(140e12))


@pytest.mark.parametrize(
    ("watts", "terahash", "usd_per_kwh", "shutdown"), [(3250, 95, 0.077, 8744.27)], ids=["S19 in August 2021"]
)
def test_a_shutdown_price_from_difficulty(watts: float, terahash: float, usd_per_kwh: float, shutdown: float) -> None:
    """ViaBTC on 2021-08-26: difficulty 17.62 T, fees 1.3% of the 6.25 BTC subsidy."""
    earned = btc_per_ph_per_day(6.25 * 1.013, network_hash_rate_eh_per_s(17.62e12))
    cost = hash_cost_usd_per_ph_per_day(watts / terahash, 1.0, usd_per_kwh)
    assert shutdown_btc_price_usd(cost, earned, 0.0) == pytest.approx(shutdown, rel=5e-4)


def test_a_pools_fee_and_the_pue_raise_what_a_machine_must_earn() -> None:
    """1 PH/s at 20 J/TH draws 20 kW, with a PUE of 1.05 21 kW: 504 kWh a day, 25.20 USD at 5 cents."""
    cost = hash_cost_usd_per_ph_per_day(20.0, 1.05, 0.05)
    assert cost == pytest.approx(25.2)
    assert break_even_usd_per_kwh(25.2 / 0.98, 0.02, 20.0, 1.05) == pytest.approx(0.05)
    assert shutdown_btc_price_usd(cost, 0.0004, 0.02) == pytest.approx(25.2 / 0.000392)


def test_at_its_own_break_even_price_of_power_a_machine_shuts_down_at_the_price_of_today() -> None:
    reward, network, price = 3.144, 969.0, 63_001.0
    earned = btc_per_ph_per_day(reward, network)
    power = break_even_usd_per_kwh(earned * price, 0.01, 17.5, 1.05)
    cost = hash_cost_usd_per_ph_per_day(17.5, 1.05, power)
    assert shutdown_btc_price_usd(cost, earned, 0.01) == pytest.approx(price, rel=1e-12)
