"""How commands declare arguments and options: as the defaults of their functions' parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._completion import Completer


def option(
    metavar: str,
    about: str,
    words: Completer | None = None,
    *,
    default: Any = None,
    spelt: str = "",
    panel: str | None = None,
    **more: Any,
) -> Any:
    """An option that takes a value: what stands for the value, and the words that a shell offers.

    It is called like the parameter unless ``spelt`` says how; ``panel`` is where the help shows it.
    """
    shown: dict[str, Any] = {"metavar": metavar, "help": about, "rich_help_panel": panel}
    return typer.Option(default, *spelt.split(), autocompletion=words, **shown, **more)


def flag(spelt: str, about: str) -> Any:
    """An option that takes no value."""
    return typer.Option(False, *spelt.split(), help=about)


def argument(metavar: str, about: str, words: Completer | None = None, *, default: Any = ...) -> Any:
    """An argument, which must be given unless it has a default."""
    return typer.Argument(default, metavar=metavar, help=about, autocompletion=words)


def with_parameters(run: Callable[..., None], parameters: Iterable[inspect.Parameter]) -> Callable[..., None]:
    """``run``, of which the command line sees these parameters, whatever its own are."""
    seen: Any = run
    seen.__signature__ = inspect.Signature([*parameters], return_annotation=None)
    seen.__annotations__ = {name: one.annotation for name, one in seen.__signature__.parameters.items()}
    return run


# What several commands take.
FILES = argument("FILE|DIR", "Scenario files, folders of them, shipped examples by name, or -.", complete.files)
FILE = argument("FILE", "A scenario file, a shipped example by its name, or - for standard input.", complete.files)
PLAN = option("NAME", "The plan that is meant; not needed if the scenario has one.", complete.plans)
WORKERS = option("N", "Processes; by default by the cores.", min=1, max=256)
DASK = option("ADDRESS", "Work on a Dask cluster: its scheduler's tcp://host:8786.")
