"""Simulated worlds as problems of switching: the whole plan at once, one phase by itself, and back to mining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.analysis.timing.control_variates import ControlVariates, of_normals
from minecalc.analysis.timing.dated import Block, Dated, Shift
from minecalc.analysis.timing.switching import Move, Switching
from minecalc.arrays import FloatArray, accumulate
from minecalc.engine import Engine
from minecalc.randomness.streams import BLOCK_PATHS


class Problem(NamedTuple):
    """A choice of times: ``months`` after the start at which it may be made, and what it brings.

    ``before (paths,)`` is worth that no choice changes. ``now_usd`` is what ``compare`` says that converting at once is
    worth, where all worlds are alike; else None.
    """

    months: tuple[int, ...]
    switching: Switching
    controls: ControlVariates
    before: FloatArray
    now_usd: float | None = None


@dataclass(frozen=True)
class Simulated:
    """The paths of several blocks that count, in order; shapes as in ``Block``."""

    dated: Dated
    block: Block

    @classmethod
    def of(cls, dated: Dated, blocks: Sequence[Block], paths: int) -> tuple[Simulated, dict[str, int]]:
        """The first ``paths`` paths of ``blocks`` but the impossible ones, which are counted by reason."""
        none = np.zeros(BLOCK_PATHS, dtype=np.bool_)
        kept, counts = np.arange(len(blocks) * BLOCK_PATHS) < paths, dict[str, int]()
        for reason in dict.fromkeys(reason for block in blocks for reason in block.impossible):
            which = np.concatenate([block.impossible.get(reason, none) for block in blocks])
            counts[reason] = int(np.count_nonzero(which & kept))
            kept &= ~which
        fields = zip(*(block[:-1] for block in blocks), strict=True)
        whole = Block._make([*(np.concatenate(arrays, axis=-1)[..., kept] for arrays in fields), {}])
        return cls(dated, whole), {reason: count for reason, count in counts.items() if count}

    @property
    def paths(self) -> int:
        """How many paths count."""
        return int(self.block.rest.size)

    def whole(self) -> Problem:
        """All phases at once, so many months later than the scenario says."""
        delays = self.dated.project.delays
        staying = all_parts(self.block.staying)
        converted = [
            accumulate(np.stack([self._converted(self.dated.together(number, months)) for number in self.dated.parts]))
            for months in delays
        ]
        now = None if self.dated.world.varies else self.dated.certain()[0]
        return self._once(delays, staying, converted, self.block.rest)._replace(now_usd=now)

    def alone(self, number: int) -> Problem:
        """One phase, whatever the others do: NPVs of phases add up, so each has its own best time."""
        project = self.dated.project
        months = tuple(project.phases[number].after_months + delay for delay in project.delays)
        converted = [self._converted(self.dated.alone(number, delay)) for delay in project.delays]
        return self._once(months, self.block.staying[number], converted, np.zeros(self.paths))

    def _converted(self, shift: Shift) -> FloatArray:
        """What a part that is shifted brings, ``(paths,)``."""
        converted: FloatArray = self.block.converted[self.dated.shifts.index(shift)]
        return converted

    def _once(
        self, months: tuple[int, ...], staying: FloatArray, converted: Sequence[FloatArray], rest: FloatArray
    ) -> Problem:
        """To convert on one of the dates or never; ``staying (segments, paths)``, ``converted`` one a date."""
        places = [self.dated.dates.index(month) for month in months]
        worth = np.stack([whole - accumulate(staying[:place]) for whole, place in zip(converted, places, strict=True)])
        flows = np.zeros((len(months), 2, self.paths))
        flows[:, 0] = _between(staying, places)
        move = Move(0, 1, worth, np.ones((len(months), 1), dtype=np.bool_))
        controls = self._learnt(tuple(places))
        switching = Switching(controls.features, flows, (move,))
        before = rest + accumulate(staying[: places[0]])
        return Problem(months, switching, controls, before)

    def and_back(self, cost_usd_per_mw: float) -> Problem:
        """The whole plan at once, and later perhaps back to mining, for a cost; where it stands as if never stopped.

        Mode 0 mines, mode 1 + j converted on date j, the last mode is back for good.
        """
        dates, project = self.dated.dates, self.dated.project
        staying = all_parts(self.block.staying)
        delays, count = project.delays, len(dates)
        back = len(delays) + 1
        flows = np.zeros((count, back + 1, self.paths))
        flows[:, 0] = flows[:, back] = staying
        never = np.zeros((count, 1), dtype=np.bool_)
        moves = []
        for j, months in enumerate(delays):
            place = dates.index(months)
            flows[place:, 1 + j] = self.block.after[j, place:]
            on_date, later = never.copy(), never.copy()
            on_date[place], later[place + 1 :] = True, True
            # what has been earned until then by who knew that he would convert, less what has by who did not
            worth = np.zeros((count, self.paths))
            worth[place] = accumulate(self.block.after[j, :place]) - accumulate(staying[:place])
            moves.append(Move(0, 1 + j, worth, on_date))
            moves.append(Move(1 + j, back, self._cost(cost_usd_per_mw), later, known=True))
        controls = self._learnt(tuple(range(count)))
        switching = Switching(controls.features, flows, tuple(moves))
        return Problem(dates, switching, controls, self.block.rest)

    def _cost(self, usd_per_mw: float) -> FloatArray:
        """What going back costs on each date, worth at time 0: ``(dates, 1)``."""
        project, scenario = self.dated.project, self.dated.world.scenario
        discount = Engine(scenario).discount(scenario.discount_rate_fraction_per_year)
        return -usd_per_mw * project.gross_mw * discount[list(self.dated.dates)]

    def _learnt(self, places: tuple[int, ...]) -> ControlVariates:
        """What is known on some dates and learnt after them; the same object for the same dates."""
        if places not in self._known:
            self._known[places] = self._controls(places)
        return self._known[places]

    @cached_property
    def _known(self) -> dict[tuple[int, ...], ControlVariates]:
        return {}

    def _controls(self, places: Sequence[int]) -> ControlVariates:
        """What shocks say of the time from each date to the next, and to the end."""
        dates = self.dated.dates
        ends = [*[dates[place] for place in places[1:]], self.dated.project.scenario.months]
        months = np.array([end - dates[place] for end, place in zip(ends, places, strict=True)], dtype=np.float64)
        between = _between(self.block.shocks, places) / np.sqrt(months)[:, None, None]
        late = np.concatenate([self.block.late, self.block.late**2 - 1.0])
        before_next = of_normals(between) if between.shape[1] else between
        to_the_end = np.broadcast_to(late, (len(places), *late.shape))
        return ControlVariates(self.block.known[list(places)], before_next, to_the_end)


def all_parts(values: FloatArray) -> FloatArray:
    """``values (parts, segments, paths)`` of all parts together, in their order: ``(segments, paths)``."""
    parts, segments, paths = values.shape
    return accumulate(values.reshape(parts, segments * paths)).reshape(segments, paths)


def _between(segments: FloatArray, places: Sequence[int]) -> FloatArray:
    """Segments ``(segments, ..., paths)`` added up from each of ``places`` to the next, the last to the end."""
    ends = [*places[1:], len(segments)]
    flat = segments.reshape(len(segments), -1)
    sums = [accumulate(flat[begin:end]) for begin, end in zip(places, ends, strict=True)]
    return np.stack(sums).reshape(len(sums), *segments.shape[1:])
