"""``minecalc explain``: where a number comes from."""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import PLAN, argument, option
from minecalc.cli._shared import asks

ANSWERS = "What is it worth?"


@asks(has_charts=False)
def explain(
    target: str = argument(
        "TARGET", "A figure, a line, or a month of it: npv_usd, rent_usd@2029-03.", complete.explainable
    ),
    plan: str | None = PLAN,
    depth: int | None = option("N", "Levels of formulas; omitted: what fits a screen.", min=1),
) -> None:
    """Show how a number is computed, with names and with numbers, and where every input in it came from.

    Example: minecalc explain retrofit rent_usd@2029-03 --plan "retrofit one half"
    """
