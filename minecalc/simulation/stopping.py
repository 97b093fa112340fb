"""When fleets stop under uncertainty: ``best`` is one date for every world, chosen by what a stop is worth on average.

The date is chosen for the plan that a fleet runs in, at that plan's rate; until a conversion, among dates up to its
start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate
from minecalc.businesses import business
from minecalc.engine import Engine
from minecalc.fleets.stops import NEVER, StopValues
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.schema.names import dotted

#: Months unpaid after which a fleet whose ``stops`` nobody has given shuts, where anything is uncertain.
UNPAID_MONTHS = 6


class Key(NamedTuple):
    """Names: of the plan that a fleet runs in, of the plan that it is a use of, of that use, and of its fleet.

    The only fleet of a use has none.
    """

    plan: str
    owner: str
    use: str
    fleet: str = ""


class Run(NamedTuple):
    """A fleet where it runs: as a use of its own plan, or until the conversion of ``converts``, a use of another."""

    key: Key
    path: str
    converts: Use | None

    def until(self, engine: Engine) -> Number:
        """The month before which it has stopped for what follows it (float or column)."""
        timeline = engine.scenario.timeline
        conversion = None if self.converts is None else self.converts.inputs.conversion
        return timeline.after if conversion is None else conversion.starts_in(timeline)


def fleets_at_best(use: Use) -> list[str]:
    """The names of the fleets of a use with ``stops: best``; the only one of a use has none."""
    return list(dict.fromkeys(fleet.name for fleet in use.inputs.every_fleet() if fleet.stops_at_best))


def runs_at_best(scenario: Scenario) -> Iterator[Run]:
    """Every fleet with ``stops: best`` in each plan that it runs in."""
    for plan, use in scenario.uses():
        for fleet in fleets_at_best(use):
            yield Run(Key(plan.name, plan.name, use.name, fleet), stops_path(plan, use, fleet), None)
        runs, others = use.inputs.meanwhile, scenario.runs_until(use)
        for other in others:
            for fleet in fleets_at_best(other) if runs is not None else ():
                assert runs is not None
                named = ([] if len(others) == 1 else [other.name]) + ([fleet] if fleet else [])
                path = (*plan.place(use), "conversion", "meanwhile", *named)
                yield Run(Key(plan.name, runs.plan, other.name, fleet), dotted(path), use)


def stop_values(keys: Iterable[Key], pilots: Iterable[Scenario]) -> dict[Key, StopValues]:
    """What each fleet is worth by its stop, on average over the cases of ``pilots``, in which they never stop."""
    parts: dict[Key, list[FloatArray]] = {key: [] for key in sorted(keys)}
    for scenario in pilots:
        engine = Engine(scenario)
        for key, values in parts.items():
            (use,) = (use for use in scenario.plans[key.owner].uses if use.name == key.use)
            setting = engine.setting(scenario.plans[key.plan], use)
            worth = business(use.kind).value_by_stop_usd(use.inputs, setting)[key.fleet]
            values.append(np.broadcast_to(worth, (len(worth), BLOCK_PATHS)))
    return {key: StopValues(_mean(np.concatenate(values, axis=1))) for key, values in parts.items()}


def _mean(values: FloatArray) -> FloatArray:
    """The mean of ``values (rows, paths)`` over paths, exact where all have one number: ``(rows, 1)``."""
    first = np.where(np.isfinite(values[:, :1]), values[:, :1], 0.0)
    total = accumulate(np.ascontiguousarray((values - first).T))
    mean: FloatArray = first + total[:, None] / values.shape[1]
    return mean


def never_stopping(plans: Plans) -> Plans:
    """Plans whose fleets with ``stops: best`` never stop."""
    found = Plans()
    for name, plan in plans.items():
        uses = tuple(use.with_stops(dict.fromkeys(fleets_at_best(use), NEVER)) for use in plan.uses)
        found[name] = plan._replace(uses=uses)
    return found


def stops_path(plan: Plan, use: Use, fleet: str = "") -> str:
    """The dotted path of the ``stops`` of one fleet of a use."""
    return dotted((*plan.place(use), *(("fleets", fleet) if fleet else ()), "stops"))
