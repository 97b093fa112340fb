"""What a break-even brings to zero: the gap between two plans' worth, or between a plan's figure and its target."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.engine import Engine, PlanEvaluation
from minecalc.figures import CATALOGUE, names_of
from minecalc.power.power_charges import ENERGY_IF_RUN
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.solving.crossings import Whole
from minecalc.solving.dependence import Measure, Reads, in_chunks, moved_together, own_cases, reads
from minecalc.work.freed_memory import keep_freed_memory

#: The figures that are what a plan is worth: at its own rate, and at the scenario's.
OF_WORTH = _NPV, _WORTH = "npv_usd", "npv_at_scenario_rate_usd"

#: Up to how many points, and uses of a plan, all plans of a single case are evaluated together: what moves for some of
#: them only takes less time then than to put numbers in place, and to work out the market, for each plan alone.
_POINTS_TOGETHER, _USES_TOGETHER = 200, 8

#: Up to about how many delays of a plan with debt are evaluated together, those of ten years too; see ``Gap._in_turn``.
_DELAYS_TOGETHER = 125


class Question(NamedTuple):
    """When is ``plan`` worth as much as ``against``? Without that: when is its ``metric`` the number ``target``?

    Worth of two plans is the NPV at the scenario's rate, for both; a metric is a figure of a plan.
    """

    plan: str
    against: str | None = None
    metric: str = _NPV
    target: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The plans it is about."""
        return (self.plan,) if self.against is None else (self.plan, self.against)

    @property
    def figure(self) -> str:
        """What is measured of each plan."""
        return self.metric if self.against is None else _WORTH


class Asked(NamedTuple):
    """A question, the place that ``vary`` moves for it, and what is there now in every case (a number or a column).

    ``moves`` are the places of inputs that move together, each with what x is multiplied by there.
    """

    at: str
    question: Question
    present: FloatArray | float = np.nan
    moves: tuple[tuple[str, float], ...] = ()


class Measured(NamedTuple):
    """What some gaps are made of: their ``parts (3, m)``, as ``Gap.parts`` has them.

    ``size (m,)`` is that of what the parts are sums of, which their rounding goes by; ``residual_usd (2, m)`` is what
    exit values and sales at the horizon are worth at the scenario's rate, of the plan and of the other, if asked for.
    """

    parts: FloatArray
    size: FloatArray
    residual_usd: FloatArray


