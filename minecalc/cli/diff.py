"""``minecalc diff``: what changed, and what each change adds."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, Format, MarketFile, Output, Quiet, argument, option

ANSWERS = "What is it worth?"


def diff(
    files: Annotated[
        list[str],
        argument(
            "FILE", "Two scenario files A and B, one of them perhaps - for standard input; or one.", complete.files
        ),
    ],
    plan: Annotated[
        str | None,
        option("--plan", "NAME", "Only this plan, by its name in B.", complete.plans_of_last),
    ] = None,
    samples: Annotated[
        int,
        option("--samples", "N", "Orders to sample where changes are many; even.", min=4, max=1_000_000),
    ] = 1000,
    seed: Annotated[int, option("--seed", "N", "Seed of the sampled orders.", min=0)] = 0,
    set_a: Annotated[
        list[str] | None,
        option("--set-a", "PATH=VALUE", "Set an input in A alone; repeat for more.", complete.assignments),
    ] = None,
    set_b: Annotated[
        list[str] | None,
        option("--set-b", "PATH=VALUE", "Set an input in B alone; repeat for more.", complete.assignments_of_last),
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Say what differs between two scenarios, and how much of the change in value each difference adds.

    Example: minecalc diff retrofit --set-b market.btc_price_usd=90000 --set-b months=96
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
    before = one(a, [*(set_ or ()), *(set_a or ())], confined=confined, market=market)
    after = one(b, [*(set_ or ()), *(set_b or ())], confined=confined, market=market)
    try:
        found = asked(before, after, plan=plan, samples=samples, seed=seed)
    except NoMixtureError as error:
        typer.echo(f"minecalc: {visible(str(error))}", err=True)
        raise typer.Exit(3) from None
    emit(found, format_name=chosen, output=output, quiet=quiet)
