"""Which answers are told, the nearest first, and why there is none."""

from __future__ import annotations

import numpy as np

from minecalc.loading import load
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve
from minecalc.solving.told import allowed, nearest_first, over_now, reason, refusal, sign
from tests.by_hand import LEASE
from tests.cli.running import TEXAS
from tests.solving.test_solve import POWER, RIVAL, scenario_of, two_slopes, with_jump

KEEP, LEASING, HALF = "keep mining", "lease to an AI tenant", "half and half"
HASH_PRICE = "market.hash_price_usd_per_ph_per_day"


def test_why_there_is_no_answer() -> None:
    same = scenario_of(LEASE, LEASE)
    assert reason(same, solve(same, POWER, RIVAL)) == "the two are level at every value"
    near = two_slopes(-1.0)
    assert reason(near, solve(near, POWER, RIVAL)) == "rival stays behind baseline from -1 to 2 USD per kWh"
    jumping = scenario_of(LEASE, LEASE)
    jump = solve(with_jump(), HASH_PRICE, RIVAL, thorough=True)
    only_jump = jump._replace(found=jump.found.take(np.flatnonzero(jump.found.kind == 1)))
    assert reason(jumping, only_jump) == "it changes sides in a jump at 36.66 USD per PH per day, and is level nowhere"
    scenario = load(TEXAS)
    for target, side in ((1e12, "below"), (-1e12, "above")):
        question = Question(LEASING, None, "npv_usd", target)
        told = reason(scenario, solve(scenario, f'plans."{LEASING}".conversion.ready', question))
        assert told == f"its NPV stays {side} the target from 2027-06 to 2036-12"
    scenario = load(TEXAS, [f'plans."{HALF}".uses.lease.capex_usd_per_critical_mw=0'])
    none = Question(HALF, None, "irr_fraction_per_year", 0.1)
    assert reason(scenario, solve(scenario, POWER, none)) == "half and half has no IRR at any value of it"


def test_the_nearest_answer_comes_first_and_what_no_file_may_hold_is_left_out() -> None:
    scenario = load(TEXAS)
    found = solve(scenario, "market.network_hash_rate_eh_per_s", Question(LEASING, KEEP), thorough=True)
    now, answers = float(found.span.present[0]), nearest_first(found)
    assert [abs(answer.x - now) for answer in answers] == sorted(abs(answer.x - now) for answer in answers)
    assert allowed(scenario, found) == [one for one in answers if refusal(scenario, found.movable, one.x) is None]
    twice = over_now(found.movable, 2.0 * found.movable.present)
    assert twice == 2.0
    assert [sign(number) for number in (1.0, -1.0, 0.0, np.nan)] == [1, -1, None, None]
