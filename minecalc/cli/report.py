"""``minecalc report``: everything about a scenario on one page, or a folder of such pages."""

from __future__ import annotations

import os

from minecalc.cli import _completion as complete
from minecalc.cli._options import WORKERS, argument, flag, option
from minecalc.cli._progress import progress
from minecalc.cli._shared import OF_OUTPUT, OF_SCENARIO, Shared, shares

ANSWERS = "How is it handed on?"


@shares("full", *OF_SCENARIO, *OF_OUTPUT, "chart")
def report(
    file: str = argument(
        "FILE|DIR", "A scenario file, a folder of them, a shipped example by its name, or -.", complete.files
    ),
    paths: int | None = option("N", "Simulated worlds; by default 10,240."),
    seed: int = option("N", "Of the paths.", default=1),
    timing: bool = flag("--timing", "Also what waiting is worth, which takes as long as the rest."),
    workers: int | None = WORKERS,
    *,
    shared: Shared,
) -> None:
    """Put all that is asked of a scenario on one page: worth, cash, debt, break-evens, risk, every assumption, method.

    Of a folder: a page for each scenario and a league table that leads to them, in the folder that --output names.

    Example: minecalc report retrofit --paths 1024 -o report.html
    """
    from minecalc.analysis.report.question import report as question

    if os.path.isdir(file):  # noqa: PTH112, which says no to a name that is too long
        from minecalc.cli._site import write_site

        write_site(file, shared, workers, paths=paths, seed=seed, timing=timing)
        return
    shared.chosen_format()
    scenario = shared.scenario(file)
    shared.emit(question(scenario, paths=paths, seed=seed, timing=timing, workers=workers, watch=progress))
