"""What a decision looks at: the market's numbers that vary, in the month before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecalc.analysis.timing.project import RENT, Project
from minecalc.arrays import FloatArray
from minecalc.engine import Engine
from minecalc.simulation.world import World

_PRICE, _NETWORK, _HASH_PRICE = "btc_price_usd", "network_hash_rate_eh_per_s", "hash_price_usd_per_ph_per_day"
_POWER, _GPU_RATE = "electricity_price_usd_per_kwh", "lease_usd_per_gpu_hour"


class Known(NamedTuple):
    """One number of the market, by its name with its unit; of a rent or rate ``use`` says whose."""

    name: str
    use: str = ""

    def course(self, engine: Engine, project: Project, monthly: Mapping[str, FloatArray]) -> FloatArray:
        """The number over the months ``(1|months, 1|cases)`` in an engine whose world has drawn ``monthly``."""
        match self.name:
            case "hash_price_usd_per_ph_per_day":
                return engine.market.hash_price_usd_per_ph_per_day
            case "electricity_price_usd_per_kwh":
                return engine.site_price_usd_per_kwh
            case "rent_usd_per_kw_per_month":
                [use] = (use for use in project.uses if use.name == self.use)
                market = monthly.get(RENT, np.ones((1, 1)))
                rent: FloatArray = market * use.inputs.rent_usd_per_kw_per_month
                return rent
            case _:
                plan = engine.scenario.plans[project.plan.name]
                [use] = (use for use in plan.uses if use.name == self.use)
                rate: FloatArray = use.inputs.lease_usd_per_gpu_hour.values(engine.scenario.timeline)
                return rate


def known_states(world: World, project: Project) -> tuple[Known, ...]:
    """What matters most to ``project`` and varies: hash price, market rent, GPU-hour rate; power if nothing else does.

    A market rent is that of the first lease, a GPU-hour rate that of the first use that sells hours. The fewer the
    numbers, the better is known what they say.
    """
    factors, found = world.uncertain.factors, list[Known]()
    mines = any(use.inputs.mines or use.inputs.conversion.meanwhile for use in project.uses)
    if mines and {_PRICE, _NETWORK, _HASH_PRICE} & factors.keys():
        found.append(Known(_HASH_PRICE))
    for name in (RENT, _GPU_RATE):
        uses = [use.name for use in project.uses if getattr(use.inputs, name, None) is not None]
        if name in factors and uses:
            found.append(Known(name, uses[0]))
    if not found and _POWER in factors:
        found.append(Known(_POWER))
    return tuple(found)
