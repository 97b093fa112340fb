"""``minecalc timing``: what is waiting worth, and for what?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet
from minecalc.cli._usage import UsageError
from minecalc.cli._workers import WorkersCount, chosen_workers
from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.scenario import Scenario

_PATHS, _PATHS_LEAST, _PATHS_MOST, _SEED = 4096, 256, 32_768, 1
_EVERY, _UNTIL, _COST_MOST = 6, 60, 1e9

#: A block takes as long as several pieces of other work: a second process is worth its start for few of them.
_PIECES_PER_BLOCK = 3


def timing(
    file: File,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan that converts; by default the one worth most without uncertainty.",
            autocompletion=complete.plans,
        ),
    ] = None,
    every: Annotated[int, typer.Option("--every", metavar="N", help="Months from one date to the next.")] = _EVERY,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="N", help=f"Months to wait at the most; by default {_UNTIL}, if they fit."),
    ] = None,
    switch_back: Annotated[
        float | None,
        typer.Option(
            "--switch-back", metavar="USD_PER_MW", help="Cost of going back to mining later; without it, never."
        ),
    ] = None,
    paths: Annotated[
        int, typer.Option("--paths", metavar="N", help="Simulated worlds, to make the rules, and to value them.")
    ] = _PATHS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the paths.")] = _SEED,
    workers: WorkersCount = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Value waiting: convert now, on the best fixed date, or when the market says so; phase by phase, or back again.

    The scenario's uncertainty block says what is uncertain, as for simulate. Conversions move as a whole; a lease that
    is signed later takes the market's rent.

    Example: minecalc timing scenarios/archetypes/retrofit.yaml --every 12 --until 36 --paths 1024
    """
    from minecalc import __version__
    from minecalc.analysis.timing.answer import Asked, answered
    from minecalc.analysis.timing.document import document, unanswered
    from minecalc.analysis.timing.project import converting, longest_wait_months, project
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress
    from minecalc.cli._scenario import one

    chosen = chosen_format(format_, output)
    _check_numbers(every, until, switch_back, paths, seed)
    reading, scenario = one(file, set_, confined=confined)

    def no_answer(reason: str) -> NoReturn:
        emit(unanswered(reading, scenario, reason, __version__), format_name=chosen, output=output, quiet=quiet)
        raise typer.Exit(3)

    if not converting(scenario):
        no_answer("no plan of this scenario has a conversion, which could wait")
    name = _chosen(scenario, plan)
    most = longest_wait_months(scenario, scenario.plans[name])
    if until is not None and until > most:
        raise UsageError(f"--until is {until}, but {visible(name)} can wait for {most} months and still end in time")
    wait = min(_UNTIL, most) if until is None else until
    if wait < every:
        no_answer(f"{name} cannot wait: it is ready only {most} months before the horizon ends; make months longer")
    asked = Asked(project(scenario, name, every, wait), paths, seed, switch_back)
    dated, blocks = asked.dated, 2 * asked.blocks
    with chosen_workers(workers, None, _PIECES_PER_BLOCK * blocks) as those:
        answer = answered(reading, asked, progress(those.share_out(dated.block, range(blocks)), blocks, "simulating"))
    if answer is None:
        no_answer(f"no simulated world of {name} can be computed")
    emit(document(answer, __version__), format_name=chosen, output=output, quiet=quiet)


def _check_numbers(every: int, until: int | None, switch_back: float | None, paths: int, seed: int) -> None:
    """UsageError for a number that no question has."""
    if every < 1:
        raise UsageError(f"--every is {every}; it must be at least 1 month")
    if until is not None and until < every:
        raise UsageError(f"--until is {until}, before the first date after now; write at least --every, {every}")
    if switch_back is not None and not 0.0 <= switch_back <= _COST_MOST:
        raise UsageError(f"--switch-back is {switch_back:g}; it must lie in 0..{_COST_MOST:g} USD per MW")
    if not _PATHS_LEAST <= paths <= _PATHS_MOST:
        raise UsageError(f"--paths is {paths:,}; it must lie in {_PATHS_LEAST:,}..{_PATHS_MOST:,}")
    if seed < 0:
        raise UsageError(f"--seed is {seed}; it must be at least 0")


def _chosen(scenario: Scenario, plan: str | None) -> str:
    """The plan that may wait: the one named, or the one worth most as the scenario stands."""
    from minecalc.analysis.timing.project import converting
    from minecalc.cli._scenario import plan_named
    from minecalc.engine import evaluate

    names = converting(scenario)
    if plan is None:
        plans = evaluate(scenario, names).plans
        return max(names, key=lambda name: float(plans[name].npv_at_scenario_rate_usd[0]))
    name = plan_named(scenario, plan)
    if name not in names:
        known = ", ".join(f'"{visible(other)}"' for other in names)
        raise UsageError(f"--plan {visible(name)} has no conversion that could wait; name one of {known}")
    return name
