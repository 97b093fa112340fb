"""Ranges hold in every month: after growth and scale, in files, ``--set``, ``vary`` and what movable inputs allow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.loading import read_bytes
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.varying import vary
from minecalc.timeline import Timeline, parse_month
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Constant, Growth, Points
from minecalc.values.used_ranges import Excess, excess, growth_range
from tests.by_hand import CLOUD, LEASE, MINER, SITE

TIMELINE = Timeline(parse_month("2027-01"), 25)
NETWORK = {"network_hash_rate_eh_per_s": 1000}


def reading(data: dict[str, Any], *assignments: str, months: int = 25) -> Any:
    whole = {"name": "ranges", "months": months, "site": SITE, "market": NETWORK, "plans": {"mine": MINER}} | data
    return read_bytes(json.dumps(whole).encode(), "ranges.yaml", Path(), assignments)


def scenario(**data: Any) -> Scenario:
    found = reading(data)
    assert found.scenario is not None, found.diagnostics
    scenario: Scenario = found.scenario
    return scenario


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (ValueOverTime(Constant(5.0)), None),
        (ValueOverTime(Constant(5.0), 2.0), None),
        (ValueOverTime(Constant(5.0), 2.0 + 1e-12), None),
        (ValueOverTime(Constant(5.0), 2.1), Excess(1, 10.5)),
        (ValueOverTime(Constant(5.0), -0.5), Excess(1, -2.5)),
        (ValueOverTime(Growth(5.0, 3.0)), Excess(8, 5 * 4 ** (7 / 12))),
        (ValueOverTime(Growth(5.0, 0.4)), None),
        (ValueOverTime(Growth(5.0, -0.4), 1.0, None, 5.0), None),
        (ValueOverTime(Growth(5.0, -0.4), 1.0, None, 5.5), Excess(1, 10.5)),
        (ValueOverTime(Growth(-5.0, 3.0), 1.0, None, 7.0), Excess(4, 7.0 - 5 * 4 ** (3 / 12))),
        (ValueOverTime(Growth(5.0, np.array([0.1, 3.0]))), Excess(8, 5 * 4 ** (7 / 12))),
        (ValueOverTime(Points((TIMELINE.start, TIMELINE.start + 4), (0.0, 10.0)), 2.0), Excess(4, 15.0)),
        (ValueOverTime(Constant(1e308), 1e9), Excess(1, np.inf)),
    ],
)
def test_the_first_month_outside(value: ValueOverTime, wanted: Excess | None) -> None:
    assert excess(value, TIMELINE, 0.0, 10.0) == wanted


def test_a_world_may_stray() -> None:
    strays = ValueOverTime(Constant(5.0), 1.0, np.full((1, 2), 9.0))
    assert excess(strays, TIMELINE, 0.0, 10.0) is None


def test_growth_that_stays_inside() -> None:
    assert growth_range(5.0, 0.0, 20.0, 25) == pytest.approx((-0.99, 1.0))
    assert growth_range(4.0, 1.0, 16.0, 25) == pytest.approx((-0.5, 1.0))
    assert growth_range(-4.0, -16.0, 2.0, 25) == pytest.approx((-0.99, 1.0))
    assert growth_range(0.0, 0.0, 1.0, 25) == growth_range(5.0, 0.0, 20.0, 1) == (-0.99, 10.0)
    assert growth_range(1e-300, 0.0, 1e300, 25) == (-0.99, 10.0)


def test_a_price_is_refused_scaled_as_it_is_typed() -> None:
    typed = reading({}, "market.btc_price_usd=1e10")
    scaled = reading({}, "market.btc_price_usd=1e4", "market.btc_price_usd.scale=1e6")
    grown = reading({"market": {"btc_price_usd": {"start": 1e5, "growth_fraction_per_year": 9}}})
    assert [item.code for found in (typed, scaled, grown) for item in found.diagnostics] == ["out-of-range"] * 3
    assert typed.diagnostics[0].message == "btc_price_usd is 10000000000; it must lie in 0..1000000"
    assert scaled.diagnostics[0].message == "btc_price_usd is 1e+10 in 2027-01; it must lie in 0..1000000"
    assert "in 2028-02; it must lie in 0..1000000" in grown.diagnostics[0].message
    (only_scaled,) = reading({}, "market.btc_price_usd.scale=100").diagnostics
    assert only_scaled.message == "btc_price_usd is 6.3001e+06 in 2027-01; it must lie in 0..1000000"
    (hash_price,) = reading({}, "market.hash_price_usd_per_ph_per_day.scale=1e6").diagnostics
    assert hash_price.message.startswith("hash_price_usd_per_ph_per_day is ")
    assert hash_price.message.endswith("in 2027-01; it must lie in 0..100000")


def test_low_ends_and_values_deep_inside() -> None:
    falling = {"start": 15, "growth_fraction_per_year": -0.95}
    rising = {"start": 900, "growth_fraction_per_year": 1}
    refresh = {"every_months": 12, "price_usd_per_th": rising, "efficiency_j_per_th": falling}
    renewal = {"rent_usd_per_kw_per_month": {"value": 9000, "scale": 2}}
    future = {"probability_fraction": 1, "rate_ratio": {"value": 90, "scale": 2}}
    plans = {
        "mine": MINER | {"refresh": refresh},
        "hall": LEASE | {"term_months": 3, "renewal": renewal},
        "gpus": CLOUD,
    }
    found = reading({"plans": plans, "uncertainty": {"lease_usd_per_gpu_hour": {"futures": {"boom": future}}}})
    assert {item.path: item.code for item in found.diagnostics} == {
        ("plans", "mine", "refresh", "price_usd_per_th"): "out-of-range",
        ("plans", "mine", "refresh", "efficiency_j_per_th"): "out-of-range",
        ("plans", "hall", "renewal", "rent_usd_per_kw_per_month"): "out-of-range",
        ("uncertainty", "lease_usd_per_gpu_hour", "futures", "boom", "rate_ratio"): "out-of-range",
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("market.btc_price_usd.scale", 1e5),
        ("market.btc_price_usd.growth_fraction_per_year", 9.0),
        ("market.btc_price_usd.start", 9.9e5),
        ("plans.mine.refresh.price_usd_per_th.scale", 100.0),
        ("plans.both.uses.hall.leased_fraction.scale", 2.0),
    ],
)
def test_vary_refuses_what_a_file_would(path: str, value: float) -> None:
    rising = {"start": 1e5, "growth_fraction_per_year": 0.5}
    hall = LEASE | {"gross_mw": 5, "leased_fraction": {"start": 0.6, "growth_fraction_per_year": 0}}
    refresh = {"every_months": 12, "price_usd_per_th": {"start": 20, "growth_fraction_per_year": 0}}
    plans = {
        "mine": MINER | {"refresh": refresh | {"efficiency_j_per_th": 10}},
        "both": {"uses": {"hall": hall}},
    }
    data = {"market": NETWORK | {"btc_price_usd": rising}, "plans": plans}
    found = scenario(**data)
    name = path.split(".")[-2]
    for given in (value, np.array([1.0, value])):
        with pytest.raises(ValueError, match=rf"^{path}: {name} is .* in 20..-..; it must lie in"):
            vary(found, {path: given})
    vary(found, {path: value}, used_ranges=False)
    assert reading(data, f"{path}={value}").scenario is None


@pytest.mark.parametrize("values", [{"hash_price_usd_per_ph_per_day.scale": 1e4}, {"btc_price_usd": 1e6}])
def test_vary_refuses_a_hash_price_out_of_range_as_a_file_does(values: dict[str, float]) -> None:
    market = NETWORK | {"hash_price_usd_per_ph_per_day": {"scale": 900}}
    ((name, value),) = values.items()
    found = reading({"market": market}, f"market.{name}={value}").diagnostics
    (refused,) = (diagnostic for diagnostic in found if diagnostic.severity == "error")
    with pytest.raises(ValueError, match=r"hash_price_usd_per_ph_per_day is .* in 2027-01; it must lie in") as told:
        vary(scenario(market=market), {f"market.{name}": value})
    assert str(told.value) == f"market.{name}: {refused.message}"


def test_parts_that_only_together_stay_inside() -> None:
    found = scenario(market=NETWORK | {"btc_price_usd": {"start": 1e5, "growth_fraction_per_year": 0.5}})
    together = {"market.btc_price_usd.growth_fraction_per_year": 9.0, "market.btc_price_usd.start": 1e3}
    assert vary(found, together).cases == 1


def test_the_ends_of_every_movable_are_taken() -> None:
    rising = {"start": 1e5, "growth_fraction_per_year": 0.5}
    found = scenario(market=NETWORK | {"btc_price_usd": rising}, plans={"mine": MINER, "hall": LEASE, "gpus": CLOUD})
    for movable in movables(found).values():
        for end in (movable.low, movable.high):
            assert vary(found, {movable.at: end}).cases == 1
