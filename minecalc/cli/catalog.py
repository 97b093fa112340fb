"""``minecalc catalog``: the reference records."""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Format, Output, Quiet

#: What there are records of.

_KINDS = ("machines", "gpus", "leases")


def catalog(
    kind: Annotated[
        str,
        typer.Argument(metavar="|".join(_KINDS), help="Which records.", autocompletion=complete.one_of(*_KINDS)),
    ],
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help="Filter, e.g. cooling=hydro or efficiency_j_per_th<=15.",
            autocompletion=complete.filters,
        ),
    ] = None,
    search: Annotated[str | None, typer.Option("--search", metavar="TEXT", help="Records that hold this text.")] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="COLUMN",
            help="Order by a column; -COLUMN for the largest first.",
            autocompletion=complete.columns,
        ),
    ] = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show the sourced records of machines, GPUs and AI leases that scenarios can name.

    Example: minecalc catalog machines --where "efficiency_j_per_th<=13" --sort efficiency_j_per_th
    """
    from minecalc.analysis.catalog import CatalogError
    from minecalc.analysis.catalog import catalog as records
    from minecalc.cli._output import show
    from minecalc.cli._usage import UsageError

    try:
        answer = records(kind, where=where or (), search=search, sort=sort)
    except CatalogError as error:
        raise UsageError(str(error)) from None
    show(answer, format_name=format_, output=output, quiet=quiet)
