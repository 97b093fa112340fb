"""``minecalc explain``: where a number comes from."""

from __future__ import annotations

from typing import Annotated

from minecalc.cli import _completion as complete
from minecalc.cli._asks import asks
from minecalc.cli._options import PlanName, argument, option

ANSWERS = "What is it worth?"
#: Its answer is in words and tables.
HAS_CHARTS = False


@asks()
def explain(
    target: Annotated[
        str,
        argument("TARGET", "A figure, a line, or a month of it: npv_usd, rent_usd@2029-03.", complete.explainable),
    ],
    plan: PlanName = None,
    depth: Annotated[
        int | None, option("--depth", "N", "Levels of formulas; omitted: what fits a screen.", min=1)
    ] = None,
) -> None:
    """Show how a number is computed, with names and with numbers, and where every input in it came from.

    Example: minecalc explain retrofit rent_usd@2029-03 --plan "retrofit one half"
    """
