"""``minecalc simulate``: what may the plans be worth, how likely is each, and how well is that known?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from minecalc.analysis.questions import QuestionError
from minecalc.cli import _completion as complete
from minecalc.cli._options import DASK, WORKERS, option
from minecalc.cli._shared import asks
from minecalc.visible import visible

ANSWERS = "What may come, and when to move?"


def _demand_two_files(options: dict[str, Any], output: Path | None) -> None:
    """QuestionError for a table of paths that cannot be written, or that the report would take the place of."""
    from minecalc.cli._output import see_that_it_can_be_written

    save: Path | None = options["save"]
    if save is None:
        return
    see_that_it_can_be_written(save)
    if output is not None and os.path.realpath(output) == os.path.realpath(save):
        named = f"--output {visible(str(output))} is the file of --save {visible(str(save))}"
        raise QuestionError(f"{named}; name another")


@asks(has_details=True, before=_demand_two_files)
def simulate(
    paths: int | None = option("N", "Simulated worlds; by default 10,240."),
    tolerance: float | None = option(
        "SHARE",
        "As many paths as it takes to know the mean lead over the baseline, of --plan or of every plan, to "
        "± this share of itself (one standard error).",
    ),
    seed: int = option("N", "Of the paths.", default=1),
    draws: str = option(
        "NAME",
        "How paths are drawn: independent, antithetic or sobol.",
        complete.one_of("independent", "antithetic", "sobol"),
        default="independent",
    ),
    plan: str | None = option(
        "NAME", "The plan of headline and details; by default the one that compare tells of.", complete.plans
    ),
    figures: list[str] | None = option(
        "NAME",
        "A figure beside the NPV, e.g. irr_fraction_per_year; repeat for more.",
        complete.metrics,
        spelt="--figure",
    ),
    confidence: float = option("SHARE", "Of the break-evens; 0.9 is in 90% of worlds.", default=0.9),
    solve: str | None = option("PATH", "The input whose break-even is told; by default prices.", complete.movables),
    save: Path | None = option("FILE", "Every path as a row: FILE.parquet or FILE.csv."),
    workers: int | None = WORKERS,
    dask: str | None = DASK,
) -> None:
    """Simulate prices, rents, costs, delays and defaults in one world for all plans: worth, risk, chances, break-evens.

    The scenario's uncertainty block says what is uncertain, and how; without it, sourced defaults do. Where --tolerance
    is not met after a million paths, the answer stands with a warning, and the exit code is 3.

    Example: minecalc simulate retrofit --paths 2048 --seed 7
    """
