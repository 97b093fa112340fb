"""``minecalc timing``: what is waiting worth, and for what?"""

from __future__ import annotations

from typing import Annotated

from minecalc.cli import _completion as complete
from minecalc.cli._asks import asks
from minecalc.cli._options import WorkersCount, option

ANSWERS = "What may come, and when to move?"

_PATHS, _SEED, _EVERY, _UNTIL = 4096, 1, 6, 60


@asks(has_details=True)
def timing(
    plan: Annotated[
        str | None,
        option(
            "--plan",
            "NAME",
            "The plan that converts; by default the one that compare tells of, or the best that converts.",
            complete.plans,
        ),
    ] = None,
    every: Annotated[int, option("--every", "N", "Months from one date to the next.")] = _EVERY,
    until: Annotated[
        int | None, option("--until", "N", f"Months to wait at the most; by default {_UNTIL}, if they fit.")
    ] = None,
    switch_back: Annotated[
        float | None, option("--switch-back", "USD_PER_MW", "Cost of going back to mining later; without it, never.")
    ] = None,
    paths: Annotated[int, option("--paths", "N", "Simulated worlds, to make the rules, and to value them.")] = _PATHS,
    seed: Annotated[int, option("--seed", "N", "Of the paths.")] = _SEED,
    workers: WorkersCount = None,
) -> None:
    """Value waiting: convert now, on the best fixed date, or when the market says so; phase by phase, or back again.

    The scenario's uncertainty block says what is uncertain, as for simulate. Conversions move as a whole; a lease that
    is signed later takes the market's rent.

    Example: minecalc timing retrofit --every 12 --until 36 --paths 1024
    """
