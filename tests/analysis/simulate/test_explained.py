"""Shares of the variance: functions whose indices are known, and worlds in which they follow from the inputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import sobol_indices

from minecalc.analysis.simulate.explained import explained, shares, with_other
from minecalc.analysis.simulate.fans import first_draws
from minecalc.analysis.simulate.run import npv_difference
from minecalc.arrays import FloatArray
from minecalc.simulation.world import World
from tests.analysis.simulate.worlds import CERTAIN, ONLY_LEASE, TWO, world

N = 4096


def found(of: World, blocks: int = 2) -> dict[str, Any]:
    draws = first_draws(of, blocks)
    gap = np.concatenate([npv_difference(of.applied(draw), "lease", "mine") for draw in draws])
    answer = explained(of, draws, "lease", "mine", gap)
    return {"reason": answer.reason, "paths": answer.paths} | {share.name: share for share in answer.shares}


def ishigami(x: FloatArray) -> FloatArray:
    """Of three uniforms in -pi..pi: first-order indices 0.314, 0.442 and 0, totals 0.558, 0.442 and 0.244."""
    value: FloatArray = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    return value


@pytest.mark.parametrize(("place", "first", "total"), [(0, 0.3139, 0.5576), (1, 0.4424, 0.4424), (2, 0.0, 0.2437)])
def test_indices_of_ishigami_lie_within_their_errors(place: int, first: float, total: float) -> None:
    misses = []
    for seed in range(40):
        a, b = np.random.default_rng(seed).uniform(-np.pi, np.pi, (2, 3, N))
        mixed = a.copy()
        mixed[place] = b[place]
        pair = shares(ishigami(a), ishigami(b), ishigami(mixed))
        assert pair is not None
        for estimate, truth in zip(pair, (first, total), strict=True):
            assert estimate.number is not None
            assert estimate.error is not None
            assert 0.0 < estimate.error < 0.03
            misses.append((estimate.number - truth) / estimate.error)
    assert 0.8 < np.std(misses) < 1.25
    assert abs(np.mean(misses)) < 0.35
    assert np.max(np.abs(misses)) < 4.5


def test_they_agree_with_scipys() -> None:
    a, b = np.random.default_rng(5).uniform(-np.pi, np.pi, (2, 3, 65_536))
    mixed = np.repeat(a[None], 3, axis=0)
    mixed[np.arange(3), np.arange(3)] = b
    values = [ishigami(x) for x in mixed]
    known = {"f_A": ishigami(a)[None], "f_B": ishigami(b)[None], "f_AB": np.stack(values)[:, None]}
    theirs: Any = sobol_indices(func=known, n=65_536)
    for place, value in enumerate(values):
        pair = shares(ishigami(a), ishigami(b), value)
        assert pair is not None
        assert pair[0].number == pytest.approx(float(theirs.first_order[place]), abs=0.01)
        assert pair[1].number == pytest.approx(float(theirs.total_order[place]), abs=0.01)


def test_a_rare_path_does_not_make_a_total_larger_than_all() -> None:
    a, b = np.exp(3.0 * np.random.default_rng(2).standard_normal((2, N)))
    pair = shares(a, b, b)  # the only input, with a tail so heavy that the sample's variance says little
    assert pair is not None
    assert pair[0].number == pytest.approx(1.0)
    assert pair[1].number == pytest.approx(1.0, abs=0.05)


def test_paths_that_lack_a_result_do_not_count() -> None:
    a, b = np.random.default_rng(5).standard_normal((2, N))
    whole = shares(a[:-9], b[:-9], b[:-9])
    a[-9:-6], b[-6:-3] = np.nan, np.nan
    mixed = b.copy()
    mixed[-3:] = np.nan
    some = shares(a, b, mixed)
    assert some is not None
    assert some == whole
    assert some[0].paths == N - 9
    assert shares(np.ones(9), np.ones(9), np.ones(9)) is None
    assert shares(np.full(9, np.nan), np.ones(9), np.ones(9)) is None


def test_two_inputs_in_straight_lines_have_shares_that_are_known_and_add_up() -> None:
    of = world(TWO, ONLY_LEASE)
    opex, capex = "plans.lease.opex_fraction_of_rent", "plans.lease.conversion.capex_usd_per_critical_mw"

    def swing(path: str, low: float, high: float) -> float:
        gaps = [npv_difference(world(TWO, CERTAIN, f"{path}={x}").paths(0), "lease", "mine")[0] for x in (low, high)]
        return float(gaps[1] - gaps[0])

    variances = {opex: swing(opex, 0.1, 0.2) ** 2, capex: swing(capex, 2.5e6, 3.5e6) ** 2}
    answer = found(of, 8)
    assert list(answer) == ["reason", "paths", *sorted(variances, key=lambda path: -variances[path])]
    for path, variance in variances.items():
        for estimate in (answer[path].first, answer[path].total):
            assert abs(estimate.number - variance / sum(variances.values())) < 4.0 * estimate.error
            assert estimate.error < 0.02


def test_drawing_one_factor_again_is_the_worlds_own_way() -> None:
    of = world(
        TWO, "plans.lease.renewal={rent_usd_per_kw_per_month: 100, term_months: 12}", "plans.lease.term_months=12"
    )
    ours, other = of.draw(1), world(TWO, *(), seed=2).draw(1)
    other = World(of.given, world(seed=2).sampler).draw(1)
    assert len(of.uncertain.factors) == 8
    for name in of.uncertain.factors:
        mixed, expected = with_other(of, 1, ours, other, name, 2), of.draw(1, {name: 2})
        for key, values in expected.values.items():
            assert np.array_equal(mixed.values[key], values), (name, key)


def test_what_matters_is_found() -> None:
    answer = found(world())
    assert answer["paths"] == 2048
    first = [name for name in answer if name not in ("reason", "paths")]
    assert first[0] == "btc_price_usd"
    assert answer["btc_price_usd"].total.number > 0.5
    assert answer["fee_btc_per_block"].total.number < 0.01


def test_where_nothing_varies_there_is_a_reason() -> None:
    assert found(world(TWO, CERTAIN))["reason"] == "nothing is uncertain"
    fees = "uncertainty={others: fixed, fee_btc_per_block: {volatility_fraction_per_year: 0, spikes_per_year_count: 0}}"
    assert found(world(TWO, fees))["reason"] == "it is the same on all paths"


@pytest.mark.parametrize("scale", [0.5, 0.9])
def test_shares_of_a_skewed_result_hold_what_they_say(scale: float) -> None:
    """Of exp(scale x first + scale / 2 x second): squares of it have heavy tails, and few paths make up the shares."""
    rng, wide, narrow = np.random.default_rng(12), scale**2, scale**2 / 4.0
    whole = math.expm1(wide + narrow)
    truth = math.expm1(wide) / whole, 1.0 - math.expm1(narrow) / whole

    def result(first: FloatArray, second: FloatArray) -> FloatArray:
        return np.exp(scale * first + scale / 2.0 * second)

    held = []
    for _ in range(400):
        first, second, other_first, other_second = rng.standard_normal((4, 1024))
        estimates = shares(result(first, second), result(other_first, other_second), result(other_first, second))
        assert estimates is not None
        ends = [(e.low, e.high) for e in estimates if e.low is not None and e.high is not None]
        held.append([low <= number <= high for (low, high), number in zip(ends, truth, strict=True)])
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.033)
