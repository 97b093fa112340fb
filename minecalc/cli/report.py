"""``minecalc report``: everything about a scenario on one page, or a folder of such pages."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from minecalc.cli._options import Assignments, Confined, FileOrFolder, Format, Full, MarketFile, Output, Quiet, option
from minecalc.cli._options import WorkersCount as Workers

ANSWERS = "How is it handed on?"

_PATHS, _SEED = 10_240, 1


def report(
    file: FileOrFolder,
    paths: Annotated[int | None, option("--paths", "N", f"Simulated worlds; by default {_PATHS:,}.")] = None,
    seed: Annotated[int, option("--seed", "N", "Of the paths.")] = _SEED,
    timing: Annotated[
        bool, typer.Option("--timing", help="Also what waiting is worth, which takes as long as the rest.")
    ] = False,
    workers: Workers = None,
    full: Full = False,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Put all that is asked of a scenario on one page: worth, cash, debt, break-evens, risk, every assumption, method.

    Of a folder: a page for each scenario and a league table that leads to them, in the folder that --output names.

    Example: minecalc report retrofit --paths 1024 -o report.html
    """
    from minecalc.analysis.report.question import report as question
    from minecalc.cli._inputs import market_files
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress
    from minecalc.cli._scenario import one

    if os.path.isdir(file):  # noqa: PTH112, which says no to a name that is too long
        from minecalc.cli._site import Asked, write_site

        asked = Asked(tuple(set_ or ()), confined, market_files(market), paths, seed, timing)
        write_site(file, asked, format_=format_, output=output, workers=workers)
        return
    chosen = chosen_format(format_, output)
    scenario = one(file, set_, confined=confined, market=market)
    found = question(scenario, paths=paths, seed=seed, timing=timing, workers=workers, watch=progress)
    emit(found, format_name=chosen, output=output, quiet=quiet, in_full=full)
