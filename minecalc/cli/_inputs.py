"""Which files a command is to read, scenarios and the market files that lie under them, and what was read."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

import typer

from minecalc.analysis.questions import QuestionError
from minecalc.checks import horizon
from minecalc.cli._process import finish, tell
from minecalc.loading import Reading, scenario_files
from minecalc.market.market_file import read_markets
from minecalc.scenario import Scenario
from minecalc.visible import visible

#: The variable of the environment that names a market file for every command.
_VARIABLE = "MINECALC_MARKET"

#: What may be the name of an example, and hardly that of a file.
_WORD = re.compile(r"\w[\w-]+")


def named_markets(market: str | None) -> tuple[str, ...]:
    """The market files that ``--market`` and the environment name, the topmost first."""
    return tuple(name for name in (market, os.environ.get(_VARIABLE)) if name)


def market_files(market: str | None) -> tuple[str, ...]:
    """As ``named_markets``, if they can be used; else the command ends with exit code 2 and says why."""
    names = named_markets(market)
    if "-" in names:
        raise QuestionError("a market file is named; - is standard input, which holds the scenario")
    problems = read_markets(names, {}).problems
    tell(problems)
    finish(wrong=bool(problems))
    return names


def wanted_files(paths: Sequence[str]) -> list[str]:
    """The scenario files that files, folders and names of examples mean. QuestionError for a folder without any."""
    files = []
    for path in paths:
        inside = scenario_files(named_file(path))
        if not inside:
            raise QuestionError(f"{visible(path)} holds no scenario files (.yaml or .yml)")
        files += inside
    return list(dict.fromkeys(files))


def named_file(name: str) -> str:
    """The file that ``name`` means, a shipped example's if there is no other; that it is goes to standard error.

    So does, for a word that is neither, the example whose name is near.
    """
    from minecalc import examples
    from minecalc.schema.names import did_you_mean

    file = examples.named_file(name)
    if file == name and _WORD.fullmatch(name) and not os.path.lexists(name):
        advice = did_you_mean(name, examples.example_files(), "minecalc examples lists them")
        print(f"note: {name} is no shipped example; {advice}", file=sys.stderr)
    elif file != name:
        print(f"note: {name} is a shipped example; minecalc init --from {name} copies it here", file=sys.stderr)
    return file


def usable(reading: Reading) -> Scenario:
    """The scenario that was read; without one the command ends with exit code 2.

    What there is to say of the file goes to standard error, months that are held or stand before their date included.
    """
    tell(reading.diagnostics)
    if reading.scenario is None:
        raise typer.Exit(2)
    for text in horizon.warnings(reading.scenario):
        print(f"note: {visible(text)}", file=sys.stderr)
    return reading.scenario
