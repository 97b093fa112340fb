"""``minecalc import-fleet``: an operator's own list of machines as the fleets of a mine."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from minecalc.analysis.questions import QuestionError
from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, flag, option
from minecalc.cli._process import tell

ANSWERS = "Begin with"


def import_fleet(
    file: Path | None = argument(
        "FILE",
        "Proto Fleet's CSV, pyasic's JSON, or a CSV of your own; - for standard input.",
        complete.machine_lists,
        default=None,
    ),
    columns: bool = flag("--columns", "Say under which headers what is read."),
    output: Path | None = option("FILE", "The file of the block; omitted: standard output.", spelt="--output -o"),
) -> None:
    """Turn a list of machines into the fleets of a mine, by model and efficiency.

    A CSV has a header with model, hash rate, and power or efficiency, whatever they are called; status and count are
    read where they stand. What is printed is a block of YAML for a use of kind bitcoin_mining. Addresses, serial
    numbers and worker names stay out of it.

    Example: minecalc import-fleet --columns
    """
    from minecalc.cli._output import output_file, see_that_it_can_be_written, write_text
    from minecalc.fleets.fleet_file import ALIASES, FleetFileError, as_yaml, read_fleet

    if columns:
        lines = (f"{key.replace('_', ' '):<11} {', '.join(names)}" for key, names in ALIASES.items())
        write_text("\n".join(lines) + "\n\nCapitals, spaces, marks and units in headers do not matter.\n", output)
        return
    if file is None:
        raise QuestionError("name a list of machines; --columns says which headers are read")
    if (written := output_file(output)) is not None:
        see_that_it_can_be_written(written)
    try:
        found = read_fleet(file, sys.stdin.buffer.read() if str(file) == "-" else None)
    except FleetFileError as wrong:
        tell(wrong.diagnostics)
        raise typer.Exit(2) from None
    write_text(as_yaml(found, file.name), output)
