"""The chunks of a simulation put together: figures of all paths, and when there are enough of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from minecalc.analysis.simulate.choices import difference
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, Draws
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from minecalc.work.workers import Workers

#: Paths that a tolerance begins with, and after how many it is given up; Sobol replicates take both.
TOLERANCE_LEAST, TOLERANCE_MOST = 16 * BLOCK_PATHS, 1024 * BLOCK_PATHS

#: What passes chunks on as they come, of so many, and may tell of it.
Watch = Callable[[Iterator[Chunk], int], Iterator[Chunk]]


class Collected:
    """The figures of ``plans`` on all paths so far, in their order; why paths lack them is counted."""

    def __init__(self, plans: Sequence[str], names: Sequence[str], draws: Draws) -> None:
        self.plans, self.names, self.draws = tuple(plans), tuple(names), draws
        self._parts: list[FloatArray] = []
        self._markets: list[FloatArray] = []
        self._missing: Counter[tuple[int, int, str]] = Counter()

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return sum(len(part) for part in self._parts)

    def add(self, chunk: Chunk) -> None:
        """Put the next paths to those that are there."""
        self._parts.append(chunk.figures)
        self._markets.append(chunk.market)
        for number, reason in enumerate(chunk.reasons, start=1):
            for plan, name in zip(*np.nonzero((chunk.codes == number).any(axis=0)), strict=True):
                count = int(np.count_nonzero(chunk.codes[:, plan, name] == number))
                self._missing[int(plan), int(name), reason] += count

    @property
    def market(self) -> FloatArray:
        """The prices of bitcoin and of hash in the last month on every path, ``(2, paths)``."""
        return np.concatenate(self._markets, axis=1)

    def sample(self, plan: str, name: str = NPV) -> Sample:
        """One figure of one plan on every path."""
        p, f = self.plans.index(plan), self.names.index(name)
        values = np.concatenate([part[:, p, f] for part in self._parts])
        reasons = {reason: count for (of, what, reason), count in self._missing.items() if (of, what) == (p, f)}
        return Sample(values, Sampling(self.draws, values.size), reasons)

    @property
    def compared(self) -> str:
        """What plans are compared by: the NPV at the scenario's rate, which is their NPV where none has its own."""
        return AT_SCENARIO_RATE if AT_SCENARIO_RATE in self.names else NPV

    def worth(self, plan: str) -> Sample:
        """What a plan is compared by, on every path."""
        return self.sample(plan, self.compared)

    def relative_error(self, baseline: str, plan: str | None = None) -> float | None:
        """The standard error of the mean lead of ``plan`` over the baseline, over that mean lead without its sign.

        Without ``plan`` the largest of all plans; of a plan that is alone, that of its NPV. None: it cannot be told,
        as where the lead is zero on average but not in every world.
        """
        rivals = [name for name in self.plans if name != baseline] if plan is None else [plan]
        base = self.worth(baseline)
        leads = [difference(self.worth(name), base) for name in rivals if name != baseline]
        found = [_relative_error(lead.mean) for lead in leads or [self.sample(baseline)]]
        return max((error for error in found if error is not None), default=None) if None not in found else None


def _relative_error(mean: Estimate) -> float | None:
    if mean.error == 0.0:
        return 0.0
    return abs(mean.error / mean.number) if mean.error is not None and mean.number else None


def collect(
    run: Run,
    collected: Collected,
    workers: Workers,
    watch: Watch,
    tolerance: float | None = None,
    plan: str | None = None,
) -> Iterator[Chunk]:
    """The chunks of ``run`` as they come, after each was put to ``collected``.

    With a ``tolerance`` there are twice as many paths again and again, up to ``TOLERANCE_MOST``, until the
    ``relative_error`` of the lead of ``plan``, or of every plan, is as small: the first are those of ``run``.
    """
    baseline = run.world.given.baseline_plan.name
    while True:
        for chunk in watch(workers.share_out(run.chunk, range(run.chunks)), run.chunks):
            collected.add(chunk)
            yield chunk
        if tolerance is None or 2 * run.paths > TOLERANCE_MOST:
            return
        error = collected.relative_error(baseline, plan)
        if error is not None and error <= tolerance:
            return
        run = replace(run, first_block=run.paths // BLOCK_PATHS, paths=2 * run.paths)
