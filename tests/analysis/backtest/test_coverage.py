"""Shares inside bands, and how far chance takes them."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.backtest.coverage import BANDS, HORIZONS, JUDGED, Chance, by_chance, coverage


def test_bands_hold_what_lies_between_their_ends() -> None:
    found = coverage(np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.75, 0.9, 0.97, 1.0]), None)
    assert {band.name: share for band, share in found.inside.items()} == {
        "P25-P75": pytest.approx(0.3),
        "P10-P90": pytest.approx(0.6),
        "P5-P95": pytest.approx(0.7),
    }
    assert (found.dates, found.judged, found.above_median) == (10, 0.6, 0.4)
    assert found.mean_pit == pytest.approx(0.474)


def test_what_is_exact_has_no_error() -> None:
    found = coverage(np.array([0.1, 0.5, 0.9]), None)
    assert {*found.errors.values(), found.above_median_error, found.mean_pit_error} == {0.0}


def test_errors_are_the_scatter_between_simulations() -> None:
    """A hundred forecasts of 200 paths each, drawn two thousand times over."""
    rng, paths = np.random.default_rng(4), 200
    places = rng.random(100)
    drawn = [coverage(rng.binomial(paths, places) / paths, paths) for _ in range(2000)]
    shares = {band: [found.inside[band] for found in drawn] for band in BANDS}
    for band in BANDS:
        stated = np.sqrt(np.mean([found.errors[band] ** 2 for found in drawn]))
        assert stated == pytest.approx(np.std(shares[band]), rel=0.25)
    above = np.sqrt(np.mean([found.above_median_error**2 for found in drawn]))
    assert above == pytest.approx(np.std([found.above_median for found in drawn]), rel=0.25)
    pit = np.sqrt(np.mean([found.mean_pit_error**2 for found in drawn]))
    assert pit == pytest.approx(np.std([found.mean_pit for found in drawn]), rel=0.05)
    assert drawn[0].mean_pit_error > 0.0


def test_widths_are_what_the_names_say() -> None:
    assert [band.width for band in BANDS] == pytest.approx([0.5, 0.8, 0.9])
    assert JUDGED.name == "P10-P90"


@pytest.mark.parametrize("band", BANDS)
def test_forecasts_that_do_not_overlap_scatter_like_independent_ones(band: tuple[float, float]) -> None:
    found = by_chance(400, 1)[BANDS[BANDS.index(band)]]
    width = band[1] - band[0]
    spread = 1.645 * (width * (1.0 - width) / 400) ** 0.5
    assert found.low == pytest.approx(width - spread, abs=0.005)
    assert found.high == pytest.approx(width + spread, abs=0.005)


def test_overlapping_forecasts_scatter_more() -> None:
    sizes = [by_chance(100, horizon)[JUDGED].high - by_chance(100, horizon)[JUDGED].low for horizon in (1, *HORIZONS)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 3.0 * sizes[0]
    single = by_chance(1, 24)[JUDGED][:2]
    assert single == (0.0, 1.0), "one forecast holds or does not"


@pytest.mark.parametrize("horizon", HORIZONS)
def test_long_histories_come_near_what_is_right(horizon: int) -> None:
    found = by_chance(100 * horizon, horizon)[JUDGED]
    assert (found.low + found.high) / 2.0 == pytest.approx(JUDGED.width, abs=0.015)


def test_an_interval_holds_its_ends() -> None:
    it = Chance(0.6, 0.9, 0.1, 16.0)
    assert [it.holds(share) for share in (0.59, 0.6, 0.8, 0.9, 0.91)] == [False, True, True, True, False]


def test_overlapping_forecasts_err_as_fewer_independent_ones() -> None:
    """Two a horizon apart are independent of each other, so of many there are as many at least as lie apart."""
    alone = by_chance(100, 1)[JUDGED]
    assert alone.error == pytest.approx(0.04, rel=0.05)  # the root of 0.8 x 0.2 / 100
    assert alone.effective_count == pytest.approx(100, rel=0.1)
    counts = [by_chance(100, horizon)[JUDGED].effective_count for horizon in HORIZONS]
    assert counts == sorted(counts, reverse=True)
    for horizon, count in zip(HORIZONS, counts, strict=True):
        assert 100 / horizon < count < 100
        error = by_chance(100, horizon)[JUDGED].error
        assert error == pytest.approx((0.16 / count) ** 0.5)
