"""``minecalc cashflow``: one plan's money, line by line."""

from __future__ import annotations

from minecalc.cli._completion import one_of
from minecalc.cli._options import PLAN, flag, option
from minecalc.cli._shared import asks

ANSWERS = "What is it worth?"


@asks()
def cashflow(
    plan: str | None = PLAN,
    monthly: bool = flag("--monthly", "A period is a month."),
    quarterly: bool = flag("--quarterly", "A period is three months."),
    annual: bool = flag("--annual", "A period is twelve months (default)."),
    layout: str = option(
        "NAME",
        "Of CSV and Parquet: long, a row a figure; wide, a column a period.",
        one_of("long", "wide"),
        default="long",
    ),
    statement: str | None = option(
        "NAME",
        "An account in place of the lines: income, cash, balance, debt, or tax (by calendar year).",
        one_of("income", "cash", "balance", "debt", "tax"),
    ),
) -> None:
    """Show what a plan pays and earns: every line with subtotals, balances, present values and quantities.

    Example: minecalc cashflow retrofit --plan "retrofit one half"
    """
