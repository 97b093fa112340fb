"""Fans over time are percentiles of the engine's own arrays, path by path."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minecalc.analysis.simulate.fans import (
    CUMULATIVE,
    FAN,
    Fan,
    counts,
    fan_chart,
    first_draws,
    histogram,
    percentiles_over_time,
    studied,
    study_blocks,
)
from minecalc.analysis.simulate.run import npv_difference
from minecalc.arrays import FloatArray
from minecalc.document import Series
from minecalc.engine import Engine
from minecalc.simulation.world import World
from tests.analysis.simulate.worlds import CERTAIN, TWO, world

from .drawing import sample


def by_name(of: World, plan: str = "lease", baseline: str = "mine") -> dict[tuple[str, str, str], Fan]:
    return {fan[:3]: fan for fan in studied(of, first_draws(of, 1), plan, baseline).fans}


def test_each_course_has_the_percentiles_of_the_paths() -> None:
    of = world()
    found = by_name(of)
    assert list(found) == [
        ("btc_price_usd", "", ""),
        ("hash_price_usd_per_ph_per_day", "", ""),
        (CUMULATIVE, "lease", ""),
        (CUMULATIVE, "mine", ""),
        (CUMULATIVE, "lease", "mine"),
    ]
    engine = Engine(of.paths(0).scenario)
    price = np.percentile(engine.market.btc_price_usd, FAN, axis=1)
    assert found["btc_price_usd", "", ""].percentiles == pytest.approx(price, rel=1e-12)
    flows = [engine.evaluate(engine.scenario.plans[name]).net_usd for name in ("lease", "mine")]
    gap = np.percentile(np.cumsum(flows[0] - flows[1], axis=0), FAN, axis=1)
    assert found[CUMULATIVE, "lease", "mine"].percentiles == pytest.approx(gap, rel=1e-6, abs=1.0)
    own = Engine(of.scenario)
    assert found["hash_price_usd_per_ph_per_day", "", ""].certain.tolist() == [
        float(x) for x in own.market.hash_price_usd_per_ph_per_day[:, 0]
    ]
    assert found[CUMULATIVE, "mine", ""].certain.shape == (of.given.months + 1,)


def test_the_difference_is_that_of_the_same_paths() -> None:
    of = world()
    found = studied(of, first_draws(of, 2), "lease", "mine")
    expected = [npv_difference(of.paths(block), "lease", "mine") for block in range(2)]
    assert np.array_equal(found.difference, np.concatenate(expected))


def test_impossible_paths_are_in_no_fan() -> None:
    drawn = "{distribution: normal, mean: 0.15, sd: 0.1}"
    odd = f"uncertainty={{others: fixed, inputs: {{plans.lease.opex_fraction_of_rent: {drawn}}}}}"
    of = world(TWO, odd)
    paths = of.paths(0)
    (which,) = paths.impossible.values()
    found = by_name(of)[CUMULATIVE, "lease", ""]
    plan = Engine(paths.scenario).evaluate(paths.scenario.plans["lease"])
    last = np.cumsum(plan.net_usd, axis=0)[-1]
    assert found.percentiles[:, -1] == pytest.approx(np.percentile(last[~which], FAN), rel=1e-9)
    assert which.any()


def test_a_certain_world_has_fans_without_width() -> None:
    for fan in by_name(world(TWO, CERTAIN)).values():
        assert np.array_equal(fan.percentiles, np.broadcast_to(fan.certain, fan.percentiles.shape))


def test_a_lone_plan_and_one_without_mining_have_fewer_fans() -> None:
    assert [key[1:] for key in by_name(world(), "mine", "mine") if key[0] == CUMULATIVE] == [("mine", "")]
    free = "opex_fraction_of_rent: 0, capex_usd_per_critical_mw: 0"
    lease = f"plans:\n  lease: {{kind: colocation, {free}, rent_usd_per_kw_per_month: 130}}\n"
    assert list(by_name(world(TWO.split("plans:")[0] + lease), "lease", "lease")) == [(CUMULATIVE, "lease", "")]
    given = world(TWO, "market.hash_price_usd_per_ph_per_day=40")
    assert [key[0] for key in by_name(given) if not key[1]] == ["hash_price_usd_per_ph_per_day"]


def test_what_is_studied_is_drawn_independently() -> None:
    of = world(draws="antithetic")
    (draw,) = first_draws(of, 1)
    alone = replace(of, sampler=replace(of.sampler, draws="independent")).draw(0)
    assert np.array_equal(draw.values["delay_months"], alone.values["delay_months"])
    assert not np.array_equal(draw.values["delay_months"], of.draw(0).values["delay_months"])


def test_more_paths_are_studied_beside_more() -> None:
    assert [study_blocks(paths) for paths in (1, 10_240, 20_479, 20_480, 50_000, 10**7)] == [1, 1, 1, 2, 4, 8]


ANY = arrays(np.float64, st.integers(1, 80), elements=st.floats(-1e12, 1e12) | st.integers(-3, 3))


@given(st.lists(ANY, min_size=1, max_size=4))
def test_every_path_is_counted_once_and_zero_is_an_edge(many: list[FloatArray]) -> None:
    counted = counts({str(n): sample(values) for n, values in enumerate(many)})
    bins = {len(inside) for inside in counted.inside.values()}
    edges = counted.data()["edges"]
    assert len(bins) == 1
    assert bins <= set(range(1, 46))
    assert len(edges) == bins.pop() + 1
    parts = [part for part in (1, 2, 4, 5, 10) if counted.first % part == 0 and (len(edges) - 1) % part == 0]
    assert any((len(edges) - 1) // part <= 10 for part in parts)
    assert counted.width > 0.0
    for name, values in enumerate(many):
        below, above = counted.below[str(name)], counted.above[str(name)]
        assert sum(counted.inside[str(name)]) + below + above == values.size
        assert below == (values < edges[0]).sum() <= 0.005 * values.size
        assert above == (values >= edges[-1]).sum() <= 0.005 * values.size
    if edges[0] < 0.0 < edges[-1]:
        losses = sum(counted.inside["0"][: edges.index(0.0)]) + counted.below["0"]
        assert losses == (many[0] < 0.0).sum()
    histogram("", counted, "usd")


@pytest.mark.parametrize("value", [0.7, -0.7, 0.3, 1.1])
def test_a_figure_that_rounds_onto_an_edge_lies_in_a_bin(value: float) -> None:
    counted = counts({"a": sample(np.array([value]))})
    assert (counted.below["a"], sum(counted.inside["a"]), counted.above["a"]) == (0, 1, 0)


def test_bins_are_as_wide_as_freedman_and_diaconis_say_rounded_up() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    raw = 2 * np.subtract(*np.percentile(values, [75, 25])) / 10
    assert 0.25 < raw < 0.3
    counted = counts({"a": sample(values)})
    assert counted.width == 0.5
    expected, _ = np.histogram(values, np.array(counted.data()["edges"]))
    assert list(counted.inside["a"]) == expected.tolist()


def test_many_paths_get_no_more_bins_than_people_can_see() -> None:
    values = np.random.default_rng(2).normal(size=100_000) * 1e6
    counted = counts({"a": sample(values)})
    assert counted.width == 200_000.0
    assert len(counted.inside["a"]) == 30
    assert counted.data()["edges"][0] == -3.0e6
    assert 100 < counted.below["a"] < 170
    assert 100 < counted.above["a"] < 170


def test_the_tails_lie_beyond_the_axis_and_are_told() -> None:
    values = np.append(np.random.default_rng(3).random(998), [1e9, -1e9])
    chart = histogram("t", counts({"a": sample(values)}), "ratio")
    (bins,) = chart.samples
    assert (bins.below, bins.above) == (0.001, 0.001)
    assert (chart.low, chart.high) == (0.0, 1.0)


def test_a_figure_on_an_edge_belongs_to_the_bin_above_whatever_division_rounds_to() -> None:
    """-0.0013 over 0.0001 is -13 in fractions, and in floating point just below."""
    for top in (-0.0013, -0.0021, 0.0):
        edge = round(top / 1e-4) * 1e-4
        values = np.append(edge - 1e-4 * np.linspace(0.0, 30.0, 40_000), np.full(1000, edge))
        counted = counts({"a": sample(values)})
        edges = np.array(counted.data()["edges"])
        within = [((values >= low) & (values < high)).sum() for low, high in pairwise(edges.tolist())]
        assert list(counted.inside["a"]) == within
        assert counted.width == 1e-4
        assert counted.above["a"] == 0


def test_what_never_varies_is_one_bin() -> None:
    for value in (0.0, 41.2e6, -0.125):
        counted = counts({"a": sample(np.full(50, value))})
        assert counted.inside == {"a": [50]}
        assert counted.first * counted.width <= value < (counted.first + 1) * counted.width


def test_figures_that_are_mostly_level_still_show_the_rest() -> None:
    """Three quarters at zero have no interquartile range to go by."""
    counted = counts({"a": sample(np.append(np.zeros(75), np.linspace(1.0, 100.0, 25)))})
    assert counted.inside["a"][0] == 76
    assert len(counted.inside["a"]) == 24
    assert counted.data()["edges"][-1] == 120.0


def test_plans_share_their_bins_and_undefined_paths_are_in_none() -> None:
    counted = counts({"a": sample([1.0, 2.0, np.nan]), "b": sample([5.0, 5.0, 8.0]), "c": sample([np.nan] * 3)})
    assert {name: sum(inside) for name, inside in counted.inside.items()} == {"a": 2, "b": 3, "c": 0}
    chart = histogram("t", counted, "usd")
    assert [bins.name for bins in chart.samples] == ["a", "b"]
    with pytest.raises(ValueError, match="no path has a figure to count"):
        counts({"c": sample([np.nan] * 3)})


def test_programs_get_edges_and_counts() -> None:
    assert counts({"a": sample([0.0, 0.0, 1.0])}).data() == {
        "edges": [0.0, 1.0, 2.0],
        "counts": {"a": {"inside": [2, 1], "below": 0, "above": 0}},
    }


def test_percentiles_of_each_month_leave_out_what_is_undefined() -> None:
    values = np.random.default_rng(4).normal(size=(6, 201))
    values[2, :100] = np.nan
    values[4] = np.nan
    found = percentiles_over_time(values)
    assert found.shape == (5, 6)
    for month in (0, 1, 2, 3, 5):
        np.testing.assert_allclose(found[:, month], np.nanpercentile(values[month], FAN), rtol=1e-12)
    assert np.isnan(found[:, 4]).all()


def test_a_fan_has_its_widest_band_behind() -> None:
    rows = np.array([[1.0, np.nan], [9.0, np.nan], [3.0, np.nan], [7.0, np.nan], [5.0, np.nan]])
    chart = fan_chart("t", ["2027", "2028"], rows, "mw", others=[Series("plain", [4.0, 4.5])])
    assert [(band.name, band.low, band.high) for band in chart.bands] == [
        ("P5 to P95", [1.0, None], [9.0, None]),
        ("P25 to P75", [3.0, None], [7.0, None]),
    ]
    assert [(series.name, series.values) for series in chart.series] == [("median", [5.0, None]), ("plain", [4.0, 4.5])]


def test_what_lies_above_zero_everywhere_has_a_logarithmic_axis() -> None:
    rows = np.array([[1.0], [9.0], [3.0], [7.0], [5.0]])
    assert fan_chart("t", ["2027"], rows, "mw").axis == "log"
    assert fan_chart("t", ["2027"], rows, "mw", others=[Series("plain", [-1.0])]).axis == "linear"
    assert fan_chart("t", ["2027"], rows - 1.0, "mw").axis == "linear"
