"""A conversion worked out by hand: 5 critical MW at 1 million each (see ``by_hand``)."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.engine import PlanEvaluation
from minecalc.figures import capex_usd, plan_metrics
from minecalc.loading import ScenarioError
from tests.by_hand import (
    CONVERSION,
    DAYS,
    LEASE,
    MARGIN_A_DAY,
    MINER,
    RENT_A_MONTH,
    Data,
    compared,
    flows,
    line,
    points,
)
from tests.randomly import randomly


def convert(miner: Data = MINER, **keys: Any) -> PlanEvaluation:
    """A lease after a conversion with ``keys`` in place, beside ``mine``."""
    lease = LEASE | {"conversion": CONVERSION | keys}
    return compared({"mine": miner, "lease": lease}).plans["lease"]


def test_spending_is_even_from_starts_up_to_but_not_including_ready() -> None:
    # March and April, each at its start, so points 2 and 3
    assert flows(convert()) == pytest.approx([0, 0, -2.5e6, -2.5e6, 0, *[RENT_A_MONTH] * 20])


def test_spending_may_have_shares() -> None:
    assert flows(convert(spend=[0.2, 0.8]))[:5] == pytest.approx(points(4, p2=-1e6, p3=-4e6))


def test_what_starts_and_is_ready_in_one_month_is_paid_at_once() -> None:
    assert flows(convert(starts="2027-05"))[:6] == pytest.approx([*points(4, p4=-5e6), RENT_A_MONTH])
    assert flows(convert(starts="2027-05", spend=[1.0])) == flows(convert(starts="2027-05"))


def test_a_delay_moves_ready_and_stretches_the_spending() -> None:
    assert flows(convert(delay_months=3))[:9] == pytest.approx([0, 0, *[-1e6] * 5, 0, RENT_A_MONTH])
    # two months of 20% and 80% over four: each half of its share
    plan = convert(delay_months=2, spend=[0.2, 0.8])
    assert flows(plan)[:7] == pytest.approx([0, 0, -0.5e6, -0.5e6, -2e6, -2e6, 0])


def test_a_delay_beyond_the_horizon_leaves_only_the_spending_before_it() -> None:
    plan = convert(delay_months=38)
    assert flows(plan) == pytest.approx([0, 0, *[-5e6 / 40] * 22, 0])
    assert plan_metrics(plan)["first_year_revenue_usd"].number() is None


def test_the_tenants_share_is_not_the_owners() -> None:
    assert float(capex_usd(convert(tenant_funded_fraction=0.4))[0]) == pytest.approx(3e6)
    assert float(capex_usd(convert(tenant_funded_fraction=1))[0]) == 0


def test_mining_runs_until_the_start_and_its_machines_are_sold_then() -> None:
    plan = convert(MINER | {"machine_resale_usd_per_th": 3}, meanwhile="mine")
    before = [31 * MARGIN_A_DAY, 28 * MARGIN_A_DAY + 3e6]
    # 3 million of machines and the first half of the building fall at the start of March, point 2
    wanted = [0, before[0], before[1] - 2.5e6, -2.5e6, 0, *[RENT_A_MONTH] * 20]
    assert flows(plan) == pytest.approx(wanted)
    assert [float(x) for x in plan.project_usd[:, 0]] == pytest.approx([0, 0, -2.5e6, -2.5e6, 0, *[RENT_A_MONTH] * 20])


def test_the_margin_forgone_is_a_memo_and_no_flow() -> None:
    plan = convert(meanwhile="mine")
    lost = plan.engine.lost_margin_usd(plan.plan)[:, 0]
    assert [float(x) for x in lost] == pytest.approx([0, 0, 31 * MARGIN_A_DAY, 30 * MARGIN_A_DAY, *[0] * 20])
    assert sum(flows(plan)) == pytest.approx(59 * MARGIN_A_DAY - 5e6 + 20 * RENT_A_MONTH)


def test_what_runs_meanwhile_is_scaled_by_its_megawatts() -> None:
    miners = {
        "uses": {
            "old": MINER | {"gross_mw": 4, "hash_rate_eh_per_s": 0.4},
            "new": MINER | {"gross_mw": 4, "hash_rate_eh_per_s": 0.4, "machine_resale_usd_per_th": 5},
        }
    }
    lease = LEASE | {"gross_mw": 2, "conversion": CONVERSION | {"meanwhile": "mine"}}
    plan = compared({"mine": miners, "lease": lease}).plans["lease"]
    # 2 of 8 MW: a quarter of 0.8 EH/s, and of 0.4 EH/s sold at 5 USD per TH/s
    assert flows(plan)[1] == pytest.approx(31 * MARGIN_A_DAY * 0.2)
    assert flows(plan)[2] == pytest.approx(28 * MARGIN_A_DAY * 0.2 + 0.5e6 - 0.5e6)


def test_a_refresh_is_skipped_when_the_conversion_comes_within_a_year() -> None:
    refresh = {"every_months": 6, "price_usd_per_th": 10, "efficiency_j_per_th": 5}
    late: Data = {"starts": "2028-06", "ready": "2028-08", "meanwhile": "mine"}
    plan = convert(MINER | {"refresh": refresh}, **late)
    assert sum(line(plan, "machines_bought_usd")) == 0  # month 7 leaves eleven months until month 18
    plan = convert(MINER | {"refresh": refresh}, **late | {"starts": "2028-07"})
    assert line(plan, "machines_bought_usd")[6] == -10e6


def test_each_use_has_its_own_conversion_and_the_plan_is_ready_with_the_last() -> None:
    part = LEASE | {"gross_mw": 5}
    uses = {
        "first": part | {"conversion": CONVERSION},
        "second": part | {"conversion": CONVERSION | {"ready": "2027-07", "delay_months": 1}},
    }
    plan = compared({"it": {"uses": uses}}).plans["it"]
    assert line(plan, "rent_usd")[:8] == pytest.approx([0] * 4 + [250_000] * 3 + [500_000])
    assert float(plan.ready) == 8
    assert plan_metrics(plan)["first_year_revenue_usd"].number() == pytest.approx(6e6)


@randomly(20)
@given(
    start=st.integers(1, 10),
    shares=st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any),
    delay=st.integers(0, 6),
)
def test_all_is_spent_whatever_the_shares_and_the_delay(start: int, shares: list[int], delay: int) -> None:
    ready = start + len(shares)
    label = [f"{2027 + k // 12}-{k % 12 + 1:02d}" for k in range(24)]
    spend = [share / sum(shares) for share in shares]
    keys: Data = {"starts": label[start - 1], "ready": label[ready - 1], "spend": spend}
    spent = line(convert(**keys, delay_months=delay), "building_usd")
    assert sum(spent) == pytest.approx(-5e6)
    # what is spent in a month is a difference of running sums, each of which may be rounded once a share
    assert max(spent) <= 5e6 * len(shares) * sys.float_info.epsilon
    outside = itertools.chain(spent[: start - 1], spent[ready + delay - 1 :])
    assert set(outside) <= {0.0}


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"ready": "2027-02"}, "bad-order"),
        ({"spend": [1.0]}, "bad-shares"),
        ({"spend": [0.5, 0.6]}, "bad-shares"),
        ({"starts": "2026-12"}, "outside-horizon"),
        ({"ready": "2029-01"}, "outside-horizon"),
        ({"meanwhile": "min"}, "unknown-plan"),
        ({"meanwhile": "lease"}, "bad-meanwhile"),
        ({"starts": "March"}, "bad-month"),
    ],
)
def test_what_cannot_be_is_refused(keys: Data, code: str) -> None:
    with pytest.raises(ScenarioError, match=code):
        convert(**keys)


def test_building_capex_stands_in_one_place() -> None:
    with pytest.raises(ScenarioError, match="capex_usd_per_critical_mw stands beside conversion"):
        compared({"it": LEASE | {"capex_usd_per_critical_mw": 1, "conversion": CONVERSION}})


def test_days_of_the_build_earn_nothing() -> None:
    plan = convert(meanwhile="mine")
    assert line(plan, "mining_revenue_usd")[:3] == pytest.approx([20_000 * DAYS[0], 20_000 * DAYS[1], 0])
