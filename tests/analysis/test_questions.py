"""Which plan and figure are meant, or an error that names them; and answers as plain data and as tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from minecalc.analysis.questions import Answer, QuestionError, demand_figure, plan_named, told_plan, unwatched
from minecalc.document import Cell, Column, Document, Table, Text, Value
from minecalc.loading import load, loads
from minecalc.scenario import Scenario
from tests.by_hand import LEASE, MARKET, MINER, SITE, compared

PLANS = {"keep mining": MINER, "lease": LEASE}


def scenario_with(*names: str, **plans: object) -> Scenario:
    wanted = {name: PLANS[name] for name in names} | plans
    return loads(json.dumps({"name": "it", "site": SITE, "market": MARKET, "plans": wanted}))


def test_the_only_plan_needs_no_name() -> None:
    assert plan_named(scenario_with("lease"), None) == "lease"
    assert plan_named(scenario_with("keep mining", "lease"), "lease") == "lease"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (None, 'the scenario has 2 plans; add --plan with one of "keep mining", "lease"'),
        ("keep minig", "--plan: there is no plan keep minig; did you mean keep mining? minecalc compare lists them"),
        ("Lease", "--plan: there is no plan Lease; did you mean lease? minecalc compare lists them"),
        ("xyz", "--plan: there is no plan xyz; it is one of keep mining, lease"),
        ("\x1b[31m", r"--plan: there is no plan \x1b[31m; it is one of keep mining, lease"),
    ],
)
def test_another_name_is_an_error_that_says_which_there_are(name: str | None, told: str) -> None:
    with pytest.raises(QuestionError) as error:
        plan_named(scenario_with("keep mining", "lease"), name)
    assert str(error.value) == told


def test_another_option_may_name_the_plan() -> None:
    with pytest.raises(QuestionError, match=r"^--against: there is no plan leese; did you mean lease\?"):
        plan_named(scenario_with("keep mining", "lease"), "leese", "--against")


def test_of_twenty_plans_the_error_says_what_lists_them() -> None:
    many = scenario_with(**{f"plan {letter}": LEASE for letter in "abcdefghijklmnopqrst"})
    with pytest.raises(QuestionError, match=r"^--plan: there is no plan 777; minecalc compare lists them$"):
        plan_named(many, "777")


def test_a_figure_that_is_none_is_told_with_the_nearest_name() -> None:
    demand_figure("npv_usd", ["npv_usd"], "--metric")
    with pytest.raises(QuestionError, match=r"^--metric npv is no figure of a plan; did you mean npv_usd\?$"):
        demand_figure("npv", ["npv_usd"], "--metric")
    with pytest.raises(QuestionError, match=r"^--metric x is no figure of lease; there are npv_usd, moic_ratio$"):
        demand_figure("x", ["npv_usd", "moic_ratio"], "--metric", "lease")


def test_the_plan_told_is_the_one_furthest_ahead_or_the_baseline_alone() -> None:
    assert told_plan(load("tests/examples/texas.yaml")) == "lease to an AI tenant"
    assert told_plan(load("tests/examples/hilltop.yaml")) == "rent out GPUs"
    assert told_plan(compared({"alone": LEASE}).scenario) == "alone"


class Told(Answer):
    """An answer of two rows."""

    def document(self) -> Document:
        rows: list[list[Cell]] = [
            [Text("a"), Value(1.0, "usd", error=0.5), Value(2.0, "usd", error=0.0)],
            [Text("b"), Value(None, "usd", "there is none"), Value(3.0, "usd")],
        ]
        columns = [Column("plan", ""), Column("npv_usd", ""), Column("capex_usd", "")]
        return Document("", [], Table("", columns, rows), {"plans": ["a", "b"]})


def test_an_answer_is_data_and_a_table_with_a_column_of_errors() -> None:
    answer = Told()
    assert (answer.exists, answer.data()) == (True, {"plans": ["a", "b"]})
    frame = answer.frame()
    errors = ["npv_standard_error_usd", "capex_standard_error_usd"]
    assert frame.columns.tolist() == ["plan", "npv_usd", errors[0], "capex_usd", errors[1]]
    assert frame["plan"].tolist() == ["a", "b"]
    assert frame["npv_usd"].tolist()[0] == 1.0
    assert np.isnan(frame["npv_usd"].tolist()[1])
    assert [frame[name].tolist()[0] for name in errors] == [0.5, 0.0]


def test_what_nobody_watches_is_passed_on() -> None:
    assert list(unwatched([1, 2], 2, "counting")) == [1, 2]
