"""``minecalc cashflow``: one plan's money, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli._options import Assignments, Confined, File, Format, Output, PlanName, Quiet


def cashflow(
    file: File,
    plan: PlanName = None,
    monthly: Annotated[bool, typer.Option("--monthly", help="A period is a month.")] = False,
    quarterly: Annotated[bool, typer.Option("--quarterly", help="A period is three months.")] = False,
    annual: Annotated[bool, typer.Option("--annual", help="A period is twelve months (default).")] = False,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show what a plan pays and earns: every line with subtotals, balances, present values and quantities.

    Example: minecalc cashflow scenarios/archetypes/retrofit.yaml --plan "retrofit one half"
    """
    from minecalc import __version__
    from minecalc.analysis.cashflow.document import document
    from minecalc.analysis.cashflow.statement import statement
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one, plan_named
    from minecalc.cli._usage import UsageError
    from minecalc.engine import evaluate

    if monthly + quarterly + annual > 1:
        raise UsageError("give one of --monthly, --quarterly and --annual")
    chosen = chosen_format(format_, output)
    reading, scenario = one(file, set_, confined=confined)
    name = plan_named(scenario, plan)
    found = statement(evaluate(scenario, [name]).plans[name], 1 if monthly else 3 if quarterly else 12)
    emit(document(found, reading, scenario, __version__), format_name=chosen, output=output, quiet=quiet)
