"""Who does the work of a command: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli._usage import UsageError

if TYPE_CHECKING:
    from minecalc.analysis.workers import Workers

WorkersCount = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes; by default by the cores.")
]
DaskAddress = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Work on a Dask cluster: its scheduler's tcp://host:8786."),
]

#: Pieces of work that make another process worth its start.
_PIECES_PER_PROCESS = 8


@contextmanager
def chosen_workers(count: int | None, dask: str | None, pieces: int) -> Iterator[Workers]:
    """The workers that ``--workers`` or ``--dask`` ask for, else processes by the cores and the pieces of work.

    UsageError for both, and for a cluster that cannot be had, is unfit, or is lost before the end.
    """
    from minecalc.analysis.workers import WorkersError

    if count is not None and dask is not None:
        raise UsageError("--workers are processes of this machine, --dask has workers of its own; give one of the two")
    try:
        if dask is None:
            from minecalc.analysis.processes import Processes, cores

            yield Processes(count or max(1, min(cores(), pieces // _PIECES_PER_PROCESS)))
        else:
            from minecalc.analysis.cluster import connected

            with connected(dask) as cluster:
                yield cluster
    except WorkersError as error:
        raise UsageError(str(error)) from None
