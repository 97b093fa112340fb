"""Explanations of debt: the months that they name, of loans that outlast the horizon and of builds that end before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from minecalc import load, loads
from minecalc.analysis.compare.record import compare
from minecalc.analysis.explain.explanation import Explanation, explain, find_target, trace_plans
from minecalc.analysis.explain.question import explain as question
from minecalc.analysis.questions import QuestionError
from minecalc.document import Note
from minecalc.engine import Evaluation
from minecalc.trace import plain
from tests.by_hand import MARKET, SITE, freed
from tests.test_corners import LOAN, plans

SCENARIOS = Path(__file__).parents[3] / "scenarios"
RIVER_BEND, LEASE = SCENARIOS / "leases" / "hut8-river-bend.yaml", "lease at guided cost"
FINANCED = ("leases/hut8-river-bend", "leases/cipher-fluidstack", "archetypes/west-texas-interruptible")


@pytest.fixture(scope="module")
def river_bend() -> Evaluation:
    return trace_plans(load(RIVER_BEND))


def told(evaluation: Evaluation, target: str) -> Explanation:
    return explain(evaluation, LEASE, find_target(evaluation, LEASE, target))


@pytest.mark.parametrize("file", FINANCED)
def test_the_least_dscr_is_that_of_the_month_which_compare_names(file: str) -> None:
    scenario = load(SCENARIOS / f"{file}.yaml")
    traced, record = trace_plans(scenario), compare(scenario, with_break_evens=False)
    for plan in record["plans"]:
        if "financing" in plan:
            month = plan["financing"]["dscr_min_month"]
            found = explain(traced, plan["name"], find_target(traced, plan["name"], "dscr_min_ratio"))
            (least,) = (entry for entry in found.entries if entry.name == "dscr_ratio")
            assert least.when == month
            assert least.value == pytest.approx(found.entries[0].value, rel=1e-9)
            assert found.entries[0].formula is not None
            assert found.entries[0].formula.numbers.endswith(f", of {month}")


def test_points_of_a_loan_that_outlasts_the_horizon_are_months_of_the_calendar(river_bend: Evaluation) -> None:
    debt = river_bend.plans[LEASE].financed
    assert debt is not None
    ready, timeline = int(plain(debt.starts_at)[0, 0]) + 1, river_bend.scenario.timeline
    assert len(plain(debt.since)) > timeline.months + 1, "it runs on"
    first = told(river_bend, f"months_of_operation@{timeline.label(ready)}").entries[0]
    assert (first.value, first.when) == (1.0, timeline.label(ready))
    dates = np.flatnonzero(plain(debt.loans[0].terms.dates.service)[:, 0])
    first_date = timeline.label(int(dates[0]))
    assert told(river_bend, f"service_date@{first_date}").entries[0].value == 1.0


def test_what_ends_with_the_build_has_no_month_after_it(river_bend: Evaluation) -> None:
    assert told(river_bend, "closed@2027-03").entries[0].value == 1.0
    with pytest.raises(QuestionError, match=r"closed ends with 20\d\d-\d\d, before 2030-01"):
        told(river_bend, "closed@2030-01")


def test_money_of_the_build_is_nothing_in_any_month_after_it(river_bend: Evaluation) -> None:
    """Long after it too, where what it is made of has ended."""
    for line in ("debt_drawn_usd", "financing_fees_usd", "interest_in_build_usd", "escrow_usd"):
        for month in ("2027-06", "2031-05", "2035-12"):
            found = told(river_bend, f"{line}@{month}")
            assert (found.entries[0].value, found.entries[0].when) == (0.0, month)


def test_a_mean_of_ratios_is_told_without_dollars(river_bend: Evaluation) -> None:
    top = told(river_bend, "dscr_average_ratio").entries[0]
    assert top.formula is not None
    assert top.formula.names.startswith("(the sum of"), "not itself by another number"
    assert "$" not in top.formula.numbers
    worth = told(river_bend, "discount_to_operation_ratio@2035-12").entries[0]
    assert 0.0 < worth.value < 1.0, "what LLCR discounts by has a name"


def test_a_month_with_nothing_due_has_no_dscr() -> None:
    """Of a lease ready in 2027-05 with a date every three months: the first is the end of 2027-07."""
    data = {"name": "x", "months": 24, "site": SITE, "market": MARKET}
    data["plans"] = freed(plans(financing=LOAN | {"every_months": 3}))
    scenario = loads(json.dumps(data))
    due, nothing = (question(scenario, f"dscr_ratio@2027-{month}", plan="lease") for month in ("07", "06"))
    assert (due.exists, nothing.exists) == (True, False)
    headline, shown = nothing.document().blocks[0], nothing.document().data
    assert isinstance(headline, Note)
    assert headline.text == "dscr_ratio of lease in 2027-06 does not exist: nothing is due."
    assert (shown["value"], shown["reason"]) == (None, "nothing is due")
    assert question(scenario, "dscr_ratio", plan="lease").exists, "it does in other months"


def test_what_a_figure_that_does_not_exist_is_made_of_has_its_reason() -> None:
    evaluation = trace_plans(load(SCENARIOS / "systems" / "northern-data.yaml"))
    found = find_target(evaluation, "as filed", "llcr_ratio of Tether loan")
    assert found.reason == "the last maturity lies beyond the horizon"
    assert found.reason == find_target(evaluation, "as filed", "llcr_ratio").reason


def test_a_waterfall_of_three_tranches_is_told_in_formulas_that_can_be_read() -> None:
    """What its months share is told once in a formula: each tranche more told all of it many times over."""
    loan = LOAN["tranches"]["loan"] | {"share_of_cost_fraction": 0.2}
    terms = {**LOAN, "reserve_months": 6, "tranches": dict.fromkeys(("first", "second", "third"), loan)}
    data = {"name": "x", "months": 24, "site": SITE, "market": MARKET, "plans": freed(plans(financing=terms))}
    traced = trace_plans(loads(json.dumps(data)))
    found = explain(traced, "lease", find_target(traced, "lease", "npv_levered_usd"))
    formulas = [entry.formula.names for entry in found.entries if entry.formula is not None]
    assert max(map(len, formulas)) < 30_000
    assert any("[1: " in formula and "[1]" in formula for formula in formulas)
    assert not [formula for formula in formulas if set("\x01\x02\x03\x04") & set(formula)]
    assert {"first_owed_in_operation_usd", "third_instalment_usd", "reserve_usd"} <= {e.name for e in found.entries}
