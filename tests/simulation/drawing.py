"""Blocks of paths of a small scenario, for tests of what is drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import FloatArray
from minecalc.loading import loads
from minecalc.randomness.streams import Draws, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import Draw, World

Data = dict[str, Any]

PRICE, NETWORK, FEES = "btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"
POWER, RENT, RATE = "electricity_price_usd_per_kwh", "rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour"
HASH_PRICE = "hash_price_usd_per_ph_per_day"

PLANS: Data = {
    "keep mining": {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 1.9},
    "lease": {
        "kind": "colocation",
        "rent_usd_per_kw_per_month": 130,
        "conversion": {"starts": "2027-03", "ready": "2027-09", "capex_usd_per_critical_mw": 8e6},
    },
    "rent out": {
        "uses": {
            "gpus": {
                "kind": "gpu_cloud",
                "gpu_count": 8192,
                "lease_usd_per_gpu_hour": 2.65,
                "utilisation_fraction": 0.8,
                "capex_usd_per_critical_mw": 0,
            }
        }
    },
}


def scenario(uncertainty: Data | None = None, months: int = 36, **more: Any) -> Scenario:
    """A mine, a lease and GPUs; everything by default is uncertain unless ``uncertainty`` says otherwise."""
    data: Data = {
        "name": "drawn",
        "months": months,
        "site": {"gross_mw": 40, "electricity_price_usd_per_kwh": 0.05},
        "plans": PLANS,
    }
    if uncertainty is not None:
        data["uncertainty"] = uncertainty
    return loads(json.dumps(data | more))


def world(
    uncertainty: Data | None = None, months: int = 36, seed: int = 1, draws: Draws = "independent", **more: Any
) -> World:
    """The world of ``scenario``."""
    return World(scenario(uncertainty, months, **more), Sampler(seed, draws))


def only(**factors: Any) -> Data:
    """A block of these factors alone."""
    return {"others": "fixed"} | factors


def monthly_paths(drawn: World, blocks: int = 40) -> dict[str, FloatArray]:
    """The monthly factors of many blocks, ``(months, paths)``."""
    return {name: values for name, values in _drawn(drawn, blocks).items() if values.ndim == 2}


def once(drawn: World, blocks: int = 40) -> dict[str, FloatArray]:
    """The numbers drawn once a path in many blocks, ``(paths,)``."""
    return {name: values for name, values in _drawn(drawn, blocks).items() if values.ndim == 1}


def _drawn(drawn: World, blocks: int) -> dict[str, FloatArray]:
    """All that is drawn of many blocks."""
    found = [drawn.draw(block).values for block in range(blocks)]
    return {name: np.concatenate([values[name] for values in found], axis=-1) for name in found[0]}


def some_of(draw: Draw, which: NDArray[np.intp]) -> Draw:
    """The draw of some of the paths, ``which (m,)``, which may repeat."""
    return Draw({name: values[..., which] for name, values in draw.values.items()}, which.size)


def steps(course: FloatArray) -> FloatArray:
    """Changes of the logarithm from month to month, the first from the scenario's own path."""
    return np.diff(np.log(course), axis=0, prepend=0.0)
