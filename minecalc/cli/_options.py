"""How options are declared, and those that commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._completion import Completer


def option(spelt: str, metavar: str, about: str, words: Completer | None = None, **more: Any) -> Any:
    """An option that takes a value: how it is spelt, what stands for the value, and the words that a shell offers."""
    return typer.Option(*spelt.split(), metavar=metavar, help=about, autocompletion=words, **more)


def argument(metavar: str, about: str, words: Completer | None = None) -> Any:
    """An argument, as ``option`` declares an option."""
    return typer.Argument(metavar=metavar, help=about, autocompletion=words)


def with_parameters(run: Callable[..., None], parameters: Iterable[inspect.Parameter]) -> Callable[..., None]:
    """``run``, of which the command line sees these parameters, whatever its own are."""
    seen: Any = run
    seen.__signature__ = inspect.Signature([*parameters], return_annotation=None)
    seen.__annotations__ = {name: one.annotation for name, one in seen.__signature__.parameters.items()}
    return run


Files = Annotated[
    list[str], argument("FILE|DIR", "Scenario files, folders of them, shipped examples by name, or -.", complete.files)
]
File = Annotated[
    str, argument("FILE", "A scenario file, a shipped example by its name, or - for standard input.", complete.files)
]
FileOrFolder = Annotated[
    str, argument("FILE|DIR", "A scenario file, a folder of them, a shipped example by its name, or -.", complete.files)
]
Assignments = Annotated[
    list[str] | None,
    option("--set", "PATH=VALUE", "Set an input, e.g. site.gross_mw=60; repeat for more.", complete.assignments),
]
Confined = Annotated[
    bool,
    typer.Option("--confined", help="Read CSV files and files that are extended only inside the scenario's folder."),
]
MarketFile = Annotated[
    str | None,
    option(
        "--market", "FILE", "Market inputs for what the scenario does not say; also MINECALC_MARKET.", complete.files
    ),
]
Format = Annotated[
    str | None,
    option("--format", "NAME", "terminal (default), html, json, csv, markdown, parquet, svg or png.", complete.formats),
]
Output = Annotated[Path | None, option("--output -o", "FILE", "Write to a file; its suffix picks the format.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the headline on the terminal.")]
#: Of commands whose screen leaves details out.
Full = Annotated[
    bool,
    typer.Option("--full", help="On the screen also defaults and assumptions with their sources, and settings to try."),
]

PlanName = Annotated[
    str | None, option("--plan", "NAME", "The plan that is meant; not needed if the scenario has one.", complete.plans)
]
WorkersCount = Annotated[int | None, option("--workers", "N", "Processes; by default by the cores.", min=1, max=256)]
DaskAddress = Annotated[
    str | None, option("--dask", "ADDRESS", "Work on a Dask cluster: its scheduler's tcp://host:8786.")
]
