"""``minecalc timing``: what is waiting worth, and for what?"""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import WORKERS, option
from minecalc.cli._shared import asks

ANSWERS = "What may come, and when to move?"


@asks(has_details=True)
def timing(
    plan: str | None = option(
        "NAME",
        "The plan that converts; by default the one that compare tells of, or the best that converts.",
        complete.plans,
    ),
    every: int = option("N", "Months from one date to the next.", default=6),
    until: int | None = option("N", "Months to wait at the most; by default 60, if they fit."),
    switch_back: float | None = option("USD_PER_MW", "Cost of going back to mining later; without it, never."),
    paths: int = option("N", "Simulated worlds, to make the rules, and to value them.", default=4096),
    seed: int = option("N", "Of the paths.", default=1),
    workers: int | None = WORKERS,
) -> None:
    """Value waiting: convert now, on the best fixed date, or when the market says so; phase by phase, or back again.

    The scenario's uncertainty block says what is uncertain, as for simulate. Conversions move as a whole; a lease that
    is signed later takes the market's rent.

    Example: minecalc timing retrofit --every 12 --until 36 --paths 1024
    """
