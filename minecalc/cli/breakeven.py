"""``minecalc breakeven``: at which value of an input do two plans draw level, or does one meet a target?"""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import option
from minecalc.cli._shared import asks

ANSWERS = "What would turn it?"


@asks(has_details=True)
def breakeven(
    solve: str | None = option("PATH", "The input to solve for, e.g. market.btc_price_usd.", complete.movables),
    plan: str | None = option("NAME", "The plan; by default every one but the baseline.", complete.plans),
    against: str | None = option("NAME", "The plan it is set against; by default the baseline.", complete.plans),
    target: str | None = option(
        "FIGURE=NUMBER", "A figure to meet instead: npv=0, irr=0.12, payback=60.", complete.targets_to_meet
    ),
    by: str | None = option("PATH=LOW:HIGH:N", "Solve for N values of a second input: a frontier.", complete.ranges),
) -> None:
    """Find where two plans are worth the same, or a plan meets a target: for one input, over another, or for all.

    Without --solve: every input that could do so, nearest first, and at which prices machines shut off. A plan that is
    alone has nothing to draw level with: its NPV is to be zero.

    Example: minecalc breakeven retrofit --solve market.btc_price_usd
    """
