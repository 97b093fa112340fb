"""Every value at which plans draw level: plugged back through ``--set``, none or two of them, jumps, and in batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import plan_metrics
from minecalc.loading import load, loads
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable, movables
from minecalc.scenario.stacking import stacks
from minecalc.scenario.varying import vary
from minecalc.solving.dependence import Measure, in_chunks
from minecalc.solving.gap import Question
from minecalc.solving.solve import Solutions, solve, solve_each
from minecalc.solving.told import refusal
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared
from tests.cli.running import TEXAS
from tests.randomly import randomly
from tests.strategies import scenarios

RIVAL = Question("rival", "baseline")
POWER = "site.electricity_price_usd_per_kwh"
LEASING = "lease to an AI tenant"


def scenario_of(baseline: Data, rival: Data, **given: Any) -> Scenario:
    return compared({"baseline": baseline, "rival": rival}, **{"discount_rate_fraction_per_year": 0} | given).scenario


def gap_usd(scenario: Scenario, question: Question) -> float:
    plans = evaluate(scenario, [name for name in (question.plan, question.against) if name]).plans
    if question.against is None:
        return float(plans[question.plan].npv_usd[0])
    ours, other = (plans[name].npv_at_scenario_rate_usd for name in (question.plan, question.against))
    return float(ours[0] - other[0])


def size_usd(scenario: Scenario) -> float:
    """The capex, or the money that moves where nothing is built."""
    plans = evaluate(scenario).plans.values()
    capex = max(plan_metrics(plan)["capex_usd"].number() or 0.0 for plan in plans)
    return capex or max(float(np.abs(plan.net_usd).sum()) for plan in plans) or 1.0


def gaps(scenario: Scenario, movable: Movable, question: Question, x: FloatArray) -> FloatArray:
    """The gap at each of ``x``, by the engine alone."""
    assert question.against is not None
    plans = evaluate(vary(scenario, {movable.at: x}), [question.plan, question.against]).plans
    ours, other = (plans[name].npv_at_scenario_rate_usd for name in (question.plan, question.against))
    return np.broadcast_to(ours - other, x.shape)


def check(data: Data, scenario: Scenario, solutions: Solutions) -> None:
    """Every answer set in the file makes the plans level, and without answers one plan stays ahead."""
    movable, question = solutions.movable, solutions.question
    for answer in solutions.answers():
        if refusal(scenario, movable, answer.x) is not None or answer.kind == "jump":
            continue
        there = loads(json.dumps(data), [movable.setting(answer.x)])
        found = gap_usd(there, question)
        if answer.kind == "step":
            assert found == answer.gap
            assert answer.beyond_gap is not None
            assert found * answer.beyond_gap < 0.0
        else:
            assert abs(found) <= 1e-9 * size_usd(there), (movable.path, answer)
    if not solutions.answers() and not movable.whole:
        x = np.linspace(movable.low, movable.high, 301)
        with np.errstate(all="ignore"):
            seen = gaps(scenario, movable, question, x)
        seen = seen[np.isfinite(seen)]
        rounding = 1e-12 * np.abs(seen).max(initial=0.0) + 1e-9 * size_usd(scenario)
        assert not (seen.min(initial=0.0) < -rounding and seen.max(initial=0.0) > rounding), movable.path


@randomly(10)
@given(scenarios(30), st.lists(st.integers(0, 10_000), min_size=6, max_size=6))
def test_answers_of_random_scenarios_hold_when_they_are_set(data: Data, chosen: list[int]) -> None:
    scenario = loads(json.dumps(data))
    known = list(movables(scenario))
    rivals = [name for name in scenario.plans if name != scenario.baseline_plan.name]
    for place in chosen:
        question = Question(rivals[place % len(rivals)], scenario.baseline_plan.name)
        check(data, scenario, solve(scenario, known[place % len(known)], question, thorough=True))


DAYS = 731
#: A GPU cloud that burns 60,000 kWh a day for two years, and the lease rate at which it is worth 5,000 USD a day less
#: power: what a mine of the same site is worth at 1/12 USD per kWh, from where on it is shut off, is nothing.
KINK, CLOUD_KWH, MINER_KWH = 1 / 12, 60_000, 240_000


def two_slopes(above_usd: float) -> Scenario:
    """A mine against GPUs: the gap rises to ``above_usd`` at the mine's shutdown price of power and falls after it."""
    rate = (24e6 + CLOUD_KWH * KINK * DAYS + above_usd) / (1000 * 24 * DAYS)
    return scenario_of(MINER, CLOUD | {"life_months": 24, "lease_usd_per_gpu_hour": rate})


