"""``minecalc backtest``: would the bands of ``simulate`` have held?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Format, Output, Quiet

if TYPE_CHECKING:
    from minecalc.analysis.backtest.estimates import Model
    from minecalc.analysis.backtest.history import History

_PATHS, _SEED = 2048, 1
_PATHS_LEAST, _PATHS_MOST = 100, 100_000


def backtest(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="Only this model of the factors: gbm, student_t or bootstrap.",
            autocompletion=complete.one_of("gbm", "student_t", "bootstrap"),
        ),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="First month at whose end a forecast is made.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last such month.")] = None,
    paths: Annotated[int, typer.Option("--paths", metavar="N", help="Paths of each forecast.")] = _PATHS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the paths.")] = _SEED,
    format_: Format = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Run the model of price, network and hash price as of past months, and count how often its bands held.

    Bands of simulate that are right hold what they say: P10-P90 in 80% of cases. Needs no scenario.

    Example: minecalc backtest --model gbm --from 2021-01
    """
    from minecalc import __version__
    from minecalc.analysis.backtest.answer import Answer, runs
    from minecalc.analysis.backtest.document import document
    from minecalc.analysis.backtest.estimates import BASES, MODELS
    from minecalc.analysis.backtest.history import shipped_history
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress
    from minecalc.cli._usage import UsageError

    chosen = chosen_format(format_, output)
    if not _PATHS_LEAST <= paths <= _PATHS_MOST:
        raise UsageError(f"--paths is {paths}; it must lie in {_PATHS_LEAST}..{_PATHS_MOST}")
    if seed < 0:
        raise UsageError(f"--seed is {seed}; it must be at least 0")
    models = MODELS if model is None else (_model(model),)
    history = shipped_history()
    months = _months(history, from_, to)
    found = list(progress(runs(history, months, models, paths=paths, seed=seed), len(models) * len(BASES), "testing"))
    page = document(Answer(history, months, found, paths, seed), __version__)
    emit(page, format_name=chosen, output=output, quiet=quiet)


def _model(name: str) -> Model:
    """The model called ``name``. UsageError for another word."""
    from minecalc.analysis.backtest.estimates import MODELS
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    for model in MODELS:
        if model == name:
            return model
    raise UsageError(f"--model {visible(name)} is no model of the factors; use {', '.join(MODELS)}")


def _months(history: History, first: str | None, last: str | None) -> range:
    """The months from which forecasts are made. UsageError for a month that none can be made from."""
    from minecalc.analysis.backtest.forecasts import usable_months
    from minecalc.cli._usage import UsageError

    usable = usable_months(history)
    begin = _month(history, usable, "--from", first, usable[0])
    end = _month(history, usable, "--to", last, usable[-1])
    if end < begin:
        raise UsageError(f"--to {last} lies before --from {first}; swap them")
    return range(begin, end + 1)


def _month(history: History, usable: range, option: str, text: str | None, default: int) -> int:
    """The number in the history of a month that a user wrote."""
    from minecalc.cli._usage import UsageError
    from minecalc.timeline import parse_month
    from minecalc.visible import visible

    if text is None:
        return default
    try:
        month = parse_month(text) - history.start
    except ValueError as error:
        raise UsageError(f"{option}: {visible(str(error))}") from None
    if month not in usable:
        first, last = history.label(usable[0]), history.label(usable[-1])
        raise UsageError(f"{option} {text} has too little history before or after it; it must lie in {first}..{last}")
    return month
