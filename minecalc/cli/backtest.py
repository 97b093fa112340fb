"""``minecalc backtest``: would the bands of ``simulate`` have held?"""

from __future__ import annotations

from minecalc.cli._completion import one_of
from minecalc.cli._options import option
from minecalc.cli._shared import asks

ANSWERS = "What may come, and when to move?"


@asks(of_scenario=False)
def backtest(
    model: str | None = option(
        "NAME", "Only this model of the factors: gbm, student_t or bootstrap.", one_of("gbm", "student_t", "bootstrap")
    ),
    from_: str | None = option("YYYY-MM", "First month at whose end a forecast is made.", spelt="--from"),
    to: str | None = option("YYYY-MM", "Last such month."),
    paths: int = option("N", "Paths of each forecast.", default=2048),
    seed: int = option("N", "Of the paths.", default=1),
) -> None:
    """Run the model of price, network and hash price as of past months, and count how often its bands held.

    Bands of simulate that are right hold what they say: P10-P90 in 80% of cases. Needs no scenario.

    Example: minecalc backtest --model gbm --from 2021-01
    """
