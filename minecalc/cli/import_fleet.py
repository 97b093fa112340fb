"""``minecalc import-fleet``: an operator's own list of machines as the fleets of a mine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, option

ANSWERS = "Begin with"


def import_fleet(
    file: Annotated[
        Path | None,
        argument(
            "FILE",
            "Proto Fleet's CSV, pyasic's JSON, or a CSV of your own; - for standard input.",
            complete.machine_lists,
        ),
    ] = None,
    columns: Annotated[bool, typer.Option("--columns", help="Say under which headers what is read.")] = False,
    output: Annotated[
        Path | None, option("--output -o", "FILE", "The file of the block; omitted: standard output.")
    ] = None,
) -> None:
    """Turn a list of machines into the fleets of a mine, by model and efficiency.

    A CSV has a header with model, hash rate, and power or efficiency, whatever they are called; status and count are
    read where they stand. What is printed is a block of YAML for a use of kind bitcoin_mining. Addresses, serial
    numbers and worker names stay out of it.

    Example: minecalc import-fleet --columns
    """
    from minecalc.cli._output import see_that_it_can_be_written, write_text
    from minecalc.cli._usage import UsageError
    from minecalc.fleets.fleet_file import ALIASES, FleetFileError, as_yaml, read_fleet
    from minecalc.schema.diagnostics import render

    if columns:
        lines = (f"{key.replace('_', ' '):<11} {', '.join(names)}" for key, names in ALIASES.items())
        write_text("\n".join(lines) + "\n\nCapitals, spaces, marks and units in headers do not matter.\n", output)
        return
    if file is None:
        raise UsageError("name a list of machines; --columns says which headers are read")
    if output is not None and str(output) != "-":
        see_that_it_can_be_written(output)
    try:
        found = read_fleet(file, sys.stdin.buffer.read() if str(file) == "-" else None)
    except FleetFileError as wrong:
        print(render(wrong.diagnostics), file=sys.stderr)
        raise typer.Exit(2) from None
    write_text(as_yaml(found, file.name), output)
