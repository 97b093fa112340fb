"""``minecalc simulate``: what may the plans be worth, how likely is each, and how well is that known?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from minecalc.cli import _completion as complete
from minecalc.cli._asks import asks
from minecalc.cli._options import DaskAddress, WorkersCount, option
from minecalc.cli._usage import UsageError
from minecalc.visible import visible

ANSWERS = "What may come, and when to move?"

_PATHS, _SEED, _CONFIDENCE = 10_240, 1, 0.9
_DRAWS = ("independent", "antithetic", "sobol")


def _demand_two_files(options: dict[str, Any], output: Path | None) -> None:
    """UsageError for a table of paths that cannot be written, or that the report would take the place of."""
    from minecalc.cli._output import see_that_it_can_be_written

    save: Path | None = options["save"]
    if save is None:
        return
    see_that_it_can_be_written(save)
    if output is not None and os.path.realpath(output) == os.path.realpath(save):
        named = f"--output {visible(str(output))} is the file of --save {visible(str(save))}"
        raise UsageError(f"{named}; name another")


@asks(has_details=True, before=_demand_two_files)
def simulate(
    paths: Annotated[int | None, option("--paths", "N", f"Simulated worlds; by default {_PATHS:,}.")] = None,
    tolerance: Annotated[
        float | None,
        option(
            "--tolerance",
            "SHARE",
            "As many paths as it takes to know the mean lead over the baseline, of --plan or of every plan, to "
            "± this share of itself (one standard error).",
        ),
    ] = None,
    seed: Annotated[int, option("--seed", "N", "Of the paths.")] = _SEED,
    draws: Annotated[
        str,
        option("--draws", "NAME", "How paths are drawn: independent, antithetic or sobol.", complete.one_of(*_DRAWS)),
    ] = "independent",
    plan: Annotated[
        str | None,
        option(
            "--plan",
            "NAME",
            "The plan of headline and details; by default the one that compare tells of.",
            complete.plans,
        ),
    ] = None,
    figures: Annotated[
        list[str] | None,
        option(
            "--figure",
            "NAME",
            "A figure beside the NPV, e.g. irr_fraction_per_year; repeat for more.",
            complete.metrics,
        ),
    ] = None,
    confidence: Annotated[
        float, option("--confidence", "SHARE", "Of the break-evens; 0.9 is in 90% of worlds.")
    ] = _CONFIDENCE,
    solve: Annotated[
        str | None,
        option("--solve", "PATH", "The input whose break-even is told; by default prices.", complete.movables),
    ] = None,
    save: Annotated[Path | None, option("--save", "FILE", "Every path as a row: FILE.parquet or FILE.csv.")] = None,
    workers: WorkersCount = None,
    dask: DaskAddress = None,
) -> None:
    """Simulate prices, rents, costs, delays and defaults in one world for all plans: worth, risk, chances, break-evens.

    The scenario's uncertainty block says what is uncertain, and how; without it, sourced defaults do. Where --tolerance
    is not met after a million paths, the answer stands with a warning, and the exit code is 3.

    Example: minecalc simulate retrofit --paths 2048 --seed 7
    """
