"""Random scenarios with an uncertainty block in which nothing is uncertain: all that is drawn has no volatility.

Prices rise late or fall, machines lose their value, fleets stop at their best, by months unpaid or never.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from minecalc.loading import ScenarioError, loads
from minecalc.timeline import Timeline, parse_month
from tests.strategies import Data, Draw, amounts, scenarios

STILL = {"volatility_fraction_per_year": 0.0}

#: Factors that move nothing.
FACTORS: Data = {
    "btc_price_usd": STILL | {"trend_sd_fraction_per_year": 0.0},
    "network_hash_rate_eh_per_s": STILL | {"trend_sd_fraction_per_year": 0.0},
    "hash_price_usd_per_ph_per_day": STILL,
    "fee_btc_per_block": STILL | {"spikes_per_year_count": 0},
    "electricity_price_usd_per_kwh": STILL,
    "rent_usd_per_kw_per_month": STILL | {"signed": "at_ready"},
    "lease_usd_per_gpu_hour": STILL,
    "tenant_default": {"probability_fraction_per_year": 0.0},
}


def fleets(data: Data) -> Iterator[Data]:
    """Every mining use."""
    for plan in data["plans"].values():
        for use in plan.get("uses", {"": plan}).values():
            if use["kind"] == "bitcoin_mining":
                yield use


def _late_rise(draw: Draw, data: Data) -> Any:
    """A path that is low for a while and high at the end."""
    label = Timeline(parse_month(data["start"]), data["months"]).label
    turn = draw(st.integers(1, data["months"]))
    low = draw(amounts(8, 40))
    return {"points": {label(1): low, label(turn): low, label(data["months"] + 1): low * draw(amounts(1, 8))}}


@st.composite
def certain_worlds(draw: Draw, months: int = 60) -> Data:
    """A scenario with two plans or more, and its block."""
    data: Data = json.loads(json.dumps(draw(scenarios(months=months))))
    if draw(st.booleans()):
        data["market"] = {"hash_price_usd_per_ph_per_day": _late_rise(draw, data)}
        for fleet in fleets(data):  # coins that are kept need a price of bitcoin
            fleet.pop("sells_fraction", None)
            fleet.pop("treasury", None)
    for fleet in fleets(data):
        if draw(st.booleans()):
            price = {"start": draw(amounts(2, 25)), "growth_fraction_per_year": draw(amounts(-0.7, 0.0))}
            fleet["machine_resale_usd_per_th"] = price
        if draw(st.booleans()):
            fleet["stops"] = "best"
    for conversion in _conversions(data):
        if "meanwhile" not in conversion:
            conversion["meanwhile"] = "keep mining"
            if not _is_valid(data):
                del conversion["meanwhile"]
    block: Data = {"others": "fixed"}
    for name, factor in FACTORS.items():
        if draw(st.booleans()) and _is_valid(data | {"uncertainty": {"others": "fixed", name: factor}}):
            block[name] = factor
    return data | {"uncertainty": block}


def _conversions(data: Data) -> Iterator[Data]:
    for plan in data["plans"].values():
        for use in plan.get("uses", {"": plan}).values():
            if "conversion" in use:
                yield use["conversion"]


def _is_valid(data: Data) -> bool:
    try:
        loads(json.dumps(data))
    except ScenarioError:
        return False
    return True
