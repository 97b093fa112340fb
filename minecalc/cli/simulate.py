"""``minecalc simulate``: what may the plans be worth, how likely is each, and how well is that known?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet
from minecalc.cli._usage import UsageError
from minecalc.cli._workers import DaskAddress, WorkersCount
from minecalc.visible import visible

_PATHS, _SEED, _CONFIDENCE = 10_240, 1, 0.9


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
    from minecalc.analysis.simulate.question import simulate as asked
    from minecalc.cli._output import chosen_format, emit, see_that_it_can_be_written
    from minecalc.cli._progress import progress
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    if save is not None:
        see_that_it_can_be_written(save)
        if output is not None and os.path.realpath(output) == os.path.realpath(save):
            named = f"--output {visible(str(output))} is the file of --save {visible(str(save))}"
            raise UsageError(f"{named}; name another")
    found = asked(
        one(file, set_, confined=confined),
        paths=paths,
        tolerance=tolerance,
        seed=seed,
        draws=draws,
        plan=plan,
        figures=figure or (),
        confidence=confidence,
        solve=solve,
        save=save,
        workers=workers,
        dask=dask,
        watch=progress,
    )
    emit(found, format_name=chosen, output=output, quiet=quiet)
