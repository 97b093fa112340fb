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
    from minecalc.analysis.cashflow.question import cashflow as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    found = asked(one(file, set_, confined=confined), plan=plan, monthly=monthly, quarterly=quarterly, annual=annual)
    emit(found, format_name=chosen, output=output, quiet=quiet)
