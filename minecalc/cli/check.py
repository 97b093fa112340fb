"""``minecalc check``: are these scenarios right?"""

from __future__ import annotations

import sys

import typer

from minecalc.cli._options import Assignments, Confined, Files, Format, MarketFile, Output, Quiet

ANSWERS = "What can a file say, and is it right?"
#: Its answer is in words and tables.
HAS_CHARTS = False


def check(
    files: Files,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Say all that is wrong with scenarios, with line and column, and which of their requirements fail.

    Exit code 2 if a file is wrong, else 3 if a requirement fails, so that a repository of scenarios can run it.

    Example: minecalc check retrofit
    """
    import minecalc
    from minecalc import reports
    from minecalc.cli._inputs import market_files, wanted_files
    from minecalc.cli._output import chosen_format, show
    from minecalc.cli._progress import progress
    from minecalc.schema.diagnostics import render

    chosen = chosen_format(format_, output)
    given, markets = set_ or (), market_files(market)
    found = minecalc.check(*wanted_files(files), assignments=given, confined=confined, markets=markets, watch=progress)
    if found.diagnostics and reports.shows(chosen) != "data":
        print(render(found.diagnostics), file=sys.stderr)
    usable = [item.usable for item in found.files]
    if chosen != "terminal" or any(usable):
        show(found.document(), format_name=chosen, output=output, quiet=quiet)
    if not all(usable):
        raise typer.Exit(2)
    if not found.exists:
        raise typer.Exit(3)
