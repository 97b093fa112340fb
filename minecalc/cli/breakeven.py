"""``minecalc breakeven``: at which value of an input do two plans draw level, or does one meet a target?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet

if TYPE_CHECKING:
    from minecalc.analysis.breakeven.answer import Record
    from minecalc.analysis.solving.gap import Question
    from minecalc.levers import Lever
    from minecalc.scenario import Scenario

#: More values of a second input than this make no better line.
_POINTS_MOST = 1000


def breakeven(
    file: File,
    solve: Annotated[
        str | None,
        typer.Option(
            "--solve",
            metavar="PATH",
            help="The input to solve for, e.g. market.btc_price_usd.",
            autocompletion=complete.levers,
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan; by default every one but the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="NAME",
            help="The plan it is set against; by default the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="FIGURE=NUMBER",
            help="A figure to meet instead: npv=0, irr=0.12, payback=60.",
            autocompletion=complete.targets_to_meet,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="PATH=LOW:HIGH:N",
            help="Solve for N values of a second input: a frontier.",
            autocompletion=complete.ranges,
        ),
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Find where two plans are worth the same, or a plan meets a target: for one input, over another, or for all.

    Without --solve: every input that could do so, nearest first, and at which prices machines shut off. A plan that is
    alone has nothing to draw level with: its NPV is to be zero.

    Example: minecalc breakeven scenarios/archetypes/retrofit.yaml --solve market.btc_price_usd
    """
    from minecalc import __version__
    from minecalc.analysis.breakeven import answer
    from minecalc.analysis.breakeven.document import document
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    chosen = chosen_format(format_, output)
    if solve == "":
        raise UsageError("--solve names no input; write a path such as market.btc_price_usd")
    if solve is None and by is not None:
        raise UsageError("--by needs an input to solve for; add --solve PATH")
    reading, scenario = one(file, set_, confined=confined)
    questions = _questions(scenario, plan, against, target)
    try:
        if solve is None:
            record = answer.overview(scenario, questions)
        elif by is None:
            record = answer.solved(scenario, solve, questions)
        else:
            record = _frontiers(scenario, solve, questions, by)
    except ValueError as error:
        raise UsageError(visible(str(error))) from None
    emit(document(answer.head(reading, scenario, __version__) | record), format_name=chosen, output=output, quiet=quiet)
    if not answer.has_answer(record):
        raise typer.Exit(3)


def _questions(scenario: Scenario, plan: str | None, against: str | None, target: str | None) -> list[Question]:
    """What is to be solved for: one question a plan. UsageError for plans that cannot be compared."""
    from minecalc.analysis.solving.gap import Question
    from minecalc.cli._scenario import plan_named
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    baseline = scenario.baseline_plan.name
    if target is None and against is None and len(scenario.plans) == 1:
        target = "npv=0"  # nothing to compare it with
    if target is not None:
        if against is not None:
            raise UsageError("--against and --target are two questions; give one of them")
        metric, number = _target(target)
        others = [name for name in scenario.plans if name != baseline] or [baseline]
        names = others if plan is None else [plan_named(scenario, plan)]
        return [Question(name, None, metric, number) for name in names]
    other = baseline if against is None else plan_named(scenario, against, "--against")
    names = [name for name in scenario.plans if name != other] if plan is None else [plan_named(scenario, plan)]
    if names in ([], [other]):
        raise UsageError(f"{visible(other)} would be set against itself; name another plan with --plan or --against")
    return [Question(name, other) for name in names]


def _target(text: str) -> tuple[str, float]:
    """The figure and the number of ``--target``. UsageError with the nearest name."""
    import difflib

    from minecalc.cli._usage import UsageError
    from minecalc.figures import names_of, short_names
    from minecalc.visible import visible

    name, _, number = text.partition("=")
    name = name.strip()
    short, known = short_names(), names_of("plan")
    metric = short.get(name, name)
    if metric not in known:
        near = difflib.get_close_matches(name, [*short, *known], n=1)
        advice = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(short)} or a figure of compare"
        raise UsageError(f"--target: there is no figure {visible(name)}; {advice}")
    return metric, _number(number, "--target", f"write {name}=0.12, say")


def _number(text: str, option: str, advice: str) -> float:
    """A number as a scenario could hold it. UsageError for anything else."""
    from minecalc.cli._usage import UsageError
    from minecalc.schema.scalars import number_written
    from minecalc.visible import visible

    number = number_written(text.strip())
    if number is None:
        raise UsageError(f"{option}: {visible(text) or 'nothing'} is not a number; {advice}")
    return number


def _frontiers(scenario: Scenario, path: str, questions: list[Question], by: str) -> Record:
    """The frontier of every question. ValueError or UsageError for an axis that cannot be."""
    from minecalc.analysis.breakeven.answer import frontiers
    from minecalc.analysis.breakeven.frontier import axis, frontier
    from minecalc.cli._usage import UsageError
    from minecalc.levers import lever
    from minecalc.visible import visible

    other, _, text = by.rpartition("=")
    parts = text.split(":")
    if not other or len(parts) != 3:
        raise UsageError(f"--by: {visible(by)} is not PATH=LOW:HIGH:N, such as market.btc_price_usd=40000:150000:12")
    of = lever(scenario, other)
    if of.path == lever(scenario, path).path:
        raise UsageError(f"--by: {visible(of.path)} is the input that is solved for; name another")
    low, high = (_value(of, part) for part in parts[:2])
    points = _number(parts[2], "--by", "N is how many values to look at")
    if not points.is_integer() or not 2 <= points <= _POINTS_MOST:
        raise UsageError(f"--by: N is {visible(parts[2])}; it must be a whole number in 2..{_POINTS_MOST:,}")
    values = axis(of, low, high, int(points))
    return frontiers(scenario, [frontier(scenario, path, question, of, values) for question in questions])


def _value(of: Lever, text: str) -> float:
    """A value of an input: a number, or a month for a date."""
    from minecalc.cli._usage import UsageError
    from minecalc.timeline import parse_month
    from minecalc.visible import visible

    if not of.is_month:
        return _number(text, "--by", f"give {visible(of.path)} as numbers")
    try:
        return float(parse_month(text.strip()))
    except ValueError as error:
        raise UsageError(f"--by: {visible(str(error))}") from None
