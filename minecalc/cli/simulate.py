"""``minecalc simulate``: what may the plans be worth, how likely is each, and how well is that known?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet
from minecalc.cli._usage import UsageError
from minecalc.cli._workers import DaskAddress, WorkersCount, chosen_workers

if TYPE_CHECKING:
    from minecalc.analysis.simulate.collecting import Collected
    from minecalc.analysis.simulate.run import Chunk, Run
    from minecalc.analysis.workers import Workers
    from minecalc.randomness.streams import Draws, Sampler
    from minecalc.scenario import Scenario
    from minecalc.simulation.world import World

_PATHS, _PATHS_MOST, _SEED, _CONFIDENCE = 10_240, 10_000_000, 1, 0.9


def simulate(
    file: File,
    paths: Annotated[
        int | None, typer.Option("--paths", metavar="N", help=f"Simulated worlds; by default {_PATHS:,}.")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="SHARE",
            help="As many paths as it takes to know the mean lead over the baseline, of --plan or of every plan, to "
            "± this share of itself (one standard error).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the paths.")] = _SEED,
    draws: Annotated[
        str,
        typer.Option(
            "--draws",
            metavar="NAME",
            help="How paths are drawn: independent, antithetic or sobol.",
            autocompletion=complete.one_of("independent", "antithetic", "sobol"),
        ),
    ] = "independent",
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan of the details; by default the rival that is best on average.",
            autocompletion=complete.plans,
        ),
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            metavar="NAME",
            help="A figure beside the NPV, e.g. irr_fraction_per_year; repeat for more.",
            autocompletion=complete.metrics,
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="SHARE", help="Of the break-evens; 0.9 is in 90% of worlds.")
    ] = _CONFIDENCE,
    solve: Annotated[
        str | None,
        typer.Option(
            "--solve",
            metavar="PATH",
            help="The input whose break-even is told; by default prices.",
            autocompletion=complete.levers,
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Every path as a row: FILE.parquet or FILE.csv.")
    ] = None,
    workers: WorkersCount = None,
    dask: DaskAddress = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Simulate prices, rents, costs, delays and defaults in one world for all plans: worth, risk, chances, break-evens.

    The scenario's uncertainty block says what is uncertain, and how; without it, sourced defaults do. Where --tolerance
    is not met after a million paths, the answer stands with a warning, and the exit code is 3.

    Example: minecalc simulate scenarios/archetypes/retrofit.yaml --paths 2048 --seed 7
    """
    from minecalc import __version__
    from minecalc.analysis.simulate.answer import answered
    from minecalc.analysis.simulate.collecting import Collected
    from minecalc.analysis.simulate.document import document
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one
    from minecalc.simulation.world import World
    from minecalc.visible import visible

    chosen = chosen_format(format_, output)
    table = _table_format(save, output)
    sampler = _sampler(seed, draws)
    count = _count(paths, tolerance, sampler.draws)
    if not 0.0 < confidence < 1.0:
        raise UsageError(f"--confidence is {confidence:g}; it must lie between 0 and 1: 0.9 is in 90% of worlds")
    reading, scenario = one(file, set_, confined=confined)
    _check_set(scenario, set_)
    _check_solve(scenario, solve)
    shown = _shown(scenario, plan, solve)
    run = _run(World(scenario, sampler), count, figure or (), keep_drawn=save is not None)
    collected = Collected(run.plans, run.figures, sampler.draws)
    pieces = run.chunks if tolerance is None else 8 * run.chunks
    with chosen_workers(workers, dask, pieces) as those:
        _simulated(run, collected, those, tolerance, shown, save, table)
    answer = answered(
        reading,
        run.world,
        collected,
        plan=shown,
        confidence=confidence,
        solve=solve,
        tolerance=tolerance,
        saved="" if save is None else visible(str(save)),
    )
    emit(document(answer, __version__), format_name=chosen, output=output, quiet=quiet)
    if not answer.exists or (answer.precision is not None and not answer.precision.met):
        raise typer.Exit(3)


def _check_set(scenario: Scenario, assignments: Sequence[str] | None) -> None:
    """UsageError for setting an input whose distribution would take no notice."""
    from minecalc.simulation.relevance import as_quoted, uncertain

    drawn = uncertain(scenario).inputs
    for assignment in assignments or ():
        path = as_quoted(assignment.partition("=")[0].strip())
        of = next((name for name in drawn if path == name or path.startswith(f"{name}.")), None)
        if of is not None:
            raise UsageError(f"--set {path} has no effect: uncertainty.inputs draws it; change its distribution there")


def _table_format(save: Path | None, output: Path | None) -> str:
    """The format of the file of paths; "" if none is asked for. UsageError for a place where it cannot be."""
    from minecalc import tables
    from minecalc.cli._output import see_that_it_can_be_written
    from minecalc.visible import visible

    if save is None:
        return ""
    found = tables.format_for_suffix(save.suffix)
    if found is None:
        raise UsageError(f"--save {visible(str(save))} ends in neither .parquet nor .csv; rename it")
    see_that_it_can_be_written(save)
    if output is not None and os.path.realpath(output) == os.path.realpath(save):
        raise UsageError(f"--output {visible(str(output))} is the file of --save {visible(str(save))}; name another")
    return found


