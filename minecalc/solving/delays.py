"""What later delays of a conversion do to its plan: which flow gains by them, and what its lead then rests on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, accumulate
from minecalc.cashflows import Line
from minecalc.engine import CHUNK_CASES, Engine, PlanEvaluation
from minecalc.figures.labels import line_label
from minecalc.looks import figure
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable
from minecalc.scenario.varying import taken, vary
from minecalc.schema.names import split_path

#: A gain this small, as a share of the present values that the NPV is made of, is rounding.
_ROUNDING = 1e-10


class Late(NamedTuple):
    """What a plan is worth at each of some delays, ``months``, and what of it is the residual; ``(delays,)`` all.

    Both are at the scenario's rate. The delay may be that of another plan.
    """

    months: FloatArray
    worth_usd: FloatArray
    residual_usd: FloatArray


class Gain(NamedTuple):
    """The largest rise of a plan's NPV from one delay to a later one: their months, the ``first`` one that is possible.

    Worth is at the scenario's rate.
    """

    first: float
    before: float
    after: float
    usd: float


def delay_note(scenario: Scenario, movable: Movable) -> str | None:
    """What to know of a break-even in an input if that is a delay: whether being late is worth money to its plan."""
    if not movable.path.endswith(".delay_months"):
        return None
    plan = Engine(scenario).evaluate(scenario.plans[split_path(movable.path)[1]])
    gain = largest_gain(late(plan, movable))
    return None if gain is None else next(gain_notes(plan, [0], [movable], [gain]))


def late(plan: PlanEvaluation, delay: Movable) -> Late:
    """A plan of a single case at each delay from the present one to the longest."""
    months = np.arange(delay.present, delay.high + 1.0)
    moved = _moved(plan, [0], [delay], [months])
    both = (moved.npv_at_scenario_rate_usd, moved.npv_of_residual_at_scenario_rate_usd)
    return Late(months, *(np.broadcast_to(usd, months.shape) for usd in both))


def _moved(
    plan: PlanEvaluation, cases: Sequence[int], delays: Sequence[Movable], months: Sequence[FloatArray]
) -> PlanEvaluation:
    """A plan with one case for each of the ``months`` that a delay takes in each of some of its ``cases``, in order.

    The ``delays`` are movable inputs of the same places.
    """
    scenario, placed = plan.engine.scenario, dict[str, FloatArray]()
    alone: PlanEvaluation | None = plan
    for number, (path, _) in enumerate(delays[0].puts):
        factors = (delay.puts[number][1] for delay in delays)
        placed[path] = np.concatenate([own * factor for own, factor in zip(months, factors, strict=True)])
    if scenario.cases > 1:
        scenario, alone = taken(scenario, np.repeat(cases, [own.size for own in months])), None
    varied = vary(scenario, placed)
    return Engine(varied, alone).evaluate(varied.plans[plan.plan.name])


def residual_note(plan: Late, baseline: Late) -> str | None:
    """How far the lead of a plan that is ahead as planned rests on the residual at later delays, if it does.

    Both are at the same delays; worth is at the scenario's rate.
    """
    lead = plan.worth_usd - baseline.worth_usd
    residual = plan.residual_usd - baseline.residual_usd
    alone = _leading(lead - residual > 0.0)
    if alone == 0:
        return "the lead rests on the residual: without it the plan is behind even as planned"
    if alone < _leading(lead > 0.0):
        return f"from a delay of {_months(plan.months[alone])} on the lead rests on the residual alone"
    return None


def _leading(holds: BoolArray) -> int:
    """How many of the first in a row hold."""
    return int(holds.size if holds.all() else np.argmin(holds))


def largest_gain(late: Late) -> Gain | None:
    """The largest rise from one delay to a later one; None where being later never adds anything."""
    npv = late.worth_usd
    lowest = np.minimum.accumulate(npv)
    if not np.any(npv > lowest):
        return None
    after = int(np.argmax(npv - lowest))
    before = int(np.argmin(npv[: after + 1]))
    first, earlier, later = (float(late.months[place]) for place in (0, before, after))
    return Gain(first, earlier, later, float(npv[after] - npv[before]))


def gain_notes(
    plan: PlanEvaluation, cases: Sequence[int], delays: Sequence[Movable], gains: Sequence[Gain]
) -> Iterator[str | None]:
    """What a plan gains by a delay, and the line that gains most by it, in each of some ``cases``; None for rounding.

    The ``delays`` are movable inputs of the same places, one a case.
    """
    for begin in range(0, len(cases), CHUNK_CASES // 2):
        part = slice(begin, begin + CHUNK_CASES // 2)
        months = [np.array([gain.before, gain.after]) for gain in gains[part]]
        moved = _moved(plan, cases[part], delays[part], months)
        worths = [(line.name, _present_values_usd(moved, line)) for line in moved.lines]
        for number, gain in enumerate(gains[part]):
            risen: dict[str, float] = {}
            for name, worth in worths:
                before, after = worth[2 * number : 2 * number + 2] if worth.size > 1 else (worth[0], worth[0])
                risen[name] = risen.get(name, 0.0) + float(after - before)
            yield _gain_note(gain, risen)


def _gain_note(gain: Gain, risen: Mapping[str, float]) -> str | None:
    """``gain`` in words; ``risen`` is by how much the present value of each line rises, in USD."""
    if gain.usd <= _ROUNDING * max(map(abs, risen.values()), default=0.0):
        return None
    name = max(risen, key=lambda line: risen[line])
    gained, most = figure(gain.usd, "usd"), figure(risen[name], "usd")
    instead = "" if gain.before == gain.first else f" instead of {gain.before:g}"
    return (
        f"a delay of {_months(gain.after)}{instead} raises the plan's NPV by {gained}, "
        f"and the line that gains most is {line_label(name)} (+{most})"
    )


def _months(count: float) -> str:
    return f"{count:g} month{'' if count == 1.0 else 's'}"


def _present_values_usd(plan: PlanEvaluation, line: Line) -> FloatArray:
    """What one line is worth at the scenario's rate, ``(·,)``."""
    discount = plan.engine.discount(plan.engine.scenario.discount_rate_fraction_per_year)
    factors = discount[:-1] if line.at_start else discount[1:]
    return accumulate(np.broadcast_to(line.usd, (plan.engine.months, line.usd.shape[1])) * factors)
