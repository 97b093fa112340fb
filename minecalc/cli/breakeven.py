"""``minecalc breakeven``: at which value of an input do two plans draw level, or does one meet a target?"""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet


def breakeven(
    file: File,
    solve: Annotated[
        str | None,
        typer.Option(
            "--solve",
            metavar="PATH",
            help="The input to solve for, e.g. market.btc_price_usd.",
            autocompletion=complete.levers,
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan; by default every one but the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="NAME",
            help="The plan it is set against; by default the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="FIGURE=NUMBER",
            help="A figure to meet instead: npv=0, irr=0.12, payback=60.",
            autocompletion=complete.targets_to_meet,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="PATH=LOW:HIGH:N",
            help="Solve for N values of a second input: a frontier.",
            autocompletion=complete.ranges,
        ),
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Find where two plans are worth the same, or a plan meets a target: for one input, over another, or for all.

    Without --solve: every input that could do so, nearest first, and at which prices machines shut off. A plan that is
    alone has nothing to draw level with: its NPV is to be zero.

    Example: minecalc breakeven scenarios/archetypes/retrofit.yaml --solve market.btc_price_usd
    """
    from minecalc.analysis.breakeven.question import breakeven as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    scenario = one(file, set_, confined=confined)
    found = asked(scenario, solve=solve, plan=plan, against=against, target=target, by=by)
    emit(found, format_name=chosen, output=output, quiet=quiet)
