"""``minecalc sweep``: many cases of one scenario."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import (
    Assignments,
    Confined,
    DaskAddress,
    File,
    Format,
    MarketFile,
    Output,
    Quiet,
    WorkersCount,
    option,
)
from minecalc.cli._usage import UsageError

if TYPE_CHECKING:
    from minecalc.analysis.sweep.answer import Load
    from minecalc.analysis.sweep.cases import Sweep
    from minecalc.analysis.sweep.spool import Spool
    from minecalc.scenario import Scenario
    from minecalc.work.workers import Workers

ANSWERS = "What would turn it?"

#: Rows that are printed; a table file takes any number.
_ROWS_MOST = 100_000


def sweep(
    file: File,
    vary: Annotated[
        list[str] | None,
        option("--vary", "PATH=VALUES", "An input and its values: low:high:count, or a,b,c.", complete.variations),
    ] = None,
    zip_: Annotated[bool, typer.Option("--zip", help="Vary all lists together, not every combination.")] = False,
    cases: Annotated[Path | None, option("--cases", "CSV", "Cases from a file: a header of paths, a row each.")] = None,
    metric: Annotated[
        list[str] | None,
        option(
            "--metric",
            "NAME",
            "A figure, by default npv_usd and npv_difference_at_scenario_rate_usd; repeat for more.",
            complete.metrics,
        ),
    ] = None,
    plan: Annotated[
        list[str] | None,
        option("--plan", "NAME", "A plan, by default all; repeat for more.", complete.plans),
    ] = None,
    workers: WorkersCount = None,
    dask: DaskAddress = None,
    restart: Annotated[bool, typer.Option("--restart", help="Drop what an interrupted sweep left.")] = False,
    set_: Assignments = None,
    confined: Confined = False,
    market: MarketFile = None,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Compute a plan's figures for every combination of inputs' values, up to ten million cases.

    With --output FILE.csv or FILE.parquet every case goes to the file; after an interruption the same command goes on.

    Example: minecalc sweep retrofit --vary market.btc_price_usd=40000:120000:9
    """
    from minecalc.analysis.questions import chosen_workers
    from minecalc.analysis.sweep.question import question
    from minecalc.cli._output import chosen_format
    from minecalc.cli._scenario import one

    table = _table_format(format_, output)
    chosen = "terminal" if table else chosen_format(format_, output)
    if restart and not table:
        raise UsageError("--restart is for a sweep that goes to a table file; add --output FILE.csv or FILE.parquet")
    scenario = one(file, set_, confined=confined, market=market)
    asked = question(scenario, vary=vary or (), zipped=zip_, cases=cases, metrics=metric or (), plans=plan or ())
    shown = plan[0] if plan else None, metric[0] if metric else None
    show = partial(_show, scenario=scenario, shown=shown, chosen=chosen, quiet=quiet)
    with chosen_workers(workers, dask, asked.chunks) as those:
        if table and output is not None:
            exists = _to_file(asked, table, output, those, restart, show)
        else:
            exists = show(asked, _in_memory(asked, chosen, those), output=output)
    if not exists:
        raise typer.Exit(3)


def _table_format(format_: str | None, output: Path | None) -> str | None:
    """The format of a table file that is asked for; None if a report is."""
    from minecalc import tables

    if output is None or str(output) == "-":
        if format_ == "parquet":
            raise UsageError("parquet is not for the screen; add --output FILE.parquet")
        return None
    if format_ is None:
        return tables.format_for_suffix(output.suffix)
    return format_ if format_ in tables.formats() else None


def _in_memory(asked: Sweep, chosen: str, workers: Workers) -> Load:
    """All chunks of a sweep that is not too large to be kept, or printed."""
    from minecalc import reports
    from minecalc.analysis.sweep.question import in_memory
    from minecalc.cli._progress import progress

    rows = asked.cases * len(asked.plans)
    if reports.shows(chosen) != "blocks" and rows > _ROWS_MOST:
        what = f"{asked.cases:,} cases have {rows:,} rows; {chosen} takes at most {_ROWS_MOST:,} here"
        raise UsageError(f"{what}; add --output FILE.csv or FILE.parquet")
    return in_memory(asked, workers, progress)


def _to_file(
    asked: Sweep, table: str, output: Path, workers: Workers, restart: bool, show: Callable[..., bool]
) -> bool:
    """Every case to a table file, then the screen; see ``_show``. An earlier run that was cut short is gone on with."""
    from minecalc.analysis.sweep.file import put_together, spool_beside
    from minecalc.cli._progress import progress
    from minecalc.version import VERSION
    from minecalc.visible import visible
    from minecalc.work.workers import WorkersError

    about = {"version": VERSION, **asked.about()}
    everything = range(asked.chunks)
    watch = partial(progress, total=asked.chunks, doing="writing")
    try:
        with spool_beside(output, asked, about, restart=restart) as spool:
            missing = spool.missing()
            if len(missing) < asked.chunks:
                done = sum(asked.numbers(number).size for number in spool.finished())
                print(f"going on: {done:,} of {asked.cases:,} cases are there already", file=sys.stderr)
            try:
                for _ in progress(spool.fill(workers), len(missing), "sweeping"):
                    pass
                put_together(spool, table, output, everything, watch)
            except (KeyboardInterrupt, SystemExit):
                _keep_what_is_finished(asked, spool, table, output)
                raise
            except WorkersError as error:
                done = sum(asked.numbers(number).size for number in spool.finished())
                kept = f"{done:,} of {asked.cases:,} cases are finished; run the same command to go on"
                raise WorkersError(f"{error}; {kept if done else 'no case was finished'}") from None
            try:
                return show(asked, spool.load, output=None, file=str(output))
            finally:
                spool.remove()
    except OSError as error:
        raise UsageError(f"cannot write {visible(str(output))}: {error.strerror or error}") from None


def _keep_what_is_finished(asked: Sweep, spool: Spool, table: str, output: Path) -> None:
    """After an interrupt leave a valid file, of what is finished or as it was before, and what is needed to go on."""
    from minecalc.analysis.sweep.file import put_together
    from minecalc.visible import visible

    finished, name = spool.finished(), visible(str(output))
    done = sum(asked.numbers(number).size for number in finished)
    if done == asked.cases:
        print(f"all {done:,} cases are computed; run the same command to write {name}", file=sys.stderr)
    elif finished and spool.replaces:
        kept = f"{done:,} of {asked.cases:,} cases are finished; {name} is as it was before"
        print(f"{kept}; run the same command to go on", file=sys.stderr)
    elif finished:
        put_together(spool, table, output, finished)
        print(f"{done:,} of {asked.cases:,} cases are in {name}; run the same command to go on", file=sys.stderr)
    else:
        print(f"none of {asked.cases:,} cases was finished", file=sys.stderr)


def _show(
    asked: Sweep,
    load: Load,
    *,
    scenario: Scenario,
    shown: tuple[str | None, str | None],
    chosen: str,
    quiet: bool,
    output: Path | None,
    file: str = "",
) -> bool:
    """Print what the finished sweep says; whether the figure that is asked for exists in any case."""
    from minecalc import reports
    from minecalc.analysis.sweep.question import answered
    from minecalc.cli._output import show
    from minecalc.cli._screen import width

    found = answered(scenario, asked, load, *shown, file)
    cells = width() if output is None else 100
    page = found.document(in_full=reports.shows(chosen) != "blocks", width=cells)
    show(page, format_name=chosen, output=output, quiet=quiet)
    return found.exists
