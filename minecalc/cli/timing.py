"""``minecalc timing``: what is waiting worth, and for what?"""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet
from minecalc.cli._workers import WorkersCount

_PATHS, _SEED, _EVERY, _UNTIL = 4096, 1, 6, 60


def timing(
    file: File,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan that converts; by default the one worth most without uncertainty.",
            autocompletion=complete.plans,
        ),
    ] = None,
    every: Annotated[int, typer.Option("--every", metavar="N", help="Months from one date to the next.")] = _EVERY,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="N", help=f"Months to wait at the most; by default {_UNTIL}, if they fit."),
    ] = None,
    switch_back: Annotated[
        float | None,
        typer.Option(
            "--switch-back", metavar="USD_PER_MW", help="Cost of going back to mining later; without it, never."
        ),
    ] = None,
    paths: Annotated[
        int, typer.Option("--paths", metavar="N", help="Simulated worlds, to make the rules, and to value them.")
    ] = _PATHS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the paths.")] = _SEED,
    workers: WorkersCount = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Value waiting: convert now, on the best fixed date, or when the market says so; phase by phase, or back again.

    The scenario's uncertainty block says what is uncertain, as for simulate. Conversions move as a whole; a lease that
    is signed later takes the market's rent.

    Example: minecalc timing scenarios/archetypes/retrofit.yaml --every 12 --until 36 --paths 1024
    """
    from minecalc.analysis.timing.question import timing as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    found = asked(
        one(file, set_, confined=confined),
        plan=plan,
        every=every,
        until=until,
        switch_back=switch_back,
        paths=paths,
        seed=seed,
        workers=workers,
        watch=progress,
    )
    emit(found, format_name=chosen, output=output, quiet=quiet)
