"""The records behind defaults and ranges as tables of the manual, each with its date, source and grade."""

from __future__ import annotations

from collections.abc import Iterable

from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.reference.financings import financings
from minecalc.reference.gpus import gpu_prices, gpus
from minecalc.reference.leases import leases
from minecalc.reference.machines import machines
from minecalc.reference.snapshot import defaults, ranges


def record_tables() -> str:
    """How many records there are of what, what the market is worth by default, and how far inputs of uses range."""
    months = bitcoin_monthly()
    return "\n".join(
        (
            "\n## What there is\n",
            *_table(
                ("records", "number", "shown by"),
                (
                    ("mining machines", f"{len(machines())}", "`minecalc catalog machines`"),
                    ("GPUs", f"{len(gpus())}", "`minecalc catalog gpus`"),
                    ("rental prices of GPUs", f"{len(gpu_prices())}", "`minecalc catalog gpus --format json`"),
                    ("AI leases and GPU contracts", f"{len(leases())}", "`minecalc catalog leases`"),
                    ("loans and bonds", f"{len(financings())}", "`minecalc catalog financing`"),
                    ("months of price and difficulty", f"{len(months)}", f"{months[0].month} to {months[-1].month}"),
                ),
            ),
            "\n## What stands for an input that a scenario leaves out\n",
            *_table(
                ("input", "value", "low", "high", "unit", "as of", "grade", "source"),
                (
                    (f"`{d.name}`", f"{d.value:g}", _end(d.low), _end(d.high), d.unit, d.as_of, d.grade, d.source)
                    for d in defaults().values()
                ),
            ),
            "\n## Published ranges of other inputs, by which `sensitivity` moves them\n",
            *_table(
                ("kind and input", "low", "high", "unit", "as of", "grade", "source"),
                (
                    (f"`{r.name}`", f"{r.low:g}", f"{r.high:g}", r.unit, r.as_of, r.grade, r.source)
                    for r in ranges().values()
                ),
            ),
        )
    )


def _end(number: float | None) -> str:
    """One end of a range, if it is published."""
    return "" if number is None else f"{number:g}"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    lines = [tuple(head), *(tuple(map(str, row)) for row in rows)]
    lines.insert(1, tuple("---" for _ in lines[0]))
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
