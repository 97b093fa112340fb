"""``minecalc check``: are these scenarios right?"""

from __future__ import annotations

import json
import sys

import typer

from minecalc.cli._options import Assignments, Files, Format, Quiet


def check(files: Files, set_: Assignments = None, format_: Format = None, quiet: Quiet = False) -> None:
    """Read scenarios and say all that is wrong with them, with line and column; compute nothing.

    Example: minecalc check scenarios/
    """
    from minecalc.checks import warnings
    from minecalc.cli._inputs import wanted_files
    from minecalc.cli._usage import UsageError
    from minecalc.loading import read
    from minecalc.schema.diagnostics import render
    from minecalc.visible import visible

    if format_ not in (None, "terminal", "json"):
        raise UsageError("check prints terminal or json")
    readings = [read(name, set_ or ()) for name in wanted_files(files)]
    diagnostics = [item for reading in readings for item in reading.diagnostics]
    if format_ == "json":
        print(json.dumps([item.as_dict() for item in diagnostics], indent=2))
    elif diagnostics:
        print(render(diagnostics), file=sys.stderr)
    if format_ != "json" and not quiet:
        for reading in readings:
            if reading.scenario is not None:
                told = warnings(reading.scenario)
                count = f", {len(told)} warning{'s' if len(told) > 1 else ''}" if told else ""
                print(f"{visible(reading.file)}: ok, {len(reading.scenario.plans)} plans{count}")
                for text in told:
                    print(f"  ! {visible(text)}")
    if any(reading.scenario is None for reading in readings):
        raise typer.Exit(2)
