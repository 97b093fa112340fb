"""Measurements of several works in one run, in turn, so that a busy machine slows all of them alike."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def in_turn(*works: Callable[[], object], repeats: int) -> list[float]:
    """The least seconds that each of ``works`` took in ``repeats`` rounds of all of them."""
    least = [float("inf")] * len(works)
    for _ in range(repeats):
        for place, work in enumerate(works):
            begun = perf_counter()
            work()
            least[place] = min(least[place], perf_counter() - begun)
    return least
