"""What antithetic and Sobol draws gain over independent ones. Run as a script.

By how much the variance of an estimate falls at the same number of paths, from the errors that each run states (the
tests hold those to the truth), and what a path costs; of the rival that the shipped scenario names last.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from minecalc.analysis.processes import Processes
from minecalc.analysis.simulate.choices import beats, difference
from minecalc.analysis.simulate.collecting import Collected, collect
from minecalc.analysis.simulate.estimates import Estimate
from minecalc.analysis.simulate.run import NPV, Run
from minecalc.loading import load
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, REPLICATES, Draws, Sampler
from minecalc.simulation.world import World

SCENARIOS = (
    "archetypes/retrofit",
    "archetypes/quebec-hydro",
    "archetypes/gpus-in-leased-space",
    "leases/riot-amd",
    "leases/hut8-beacon-point",
    "systems/northern-data",
)
PATHS, SEEDS = REPLICATES * BLOCK_PATHS, range(1, 9)


class Measured(NamedTuple):
    """Variances of the mean difference, of P(beats) and of the difference at P10, and seconds a run."""

    variances: list[float]
    seconds: float


def measured(name: str, draws: Draws) -> Measured:
    """The mean over seeds."""
    scenario = load(f"scenarios/{name}.yaml")
    baseline = scenario.baseline_plan.name
    rival = [plan for plan in scenario.plans if plan != baseline][-1]
    found: list[list[float]] = []
    begun = time.perf_counter()
    for seed in SEEDS:
        run = Run(World(scenario, Sampler(seed, draws)), (baseline, rival), PATHS)
        collected = Collected(run.plans, (NPV,), draws)
        for _ in collect(run, collected, Processes(1), lambda chunks, total: chunks):
            pass
        ours, theirs = collected.sample(rival), collected.sample(baseline)
        gap = difference(ours, theirs)
        found.append([_variance(e) for e in (gap.mean, beats(ours, theirs).above, gap.percentile(10.0))])
    return Measured(np.mean(found, axis=0).tolist(), (time.perf_counter() - begun) / len(SEEDS))


def _variance(estimate: Estimate) -> float:
    assert estimate.error is not None
    return estimate.error**2


def main() -> None:
    """Print a line for each scenario and way to draw."""
    print(f"{PATHS:,} paths, {len(SEEDS)} seeds: variance of independent draws over this, and time over theirs")
    for name in SCENARIOS:
        alone = measured(name, "independent")
        for draws in DRAWS[1:]:
            other = measured(name, draws)
            mean, wins, tail = (a / b for a, b in zip(alone.variances, other.variances, strict=True))
            gains = f"mean {mean:6.1f}, P(beats) {wins:4.1f}, P10 {tail:4.1f}"
            print(f"{name:32} {draws:10} {gains}, time {other.seconds / alone.seconds:.1f}")


if __name__ == "__main__":
    main()
