"""``minecalc sensitivity``: what drives the answer, and what would turn it round."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._asks import asks
from minecalc.cli._options import option

ANSWERS = "What would turn it?"

_TOP, _SAMPLES = 10, 1024


@asks()
def sensitivity(
    plan: Annotated[
        str | None, option("--plan", "NAME", "The plan; by default the best but the baseline.", complete.plans)
    ] = None,
    metric: Annotated[
        str | None,
        option(
            "--metric",
            "NAME",
            "A figure of the plan; by default npv_difference_at_scenario_rate_usd.",
            complete.metrics,
        ),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        option(
            "--range",
            "PATH=LOW:HIGH",
            "How far an input moves, e.g. market.btc_price_usd=40000:120000.",
            complete.ranges,
        ),
    ] = None,
    spread: Annotated[float | None, option("--spread", "SHARE", "How far others move either way; 0.2 is 20%.")] = None,
    is_global: Annotated[
        bool, typer.Option("--global", help="Move all inputs together: shares of the variance (Sobol indices).")
    ] = False,
    top: Annotated[int | None, option("--top", "N", f"Inputs that --global moves; by default {_TOP}.")] = None,
    samples: Annotated[int | None, option("--samples", "N", f"A power of two; by default {_SAMPLES}.")] = None,
    seed: Annotated[int | None, option("--seed", "N", "Of the samples of --global; by default 0.")] = None,
) -> None:
    """Show which inputs drive a plan's worth: a tornado, elasticities, and how far each is from turning the choice.

    Example: minecalc sensitivity retrofit --range market.btc_price_usd=40000:120000
    """
