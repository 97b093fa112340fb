"""``minecalc compare``: the main job."""

from collections.abc import Sequence
from functools import partial

from minecalc.cli import _completion as complete
from minecalc.cli._options import FILES, option
from minecalc.cli._process import finish, tell
from minecalc.cli._progress import progress
from minecalc.cli._shared import OF_OUTPUT, OF_SCENARIO, Shared, shares

ANSWERS = "What is it worth?"


@shares("full", *OF_SCENARIO, *OF_OUTPUT, "chart")
def compare(
    files: list[str] = FILES,
    sort: str | None = option(
        "COLUMN",
        "Order the league table by a column; -COLUMN or COLUMN:desc for the largest first.",
        complete.league_columns,
    ),
    columns: str | None = option("COLUMN", "Columns of the league table, several by commas.", complete.league_columns),
    *,
    shared: Shared,
) -> None:
    """Compare what the plans of a scenario earn: one screen for one, a league table for many.

    Example: minecalc compare retrofit --set market.btc_price_usd=90000
    """
    compared(files, shared, columns, sort)


def compared(files: Sequence[str], shared: Shared, columns: str | None = None, sort: str | None = None) -> None:
    """Compare ``files`` and print what comes of it, as the command does."""
    from minecalc import reports
    from minecalc.analysis.compare.league import answers
    from minecalc.analysis.compare.question import Comparison, wanted_league
    from minecalc.cli._inputs import wanted_files
    from minecalc.loading import read

    chosen = shared.chosen_format()
    names = wanted_files(files)
    wanted = wanted_league(columns, sort)
    shown = reports.shows(chosen)
    in_full = shown == "data" or (len(names) == 1 or shown == "records" if wanted is None else wanted.needs_figures)
    with_break_evens = wanted is None or shown == "data" or wanted.needs_break_evens
    ahead = reports.ahead(chosen)
    write = None if ahead is None else partial(ahead, 2)
    reads = partial(read, **shared.reads())
    answered = answers(names, reads, in_full=in_full, with_break_evens=with_break_evens, write=write)
    found = list(progress(answered, len(names), "comparing"))
    diagnostics = [item for answer in found for item in answer.diagnostics]
    tell(diagnostics)
    records = [answer.record for answer in found if answer.record is not None]
    written = [answer.written for answer in found if answer.written is not None]
    comparison = Comparison(records, len(found) - len(records), diagnostics, wanted, written)
    if records:
        shared.show(comparison.document(shown))
    finish(fault=comparison.fault, wrong=bool(comparison.failed), exists=comparison.exists)