def _sampler(seed: int, draws: str) -> Sampler:
    """How paths are drawn. UsageError for a seed or a word that is none."""
    from minecalc.randomness.streams import DRAWS, Sampler
    from minecalc.visible import visible

    if seed < 0:
        raise UsageError(f"--seed is {seed}; it must be at least 0")
    for known in DRAWS:
        if known == draws:
            return Sampler(seed, known)
    raise UsageError(f"--draws {visible(draws)} is no way to draw; use {', '.join(DRAWS)}")


def _count(paths: int | None, tolerance: float | None, draws: Draws) -> int:
    """How many paths there are, or to begin with. UsageError for a number that cannot be drawn."""
    from minecalc.analysis.simulate.collecting import TOLERANCE_LEAST
    from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES

    if tolerance is not None:
        if paths is not None:
            raise UsageError("--tolerance finds the number of paths, --paths gives it; give one of the two")
        if not 0.0 < tolerance < 1.0:
            raise UsageError(f"--tolerance is {tolerance:g}; it must lie between 0 and 1: 0.01 is 1%")
        return TOLERANCE_LEAST
    whole = REPLICATES * BLOCK_PATHS
    if paths is None:
        return whole if draws == "sobol" else _PATHS
    if not 1 <= paths <= _PATHS_MOST:
        raise UsageError(f"--paths is {paths:,}; it must lie in 1..{_PATHS_MOST:,}")
    if draws == "sobol" and paths % whole:
        near = max(round(paths / whole), 1) * whole
        raise UsageError(
            f"--draws sobol takes multiples of {whole:,} paths, for its error's sake; write --paths {near}"
        )
    return paths


def _shown(scenario: Scenario, plan: str | None, solve: str | None) -> str | None:
    """The plan that the details are about: named, or the one whose own input is solved for.

    UsageError for the baseline, which has nothing to be compared with.
    """
    from minecalc.cli._scenario import plan_named
    from minecalc.schema.names import split_path
    from minecalc.visible import visible

    rivals = [rival for rival in scenario.plans if rival != scenario.baseline_plan.name]
    if plan is None:
        owner = split_path(solve)[:2] if solve else []
        return owner[1] if owner[:1] == ["plans"] and owner[1] in rivals else None
    name = plan_named(scenario, plan)
    if name not in rivals and rivals:
        raise UsageError(
            f"--plan {visible(name)} is the baseline; name a plan to compare with it: {visible(rivals[0])}"
        )
    return name


def _check_solve(scenario: Scenario, solve: str | None) -> None:
    """UsageError for an input whose break-even cannot be told."""
    from minecalc.levers import lever
    from minecalc.visible import visible

    if solve is None:
        return
    try:
        found = lever(scenario, solve)
    except ValueError as error:
        raise UsageError(f"--solve {visible(str(error))}") from None
    if found.is_month:
        raise UsageError(f"--solve {visible(solve)} is a date; give an input that is a number")
    if len(scenario.plans) == 1:
        raise UsageError("--solve asks when a plan beats the baseline, but the scenario has one plan")


def _run(world: World, paths: int, names: Sequence[str], *, keep_drawn: bool) -> Run:
    """What is to be computed. UsageError, with the nearest name, for a figure that is none."""
    import difflib

    from minecalc.analysis.simulate.run import Run, figures_of
    from minecalc.analysis.sweep.figures import metric_names
    from minecalc.visible import visible

    known = metric_names()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"--figure {visible(name)} is no figure of a plan; {advice}")
    return Run(world, tuple(world.scenario.plans), paths, figures_of(world, names), keep_drawn)


def _simulated(
    run: Run,
    collected: Collected,
    workers: Workers,
    tolerance: float | None,
    plan: str | None,
    save: Path | None,
    table: str,
) -> None:
    """Put every path to ``collected``, and into the file ``save``, which is there when it is whole or not at all."""
    from minecalc import tables
    from minecalc.analysis.simulate.collecting import collect
    from minecalc.analysis.simulate.saving import batches, columns
    from minecalc.cli._progress import progress
    from minecalc.visible import visible
    from minecalc.whole_file import whole_file

    def watch(chunks: Iterator[Chunk], total: int) -> Iterator[Chunk]:
        return progress(chunks, total, "simulating")

    chunks = collect(run, collected, workers, watch, tolerance, plan)
    if save is None:
        for _ in chunks:
            pass
        return
    reasons: list[str] = []
    try:
        with whole_file(save) as file:
            tables.write(table, file, columns(run, reasons), batches(run, chunks, reasons))
    except OSError as error:
        raise UsageError(f"cannot write {visible(str(save))}: {error.strerror or error}") from None
