"""Break-evens at a confidence: the probability there is the confidence, to a path, and the error is the true one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from minecalc.analysis.simulate.confidence import Confident, Gaps, ahead_by, at_confidence, crossing
from minecalc.analysis.simulate.fans import first_draws
from minecalc.analysis.simulate.run import npv_difference
from minecalc.arrays import FloatArray
from minecalc.scenario.movables import Movable, movable
from minecalc.simulation.world import World
from tests.analysis.simulate.worlds import CERTAIN, TWO, world

RENT, PRICE, POWER = (
    "plans.lease.rent_usd_per_kw_per_month",
    "market.btc_price_usd",
    "site.electricity_price_usd_per_kwh",
)
DELAY = "plans.lease.conversion.delay_months"

N = 1000
X = Movable("x_ratio", "x_ratio", 1.0, -10.0, 10.0)


def normals(n: int = N, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(n)


def solved(differences: Callable[[float], FloatArray], confidence: float = 0.9, of: Movable = X) -> Confident:
    return crossing(differences, of, confidence)


def of_world(path: str, confidence: float = 0.9, *assignments: str, seed: int = 1, blocks: int = 1) -> Confident:
    of = world(TWO, *assignments, seed=seed)
    return at_confidence(of, first_draws(of, blocks), ("lease", "mine"), movable(of.scenario, path), confidence)


def share_above(of: World, moved: dict[str, float], blocks: int = 1) -> float:
    gaps = [npv_difference(of.applied(draw, moved), "lease", "mine") for draw in first_draws(of, blocks)]
    return float(np.mean(np.concatenate(gaps) > 0.0))


@pytest.mark.parametrize("confidence", [0.1, 0.5, 0.9, 0.99])
def test_straight_lines_have_the_quantile_of_their_thresholds(confidence: float) -> None:
    """Path i is ahead from x = threshold i on: so many are at the order statistic of that rank."""
    thresholds = np.sort(2.0 * normals())
    found = solved(lambda x: x - thresholds, confidence)
    assert found.value is not None
    assert found.rises
    assert found.value.number == pytest.approx(thresholds[round(confidence * N) - 1], abs=1e-9)
    assert (found.crossings, found.by_turns, found.paths) == (1, 0.0, N)
    assert found.shares == (0.0, float(np.mean(thresholds < 1.0)), 1.0)


def test_what_falls_is_needed_at_most() -> None:
    thresholds = np.sort(2.0 * normals())
    found = solved(lambda x: thresholds - x)
    assert found.value is not None
    assert not found.rises
    assert found.value.number == pytest.approx(thresholds[N // 10], abs=1e-9)


def test_bent_lines_are_met_to_a_path() -> None:
    a, b = normals(), normals(seed=2)

    def differences(x: float) -> FloatArray:
        bent: FloatArray = np.maximum(x + a, 0.3 * x) + np.minimum(0.2 * x * x, 3.0) - 2.0 - 0.3 * b
        return bent

    found = solved(differences)
    assert found.value is not None
    assert found.value.number is not None
    assert abs(np.mean(differences(found.value.number) > 0.0) - 0.9) <= 1.5 / N


def test_paths_that_are_always_or_never_ahead_count() -> None:
    thresholds = np.concatenate([np.full(100, -np.inf), np.full(50, np.inf), np.sort(normals(850))])
    found = solved(lambda x: np.where(np.isinf(thresholds), -np.sign(thresholds), x - thresholds), 0.8)
    assert found.value is not None
    assert found.value.number == pytest.approx(thresholds[150 + 700 - 1], abs=1e-9)
    assert (found.shares[0], found.shares[2]) == (0.1, 0.95)


@pytest.mark.parametrize(
    ("confidence", "reason"),
    [
        (0.96, "it is ahead in at most 95% of worlds at every value"),
        (0.05, "it is ahead in at least 10% of worlds at every value"),
    ],
)
def test_without_a_crossing_there_is_a_reason_and_no_number(confidence: float, reason: str) -> None:
    thresholds = np.concatenate([np.full(100, -np.inf), np.full(50, np.inf), normals(850)])
    found = solved(lambda x: np.where(np.isinf(thresholds), -np.sign(thresholds), x - thresholds), confidence)
    assert (found.value, found.reason, found.setting, found.crossings) == (None, reason, "", 0)


def test_what_the_input_does_not_move_is_said() -> None:
    assert solved(lambda x: normals(), 0.5).reason == "it does not change the difference"


def test_several_crossings_are_counted_and_the_nearest_is_told() -> None:
    """Ahead between two values: the probability rises and falls again, and each path turns twice."""
    edge = 0.1 * normals()
    found = solved(lambda x: (x - 0.5 - edge) * (6.0 - edge - x), 0.9)
    assert found.value is not None
    assert found.value.number == pytest.approx(np.sort(0.5 + edge)[899], abs=1e-3)
    assert found.rises
    assert found.crossings == 2
    assert found.by_turns > 0.9


def test_a_jump_is_found_to_the_last_digit() -> None:
    found = solved(lambda x: np.full(N, 5.0 if x > np.pi else -3.0))
    assert found.value is not None
    assert found.value.number == pytest.approx(np.pi, rel=1e-15)
    assert found.rises


def test_impossible_paths_do_not_count() -> None:
    thresholds = np.sort(normals())
    out = np.arange(N) % 4 == 0
    found = solved(lambda x: np.where(out, np.nan, x - thresholds))
    kept = thresholds[~out]
    assert found.value is not None
    assert found.value.number == pytest.approx(kept[round(0.9 * kept.size) - 1], abs=1e-9)
    assert solved(lambda x: np.full(N, np.nan)).value is None


def test_whole_numbers_stay_whole_and_reach_the_confidence() -> None:
    months = Movable("delay_months", "delay_months", 0.0, 0.0, 60.0, whole=True)
    thresholds = 20.0 + 5.0 * normals()
    asked: list[float] = []

    def differences(x: float) -> FloatArray:
        asked.append(x)
        return thresholds - x

    found = solved(differences, 0.9, months)
    assert found.value is not None
    assert found.value.number == np.floor(np.sort(thresholds)[100])
    assert found.setting == "delay_months=13"
    assert all(x == round(x) for x in asked)
    assert len(asked) == len(set(asked)) <= 14


def test_few_values_are_looked_at_each_once() -> None:
    asked: list[float] = []

    def differences(x: float) -> FloatArray:
        asked.append(x)
        return x - 2.0 * normals()

    solved(differences)
    assert len(asked) == len(set(asked)) == 4  # straight lines
    asked.clear()
    solved(lambda x: differences(x) + 0.05 * x * x)
    assert len(asked) == len(set(asked)) <= 16
    asked.clear()
    crossing(differences, X, 0.9, thorough=True)
    assert len(asked) == 4


def _bent(thresholds: FloatArray) -> Callable[[float], FloatArray]:
    return lambda x: np.where(x > thresholds, x - thresholds, 0.4 * (x - thresholds))


def test_the_error_is_the_scatter_of_the_answers() -> None:
    truth, misses, errors = 1.2815515655 * 2.0, [], []
    for seed in range(200):
        found = solved(_bent(2.0 * normals(seed=seed))).value
        assert found is not None
        assert found.number is not None
        assert found.error is not None
        assert found.low is not None
        assert found.high is not None
        errors.append(found.error)
        misses.append(found.low <= truth <= found.high)
    scatter = 2.0 * np.sqrt(0.09 / N) / 0.17549833
    assert np.mean(errors) == pytest.approx(scatter, rel=0.1)
    assert 0.90 <= np.mean(misses) <= 0.99


def test_an_interval_ends_with_the_range() -> None:
    thresholds = np.sort(np.concatenate([normals(905), np.full(95, np.inf)]))
    found = solved(lambda x: np.where(np.isinf(thresholds), -1.0, x - thresholds)).value
    assert found is not None
    assert found.high == 10.0


@pytest.mark.parametrize("path", [RENT, PRICE, POWER])
@pytest.mark.parametrize("confidence", [0.6, 0.9])
def test_plugged_back_the_probability_is_the_confidence(path: str, confidence: float) -> None:
    found = of_world(path, confidence)
    if found.value is None:
        assert path == POWER
        assert max(found.shares) < confidence
        return
    assert found.value.number is not None
    of = world()
    moved = {found.movable.at: float(found.setting.rpartition("=")[2])}
    assert share_above(of, moved) == pytest.approx(confidence, abs=1.5 / 1024)
    assert found.shares[1] == share_above(of, {})
    beside = {found.movable.at: moved[found.movable.at] * (0.98 if found.rises else 1.02)}
    assert share_above(of, beside) < confidence


def test_on_other_paths_it_holds_within_its_error() -> None:
    found = of_world(RENT, blocks=4)
    assert found.value is not None
    assert found.value.low is not None
    assert found.value.high is not None
    assert found.value.error is not None
    other = world(seed=77)
    low, high = (share_above(other, {RENT: rent}, 8) for rent in (found.value.low, found.value.high))
    assert low - 0.01 < 0.9 < high + 0.01


def test_a_moved_rent_is_that_of_an_unmoved_market() -> None:
    """The market's factor acts on what is solved for, so the answer is the rent of the scenario, not of one path."""
    later = "uncertainty.rent_usd_per_kw_per_month={signed: at_ready, volatility_fraction_per_year: 0.3}"
    found = of_world(RENT, 0.9, later)
    assert found.value is not None
    of = world(TWO, later)
    assert share_above(of, {RENT: found.value.number or 0.0}) == pytest.approx(0.9, abs=1.5 / 1024)
    again = world(TWO, later, f"{RENT}={found.value.number!r}")
    assert share_above(again, {}) == pytest.approx(0.9, abs=1.5 / 1024)


