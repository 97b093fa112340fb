"""What a reader of a backtest is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.backtest.coverage import HORIZONS, JUDGED, by_chance
from minecalc.analysis.backtest.document import NOT_COME, document
from minecalc.analysis.backtest.forecasts import BASES, MODELS, Basis, Forecast, Model, estimated
from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE, VARIABLES
from minecalc.analysis.backtest.question import Backtest, Run
from minecalc.document import Block, Chart, Note, Table, Text, Value
from minecalc.reports import render
from minecalc.units import unit_of
from minecalc.version import VERSION
from tests.analysis.backtest.made_up import answer, run

RIGHT = [0.05, 0.2, 0.5, 0.6, 0.8]
WRONG = [0.5, 0.02]


def differing(basis: Basis, model: Model = "gbm", *, dates: int = 100) -> Run:
    """Forecasts whose P10-P90 hold 80%, but the price at 12 months 50% and the network at 3 months always."""
    pits = np.tile(np.array(RIGHT)[:, None, None], (dates // 5, len(VARIABLES), len(HORIZONS)))
    pits[::2, VARIABLES.index(PRICE), HORIZONS.index(12)] = 0.95
    pits[1::2, VARIABLES.index(PRICE), HORIZONS.index(12)] = 0.3
    pits[:, VARIABLES.index(NETWORK), HORIZONS.index(3)] = 0.4
    return Run(model, basis, [Forecast(40 + i, row, 2048) for i, row in enumerate(pits)])


def _known(model: Model) -> Run:
    return differing("known then") if model == "gbm" else run(model, "known then", WRONG * 50)


def blocks(found: Backtest) -> Sequence[Block]:
    return document(found).blocks


def texts(found: Backtest, kind: str) -> list[str]:
    notes = [block for block in blocks(found) if isinstance(block, Note) and block.kind == kind]
    return ["\n- ".join(map(str, [note.text, *note.bullets])) for note in notes]


def table(found: Backtest, number: int) -> Table:
    return [block for block in blocks(found) if isinstance(block, Table)][number]


def test_the_headline_has_the_coverage_of_the_default_model_with_what_was_known_then() -> None:
    found = answer(*(run(model, "shipped", WRONG * 50) for model in MODELS), *(_known(model) for model in MODELS))
    assert texts(found, "headline") == [
        "Run at the ends of the 100 months 2018-02 to 2026-05, with the numbers known then, gbm's P10-P90 held the BTC "
        "price in 80%, 80%, 50% and 80%, the network hash rate in 100%, 80%, 80% and 80% and the hash price in 80%, "
        "80%, 80% and 80% of cases 3, 6, 12 and 24 months later; 80% is right."
    ]


def test_the_headline_of_one_month_names_it_and_only_what_has_come() -> None:
    found = answer(*(run("gbm", basis, [0.5], come=1) for basis in BASES))
    assert texts(found, "headline") == [
        "Run at the end of 2018-02, with the numbers known then, gbm's P10-P90 held the BTC price in 100%, the network "
        "hash rate in 100% and the hash price in 100% of cases 3 months later; 80% is right."
    ]
    assert not [block for block in blocks(found) if isinstance(block, Chart)]
    first = table(found, 0)
    assert first.rows[0][4] == Value(None, "fraction", "no forecast from these months is that old")
    assert list(first.rows[-1])[3:] == [Text("0-100%"), Text(""), Text(""), Text("")]


def test_the_table_has_every_run_by_variable_and_what_chance_makes_of_right_bands() -> None:
    found = answer(*(differing(basis, model) for model in MODELS for basis in BASES))
    first = table(found, 0)
    assert [column.title for column in first.columns] == ["", "Model", "Numbers", "3 mo", "6 mo", "12 mo", "24 mo"]
    assert len(first.rows) == 3 * 6 + 3
    errors = [by_chance(100, horizon)[JUDGED] for horizon in HORIZONS]
    assert first.rows[18][3:] == [Text(f"± {100 * it.error:.0f}%") for it in errors]
    assert first.rows[19][3:] == [Text(f"{it.effective_count:.0f}") for it in errors]
    assert first.sections == [6, 12, 18]
    assert [cell.text for cell in first.rows[1] if isinstance(cell, Text)] == [
        *("BTC price", "gbm", "known then"),
        *("80%", "80%", "50%", "80%"),
    ]
    assert first.rows[1][5] == Text("50%", "bad")
    assert first.rows[6][3] == Text("100%", "bad")
    assert first.rows[17][1:3] == [Text("bootstrap"), Text("known then")]
    chance = [by_chance(100, horizon)[JUDGED] for horizon in HORIZONS]
    assert first.rows[20][3:] == [Text(f"{100 * it.low:.0f}-{100 * it.high:.0f}%") for it in chance]


def test_what_chance_does_not_explain_is_a_warning() -> None:
    found = answer(run("gbm", "shipped", RIGHT * 20), differing("known then"))
    (warning,) = texts(found, "warning")
    assert warning.splitlines()[1:] == [
        "- gbm, known then: BTC price after 12 months too low; network hash rate after 3 months too high."
    ]
    fine = answer(*(run("gbm", basis, RIGHT * 20) for basis in BASES))
    assert texts(fine, "warning") == []
    assert any(note.startswith("Chance explains all") for note in texts(fine, "plain"))


def test_distances_say_how_far_where_most_and_what_simulate_takes() -> None:
    many = answer(*(run(model, basis, RIGHT * 20) for model in ("gbm", "student_t") for basis in BASES))
    text = texts(many, "plain")[0]
    assert "known then: gbm 0 and 0; student_t 0 and 0." in text
    assert text.endswith("so simulate takes the simplest, gbm, unless a scenario names another.")
    off = [run("gbm", "shipped", [0.5]), differing("known then"), *(differing(basis, "student_t") for basis in BASES)]
    text = texts(answer(*off), "plain")[0]
    assert "gbm 20 and 4; student_t 4 and 4. gbm with those known then is furthest off for the BTC price" in text
    assert "after 12 months: 50%." in text
    assert text.endswith(" simulate takes gbm unless a scenario names another.")
    alone = texts(answer(*(differing(basis) for basis in BASES)), "plain")[0]
    assert alone.endswith("after 12 months: 50%.")


def test_the_detail_has_the_other_bands_and_the_side_of_the_median() -> None:
    second = table(answer(differing("shipped"), differing("known then")), 1)
    assert second.title == "gbm with the numbers known then"
    assert second.sections == [4, 8]
    assert len(second.rows) == 12
    of_price, of_hash_price = ([cell.text for cell in second.rows[k] if isinstance(cell, Text)] for k in (0, 8))
    assert of_price == ["BTC price", "3", "100", "40%", "80%", "100%", "40%"]
    # a fifth of the outcomes lie at P5, P20, P50, P60 and P80 each: on an edge of P5-P95 and on the median
    assert of_hash_price == ["Hash price", "3", "100", "40%", "80%", "100% ± 3%", "40% ± 3%"]


def test_what_is_exact_is_said_to_be_and_all_else_has_an_error() -> None:
    both = table(answer(*(differing(basis, model) for model in MODELS for basis in BASES)), 0).caption
    assert both.endswith(
        "± is one standard error of 2,048 paths; the BTC price of gbm is log-normal, and its shares exact."
    )
    alone = answer(*(run("bootstrap", basis, RIGHT) for basis in BASES))
    assert table(alone, 0).caption.endswith("± is one standard error of 2,048 paths.")


def test_only_the_models_that_were_run_are_spoken_of() -> None:
    every = texts(answer(*(differing(basis, model) for model in MODELS for basis in BASES)), "plain")[-1]
    assert "at least, or those months themselves for the bootstrap. All else" in every
    alone = texts(answer(*(run("gbm", basis, RIGHT) for basis in BASES)), "plain")[-1]
    assert "Known then: volatility of price (" in alone
    assert "bootstrap" not in alone
    drawn = texts(answer(*(run("bootstrap", basis, RIGHT) for basis in BASES)), "plain")[-1]
    assert "Known then: changes of price and network from the 72 months before, 36 at least. All else" in drawn
    assert "volatility" not in drawn


def test_the_chart_has_the_percentile_at_which_each_outcome_lies() -> None:
    found = answer(differing("shipped"), differing("known then"))
    (chart,) = [block for block in blocks(found) if isinstance(block, Chart)]
    assert [series.name for series in chart.series] == ["P10", "P90", "what came"]
    assert chart.series[2].values[:5] == RIGHT
    assert (chart.labels[0], chart.labels[-1], len(chart.labels)) == ("2019-02", "2027-05", 100)


def test_the_method_is_told_with_its_limits() -> None:
    told = texts(answer(differing("shipped"), differing("known then")), "plain")[-1]
    for words in ("2,048 paths, seed 7", "grows by 50% of its growth over the last 48 months", "no fees"):
        assert words in told
    assert "chosen with the whole history in view" in told
    assert "The drift used is 0; the log price grew by 0.44 ± 0.21 a year from 2014-10 to 2026-06" in told
    assert "About a flat mean" not in told
    found = answer(differing("shipped"), differing("known then"))
    compared = texts(replace(found, about_flat_mean={3: 0.85, 24: 0.52}), "plain")[-1]
    assert "of the price would have held 85% and 52% 3 and 24 months ahead" in compared


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_fits_and_markdown_has_the_table(width: int) -> None:
    page = document(answer(*(differing(basis, model) for model in MODELS for basis in BASES)))
    shown = render(page, "terminal", width=width)
    assert isinstance(shown, str)
    assert max(map(len, shown.splitlines())) <= width
    written = render(page, "markdown", width=width)
    assert isinstance(written, str)
    assert "| BTC price | gbm | known then | 80% | 80% | 50% | 80% |" in written
    assert HASH_PRICE not in written


PITS = [0.02, 0.07, 0.5, 0.6, 0.8]
FOUND = answer(run("gbm", "shipped", PITS), run("gbm", "known then", PITS, come=2))


def test_the_tree_says_what_was_done_and_is_json() -> None:
    tree = document(FOUND).data
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    assert (tree["format"], tree["version"]) == ("minecalc.backtest/1", VERSION)
    assert (tree["from"], tree["to"], tree["paths"], tree["seed"]) == ("2018-02", "2018-06", 2048, 7)
    assert tree["expected_network_growth"] == {"share_of_past_ratio": 0.5, "past_months": 48}
    assert tree["estimation"] == {"window_months": 72, "least_months": 36}
    price, network, correlation = estimated(FOUND.history, 41)
    assert tree["estimates"][1] == {
        "month": "2018-03",
        "btc_price_usd_volatility_fraction_per_year": price,
        "network_hash_rate_eh_per_s_volatility_fraction_per_year": network,
        "correlation_ratio": correlation,
    }


def test_a_leaf_has_shares_and_what_chance_explains_or_a_reason() -> None:
    shipped, known = document(FOUND).data["runs"]
    assert (shipped["model"], shipped["numbers"], known["numbers"]) == ("gbm", "shipped", "known then")
    assert shipped["distance_fraction"] == pytest.approx(0.2)
    leaves = {(leaf["variable"], leaf["horizon_months"]): leaf for leaf in shipped["coverage"]}
    leaf = leaves[HASH_PRICE, 24]
    assert len(leaves) == 12
    assert (leaf["dates_count"], leaf["p10_p90_fraction"], leaf["p5_p95_fraction"]) == (5, 0.6, 0.8)
    by = by_chance(5, 24)[JUDGED]
    assert (leaf["p10_p90_chance_low_fraction"], leaf["p10_p90_chance_high_fraction"]) == (by.low, by.high)
    assert leaf["above_median_fraction"] == 0.4
    errors = [leaf[f"{name}_error_fraction"] for name in ("p25_p75", "p10_p90", "p5_p95", "above_median", "mean_pit")]
    assert errors == [0.0] * 5 if leaf["variable"] == "btc_price_usd" else min(errors) > 0.0
    assert leaf["mean_pit_fraction"] == pytest.approx(0.398)
    assert "reason" not in leaf
    missing = known["coverage"][3]
    assert (missing["variable"], missing["horizon_months"], missing["dates_count"]) == (PRICE, 24, 0)
    assert (missing["p10_p90_fraction"], missing["mean_pit_fraction"], missing["reason"]) == (None, None, NOT_COME)


def test_rows_are_the_leaves() -> None:
    table = document(FOUND).records
    keys = [column.key for column in table.columns]
    assert keys[:5] == ["model", "numbers", "variable", "horizon_months", "dates_count"]
    assert len(table.rows) == 24
    assert [table.rows[i][2] for i in (0, 4, 8, 12)] == [Text(name) for name in (PRICE, NETWORK, HASH_PRICE, PRICE)]
    share = keys.index("p10_p90_fraction")
    assert table.rows[0][share] == Value(0.6, "fraction")
    assert table.rows[15][share] == Value(None, "fraction", NOT_COME)
    assert all(unit_of(key) for key in keys[3:])
