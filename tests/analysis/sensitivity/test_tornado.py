"""Tornado, elasticities and shares against cases worked out on paper and against one evaluation at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.sensitivity.ranges import Span, given_range, input_ranges
from minecalc.analysis.sensitivity.tornado import (
    GAP,
    NPV,
    Effect,
    Flip,
    Moved,
    SensitivityNumbers,
    Tornado,
    answer,
    explained,
    flips,
    global_indices,
    tornado,
)
from minecalc.engine import evaluate
from minecalc.figures import against_baseline, plan_metrics
from minecalc.loading import load
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.scenario.varying import vary
from minecalc.timeline import parse_month
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared
from tests.cli.running import HILLTOP, ROOT, TEXAS

LEASING = "lease to an AI tenant"
#: Two years of rent at 130 a kW and month for 5,000 kW, against 100 in the baseline.
NOW, GAP_NOW = 24 * 650_000.0, 24 * 150_000.0
RIVAL = LEASE | {"rent_usd_per_kw_per_month": 130}
NO_INTEREST: Data = {"discount_rate_fraction_per_year": 0.0}


def scenario(rival: Data = RIVAL, baseline: Data = LEASE, **more: Any) -> Scenario:
    """Two plans at the site of the examples by hand, without interest over two years."""
    return compared({"baseline": baseline, "rival": rival}, **(NO_INTEREST | more)).scenario


def moved(rival: Data = RIVAL, baseline: Data = LEASE, metric: str = GAP, **more: Any) -> dict[str, Moved]:
    """What the inputs of ``rival`` do, by the last part of their path."""
    it = scenario(rival, baseline, **more)
    found = tornado(it, "rival", metric, input_ranges(it))
    own = [item for item in found.moved if item.span.movable.path.startswith("plans.rival")]
    return {item.span.movable.path.rsplit(".", 1)[-1]: item for item in own}


def test_rent_moves_the_gap_in_proportion() -> None:
    rent = moved()["rent_usd_per_kw_per_month"]
    gap, npv = rent.effects[GAP], rent.effects[NPV]
    assert gap.low == pytest.approx(GAP_NOW - 0.2 * NOW)
    assert gap.high == pytest.approx(GAP_NOW + 0.2 * NOW)
    assert gap.swing == npv.swing == pytest.approx(0.4 * NOW)
    assert npv.elasticity == pytest.approx(1.0, rel=1e-9)
    assert gap.elasticity == pytest.approx(NOW / GAP_NOW, rel=1e-9)
    assert rent.refused == {}


def test_elasticity_is_of_the_size_where_the_figure_is_below_zero() -> None:
    """A plan that loses: more of the loss is a fall, so more rent is a rise."""
    dear = RIVAL | {"capex_usd_per_critical_mw": 9_000_000}
    found = moved(dear)
    npv = NOW - 5 * 9e6
    assert found["rent_usd_per_kw_per_month"].effects[NPV].elasticity == pytest.approx(NOW / -npv, rel=1e-8)
    assert found["capex_usd_per_critical_mw"].effects[NPV].elasticity == pytest.approx(5 * 9e6 / npv, rel=1e-8)


def test_there_is_no_elasticity_of_nothing_at_a_date_or_at_a_kink() -> None:
    """One EH/s at 10 J/TH earns 20 a PH/s and day; at 1/12 USD per kWh its power costs as much, and it shuts off."""
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-03", "capex_usd_per_critical_mw": 1e5}
    found = moved(RIVAL | {"conversion": conversion})
    reasons = {name: found[name].effects[GAP].reason for name in ("delay_months", "starts")}
    assert reasons == {"delay_months": "the input is 0 now", "starts": "a date has no per cent"}
    assert found["delay_months"].effects[GAP].elasticity is None
    even = moved(LEASE)["pue_ratio"].effects
    assert (even[GAP].elasticity, even[GAP].reason) == (None, "the figure is 0 now")
    assert even[NPV].elasticity == 0.0
    mine = MINER | {"electricity_price_usd_per_kwh": 20 / 240}
    kink = moved(mine)["electricity_price_usd_per_kwh"].effects[GAP]
    assert kink.elasticity is None
    assert "it has a kink here: -" in kink.reason
    assert kink.reason.endswith(" downwards, 0 upwards")


def test_an_input_at_its_limit_has_the_slope_of_the_other_side() -> None:
    leased = moved()["leased_fraction"].effects[NPV]
    assert leased.low == pytest.approx(0.8 * NOW)
    assert leased.high == NOW
    assert leased.elasticity == pytest.approx(1.0, rel=1e-9)


def test_whole_months_step_by_one() -> None:
    term = moved(RIVAL | {"term_months": 20})["term_months"].effects[NPV]
    assert term.low == pytest.approx(16 * 650_000)
    assert term.high == pytest.approx(24 * 650_000)
    assert term.elasticity == pytest.approx(1.0, rel=1e-12)


def test_swing_spans_the_present_value_where_both_ends_lie_on_one_side() -> None:
    """Power doubles in a year: a fleet that never shuts off should stop when its margin is gone, as this one does."""
    price = {"start": 0.05, "growth_fraction_per_year": 1.0}
    it = scenario(MINER | {"stops": "2027-10", "curtail": False, "electricity_price_usd_per_kwh": price})
    span = given_range(it, "plans.rival.stops=2027-02:2028-12")
    found = tornado(it, "rival", NPV, input_ranges(it, given={span.movable.path: span}))
    (stops,) = (item.effects[NPV] for item in found.moved if item.span is span)
    now = found.present[NPV]
    assert now is not None
    assert stops.low is not None
    assert stops.high is not None
    assert stops.high < stops.low < now
    assert stops.swing == now - stops.high


def test_every_figure_is_that_of_an_evaluation_of_its_own() -> None:
    it = load(TEXAS)
    found = tornado(it, LEASING, "payback_months", input_ranges(it))
    assert set(found.present) == {"payback_months", GAP, NPV}
    for item in found.moved[:8] + found.moved[-3:]:
        for end, x in (("low", item.span.low), ("high", item.span.high)):
            alone = evaluate(vary(it, {item.span.movable.at: x}))
            named = plan_metrics(alone.plans[LEASING]) | against_baseline(alone, LEASING)
            for name in found.present:
                assert getattr(item.effects[name], end) == named[name].number(), (item.span.movable.path, name)


def test_the_largest_swing_comes_first_and_what_moves_nothing_is_no_driver() -> None:
    it = load(TEXAS)
    found = tornado(it, LEASING, GAP, input_ranges(it))
    swings = [item.effects[GAP].swing or 0.0 for item in found.moved]
    assert swings == sorted(swings, reverse=True)
    drivers = found.drivers()
    assert len(drivers) == np.count_nonzero(swings)
    assert all('"rent out GPUs"' not in item.span.movable.path for item in drivers)
    assert found.present[GAP] == float(evaluate(it).difference_npv_at_scenario_rate_usd(LEASING)[0])


def test_what_a_search_leaves_is_no_effect() -> None:
    """Twice the GPUs cost and earn twice as much: the IRR is the same but for how it is found."""
    it = load(HILLTOP)
    found = tornado(it, "rent out GPUs", "irr_fraction_per_year", input_ranges(it))
    (count,) = (item for item in found.moved if item.span.movable.path.endswith("gpu_count"))
    assert count.effects["irr_fraction_per_year"].swing == 0.0
    assert count not in found.drivers()
    assert (count.effects[NPV].swing or 0.0) > 1e6


def test_an_end_that_check_would_refuse_says_why() -> None:
    it = scenario(RIVAL, MINER)
    found = tornado(it, "rival", GAP, input_ranges(it))
    (site,) = (item for item in found.moved if item.span.movable.path == "site.gross_mw")
    assert site.refused == {"low": "baseline needs 1 EH/s x 10 J/TH x PUE 1 = 10 MW; it has 8 MW"}


def test_a_figure_that_does_not_exist_is_none_with_the_reason() -> None:
    it = scenario(RIVAL | {"capex_usd_per_critical_mw": 1e6})
    span = given_range(it, "plans.rival.capex_usd_per_critical_mw=0:2e6")
    found = tornado(it, "rival", "yield_on_cost_fraction", input_ranges(it, given={span.movable.path: span}))
    (capex,) = (item for item in found.moved if item.span is span)
    effect = capex.effects["yield_on_cost_fraction"]
    assert effect.low is None
    assert effect.swing is None
    assert effect.reason == "the figure does not exist in the whole range"
    assert found.moved[-1] is capex
    assert capex in found.drivers()
    nothing = scenario(RIVAL)
    never = answer(nothing, "rival", "yield_on_cost_fraction", input_ranges(nothing))
    assert never.tornado.present["yield_on_cost_fraction"] is None
    assert never.tornado.reasons == {"yield_on_cost_fraction": "nothing is spent"}
    assert not never.exists


def test_the_baseline_has_a_tornado_of_its_worth_and_no_choice() -> None:
    it = load(TEXAS)
    found = answer(it, "keep mining", NPV, input_ranges(it))
    assert found.flips == {}
    assert set(found.tornado.present) == {NPV}
    assert found.exists


def test_every_input_that_moves_the_gap_has_a_flip() -> None:
    it = scenario(RIVAL, MINER)
    found = answer(it, "rival", "moic_ratio", input_ranges(it))
    assert set(found.flips) == {item.span.movable.path for item in found.tornado.moved if item.moves(GAP)}
    assert found.flips["plans.rival.rent_usd_per_kw_per_month"].x is not None


def indices_of(it: Scenario, texts: list[str], metric: str = NPV, samples: int = 1024) -> Any:
    spans = [given_range(it, text) for text in texts]
    return global_indices(it, "rival", metric, spans, samples=samples, seed=1)


def test_shares_of_a_linear_plan_go_by_the_squares_of_its_swings() -> None:
    """Rent over 26 a month moves the NPV by 3.12 million, capex over 400,000 a MW by 2 million, PUE by nothing."""
    it = scenario(RIVAL | {"capex_usd_per_critical_mw": 1e6})
    texts = ["rent_usd_per_kw_per_month=117:143", "capex_usd_per_critical_mw=800000:1200000", "pue_ratio=1:2"]
    found = indices_of(it, [f"plans.rival.{text}" for text in texts])
    shares = np.array([3.12**2, 2.0**2, 0.0]) / (3.12**2 + 2.0**2)
    np.testing.assert_allclose(found.first, shares, atol=1e-4)
    np.testing.assert_allclose(found.total, shares, atol=1e-4)
    assert found.mean == pytest.approx(NOW - 5e6, rel=1e-4)
    assert found.standard_deviation == pytest.approx(np.hypot(3.12e6, 2e6) / np.sqrt(12), rel=1e-3)


def test_whole_inputs_take_each_whole_value_equally_often() -> None:
    """Free months 0 to 3 and a term of 20 to 23 months: variances of four equal steps each."""
    it = scenario(RIVAL | {"term_months": 22})
    found = indices_of(it, ["plans.rival.free_months=0:3", "plans.rival.term_months=20:23"], samples=2048)
    assert found.mean == pytest.approx((21.5 - 1.5) * 650_000, rel=1e-9)
    assert found.standard_deviation == pytest.approx(650_000 * np.sqrt(2 * 15 / 12), rel=1e-6)
    np.testing.assert_allclose(found.first, [0.5, 0.5], atol=1e-3)


def tornado_of(it: Scenario, *texts: str, metric: str = NPV) -> Tornado:
    """A tornado of the inputs of these ranges alone."""
    spans = [given_range(it, text) for text in texts]
    ranges = input_ranges(it, given={span.movable.path: span for span in spans})
    return tornado(it, "rival", metric, ranges._replace(spans=tuple(spans)))


def test_shares_are_those_of_the_inputs_that_move_most() -> None:
    it = scenario(RIVAL | {"capex_usd_per_critical_mw": 1e6})
    found = tornado_of(
        it,
        "plans.rival.pue_ratio=1:2",
        "plans.rival.capex_usd_per_critical_mw=800000:1200000",
        "plans.rival.leased_fraction=0.99:1",
        "plans.rival.rent_usd_per_kw_per_month=117:143",
    )
    shares = explained(it, found, top=2, samples=64, seed=0)
    names = [span.movable.path.rsplit(".", 1)[-1] for span in shares.spans]
    assert names == ["rent_usd_per_kw_per_month", "capex_usd_per_critical_mw"]
    assert shares.indices is not None
    assert shares.indices.cases == 64 * 4


def test_shares_of_a_figure_without_a_value_somewhere_are_refused_with_the_count() -> None:
    it = scenario(RIVAL | {"capex_usd_per_critical_mw": 1e6})
    ranges = ("plans.rival.free_months=0:23", "plans.rival.rent_usd_per_kw_per_month=90:150")
    found = tornado_of(it, *ranges, metric="payback_months")
    shares = explained(it, found, top=10, samples=64, seed=0)
    assert shares.indices is None
    count, cases = shares.reason.removeprefix("payback_months has no value in ").split(" cases")[0].split(" of ")
    assert 0 < int(count) < int(cases) == 64 * 4
    assert shares.reason.endswith("narrow the ranges")
    assert not SensitivityNumbers("baseline", found, {}, shares).exists


def test_one_input_alone_shares_nothing() -> None:
    it = scenario()
    shares = explained(it, tornado_of(it, "plans.rival.free_months=0:3"), top=10, samples=64, seed=0)
    assert (shares.indices, shares.reason) == (None, "fewer than two inputs move it, so there is nothing to share out")
    idle = tornado_of(scenario(), "plans.rival.pue_ratio=1:2")
    assert explained(scenario(), idle, top=10, samples=64, seed=0).reason == shares.reason


def test_what_has_no_swing_may_still_move() -> None:
    span = Span(movable(scenario(), "plans.rival.pue_ratio"), 1.0, 2.0, "given")
    unknown, still = Effect(None, 1.0, None, None, "x"), Effect(1.0, 1.0, 0.0, 0.0)
    assert Moved(span, {NPV: unknown}, {}).moves(NPV)
    assert not Moved(span, {NPV: still}, {}).moves(NPV)


def test_an_end_that_the_classes_of_inputs_refuse_is_told() -> None:
    """Machines are renewed after a year, which they must last; of 13 months, 14 is too late."""
    refresh = {"every_months": 12, "price_usd_per_th": 1, "efficiency_j_per_th": 5}
    found = moved(MINER | {"life_months": 13, "refresh": refresh}, months=30)
    assert found["every_months"].span.high == 14.0
    assert found["every_months"].refused == {"high": "every_months is 14, more than life_months 13"}


RETROFIT = str(ROOT / "scenarios" / "archetypes" / "retrofit.yaml")
#: Worth 24 months of 5,000 kW at 30 more than the baseline.
WITHOUT_INTEREST: Data = {"discount_rate_fraction_per_year": 0.0}


def test_a_term_is_turned_by_a_period_of_its_loan() -> None:
    """Cash pays a loan in n equal parts n times as often over: its elasticity is 1, whatever its calendar."""
    loan = {"amount_usd": 2_500_000, "rate_fraction_per_year": 0, "repayment": "equal_principal", "term_months": 12}
    financing = {"every_months": 3, "tranches": {"loan": loan}}
    own = moved(LEASE | {"conversion": CONVERSION, "financing": financing}, metric="dscr_min_ratio")
    assert own["term_months"].effects["dscr_min_ratio"].elasticity == pytest.approx(1.0)


def found(baseline: Data, rival: Data) -> dict[str, Flip]:
    """The flips of a plan called rival, by the last part of each input's path, its own inputs only."""
    scenario = compared({"baseline": baseline, "rival": rival}, **WITHOUT_INTEREST).scenario
    spans = [span for span in input_ranges(scenario).spans if span.movable.path.startswith("plans.rival.")]
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
    (span,) = [one for one in input_ranges(scenario).spans if one.movable.path.endswith("baseline.hash_rate_eh_per_s")]
    flip = flips(scenario, "rival", "baseline", [span])[span.movable.path]
    assert (flip.x, flip.inside) == (None, False)
    assert flip.reason.startswith("check would refuse the value at which it turns: baseline needs 2.05")


