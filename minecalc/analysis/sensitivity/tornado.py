"""What drives a figure: each input moved alone to its low and its high, and per cent of the figure per cent of it.

All inputs are columns of one evaluation: two cases an input for the tornado, two more for its elasticity, which is a
central difference over a step of 0.001% of the input (of 1 where only whole numbers count).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.figures_of_cases import Reasons, figures
from minecalc.analysis.sensitivity.ranges import Ranges, Span
from minecalc.analysis.sensitivity.variance import Indices, NothingToShareError, UndefinedError, sobol_indices
from minecalc.arrays import FloatArray
from minecalc.corners import UNLEVERED
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.solving.crossings import AT_JUMP, AT_STEP
from minecalc.solving.solve import Question, Solutions, solve_all
from minecalc.solving.told import distance, refusal


class Flip(NamedTuple):
    """The value of an input nearest to the present one at which the plans change places, as ``vary`` takes it.

    ``away`` is its distance as a share of the present value's size; None for a date, a growth or from zero.
    ``inside`` is whether the input's range reaches it. Without a value, ``reason`` says why.
    """

    x: float | None
    away: float | None
    inside: bool
    reason: str = ""


def flips(scenario: Scenario, plan: str, against: str, spans: Sequence[Span]) -> dict[str, Flip]:
    """The nearest flip of each input by path: those within their range first, then by how far away they are.

    The scenario must be a single case. A whole input or a jump counts where the order is first the other one; a value
    that ``check`` would refuse does not count.
    """
    question = Question(plan, against)
    solved = solve_all(scenario, [(span.movable.path, question) for span in spans])
    found = {span.movable.path: _flip(scenario, one, span) for span, one in zip(spans, solved, strict=True)}

    def order(item: tuple[str, Flip]) -> tuple[bool, bool, float]:
        flip = item[1]
        return flip.x is None, not flip.inside, np.inf if flip.away is None else distance(flip.away)

    return dict(sorted(found.items(), key=order))


def _flip(scenario: Scenario, solved: Solutions, span: Span) -> Flip:
    now = span.movable.present
    found = solved.found
    if not found.x.size:
        return Flip(None, None, False, "at every value it may take the same plan is ahead")
    distance = np.abs(found.x - now), np.abs(found.beyond - now)
    further = ((found.kind == AT_JUMP) | (found.kind == AT_STEP)) & (distance[1] > distance[0])
    turns = np.where(further, found.beyond, found.x)
    size = span.movable.size
    pointless = size == 0.0 or span.movable.path.endswith(".growth_fraction_per_year")
    refused = list[str]()
    for x in turns[np.argsort(np.abs(turns - now), kind="stable")].tolist():
        wrong = refusal(scenario, span.movable, x)
        if wrong is None:
            return Flip(x, None if pointless else (x - now) / size, span.holds(x))
        refused.append(wrong)
    return Flip(None, None, False, f"check would refuse the value at which it turns: {refused[0]}")


NPV, GAP = "npv_usd", "npv_difference_at_scenario_rate_usd"

#: The step of an elasticity, as a share of the input: far above rounding, too small to step over a kink.
STEP = 1e-5

#: A swing of this share of the figure is what rounding and searching leave, not an effect.
_NOISE = 1e-9

#: Slopes on either side that differ by more than this share of the larger are those of a kink.
_KINK = 0.05


class Effect(NamedTuple):
    """What one input does to one figure; None where the figure, or a ratio of it, does not exist, with the ``reason``.

    ``swing`` is the way from the lowest to the highest of the figure at the low end, now and at the high end.
    ``elasticity`` is the change of the figure as a share of its size over the change of the input as a share of its
    size.
    """

    low: float | None
    high: float | None
    swing: float | None
    elasticity: float | None
    reason: str = ""

    @property
    def exists(self) -> bool:
        """Whether the figure exists at either end."""
        return self.low is not None or self.high is not None


class Moved(NamedTuple):
    """An input that was moved, its effect on each figure, and why ``check`` would refuse an end of its range."""

    span: Span
    effects: Mapping[str, Effect]
    refused: Mapping[str, str]

    def moves(self, figure: str) -> bool:
        """Whether the figure differs anywhere in the range, or cannot be told to be the same."""
        return self.effects[figure].swing != 0.0


class Tornado(NamedTuple):
    """The figures of one plan now and the inputs that were moved, the one that moves ``metric`` most first.

    Its worth is that of its deepest ``corner``.
    """

    plan: str
    metric: str
    present: Mapping[str, float | None]
    reasons: Mapping[str, str]
    moved: tuple[Moved, ...]
    held: Mapping[str, str]
    corner: str = UNLEVERED

    def drivers(self) -> list[Moved]:
        """The inputs that move the metric."""
        return [item for item in self.moved if item.moves(self.metric)]


class Explained(NamedTuple):
    """The Sobol indices of some inputs, or the ``reason`` why there are none, and how they were sampled."""

    spans: Sequence[Span]
    indices: Indices | None
    reason: str
    samples: int
    seed: int


class SensitivityNumbers(NamedTuple):
    """All that was found: the tornado, by path how far each input is from turning the choice, and perhaps shares."""

    baseline: str
    tornado: Tornado
    flips: Mapping[str, Flip]
    explained: Explained | None = None

    @property
    def exists(self) -> bool:
        """Whether every question has an answer."""
        known = any(item.effects[self.tornado.metric].swing is not None for item in self.tornado.moved)
        return known and (self.explained is None or self.explained.indices is not None)


def answer(scenario: Scenario, plan: str, metric: str, ranges: Ranges) -> SensitivityNumbers:
    """The tornado of a plan and, unless it is the baseline, how far each input that moves the gap is from a flip."""
    baseline = scenario.baseline_plan.name
    found = tornado(scenario, plan, metric, ranges)
    moving = [] if plan == baseline else [item.span for item in found.moved if item.moves(GAP)]
    return SensitivityNumbers(baseline, found, flips(scenario, plan, baseline, moving))


def explained(scenario: Scenario, found: Tornado, *, top: int, samples: int, seed: int) -> Explained:
    """How the ``top`` inputs that move the metric most share its variance, when all move at once."""
    spans = _apart([item.span for item in found.drivers()])[:top]
    indices, reason = None, ""
    try:
        indices = global_indices(scenario, found.plan, found.metric, spans, samples=samples, seed=seed)
    except UndefinedError as error:
        reason = f"{found.metric} has {error}; narrow the ranges"
    except NothingToShareError as error:
        reason = str(error)
    return Explained(spans, indices, reason, samples, seed)


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Those of some inputs that move nothing that one before them moves."""
    found, taken = list[Span](), set[str]()
    for span in spans:
        moved = {path for path, _ in span.movable.puts}
        if not moved & taken:
            found.append(span)
            taken |= moved
    return found


