"""What may the plans be worth, how likely is each, and how well is that known? The question and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minecalc import tables
from minecalc.analysis.figures_of_cases import metric_names
from minecalc.analysis.questions import (
    Answer,
    QuestionError,
    Watch,
    chosen_workers,
    demand_figure,
    plan_named,
    unwatched,
)
from minecalc.analysis.simulate.answer import SimulationNumbers as Found
from minecalc.analysis.simulate.answer import answered
from minecalc.analysis.simulate.collecting import TOLERANCE_LEAST, Collected, collect
from minecalc.analysis.simulate.run import Chunk, Run, figures_of
from minecalc.analysis.simulate.saving import batches, columns
from minecalc.levers import lever
from minecalc.loading import reading_of
from minecalc.randomness.streams import BLOCK_PATHS, DRAWS, REPLICATES, Draws, Sampler
from minecalc.schema.names import split_path
from minecalc.simulation.relevance import as_quoted, uncertain
from minecalc.simulation.world import World
from minecalc.version import VERSION
from minecalc.visible import visible
from minecalc.whole_file import whole_file
from minecalc.work.workers import Workers

if TYPE_CHECKING:
    from minecalc.document import Document
    from minecalc.scenario import Scenario

#: Paths, the most of them, their seed, and of which share of them break-evens are, unless said otherwise.
PATHS, PATHS_MOST, SEED, CONFIDENCE = 10_240, 10_000_000, 1, 0.9


@dataclass(frozen=True)
class Simulation(Answer):
    """All that a simulation says."""

    found: Found

    def document(self) -> Document:
        """The chances, the spread of each plan's worth, what explains it, and break-evens."""
        from minecalc.analysis.simulate.document import document

        return document(self.found, VERSION)

    @property
    def exists(self) -> bool:
        """Whether the headline has its figure, as exactly as was asked for."""
        return self.found.exists and (self.found.precision is None or self.found.precision.met)


def simulate(
    scenario: Scenario,
    *,
    paths: int | None = None,
    tolerance: float | None = None,
    seed: int = SEED,
    draws: str = "independent",
    plan: str | None = None,
    figures: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    solve: str | None = None,
    save: str | Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
    watch: Watch = unwatched,
) -> Simulation:
    """Prices, rents, costs, delays and defaults drawn for all plans of ``scenario``, as its uncertainty block says.

    Options are the command's. Raises QuestionError for what is no plan, figure or input, for numbers out of range, and
    for a file ``save`` that cannot be written.
    """
    table = _table_format(save)
    sampler = _sampler(seed, draws)
    count = _count(paths, tolerance, sampler.draws)
    if not 0.0 < confidence < 1.0:
        raise QuestionError(f"--confidence is {confidence:g}; it must lie between 0 and 1: 0.9 is in 90% of worlds")
    _check_set(scenario)
    _check_solve(scenario, solve)
    shown = _shown(scenario, plan, solve)
    for name in figures:
        demand_figure(name, metric_names(), "--figure")
    world = World(scenario, sampler)
    run = Run(world, tuple(scenario.plans), count, figures_of(world, figures), save is not None)
    collected = Collected(run.plans, run.figures, sampler.draws)
    pieces = run.chunks if tolerance is None else 8 * run.chunks
    with chosen_workers(workers, dask, pieces) as those:
        _simulated(run, collected, those, tolerance, shown, save, table, watch)
    found = answered(
        reading_of(scenario),
        world,
        collected,
        plan=shown,
        confidence=confidence,
        solve=solve,
        tolerance=tolerance,
        saved="" if save is None else visible(str(save)),
    )
    return Simulation(found)


def _check_set(scenario: Scenario) -> None:
    """QuestionError for setting an input whose distribution would take no notice."""
    drawn = uncertain(scenario).inputs
    for assignment in scenario.source.assignments:
        path = as_quoted(assignment.partition("=")[0].strip())
        of = next((name for name in drawn if path == name or path.startswith(f"{name}.")), None)
        if of is not None:
            raise QuestionError(
                f"--set {path} has no effect: uncertainty.inputs draws it; change its distribution there"
            )


