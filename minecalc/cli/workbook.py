"""``minecalc workbook``: the scenario as a spreadsheet that computes itself."""

from __future__ import annotations

from pathlib import Path

import typer

from minecalc.analysis.questions import QuestionError
from minecalc.cli._options import FILES, option
from minecalc.cli._process import finish
from minecalc.cli._shared import OF_SCENARIO, Shared, shares
from minecalc.visible import visible

ANSWERS = "How is it handed on?"


@shares(*OF_SCENARIO, "output", "quiet")
def workbook(
    files: list[str] = FILES,
    *,
    output: Path = option(
        "FILE", "The workbook, FILE.xlsx; of several scenarios the folder for theirs.", default=..., spelt="--output -o"
    ),
    shared: Shared,
) -> None:
    """Write a scenario as a spreadsheet that computes itself: live formulas, inputs by name, checks, charts.

    Example: minecalc workbook retrofit --output model.xlsx
    """
    import minecalc
    from minecalc.cli._inputs import usable, wanted_files
    from minecalc.cli._output import see_that_it_can_be_written, writing
    from minecalc.loading import read

    names, shown = wanted_files(files), visible(str(output))
    if len(names) == 1:
        if output.suffix.lower() != ".xlsx":
            raise QuestionError(f"{shown} does not end in .xlsx; write --output {shown}.xlsx")
        see_that_it_can_be_written(output)
    elif output.suffix or output.is_file():
        advice = "name a folder, which is made if there is none"
        raise QuestionError(f"{len(names)} scenarios are {len(names)} workbooks and {shown} is one file; {advice}")
    reads = shared.reads()
    scenarios = [usable(read(name, **reads)) for name in names]
    answer = minecalc.workbook(*scenarios)
    page = answer.document()
    with writing(output):
        written = answer.save(output)
    typer.echo(f"Wrote {shown}." if len(written) == 1 else f"Wrote {len(written)} files into {shown}.")
    shared._replace(output=None).show(page)
    finish(wrong=bool(answer.refused))