def tornado(scenario: Scenario, plan: str, metric: str, ranges: Ranges) -> Tornado:
    """Every input of ``ranges`` moved alone: effects on ``metric``, on the plan's NPV and on its gap to the baseline.

    The scenario must be a single case.
    """
    is_baseline = plan == scenario.baseline_plan.name
    names = list(dict.fromkeys([metric, NPV] if is_baseline else [metric, GAP, NPV]))
    reasons: Reasons = {}
    (now,), (codes,) = (array[:, 0] for array in figures(scenario, [plan], names, reasons))
    told = {number: reason for reason, number in reasons.items()}
    present = {name: None if np.isnan(value) else float(value) for name, value in zip(names, now, strict=True)}
    points = [[span.low, span.high, *_steps(span)] for span in ranges.spans]
    moved = []
    at_points = _at_points(scenario, plan, names, ranges.spans, points)
    for span, (_, _, *steps), values in zip(ranges.spans, points, at_points, strict=True):
        effects = {name: _effect(span, steps, values[:, m], present[name]) for m, name in enumerate(names)}
        moves = any(effect.swing != 0.0 for effect in effects.values())
        moved.append(Moved(span, effects, _refused(scenario, span) if moves else {}))
    moved.sort(key=lambda item: (item.effects[metric].swing is None, -(item.effects[metric].swing or 0.0)))
    return Tornado(
        plan=plan,
        metric=metric,
        present=present,
        reasons={name: told[int(code)] for name, code in zip(names, codes, strict=True) if code},
        moved=tuple(moved),
        held=ranges.held,
        corner=scenario.corner(scenario.plans[plan]),
    )


