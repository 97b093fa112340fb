"""A backtest as a tree and as rows."""

from __future__ import annotations

import json

import pytest

from minecalc.analysis.backtest.coverage import JUDGED, by_chance
from minecalc.analysis.backtest.estimates import estimated
from minecalc.analysis.backtest.history import HASH_PRICE, NETWORK, PRICE
from minecalc.analysis.backtest.records import NOT_COME, data, flat
from minecalc.document import Text, Value
from minecalc.units import unit_of
from tests.analysis.backtest.made_up import answer, run

PITS = [0.02, 0.07, 0.5, 0.6, 0.8]
FOUND = answer(run("gbm", "shipped", PITS), run("gbm", "known then", PITS, come=2))


def test_the_tree_says_what_was_done_and_is_json() -> None:
    tree = data(FOUND, "1.2")
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    assert (tree["format"], tree["version"]) == ("minecalc.backtest/1", "1.2")
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
    shipped, known = data(FOUND, "1.2")["runs"]
    assert (shipped["model"], shipped["numbers"], known["numbers"]) == ("gbm", "shipped", "known then")
    assert shipped["distance_fraction"] == pytest.approx(0.2)
    leaves = {(leaf["variable"], leaf["horizon_months"]): leaf for leaf in shipped["coverage"]}
    leaf = leaves[HASH_PRICE, 24]
    assert len(leaves) == 12
    assert (leaf["dates_count"], leaf["p10_p90_fraction"], leaf["p5_p95_fraction"]) == (5, 0.6, 0.8)
    by = by_chance(5, 24)[JUDGED]
    assert (leaf["p10_p90_chance_low_fraction"], leaf["p10_p90_chance_high_fraction"]) == by
    assert leaf["above_median_fraction"] == 0.4
    errors = [leaf[f"{name}_error_fraction"] for name in ("p25_p75", "p10_p90", "p5_p95", "above_median", "mean_pit")]
    assert errors == [0.0] * 5 if leaf["variable"] == "btc_price_usd" else min(errors) > 0.0
    assert leaf["mean_pit_fraction"] == pytest.approx(0.398)
    assert "reason" not in leaf
    missing = known["coverage"][3]
    assert (missing["variable"], missing["horizon_months"], missing["dates_count"]) == (PRICE, 24, 0)
    assert (missing["p10_p90_fraction"], missing["mean_pit_fraction"], missing["reason"]) == (None, None, NOT_COME)


def test_rows_are_the_leaves() -> None:
    table = flat(FOUND)
    keys = [column.key for column in table.columns]
    assert keys[:5] == ["model", "numbers", "variable", "horizon_months", "dates_count"]
    assert len(table.rows) == 24
    assert [table.rows[i][2] for i in (0, 4, 8, 12)] == [Text(name) for name in (PRICE, NETWORK, HASH_PRICE, PRICE)]
    share = keys.index("p10_p90_fraction")
    assert table.rows[0][share] == Value(0.6, "fraction")
    assert table.rows[15][share] == Value(None, "fraction", NOT_COME)
    assert all(unit_of(key) for key in keys[3:])
