"""``minecalc compare``: the main job."""

import sys
from functools import partial
from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, Files, Format, Full, MarketFile, Output, Quiet, option

ANSWERS = "What is it worth?"


def compare(
    files: Files,
    sort: Annotated[
        str | None,
        option(
            "--sort",
            "COLUMN",
            "Order the league table by a column; -COLUMN or COLUMN:desc for the largest first.",
            complete.league_columns,
        ),
    ] = None,
    columns: Annotated[
        str | None,
        option("--columns", "COLUMN", "Columns of the league table, several by commas.", complete.league_columns),
    ] = None,
    full: Full = False,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Compare what the plans of a scenario earn: one screen for one, a league table for many.

    Example: minecalc compare retrofit --set market.btc_price_usd=90000
    """
    from minecalc import reports
    from minecalc.analysis.compare.league import answers
    from minecalc.analysis.compare.question import Comparison, wanted_league
    from minecalc.cli._inputs import market_files, wanted_files
    from minecalc.cli._output import chosen_format, show
    from minecalc.cli._process import say
    from minecalc.cli._progress import progress
    from minecalc.schema.diagnostics import render
    from minecalc.visible import visible

    chosen = chosen_format(format_, output)
    names = wanted_files(files)
    wanted = wanted_league(columns, sort)
    shown = reports.shows(chosen)
    in_full = shown == "data" or (len(names) == 1 or shown == "records" if wanted is None else wanted.needs_figures)
    with_break_evens = wanted is None or shown == "data" or wanted.needs_break_evens
    ahead = reports.ahead(chosen)
    compared = answers(
        names,
        set_ or (),
        in_full=in_full,
        with_break_evens=with_break_evens,
        confined=confined,
        markets=market_files(market),
        write=None if ahead is None else partial(ahead, 2),
    )
    found = list(progress(compared, len(names), "comparing"))
    diagnostics = [item for answer in found for item in answer.diagnostics]
    if diagnostics:
        print(render(diagnostics), file=sys.stderr)
    records = [answer.record for answer in found if answer.record is not None]
    written = [answer.written for answer in found if answer.written is not None]
    comparison = Comparison(records, len(found) - len(records), diagnostics, wanted, written)
    if records:
        show(comparison.document(shown), format_name=chosen, output=output, quiet=quiet, in_full=full)
    if comparison.fault:
        say(visible(comparison.fault))
        raise typer.Exit(1)
    if comparison.failed:
        raise typer.Exit(2)
    if not comparison.exists:
        raise typer.Exit(3)