def test_the_nearest_come_first_and_those_in_range_before_all() -> None:
    order = list(found(LEASE, RIVAL | {"conversion": CONVERSION | {"starts": "2027-01", "ready": "2027-01"}}).values())
    keys = [(flip.x is None, not flip.inside, np.inf if flip.away is None else abs(flip.away)) for flip in order]
    assert keys == sorted(keys)
    assert len({key[:2] for key in keys}) == 3, "some within their range, some outside, some never"


def gaps(scenario: Scenario, span: Span, values: list[float]) -> list[float]:
    varied = evaluate(vary(scenario, {span.movable.at: values}), ["retrofit both in turn"])
    return [float(gap) for gap in varied.difference_npv_at_scenario_rate_usd("retrofit both in turn")]


def test_the_order_differs_beyond_every_flip_of_a_shipped_scenario() -> None:
    scenario = load(RETROFIT)
    spans = {span.movable.path: span for span in input_ranges(scenario).spans}
    solved = flips(scenario, "retrofit both in turn", "keep mining", list(spans.values()))
    turning = {path: flip for path, flip in solved.items() if flip.x is not None}
    assert len(turning) > 15
    for path, flip in turning.items():
        movable, x = spans[path].movable, flip.x
        assert x is not None
        step = 1.0 if movable.whole else 1e-6 * max(abs(x), abs(movable.present))
        way = np.sign(x - movable.present)
        inner, outer = x - way * step, x if movable.whole else x + way * step
        now, before, after = gaps(scenario, spans[path], [movable.present, inner, outer])
        assert now * before > 0.0 > now * after, path
        assert flip.inside == (spans[path].low <= x <= spans[path].high)


def test_a_choice_by_dates_turns_at_a_month() -> None:
    """Two fleets of one kind, the rival's run to May: from March back on it is not ahead any more."""
    stops = MINER | {"stops": "2027-03"}
    scenario = compared({"baseline": stops, "rival": MINER | {"stops": "2027-06"}}, **WITHOUT_INTEREST).scenario
    (span,) = [span for span in input_ranges(scenario).spans if span.movable.path == "plans.rival.stops"]
    assert flips(scenario, "rival", "baseline", [span]) == {
        "plans.rival.stops": Flip(float(parse_month("2027-03")), None, False)
    }
