"""From what ``compare`` says of the plan to what converting as scheduled, on the best date and by a rule is worth.

All over never converting, at the scenario's rate. The steps to the mean are those of ``analysis.bridge``, with the
plan's lease at the scenario's own rent, as the file says. Where never is something else than the baseline, because the
plan has other uses or nothing runs until then, that is a step of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minecalc.analysis.bridge import BLOCKS_MOST, SCENARIO, Step, bridge, certain, moved
from minecalc.analysis.timing.dated import Dated
from minecalc.analysis.timing.solved import FIXED, NOW, RULE, Solved
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.simulation.stages import stages
from minecalc.simulation.world import World
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sampling import Sampling

BASELINE, PHASES, BEST = "never_for_baseline", "phase_by_phase", "best"

#: Two worths that differ by less, as a share of what is added up, are the same but for rounding.
_ROUNDING = 1e-9


def walk(dated: Dated, paths: int, whole: Solved, by_phase: tuple[Estimate, Estimate] | None) -> list[Step]:
    """The steps from ``compare`` to the mean of converting as scheduled, called ``now``, and on to the best way.

    They are of the first ``paths`` paths of ``dated``, or fewer; ``by_phase`` is what deciding phase by phase is worth
    over never, and what it adds to deciding all at once. The last step is what those from ``now`` on come to, each told
    by what tells it best: the best way's own estimate but for their errors.
    """
    compared = dated.project.lead_usd(dated.project.given)
    now, never = (float(worth[0]) for worth in dated.now_and_never(dated.project.scenario))
    same = abs(now - never - compared) <= _ROUNDING * max(abs(now), abs(never))
    begin = compared if same else now - never
    paths = min(paths, BLOCKS_MOST * BLOCK_PATHS)
    mean = whole.ways[NOW].over_never
    steps = bridge(begin, _over_never(dated, paths), mean, Sampling("independent", paths))
    if not steps:
        return []
    if not same:
        steps[0] = Step(BASELINE, certain(begin - compared))
        steps.insert(0, Step(SCENARIO, certain(compared)))
    fixed, best = whole.ways[FIXED], whole.ways[whole.best]
    lost = (mean.number or 0.0) < 0.0  # then the best way is told over never, else over now
    over = [way.over_never if lost else way.over_now for way in (whole.ways[NOW], fixed, best)]
    steps[-1] = Step(NOW, mean)
    steps.append(Step(FIXED, _change(over[1], over[0], whole.paths_worth[FIXED].over(whole.paths_worth[NOW]))))
    steps.append(Step(RULE, _change(over[2], over[1], whole.paths_worth["best"].over(whole.paths_worth[FIXED]))))
    end = best.over_never
    if by_phase is not None:
        end, added = by_phase
        steps.append(Step(PHASES, added))
    total = math.fsum(step.usd.number or 0.0 for step in steps[steps.index(Step(NOW, mean)) :])
    return [*steps, Step(BEST, moved(end, total))]


def _over_never(dated: Dated, paths: int) -> dict[str, FloatArray]:
    """Converting as scheduled over never on each path in every stage, ``(paths,)``; NaN on infeasible ones."""
    project = dated.project
    scenario = project.scenario.model_copy(update={"uncertainty": project.given.uncertainty})
    world = World(scenario, dated.world.sampler)
    found: dict[str, list[FloatArray]] = {}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for block in range(-(-paths // BLOCK_PATHS)):
            draw = world.draw(block)
            for stage in stages(world):
                worlds = stage.paths(draw)
                now, never = dated.now_and_never(worlds.scenario)
                gap = np.where(worlds.infeasible, np.nan, now - never)
                found.setdefault(stage.name, []).append(gap)
    return {name: np.concatenate(parts)[:paths] for name, parts in found.items()}


def _change(after: Estimate, before: Estimate, told: Estimate) -> Estimate:
    """``after`` less ``before``, each as it is told so that steps add up, with the error that is ``told``."""
    return moved(told, (after.number or 0.0) - (before.number or 0.0))


def changes(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps from ``compare`` to the mean of converting as scheduled, both included."""
    place = next((n for n, step in enumerate(steps) if step.name == NOW), -1)
    return steps[: place + 1]