def test_a_delay_is_in_whole_months() -> None:
    found = of_world(DELAY, 0.3)
    assert found.value is not None
    of, number = world(), found.value.number
    assert number is not None
    assert number == round(number)
    assert share_above(of, {DELAY: number}) >= 0.3 > share_above(of, {DELAY: number + 1.0})


def test_without_uncertainty_it_is_the_break_even() -> None:
    found = of_world(RENT, 0.9, CERTAIN)
    assert found.value is not None
    gap = npv_difference(
        world(TWO, CERTAIN).applied(world(TWO, CERTAIN).draw(0), {RENT: found.value.number or 0.0}), "lease", "mine"
    )
    assert abs(gap[0]) < 1.0
    assert found.value.error == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_solved_for_is_refused() -> None:
    of = world()
    draws, plans = first_draws(of, 1), ("lease", "mine")
    with pytest.raises(ValueError, match="is a date; give an input that is a number"):
        at_confidence(of, draws, plans, movable(of.scenario, "plans.lease.conversion.ready"), 0.9)
    with pytest.raises(ValueError, match="a confidence of 1 is none"):
        at_confidence(of, draws, plans, movable(of.scenario, RENT), 1.0)


def test_ahead_by_is_an_order_statistic() -> None:
    gaps = np.array([5.0, np.nan, 1.0, -3.0, 2.0])
    assert [ahead_by(gaps, share) for share in (0.25, 0.26, 0.5, 0.75, 1.0)] == [5.0, 2.0, 2.0, 1.0, -3.0]
    assert ahead_by(np.full(3, np.nan), 0.5) == -np.inf


def test_between_values_differences_run_straight() -> None:
    gaps = Gaps(lambda x: np.array([x * x, 1.0]))
    gaps.look([0.0, 2.0])
    assert gaps.between(0.5).tolist() == [1.0, 1.0]
    assert gaps.between(2.0).tolist() == [4.0, 1.0]
    assert not gaps.straight
    assert gaps(0.5).tolist() == [0.25, 1.0]
    assert gaps.seen == [0.0, 0.5, 2.0]
