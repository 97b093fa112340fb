"""Figures of corners and debt are found in the record of a plan as in the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.analysis.compare.record import compare
from minecalc.analysis.corner_records import figures_in, missing_in
from minecalc.engine import evaluate
from minecalc.figures import figures_of, names_of
from tests.by_hand import compared
from tests.test_corners import LOAN, plans


@pytest.mark.parametrize("taxed", [False, True])
def test_they_are_those_of_the_catalogue(taxed: bool) -> None:
    tax: Any = {"tax": {"rate_fraction": 0.2}} if taxed else {}
    scenario = compared(plans(financing=LOAN), **tax).scenario
    record = compare(scenario, with_break_evens=False)
    for plan in record["plans"]:
        told = figures_of(evaluate(scenario).plans[plan["name"]], names_of("corner", "debt"))
        found = figures_in(plan)
        for name, metric in told.items():
            assert found.get(name) == metric.number(), name


def test_why_there_is_none() -> None:
    mine, lease = compare(compared(plans(financing=LOAN)).scenario, with_break_evens=False)["plans"]
    assert missing_in(mine, "dscr_min_ratio") == "the plan has no debt"
    assert missing_in(lease, "dscr_min_ratio") == ""
    assert missing_in(mine, "npv_usd") == ""
