"""``minecalc cashflow``: one plan's money, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli._asks import asks
from minecalc.cli._completion import one_of
from minecalc.cli._options import PlanName, option

ANSWERS = "What is it worth?"

_LAYOUTS = one_of("long", "wide")
_STATEMENTS = one_of("income", "cash", "balance", "debt", "tax")


@asks()
def cashflow(
    plan: PlanName = None,
    monthly: Annotated[bool, typer.Option("--monthly", help="A period is a month.")] = False,
    quarterly: Annotated[bool, typer.Option("--quarterly", help="A period is three months.")] = False,
    annual: Annotated[bool, typer.Option("--annual", help="A period is twelve months (default).")] = False,
    layout: Annotated[
        str,
        option("--layout", "NAME", "Of CSV and Parquet: long, a row a figure; wide, a column a period.", _LAYOUTS),
    ] = "long",
    statement: Annotated[
        str | None,
        option(
            "--statement",
            "NAME",
            "An account in place of the lines: income, cash, balance, debt, or tax (by calendar year).",
            _STATEMENTS,
        ),
    ] = None,
) -> None:
    """Show what a plan pays and earns: every line with subtotals, balances, present values and quantities.

    Example: minecalc cashflow retrofit --plan "retrofit one half"
    """
