"""The values of an input at which two plans are worth the same, or a plan meets a target; for many cases at once.

Every case of a scenario with columns has answers of its own. All are solved together as columns, and those of a case
have the same bits whatever the others are. A value over time is scaled as a whole, a date moves by months, and counts
stay whole: there the answer is the pair of neighbours between which the ranking changes.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Self

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.engine import PlanEvaluation
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable, movables
from minecalc.scenario.varying import slices, vary
from minecalc.solving.crossings import (
    AT_JUMP,
    AT_ROOT,
    AT_STEP,
    AT_STRETCH,
    NOISE,
    Crossings,
    Whole,
    crossings,
    in_order,
    whole_crossings,
)
from minecalc.solving.dependence import Reads, reads
from minecalc.solving.gap import Asked, Gap, Question, apart
from minecalc.solving.refining import refined
from minecalc.solving.sides import Looked, signs_beside
from minecalc.solving.spread import spread, whole_spread

__all__ = ["Question", "Solution", "Solutions", "Span", "solve", "solve_all"]

#: How many values of a range are looked at before those between which a root may hide.
_POINTS = 24

#: Up to how many points are all looked at in one go: so few columns take hardly longer than one.
_FEW = 400

#: Slopes that differ by less, as a share of the steepest, are one straight line's.
_STRAIGHT = 1e-9

#: What moves the gap by less, as a share of the flows it is a difference of, moves it by rounding only.
_MOVES = 1e-13

#: Cases solved in one go, which bounds the memory: of whole numbers many are looked at.
_CASES_AT_ONCE, _CASES_OF_WHOLE = 4096, 256

#: The step that a slope is measured over, as a share of the value.
_SLOPE_STEP = 1e-6

_KINDS = ("root", "jump", "stretch", "step")


class Span(NamedTuple):
    """What an input is and may be in every case, ``(cases,)`` each.

    The value that people know is x times ``base`` plus ``offset``.
    """

    present: FloatArray
    low: FloatArray
    high: FloatArray
    base: FloatArray
    offset: FloatArray

    @classmethod
    def of(cls, movables: Iterable[Movable]) -> Self:
        """That of a movable input of each case."""
        columns = ((one.present, one.low, one.high, one.base, one.offset) for one in movables)
        return cls(*np.array(list(columns), dtype=np.float64).T)

    def part(self, begin: int, end: int) -> "Span":
        """That of some cases."""
        return Span(*(column[begin:end] for column in self))


class Steps(NamedTuple):
    """The whole numbers that were looked at in one case, ``x (numbers,)``, the last several times.

    ``worth_usd`` and ``residual_usd (2, numbers)`` are the worth of the plan and of the other there, and what of it is
    the residual, both at the scenario's rate.
    """

    x: FloatArray
    worth_usd: FloatArray
    residual_usd: FloatArray


class Solution(NamedTuple):
    """One place where the gap closes; ``x`` is what the input takes, ``value`` what people know, of the first month.

    A root has its ``slope``, the change of the gap per unit of the value. A step has the last whole value that keeps
    the present ranking, and the next in ``beyond``; a stretch begins with its end nearer to the present value, unless
    that is the end of the range; a jump has its two sides. ``sign_below`` and ``sign_above`` are the signs of the gap
    at smaller and at larger values, up to the next place or the end of the range; NaN where nothing is left.
    """

    kind: str
    x: float
    value: float
    gap: float
    slope: float | None = None
    beyond: float | None = None
    beyond_gap: float | None = None
    beyond_x: float | None = None
    sign_below: float = np.nan
    sign_above: float = np.nan


class Solutions(NamedTuple):
    """The answers of every case to one question.

    ``found`` are all crossings; their ``which`` is the case, and ``slope`` is that of the gap per unit of x at a root;
    ``signs (2, crossings)`` are those of the gap below and above (see ``Solution``), of a single case only.
    ``gaps (3, cases)`` are the gap at the low end, at present and at the high end: NPV of the plan less that of the
    other, or its figure less the target; NaN where there is none. ``moves``: does the input change the gap at all?
    ``steps`` are the numbers that were looked at in each case, where they are whole: of what two plans are worth if it
    is these that are set against each other.
    """

    movable: Movable
    question: Question
    span: Span
    found: Crossings
    slope: FloatArray
    signs: FloatArray
    gaps: FloatArray
    moves: BoolArray
    steps: tuple[Steps, ...] = ()

    def part(self, begin: int, end: int) -> "Solutions":
        """The answers of some cases alone."""
        places = slice(*np.searchsorted(self.found.which, (begin, end)).tolist())
        found = self.found.take(places)
        return self._replace(
            span=self.span.part(begin, end),
            found=found._replace(which=found.which - begin),
            slope=self.slope[places],
            signs=self.signs[:, places],
            gaps=self.gaps[:, begin:end],
            moves=self.moves[begin:end],
            steps=self.steps[begin:end],
        )

    @property
    def nearest(self) -> Whole:
        """The place in ``found`` of each case's answer nearest to the present, ``(cases,)``; -1 where there is none."""
        places = np.full(self.span.present.size, -1, dtype=np.intp)
        answers = np.flatnonzero(self.found.kind != AT_JUMP)
        case, now = self.found.which[answers], self.span.present[self.found.which[answers]]
        begins = np.minimum(self.found.x[answers], self.found.beyond[answers])
        ends = np.maximum(self.found.x[answers], self.found.beyond[answers])
        distance = np.maximum(np.maximum(begins - now, now - ends), 0.0)
        order = np.lexsort((distance, case))
        cases, first = np.unique(case[order], return_index=True)
        places[cases] = answers[order[first]]
        return places

    @property
    def x(self) -> FloatArray:
        """What the movable input takes at the nearest answer of each case, ``(cases,)``; NaN where there is none."""
        every: FloatArray = np.append(self.found.x, np.nan)  # place -1 is the last
        return every[self.nearest]

    @property
    def value(self) -> FloatArray:
        """The nearest answer of each case as people know the input, of the first month, ``(cases,)``; NaN for none."""
        return self.x * self.span.base + self.span.offset

    def answers(self, case: int = 0) -> list[Solution]:
        """Every answer and jump of one case, ascending."""
        found = list[Solution]()
        if not self.found.which.size:
            return found
        base, offset = float(self.span.base[case]), float(self.span.offset[case])
        for place in np.flatnonzero(self.found.which == case).tolist():
            kind = _KINDS[int(self.found.kind[place])]
            x, beyond, gap, beyond_gap = (float(field[place]) for field in self.found[2:])
            slope, sides = float(self.slope[place]), self.signs[:, place].tolist()
            below, above = sides if base >= 0.0 else sides[::-1]
            answer = Solution(kind, x, x * base + offset, gap, sign_below=below, sign_above=above)
            if kind == "root":
                per_unit = slope / base if base and np.isfinite(slope) else None
                found.append(answer._replace(slope=per_unit))
            else:
                further = beyond * base + offset
                found.append(answer._replace(beyond=further, beyond_gap=_known(beyond_gap), beyond_x=beyond))
        return found


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


