"""A simulation as work for processes and clusters: chunks of paths that are pure functions of their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.analysis.sweep.figures import Reasons, figures
from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import Engine
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.simulation.world import Draw, Paths, World
from minecalc.varying import keep_freed_memory

NPV = "npv_usd"

#: Blocks in a chunk, unless said otherwise: some tenths of a second of work, and few enough to be in memory.
CHUNK_BLOCKS = 8

#: Why a path has no figure though its world may be: with hundreds of per cent of volatility numbers come to an end.
_OVERFLOW = "its numbers are too large to add up"


class Chunk(NamedTuple):
    """The figures of consecutive paths, ``(paths, plans, figures)``: NaN where there is none.

    ``codes``, of the same shape, are then numbers (from 1) of ``reasons``, else 0. ``drawn (names, paths)`` sums up
    what was drawn: numbers of a path as they are, courses by their mean over the horizon; without rows if not kept.
    """

    figures: FloatArray
    codes: NDArray[np.uint16]
    reasons: tuple[str, ...]
    drawn: FloatArray


@dataclass(frozen=True)
class Run:
    """The paths of a world up to the number ``paths``, from a block on, and what is wanted of each plan.

    A chunk is ``chunk_blocks`` blocks of paths.
    """

    world: World
    plans: tuple[str, ...]
    paths: int
    figures: tuple[str, ...] = (NPV,)
    keep_drawn: bool = False
    chunk_blocks: int = CHUNK_BLOCKS
    first_block: int = 0

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-(self._blocks - self.first_block) // self.chunk_blocks)

    @property
    def _blocks(self) -> int:
        return -(-self.paths // BLOCK_PATHS)

    @property
    def drawn_names(self) -> tuple[str, ...]:
        """What the rows of ``Chunk.drawn`` are: the factors, then the inputs that are drawn."""
        uncertain = self.world.uncertain
        return (*uncertain.factors, *uncertain.inputs)

    def chunk(self, number: int) -> Chunk:
        """The paths of chunk ``number``, whatever the others are."""
        first = self.first_block + number * self.chunk_blocks
        reasons: Reasons = {}
        keep_freed_memory()
        blocks = range(first, min(first + self.chunk_blocks, self._blocks))
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [self._block(block, reasons) for block in blocks]
        left = self.paths - first * BLOCK_PATHS
        return Chunk(
            np.concatenate([numbers for numbers, _, _ in parts])[:left],
            np.concatenate([codes for _, codes, _ in parts])[:left],
            tuple(reasons),
            np.concatenate([drawn for _, _, drawn in parts], axis=1)[:, :left],
        )

    def _block(self, block: int, reasons: Reasons) -> tuple[FloatArray, NDArray[np.uint16], FloatArray]:
        paths = self.world.paths(block)
        if self.figures == (NPV,):
            numbers = self._npvs(paths)
            codes = np.zeros(numbers.shape, dtype=np.uint16)
        else:
            numbers, codes = figures(paths.scenario, self.plans, self.figures, reasons)
            if len(numbers) == 1:  # nothing varies
                numbers, codes = np.repeat(numbers, BLOCK_PATHS, axis=0), np.repeat(codes, BLOCK_PATHS, axis=0)
        for reason, which in paths.impossible.items():
            numbers[which], codes[which] = np.nan, reasons.setdefault(reason, len(reasons) + 1)
        lost = ~np.isfinite(numbers) & (codes == 0)
        if lost.any():
            numbers[lost], codes[lost] = np.nan, reasons.setdefault(_OVERFLOW, len(reasons) + 1)
        drawn = summed_up(paths.draw, self.drawn_names) if self.keep_drawn else np.empty((0, BLOCK_PATHS))
        return numbers, codes, drawn

    def _npvs(self, paths: Paths) -> FloatArray:
        """The NPV of each path and plan, ``(paths, plans, 1)``: all that most questions take, and quick.

        One plan at a time, for the lines of all of them would not stay in the cache.
        """
        npvs = plan_npvs(paths, self.plans)
        return np.stack(npvs, axis=1)[:, :, None] + 0.0


def plan_npvs(paths: Paths, plans: Sequence[str]) -> list[FloatArray]:
    """The NPV of each of ``plans`` on every path, ``(paths,)`` each."""
    engine = Engine(paths.scenario)
    npvs = (engine.evaluate(paths.scenario.plans[name]).npv_usd for name in plans)
    return [np.broadcast_to(npv, (paths.draw.paths,)) for npv in npvs]


def npv_difference(paths: Paths, plan: str, baseline: str) -> FloatArray:
    """The NPV of ``plan`` less that of ``baseline`` on each path, ``(paths,)``; NaN on impossible ones.

    That of the plan alone where both are the same.
    """
    npvs = plan_npvs(paths, tuple(dict.fromkeys((plan, baseline))))
    gap: FloatArray = npvs[0] - npvs[1] if len(npvs) > 1 else npvs[0]
    for which in paths.impossible.values():
        gap = np.where(which, np.nan, gap)
    return np.where(np.isfinite(gap), gap, np.nan)


def summed_up(draw: Draw, names: tuple[str, ...]) -> FloatArray:
    """What was drawn as one number a path for each name, ``(names, paths)``: of a course over time its mean."""
    rows: Mapping[str, FloatArray] = draw.once
    found = [rows[name] if name in rows else accumulate(draw.monthly[name]) / len(draw.monthly[name]) for name in names]
    return np.stack(found) if found else np.empty((0, draw.paths))
