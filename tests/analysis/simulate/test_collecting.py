"""Chunks put together in their order, reasons counted, and paths added until a tolerance is met."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from minecalc.analysis.simulate import collecting
from minecalc.analysis.simulate.collecting import Collected, collect
from minecalc.analysis.simulate.run import AT_SCENARIO_RATE, NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.work.processes import Processes
from tests.analysis.simulate.worlds import TWO, collected, world

IRR = "irr_fraction_per_year"


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

    def watch(chunks: Iterator[Chunk], total: int) -> Iterator[Chunk]:
        totals.append(total)
        return chunks

    parts = [part.figures for part in collect(run, found, Processes(1), watch, tolerance)]
    return found, totals, np.concatenate(parts)


def test_paths_are_doubled_until_the_tolerance_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "TOLERANCE_MOST", 8 * BLOCK_PATHS)
    of_world = world(TWO)
    run = Run(of_world, tuple(of_world.scenario.plans), BLOCK_PATHS, chunk_blocks=2)
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
