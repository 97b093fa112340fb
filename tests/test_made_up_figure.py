"""A figure that is registered is everywhere that figures are, without another file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minecalc.arrays import accumulate
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.figures import CATALOGUE, Figure, Metric, register
from minecalc.figures.labels import figure_label, figure_unit
from tests.cli.running import EXAMPLES, run

TEXAS = str(EXAMPLES / "texas.yaml")
LEASE = "lease to an AI tenant"
OWN, GAP = "power_bill_usd", "power_bill_difference_usd"


def power_bill(plan: PlanEvaluation) -> Metric:
    """What the plan pays for power, undiscounted."""
    lines = (line.usd for line in plan.flows.lines if line.category == "power")
    return Metric(0.0 - sum((accumulate(usd) for usd in lines), np.zeros(1)))


def difference(evaluation: Evaluation, plan: str) -> Metric:
    """How much more that is than the baseline's."""
    ours, theirs = power_bill(evaluation.plans[plan]), power_bill(evaluation.baseline)
    return Metric(ours.numbers - theirs.numbers)


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    register(
        Figure(OWN, "plan", power_bill, "bill for power", short="bill"),
        Figure(GAP, "incremental", difference, difference_of=OWN, of_baseline=0.0),
    )
    yield
    del CATALOGUE[OWN], CATALOGUE[GAP]


def answer(*words: str) -> Any:
    found = run(*words, "--format", "json")
    assert found.code == 0, found.err
    return found.data


def test_its_name_unit_and_label_are_known() -> None:
    assert (figure_label(OWN), figure_unit(OWN)) == ("bill for power", "usd")
    assert figure_label(GAP) == "power bill difference"


def test_compare_has_it_as_json_and_as_a_column_of_csv() -> None:
    (scenario,) = json.loads(run("compare", TEXAS, "--format", "json").out)["scenarios"]
    plans = {plan["name"]: plan for plan in scenario["plans"]}
    mine, lease = plans["keep mining"], plans[LEASE]
    assert mine["metrics"][OWN] > 0
    assert lease["vs_baseline"][GAP] == lease["metrics"][OWN] - mine["metrics"][OWN]
    assert mine["vs_baseline"][GAP] == 0
    league = json.loads(run("compare", TEXAS, "--columns", OWN, "--format", "json").out)["league"]
    assert league[0][OWN] in [plan["metrics"][OWN] for plan in plans.values()]
    rows = list(csv.DictReader(io.StringIO(run("compare", TEXAS, "--format", "csv").out)))
    assert [float(row[OWN]) for row in rows] == [plan["metrics"][OWN] for plan in plans.values()]


def test_a_requirement_may_name_it() -> None:
    holds, fails = (f"require=['plans.\"keep mining\".{OWN} {sign} 0']" for sign in "><")
    assert run("check", TEXAS, "--set", holds).code == 0
    assert run("check", TEXAS, "--set", fails).code == 3


def test_breakeven_meets_it_by_its_short_name() -> None:
    words = ("breakeven", TEXAS, "--plan", "keep mining", "--solve", "site.electricity_price_usd_per_kwh")
    found = answer(*words, "--target", "bill=20000000")
    assert found["plans"][0]["figure"] == OWN
    assert "bill for power" in run(*words, "--target", "bill=20000000").out


def test_sweep_simulate_and_sensitivity_measure_it() -> None:
    vary = ("--vary", "site.electricity_price_usd_per_kwh=0.02,0.03")
    rows = list(
        csv.DictReader(io.StringIO(run("sweep", TEXAS, *vary, "--metric", OWN, "--metric", GAP, "--format", "csv").out))
    )
    mine = [row for row in rows if row["plan"] == "keep mining"]
    assert 0 < float(mine[1][OWN]) < float(mine[0][OWN])  # at the dearer price it shuts off at times
    assert {row[GAP] for row in mine} == {"0.0"}
    assert OWN in json.dumps(answer("simulate", TEXAS, "--paths", "64", "--figure", OWN))
    assert answer("sensitivity", TEXAS, "--plan", LEASE, "--metric", GAP)["metric"] == GAP


def test_explain_takes_it_apart() -> None:
    found = run("explain", TEXAS, OWN, "--plan", "keep mining")
    assert found.code == 0, found.err
    assert OWN in found.out


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match=f"a figure {OWN} already"):
        register(CATALOGUE[OWN])
