"""``minecalc catalog``: the reference records."""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, option
from minecalc.cli._shared import asks

ANSWERS = "What can a file say, and is it right?"

#: What there are records of.
_KINDS = ("machines", "gpus", "leases", "financing", "tax", "power")


@asks(of_scenario=False, has_charts=False)
def catalog(
    kind: str = argument("KIND", f"Which records: {', '.join(_KINDS)}.", complete.one_of(*_KINDS)),
    record: str | None = argument("ID", "One record in full, by its id or alias.", complete.records, default=None),
    where: list[str] | None = option(
        "COLUMN=VALUE", "Filter, e.g. cooling=hydro or efficiency_j_per_th<=15; a heading will do.", complete.filters
    ),
    search: str | None = option("TEXT", "Records that hold this text."),
    sort: str | None = option("COLUMN", "Order by a column; -COLUMN for the largest first.", complete.columns),
) -> None:
    """Show the sourced records of machines, GPUs, AI leases, tax and hourly power that scenarios name, and of loans.

    Example: minecalc catalog machines --where "efficiency_j_per_th<=13" --sort efficiency_j_per_th
    """
