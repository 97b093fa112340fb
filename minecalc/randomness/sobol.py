"""Scrambled Sobol points as standard normals, the ends of paths first (Joe-Kuo directions and Owen's scramble: scipy).

A Brownian bridge (Caflisch and Moskowitz 1995) spends the first coordinates on where a path ends, the next on where it
is half-way, and so on, because the first coordinates of a Sobol point are its best.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import FloatArray

if TYPE_CHECKING:
    from minecalc.randomness.streams import Sampler

#: Uniforms are kept this far from 0 and 1, where a normal would be infinite: half of what a point can tell apart.
_EDGE = 2.0**-31


def sobol_normals(sampler: Sampler, rows: Mapping[str, int], block: int) -> dict[str, FloatArray]:
    """Standard normals ``(rows, BLOCK_PATHS)`` by name, from the points of ``block``; see ``Sampler``."""
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    from minecalc.randomness.streams import BLOCK_PATHS, REPLICATES

    replicate, turn = block % REPLICATES, block // REPLICATES
    key = (zlib.crc32(b"sobol"), replicate)
    scramble = np.random.default_rng(np.random.SeedSequence(sampler.seed, spawn_key=key))
    engine = Sobol(sum(rows.values()), scramble=True, rng=scramble)
    if turn:
        engine.fast_forward(turn * BLOCK_PATHS)
    points = engine.random(BLOCK_PATHS).T
    normals = ndtri(np.clip(points, _EDGE, 1.0 - _EDGE))
    return {name: _bridged(normals[index]) for name, index in _coordinates(tuple(rows.items())).items()}


@cache
def _coordinates(rows: tuple[tuple[str, int], ...]) -> dict[str, list[int]]:
    """Which coordinates are whose: one for each name, then the next for each that still lacks some."""
    taken: dict[str, list[int]] = {name: [] for name, _ in rows}
    at = 0
    for turn in range(max((count for _, count in rows), default=0)):
        for name, count in rows:
            if turn < count:
                taken[name].append(at)
                at += 1
    return taken


def _bridged(normals: FloatArray) -> FloatArray:
    """Steps ``(rows, paths)`` of a random walk, standard normal and independent, its end made of the first row."""
    rows = len(normals)
    walk = np.zeros((rows + 1, normals.shape[1]))
    walk[rows] = np.sqrt(rows) * normals[0]
    for row, (left, middle, right) in enumerate(_halves(0, rows), start=1):
        width, before = right - left, middle - left
        spread = np.sqrt(before * (right - middle) / width)
        walk[middle] = walk[left] + (before / width) * (walk[right] - walk[left]) + spread * normals[row]
    steps: FloatArray = walk[1:] - walk[:-1]
    return steps


def _halves(left: int, right: int) -> Iterator[tuple[int, int, int]]:
    """Every point between ``left`` and ``right`` with the known points around it, coarse ones first."""
    waiting = [(left, right)]
    for begin, end in waiting:
        if end - begin > 1:
            middle = (begin + end) // 2
            yield begin, middle, end
            waiting += [(begin, middle), (middle, end)]