def _at_points(
    scenario: Scenario, plan: str, names: Sequence[str], spans: Sequence[Span], points: Sequence[Sequence[float]]
) -> FloatArray:
    """Figures with one input moved at a time, each span to its ``points``: ``(spans, points, names)``; NaN for none."""
    each = len(points[0]) if points else 0
    columns = dict[str, FloatArray]()
    for number, (span, wanted) in enumerate(zip(spans, points, strict=True)):
        for path, factor in span.movable.puts:
            column = columns.setdefault(path, np.full(each * len(spans), span.movable.present * factor))
            column[each * number : each * (number + 1)] = np.multiply(wanted, factor)
    numbers, _ = figures(vary(scenario, columns, used_ranges=False), [plan], names, {})
    return numbers.reshape(len(spans), each, len(names))


def global_indices(
    scenario: Scenario, plan: str, metric: str, spans: Sequence[Span], *, samples: int, seed: int
) -> Indices:
    """Sobol indices of a figure over the ranges of ``spans``, all moved together; whole inputs take whole values.

    Raises as ``variance.sobol_indices`` does; UndefinedError where the figure does not exist in part of the ranges.
    """

    def function(points: FloatArray) -> FloatArray:
        columns = {span.movable.at: _on_grain(span, x) for span, x in zip(spans, points, strict=True)}
        numbers, _ = figures(vary(scenario, columns, used_ranges=False), [plan], [metric], {})
        return numbers[:, 0, 0]

    low, high = (np.array([getattr(span, end) for span in spans]) for end in ("low", "high"))
    return sobol_indices(function, low, high, samples=samples, seed=seed)


def _on_grain(span: Span, x: FloatArray) -> FloatArray:
    """Points spread evenly over a range as values that the input takes, each whole one equally often."""
    if span.grain:
        steps = np.rint((span.high - span.low) / span.grain)
        number = np.floor((x - span.low) / (span.high - span.low) * (steps + 1.0))
        x = span.low + np.minimum(number, steps) * span.grain
    return np.clip(x, span.low, span.high)


def _steps(span: Span) -> tuple[float, float]:
    """Just below and just above the present value, inside the input's limits."""
    found = span.movable
    step = span.grain or found.size * STEP
    return max(found.present - step, found.low), min(found.present + step, found.high)


def _effect(span: Span, steps: Sequence[float], values: FloatArray, now: float | None) -> Effect:
    """The effect of one input from the figure at its low, at its high, just below and just above its present value."""
    low, high, below, above = (None if np.isnan(value) else float(value) for value in values)
    known = [value for value in (low, now, high) if value is not None]
    if low is None or high is None:
        return Effect(low, high, None, None, "the figure does not exist in the whole range")
    swing = max(known) - min(known)
    if swing <= _NOISE * max(map(abs, known)):
        swing = 0.0
    if now is None or below is None or above is None:
        return Effect(low, high, swing, None, "the figure does not exist now")
    elasticity = _elasticity(span, steps, below, now, above)
    if isinstance(elasticity, str):
        return Effect(low, high, swing, None, elasticity)
    return Effect(low, high, swing, elasticity + 0.0)


def _elasticity(span: Span, steps: Sequence[float], below: float, now: float, above: float) -> float | str:
    """The elasticity of a figure, or why it has none."""
    x = span.movable.present
    if span.movable.is_month:
        return "a date has no per cent"
    if span.movable.size == 0.0:
        return "the input is 0 now"
    if now == 0.0:
        return "the figure is 0 now"
    if steps[0] == steps[1]:
        return "the input cannot move"
    share = span.movable.size / abs(now)
    if steps[0] < x < steps[1]:
        down, up = (now - below) / (x - steps[0]) * share, (above - now) / (steps[1] - x) * share
        if abs(up - down) > _KINK * max(abs(up), abs(down)):
            return f"it has a kink here: {down:.3g} downwards, {up:.3g} upwards"
    return (above - below) / (steps[1] - steps[0]) * share


def _refused(scenario: Scenario, span: Span) -> dict[str, str]:
    """What ``check`` would say of the scenario with the input at its low or high end, by end."""
    told = {end: refusal(scenario, span.movable, x) for end, x in (("low", span.low), ("high", span.high))}
    return {end: wrong for end, wrong in told.items() if wrong is not None}
