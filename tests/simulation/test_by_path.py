"""Paths of a block one at a time: each is a scenario without uncertainty, worked out by the second engine.

``by_hand`` puts what was drawn for a path into a plain scenario; ``second_engine``, which shares no code with the
product, says what its plans are worth; the block of paths must say the same.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.randomness.streams import Sampler
from minecalc.schema.names import split_path
from minecalc.simulation.world import World
from tests.second_engine import calculate
from tests.simulation.by_hand import Data, OnePath

EXAMPLE = Path(__file__).parents[1] / "examples" / "uncertain.yaml"

MINE: Data = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 2.0,
    "efficiency_j_per_th": 17,
    "uptime_fraction": 0.95,
    "pool_fee_fraction": 0.01,
    "opex_usd_per_mw_per_year": 90_000,
    "machine_resale_usd_per_th": {"start": 6, "growth_fraction_per_year": -0.4},
    "life_months": 72,
}
CONVERSION: Data = {
    "starts": "2027-03",
    "ready": "2027-08",
    "capex_usd_per_critical_mw": 6e6,
    "meanwhile": "keep mining",
}
LEASE: Data = {
    "kind": "colocation",
    "rent_usd_per_kw_per_month": 130,
    "escalator_fraction_per_year": 0.03,
    "opex_fraction_of_rent": 0.1,
    "conversion": CONVERSION,
}
RENEWED: Data = LEASE | {
    "term_months": 20,
    "tenant_pays_power": False,
    "renewal": {"rent_usd_per_kw_per_month": {"start": 120, "growth_fraction_per_year": 0.02}, "term_months": 18},
    "prepayment": {"fraction": 0.1, "credited_years": [1]},
    "exit_cap_rate_fraction": 0.08,
}
HEADLINE: Data = {
    "kind": "colocation",
    "contract": {"value_usd": 4e8, "term_years": 3},
    "tenant_pays_power": False,
    "electricity_price_usd_per_kwh": {"start": 0.06, "growth_fraction_per_year": 0.03},
    "renewal": {"rent_usd_per_kw_per_month": 110},
    "capex_usd_per_critical_mw": 2e6,
}
CLOUD: Data = {
    "kind": "gpu_cloud",
    "gpu_count": 9000,
    "lease_usd_per_gpu_hour": {"points": {"2027-06": 2.6, "2030-06": 1.5}},
    "utilisation_fraction": {"start": 0.7, "growth_fraction_per_year": 0.05},
    "life_months": 40,
    "replace": True,
    "conversion": CONVERSION | {"delay_months": 2, "spend": [0.1, 0.2, 0.4, 0.2, 0.1]},
}
TAKE_OR_PAY: Data = {
    "capex_usd_per_critical_mw": 0,
    "kind": "gpu_cloud",
    "gpu_count": 9000,
    "lease_usd_per_gpu_hour": 2.2,
    "utilisation_fraction": 0.7,
    "contract": {"value_usd": 3e8, "term_months": 36, "gpu_fraction": 0.75},
    "prepayment": {"fraction": 0.2, "credited_years": [1, 2]},
}
SITE: Data = {"gross_mw": 40, "electricity_price_usd_per_kwh": {"steps": {"2027-01": 0.05, "2029-01": 0.055}}}
PRICED: Data = {
    "btc_price_usd": {"start": 70_000, "growth_fraction_per_year": 0.1},
    "network_hash_rate_eh_per_s": {"start": 1000, "growth_fraction_per_year": 0.2},
    "fee_btc_per_block": 0.05,
}
TENANT: Data = {"relet_months": 5, "relet_rent_ratio": 0.8}


def scenario(plans: Data, uncertainty: Data, **more: Any) -> Data:
    """Six years of ``plans`` beside the mine; what is not named in ``uncertainty`` is certain."""
    plain = {"name": "by path", "months": 60, "site": SITE, "market": PRICED}
    return deepcopy(plain | {"plans": {"keep mining": MINE} | plans} | more) | {"uncertainty": uncertainty}


def only(**factors: Any) -> Data:
    """A block of these factors alone."""
    return {"others": "fixed"} | factors


def default(probability: float) -> Data:
    return {"tenant_default": TENANT | {"probability_fraction_per_year": probability}}


def delay(low: float, high: float) -> Data:
    return {"distribution": "uniform", "low": low, "high": high}


ALL: Data = {"lease": LEASE, "renewed": RENEWED, "headline": HEADLINE, "cloud": CLOUD, "take or pay": TAKE_OR_PAY}
HALVES: Data = {
    "halves": {"uses": {"old": MINE | {"gross_mw": 38, "hash_rate_eh_per_s": 1.9}, "new": LEASE | {"gross_mw": 2}}}
}
RATIO: Data = {"distribution": "normal", "mean": 1, "sd": 0.5}

CASES: dict[str, Data] = {
    "price": scenario(HALVES, only(btc_price_usd={})),
    "price, student t": scenario({}, only(btc_price_usd={"model": "student_t"})),
    "price and network, bootstrap": scenario(
        {}, only(btc_price_usd={"model": "bootstrap"}, network_hash_rate_eh_per_s={})
    ),
    "network": scenario({}, only(network_hash_rate_eh_per_s={})),
    "network by difficulty, fees by fraction": scenario(
        {},
        only(network_hash_rate_eh_per_s={}, fee_btc_per_block={"spikes_per_year_count": 6}),
        market={"btc_price_usd": 7e4, "network_difficulty": 1.4e14, "fee_fraction": 0.02},
    ),
    "fees": scenario({}, only(fee_btc_per_block={"spikes_per_year_count": 6})),
    "hash price": scenario(
        HALVES, only(hash_price_usd_per_ph_per_day={}), market={"hash_price_usd_per_ph_per_day": 40}
    ),
    "power": scenario(ALL, only(electricity_price_usd_per_kwh={"volatility_fraction_per_year": 0.4})),
    "rent, signed at the start": scenario(ALL, only(rent_usd_per_kw_per_month={})),
    "GPU rate": scenario(ALL, only(lease_usd_per_gpu_hour={})),
    "GPU futures": scenario(
        ALL,
        only(
            lease_usd_per_gpu_hour={
                "futures": {
                    "glut": {
                        "probability_fraction": 0.5,
                        "rate_ratio": {"start": 1, "growth_fraction_per_year": -0.3},
                    },
                    "boom": {"probability_fraction": 0.5, "rate_ratio": {"steps": {"2027-01": 1, "2029-01": 2}}},
                }
            }
        ),
    ),
    "utilisation": scenario(ALL, only(utilisation_fraction=RATIO)),
    "build cost": scenario(ALL, only(capex_usd_per_critical_mw=RATIO)),
    "delay": scenario(ALL, only(delay_months=delay(-6, 12))),
    "delay beyond the horizon": scenario(ALL, only(delay_months=delay(30, 80))),
    "default": scenario(ALL, only(**default(0.5))),
    "a given default": scenario(
        {"stressed": RENEWED | {"tenant_default": {"month": "2029-01"}}, "lease": LEASE}, only(**default(0.5))
    ),
    "default, delay and rent": scenario(
        ALL,
        only(
            **default(0.5),
            delay_months=delay(0, 12),
            rent_usd_per_kw_per_month={"signed": "at_ready", "volatility_fraction_per_year": 0.4},
        ),
    ),
    "rent signed at the conversion": scenario(
        ALL, only(**default(0.4), rent_usd_per_kw_per_month={"signed": "at_conversion"})
    ),
    "stops best": scenario(
        {"stop in time": MINE | {"stops": "best"}}, only(btc_price_usd={}, electricity_price_usd_per_kwh={})
    ),
    "stops best until a conversion": scenario(
        {
            "stop in time": MINE | {"stops": "best", "opex_usd_per_mw_per_year": 200_000},
            "lease": LEASE
            | {"conversion": CONVERSION | {"meanwhile": "stop in time"}, "discount_rate_fraction_per_year": 0.3},
        },
        only(btc_price_usd={}),
    ),
    "stops given": scenario(
        {"never": MINE | {"stops": "never"}, "soon": MINE | {"stops": {"unpaid_months": 2}}},
        only(btc_price_usd={}),
    ),
    "inputs": scenario(
        ALL | HALVES,
        only(
            btc_price_usd={},
            delay_months=delay(0, 6),
            capex_usd_per_critical_mw=RATIO,
            inputs={
                "market.btc_price_usd": delay(4e4, 9e4),
                "site.electricity_price_usd_per_kwh": delay(0.04, 0.06),
                "plans.lease.rent_usd_per_kw_per_month": delay(100, 150),
                "plans.cloud.conversion.delay_months": delay(0, 9),
                "plans.cloud.conversion.capex_usd_per_critical_mw": delay(4e6, 9e6),
                "plans.cloud.lease_usd_per_gpu_hour": delay(2, 3),
                "plans.cloud.life_months": delay(20, 50),
                'plans."take or pay".utilisation_fraction': delay(0.3, 0.9),
                "plans.halves.uses.old.uptime_fraction": delay(0.8, 1),
                'plans."keep mining".machine_resale_usd_per_th': delay(3, 9),
                "discount_rate_fraction_per_year": delay(0.05, 0.2),
            },
        ),
    ),
    "everything": scenario(ALL | HALVES, {"tenant_default": TENANT}),
    "the example": yaml.safe_load(EXAMPLE.read_text("utf-8")),
}


def _with_stops(data: Data, world: World) -> Data:
    """``data`` with the dates of best stops, which are tested apart, and six months unpaid where no stop is given.

    What has another date until a conversion than in its own plan is a plan of its own for that.
    """
    found = deepcopy(data)
    for plan in found["plans"].values():
        for use in plan.get("uses", {"": plan}).values():
            if use["kind"] == "bitcoin_mining":
                use.setdefault("stops", {"unpaid_months": 6})
    for path, month in world.stops_fixed.items():
        _, name, *rest = split_path(path)
        if rest == ["stops"]:
            found["plans"][name]["stops"] = month
        else:
            conversion = found["plans"][name]["conversion"]
            own = deepcopy(data["plans"][conversion["meanwhile"]]) | {"stops": month}
            conversion["meanwhile"] = f"until {name}"
            found["plans"][f"until {name}"] = own
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_path_is_a_scenario_of_its_own(name: str) -> None:
    data = CASES[name]
    world = World(loads(json.dumps(data)), Sampler(11))
    paths = world.paths(2)
    block, dated = data["uncertainty"], _with_stops(data, world)
    signed = block.get("rent_usd_per_kw_per_month", {}).get("signed", "at_start")
    worth = {plan: found.npv_usd for plan, found in evaluate(paths.scenario).plans.items()}
    assert any(np.unique(values).size > 10 for values in worth.values())
    assert not paths.impossible
    for i in (1, 1023):
        by_hand = OnePath(dated, paths.draw, i, signed, block.get("tenant_default")).scenario()
        assert "uncertainty" not in by_hand
        for plan, wanted in calculate(by_hand, Path()).items():
            if plan not in worth:
                continue
            npv = wanted["metrics"]["npv_usd"]
            found = np.broadcast_to(worth[plan], (1024,))[i]
            assert found == pytest.approx(npv, rel=1e-9, abs=1e-3), (plan, i)
