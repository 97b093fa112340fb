"""What plans buy, lot by lot, and which of it bears the interest of the build."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.cashflows import Line
from minecalc.deals.bought import borne_interest, bought
from minecalc.engine import PlanEvaluation
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, compared, run

INTEREST = np.array([90_000.0])


def borne(plan: PlanEvaluation) -> list[tuple[str, str, float]]:
    """Kind and use of each lot that costs anything, and what interest it bears."""
    lots = bought(plan.lines)
    shares = borne_interest(lots, plan.project_members, plan.ready, INTEREST)
    return [
        (one.kind, one.line.use, round(float(share[0]), 6))
        for one, share in zip(lots, shares, strict=True)
        if one.cost_usd.any()
    ]


def test_lots_know_what_they_cost_and_how_long_they_last() -> None:
    plan = run(CLOUD | {"capex_usd_per_critical_mw": 1e6, "life_months": 10}, months=24)
    lots = {one.kind: one for one in bought(plan.lines) if one.cost_usd.any()}
    assert {kind: (float(one.cost_usd[0]), one.lot.life_months) for kind, one in lots.items()} == {
        "building": (2e6, None),
        "gpu": (24e6, 10),
    }


def test_capex_that_does_not_say_what_it_buys_is_refused() -> None:
    with pytest.raises(ValueError, match="the line desks_usd of hall is capex and does not say what it buys"):
        bought([Line("desks_usd", "capex", np.zeros((2, 1)), use="hall")])


def test_buildings_of_the_project_bear_interest_by_cost() -> None:
    """2 MW of hall and 1 MW under 500 GPUs are the project; what mines beside it, and the GPUs, bear nothing."""
    uses = {
        "hall": LEASE | {"gross_mw": 4, "conversion": CONVERSION},
        "cloud": CLOUD | {"gross_mw": 4, "gpu_count": 500, "conversion": CONVERSION},
        "mine": MINER | {"gross_mw": 2, "hash_rate_eh_per_s": 0.2, "machine_price_usd_per_th": 10},
    }
    found = borne(compared({"it": {"uses": uses}}).plans["it"])
    assert sorted(found) == [
        ("building", "cloud", 30_000),
        ("building", "hall", 60_000),
        ("gpu", "cloud", 0),
        ("machine", "mine", 0),
    ]


def test_without_a_building_what_is_bought_by_then_bears_it() -> None:
    plan = run(CLOUD | {"life_months": 10, "replace": True}, months=24)
    assert borne(plan) == [("gpu", "it", 90_000), ("gpu", "it", 0), ("gpu", "it", 0)]


def test_nothing_bought_bears_nothing() -> None:
    assert borne_interest([], {}, 1.0, INTEREST) == []
