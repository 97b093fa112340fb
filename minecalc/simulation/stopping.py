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
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.schema.names import quoted
from minecalc.stops import NEVER, StopValues

#: Months unpaid after which a fleet whose ``stops`` nobody has given shuts, where anything is uncertain.
UNPAID_MONTHS = 6


class Key(NamedTuple):
    """Names: of the plan that a fleet runs in, of the plan that it is a use of, and of that use."""

    plan: str
    owner: str
    use: str


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


def stops_best(use: Use) -> bool:
    """Whether a use is a fleet with ``stops: best``."""
    return any(fleet.stops_at_best for fleet in use.inputs.fleets())


def runs_at_best(scenario: Scenario) -> Iterator[Run]:
    """Every fleet with ``stops: best`` in each plan that it runs in."""
    for plan, use in scenario.uses():
        if stops_best(use):
            yield Run(Key(plan.name, plan.name, use.name), _path(plan, use, "stops"), None)
        runs, fleets = use.inputs.meanwhile, scenario.runs_until(use)
        for fleet in fleets:
            if runs is not None and stops_best(fleet):
                path = _path(plan, use, "conversion.meanwhile")
                name = "" if len(fleets) == 1 else f".{quoted(fleet.name)}"
                yield Run(Key(plan.name, runs.plan, fleet.name), f"{path}{name}", use)


def stop_values(keys: Iterable[Key], pilots: Iterable[Scenario]) -> dict[Key, StopValues]:
    """What each fleet is worth by its stop, on average over the cases of ``pilots``, in which they never stop."""
    parts: dict[Key, list[FloatArray]] = {key: [] for key in sorted(keys)}
    for scenario in pilots:
        engine = Engine(scenario)
        for key, values in parts.items():
            (fleet,) = (use for use in scenario.plans[key.owner].uses if use.name == key.use)
            setting = engine.setting(scenario.plans[key.plan], fleet)
            worth = business(fleet.kind).value_by_stop_usd(fleet.inputs, setting)
            values.append(np.broadcast_to(worth, (len(worth), BLOCK_PATHS)))
    return {key: StopValues(_mean(np.concatenate(values, axis=1))) for key, values in parts.items()}


def _mean(values: FloatArray) -> FloatArray:
    """The mean of ``values (rows, paths)`` over paths, exact where all have one number: ``(rows, 1)``."""
    first = np.where(np.isfinite(values[:, :1]), values[:, :1], 0.0)
    total = accumulate(np.ascontiguousarray((values - first).T))
    mean: FloatArray = first + total[:, None] / values.shape[1]
    return mean


def never_stopping(plans: Plans) -> Plans:
    """Plans whose uses with ``stops: best`` never stop."""
    found = Plans()
    for name, plan in plans.items():
        uses = tuple(
            use._replace(inputs=use.inputs.model_copy(update={"stops": NEVER})) if stops_best(use) else use
            for use in plan.uses
        )
        found[name] = plan._replace(uses=uses)
    return found


def _path(plan: Plan, use: Use, name: str) -> str:
    return ".".join((*(quoted(part) for part in plan.place(use)), name))
