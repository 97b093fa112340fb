"""The chunks of a simulation put together: figures of all paths, and when there are enough of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from minecalc.analysis.simulate.choices import difference
from minecalc.analysis.simulate.run import NPV, Chunk, Run
from minecalc.analysis.simulate.sampling import Sampling
from minecalc.analysis.simulate.statistics import Sample
from minecalc.analysis.workers import Workers
from minecalc.arrays import FloatArray, accumulate
from minecalc.randomness.streams import BLOCK_PATHS, Draws

#: Paths that a tolerance begins with, and after how many it is given up; Sobol replicates take both.
TOLERANCE_LEAST, TOLERANCE_MOST = 16 * BLOCK_PATHS, 1024 * BLOCK_PATHS

#: What passes chunks on as they come, of so many, and may tell of it.
Watch = Callable[[Iterator[Chunk], int], Iterator[Chunk]]


class Collected:
    """The figures of ``plans`` on all paths so far, in their order; why paths lack them is counted."""

    def __init__(self, plans: Sequence[str], names: Sequence[str], draws: Draws) -> None:
        self.plans, self.names, self.draws = tuple(plans), tuple(names), draws
        self._parts: list[FloatArray] = []
        self._missing: Counter[tuple[int, int, str]] = Counter()

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return sum(len(part) for part in self._parts)

    def add(self, chunk: Chunk) -> None:
        """Put the next paths to those that are there."""
        self._parts.append(chunk.figures)
        for number, reason in enumerate(chunk.reasons, start=1):
            for plan, name in zip(*np.nonzero((chunk.codes == number).any(axis=0)), strict=True):
                count = int(np.count_nonzero(chunk.codes[:, plan, name] == number))
                self._missing[int(plan), int(name), reason] += count

    def sample(self, plan: str, name: str = NPV) -> Sample:
        """One figure of one plan on every path."""
        p, f = self.plans.index(plan), self.names.index(name)
        values = np.concatenate([part[:, p, f] for part in self._parts])
        reasons = {reason: count for (of, what, reason), count in self._missing.items() if (of, what) == (p, f)}
        return Sample(values, Sampling(self.draws, values.size), reasons)

    def worst_error(self, baseline: str) -> float | None:
        """The standard error of each plan's mean NPV difference over the mean size of that difference; the largest.

        The size is the mean without its sign, so that a difference about zero can be told too. Of a plan that is alone,
        that of its NPV. None: it cannot be told.
        """
        base = self.sample(baseline)
        rivals = [name for name in self.plans if name != baseline]
        found = [_relative_error(difference(self.sample(name), base)) for name in rivals] or [_relative_error(base)]
        return max((error for error in found if error is not None), default=None) if None not in found else None


def _relative_error(sample: Sample) -> float | None:
    error = sample.mean.error
    if error is None:
        return None
    size = float(accumulate(np.abs(sample.ordered)[:, None])[0]) / sample.paths
    return error / size if error else 0.0


def collect(
    run: Run, collected: Collected, workers: Workers, watch: Watch, tolerance: float | None = None
) -> Iterator[Chunk]:
    """The chunks of ``run`` as they come, after each was put to ``collected``.

    With a ``tolerance`` there are twice as many paths again and again, up to ``TOLERANCE_MOST``, until ``worst_error``
    is met: the first are those of ``run``.
    """
    baseline = run.world.given.baseline_plan.name
    while True:
        for chunk in watch(workers.share_out(run.chunk, range(run.chunks)), run.chunks):
            collected.add(chunk)
            yield chunk
        if tolerance is None or 2 * run.paths > TOLERANCE_MOST:
            return
        error = collected.worst_error(baseline)
        if error is not None and error <= tolerance:
            return
        run = replace(run, first_block=run.paths // BLOCK_PATHS, paths=2 * run.paths)
