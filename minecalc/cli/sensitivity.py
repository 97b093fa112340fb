"""``minecalc sensitivity``: what drives the answer, and what would turn it round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Assignments, Confined, File, Format, Output, Quiet

if TYPE_CHECKING:
    from minecalc.analysis.sensitivity.ranges import Span
    from minecalc.scenario import Scenario

_TOP, _SAMPLES = 10, 1024
_TOP_MOST, _SAMPLES_MOST = 50, 32_768


def sensitivity(
    file: File,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="The plan; by default the best but the baseline.",
            autocompletion=complete.plans,
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="A figure of the plan; by default npv_difference_at_scenario_rate_usd.",
            autocompletion=complete.metrics,
        ),
    ] = None,
    range_: Annotated[
        list[str] | None,
        typer.Option(
            "--range",
            metavar="PATH=LOW:HIGH",
            help="How far an input moves, e.g. market.btc_price_usd=40000:120000.",
            autocompletion=complete.ranges,
        ),
    ] = None,
    spread: Annotated[
        float | None, typer.Option("--spread", metavar="SHARE", help="How far others move either way; 0.2 is 20%.")
    ] = None,
    global_: Annotated[
        bool, typer.Option("--global", help="Move all inputs together: shares of the variance (Sobol indices).")
    ] = False,
    top: Annotated[
        int | None, typer.Option("--top", metavar="N", help=f"Inputs that --global moves; by default {_TOP}.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", metavar="N", help=f"A power of two; by default {_SAMPLES}.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of the samples of --global; by default 0.")
    ] = None,
    set_: Assignments = None,
    confined: Confined = False,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Show which inputs drive a plan's worth: a tornado, elasticities, and how far each is from turning the choice.

    Example: minecalc sensitivity scenarios/archetypes/retrofit.yaml --range market.btc_price_usd=40000:120000
    """
    from minecalc import __version__
    from minecalc.analysis.sensitivity.document import document
    from minecalc.analysis.sensitivity.ranges import SPREAD, input_ranges
    from minecalc.analysis.sensitivity.tornado import GAP, NPV, answer, best_rival, explained
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._scenario import one, plan_named
    from minecalc.cli._usage import UsageError

    chosen = chosen_format(format_, output)
    if not global_ and not top is samples is seed is None:
        raise UsageError("--top, --samples and --seed say how --global samples; add --global")
    share = SPREAD if spread is None else spread
    if not 0.0 < share <= 1.0:
        raise UsageError(f"--spread is {share:g}; it must lie above 0 and be at most 1: 0.2 is 20%")
    top, samples, seed = (_TOP if top is None else top), (_SAMPLES if samples is None else samples), seed or 0
    _check_samples(top, samples, seed)
    reading, scenario = one(file, set_, confined=confined)
    name = best_rival(scenario) if plan is None else plan_named(scenario, plan)
    usual = NPV if name == scenario.baseline_plan.name else GAP
    figure = usual if metric is None else metric
    _check_metric(scenario, name, figure)
    found = answer(scenario, name, figure, input_ranges(scenario, share, _given(scenario, range_ or ())))
    if global_:
        shares = explained(scenario, found.tornado, top=top, samples=samples, seed=seed)
        found = found._replace(explained=shares)
    emit(document(found, reading, scenario.name, __version__), format_name=chosen, output=output, quiet=quiet)
    if not found.exists:
        raise typer.Exit(3)


def _check_samples(top: int, samples: int, seed: int) -> None:
    """UsageError for a size that cannot be sampled."""
    from minecalc.cli._usage import UsageError

    if not 2 <= top <= _TOP_MOST:
        raise UsageError(f"--top is {top}; it must lie in 2..{_TOP_MOST}")
    if seed < 0:
        raise UsageError(f"--seed is {seed}; it must be at least 0")
    if not 2 <= samples <= _SAMPLES_MOST or samples & (samples - 1):
        raise UsageError(f"--samples is {samples}; it must be a power of two in 2..{_SAMPLES_MOST}, such as 4096")


def _check_metric(scenario: Scenario, plan: str, metric: str) -> None:
    """UsageError, with the nearest name, for what is no figure of the plan."""
    import difflib

    from minecalc.analysis.sweep.figures import metric_names
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    names = metric_names()
    is_baseline = plan == scenario.baseline_plan.name
    if is_baseline:
        names = [name for name in names if "difference" not in name and "incremental" not in name]
    if metric not in names:
        near = [name for name in names if metric and name.startswith(metric)]
        near = near or difflib.get_close_matches(metric, names, n=1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        whose = f"{plan}, the baseline" if is_baseline else plan
        raise UsageError(f"--metric {visible(metric)} is no figure of {visible(whose)}; {advice}")


def _given(scenario: Scenario, texts: Sequence[str]) -> dict[str, Span]:
    """The ranges of ``--range`` by path. UsageError for one that cannot be used."""
    from minecalc.analysis.sensitivity.ranges import given_range
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    found: dict[str, Span] = {}
    for text in texts:
        try:
            span = given_range(scenario, text)
        except ValueError as error:
            raise UsageError(f"--range {visible(str(error))}") from None
        if span.lever.path in found:
            raise UsageError(f"--range names {visible(span.lever.path)} twice")
        found[span.lever.path] = span
    return found
