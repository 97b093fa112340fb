"""Rows of a sweep: a row for each case and plan, in order, typed by what varies."""

from __future__ import annotations

import numpy as np

from minecalc.analysis.sweep.table import batches, columns
from minecalc.tables import Column
from tests.analysis.sweep.sweeping import LEASE, MINE, READY, RENT, TENANT, computed, figures, swept

WHOLE = 'plans."a lease".term_months'


def test_columns_are_typed() -> None:
    sweep = swept(f"{RENT}=90,100", f"{READY}=2027-05,2027-07", f"{TENANT}=true,false", f"{WHOLE}=12,24")
    assert columns(sweep) == [
        Column("case", "whole"),
        Column(RENT, "number"),
        Column(READY, "text", ("2027-05", "2027-06", "2027-07")),
        Column(TENANT, "text", ("true", "false")),
        Column(WHOLE, "whole"),
        Column("plan", "text", (MINE, LEASE)),
        Column("npv_usd", "number"),
        Column("npv_difference_at_scenario_rate_usd", "number"),
    ]


def test_rows_are_cases_by_plans() -> None:
    sweep = swept(f"{RENT}=90,100", f"{READY}=2027-07,2027-05", f"{TENANT}=true,false", chunk_cases=3)
    found = list(batches(sweep, computed(sweep), range(sweep.chunks)))
    assert [batch[0].tolist() for batch in found] == [[1, 1, 2, 2, 3, 3], [4, 4, 5, 5, 6, 6], [7, 7, 8, 8]]
    together = [np.concatenate(parts).tolist() for parts in zip(*found, strict=True)]
    texts = columns(sweep)
    assert together[1] == [90.0] * 8 + [100.0] * 8
    assert [texts[2].texts[int(place)] for place in together[2]] == (["2027-07"] * 4 + ["2027-05"] * 4) * 2
    assert [texts[3].texts[int(place)] for place in together[3]] == ["true", "true", "false", "false"] * 4
    assert [texts[4].texts[int(place)] for place in together[4]] == [MINE, LEASE] * 8
    assert together[5:] == figures(sweep).reshape(16, 2).T.tolist()


def test_only_the_chunks_that_are_asked_for() -> None:
    sweep = swept(f"{RENT}=90:100:8", chunk_cases=2)
    found = batches(sweep, computed(sweep), [0, 3])
    assert [batch[0].tolist() for batch in found] == [[1, 1, 2, 2], [7, 7, 8, 8]]