@pytest.mark.parametrize("above_usd", [1.0, 300.0, 1e6, 7e6])
@pytest.mark.parametrize("thorough", [True, False])
def test_two_roots_however_close(above_usd: float, thorough: bool) -> None:
    solutions = solve(two_slopes(above_usd), POWER, RIVAL, thorough=thorough)
    below, above = solutions.answers()
    wanted = [KINK - above_usd / (DAYS * (MINER_KWH - CLOUD_KWH)), KINK + above_usd / (DAYS * CLOUD_KWH)]
    assert [below.value, above.value] == pytest.approx(wanted, abs=1e-14)
    assert [below.kind, above.kind] == ["root", "root"]
    if thorough and above_usd > 1e5:
        assert below.slope == pytest.approx(DAYS * (MINER_KWH - CLOUD_KWH), rel=1e-6)
        assert above.slope == pytest.approx(-DAYS * CLOUD_KWH, rel=1e-6)
    nearest = min(wanted, key=lambda x: abs(x - 0.05))
    assert solutions.value.tolist() == pytest.approx([nearest], abs=1e-14)


@pytest.mark.parametrize("below_usd", [1.0, 1e6])
def test_no_root_however_near(below_usd: float) -> None:
    solutions = solve(two_slopes(-below_usd), POWER, RIVAL, thorough=True)
    assert solutions.answers() == []
    assert np.isnan(solutions.value).all()
    assert np.isnan(solutions.x).all()
    assert solutions.moves.all()
    low, now, high = solutions.gaps[:, 0].tolist()
    at_kink = -below_usd
    assert now == pytest.approx(at_kink - DAYS * (MINER_KWH - CLOUD_KWH) * (KINK - 0.05))
    assert low == pytest.approx(at_kink - DAYS * (MINER_KWH - CLOUD_KWH) * (KINK + 1))
    assert high == pytest.approx(at_kink - DAYS * CLOUD_KWH * (2 - KINK))


def test_a_stretch_on_which_both_are_shut_off() -> None:
    solutions = solve(scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}), POWER, RIVAL)
    (stretch,) = solutions.answers()
    assert (stretch.kind, stretch.beyond, stretch.gap, stretch.beyond_gap) == ("stretch", 2.0, 0.0, 0.0)
    assert stretch.value == pytest.approx(KINK, rel=1e-12)
    inside = scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}, site={"gross_mw": 10, POWER[5:]: 0.5})
    (same,) = solve(inside, POWER, RIVAL).answers()
    assert same.value == pytest.approx(KINK, rel=1e-12), "wherever the price is now"
    assert same.beyond == 2.0
    dear = scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}, site={"gross_mw": 10, POWER[5:]: 1.9})
    (left,) = solve(dear, POWER, RIVAL).answers()
    assert left.value == pytest.approx(KINK, rel=1e-12), "where it is left, not the end of the range that is nearer"


