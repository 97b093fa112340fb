"""What do the figures of plans come to in many cases of a scenario? The question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from minecalc.analysis.figures_of_cases import metric_names
from minecalc.analysis.questions import (
    QuestionError,
    Watch,
    chosen_workers,
    demand_figure,
    plan_named,
    unwatched,
)
from minecalc.analysis.sweep.answer import GAP, NPV, Load, Swept, best_shown, summary
from minecalc.analysis.sweep.axes import checked, doubtful, flattened, from_csv, from_options, replaced
from minecalc.analysis.sweep.cases import Sweep
from minecalc.scenario import Scenario
from minecalc.work.workers import Workers

#: Figures that are kept in memory; a table file takes any number.
_FIGURES_MOST = 10_000_000


def sweep(
    scenario: Scenario,
    *,
    vary: Sequence[str] = (),
    zipped: bool = False,
    cases: str | Path | None = None,
    metrics: Sequence[str] = (),
    plans: Sequence[str] = (),
    workers: int | None = None,
    dask: str | None = None,
    watch: Watch = unwatched,
) -> Swept:
    """The ``metrics`` of ``plans`` for every combination of inputs' values, all in memory.

    ``vary`` are texts such as ``market.btc_price_usd=40000:120000:9``, ``cases`` a CSV file instead; ``zipped``
    varies all lists together. ``scenario`` is one as it was read, for words are read again with it. Raises
    QuestionError for what is no input, value, plan or figure, and for more cases than fit.
    """
    asked = question(scenario, vary=vary, zipped=zipped, cases=cases, metrics=metrics, plans=plans)
    with chosen_workers(workers, dask, asked.chunks) as those:
        load = in_memory(asked, those, watch)
    return answered(scenario, asked, load, next(iter(plans), None), next(iter(metrics), None))


def question(
    scenario: Scenario,
    *,
    vary: Sequence[str] = (),
    zipped: bool = False,
    cases: str | Path | None = None,
    metrics: Sequence[str] = (),
    plans: Sequence[str] = (),
) -> Sweep:
    """What is to be computed, once every name and value is known to be one; else QuestionError."""
    source = scenario.source
    if not source.data:
        raise QuestionError("a sweep reads its scenario again, so it takes one as it was read")
    if (cases is None) == (not vary):
        example = "--vary market.btc_price_usd=40000:120000:9"
        raise QuestionError(f"say what varies with --vary or with --cases, one of the two, such as {example}")
    if zipped and cases is not None:
        raise QuestionError("--zip is for --vary; the rows of a CSV file are taken as they are")
    drafts = from_options(vary) if cases is None else from_csv(Path(cases))
    names = tuple(dict.fromkeys(plan_named(scenario, name) for name in plans or scenario.plans))
    for name in metrics:
        demand_figure(name, metric_names(), "--metric")
    default = (NPV, GAP) if len(scenario.plans) > 1 else (NPV,)
    together = zipped or cases is not None
    axes = checked(source, drafts, zipped=together)
    return Sweep(source, axes, together, names, tuple(dict.fromkeys(metrics or default)))


def in_memory(asked: Sweep, workers: Workers, watch: Watch) -> Load:
    """All chunks of a sweep that is not too large to be kept."""
    figures = asked.cases * len(asked.plans) * len(asked.metrics)
    if figures > _FIGURES_MOST:
        what = f"{asked.cases:,} cases have {figures:,} figures; at most {_FIGURES_MOST:,} are kept in memory"
        raise QuestionError(f"{what}; add --output FILE.csv or FILE.parquet")
    return list(watch(workers.share_out(asked.chunk, range(asked.chunks)), asked.chunks, "sweeping")).__getitem__


def answered(
    scenario: Scenario, asked: Sweep, load: Load, plan: str | None = None, metric: str | None = None, file: str = ""
) -> Swept:
    """What the finished sweep says; ``plan`` and ``metric`` are shown where there is room for one of each."""
    found = summary(asked, load)
    best = best_shown(asked, found, scenario.baseline_plan.name, plan, metric)
    notes = doubtful(asked), flattened(scenario, asked.axes)
    return Swept(asked, load, found, scenario, *best, *notes, file, replaced(asked))
