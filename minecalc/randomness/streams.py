"""Streams of random numbers, keyed by seed, name and block, never by who computes them.

Paths come in blocks of ``BLOCK_PATHS``. What a factor draws in a block depends on the seed, the factor's name and the
block's number alone: so any number of workers, any order and any other factor leave it as it is, and the first paths
of a long run are those of a short one. Streams are those of numpy's ``SeedSequence``, whose spawn keys do not collide.
Of Sobol points a factor takes coordinates, which are others where there are other factors.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from minecalc.arrays import FloatArray

#: Paths in a block: the unit of randomness, and small enough that a plan's lines over time stay in the cache.
BLOCK_PATHS = 1024

#: Scrambled copies of a Sobol sequence, whose scatter is the error of what is estimated; block b is of copy b % 16.
REPLICATES = 16

Draws = Literal["independent", "antithetic", "sobol"]
DRAWS: tuple[Draws, ...] = get_args(Draws)


@dataclass(frozen=True)
class Sampler:
    """How paths are drawn: ``independent``; ``antithetic``, path i + 512 of a block mirrors path i; ``sobol``.

    Sobol points run through a Brownian bridge, so that the first and best coordinates fix where each path ends.
    """

    seed: int = 1
    draws: Draws = "independent"

    def generator(self, name: str, block: int) -> np.random.Generator:
        """The stream of ``name`` in ``block``."""
        key = (zlib.crc32(name.encode("utf-8")), block)
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def normals(self, rows: Mapping[str, int], block: int) -> dict[str, FloatArray]:
        """Independent standard normals ``(rows, BLOCK_PATHS)`` for each name, that many rows each."""
        if self.draws == "sobol":
            from minecalc.randomness.sobol import sobol_normals

            return sobol_normals(self, rows, block)
        return {name: self._normals(name, count, block) for name, count in rows.items()}

    def _normals(self, name: str, rows: int, block: int) -> FloatArray:
        generator, values = self.generator(name, block), np.empty((rows, BLOCK_PATHS))
        if self.draws == "independent":
            generator.standard_normal(out=values)
            return values
        half = BLOCK_PATHS // 2
        values[:, :half] = generator.standard_normal((rows, half))
        np.negative(values[:, :half], out=values[:, half:])
        return values

    def others(self, name: str, block: int, draw: Callable[[np.random.Generator, int], FloatArray]) -> FloatArray:
        """Draws that are no normals, ``(rows, BLOCK_PATHS)``; ``draw`` makes ``(rows, count)`` from a stream.

        The two paths of an antithetic pair share them; Sobol paths draw them independently.
        """
        generator = self.generator(f"{name}, other", block)
        if self.draws != "antithetic":
            return draw(generator, BLOCK_PATHS)
        half = draw(generator, BLOCK_PATHS // 2)
        return np.concatenate([half, half], axis=1)
