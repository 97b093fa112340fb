"""What files hold of a sensitivity: everything, in full, with None and a reason for what does not exist."""

from __future__ import annotations

import json

import pytest

from minecalc.analysis.sensitivity.ranges import given_range, input_ranges
from minecalc.analysis.sensitivity.records import FORMAT, cell, data, flat, input_unit
from minecalc.analysis.sensitivity.tornado import GAP, NPV, Explained, SensitivityNumbers, answer, explained
from minecalc.document import Text, Value
from minecalc.engine import evaluate
from minecalc.loading import Reading, load
from minecalc.scenario import Scenario
from tests.cli.running import TEXAS

READING = Reading("some.yaml", "abc", None, ())
LEASE = "lease to an AI tenant"
READY = f'plans."{LEASE}".conversion.ready=2028-06:2028-12'
RENT, BTC = f'plans."{LEASE}".rent_usd_per_kw_per_month', "market.btc_price_usd"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(TEXAS)


@pytest.fixture(scope="module")
def given(scenario: Scenario) -> SensitivityNumbers:
    """All inputs of a shipped scenario, one of them a date, and the shares of two."""
    ready = given_range(scenario, READY)
    found = answer(scenario, LEASE, GAP, input_ranges(scenario, given={ready.lever.path: ready}))
    return found._replace(explained=explained(scenario, found.tornado, top=2, samples=8, seed=3))


def test_the_tree_says_what_was_asked_and_is_plain_json(given: SensitivityNumbers) -> None:
    tree = data(given, READING, "Texas", "1.2")
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    head = {key: tree[key] for key in ("format", "version", "file", "sha256", "name", "plan", "baseline", "metric")}
    assert head == {
        "format": FORMAT,
        "version": "1.2",
        "file": "some.yaml",
        "sha256": "abc",
        "name": "Texas",
        "plan": LEASE,
        "baseline": "keep mining",
        "metric": GAP,
    }
    assert FORMAT == "minecalc.sensitivity/1"
    assert len(tree["inputs"]) == len(given.tornado.moved)
    assert tree["held"]["market.hash_price_usd_per_ph_per_day"].startswith("it follows from")


def test_an_input_has_its_range_its_effects_and_its_flip(given: SensitivityNumbers) -> None:
    inputs = {entry["path"]: entry for entry in data(given, READING, "Texas", "1")["inputs"]}
    rent = inputs[RENT]
    assert [rent[key] for key in ("present", "low", "high", "basis", "source", "refused")] == [
        130,
        104,
        156,
        "±20%",
        "",
        {},
    ]
    assert set(rent["effects"]) == {GAP, NPV}
    assert set(rent["effects"][GAP]) == {"low", "high", "swing", "elasticity", "reason"}
    assert not rent["flip"]["inside"]
    assert "grade" in inputs[BTC]["source"]
    ready = inputs[f'plans."{LEASE}".conversion.ready']
    assert [ready[key] for key in ("present", "low", "high")] == ["2028-06", "2028-06", "2028-12"]
    assert ready["effects"][GAP]["elasticity"] is None
    assert ready["effects"][GAP]["reason"] == "a date has no per cent"
    none = inputs["site.gross_mw"]["flip"]
    assert (none["value"], none["set"]) == (None, None)
    assert none["reason"] == "at every value it may take the same plan is ahead"
    assert "flip" not in inputs['plans."rent out GPUs".pue_ratio'], "it does not move the gap"


def test_what_sets_a_flip_brings_the_plans_level(given: SensitivityNumbers) -> None:
    inputs = {entry["path"]: entry for entry in data(given, READING, "Texas", "1")["inputs"]}
    for path in (RENT, BTC, "market.network_hash_rate_eh_per_s"):
        scenario = load(TEXAS, [inputs[path]["flip"]["set"]])
        gap = float(evaluate(scenario).difference_npv_at_scenario_rate_usd(LEASE)[0])
        assert abs(gap) < 1e-6 * (given.tornado.present[GAP] or 0.0), path


def test_shares_are_listed_with_their_intervals_or_the_reason(given: SensitivityNumbers) -> None:
    tree = data(given, READING, "Texas", "1")["global"]
    assert (tree["samples"], tree["seed"], tree["evaluations"], tree["confidence_fraction"]) == (8, 3, 32, 0.95)
    assert [entry["path"] for entry in tree["inputs"]] == [item.span.lever.path for item in given.tornado.moved[:2]]
    entry = tree["inputs"][0]
    assert entry["first_low_fraction"] <= entry["first_fraction"] <= entry["first_high_fraction"]
    assert entry["total_low_fraction"] <= entry["total_fraction"] <= entry["total_high_fraction"]
    assert given.explained is not None
    nothing = given._replace(explained=Explained(given.explained.spans, None, "no value", 8, 3))
    tree = data(nothing, READING, "Texas", "1")["global"]
    assert (tree["inputs"], tree["reason"]) == (None, "no value")
    assert "global" not in data(given._replace(explained=None), READING, "Texas", "1")


def test_rows_are_the_inputs_with_every_figure(given: SensitivityNumbers) -> None:
    table = flat(given, READING, "Texas")
    keys = [column.key for column in table.columns]
    assert len(table.rows) == len(given.tornado.moved)
    assert len(set(keys)) == len(keys)
    first = dict(zip(keys, table.rows[0], strict=True))
    assert first["input"] == Text(RENT)
    assert first["unit"] == Text("usd_per_kw_per_month")
    assert first["low"] == Value(104, "usd_per_kw_per_month")
    effect = given.tornado.moved[0].effects[GAP]
    assert first[f"{GAP}_swing"] == Value(effect.swing, "usd")
    assert first[f"{GAP}_elasticity"] == Value(effect.elasticity, "ratio")
    assert first["flip_inside"] == Text("no")
    assert isinstance(first["first_fraction"], Value)
    dated = next(dict(zip(keys, row, strict=True)) for row in table.rows if Text("2028-12") in row)
    assert dated["unit"] == Text("month")
    assert dated["first_fraction"] == Text(""), "only two inputs have shares"


def test_a_cell_is_what_people_know_the_input_by(scenario: Scenario) -> None:
    network = given_range(scenario, "market.network_hash_rate_eh_per_s=500:2000")
    shown = cell(network, network.low)
    assert isinstance(shown, Value)
    assert shown.number == pytest.approx(500)
    assert (shown.unit, input_unit(network)) == ("eh_per_s", "eh_per_s")
    assert cell(given_range(scenario, READY), 2028 * 12 + 11) == Text("2028-12")