def test_a_stretch_is_answered_by_its_end_nearer_to_the_present() -> None:
    """A mine is worth nothing up to the hash price of 12 USD that its power costs; 20 now."""
    nothing = Question("mine")
    for power, hash_price in ((0.05, 12.0), (0.002, 0.48)):
        alone = compared({"mine": MINER}, site={"gross_mw": 10, POWER[5:]: power}).scenario
        solutions = solve(alone, "market.hash_price_usd_per_ph_per_day", nothing)
        (stretch,) = solutions.answers()
        assert (stretch.kind, stretch.beyond) == ("stretch", 0.0)
        assert stretch.value == pytest.approx(hash_price, rel=1e-12)
        assert solutions.value.tolist() == [stretch.value]


#: Machines that are sold after a month that does not pay for its power, up to this hash price, for 10 USD per TH; or
#: else when the halls are converted, for 12, to a plan that discounts by a half.
SELLS_AT = 12 + 9e6 / 365 / 1000
MEANWHILE = MINER | {
    "machine_resale_usd_per_th": {"steps": {"2027-01": 10, "2028-01": 12}},
    "electricity_price_usd_per_kwh": 0.05 * SELLS_AT / 12,
    "stops": {"unpaid_months": 1},
}


def with_jump() -> Scenario:
    """A lease whose halls mine before; halfway down the jump of its worth lies what the baseline is worth.

    The mine stops when that is best without discounting, and what it earns until then is discounted by 50% a year.
    """
    conversion = CONVERSION | {"starts": "2028-01", "ready": "2028-01", "capex_usd_per_critical_mw": 0}
    plans = {
        "baseline": LEASE | {"rent_usd_per_kw_per_month": 1},
        "mine": MEANWHILE,
        "rival": LEASE | {"conversion": conversion | {"meanwhile": "mine"}, "discount_rate_fraction_per_year": 0},
    }
    scenario = compared(plans, discount_rate_fraction_per_year=0.5).scenario
    path = "market.hash_price_usd_per_ph_per_day"
    prices = SELLS_AT + np.array([-1e-6, 1e-6])
    worth = evaluate(vary(scenario, {path: prices})).plans
    before, after = worth["rival"].npv_at_scenario_rate_usd
    assert before > after + 1e6
    rent = (before + after) / 2 / worth["baseline"].npv_at_scenario_rate_usd[0]
    return vary(scenario, {"plans.baseline.rent_usd_per_kw_per_month": rent})


def test_a_jump_is_no_root() -> None:
    solutions = solve(with_jump(), "market.hash_price_usd_per_ph_per_day", RIVAL, thorough=True)
    jump, root = solutions.answers()
    assert (jump.kind, root.kind) == ("jump", "root")
    assert jump.value == pytest.approx(SELLS_AT, rel=1e-12)
    assert jump.beyond == pytest.approx(SELLS_AT, rel=1e-12)
    assert jump.beyond_gap is not None
    assert jump.gap * jump.beyond_gap < 0
    assert abs(jump.gap) > 1e5
    assert jump.slope is None
    assert solutions.value.tolist() == [root.value], "20 now is nearer to the jump, which is no answer"
    assert root.value > SELLS_AT
    assert abs(root.gap) < 1e-3


@pytest.mark.parametrize(("capex_a_kw", "last", "beyond"), [(480, 1, 2), (450, 2, 3), (0, 5, 6)])
def test_whole_months_end_between_two(capex_a_kw: float, last: int, beyond: int) -> None:
    """Ahead by 24 x 30 less capex on time, and by 130 less for each month."""
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 1000 * capex_a_kw}
    scenario = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130, "conversion": conversion})
    (step,) = solve(scenario, "plans.rival.conversion.delay_months", RIVAL).answers()
    assert (step.kind, step.value, step.beyond) == ("step", last, beyond)
    assert step.gap == pytest.approx(5000 * (720 - capex_a_kw - 130 * last))
    assert step.beyond_gap == pytest.approx(5000 * (720 - capex_a_kw - 130 * beyond))
    late = vary(scenario, {"plans.rival.conversion.delay_months": 9})
    (seen_from_later,) = solve(late, "plans.rival.conversion.delay_months", RIVAL).answers()
    assert (seen_from_later.value, seen_from_later.beyond) == (beyond, last), "the last that keeps the order of now"
    (date,) = solve(scenario, "plans.rival.conversion.ready", RIVAL).answers()
    assert (
        solve(scenario, "plans.rival.conversion.ready", RIVAL).movable.setting(date.x).endswith(f"=2027-{last + 1:02}")
    )


