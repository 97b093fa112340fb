"""What is looked for or summed over all rows of a trace: in words, and with the numbers that decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minecalc.analysis.explain.wording import element, is_of_points, number, unit, when
from minecalc.arrays import FloatArray, accumulate, row_of_smallest, running_total
from minecalc.finance import returns
from minecalc.timeline import MONTHS_OF, Timeline
from minecalc.trace import LEAVES, Traced, plain
from minecalc.units import MONTHS_PER_YEAR

#: More years than these, and more amounts than these, are summed.
_YEARS_MOST, _AMOUNTS_MOST = 12, 6


def with_numbers(step: Traced, timeline: Timeline) -> str:
    """How a step that reads all rows comes about, with numbers; "" where there is no answer to come about."""
    if np.isnan(plain(step)).any():
        return ""
    told = _NUMBERS.get(step.op)
    return number(element(step, None)) if told is None else told(step, timeline)


def money(step: Traced) -> Traced:
    """The step, or the nearest named one below it with a unit, for the unit of what a sum adds up."""
    return next((near for near in (step, *_nearest(step.args)) if unit(near) is not None), step)


def _nearest(operands: Iterable[Any]) -> Iterator[Traced]:
    """The named quantities in a calculation, not those that they are made of, nor those that choices go by."""
    for operand in operands:
        if type(operand) is Traced:
            chosen = operand.args[1:] if operand.op == "where" else operand.args
            yield from (operand,) if operand.name is not None else _nearest(chosen)


def row_looked_for(step: Traced) -> int | None:
    """The row that a step which reads all rows is about; None where it is about all of them."""
    if step.op != "smallest":
        return None
    return row_of_smallest(np.asarray(plain(step.args[0]), dtype=np.float64).reshape(-1))


def _sum(step: Traced, timeline: Timeline) -> str:
    """What a sum over time adds up, by year where that is shorter."""
    values, of = step.args[0], money(step)
    flat = np.asarray(plain(values), dtype=np.float64).reshape(-1)
    some = [(row, float(value)) for row, value in enumerate(flat) if value != 0.0]
    if len(some) <= _AMOUNTS_MOST:
        return " + ".join(number(value, of) for _, value in some) or "0"
    points = type(values) is Traced and is_of_points(values, timeline)
    in_term = any(MONTHS_OF.get(near.name or "") == "term" for near in _nearest(step.args))
    years: dict[str, float] = {}
    for row, value in some:
        year = max(row - points, 0) // MONTHS_PER_YEAR
        label = f"year {year + 1}" if in_term else timeline.label(year * MONTHS_PER_YEAR + 1)
        years[label] = years.get(label, 0.0) + value
    told = [f"{label}: {number(value, of)}" for label, value in list(years.items())[:_YEARS_MOST]]
    rest = list(years.values())[_YEARS_MOST:]
    if rest:
        told.append(f"{len(rest)} more years: {number(sum(rest), of)}")
    return ("by year of the term, " if in_term else "by year, from ") + "; ".join(told)


def of_a_year(step: Traced, row: int) -> str:
    """What the sum of a stretch of months adds up; how many amounts it is of where there are many."""
    values, ends = step.args
    months, of = np.asarray(plain(values), dtype=np.float64).reshape(-1), money(step)
    begins = ends[row - 1] if row else 0
    some = [float(value) for value in months[begins : ends[row]] if value] if months.size > 1 else [float(months[0])]
    if len(some) <= _AMOUNTS_MOST:
        return " + ".join(number(value, of) for value in some) or "0"
    return f"{len(some)} amounts from {number(some[0], of)} to {number(some[-1], of)}"


def of_hours(step: Traced, month: slice, count: int, texts: Sequence[str]) -> str:
    """What of the hourly prices of a month counts; ``texts`` are the operands of ``step`` in numbers."""
    every = month.stop - month.start
    if step.op == "count_below":
        return f"how many of {every} prices are below {texts[0]}"
    weights = np.asarray(step.args[-3])[month, 0]
    hours = f"{accumulate(weights[:count, None])[0]:g} of {accumulate(weights[:, None])[0]:g} hours"
    if step.op == "share_of_cheapest":
        return hours
    leaf = next(arg for arg in step.args if type(arg) is Traced and arg.op in LEAVES)
    prices = np.asarray(plain(leaf))[month, 0]
    if step.op == "paid_for_dearest":
        first, last = (number(float(prices[place]), leaf) for place in (max(count, 1) - 1, -1))
        return f"({first} .. {last}) × {texts[0]} of the hours"
    if not count:
        return f"none of the prices, which begin with {number(float(prices[0]), leaf)}"
    span = f"{number(float(prices[0]), leaf)} .. {number(float(prices[count - 1]), leaf)}"
    return f"({span}) × {hours}" if step.op == "paid_for_cheapest" else f"the mean of {span}"


def _flows(step: Traced) -> FloatArray:
    return np.asarray(plain(step.args[0]), dtype=np.float64).reshape(-1, 1)


def _sides(step: Traced) -> tuple[FloatArray, FloatArray]:
    flows = _flows(step)
    return np.maximum(flows, 0.0), np.maximum(-flows, 0.0)


def _moic(step: Traced, timeline: Timeline) -> str:
    inflow, outflow = (float(accumulate(side)[0]) for side in _sides(step))
    of = money(step.args[0])
    return f"{number(inflow, of)} / {number(outflow, of)}"


def _mirr(step: Traced, timeline: Timeline) -> str:
    (inflow, outflow), of, months = _sides(step), money(step.args[0]), len(_flows(step)) - 1
    finance, reinvest = element(step.args[1], None), element(step.args[2], None)
    grown = float(returns.npv(inflow, reinvest)[0]) * (1.0 + reinvest) ** (months / MONTHS_PER_YEAR)
    spent = float(returns.npv(outflow, finance)[0])
    return f"({number(grown, of)} / {number(spent, of)})^(12/{months}) − 1"


def _irr(step: Traced, timeline: Timeline) -> str:
    rate = number(element(step, None))
    flows = step.args[0]
    return f"r = {rate}; the flows {_sum(Traced(step.value, 'accumulate', (flows,)), timeline)}"


def _payback(step: Traced, timeline: Timeline) -> str:
    """The last month below zero, and the part of the next that it takes."""
    total, months, of = running_total(_flows(step)).reshape(-1), element(step, None), money(step.args[0])
    if months == 0.0:
        return "0: it is never below zero"
    last = int(np.ceil(months)) - 1
    short, over = -float(total[last]), max(float(total[last + 1]), 0.0)
    return (
        f"{last} + {number(short, of)} / ({number(short, of)} + {number(over, of)}); it is {number(-short, of)} after "
        f"{last} months and {number(over, of)} after {last + 1}"
    )


def _peak_funding(step: Traced, timeline: Timeline) -> str:
    total, of = running_total(_flows(step)).reshape(-1), money(step)
    lowest = int(total.argmin())
    if total[lowest] >= 0.0:
        return f"{number(0.0, of)}: it is never below zero"
    at = f"at the end of {timeline.label(lowest)}" if lowest else "at the start"
    return f"{number(-float(total[lowest]), of)}, {at}"


def _last_largest(step: Traced, timeline: Timeline) -> str:
    values = step.args[0]
    row = round(element(step, None)) - 1
    return f"{number(element(values, row), money(values))} for {when(values, row, timeline)}"


def _smallest(step: Traced, timeline: Timeline) -> str:
    values, row = step.args[0], row_looked_for(step)
    least = number(element(step, None), money(step) if step.name is None else step)
    return f"{least}, of {when(values, row, timeline)}" if type(values) is Traced else least


def _first_true(step: Traced, timeline: Timeline) -> str:
    holds, row = step.args[0], round(element(step, None)) - 1
    month = when(holds, row, timeline) if row < len(holds) else "none: the month after the last"
    return f"{number(element(step, None))}, which is {month}"


_NUMBERS: Mapping[str, Callable[[Any, Timeline], str]] = {
    "accumulate": _sum,
    "irr": _irr,
    "mirr": _mirr,
    "payback": _payback,
    "moic": _moic,
    "peak_funding": _peak_funding,
    "last_largest": _last_largest,
    "smallest": _smallest,
    "first_true": _first_true,
}
