"""The one scenario file that a command is about, and the plan of it that is meant."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from minecalc import horizon
from minecalc.cli._usage import UsageError
from minecalc.loading import Reading, read
from minecalc.scenario import Scenario
from minecalc.schema.diagnostics import render
from minecalc.schema.names import unknown_name
from minecalc.visible import visible


def one(file: str, assignments: Sequence[str] | None = None, *, confined: bool = False) -> tuple[Reading, Scenario]:
    """The scenario in ``file`` (``-``: standard input) with ``--set`` assignments applied, and what was read.

    What there is to say of the file goes to standard error, months that are held or stand before their date included;
    without a scenario the command ends with exit code 2.
    """
    return usable(read(file, assignments or (), confined=confined))


def usable(reading: Reading) -> tuple[Reading, Scenario]:
    """What was read and its scenario; diagnostics and the end of the command as for ``one``."""
    if reading.diagnostics:
        print(render(reading.diagnostics), file=sys.stderr)
    if reading.scenario is None:
        raise typer.Exit(2)
    for text in horizon.warnings(reading.scenario):
        print(f"note: {visible(text)}", file=sys.stderr)
    return reading, reading.scenario


def plan_named(scenario: Scenario, name: str | None, option: str = "--plan") -> str:
    """The plan that ``option`` names, or the only one. UsageError that says which there are if it is none of them."""
    if name is None:
        if len(scenario.plans) == 1:
            return next(iter(scenario.plans))
        known = ", ".join(f'"{visible(plan)}"' for plan in scenario.plans)
        raise UsageError(f"the scenario has {len(scenario.plans)} plans; add {option} with one of {known}")
    if name not in scenario.plans:
        wrong = unknown_name((), "plan", name, scenario.plans, see="minecalc compare")
        advice = f"; {visible(wrong.help)}" if wrong.help else ""
        raise UsageError(f"{option}: {visible(wrong.message)}{advice}")
    return name
