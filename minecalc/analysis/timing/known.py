"""What a decision looks at: the market's numbers that vary, in the month before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecalc.analysis.timing.project import Project
from minecalc.arrays import FloatArray
from minecalc.engine import Engine
from minecalc.factor import MarketRate
from minecalc.scenario import Use
from minecalc.simulation.relevance import following, input_at
from minecalc.simulation.world import World

_PRICE, _NETWORK, _HASH_PRICE = "btc_price_usd", "network_hash_rate_eh_per_s", "hash_price_usd_per_ph_per_day"
_POWER = "electricity_price_usd_per_kwh"


class Known(NamedTuple):
    """One number of the market, by its name with its unit; of a rent or rate ``use`` says whose."""

    name: str
    use: str = ""

    def path(self, engine: Engine, project: Project, drawn: Mapping[str, FloatArray]) -> FloatArray:
        """The number over the months ``(1|months, 1|cases)`` in an engine whose world has ``drawn``."""
        match self.name:
            case "hash_price_usd_per_ph_per_day":
                return engine.market.hash_price_usd_per_ph_per_day
            case "electricity_price_usd_per_kwh":
                return engine.site_power.average_usd_per_kwh
            case _:
                moved = _named(engine.scenario.plans[project.plan.name].uses, self.use)
                path = following(moved, self.name).get(self.name)
                if path is not None:
                    return path.values(engine.scenario.timeline)
                market = drawn.get(self.name, np.ones((1, 1)))
                price: FloatArray = market * input_at(_named(project.uses, self.use), self.name)
                return price


def _named(uses: tuple[Use, ...], name: str) -> Use:
    [found] = (use for use in uses if use.name == name)
    return found


def known_states(world: World, project: Project) -> tuple[Known, ...]:
    """What matters most to ``project`` and varies: the hash price and market rates; power if nothing else does.

    A market rate is that of the first use that has it. The fewer the numbers, the better is known what they say.
    """
    factors, found = world.uncertain.factors, list[Known]()
    mines = any(use.inputs.earns_hash_price or use.inputs.meanwhile for use in project.uses)
    if mines and {_PRICE, _NETWORK, _HASH_PRICE} & factors.keys():
        found.append(Known(_HASH_PRICE))
    for name, factor in factors.items():
        uses = [use.name for use in project.uses if getattr(use.inputs, name, None) is not None]
        if isinstance(factor, MarketRate) and uses:
            found.append(Known(name, uses[0]))
    if not found and _POWER in factors:
        found.append(Known(_POWER))
    return tuple(found)
