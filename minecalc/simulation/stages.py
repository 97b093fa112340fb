"""The stages between a scenario and its simulated worlds: of one and the same draw more acts from stage to stage.

What the owner does not know of his own inputs acts first, then what goes wrong with buildings, then with tenants, then
the markets, all with fleets that stop as the scenario says; last come the stops that a simulation puts in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from minecalc.simulation.relevance import Uncertain
from minecalc.simulation.world import Draw, Paths, World

INPUTS, DELAYS, DEFAULTS, PRICES, SHUTDOWNS = (
    "inputs",
    "delays_and_overruns",
    "tenant_defaults",
    "prices",
    "mining_shutdowns",
)

_DELAYS, _DEFAULTS = frozenset({"capex_usd_per_critical_mw", "delay_months"}), frozenset({"tenant_default"})


class Stage(NamedTuple):
    """A stage: what acts from it on, by name, and all ``names`` that act in its ``world``."""

    name: str
    names: frozenset[str]
    world: World

    def paths(self, draw: Draw) -> Paths:
        """The scenario with a case for each path of ``draw``, of which ``names`` act."""
        return self.world.applied(draw.acting(self.names))


def price_names(uncertain: Uncertain) -> frozenset[str]:
    """The factors of the markets: all but those of buildings and tenants."""
    return frozenset(uncertain.factors) - _DELAYS - _DEFAULTS


def stages(world: World) -> tuple[Stage, ...]:
    """Those that have anything uncertain; in the last all acts, as in ``world``. None where nothing is uncertain."""
    factors, inputs = frozenset(world.uncertain.factors), frozenset(world.uncertain.inputs)
    groups = {
        INPUTS: inputs,
        DELAYS: factors & _DELAYS,
        DEFAULTS: factors & _DEFAULTS,
        PRICES: price_names(world.uncertain),
    }
    kept, acting, found = replace(world, keeps_fleets=True), frozenset[str](), list[Stage]()
    for name, group in groups.items():
        if group:
            acting |= group
            found.append(Stage(name, acting, kept))
    if acting and (world.stops_assumed or world.stops_fixed):
        found.append(Stage(SHUTDOWNS, acting, world))
    return tuple(found)
