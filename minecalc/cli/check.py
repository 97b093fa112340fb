"""``minecalc check``: are these scenarios right?"""

from __future__ import annotations

import sys

import typer

from minecalc.cli._options import Assignments, Confined, Files, Format, Output, Quiet


def check(
    files: Files,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Say all that is wrong with scenarios, with line and column, and which of their requirements fail.

    Exit code 2 if a file is wrong, else 3 if a requirement fails, so that a repository of scenarios can run it.

    Example: minecalc check scenarios/
    """
    from minecalc import __version__, reports
    from minecalc.analysis.check import checked, document
    from minecalc.cli._inputs import wanted_files
    from minecalc.cli._output import chosen_format, show
    from minecalc.cli._progress import progress
    from minecalc.schema.diagnostics import render

    chosen = chosen_format(format_, output)
    names = wanted_files(files)
    found = list(progress((checked(name, set_ or (), confined=confined) for name in names), len(names), "checking"))
    diagnostics = [diagnostic for item in found for diagnostic in item.diagnostics]
    if diagnostics and reports.shows(chosen) != "data":
        print(render(diagnostics), file=sys.stderr)
    if chosen != "terminal" or any(item.usable for item in found):
        show(document(found, __version__), format_name=chosen, output=output, quiet=quiet)
    if not all(item.usable for item in found):
        raise typer.Exit(2)
    if any(item.unmet for item in found):
        raise typer.Exit(3)
