"""``minecalc breakeven``: at which value of an input do two plans draw level, or does one meet a target?"""

from __future__ import annotations

from typing import Annotated

from minecalc.cli import _completion as complete
from minecalc.cli._asks import asks
from minecalc.cli._options import option

ANSWERS = "What would turn it?"


@asks(has_details=True)
def breakeven(
    solve: Annotated[
        str | None, option("--solve", "PATH", "The input to solve for, e.g. market.btc_price_usd.", complete.movables)
    ] = None,
    plan: Annotated[
        str | None, option("--plan", "NAME", "The plan; by default every one but the baseline.", complete.plans)
    ] = None,
    against: Annotated[
        str | None,
        option("--against", "NAME", "The plan it is set against; by default the baseline.", complete.plans),
    ] = None,
    target: Annotated[
        str | None,
        option(
            "--target",
            "FIGURE=NUMBER",
            "A figure to meet instead: npv=0, irr=0.12, payback=60.",
            complete.targets_to_meet,
        ),
    ] = None,
    by: Annotated[
        str | None,
        option("--by", "PATH=LOW:HIGH:N", "Solve for N values of a second input: a frontier.", complete.ranges),
    ] = None,
) -> None:
    """Find where two plans are worth the same, or a plan meets a target: for one input, over another, or for all.

    Without --solve: every input that could do so, nearest first, and at which prices machines shut off. A plan that is
    alone has nothing to draw level with: its NPV is to be zero.

    Example: minecalc breakeven retrofit --solve market.btc_price_usd
    """
