"""Chunks of paths: whatever their size, the figures are those of each path's own scenario, or have a reason."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.simulate import run as module
from minecalc.analysis.simulate.run import (
    BREACHES,
    LEAST_DSCR,
    NPV,
    Chunk,
    Run,
    lenders_figures,
    npv_difference,
    summed_up,
)
from minecalc.engine import evaluate
from minecalc.figures import figures_of
from minecalc.randomness.streams import BLOCK_PATHS
from tests.analysis.simulate.worlds import CERTAIN, LENT, TWO, world

IRR = "irr_fraction_per_year"


def chunks(run: Run) -> list[Chunk]:
    return [run.chunk(number) for number in range(run.chunks)]


def figures(run: Run) -> np.typing.NDArray[np.float64]:
    return np.concatenate([chunk.figures for chunk in chunks(run)])


def run(paths: int = 4 * BLOCK_PATHS, *assignments: str, first: int = 0, irr: bool = False) -> Run:
    of = world(TWO, *assignments)
    names = (NPV, IRR) if irr else (NPV,)
    return Run(of, tuple(of.scenario.plans), paths, names, keep_drawn=True, first_block=first)


def test_an_npv_is_that_of_the_path_in_the_engine() -> None:
    one = run(BLOCK_PATHS)
    evaluation = evaluate(one.world.paths(0).scenario)
    (chunk,) = chunks(one)
    for place, plan in enumerate(one.plans):
        assert np.array_equal(chunk.figures[:, place, 0], evaluation.plans[plan].npv_usd)
    gap = npv_difference(one.world.paths(0), "lease", "mine")
    assert np.array_equal(gap, chunk.figures[:, 1, 0] - chunk.figures[:, 0, 0])
    assert np.array_equal(npv_difference(one.world.paths(0), "mine", "mine"), chunk.figures[:, 0, 0])


def test_what_a_lender_asks_is_computed_beside_and_changes_nothing() -> None:
    of = world(LENT)
    assert lenders_figures(of) == (LEAST_DSCR, BREACHES)
    assert lenders_figures(of, (BREACHES,)) == (LEAST_DSCR,)
    assert lenders_figures(world(TWO)) == ()
    plain = Run(of, ("mine", "lease"), 2 * BLOCK_PATHS)
    (quick,), (alone,) = chunks(replace(plain, beside=lenders_figures(of))), chunks(plain)
    assert np.array_equal(quick.figures[:, :, :1], alone.figures)
    (chunk,) = chunks(replace(plain, paths=BLOCK_PATHS, beside=lenders_figures(of)))
    expected = figures_of(evaluate(of.paths(0).scenario).plans["lease"], (LEAST_DSCR, BREACHES))
    for place, metric in enumerate(expected.values(), start=1):
        assert np.array_equal(chunk.figures[:, 1, place], metric.numbers)
    assert {chunk.reasons[code - 1] for code in chunk.codes[:, 0, 1:].ravel()} == {"the plan has no debt"}
    (slow,) = chunks(replace(plain, figures=(NPV, IRR), beside=lenders_figures(of)))
    assert np.array_equal(slow.figures[:, :, [0, 2, 3]], quick.figures, equal_nan=True)


def test_chunks_of_any_size_have_the_same_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(5 * BLOCK_PATHS - 7, irr=True)
    (chunk,) = chunks(whole)
    for blocks in (1, 3):
        monkeypatch.setattr(module, "CHUNK_BLOCKS", blocks)
        other = run(5 * BLOCK_PATHS - 7, irr=True)
        assert other.chunks == -(-5 // blocks)
        parts = chunks(other)
        assert np.array_equal(np.concatenate([part.figures for part in parts]), chunk.figures, equal_nan=True)
        assert np.array_equal(np.concatenate([part.drawn for part in parts], axis=1), chunk.drawn)
        told = [part.reasons[code - 1] for part in parts for code in part.codes[:, :, 1].ravel() if code]
        assert told == [chunk.reasons[code - 1] for code in chunk.codes[:, :, 1].ravel() if code]
        assert len(told) > 0


def test_fewer_paths_are_the_first_of_more_and_a_later_block_may_begin() -> None:
    assert np.array_equal(figures(run(1500)), figures(run())[:1500])
    assert np.array_equal(figures(run(first=2)), figures(run())[2 * BLOCK_PATHS :])
    assert run(first=2).chunks == 1


def test_a_chunk_travels() -> None:
    again: Run = pickle.loads(pickle.dumps(run(100)))
    assert np.array_equal(figures(again), figures(run(100)))


def test_what_cannot_be_has_a_reason_and_no_figure() -> None:
    odd = "uncertainty={inputs: {plans.lease.opex_fraction_of_rent: {distribution: normal, mean: 0.15, sd: 0.1}}}"
    (chunk,) = chunks(run(BLOCK_PATHS, odd, irr=True))
    drawn = chunk.drawn[-1]
    out = drawn < 0.0
    assert 0.05 < out.mean() < 0.09
    assert np.isnan(chunk.figures[out]).all()
    assert not np.isnan(chunk.figures[~out][:, :, 0]).any()
    reason = "plans.lease.opex_fraction_of_rent is drawn outside its range"
    assert {chunk.reasons[code - 1] for code in chunk.codes[out].ravel()} == {reason}


def test_without_uncertainty_every_path_is_the_scenario() -> None:
    for irr in (False, True):
        one = run(1500, CERTAIN, irr=irr)
        found = figures(one)
        assert found.shape == (1500, 2, 1 + irr)
        expected = evaluate(one.world.scenario).plans["lease"].npv_usd[0]
        assert (found[:, 1, 0] == expected).all()


def test_numbers_without_end_are_no_figures() -> None:
    """Price and network that wander by 500% and 300% a year for decades leave the numbers that there are."""
    wild = "path_is: median, volatility_fraction_per_year: 5, trend_sd_fraction_per_year: 3"
    network = f"network_hash_rate_eh_per_s: {{{wild}, hash_price_half_life_months: null, price_elasticity_ratio: -1}}"
    block = f"uncertainty={{btc_price_usd: {{{wild}}}, {network}, others: fixed}}"
    long = ("months=600", "plans.mine.life_months=600", "discount_rate_fraction_per_year=-0.5")
    (chunk,) = chunks(run(BLOCK_PATHS, *long, "market.btc_price_usd=1e6", block))
    lost = np.isnan(chunk.figures[:, 0, 0])
    assert 0 < lost.sum() < BLOCK_PATHS // 10
    assert not np.isinf(chunk.figures).any()
    assert chunk.reasons == ("its numbers are too large to add up",)
    assert np.array_equal(chunk.codes[:, 0, 0] == 1, lost)


def test_what_is_drawn_is_summed_up_in_a_row_each() -> None:
    one = run(BLOCK_PATHS)
    draw = one.world.draw(0)
    rows = summed_up(draw, one.drawn_names)
    assert one.drawn_names[0] == "btc_price_usd"
    assert rows[0] == pytest.approx(draw.values["btc_price_usd"].mean(axis=0), rel=1e-12)
    assert np.array_equal(rows[one.drawn_names.index("delay_months")], draw.values["delay_months"])
    assert summed_up(draw, ()).shape == (0, BLOCK_PATHS)