def _table_format(save: str | Path | None) -> str:
    """The format of the file of paths; "" if none is asked for. QuestionError for a name that says none."""
    if save is None:
        return ""
    found = tables.format_for_suffix(Path(save).suffix)
    if found is None:
        raise QuestionError(f"--save {visible(str(save))} ends in neither .parquet nor .csv; rename it")
    return found


def _sampler(seed: int, draws: str) -> Sampler:
    """How paths are drawn. QuestionError for a seed or a word that is none."""
    if seed < 0:
        raise QuestionError(f"--seed is {seed}; it must be at least 0")
    for known in DRAWS:
        if known == draws:
            return Sampler(seed, known)
    raise QuestionError(f"--draws {visible(draws)} is no way to draw; use {', '.join(DRAWS)}")


def _count(paths: int | None, tolerance: float | None, draws: Draws) -> int:
    """How many paths there are, or to begin with. QuestionError for a number that cannot be drawn."""
    if tolerance is not None:
        if paths is not None:
            raise QuestionError("--tolerance finds the number of paths, --paths gives it; give one of the two")
        if not 0.0 < tolerance < 1.0:
            raise QuestionError(f"--tolerance is {tolerance:g}; it must lie between 0 and 1: 0.01 is 1%")
        return TOLERANCE_LEAST
    whole = REPLICATES * BLOCK_PATHS
    if paths is None:
        return whole if draws == "sobol" else PATHS
    if not 1 <= paths <= PATHS_MOST:
        raise QuestionError(f"--paths is {paths:,}; it must lie in 1..{PATHS_MOST:,}")
    if draws == "sobol" and paths % whole:
        near = max(round(paths / whole), 1) * whole
        raise QuestionError(
            f"--draws sobol takes multiples of {whole:,} paths, for its error's sake; write --paths {near}"
        )
    return paths


def _shown(scenario: Scenario, plan: str | None, solve: str | None) -> str | None:
    """The plan that the details are about: named, or the one whose own input is solved for.

    QuestionError for the baseline, which has nothing to be compared with.
    """
    rivals = [rival for rival in scenario.plans if rival != scenario.baseline_plan.name]
    if plan is None:
        owner = split_path(solve)[:2] if solve else []
        return owner[1] if owner[:1] == ["plans"] and owner[1] in rivals else None
    name = plan_named(scenario, plan)
    if name not in rivals and rivals:
        raise QuestionError(
            f"--plan {visible(name)} is the baseline; name a plan to compare with it: {visible(rivals[0])}"
        )
    return name


def _check_solve(scenario: Scenario, solve: str | None) -> None:
    """QuestionError for an input whose break-even cannot be told."""
    if solve is None:
        return
    try:
        found = lever(scenario, solve)
    except ValueError as error:
        raise QuestionError(f"--solve {visible(str(error))}") from None
    if found.is_month:
        raise QuestionError(f"--solve {visible(solve)} is a date; give an input that is a number")
    if len(scenario.plans) == 1:
        raise QuestionError("--solve asks when a plan beats the baseline, but the scenario has one plan")


def _simulated(
    run: Run,
    collected: Collected,
    workers: Workers,
    tolerance: float | None,
    plan: str | None,
    save: str | Path | None,
    table: str,
    watch: Watch,
) -> None:
    """Put every path to ``collected``, and into the file ``save``, which is there when it is whole or not at all."""

    def seen(chunks: Iterator[Chunk], total: int) -> Iterator[Chunk]:
        return watch(chunks, total, "simulating")

    chunks = collect(run, collected, workers, seen, tolerance, plan)
    if save is None:
        for _ in chunks:
            pass
        return
    reasons: list[str] = []
    try:
        with whole_file(Path(save)) as file:
            tables.write(table, file, columns(run, reasons), batches(run, chunks, reasons))
    except OSError as error:
        raise QuestionError(f"cannot write {visible(str(save))}: {error.strerror or error}") from None
