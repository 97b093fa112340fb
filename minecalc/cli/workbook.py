"""``minecalc workbook``: the scenario as a spreadsheet that computes itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minecalc.cli._options import Assignments, Confined, Files, MarketFile, Quiet, option

ANSWERS = "How is it handed on?"


def workbook(
    files: Files,
    *,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    output: Annotated[
        Path, option("--output -o", "FILE", "The workbook, FILE.xlsx; of several scenarios the folder for theirs.")
    ],
    quiet: Quiet = False,
) -> None:
    """Write a scenario as a spreadsheet that computes itself: live formulas, inputs by name, checks, charts.

    Example: minecalc workbook retrofit --output model.xlsx
    """
    import minecalc
    from minecalc.cli._inputs import market_files, wanted_files
    from minecalc.cli._output import see_that_it_can_be_written, show
    from minecalc.cli._scenario import usable
    from minecalc.cli._usage import UsageError
    from minecalc.loading import read
    from minecalc.visible import visible

    names, shown = wanted_files(files), visible(str(output))
    if len(names) == 1:
        if output.suffix.lower() != ".xlsx":
            raise UsageError(f"{shown} does not end in .xlsx; write --output {shown}.xlsx")
        see_that_it_can_be_written(output)
    elif output.suffix or output.is_file():
        advice = "name a folder, which is made if there is none"
        raise UsageError(f"{len(names)} scenarios are {len(names)} workbooks and {shown} is one file; {advice}")
    markets = market_files(market)
    scenarios = [usable(read(name, set_ or (), confined=confined, markets=markets)) for name in names]
    answer = minecalc.workbook(*scenarios)
    page = answer.document()
    try:
        written = answer.save(output)
    except OSError as error:
        raise UsageError(f"cannot write {shown}: {error.strerror or error}") from error
    typer.echo(f"Wrote {shown}." if len(written) == 1 else f"Wrote {len(written)} files into {shown}.")
    show(page, format_name="terminal", output=None, quiet=quiet)
    if answer.refused:
        raise typer.Exit(2)