class Gap:
    """The gaps that some questions are about, in some cases, each as a function of one input; NaN where there is none.

    The function numbered ``i * cases + case`` is that of question i in that case. Only the plans that an input moves
    are evaluated, each only for the cases that differ to it, and all questions together. ``known`` is what the plans
    read, where that has been found out.
    """

    def __init__(self, scenario: Scenario, asked: Sequence[Asked], known: Mapping[str, Reads] | None = None) -> None:
        keep_freed_memory()
        self._asked, self._cases = asked, scenario.cases
        self._sides = _sides([one.question for one in asked])
        self._targets = np.array([one.question.target for one in asked])
        names, places = dict.fromkeys(name for one in asked for name in one.question.names), [one.at for one in asked]
        needs = known or {name: reads(scenario, name) for name in names}
        self._own = {name: own_cases(scenario, needs[name]) for name in names}
        self._moves = {name: np.array([needs[name].input(at) for at in places]) for name in names}
        alike = {name: [moved_together(scenario, name, at) for at in places] for name in names}
        self._together = {name: np.array(words, dtype=object) for name, words in alike.items()}
        numbered: dict[str, int] = {}
        self._at = np.array([numbered.setdefault(at, len(numbered)) for at in places])
        self._chooses = {name: chooses(scenario, name) for name in names}
        self._known = {name: needs[name].known_in(self._own[name].scenario) for name in names}
        self._still: dict[tuple[str, str], FloatArray] = {}
        self._indebted = {name: scenario.plans[name].inputs.financing is not None for name in names}
        small = all(len(scenario.plans[name].uses) <= _USES_TOGETHER and not self._indebted[name] for name in names)
        self._alone = scenario if small and not scenario.columns else None

    def __call__(self, x: FloatArray, which: Whole) -> FloatArray:
        """The gaps of the functions ``which (m,)`` at ``x (m,)``."""
        return apart(self.parts(x, which))

    def parts(self, x: FloatArray, which: Whole) -> FloatArray:
        """What the gaps are the difference of: the plan's figure less its target, and the other's, and the choices.

        ``(3, m)``; the choices are one number for all stops that are chosen for what they are worth (see ``choices``).
        """
        return self.measured(x, which).parts

    def measured(self, x: FloatArray, which: Whole, *, residual: bool = False) -> Measured:
        """The parts, the size of what they are sums of, and if wanted what is worth something at the horizon."""
        entry, parts, size = which // self._cases, np.zeros((3, which.size)), np.zeros(which.size)
        residual_usd, count = np.zeros((2, which.size)), 3 + residual
        engine = self._engine(x, entry) if which.size <= _POINTS_TOGETHER else None
        for (name, figure), sides in self._sides.items():
            side = sides[entry]
            rows = np.flatnonzero(side != 0)
            if not rows.size:
                continue
            if engine is not None and self._moves[name][entry[rows]].any():
                with np.errstate(all="ignore"):
                    every = self._measure(name, figure, count)(engine.evaluate(engine.scenario.plans[name]))
                found = np.broadcast_to(every, (count, which.size))[:, rows]
            else:
                found = self._figures(name, figure, x[rows], which[rows], count)
            place = (side[rows] < 0).astype(np.intp)
            parts[place, rows] = found[0]
            parts[2, rows] += found[1]
            size[rows] += found[2]
            if residual:
                residual_usd[place, rows] = found[3]
        parts[0] -= self._targets[entry]
        parts[~np.isfinite(parts)] = np.nan
        size[~np.isfinite(size)] = np.nan
        return Measured(parts, size, residual_usd)

    def _engine(self, x: FloatArray, entry: Whole) -> Engine | None:
        """The only case with a column for every function, whose questions are ``entry (m,)``, at its ``x (m,)``.

        None where plans are better evaluated one by one.
        """
        if self._alone is None:
            return None
        with np.errstate(all="ignore"):
            return Engine(vary(self._alone, self._placed(x, entry, np.zeros_like(entry)), used_ranges=False))

    def _figures(self, name: str, figure: str, x: FloatArray, which: Whole, count: int) -> FloatArray:
        """The first ``count`` of what is measured of a plan, of functions that are about it, ``(count, m)``."""
        moved = self._moves[name][which // self._cases]
        found = np.empty((count, which.size))
        if not moved.all():
            found[:, ~moved] = self._unmoved(name, figure)[:count, which[~moved] % self._cases]
        if moved.any():
            found[:, moved] = self._moved(name, figure, x[moved], which[moved], count)
        return found

    def _unmoved(self, name: str, figure: str) -> FloatArray:
        """All that is measured of a plan as things are, ``(4, cases)``."""
        if (name, figure) not in self._still:
            own, known, measure = self._own[name], self._known[name], self._measure(name, figure, 4)
            with np.errstate(all="ignore"):
                found = in_chunks(own.scenario, name, measure) if known is None else measure(known)
            self._still[name, figure] = found[:, own.place]
        return self._still[name, figure]

    def _moved(self, name: str, figure: str, x: FloatArray, which: Whole, count: int) -> FloatArray:
        own, case = self._own[name], which % self._cases
        entry, back = which // self._cases, None
        if own.scenario.cases < own.place.size or len(self._asked) > 1:  # some functions are the same to this plan
            first, back = _distinct(own.place[case], self._at[entry], x)
            x, entry, case = x[first], entry[first], case[first]
        columns = {path: column[own.place[case]] for path, column in own.scenario.columns.items()}
        found, measure = np.empty((count, x.size)), self._measure(name, figure, count)
        known = self._known[name]
        moved = self._together[name][entry]
        parts = (
            (word, rows) for word in dict.fromkeys(moved.tolist()) for rows in self._in_turn(name, x, moved == word)
        )
        for together, rows in parts:
            mine = {path: column[rows] for path, column in columns.items()}
            with np.errstate(all="ignore"):
                varied = vary(own.scenario, mine | self._placed(x[rows], entry[rows], case[rows]), used_ranges=False)
                found[:, rows], debt_moves = _measured(known, varied, name, measure)
            if self._indebted[name]:  # what moves its debt is moved together from now on, and what does not
                self._together[name][self._together[name] == together] = "debt" if debt_moves else "project alone"
        return found if back is None else found[:, back]

    def _in_turn(self, name: str, x: FloatArray, which: BoolArray) -> list[Whole]:
        """The places of ``which (m,)`` in parts that are best evaluated one after the other.

        Whole numbers that move a plan with debt are delays, which move its dates. All delays together have dates in
        every month; every second or third one alone leaves months in which nothing is due, and takes less memory.
        """
        rows = np.flatnonzero(which)
        if not self._indebted[name] or rows.size <= _DELAYS_TOGETHER or np.any(x[rows] % 1.0):
            return [rows]
        count = -(-rows.size // _DELAYS_TOGETHER)
        return [rows[first::count] for first in range(count)]

    def _measure(self, name: str, figure: str, count: int) -> Measure:
        """The first ``count`` of a plan's figure, its choices, its size and its residual, ``(count, ·)``."""
        chooses = self._chooses[name]

        def measure(plan: PlanEvaluation) -> FloatArray:
            number, size = _worth(plan, figure) if figure in OF_WORTH else _figure(plan, figure)
            found = [number, choices(plan) if chooses else np.zeros(1), size]
            if count > len(found):
                found.append(plan.npv_of_residual_at_scenario_rate_usd)
            return np.stack(np.broadcast_arrays(*found))

        return measure

    def _placed(self, x: FloatArray, entry: Whole, case: Whole) -> dict[str, FloatArray]:
        """A column for each place that some of the functions move: x where it is theirs, else what is there now."""
        at, placed = self._at[entry], dict[str, FloatArray]()
        for number in sorted(set(at.tolist())):
            mine = at == number
            one = self._asked[int(np.flatnonzero(self._at == number)[0])]
            now = np.broadcast_to(np.asarray(one.present, dtype=np.float64), (self._cases,))
            for path, factor in one.moves or ((one.at, 1.0),):
                placed[path] = np.where(mine, x * factor, placed[path] if path in placed else now[case] * factor)
        return placed


def _measured(known: PlanEvaluation | None, scenario: Scenario, name: str, measure: Measure) -> tuple[FloatArray, bool]:
    """What ``in_chunks`` finds of a plan, and whether it has another debt than what is known of it."""
    moves = list[bool]()

    def measured(plan: PlanEvaluation) -> FloatArray:
        found = measure(plan)
        moves.append(known is None or plan.financed is not known.financed)
        return found

    return in_chunks(scenario, name, measured, known), any(moves)


def _sides(questions: Sequence[Question]) -> dict[tuple[str, str], Whole]:
    """What is measured, a figure of a plan, and its side in each question.

    1 where it is what is asked about, -1 where it is what that is set against, 0 for neither.
    """
    sides: dict[tuple[str, str], Whole] = {}
    for number, question in enumerate(questions):
        for name, side in zip(question.names, (1, -1), strict=False):
            sides.setdefault((name, question.figure), np.zeros(len(questions), dtype=np.intp))[number] = side
    return sides


def apart(parts: FloatArray) -> FloatArray:
    """The gap between two parts, ``(2, ·)`` to ``(·)``."""
    gap: FloatArray = parts[0] - parts[1]
    return gap


def _distinct(rows: Whole, at: Whole, x: FloatArray) -> tuple[Whole, Whole]:
    """The first of each different triple of a case, a place and a number, and which triple each is."""
    _, code = np.unique(x, return_inverse=True)
    several = int(at.max()) + 1
    keys = (rows * several + at) * (int(code.max()) + 1) + code
    _, first, back = np.unique(keys, return_index=True, return_inverse=True)
    return first, back


def _worth(plan: PlanEvaluation, figure: str) -> tuple[FloatArray, FloatArray]:
    """NPV at the plan's own rate or the scenario's, and the sum of the present values without signs."""
    if figure == _WORTH:
        return plan.npv_at_scenario_rate_usd, accumulate(np.abs(plan.worth_by_point_usd))
    return plan.npv_usd, accumulate(np.abs(plan.net_usd * plan.engine.discount(plan.engine.scenario.rate(plan.plan))))


def _figure(plan: PlanEvaluation, metric: str) -> tuple[FloatArray, FloatArray]:
    """A figure of the plan, and the money that moves, or 1 where the figure is none of money."""
    if metric not in names_of("plan", "corner", "debt"):
        raise ValueError(f"{metric} is no figure of a plan; there are {', '.join(names_of('plan'))}")
    figure = CATALOGUE[metric]
    return figure.measure(plan).numbers, accumulate(np.abs(plan.net_usd)) if figure.unit == "usd" else np.ones(1)


def chooses(scenario: Scenario, name: str) -> bool:
    """Whether a fleet of the plan ``name``, or of a plan it could run meanwhile, has no stop that is typed.

    It stops when that is worth most, or after months unpaid: where that turns as an input moves, worth may jump.
    """
    plans = [scenario.plans[name]]
    if any(use.inputs.conversion is not None for use in plans[0].uses):
        plans = list(scenario.plans.values())
    return any(fleet.chooses_when_to_stop for plan in plans for use in plan.uses for fleet in use.inputs.every_fleet())


def choices(plan: PlanEvaluation) -> FloatArray:
    """A number that is another one where a plan's fleets stop or are bought in other months, ``(·,)``.

    A fleet is there in the months in which it would draw power if it ran, whether it does or is shut off.
    """
    weights = np.square(np.arange(1.0, plan.engine.months + 1.0))[:, None]
    stands = [load[ENERGY_IF_RUN] for part in plan.parts.values() for flows in part for load in flows.loads]
    lines = (line for line in plan.operating_lines if line.assets is not None and line.assets.kind == "machine")
    found: FloatArray = np.zeros(1)
    for number, values in enumerate([*stands, *(line.usd for line in lines)], 1):
        found = found + float(number) * accumulate(np.where(values != 0.0, weights, 0.0))
    return found
