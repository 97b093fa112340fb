"""``minecalc sweep``: many cases of one scenario."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from minecalc.analysis.questions import QuestionError
from minecalc.cli import _completion as complete
from minecalc.cli._options import DASK, FILE, WORKERS, flag, option
from minecalc.cli._process import finish
from minecalc.cli._progress import progress
from minecalc.cli._shared import OF_OUTPUT, OF_SCENARIO, Shared, shares
from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.analysis.sweep.answer import Load
    from minecalc.analysis.sweep.cases import Sweep
    from minecalc.analysis.sweep.spool import Spool
    from minecalc.work.workers import Workers

ANSWERS = "What would turn it?"

#: Rows that are printed; a table file takes any number.
_ROWS_MOST = 100_000


@shares(*OF_SCENARIO, *OF_OUTPUT, "chart")
def sweep(
    file: str = FILE,
    vary: list[str] | None = option(
        "PATH=VALUES", "An input and its values: low:high:count, or a,b,c.", complete.variations
    ),
    zip_: bool = flag("--zip", "Vary all lists together, not every combination."),
    cases: Path | None = option("CSV", "Cases from a file: a header of paths, a row each."),
    metric: list[str] | None = option(
        "NAME",
        "A figure, by default npv_usd and npv_difference_at_scenario_rate_usd; repeat for more.",
        complete.metrics,
    ),
    plan: list[str] | None = option("NAME", "A plan, by default all; repeat for more.", complete.plans),
    workers: int | None = WORKERS,
    dask: str | None = DASK,
    restart: bool = flag("--restart", "Drop what an interrupted sweep left."),
    *,
    shared: Shared,
) -> None:
    """Compute a plan's figures for every combination of inputs' values, up to ten million cases.

    With --output FILE.csv or FILE.parquet every case goes to the file; after an interruption the same command goes on.

    Example: minecalc sweep retrofit --vary market.btc_price_usd=40000:120000:9
    """
    from minecalc import reports
    from minecalc.analysis.questions import chosen_workers
    from minecalc.analysis.sweep.question import answered, question
    from minecalc.cli._output import demand_picture
    from minecalc.cli._screen import width

    table = _table_format(shared)
    if table:
        demand_picture(shared.chart, table)
    screen = shared._replace(format_="terminal", output=None) if table else shared
    chosen = screen.chosen_format()
    if restart and not table:
        raise QuestionError("--restart is for a sweep that goes to a table file; add --output FILE.csv or FILE.parquet")
    scenario = shared.scenario(file)
    asked = question(scenario, vary=vary or (), zipped=zip_, cases=cases, metrics=metric or (), plans=plan or ())
    shown = plan[0] if plan else None, metric[0] if metric else None

    def show(load: Load, file: str = "") -> bool:
        """Print what the finished sweep says; whether the figure that is asked for exists in any case."""
        found = answered(scenario, asked, load, *shown, file)
        cells = width() if screen.output is None else 100
        screen.show(found.document(in_full=reports.shows(chosen) != "blocks", width=cells))
        return found.exists

    with chosen_workers(workers, dask, asked.chunks) as those:
        if table and shared.output is not None:
            exists = _to_file(asked, table, shared.output, those, restart, show)
        else:
            exists = show(_in_memory(asked, chosen, those))
    finish(exists=exists)


def _table_format(shared: Shared) -> str | None:
    """The format of a table file that is asked for; None if a report is."""
    from minecalc import tables
    from minecalc.cli._output import output_file

    file, format_ = output_file(shared.output), shared.format_
    if file is None:
        if format_ == "parquet":
            raise QuestionError("parquet is not for the screen; add --output FILE.parquet")
        return None
    if format_ is None:
        return tables.format_for_suffix(file.suffix)
    return format_ if format_ in tables.formats() else None


def _in_memory(asked: Sweep, chosen: str, workers: Workers) -> Load:
    """All chunks of a sweep that is not too large to be kept, or printed."""
    from minecalc import reports
    from minecalc.analysis.sweep.question import in_memory

    rows = asked.cases * len(asked.plans)
    if reports.shows(chosen) != "blocks" and rows > _ROWS_MOST:
        what = f"{asked.cases:,} cases have {rows:,} rows; {chosen} takes at most {_ROWS_MOST:,} here"
        raise QuestionError(f"{what}; add --output FILE.csv or FILE.parquet")
    return in_memory(asked, workers, progress)


def _to_file(
    asked: Sweep, table: str, output: Path, workers: Workers, restart: bool, show: Callable[..., bool]
) -> bool:
    """Every case to a table file, then what ``show`` prints. An earlier run that was cut short is gone on with."""
    from minecalc.analysis.sweep.spool import put_together, spool_beside
    from minecalc.cli._output import writing
    from minecalc.version import VERSION
    from minecalc.work.workers import WorkersError

    about = {"version": VERSION, **asked.about()}
    everything = range(asked.chunks)
    watch = partial(progress, total=asked.chunks, doing="writing")
    with writing(output), spool_beside(output, asked, about, restart=restart) as spool:
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
            return show(spool.load, str(output))
        finally:
            spool.remove()


def _keep_what_is_finished(asked: Sweep, spool: Spool, table: str, output: Path) -> None:
    """After an interrupt leave a valid file, of what is finished or as it was before, and what is needed to go on."""
    from minecalc.analysis.sweep.spool import put_together

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
