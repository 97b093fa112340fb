"""From compare through the mean of converting as scheduled to the rule."""

from __future__ import annotations

import math

import pytest

from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.walk import BASELINE, BEST, changes
from minecalc.engine import evaluate
from tests.analysis.timing.waiting import CERTAIN, LEASE, PHASES, answer, number


def names(found: TimingNumbers) -> list[str]:
    return [step.name for step in found.steps]


def check(found: TimingNumbers) -> None:
    """It begins with compare, to the bit, and both halves add up."""
    plan = found.project.plan.name
    lead = evaluate(found.project.given).lead_usd(plan)
    assert found.steps[0].usd.number == lead == found.project.lead_usd(found.project.given)
    begun = changes(found.steps)
    now = found.whole.ways["now"].over_never
    assert begun[-1].usd == now
    size = max(abs(step.usd.number or 0.0) for step in found.steps)
    assert math.fsum(step.usd.number or 0.0 for step in begun[:-1]) == pytest.approx(now.number, abs=1e-9 * size)
    rest = found.steps[len(begun) - 1 :]
    total = math.fsum(step.usd.number or 0.0 for step in rest[:-1])
    assert total == pytest.approx(rest[-1].usd.number, abs=1e-9 * size)


def test_it_begins_with_compare_and_adds_up() -> None:
    for found in (answer(LEASE, "lease"), answer(PHASES, "halls"), answer(CERTAIN, "halls")):
        check(found)
    assert names(answer(LEASE, "lease")) == [
        "scenario",
        "prices",
        "mining_shutdowns",
        "now",
        "fixed_date",
        "rule",
        BEST,
    ]
    assert names(answer(PHASES, "halls"))[-2:] == ["phase_by_phase", BEST]


def test_its_gains_are_those_of_the_ways() -> None:
    found = answer(LEASE, "lease")
    steps = {step.name: number(step.usd.number) for step in found.steps}
    ways = found.whole.ways
    gain = number(ways[found.whole.best].over_now.number)
    assert steps["fixed_date"] + steps["rule"] == pytest.approx(gain)
    best = ways[found.whole.best].over_never
    assert steps[BEST] == pytest.approx(number(best.number), abs=4.0 * number(best.error))


def test_over_never_where_to_convert_loses() -> None:
    found = answer(LEASE, "lease", "plans.lease.rent_usd_per_kw_per_month=60")
    check(found)
    assert number(found.steps[0].usd.number) < 0.0
    assert found.steps[-1].usd.number == pytest.approx(found.whole.ways[found.whole.best].over_never.number)


def test_a_never_that_is_not_the_baseline_is_a_step() -> None:
    found = answer(LEASE.replace("  lease:\n", "  lease:\n    gross_mw: 5\n"), "lease")  # the rest stands empty
    check(found)
    assert names(found)[:3] == ["scenario", BASELINE, "prices"]
    now, never = found.certain_usd
    assert number(found.steps[0].usd.number) + number(found.steps[1].usd.number) == pytest.approx(now - never)
