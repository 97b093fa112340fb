"""What paths say of each plan, beside the baseline and beside the best, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from scipy.stats import norm

from minecalc.analysis.questions import Item
from minecalc.analysis.simulate import outcomes as module
from minecalc.analysis.simulate import run as running
from minecalc.analysis.simulate.outcomes import (
    INCOMPLETE,
    PERCENTS,
    Collected,
    beats,
    collect,
    difference,
    outcomes,
    probability_of_being_best,
    regrets,
    value_of_perfect_information,
)
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, BREACHES, LEAST_DSCR, NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS, Draws
from minecalc.statistics.estimates import UNKNOWN, Estimate
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling
from minecalc.work.processes import Processes
from tests.analysis.simulate.worlds import TWO, collected, world

from .drawing import REPEATS, normals, sample

IRR = "irr_fraction_per_year"


def plans(**values: list[float]) -> dict[str, Sample]:
    return {name: sample(numbers) for name, numbers in values.items()}


def numbers(estimates: dict[str, Estimate]) -> dict[str, float | None]:
    return {name: estimate.number for name, estimate in estimates.items()}


def test_ties_are_neither_won_nor_lost() -> None:
    found = beats(sample([1.0, 2.0, 3.0, 4.0]), sample([0.0, 2.0, 3.0, 9.0]))
    assert [part.number for part in found] == [0.25, 0.25, 0.5]


def test_identical_plans_tie_everywhere_and_nothing_is_worth_knowing() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    found = beats(sample(values), sample(values.copy()))
    assert [part.number for part in found] == [0.0, 0.0, 1.0]
    regret = regrets({"a": sample(values), "b": sample(values.copy())})
    assert value_of_perfect_information(regret) == Estimate(0.0, 0.0, 0.0, 0.0, 1000)
    assert difference(sample(values), sample(values)).mean == Estimate(0.0, 0.0, 0.0, 0.0, 1000)


def test_a_path_counts_where_all_plans_have_a_figure() -> None:
    ours, theirs = sample([1.0, np.nan, 3.0, 4.0]), sample([0.0, 9.0, np.nan, 5.0])
    gap = difference(ours, theirs)
    assert dict(gap.undefined) == {INCOMPLETE: 2}
    assert (gap.paths, gap.mean.number) == (2, 0.0)
    assert [part.number for part in beats(ours, theirs)] == [0.5, 0.5, 0.0]
    some = {"a": ours, "b": theirs, "c": sample([2.0, 0.0, 0.0, 0.0])}
    assert numbers(probability_of_being_best(some)) == {"a": 0.0, "b": 0.5, "c": 0.5}
    assert {name: regret.paths for name, regret in regrets(some).items()} == dict.fromkeys("abc", 2)
    nowhere = {"a": sample([1.0, np.nan]), "b": sample([np.nan, 1.0])}
    assert value_of_perfect_information(regrets(nowhere)) == UNKNOWN
    assert numbers(probability_of_being_best(nowhere)) == {"a": None, "b": None}


def test_the_best_of_several_is_alone_at_the_top() -> None:
    found = probability_of_being_best(plans(a=[3, 1, 2, 5], b=[1, 3, 2, 5], c=[2, 2, 2, 4]))
    assert numbers(found) == {"a": 0.25, "b": 0.25, "c": 0.0}


def test_regret_is_what_the_best_would_have_brought_more() -> None:
    found = regrets(plans(a=[3, 1, 2], b=[1, 3, 2], c=[2, 2, 8]))
    assert {name: regret.values.tolist() for name, regret in found.items()} == {
        "a": [0, 2, 6],
        "b": [2, 0, 6],
        "c": [1, 1, 0],
    }
    # The best of the means, 4 of c, falls short of the mean of the best, 14 / 3, by 2 / 3.
    assert value_of_perfect_information(found).number == pytest.approx(2 / 3)


def drawn(draws: Draws, paths: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    first, second = normals(draws, paths, rng)
    return 10.0 + 4.0 * first, 8.0 + 6.0 * (0.3 * first + np.sqrt(0.91) * second)


@pytest.mark.parametrize(("draws", "paths"), [("independent", 1000), ("antithetic", 2048), ("sobol", 16 * BLOCK_PATHS)])
def test_paired_statistics_hold_the_truth_as_often_as_they_say(draws: Draws, paths: int) -> None:
    """Two normals: information is worth s phi(m / s) - m Phi(-m / s), m and s those of the difference."""
    deviation = np.sqrt(16 + 36 - 2 * 0.3 * 24)
    information = deviation * norm.pdf(2 / deviation) - 2 * norm.cdf(-2 / deviation)
    truths = {"beats": norm.cdf(2 / deviation), "information": information, "regret of the worse": information + 2}
    truths["P90 of regret"] = 2 + deviation * norm.ppf(0.9) - 4
    held = {name: list[bool]() for name in truths}
    rng = np.random.default_rng(2)
    for _ in range(REPEATS):
        both = {name: sample(values, draws) for name, values in zip("ab", drawn(draws, paths, rng), strict=True)}
        regret = regrets(both)
        found = {
            "beats": beats(both["a"], both["b"]).above,
            "information": value_of_perfect_information(regret),
            "regret of the worse": regret["b"].mean,
            "P90 of regret": regret["a"].percentile(90),
        }
        for name, estimate in found.items():
            assert estimate.low is not None
            assert estimate.high is not None
            held[name].append(estimate.low <= truths[name] <= estimate.high)
    for name, inside in held.items():
        assert np.mean(inside) == pytest.approx(0.95, abs=0.033), name


def test_pairing_makes_a_difference_far_better_known() -> None:
    rng = np.random.default_rng(3)
    world, own = rng.normal(size=(2, 2000))
    ours, theirs = sample(10 * world + own), sample(10 * world)
    gap = difference(ours, theirs).mean
    assert gap.error is not None
    assert ours.mean.error is not None
    assert gap.error < ours.mean.error / 5


def test_plans_of_a_world_are_drawn_alike() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        difference(sample([1.0, 2.0]), Sample(np.zeros(3), Sampling("independent", 3)))


#: NPVs of the plans a, b and c on four paths.
PATHS = [[10.0, 12.0, -1.0], [20.0, 18.0, 30.0], [30.0, 30.0, 30.0], [40.0, 60.0, 10.0]]
FOUR = [[[x] for x in path] for path in PATHS]
CERTAIN = {("a", NPV): 25.0, ("b", NPV): 28.0, ("c", NPV): None}


def test_three_plans_by_hand() -> None:
    found = outcomes(of(chunk(FOUR), plans=("a", "b", "c")), "a", CERTAIN)
    a, b, c = (found.of(name) for name in "abc")
    assert (a.npv.certain, a.npv.mean.number, a.npv.percentiles[50.0].number) == (25.0, 25.0, 25.0)
    assert a.against is None
    assert b.against is not None
    assert c.against is not None
    assert (b.against.difference.certain, c.against.difference.certain) == (3.0, None)
    assert b.against.difference.mean.number == 5.0  # of 2, -2, 0 and 20
    assert [part.number for part in b.against.beats] == [0.5, 0.25, 0.25]
    assert c.npv.below_zero.number == 0.25
    assert c.npv.shortfall.number == -1.0
    # c is best alone on the second path, b on the first and the last, and all are level on the third
    assert [part.best and part.best.number for part in (a, b, c)] == [0.0, 0.5, 0.25]
    regrets = [part.mean_regret and part.mean_regret.number for part in (a, b, c)]
    assert regrets == [32.0 / 4.0, 12.0 / 4.0, 63.0 / 4.0]
    assert a.high_regret is not None
    assert a.high_regret.number == pytest.approx(10.0 + 0.7 * 10.0)  # P90 of 0, 2, 10, 20
    assert found.perfect_information is not None
    assert found.perfect_information.number == 3.0
    assert found.differences is not None
    assert set(found.differences.inside) == {"b", "c"}
    assert set(a.npv.percentiles) == set(PERCENTS)


def test_a_difference_at_p10_is_no_difference_of_p10s() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(0.0, 10.0, 2000)
    figures = [[[float(x)], [float(x) + 1.0]] for x in base]
    found = outcomes(of(chunk(figures)), "a", {})
    against = found.of("b").against
    assert against is not None
    assert against.difference.percentiles[10.0].number == pytest.approx(1.0, abs=1e-12)
    assert against.beats.above.number == 1.0


def test_a_lone_plan_has_no_rivals() -> None:
    found = outcomes(of(chunk([[[1.0]], [[-2.0]], [[3.0]]]), plans=("a",)), "a", {})
    (a,) = found.plans
    assert (a.against, a.best, a.mean_regret, a.high_regret, found.perfect_information) == (None,) * 5
    assert found.differences is not None
    assert set(found.differences.inside) == {"a"}


def test_other_figures_are_told_with_what_lacks_them() -> None:
    nan = math.nan
    figures = [[[1.0, 0.1], [2.0, nan]], [[1.0, 0.3], [2.0, nan]]]
    some = of(chunk(figures, [[[0, 0], [0, 1]]] * 2, "never"), names=(NPV, IRR))
    found = outcomes(some, "a", {("a", IRR): 0.2})
    assert found.of("a").others[IRR].certain == 0.2
    assert found.of("a").others[IRR].mean.number == pytest.approx(0.2)
    assert found.of("b").others[IRR].undefined == {"never": 2}
    assert found.of("b").others[IRR].mean.number is None


def test_where_no_path_counts_nothing_is_counted() -> None:
    nan = math.nan
    none = of(chunk([[[nan], [1.0]]] * 3, [[[1], [0]]] * 3, "impossible"))
    found = outcomes(none, "a", {})
    assert found.differences is None
    assert found.of("a").npv.undefined == {"impossible": 3}
    assert found.of("b").npv.mean.number == 1.0


def chunk(figures: list[list[list[float]]], codes: list[list[list[int]]] | None = None, *reasons: str) -> Chunk:
    numbers = np.array(figures)
    known = np.zeros(numbers.shape, np.uint16) if codes is None else np.array(codes, np.uint16)
    return Chunk(numbers, known, reasons, np.empty((0, len(numbers))), np.ones((2, len(numbers))))


def of(*chunks: Chunk, plans: tuple[str, ...] = ("a", "b"), names: tuple[str, ...] = (NPV,)) -> Collected:
    found = Collected(plans, names, "independent")
    for part in chunks:
        found.add(part)
    return found


def test_figures_come_in_order_and_reasons_are_counted() -> None:
    nan = math.nan
    found = of(
        chunk([[[1.0, nan], [2.0, 0.1]], [[3.0, nan], [4.0, nan]]], [[[0, 1], [0, 0]], [[0, 1], [0, 2]]], "x", "y"),
        chunk([[[5.0, nan], [6.0, 0.2]]], [[[0, 1], [0, 0]]], "y"),
        chunk([[[7.0, nan], [8.0, 0.2]]], [[[0, 1], [0, 0]]], "y"),
        names=(NPV, IRR),
    )
    assert found.paths == 4
    assert found.sample("a").values.tolist() == [1.0, 3.0, 5.0, 7.0]
    assert found.sample("b", NPV).values.tolist() == [2.0, 4.0, 6.0, 8.0]
    assert found.sample("a", IRR).undefined == {"x": 2, "y": 2}
    assert found.sample("b", IRR).undefined == {"y": 1}
    assert found.sample("b", IRR).paths == 3
    assert found.sample("a").undefined == {}


def test_a_lender_is_told_how_cover_spreads_and_how_often_it_is_too_little() -> None:
    nan = math.nan
    dscr, dates = [1.4, 1.3, 0.9, 0.0, 1.1], [0.0, 0.0, 2.0, 9.0, 1.0]
    figures = [[[1.0, nan, nan], [2.0, *pair]] for pair in zip(dscr, dates, strict=True)]
    figures.append([[1.0, nan, nan], [2.0, nan, 0.0]])
    codes = [[[0, 1, 1], [0, 0, 0]] for _ in dscr] + [[[0, 1, 1], [0, 2, 0]]]
    found = Collected(("a", "b"), (NPV,), "independent", (LEAST_DSCR, BREACHES))
    found.add(chunk(figures, codes, "no debt", "nothing is due"))
    told = outcomes(found, "a", {("b", LEAST_DSCR): 1.3}, {"b": 1.15})
    assert told.of("a").cover is None
    assert told.of("b").others == {}
    cover = told.of("b").cover
    assert cover is not None
    assert (cover.default_ratio, cover.least_dscr.certain) == (1.15, 1.3)
    assert cover.least_dscr.percentiles[50.0].number == 1.1
    assert cover.least_dscr.undefined == {"nothing is due": 1}
    assert cover.below_one.number == 2 / 5
    assert cover.breach is not None
    assert (cover.breach.number, cover.breach.paths) == (3 / 6, 6)
    without = outcomes(found, "a", {}, {"b": 0.0}).of("b").cover
    assert without is not None
    assert (without.default_ratio, without.breach) == (None, None)


def test_the_error_is_over_the_mean_lead_at_the_scenarios_rate() -> None:
    rng = np.random.default_rng(1)
    base, gap = rng.normal(50.0, 9.0, 900), rng.normal(-2.0, 3.0, 900)
    found = of(chunk([[[float(b)], [float(b + g)]] for b, g in zip(base, gap, strict=True)]))
    expected = float(np.std(gap, ddof=1) / 30.0 / abs(np.mean(gap)))
    assert found.relative_error("a") == found.relative_error("a", "b") == pytest.approx(expected, rel=5e-3)
    both = [[[0.0, float(b)], [7.0, float(b + g)]] for b, g in zip(base, gap, strict=True)]
    assert of(chunk(both), names=(NPV, AT_SCENARIO_RATE)).relative_error("a") == found.relative_error("a")


def test_a_plan_that_is_named_decides_alone() -> None:
    figures = [[[1.0], [2.0 + 0.1 * (k % 3)], [3.0 + 2.0 * (k % 5)]] for k in range(60)]
    three = of(chunk(figures), plans=("a", "b", "c"))
    named = three.relative_error("a", "b"), three.relative_error("a", "c")
    assert None not in named
    assert three.relative_error("a") == max(error for error in named if error is not None)
    assert (named[0] or 1.0) < 0.2 * (named[1] or 0.0)


def test_of_a_lead_that_is_zero_on_average_no_share_can_be_told() -> None:
    assert of(chunk([[[0.0], [x]] for x in (-1.0, 1.0)])).relative_error("a") is None


def test_the_worst_plan_decides_and_a_lone_one_has_its_own() -> None:
    figures = [[[1.0], [1.0 + 2.0 * k], [3.0 + 0.1 * k]] for k in range(5)]
    three, two = of(chunk(figures), plans=("a", "b", "c")), of(chunk([row[:2] for row in figures]))
    assert three.relative_error("a") == two.relative_error("a")
    lone = of(chunk([[[x]] for x in (9.0, 10.0, 11.0)]), plans=("a",))
    assert lone.relative_error("a") == pytest.approx(1.0 / math.sqrt(3.0) / 10.0)


def test_no_difference_has_no_error_and_one_path_tells_none() -> None:
    assert of(chunk([[[float(k)], [float(k)]] for k in range(9)])).relative_error("a") == 0.0
    assert of(chunk([[[1.0], [2.0]]])).relative_error("a") is None
    some = of(
        chunk([[[1.0], [2.0], [math.nan]], [[1.0], [3.0], [math.nan]]], [[[0], [0], [1]]] * 2, "x"),
        plans=("a", "b", "c"),
    )
    assert some.relative_error("a") is None


def seen(run: Run, tolerance: float | None) -> tuple[Collected, list[int], FloatArray]:
    found, totals = Collected(run.plans, run.figures, run.world.sampler.draws), list[int]()

    def watch(items: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
        totals.append(total)
        return iter(items)

    parts = [part.figures for part in collect(run, found, Processes(1), watch, tolerance)]
    return found, totals, np.concatenate(parts)


def test_paths_are_doubled_until_the_tolerance_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLERANCE_MOST", 8 * BLOCK_PATHS)
    monkeypatch.setattr(running, "CHUNK_BLOCKS", 2)
    of_world = world(TWO)
    run = Run(of_world, tuple(of_world.scenario.plans), BLOCK_PATHS)
    once, totals, figures = seen(run, None)
    assert (once.paths, totals) == (BLOCK_PATHS, [1])
    error = once.relative_error("mine")
    assert error is not None
    met, totals, figures = seen(run, 0.8 * error)
    assert met.paths in (2 * BLOCK_PATHS, 4 * BLOCK_PATHS)
    assert (met.relative_error("mine") or 1.0) <= 0.8 * error
    assert totals == [1, 1, 1][: len(totals)]
    straight = collected(Run(of_world, run.plans, met.paths))
    for place, plan in enumerate(run.plans):
        assert np.array_equal(figures[:, place, 0], straight.sample(plan).values)
        assert np.array_equal(met.sample(plan).values, straight.sample(plan).values)
    never, totals, _ = seen(run, 1e-9)
    assert never.paths == 8 * BLOCK_PATHS
    assert totals == [1, 1, 1, 2]
    assert (never.relative_error("mine") or 0.0) > 1e-9


def test_what_is_the_same_everywhere_is_met_at_once() -> None:
    same = "plans={a: &p {kind: bitcoin_mining, hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 17}, b: *p}"
    of_world = world(TWO.split("plans:")[0] + same.replace("=", ": ", 1))
    found, _, _ = seen(Run(of_world, ("a", "b"), BLOCK_PATHS), 1e-9)
    assert found.paths == BLOCK_PATHS
