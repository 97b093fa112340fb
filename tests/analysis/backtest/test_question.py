"""What the runs come to: how far they are from what is right, and where chance does not explain it."""

from __future__ import annotations

import pytest

from minecalc.analysis.backtest.coverage import HORIZONS
from minecalc.analysis.backtest.forecasts import Forecast
from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE, VARIABLES
from minecalc.analysis.backtest.question import DEFAULT_MODEL, Run, chance, runs
from minecalc.uncertainty.factors import BtcPrice
from tests.analysis.backtest.made_up import answer, run, walks

RIGHT = [0.05, 0.2, 0.5, 0.6, 0.95]


def test_coverage_is_counted_over_the_forecasts_that_have_come() -> None:
    short = run("gbm", "shipped", [0.5, 0.5, 0.99], come=2)
    long = run("gbm", "shipped", [0.01], come=4)
    found = Run("gbm", "shipped", [*long.forecasts, *short.forecasts]).coverages
    assert set(found) == {(variable, horizon) for variable in VARIABLES for horizon in HORIZONS}
    assert (found[PRICE, 6].dates, found[PRICE, 6].judged) == (4, 0.5)
    assert (found[HASH_PRICE, 24].dates, found[HASH_PRICE, 24].judged) == (1, 0.0)
    assert set(run("gbm", "shipped", [0.5], come=1).coverages) == {(variable, 3) for variable in VARIABLES}


def test_variables_and_horizons_keep_their_places() -> None:
    pits = run("gbm", "shipped", [0.5]).forecasts[0].pits
    pits[VARIABLES.index(NETWORK), HORIZONS.index(12)] = 0.97
    found = Run("gbm", "shipped", [Forecast(40, pits, 2048)]).coverages
    assert [key for key, it in found.items() if it.judged == 0.0] == [(NETWORK, 12)]


def test_distance_is_from_four_fifths() -> None:
    assert run("gbm", "shipped", RIGHT).distance == pytest.approx(0.2)
    assert run("gbm", "shipped", [*RIGHT[1:], 0.3]).distance == pytest.approx(0.0)
    assert run("gbm", "shipped", [0.5]).distance == pytest.approx(0.2)


def test_off_is_what_chance_does_not_explain() -> None:
    wrong = run("gbm", "shipped", [0.5, 0.95] * 40)
    assert chance(3, wrong.coverages[PRICE, 3]).low > 0.5
    assert set(wrong.off) == {(variable, horizon) for variable in VARIABLES for horizon in (3, 6, 12)}
    assert run("gbm", "shipped", [0.5, 0.4, 0.3, 0.7, 0.99] * 20).off == {}


def test_the_default_model_is_judged_by_what_was_known_then() -> None:
    every = [run(model, basis, RIGHT) for model in ("student_t", "gbm") for basis in ("shipped", "known then")]
    assert BtcPrice().model == DEFAULT_MODEL
    judged = answer(*every).judged
    assert (judged.model, judged.basis) == (DEFAULT_MODEL, "known then")
    only = [run("bootstrap", basis, RIGHT) for basis in ("shipped", "known then")]
    assert answer(*only).judged is only[1]
    assert answer(*only).dates == ("2018-02", "2018-06")


def test_runs_are_every_model_with_both_origins_of_its_numbers() -> None:
    found = list(runs(walks(), range(60, 62), ("gbm", "student_t"), paths=100, seed=1))
    assert [(it.model, it.basis, [f.month for f in it.forecasts]) for it in found] == [
        ("gbm", "shipped", [60, 61]),
        ("gbm", "known then", [60, 61]),
        ("student_t", "shipped", [60, 61]),
        ("student_t", "known then", [60, 61]),
    ]
    pits = [it.forecasts[0].pits.tolist() for it in found]
    assert all(pits[i] != pits[j] for i in range(4) for j in range(i))
