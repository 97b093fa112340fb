"""``minecalc compare``: the main job."""

from __future__ import annotations

import sys

import typer

from minecalc.cli._options import Assignments, Confined, Files, Format, Output, Quiet


def compare(
    files: Files,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Compare what the plans of a scenario earn: one screen for one, a league table for many.

    Example: minecalc compare scenarios/archetypes/retrofit.yaml --set market.btc_price_usd=90000
    """
    from minecalc import __version__
    from minecalc.analysis.compare.document import document
    from minecalc.analysis.compare.league import answers
    from minecalc.cli._inputs import wanted_files
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress
    from minecalc.schema.diagnostics import render

    chosen = chosen_format(format_, output)
    names = wanted_files(files)
    in_full = len(names) == 1 or chosen in ("json", "csv")
    found = list(progress(answers(names, set_ or (), in_full=in_full, confined=confined), len(names), "comparing"))
    diagnostics = [item for answer in found for item in answer.diagnostics]
    if diagnostics:
        print(render(diagnostics), file=sys.stderr)
    records = [answer.record for answer in found if answer.record is not None]
    if records:
        failed = len(found) - len(records)
        emit(document(records, __version__, failed, diagnostics), format_name=chosen, output=output, quiet=quiet)
    if len(records) < len(found):
        raise typer.Exit(2)
    if not all(verdict["holds"] for record in records for verdict in record["requirements"]):
        raise typer.Exit(3)