class SolvedForError(ValueError):
    """What is solved for is varied, too."""


def solve(scenario: Scenario, path: str, question: Question, *, thorough: bool = False) -> Solutions:
    """Where the gap that ``question`` is about closes as the input at ``path`` moves, in every case of ``scenario``.

    The input's range is looked at wherever a root may hide, of whole numbers all (if there are not too many).
    ``thorough`` measures slopes too. Raises ValueError for a path that is no input of the scenario, one that is itself
    varied, an unknown plan or metric.
    """
    return solve_all(scenario, [(path, question)], thorough=thorough)[0]


def solve_all(
    scenario: Scenario, asked: Sequence[tuple[str | Movable, Question]], *, thorough: bool = False
) -> list[Solutions]:
    """As ``solve`` for several inputs (or paths) and questions, all of them columns of the same evaluations."""
    for _, question in asked:
        for name in question.names:
            if name not in scenario.plans:
                raise ValueError(f"there is no plan {name}")
    first = _case(scenario, 0)
    known = movables(first)
    moved = [
        (of if isinstance(of, Movable) else known.get(of) or movable(first, of), question) for of, question in asked
    ]
    for of, _ in moved:
        if any(path in scenario.columns for path, _ in of.puts):
            raise SolvedForError(f"{of.at} is solved for, so it cannot be varied")
    entries = [_Entry(of, question, _span(scenario, of)) for of, question in moved]
    signs = scenario.cases == 1  # of many cases nobody asks
    return _solved(scenario, entries, thorough=thorough, signs=signs)


