"""``minecalc diff``: what changed, and what each change adds."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, Format, Output, Quiet


def diff(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Two scenario files A and B, one of them perhaps - for standard input; or one.",
            autocompletion=complete.files,
        ),
    ],
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="Only this plan, by its name in B.",
            autocompletion=complete.plans_of_last,
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples", metavar="N", min=4, max=1_000_000, help="Orders to sample where changes are many; even."
        ),
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of the sampled orders.")] = 0,
    set_a: Annotated[
        list[str] | None,
        typer.Option(
            "--set-a",
            metavar="PATH=VALUE",
            help="Set an input in A alone; repeat for more.",
            autocompletion=complete.assignments,
        ),
    ] = None,
    set_b: Annotated[
        list[str] | None,
        typer.Option(
            "--set-b",
            metavar="PATH=VALUE",
            help="Set an input in B alone; repeat for more.",
            autocompletion=complete.assignments_of_last,
        ),
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Say what differs between two scenarios, and how much of the change in value each difference adds.

    Example: minecalc diff scenarios/archetypes/retrofit.yaml --set-b market.btc_price_usd=90000 --set-b months=96
    """
    from minecalc.analysis.diff.mixtures import NoMixtureError
    from minecalc.analysis.diff.question import diff as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    chosen = chosen_format(format_, output)
    if len(files) > 2:
        raise UsageError(f"diff takes two files, not {len(files)}")
    if len(files) == 1 and not set_a and not set_b:
        raise UsageError("name a second file, or what differs with --set-a and --set-b")
    a, b = files[0], files[-1]
    if a == b == "-":
        raise UsageError("standard input can be read once; name a file for one of the two")
    before = one(a, [*(set_ or ()), *(set_a or ())], confined=confined)
    after = one(b, [*(set_ or ()), *(set_b or ())], confined=confined)
    try:
        found = asked(before, after, plan=plan, samples=samples, seed=seed)
    except NoMixtureError as error:
        typer.echo(f"minecalc: {visible(str(error))}", err=True)
        raise typer.Exit(3) from None
    emit(found, format_name=chosen, output=output, quiet=quiet)
