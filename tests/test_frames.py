"""Cash flows as tables: a row a month, a column for each line and quantity, summing to what the engine nets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from minecalc.engine import evaluate
from minecalc.frames import frame
from minecalc.scenario.varying import vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, RENT_A_MONTH, compared

CONVERTED = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
HALVES = {"uses": {"hall": LEASE | {"gross_mw": 5}, "old fleet": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}}}
TWO = {"uses": {name: MINER | {"gross_mw": 5, "hash_rate_eh_per_s": eh} for name, eh in (("new", 0.5), ("old", 0.4))}}
AFTER_TWO = LEASE | {"conversion": CONVERSION | {"meanwhile": "two fleets"}}
PLANS = {"mine": MINER, "lease": CONVERTED, "cloud": CLOUD, "halves": HALVES}
PLANS |= {"two fleets": TWO, "lease after two fleets": AFTER_TWO}
QUANTITIES = {"energy_mwh", "gpu_hours_sold", "btc_mined"}


def test_rows_are_months_and_columns_name_their_use() -> None:
    table = frame(compared(PLANS).plans["halves"])
    assert list(table.index) == list(pd.period_range("2027-01", periods=24, freq="M"))
    assert table.index.name == "month"
    assert {"hall.rent_usd", "old fleet.mining_revenue_usd", "site_fixed_cost_usd", "energy_mwh"} <= set(table.columns)
    assert table["hall.rent_usd"].tolist() == [RENT_A_MONTH / 2] * 24
    assert set(table.dtypes) == {np.dtype(np.float64)}


def test_what_runs_until_a_conversion_is_named_apart() -> None:
    table = frame(compared(PLANS).plans["lease"])
    meanwhile = table["lease.meanwhile.mining_revenue_usd"]
    assert meanwhile.ne(0).tolist() == [True] * 2 + [False] * 22
    assert meanwhile.iloc[1] == 20_000 * 28
    assert table["lease.rent_usd"].ne(0).tolist() == [False] * 4 + [True] * 20


@pytest.mark.parametrize("name", PLANS)
def test_lines_sum_to_the_net_flow(name: str) -> None:
    plan = compared(
        PLANS, site={"gross_mw": 10, "electricity_price_usd_per_kwh": 0.05, "fixed_cost_usd_per_year": 6e5}
    ).plans[name]
    table = frame(plan)
    lines = {(line.use, line.meanwhile, line.name) for line in plan.flows.lines}
    assert len(set(table.columns)) == len(table.columns) == len(lines) + len(plan.flows.quantities)
    money = table.drop(columns=[c for c in table.columns if c in QUANTITIES])
    assert float(money.to_numpy().sum()) == pytest.approx(float(plan.net_usd.sum()), rel=1e-12)


def test_a_case_of_many_is_that_case_alone() -> None:
    scenario = compared(PLANS).scenario
    path, rents = "plans.lease.rent_usd_per_kw_per_month", [80.0, 100.0, 120.0]
    many = evaluate(vary(scenario, {path: rents})).plans["lease"]
    for case, rent in enumerate(rents):
        alone = evaluate(vary(scenario, {path: rent})).plans["lease"]
        pd.testing.assert_frame_equal(frame(many, case), frame(alone), check_exact=True)
