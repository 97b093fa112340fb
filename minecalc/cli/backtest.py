"""``minecalc backtest``: would the bands of ``simulate`` have held?"""

from __future__ import annotations

from typing import Annotated

from minecalc.cli._asks import asks
from minecalc.cli._completion import one_of
from minecalc.cli._options import option

ANSWERS = "What may come, and when to move?"

_PATHS, _SEED = 2048, 1
_MODELS = ("gbm", "student_t", "bootstrap")


@asks(of_scenario=False)
def backtest(
    model: Annotated[
        str | None,
        option("--model", "NAME", "Only this model of the factors: gbm, student_t or bootstrap.", one_of(*_MODELS)),
    ] = None,
    from_: Annotated[str | None, option("--from", "YYYY-MM", "First month at whose end a forecast is made.")] = None,
    to: Annotated[str | None, option("--to", "YYYY-MM", "Last such month.")] = None,
    paths: Annotated[int, option("--paths", "N", "Paths of each forecast.")] = _PATHS,
    seed: Annotated[int, option("--seed", "N", "Of the paths.")] = _SEED,
) -> None:
    """Run the model of price, network and hash price as of past months, and count how often its bands held.

    Bands of simulate that are right hold what they say: P10-P90 in 80% of cases. Needs no scenario.

    Example: minecalc backtest --model gbm --from 2021-01
    """
