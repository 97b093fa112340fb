"""``minecalc explain``: where a number comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, PlanName, Quiet


def explain(
    file: File,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A figure, a line, or a month of it: npv_usd, rent_usd@2029-03.",
            autocompletion=complete.explainable,
        ),
    ],
    plan: PlanName = None,
    depth: Annotated[
        int | None, typer.Option("--depth", min=1, metavar="N", help="Levels of formulas; omitted: what fits a screen.")
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show how a number is computed, with names and with numbers, and where every input in it came from.

    Example: minecalc explain scenarios/archetypes/retrofit.yaml rent_usd@2029-03 --plan "retrofit one half"
    """
    from minecalc.analysis.explain.question import explain as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    found = asked(one(file, set_, confined=confined), target, plan=plan, depth=depth)
    emit(found, format_name=chosen, output=output, quiet=quiet)
