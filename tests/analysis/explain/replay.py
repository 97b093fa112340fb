"""A graph of ``minecalc explain`` computed again in plain Python, from its leaves, sharing no code with the engine.

What an operation means here is what ``minecalc.trace.operations`` says of it; values are lists of floats, one a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.second_engine import returns

Rows = list[float]

_TWO: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "maximum": max,
    "minimum": min,
    "greater": lambda a, b: float(a > b),
    "greater_equal": lambda a, b: float(a >= b),
    "less": lambda a, b: float(a < b),
    "less_equal": lambda a, b: float(a <= b),
    "equal": lambda a, b: float(a == b),
    "not_equal": lambda a, b: float(a != b),
    "bitwise_and": lambda a, b: float(bool(a) and bool(b)),
    "bitwise_or": lambda a, b: float(bool(a) or bool(b)),
}
_ONE: dict[str, Callable[[float], float]] = {
    "negative": lambda a: -a,
    "floor": math.floor,
    "ceil": math.ceil,
    "rint": round,
    "absolute": abs,
    "invert": lambda a: float(not a),
    "truth": float,
}
_SHAPES = {"same", "as_row", "as_cases", "as_column"}


def replay(steps: list[dict[str, Any]]) -> list[Rows]:
    """The value of every step, as many numbers as it has rows (or one that stands for all)."""
    return _values(steps, [], [])


def _values(
    steps: list[dict[str, Any]], before: list[float], given: list[float], *, of_one_row: bool = False
) -> list[Rows]:
    """Those of ``steps``, in a recurrence with the row before (or several) and the row of each of its series.

    Steps of a recurrence say how many rows all of it has, and have ``of_one_row`` a number at a time.
    """
    values: list[Rows] = []
    for step in steps:
        if "value" in step:
            values.append(_floats(step["value"]))
            continue
        if step["op"] in ("before", "row"):
            values.append([(before if step["op"] == "before" else given)[int(step.get("args", [0])[0])]])
            continue
        args = [values[arg["step"]] if isinstance(arg, dict) else _floats(arg) for arg in step["args"]]
        values.append(_computed(step, args, 1 if of_one_row else step.get("rows", 1)))
    return values


def _floats(value: Any) -> Rows:
    return [math.nan if x is None else float(x) for x in (value if isinstance(value, list) else [value])]


def _row(values: Rows, row: int) -> float:
    return values[row] if len(values) > 1 else values[0]


def _computed(step: dict[str, Any], args: list[Rows], rows: int) -> Rows:
    op = step["op"]
    if op in _SHAPES:
        return args[0] * rows if len(args[0]) == 1 else args[0]
    if op in _ONE:
        return [_ONE[op](x) for x in args[0]]
    if op in _TWO:
        return [_TWO[op](_row(args[0], k), _row(args[1], k)) for k in range(rows)]
    if op == "where":
        return [_row(args[1], k) if _row(args[0], k) else _row(args[2], k) for k in range(rows)]
    if op == "rows":
        first = int(args[1][0])
        return [_row(args[0], k) for k in range(first, first + step["rows"])]
    if op == "recurrence":
        return _recurrences(step["body"], [-1], args, step["rows"])
    if op == "recurrences":
        return _recurrences(step["body"], step["results"], args, step["rows"] // step["states"])
    return _OVER_TIME[op](*args)


def _recurrences(body: list[dict[str, Any]], results: list[int], args: list[Rows], months: int) -> Rows:
    """The rows of each of ``results``, steps of the body, one after the other; the operands begin with their starts."""
    states = len(results)
    row: list[float] = [start for (start,) in args[:states]]
    found: list[list[float]] = []
    for k in range(months):
        values = _values(body, row, [_row(values, k) for values in args[states:]], of_one_row=True)
        row = [values[result][0] for result in results]
        found.append(row)
    return [row[state] for state in range(states) for row in found]


def _accumulate(values: Rows) -> Rows:
    return _running_total(values)[-1:] or [0.0]


def _running_total(values: Rows) -> Rows:
    total, totals = 0.0, []
    for value in values:
        total += value
        totals.append(total)
    return totals


def _rows_at(path: Rows, months: Rows) -> Rows:
    return [path[int(min(max(month, 1), len(path))) - 1] for month in months]


def _lump(months: Rows, month: Rows, amount: Rows) -> Rows:
    return [amount[0] if k == month[0] else 0.0 for k in range(1, int(months[0]) + 1)]


def _added(months: Rows, *parts: Rows) -> Rows:
    return [sum(_row(part, k) for part in parts) for k in range(int(months[0]))]


def _at_points(months: Rows, at_start: Rows, *parts: Rows) -> Rows:
    flow = [0.0] * (int(months[0]) + 1)
    for part, early in zip(parts, at_start, strict=True):
        for k in range(int(months[0])):
            flow[k if early else k + 1] += _row(part, k)
    return flow


def _last_largest(values: Rows) -> Rows:
    return [max(range(len(values)), key=lambda k: (values[k], k)) + 1.0]


def _stretches(values: Rows, ends: Rows) -> Rows:
    begins = [0, *map(int, ends[:-1])]
    return [sum(_row(values, k) for k in range(begin, int(end))) for begin, end in zip(begins, ends, strict=True)]


def _placed(length: Rows, rows: Rows, amounts: Rows) -> Rows:
    found = [0.0] * int(length[0])
    for row, amount in zip(rows, amounts, strict=True):
        found[int(row)] = amount
    return found


def _sculpting_share(cfads: Rows, senior: Rows, factors: Rows, worth: Rows) -> Rows:
    """The share at which what is left after senior service is worth so much, by halving."""

    def is_worth(share: float) -> float:
        left = (max(_row(cfads, k) * share - _row(senior, k), 0.0) for k in range(len(factors)))
        return sum(usd * factor for usd, factor in zip(left, factors, strict=True))

    low, high = 0.0, 1.0
    while is_worth(high) < worth[0] and high < 1e12:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if is_worth(middle) < worth[0] else (low, middle)
    return [high if high < 1e12 else 0.0]


def _number(value: float | None) -> Rows:
    return [math.nan if value is None else value]


def _count_below(limit: Rows, prices: Rows, bounds: Rows, rows: Rows) -> Rows:
    months = (prices[int(bounds[int(row)]) : int(bounds[int(row) + 1])] for row in rows)
    return [float(sum(price < _row(limit, k) for price in month)) for k, month in enumerate(months)]


def _of_cheapest(count: Rows, prices: Rows, weights: Rows, bounds: Rows, rows: Rows) -> Rows:
    """The sum of price x hours of the cheapest prices of each month, over all of its hours."""
    found = []
    for k, row in enumerate(rows):
        first, end = int(bounds[int(row)]), int(bounds[int(row) + 1])
        last = first + int(_row(count, k))
        paid = math.fsum(price * hours for price, hours in zip(prices[first:last], weights[first:last], strict=True))
        found.append(paid / math.fsum(weights[first:end]))
    return found


def _share_of_cheapest(count: Rows, weights: Rows, bounds: Rows, rows: Rows) -> Rows:
    return _of_cheapest(count, [1.0] * len(weights), weights, bounds, rows)


def _paid_for_dearest(share: Rows, prices: Rows, weights: Rows, bounds: Rows, rows: Rows) -> Rows:
    found = []
    for k, row in enumerate(rows):
        months = range(int(bounds[int(row)]), int(bounds[int(row) + 1]))
        every = sum(_row(weights, hour) for hour in months)
        paid, left = 0.0, _row(share, k) * every
        for hour in reversed(months):
            taken = min(_row(weights, hour), max(left, 0.0))
            paid, left = paid + _row(prices, hour) * taken, left - taken
        found.append(paid / every)
    return found


def _mean_of_hours(prices: Rows, weights: Rows, bounds: Rows, rows: Rows) -> Rows:
    every = [bounds[int(row) + 1] - bounds[int(row)] for row in rows]
    return _of_cheapest(every, prices, weights, bounds, rows)


_OVER_TIME: dict[str, Callable[..., Rows]] = {
    "accumulate": _accumulate,
    "running_total": _running_total,
    "rows_at": _rows_at,
    "at_month": _rows_at,
    "lump": _lump,
    "added": _added,
    "at_points": _at_points,
    "last_largest": _last_largest,
    "count_below": _count_below,
    "share_of_cheapest": _share_of_cheapest,
    "paid_for_cheapest": _of_cheapest,
    "paid_for_dearest": _paid_for_dearest,
    "mean_of_hours": _mean_of_hours,
    "first_true": lambda holds: [next((k for k, x in enumerate(holds, 1) if x), len(holds) + 1.0)],
    "largest": lambda values: [max(values)],
    "concatenate": lambda *parts: [x for part in parts for x in part],
    "number_of_month": lambda month, start: [month[0] - start[0] + 1.0],
    "irr": lambda flows: _number(returns.irr(flows)[0]),
    "mirr": lambda flows, rate, _: _number(returns.mirr(flows, rate[0])),
    "payback": lambda flows: _number(returns.payback_months(flows)),
    "moic": lambda flows: _number(returns.moic(flows)),
    "peak_funding": lambda flows: [returns.peak_funding(flows)],
    "month_before": lambda values, first: [first[0], *values[:-1]],
    "smallest": lambda values: [min(values)],
    "stretches": _stretches,
    "placed": _placed,
    "sculpting_share": _sculpting_share,
    "nearest_return": lambda flows, near: [min(returns.irr_roots(flows), key=lambda rate: abs(rate - near[0]))],
}