def test_a_tie_at_a_whole_number_is_a_root() -> None:
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 460_000}
    scenario = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130, "conversion": conversion})
    (tie,) = solve(scenario, "plans.rival.conversion.delay_months", RIVAL).answers()
    assert (tie.kind, tie.value, tie.gap, tie.beyond) == ("root", 2, 0, None)


def test_counts_of_millions_are_not_all_tried() -> None:
    (step,) = solve(scenario_of(LEASE, CLOUD | {"life_months": 24}), "plans.rival.gpu_count", RIVAL).answers()
    a_gpu = (2 - 0.125) * 24 * DAYS - 24_000
    assert (step.kind, step.value, step.beyond) == ("step", 12e6 // a_gpu, 12e6 // a_gpu + 1)


COLUMNS = {
    "market.btc_price_usd.start": (30_000, 200_000),
    POWER: (0.01, 0.12),
    f'plans."{LEASING}".rent_usd_per_kw_per_month': (30, 180),
    'plans."rent out GPUs".utilisation_fraction': (0.5, 1),
}


@pytest.mark.parametrize(
    "path",
    [
        "market.btc_price_usd",
        "market.hash_price_usd_per_ph_per_day",
        f'plans."{LEASING}".conversion.capex_usd_per_critical_mw',
        f'plans."{LEASING}".escalator_fraction_per_year',
        f'plans."{LEASING}".conversion.delay_months',
    ],
)
def test_a_case_has_the_same_bits_alone_and_among_others(path: str) -> None:
    scenario, question = load(TEXAS), Question(LEASING, "keep mining")
    random = np.random.default_rng(3)
    cases = 600 if not path.endswith("months") else 300
    given = {name: random.uniform(low, high, cases) for name, (low, high) in COLUMNS.items()}
    batch = solve(vary(scenario, given), path, question)
    assert batch.value.shape == (cases,)
    assert np.isfinite(batch.value).mean() > 0.2
    for case in (0, 1, 7, cases - 1):
        alone = solve(vary(scenario, {name: float(column[case]) for name, column in given.items()}), path, question)
        ours, theirs = (
            [answer._replace(sign_below=0.0, sign_above=0.0) for answer in found]  # known in a single case only
            for found in (alone.answers(), batch.answers(case))
        )
        assert repr(ours) == repr(theirs)
        assert np.array_equal(alone.gaps[:, 0], batch.gaps[:, case], equal_nan=True)
        assert np.array_equal(alone.value, batch.value[case : case + 1], equal_nan=True)


def test_cases_of_a_value_over_time_have_their_own_ranges() -> None:
    scenario, question = load(TEXAS), Question(LEASING, "keep mining")
    starts = np.array([50_000.0, 63_001.0, 400_000.0])
    solutions = solve(vary(scenario, {"market.btc_price_usd.start": starts}), "market.btc_price_usd", question)
    assert solutions.span.base.tolist() == starts.tolist()
    assert (solutions.span.high * starts).tolist() == pytest.approx([1e6] * 3)
    assert solutions.value.tolist() == pytest.approx([solutions.value[0]] * 3, rel=1e-12)
    implied = solve(
        vary(scenario, {"market.btc_price_usd.start": starts}), "market.hash_price_usd_per_ph_per_day", question
    )
    assert implied.value.tolist() == pytest.approx([implied.value[0]] * 3, rel=1e-12)


def test_a_target_is_met() -> None:
    scenario = load(TEXAS)
    path = 'plans."rent out GPUs".lease_usd_per_gpu_hour'
    for metric, wanted in (
        ("irr_fraction_per_year", 0.12),
        ("moic_ratio", 1.5),
        ("payback_months", 60.0),
        ("npv_usd", 1e7),
    ):
        solutions = solve(scenario, path, Question("rent out GPUs", None, metric, wanted), thorough=True)
        (answer,) = solutions.answers()
        there = load(TEXAS, [solutions.movable.setting(answer.x)])
        found = plan_metrics(evaluate(there).plans["rent out GPUs"])[metric].number()
        assert found == pytest.approx(wanted, rel=1e-9), metric
        assert answer.slope is not None
        assert (answer.slope < 0) == (metric == "payback_months"), metric


def test_a_figure_that_never_exists_has_no_answer() -> None:
    free = load(TEXAS, ['plans."half and half".uses.lease.capex_usd_per_critical_mw=0'])
    solutions = solve(free, "market.btc_price_usd", Question("half and half", None, "irr_fraction_per_year", 0.1))
    assert np.isnan(solutions.gaps).all()
    assert solutions.answers() == []
    assert not solutions.moves.any()


def test_an_input_without_bearing_is_told_apart() -> None:
    scenario = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130})
    for path in ("market.hash_price_usd_per_ph_per_day", POWER, "site.fixed_cost_usd_per_year"):
        solutions = solve(scenario, path, RIVAL)
        assert not solutions.moves.any(), path
        assert solutions.answers() == []
    assert solve(scenario, "plans.rival.rent_usd_per_kw_per_month", RIVAL).moves.all()


