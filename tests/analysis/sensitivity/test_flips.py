"""How far inputs are from turning the choice: worked out on paper, and true when set."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.sensitivity.flips import Flip, flips
from minecalc.analysis.sensitivity.ranges import Span, input_ranges
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.scenario import Scenario
from minecalc.timeline import parse_month
from minecalc.varying import vary
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared
from tests.cli.running import ROOT

RETROFIT = str(ROOT / "scenarios" / "archetypes" / "retrofit.yaml")
#: Worth 24 months of 5,000 kW at 30 more than the baseline.
RIVAL = LEASE | {"rent_usd_per_kw_per_month": 130}
WITHOUT_INTEREST: Data = {"discount_rate_fraction_per_year": 0.0}


def found(baseline: Data, rival: Data) -> dict[str, Flip]:
    """The flips of a plan called rival, by the last part of each input's path, its own inputs only."""
    scenario = compared({"baseline": baseline, "rival": rival}, **WITHOUT_INTEREST).scenario
    spans = [span for span in input_ranges(scenario).spans if span.lever.path.startswith("plans.rival.")]
    solved = flips(scenario, "rival", "baseline", spans)
    return {path.rsplit(".", 1)[-1]: flip for path, flip in solved.items()}


def test_a_straight_line_turns_where_the_rents_are_equal() -> None:
    rent = found(LEASE, RIVAL)["rent_usd_per_kw_per_month"]
    assert rent.x == pytest.approx(100, rel=1e-12)
    assert rent.away == pytest.approx(-30 / 130, rel=1e-12)
    assert not rent.inside, "a fifth less is 104"
    nearer = found(LEASE, LEASE | {"rent_usd_per_kw_per_month": 110})["rent_usd_per_kw_per_month"]
    assert nearer.inside
    assert nearer.away == pytest.approx(-10 / 110, rel=1e-12)


def test_whole_months_turn_at_the_first_that_does() -> None:
    """Rent-free months cost 650,000 each; the gap is 24 times 150,000, so five keep the order and six turn it."""
    free = found(LEASE, RIVAL)["free_months"]
    assert free == Flip(6.0, None, True)
    term = found(LEASE, RIVAL | {"term_months": 24})["term_months"]
    assert (term.x, term.inside) == (18.0, False)
    assert term.away == -0.25


def test_what_cannot_turn_the_choice_says_so() -> None:
    solved = found(LEASE, RIVAL)
    assert solved["pue_ratio"].x is None
    assert "same plan is ahead" in solved["pue_ratio"].reason
    assert not solved["pue_ratio"].inside


def test_a_value_that_check_would_refuse_turns_nothing() -> None:
    """Twice the fleet would turn it round, and needs twice the megawatts."""
    scenario = compared({"baseline": MINER, "rival": LEASE}, **WITHOUT_INTEREST).scenario
    (span,) = [one for one in input_ranges(scenario).spans if one.lever.path.endswith("baseline.hash_rate_eh_per_s")]
    flip = flips(scenario, "rival", "baseline", [span])[span.lever.path]
    assert (flip.x, flip.inside) == (None, False)
    assert flip.reason.startswith("check would refuse the value at which it turns: baseline needs 2.05")


def test_the_nearest_come_first_and_those_in_range_before_all() -> None:
    order = list(found(LEASE, RIVAL | {"conversion": CONVERSION | {"starts": "2027-01", "ready": "2027-01"}}).values())
    keys = [(flip.x is None, not flip.inside, np.inf if flip.away is None else abs(flip.away)) for flip in order]
    assert keys == sorted(keys)
    assert len({key[:2] for key in keys}) == 3, "some within their range, some outside, some never"


def gaps(scenario: Scenario, span: Span, values: list[float]) -> list[float]:
    varied = evaluate(vary(scenario, {span.lever.at: values}), ["retrofit both in turn"])
    return [float(gap) for gap in varied.difference_npv_at_scenario_rate_usd("retrofit both in turn")]


def test_the_order_differs_beyond_every_flip_of_a_shipped_scenario() -> None:
    scenario = load(RETROFIT)
    spans = {span.lever.path: span for span in input_ranges(scenario).spans}
    solved = flips(scenario, "retrofit both in turn", "keep mining", list(spans.values()))
    turning = {path: flip for path, flip in solved.items() if flip.x is not None}
    assert len(turning) > 15
    for path, flip in turning.items():
        lever, x = spans[path].lever, flip.x
        assert x is not None
        step = 1.0 if lever.whole else 1e-6 * max(abs(x), abs(lever.present))
        way = np.sign(x - lever.present)
        inner, outer = x - way * step, x if lever.whole else x + way * step
        now, before, after = gaps(scenario, spans[path], [lever.present, inner, outer])
        assert now * before > 0.0 > now * after, path
        assert flip.inside == (spans[path].low <= x <= spans[path].high)


def test_a_choice_by_dates_turns_at_a_month() -> None:
    """Two fleets of one kind, the rival's run to May: from March back on it is not ahead any more."""
    stops = MINER | {"stops": "2027-03"}
    scenario = compared({"baseline": stops, "rival": MINER | {"stops": "2027-06"}}, **WITHOUT_INTEREST).scenario
    (span,) = [span for span in input_ranges(scenario).spans if span.lever.path == "plans.rival.stops"]
    assert flips(scenario, "rival", "baseline", [span]) == {
        "plans.rival.stops": Flip(float(parse_month("2027-03")), None, False)
    }
