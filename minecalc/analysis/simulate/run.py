"""A simulation as work for processes and clusters: chunks of paths that are pure functions of their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.analysis.sweep.figures import Reasons, figures
from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import evaluate
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.simulation.world import Draw, Paths, World
from minecalc.varying import keep_freed_memory

NPV = "npv_usd"

#: Blocks in a chunk, unless said otherwise: some tenths of a second of work, and few enough to be in memory.
CHUNK_BLOCKS = 8


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
    """``paths`` paths of a world and what is wanted of each plan; a chunk is ``chunk_blocks`` blocks of paths."""

    world: World
    plans: tuple[str, ...]
    paths: int
    figures: tuple[str, ...] = (NPV,)
    keep_drawn: bool = False
    chunk_blocks: int = CHUNK_BLOCKS

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.paths // (self.chunk_blocks * BLOCK_PATHS))

    @property
    def drawn_names(self) -> tuple[str, ...]:
        """What the rows of ``Chunk.drawn`` are: the factors, then the inputs that are drawn."""
        uncertain = self.world.uncertain
        return (*uncertain.factors, *uncertain.inputs)

    def chunk(self, number: int) -> Chunk:
        """The paths of chunk ``number``, whatever the others are."""
        blocks = -(-self.paths // BLOCK_PATHS)
        first = number * self.chunk_blocks
        reasons: Reasons = {}
        keep_freed_memory()
        parts = [self._block(block, reasons) for block in range(first, min(first + self.chunk_blocks, blocks))]
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
        for reason, which in paths.impossible.items():
            numbers[which], codes[which] = np.nan, reasons.setdefault(reason, len(reasons) + 1)
        drawn = summed_up(paths.draw, self.drawn_names) if self.keep_drawn else np.empty((0, BLOCK_PATHS))
        return numbers, codes, drawn

    def _npvs(self, paths: Paths) -> FloatArray:
        """The NPV of each path and plan, ``(paths, plans, 1)``: all that most questions take, and quick."""
        evaluation = evaluate(paths.scenario, self.plans)
        columns = [np.broadcast_to(evaluation.plans[name].npv_usd, (BLOCK_PATHS,)) for name in self.plans]
        return np.stack(columns, axis=1)[:, :, None] + 0.0


def summed_up(draw: Draw, names: tuple[str, ...]) -> FloatArray:
    """What was drawn as one number a path for each name, ``(names, paths)``: of a course over time its mean."""
    rows: Mapping[str, FloatArray] = draw.once
    found = [rows[name] if name in rows else accumulate(draw.monthly[name]) / len(draw.monthly[name]) for name in names]
    return np.stack(found) if found else np.empty((0, draw.paths))
