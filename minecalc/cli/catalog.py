"""``minecalc catalog``: the reference records."""

from __future__ import annotations

from typing import Annotated

from minecalc.cli import _completion as complete
from minecalc.cli._options import Format, Output, Quiet, argument, option

ANSWERS = "What can a file say, and is it right?"
#: Its answer is in words and tables.
HAS_CHARTS = False

#: What there are records of.
_KINDS = ("machines", "gpus", "leases", "financing", "tax", "power")


def catalog(
    kind: Annotated[
        str,
        argument("KIND", f"Which records: {', '.join(_KINDS)}.", complete.one_of(*_KINDS)),
    ],
    record: Annotated[str | None, argument("ID", "One record in full, by its id or alias.", complete.records)] = None,
    where: Annotated[
        list[str] | None,
        option(
            "--where",
            "COLUMN=VALUE",
            "Filter, e.g. cooling=hydro or efficiency_j_per_th<=15; a heading will do.",
            complete.filters,
        ),
    ] = None,
    search: Annotated[str | None, option("--search", "TEXT", "Records that hold this text.")] = None,
    sort: Annotated[
        str | None,
        option("--sort", "COLUMN", "Order by a column; -COLUMN for the largest first.", complete.columns),
    ] = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show the sourced records of machines, GPUs, AI leases, tax and hourly power that scenarios name, and of loans.

    Example: minecalc catalog machines --where "efficiency_j_per_th<=13" --sort efficiency_j_per_th
    """
    import minecalc
    from minecalc.cli._output import emit

    answer = minecalc.catalog(kind, where=where or (), search=search, sort=sort, record=record)
    emit(answer, format_name=format_, output=output, quiet=quiet)
