"""What antithetic and Sobol draws gain over independent ones in every shipped scenario. Run as a script.

By how much the variance of an estimate falls at the same number of paths, from the errors that each run states (the
tests hold those to the truth), and what a path costs; of the rival that the scenario names last. Errors of shares and
percentiles of Sobol draws are widened by Student's t, by 18% of the variance: these gains are what a reader sees.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from minecalc.analysis.questions import unwatched
from minecalc.analysis.simulate.outcomes import Collected, beats, collect, difference
from minecalc.analysis.simulate.run import Run, figures_of
from minecalc.loading import load
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, REPLICATES, Draws, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import World
from minecalc.statistics.estimates import Estimate
from minecalc.work.processes import Processes

SCENARIOS = sorted(Path("scenarios").glob("*/*.yaml"))
PATHS, SEEDS = REPLICATES * BLOCK_PATHS, range(1, 5)
#: What is measured of the lead over the baseline.
FIGURES = ("mean", "P(beats)", "P10", "P50", "P90")


class Measured(NamedTuple):
    """Variances of ``FIGURES``, as means over seeds, and the least seconds of processor time a run."""

    variances: list[float]
    seconds: float


def measured(scenario: Scenario, draws: Draws) -> Measured:
    """The errors of the last rival's lead, each squared; NaN where one cannot be told."""
    baseline = scenario.baseline_plan.name
    rival = [plan for plan in scenario.plans if plan != baseline][-1]
    found: list[list[float]] = []
    seconds = []
    for seed in SEEDS:
        begun = time.process_time()
        world = World(scenario, Sampler(seed, draws))
        run = Run(world, (baseline, rival), PATHS, figures_of(world))
        collected = Collected(run.plans, run.figures, draws)
        for _ in collect(run, collected, Processes(1), unwatched):
            pass
        ours, theirs = collected.worth(rival), collected.worth(baseline)
        gap = difference(ours, theirs)
        percentiles = (gap.percentile(percent) for percent in (10.0, 50.0, 90.0))
        found.append([_variance(e) for e in (gap.mean, beats(ours, theirs).above, *percentiles)])
        seconds.append(time.process_time() - begun)
    return Measured(np.mean(found, axis=0).tolist(), min(seconds))


def _variance(estimate: Estimate) -> float:
    return math.nan if estimate.error is None else estimate.error**2


def main() -> None:
    """Print a line for each scenario and way to draw, and the least, the median and the largest gain of each."""
    print(f"{PATHS:,} paths, {len(SEEDS)} seeds: variance of independent draws over this, and time over theirs")
    gains: dict[Draws, list[list[float]]] = {draws: [] for draws in DRAWS[1:]}
    for file in SCENARIOS:
        scenario = load(file)
        if len(scenario.plans) < 2:
            continue
        stops = World(scenario, Sampler()).stops_fixed  # chosen once, so that every draw measures the same plans
        dated = [f"{path}={month}" for path, month in stops.items() if path.endswith(".stops")]  # no "meanwhile"
        scenario = load(file, dated)
        alone = measured(scenario, "independent")
        for draws in DRAWS[1:]:
            other = measured(scenario, draws)
            pairs = zip(alone.variances, other.variances, strict=True)
            row = [a / b if b else math.nan for a, b in pairs] + [other.seconds / alone.seconds]
            gains[draws].append(row)
            print(_line("/".join(file.with_suffix("").parts[1:]), draws, row), flush=True)
    for draws, rows in gains.items():
        for name, quantile in (("least", 0.0), ("median", 0.5), ("largest", 1.0)):
            print(_line(name, draws, np.nanquantile(rows, quantile, axis=0).tolist()))


def _line(name: str, draws: Draws, row: list[float]) -> str:
    told = ", ".join(f"{figure} {gain:6.1f}" for figure, gain in zip(FIGURES, row, strict=False))
    return f"{name:34} {draws:10} {told}, time {row[-1]:.1f}"


if __name__ == "__main__":
    main()
