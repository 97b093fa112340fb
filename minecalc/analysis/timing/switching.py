"""The problem of when to switch: what is known on each date, what each mode earns, what each move is worth.

A site is in one of a few modes (mining, which is mode 0; converted). On each date it may make one move, then earns
what its mode earns until the next date (after the last one: to the end). All money is worth at time 0, on each path
as it turns out; a policy may use only what is known on the date. One mode earning nothing and one move to it is the
option to convert once; two moves back and forth are entry and exit; modes 0, 1/2 and 1 are a conversion in phases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.arrays import BoolArray, FloatArray

#: The mode after each date's decision: ``(dates, 1|paths)``.
Modes: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Move:
    """A way from one mode to another.

    ``worth (dates, 1|paths)`` is what making it on each date brings beside what the modes earn: its cost as a
    negative amount, or all that follows from it. ``known``: that is known on the date; otherwise it is only expected.
    ``allowed (dates, 1|paths)`` says where it may be made, which must be known on the date.
    """

    origin: int
    target: int
    worth: FloatArray
    allowed: BoolArray
    known: bool = False


@dataclass(frozen=True, eq=False)
class Switching:
    """Modes, moves and paths. Raises ValueError for shapes that do not fit, numbers that are not finite, and two moves
    between the same modes.

    ``features (dates, features, paths)``: what is known on each date. ``flows (dates, modes, paths)``: what each mode
    earns from each date to the next, after the last to the end.
    """

    features: FloatArray
    flows: FloatArray
    moves: tuple[Move, ...]

    def __post_init__(self) -> None:
        dates, modes, paths = self.flows.shape
        if (self.features.shape[0], self.features.shape[2]) != (dates, paths):
            raise ValueError(f"features of shape {self.features.shape} for flows of shape {self.flows.shape}")
        columns = {(dates, 1), (dates, paths)}
        if not {shape for move in self.moves for shape in (move.worth.shape, move.allowed.shape)} <= columns:
            raise ValueError(f"moves must be of {dates} dates and of one path or {paths}")
        ways = {(move.origin, move.target) for move in self.moves}
        named = {mode for way in ways for mode in way}
        if len(ways) < len(self.moves) or any(a == b for a, b in ways) or not named <= {*range(modes)}:
            raise ValueError(f"a move leads from one of {modes} modes to another, no two alike")
        if not all(np.isfinite(values).all() for values in (self.features, self.flows, *(m.worth for m in self.moves))):
            raise ValueError("features, flows and worths must be finite")

    @property
    def dates(self) -> int:
        """On how many dates a move may be made."""
        return int(self.flows.shape[0])

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return int(self.flows.shape[2])

    def converted_on(self, date: int | None) -> Modes:
        """To be in mode 1 from a date on, None: never, and in mode 0 before it: ``(dates, 1)``."""
        dates = np.arange(self.dates)[:, None]
        return (dates >= (self.dates if date is None else date)).astype(np.int8)

    def worth_of(self, modes: Modes) -> FloatArray:
        """What being in ``modes`` is worth on each path, added date by date: ``(paths,)``.

        Raises ValueError where that takes a move that does not exist or is not allowed.
        """
        total, before = np.zeros(self.paths), np.zeros(1, dtype=np.int8)
        for d, (mode, flows) in enumerate(zip(modes, self.flows, strict=True)):
            moved = mode != before
            if moved.any():
                for move in self.moves:
                    made = (before == move.origin) & (mode == move.target)
                    if (made & ~move.allowed[d]).any():
                        raise ValueError(f"on date {d} the move {move.origin} to {move.target} is not allowed")
                    np.add(total, move.worth[d], out=total, where=made)
                    moved = moved & ~made
                if moved.any():
                    raise ValueError(f"on date {d} there is no such move")
            total += flows[mode[0]] if mode.size == 1 else np.take_along_axis(flows, mode[None, :], axis=0)[0]
            before = mode
        return total


def best_with_foresight(problem: Switching) -> FloatArray:
    """What the best modes of each path would be worth to someone who knew the whole path: ``(paths,)``.

    No policy is worth more on average.
    """
    worth = np.zeros((problem.flows.shape[1], problem.paths))
    for d in reversed(range(problem.dates)):
        held = problem.flows[d] + worth
        worth = held.copy()
        for move in problem.moves:
            moved = held[move.target] + move.worth[d]
            np.maximum(worth[move.origin], moved, out=worth[move.origin], where=move.allowed[d])
    best: FloatArray = worth[0]
    return best


def best_date(problem: Switching) -> int | None:
    """The date on which the only move, of mode 0 to 1, is worth most on average if it is fixed now for every path.

    None: never; of equals the later date. The move counts where all paths allow it.
    """
    [move] = problem.moves
    flows, moved = mean_over_paths(problem.flows), mean_over_paths(move.worth)
    everywhere = np.all(move.allowed, axis=1)
    staying, converted, date = 0.0, 0.0, None
    for d in reversed(range(problem.dates)):
        staying, converted = staying + flows[d, 0], converted + flows[d, 1]
        if everywhere[d] and converted + moved[d] > staying:
            staying, date = converted + moved[d], d
    return date
