"""``minecalc sensitivity``: what drives the answer, and what would turn it round."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet

_TOP, _SAMPLES = 10, 1024


def sensitivity(
    file: File,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan; by default the best but the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="A figure of the plan; by default npv_difference_at_scenario_rate_usd.",
            autocompletion=complete.metrics,
        ),
    ] = None,
    range_: Annotated[
        list[str] | None,
        typer.Option(
            "--range",
            metavar="PATH=LOW:HIGH",
            help="How far an input moves, e.g. market.btc_price_usd=40000:120000.",
            autocompletion=complete.ranges,
        ),
    ] = None,
    spread: Annotated[
        float | None, typer.Option("--spread", metavar="SHARE", help="How far others move either way; 0.2 is 20%.")
    ] = None,
    global_: Annotated[
        bool, typer.Option("--global", help="Move all inputs together: shares of the variance (Sobol indices).")
    ] = False,
    top: Annotated[
        int | None, typer.Option("--top", metavar="N", help=f"Inputs that --global moves; by default {_TOP}.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", metavar="N", help=f"A power of two; by default {_SAMPLES}.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of the samples of --global; by default 0.")
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show which inputs drive a plan's worth: a tornado, elasticities, and how far each is from turning the choice.

    Example: minecalc sensitivity scenarios/archetypes/retrofit.yaml --range market.btc_price_usd=40000:120000
    """
    from minecalc.analysis.sensitivity.question import sensitivity as asked
    from minecalc.analysis.sensitivity.ranges import SPREAD
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    found = asked(
        one(file, set_, confined=confined),
        plan=plan,
        metric=metric,
        ranges=range_ or (),
        spread=SPREAD if spread is None else spread,
        is_global=global_,
        top=top,
        samples=samples,
        seed=seed,
    )
    emit(found, format_name=chosen, output=output, quiet=quiet)