def solve_each(
    scenario: Scenario,
    asked: Sequence[tuple[Sequence[Movable], Question]],
    *,
    signs: bool = True,
    needs: Mapping[str, Reads] | None = None,
) -> list[list[Solutions]]:
    """The answers of every case of ``scenario`` to some questions, by case, as if each case had been asked alone.

    A question has a movable input for each case. They move the same places, by the same factors, from where each case
    is: an input that is a column already can be solved for too. Without ``signs`` those beside the answers are NaN.
    ``needs`` is what the plans of this scenario read, where that has been found out.
    """
    entries = [_Entry(each[0], question, Span.of(each)) for each, question in asked]
    found = _solved(scenario, entries, thorough=False, signs=signs, needs=needs)
    by_question = [(several, each) for several, (each, _) in zip(found, asked, strict=True)]
    return [
        [several.part(case, case + 1)._replace(movable=each[case]) for several, each in by_question]
        for case in range(scenario.cases)
    ]


class _Entry(NamedTuple):
    """A question, the movable input that moves in the first case, and where it moves in every case."""

    movable: Movable
    question: Question
    span: Span


def _solved(
    scenario: Scenario,
    entries: Sequence[_Entry],
    *,
    thorough: bool,
    signs: bool,
    needs: Mapping[str, Reads] | None = None,
) -> list[Solutions]:
    """The answers of every case to each entry, so many cases at a time as memory allows."""
    found: dict[int, Solutions] = {}
    needs = needs or needed(scenario, [one.question for one in entries])
    for whole, most in ((False, _CASES_AT_ONCE), (True, _CASES_OF_WHOLE)):
        chosen = {number: one for number, one in enumerate(entries) if one.movable.whole == whole}
        if not chosen:
            continue
        parts, begin = list[list[Solutions]](), 0
        for part in slices(scenario, max(most // len(chosen), 1)):
            ends = begin + part.cases
            wanted = [one._replace(span=one.span.part(begin, ends)) for one in chosen.values()]
            parts.append(_solve(part, wanted, needs, thorough=thorough, signs=signs))
            begin = ends
        found |= zip(chosen, map(_joined, zip(*parts, strict=True)), strict=True)
    return [found[number] for number in range(len(entries))]


def needed(
    scenario: Scenario, questions: Iterable[Question], known: Mapping[str, PlanEvaluation] = MappingProxyType({})
) -> dict[str, Reads]:
    """What each plan that some questions are about reads.

    ``known`` are plans by name that have been evaluated already, of this scenario or of another.
    """
    names = dict.fromkeys(name for question in questions for name in question.names)
    return {name: reads(scenario, name, known.get(name)) for name in names}


def _joined(parts: Sequence[Solutions]) -> Solutions:
    """The answers of all cases from those of some at a time, in order."""
    begins = itertools.accumulate((part.span.present.size for part in parts), initial=0)
    moved = [part.found._replace(which=part.found.which + begin) for part, begin in zip(parts, begins, strict=False)]
    return parts[0]._replace(
        span=Span(*(np.concatenate(column) for column in zip(*(part.span for part in parts), strict=True))),
        found=in_order(*moved),
        slope=np.concatenate([part.slope for part in parts]),
        signs=np.concatenate([part.signs for part in parts], axis=1),
        gaps=np.concatenate([part.gaps for part in parts], axis=1),
        moves=np.concatenate([part.moves for part in parts]),
        steps=tuple(steps for part in parts for steps in part.steps),
    )


def _case(scenario: Scenario, case: int) -> Scenario:
    """One case of a scenario, with numbers in place of its columns."""
    return vary(scenario, {path: float(column[case]) for path, column in scenario.columns.items()})


def _solve(
    scenario: Scenario, asked: Sequence[_Entry], needs: Mapping[str, Reads], *, thorough: bool, signs: bool
) -> list[Solutions]:
    """The answers of a scenario of few cases to questions whose inputs all are, or all are not, whole numbers."""
    entries = [Asked(one.movable.at, one.question, one.span.present, one.movable.moves) for one in asked]
    gap, whole = Gap(scenario, entries, needs), asked[0].movable.whole
    span = Span(*(np.concatenate(columns) for columns in zip(*(one.span for one in asked), strict=True)))
    if whole:
        step = np.repeat([one.movable.step for one in asked], scenario.cases)
        grid = whole_spread(span.present / step, span.low / step, span.high / step, _POINTS) * step[:, None]
        scan = _scan(gap, grid, span, all_points=True)
        found = whole_crossings(gap, scan.grid, apart(scan.parts), NOISE * scan.size, step)
    else:
        scan = _scan(gap, spread(span.present, span.low, span.high, _POINTS), span, all_points=False)
        grid, parts = refined(gap.parts, scan.grid, scan.parts, NOISE * scan.largest_size)
        scan = scan._replace(grid=grid, parts=parts)
        found = crossings(gap, grid, apart(parts), scan.size)
    sides = np.full((2, found.which.size), np.nan)
    if signs:
        looked = Looked(scan.grid, apart(scan.parts), NOISE * scan.size)
        sides = signs_beside(gap, found, span.low, span.high, looked, whole=whole)
    found = _toward_present(found, span)
    slope = _slopes(gap, found, span) if thorough else np.full(found.which.size, np.nan)
    values = apart(scan.parts)
    known = np.isfinite(values)
    highest, lowest = (np.where(known, values, end) for end in (-np.inf, np.inf))
    moves = highest.max(axis=1) - lowest.min(axis=1) > _MOVES * scan.largest_size
    moves |= known.any(axis=1) & ~known.all(axis=1)
    gaps = np.stack([values[:, 0], scan.at_present, values[:, -1]])
    steps: tuple[Steps, ...] = ()
    if whole:
        steps = tuple(map(Steps, scan.grid, scan.parts[:2].swapaxes(0, 1), scan.residual_usd.swapaxes(0, 1)))
    every = Solutions(asked[0].movable, asked[0].question, span, found, slope, sides, gaps, moves, steps)
    cases = scenario.cases
    return [
        every.part(number * cases, (number + 1) * cases)._replace(movable=one.movable, question=one.question)
        for number, one in enumerate(asked)
    ]


class _Scan(NamedTuple):
    """The parts of the gaps on a grid, ``(3, functions, points)`` and ``(functions, points)``.

    Of each function the size at present, the largest, and the gap at present; where all numbers were looked at the
    residual at each too, ``(2, functions, points)``.
    """

    grid: FloatArray
    parts: FloatArray
    size: FloatArray
    largest_size: FloatArray
    at_present: FloatArray
    residual_usd: FloatArray


def _scan(gap: Gap, grid: FloatArray, span: Span, *, all_points: bool) -> _Scan:
    """The parts of the gaps on ``grid (functions, points)``.

    Unless ``all_points`` are wanted, a few are looked at first (unless all are few), and a function whose parts lie on
    straight lines there has only these on its grid, several times each.
    """
    functions, points = grid.shape
    at_once = all_points or grid.size <= _FEW
    everyone = np.arange(functions)
    now = np.clip(span.present, span.low, span.high)
    present = np.argmin(np.abs(grid - now[:, None]), axis=1)
    last = np.argmax(grid == grid[:, -1:], axis=1) if all_points else np.full(functions, points - 1)
    few = np.stack([0 * present, present // 2, present, (present + last) // 2, last], axis=1)
    x = np.take_along_axis(grid, few, axis=1)
    first = grid if at_once else x
    found = gap.measured(first.ravel(), np.repeat(everyone, first.shape[1]), residual=all_points)
    at_first, size, residual_usd = (of.reshape(*of.shape[:-1], functions, -1) for of in found)
    at_few = at_first
    if at_once:
        at_few, size = np.take_along_axis(at_first, few[None], axis=2), np.take_along_axis(size, few, axis=1)
    size = np.where(np.isfinite(size), size, 1.0)
    straight = np.zeros(functions, dtype=np.bool_)
    if not all_points:
        straight = _straight(x, at_few[0], size) & _straight(x, at_few[1], size) & (np.ptp(at_few[2], axis=1) == 0.0)
    nearest_few = np.argmin(np.abs(np.arange(points) - few[:, :, None]), axis=1)
    grid = np.where(straight[:, None], np.take_along_axis(x, nearest_few, axis=1), grid)
    parts = np.take_along_axis(at_few, nearest_few[None], axis=2)
    missing = np.ones(grid.shape, dtype=np.bool_)
    np.put_along_axis(missing, few, values=False, axis=1)
    row, place = np.nonzero(missing & ~straight[:, None])
    if row.size:
        parts[:, row, place] = at_first[:, row, place] if at_once else gap.parts(grid[row, place], row)
    return _Scan(grid, parts, size[:, 2], size.max(axis=1), apart(at_few)[:, 2], residual_usd)


def _straight(x: FloatArray, values: FloatArray, size: FloatArray) -> BoolArray:
    """In which functions all of a few points lie on one straight line; one without a value never does."""
    way = np.diff(x, axis=1)
    there = way > 0.0
    width = np.where(there, way, 1.0)
    slopes = np.diff(values, axis=1) / width
    upper, lower = np.where(there, slopes, -np.inf).max(axis=1), np.where(there, slopes, np.inf).min(axis=1)
    straight: BoolArray = upper - lower <= _STRAIGHT * np.maximum(np.abs(upper), np.abs(lower))
    still: BoolArray = np.ptp(values, axis=1) <= NOISE * size.max(axis=1)
    return straight | still


def _span(scenario: Scenario, of: Movable) -> Span:
    """The movable input's range in every case; columns that are part of the same value over time may move it."""
    group = of.path.rpartition(".")[0] + "." if of.whole else f"{of.path}."
    if of.path.startswith("market.hash_price"):
        group = "market."
    if not any(path.startswith(group) or path == of.path for path in scenario.columns):
        found: Sequence[Movable] = [of] * scenario.cases
    else:
        found = [movable(_case(scenario, case), of.path) for case in range(scenario.cases)]
        if any(one.at != of.at for one in found):
            raise SolvedForError(f"{of.path} is solved for, so it cannot be varied")
    return Span.of(found)


def _slopes(gap: Gap, found: Crossings, span: Span) -> FloatArray:
    """The slope of the gap at every root, per unit of x; NaN at what is no root."""
    slope = np.full(found.which.size, np.nan)
    roots = np.flatnonzero(found.kind == AT_ROOT)
    if not roots.size:
        return slope
    which, x = found.which[roots], found.x[roots]
    scale = np.maximum(np.abs(x), np.abs(span.present[which]))
    step = _SLOPE_STEP * np.where(scale > 0.0, scale, span.high[which] - span.low[which])
    below, above = np.maximum(x - step, span.low[which]), np.minimum(x + step, span.high[which])
    at = gap(np.concatenate([below, above]), np.tile(which, 2))
    slope[roots] = (at[roots.size :] - at[: roots.size]) / (above - below)
    return slope


def _toward_present(found: Crossings, span: Span) -> Crossings:
    """Steps and stretches from the side of the present value.

    ``x`` of a step is the last whole number that keeps the ranking of now, of a stretch the end nearer to now, where it
    is left: not the end of the range.
    """
    low, high = span.low[found.which], span.high[found.which]
    now = np.clip(span.present[found.which], low, high)
    turn = (found.kind == AT_STEP) & (found.beyond <= now)
    nearer = (found.beyond < high) & (np.abs(found.beyond - now) < np.abs(found.x - now))
    turn |= (found.kind == AT_STRETCH) & (nearer | (found.x <= low))
    turned = found.beyond, found.x, found.beyond_value, found.value
    ends = (np.where(turn, other, ours) for ours, other in zip(found[2:], turned, strict=True))
    return Crossings(found.which, found.kind, *ends)
