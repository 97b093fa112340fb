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
    from minecalc import __version__
    from minecalc.analysis.explain.document import document
    from minecalc.analysis.explain.explanation import UnknownTargetError, find_target, plan_in, trace_plans
    from minecalc.analysis.explain.explanation import explain as explained
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one, plan_named
    from minecalc.cli._usage import UsageError
    from minecalc.origins import Origins
    from minecalc.visible import visible

    chosen = chosen_format(format_, output)
    reading, scenario = one(file, set_, confined=confined)
    try:
        name = plan_named(scenario, plan if plan is not None else plan_in(target))
        evaluation = trace_plans(scenario)
        wanted = find_target(evaluation, name, target)
    except UnknownTargetError as error:
        raise UsageError(visible(str(error))) from None
    answer = document(
        explained(evaluation, name, wanted), Origins(reading), scenario.timeline, __version__, reading.file, depth
    )
    emit(answer, format_name=chosen, output=output, quiet=quiet)
    if wanted.reason is not None:
        raise typer.Exit(3)
