"""The bridges of a simulation: of every plan's NPV, and of how far it is ahead of the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.analysis.bridge import BLOCKS_MOST, Step, bridge
from minecalc.analysis.simulate.outcomes import Certain, Collected, certain_lead, difference
from minecalc.analysis.simulate.run import NPV, Run, figures_of
from minecalc.arrays import FloatArray
from minecalc.engine import Engine
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.simulation.stages import Stage, stages
from minecalc.statistics.sampling import Sampling
from minecalc.work.freed_memory import keep_freed_memory
from minecalc.work.workers import Workers


class Bridge(NamedTuple):
    """The steps from what ``compare`` says of a plan to the mean: of its ``npv`` at its own rate, and of its ``lead``.

    The lead is over the baseline, at the scenario's rate; the baseline has none. ``paths`` are those of the steps.
    """

    npv: Sequence[Step]
    lead: Sequence[Step]
    paths: int


@dataclass(frozen=True)
class Staged:
    """The first blocks of ``run`` in every stage between the scenario and its worlds but the last, which that is of."""

    run: Run

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages, the last included."""
        return stages(self.run.world)

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return min(-(-self.run.paths // BLOCK_PATHS), BLOCKS_MOST)

    @property
    def names(self) -> tuple[str, ...]:
        """The figures in each stage."""
        return figures_of(self.run.world)

    def block(self, number: int) -> FloatArray:
        """The NPVs ``(stages, paths, plans, names)`` of a block: NaN where a path is infeasible."""
        keep_freed_memory()
        run = replace(self.run, figures=self.names, beside=())
        draw = run.world.draw(number)
        found = np.empty((len(self.stages) - 1, BLOCK_PATHS, len(run.plans), len(run.figures)))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for place, stage in enumerate(self.stages[:-1]):
                paths = stage.paths(draw)
                found[place], _ = run.npvs(Engine(paths.scenario), paths, {})
                found[place, paths.infeasible] = np.nan
        return found


def bridges(
    run: Run,
    collected: Collected,
    certain: Certain,
    workers: Workers,
) -> Mapping[str, Bridge]:
    """The bridge of each plan of ``run``, whose paths were ``collected``; none for a plan without an NPV."""
    staged = Staged(run)
    paths = min(staged.blocks * BLOCK_PATHS, collected.paths)
    before = len(staged.stages) > 1
    blocks = list(workers.share_out(staged.block, range(staged.blocks))) if before else []
    steps = np.concatenate(blocks, axis=1)[:, :paths] if before else np.empty((0, paths, len(run.plans), 1))
    sampling, baseline = Sampling(collected.draws, paths), run.world.given.baseline_plan.name
    found = {}
    for plan in run.plans:

        def of(name: str, plan: str = plan) -> dict[str, FloatArray]:
            p, f = run.plans.index(plan), staged.names.index(name)
            parts = {stage.name: steps[place, :, p, f] for place, stage in enumerate(staged.stages[:-1])}
            return parts | {stage.name: collected.sample(plan, name).values[:paths] for stage in staged.stages[-1:]}

        npv = collected.sample(plan)
        own = certain.get((plan, NPV))
        ours = [] if own is None else bridge(own, of(NPV), npv.mean, sampling, npv)
        lead: Sequence[Step] = []
        ahead = certain_lead(certain, plan, baseline, collected.compared)
        if plan != baseline and ahead is not None:
            gap, theirs = difference(collected.worth(plan), collected.worth(baseline)), of(collected.compared, baseline)
            leads = {name: values - theirs[name] for name, values in of(collected.compared).items()}
            lead = bridge(ahead, leads, gap.mean, sampling, gap)
        found[plan] = Bridge(ours, lead, paths)
    return found
