"""Who does the work of a command: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from typing import Annotated

import typer

WorkersCount = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes; by default by the cores.")
]
DaskAddress = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Work on a Dask cluster: its scheduler's tcp://host:8786."),
]
