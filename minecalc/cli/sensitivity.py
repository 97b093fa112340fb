"""``minecalc sensitivity``: what drives the answer, and what would turn it round."""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import flag, option
from minecalc.cli._shared import asks

ANSWERS = "What would turn it?"


@asks()
def sensitivity(
    plan: str | None = option("NAME", "The plan; by default the best but the baseline.", complete.plans),
    metric: str | None = option(
        "NAME", "A figure of the plan; by default npv_difference_at_scenario_rate_usd.", complete.metrics
    ),
    ranges: list[str] | None = option(
        "PATH=LOW:HIGH",
        "How far an input moves, e.g. market.btc_price_usd=40000:120000.",
        complete.ranges,
        spelt="--range",
    ),
    spread: float | None = option("SHARE", "How far others move either way; 0.2 is 20%."),
    is_global: bool = flag("--global", "Move all inputs together: shares of the variance (Sobol indices)."),
    top: int | None = option("N", "Inputs that --global moves; by default 10."),
    samples: int | None = option("N", "A power of two; by default 1024."),
    seed: int | None = option("N", "Of the samples of --global; by default 0."),
) -> None:
    """Show which inputs drive a plan's worth: a tornado, elasticities, and how far each is from turning the choice.

    Example: minecalc sensitivity retrofit --range market.btc_price_usd=40000:120000
    """
