"""``minecalc backtest``: would the bands of ``simulate`` have held?"""

from __future__ import annotations

from typing import Annotated

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import Format, Output, Quiet

_PATHS, _SEED = 2048, 1


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
    from minecalc.analysis.backtest.question import backtest as asked
    from minecalc.cli._output import chosen_format, emit
    from minecalc.cli._progress import progress

    chosen = chosen_format(format_, output)
    found = asked(model=model, from_=from_, to=to, paths=paths, seed=seed, watch=progress)
    emit(found, format_name=chosen, output=output, quiet=quiet)
