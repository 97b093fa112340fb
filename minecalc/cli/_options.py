"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minecalc.cli import _completion as complete

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|DIR",
        help="Scenario files, folders of them, or - for standard input.",
        autocompletion=complete.files,
    ),
]
File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A scenario file, or - for standard input.", autocompletion=complete.files),
]
PlanName = Annotated[
    str | None,
    typer.Option(
        "--plan",
        metavar="NAME",
        help="The plan that is meant; not needed if the scenario has one.",
        autocompletion=complete.plans,
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Set an input, e.g. site.gross_mw=60; repeat for more.",
        autocompletion=complete.assignments,
    ),
]
Confined = Annotated[
    bool, typer.Option("--confined", help="Read CSV files of values over time only inside the scenario's folder.")
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="terminal (default), json, csv or markdown.",
        autocompletion=complete.formats,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file; its suffix picks the format.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the headline on the terminal.")]