def test_what_cannot_be_solved_is_refused() -> None:
    scenario = load(TEXAS)
    question = Question(LEASING, "keep mining")
    with pytest.raises(ValueError, match=r"did you mean market\.btc_price_usd\?"):
        solve(scenario, "market.btc_pric_usd", question)
    with pytest.raises(ValueError, match="there is no plan nowhere"):
        solve(scenario, POWER, Question("nowhere", "keep mining"))
    with pytest.raises(ValueError, match="is solved for, so it cannot be varied"):
        solve(vary(scenario, {POWER: np.array([0.1, 0.2])}), POWER, question)
    with pytest.raises(ValueError, match="is solved for, so it cannot be varied"):
        solve(vary(scenario, {"market.btc_price_usd": np.array([1e5, 2e5])}), "market.btc_price_usd", question)
    with pytest.raises(ValueError, match="iron is no figure of a plan"):
        solve(scenario, POWER, Question(LEASING, None, "iron", 1.0))


@pytest.mark.parametrize(("path", "fewest", "most"), [("rent_usd_per_kw_per_month", 5, 9), ("electricity", 24, 80)])
def test_what_lies_on_a_straight_line_is_looked_at_little(
    path: str, fewest: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where functions are many; of a few all points are looked at together."""
    monkeypatch.setattr("minecalc.solving.solve._FEW", 0)
    monkeypatch.setattr("minecalc.solving.gap._POINTS_TOGETHER", 0)
    asked = 0

    def counting(scenario: Scenario, name: str, measure: Measure, *known: PlanEvaluation | None) -> FloatArray:
        nonlocal asked
        asked += scenario.cases if scenario.columns else 0
        return in_chunks(scenario, name, measure, *known)

    monkeypatch.setattr("minecalc.solving.gap.in_chunks", counting)
    scenario = scenario_of(MINER, LEASE)
    (root,) = solve(scenario, POWER if path == "electricity" else f"plans.rival.{path}", RIVAL).answers()
    assert abs(root.gap) < 1e-6
    assert fewest <= asked <= most


def test_a_stop_chosen_at_another_rate_makes_a_jump_and_a_root_just_behind_it() -> None:
    """At its own rate of nothing it keeps machines that at the scenario's rate were better sold at once."""
    resale = {"start": 12, "growth_fraction_per_year": -0.6}
    smart = MINER | {"stops": "best", "machine_resale_usd_per_th": resale, "discount_rate_fraction_per_year": 0.0}
    plans = {"baseline": LEASE | {"rent_usd_per_kw_per_month": 95.83}, "rival": smart}
    scenario = compared(plans, discount_rate_fraction_per_year=0.4).scenario
    path = "market.hash_price_usd_per_ph_per_day"
    first, second = solve(scenario, path, RIVAL).answers()
    assert (first.kind, second.kind) == ("jump", "root")
    assert (first.sign_below, first.sign_above, second.sign_above) == (1.0, -1.0, 1.0)
    assert 0.0 < second.x - first.x < 0.2
    assert first.gap * (first.beyond_gap or 0.0) < 0.0


def test_every_answer_says_on_which_side_the_plan_is_ahead() -> None:
    cases = Path(__file__).parents[1] / "cases"
    found = solve(load(cases / "flat-stretch.yaml"), "market.hash_price_usd_per_ph_per_day", Question("off", "run"))
    (stretch,) = found.answers()
    assert np.isnan(stretch.sign_below)
    assert stretch.sign_above == -1.0
    pair = Question("hungry, no upkeep", "efficient, dear upkeep")
    answers = solve(load(cases / "two-roots.yaml"), "market.hash_price_usd_per_ph_per_day", pair).answers()
    assert [(one.sign_below, one.sign_above) for one in answers] == [(1.0, -1.0), (-1.0, 1.0)]


@pytest.mark.parametrize(
    "path", [POWER, "plans.rival.rent_usd_per_kw_per_month", "plans.rival.conversion.delay_months"]
)
def test_each_case_is_solved_as_if_it_were_alone(path: str) -> None:
    """Also where the input that is solved for is itself another number in each case, within ranges of their own."""
    rents = [60.0, 104.3, 141.7]
    built = CONVERSION | {"meanwhile": "baseline"}
    several = [scenario_of(MINER, LEASE | {"rent_usd_per_kw_per_month": rent, "conversion": built}) for rent in rents]
    (stack,) = stacks(several)
    moved = [movable(scenario, path) for scenario in several]
    for own, scenario in zip(solve_each(stack.scenario, [(moved, RIVAL)]), several, strict=True):
        (found,), alone = own, solve(scenario, path, RIVAL)
        assert found.movable == alone.movable
        assert str(found.answers()) == str(alone.answers())
        assert np.array_equal(found.gaps, alone.gaps)
        assert found.moves.tolist() == alone.moves.tolist()
        assert [[part.tolist() for part in steps] for steps in found.steps] == [
            [part.tolist() for part in steps] for steps in alone.steps
        ]


def test_a_term_is_solved_for_on_the_dates_of_its_loan() -> None:
    """Cash of 1,500,000 a quarter pays 2,500,000 in n equal parts 0.6 n times over: 3.0 in 15 months, then 3.6."""
    loan = {"amount_usd": 2_500_000, "rate_fraction_per_year": 0, "repayment": "equal_principal", "term_months": 12}
    financing = {"every_months": 3, "tranches": {"loan": loan}}
    scenario = compared({"it": {**LEASE, "conversion": CONVERSION, "financing": financing}}).scenario
    path = "plans.it.financing.tranches.loan.term_months"
    (answer,) = solve(scenario, path, Question("it", None, "dscr_min_ratio", 3.2)).answers()
    assert (answer.kind, answer.value, answer.beyond) == ("step", 15.0, 18.0)
    assert (answer.gap, answer.beyond_gap) == pytest.approx((-0.2, 0.4))
    assert [refusal(scenario, movable(scenario, path), x) for x in (15.0, 18.0)] == [None, None]
    assert (movable(scenario, path).low, movable(scenario, path).high) == (3.0, 600.0)
