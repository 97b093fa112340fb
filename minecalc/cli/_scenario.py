"""The one scenario file that a command is about."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from minecalc.checks import horizon
from minecalc.cli._inputs import market_files, named_file
from minecalc.loading import Reading, read
from minecalc.scenario import Scenario
from minecalc.schema.diagnostics import render
from minecalc.visible import visible


def one(
    file: str, assignments: Sequence[str] | None = None, *, confined: bool = False, market: str | None = None
) -> Scenario:
    """The scenario in ``file`` (``-``: standard input, or a shipped example's name), over the ``market`` file.

    The ``--set`` assignments are applied.

    What there is to say of the file goes to standard error, months that are held or stand before their date included;
    without a scenario the command ends with exit code 2.
    """
    return usable(read(named_file(file), assignments or (), confined=confined, markets=market_files(market)))


def usable(reading: Reading) -> Scenario:
    """The scenario that was read; diagnostics and the end of the command as for ``one``."""
    if reading.diagnostics:
        print(render(reading.diagnostics), file=sys.stderr)
    if reading.scenario is None:
        raise typer.Exit(2)
    for text in horizon.warnings(reading.scenario):
        print(f"note: {visible(text)}", file=sys.stderr)
    return reading.scenario
