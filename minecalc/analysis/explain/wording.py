"""How the names, numbers and months of a trace read."""

from __future__ import annotations

import calendar
import math
from typing import Any

import numpy as np

from minecalc.schema.names import split_path
from minecalc.schema.numbers import unit_words
from minecalc.timeline import MONTHS_OF, MONTHS_OF_ANY_YEAR, Timeline, format_month
from minecalc.trace import INPUTS, Traced, plain
from minecalc.units import MONTHS_PER_YEAR, unit_of

#: Quantities whose names do not end in their unit.
_UNITS = {"btc_mined": "btc", "btc_held": "btc", "btc_kept": "btc", "btc_sold": "btc", "gpu_hours_sold": "count"}


def element(value: Any, row: int | None) -> float:
    """The number of a traced or plain operand in a row (from 0); one with a single row counts in every row."""
    flat = np.asarray(plain(value)).reshape(-1)
    return float(flat[row if row is not None and flat.size > 1 else 0])


def is_series(value: Any) -> bool:
    """Has it more than one row?"""
    return bool(np.size(plain(value)) > 1)


def is_by_year(step: Traced) -> bool:
    """Whether its rows are calendar years, as its name says."""
    return "_by_year" in (step.name or "")


def is_of_points(step: Traced, timeline: Timeline) -> bool:
    """Whether its rows are points in time, from 0, rather than months.

    Those of a build end before the horizon, and those of a loan that outlasts it after: rows as many as neither the
    months nor the points of the horizon are told by what they are made of.
    """
    rows, horizon = np.size(plain(step)), timeline.months
    while rows not in (horizon, horizon + 1):
        made_of = next(
            (arg for arg in step.args if type(arg) is Traced and arg.size > 1 and arg.op not in INPUTS), None
        )
        if step.op == "at_points" or made_of is None:
            return step.op == "at_points" or step.name == "point"
        step, rows = made_of, made_of.size
    return rows > horizon


def short_name(step: Traced) -> str:
    """An input by the last parts of its path, anything else by its name."""
    name = step.name or step.op
    if step.op not in INPUTS:
        return name
    parts = split_path(name)
    skip = {"plans": 2, "site": 1, "market": 1}.get(parts[0], 0)
    if len(parts) > 4 and parts[:3:2] == ["plans", "uses"]:
        skip = 4
    return ".".join(parts[skip:])


def unit(step: Traced) -> str | None:
    """The unit that the name of a step, or of the value over time it is a part of, ends in."""
    head, _, part = (step.name or "").rpartition(".")
    name = head if part in ("start", "steps", "points", "csv", "hourly", "duration_curve") else step.name or ""
    return unit_of(name) or _UNITS.get(name.removeprefix("monthly_"))


def number(value: float, step: Traced | None = None) -> str:
    """A number to six significant digits, with the unit of its step; a date as a month."""
    if step is not None and step.op == "date":
        return format_month(round(value))
    if not np.isfinite(value):
        return "none" if np.isnan(value) else "∞" if value > 0 else "−∞"
    sign, rounded = "−" if value < 0 else "", float(f"{abs(value):.6g}")
    if rounded and not 1e-6 <= rounded < 1e15:
        text = f"{rounded:.6g}"
    else:
        decimals = max(0, 5 - math.floor(math.log10(rounded))) if rounded else 0
        text = f"{rounded:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    called = None if step is None else unit(step)
    if called is None or called in ("ratio", "count") or called.startswith("fraction"):
        return sign + text
    return f"{sign}${text}" if called == "usd" else f"{sign}{text} {unit_words(called).replace(' per ', '/')}"


def when(step: Traced, row: int | None, timeline: Timeline) -> str:
    """The month of a row of a step, at whose end a point in time lies, or its item; "" for what has one row."""
    if row is None or not is_series(step):
        return ""
    if step.op == "list":
        return f"item {row + 1}"
    if is_by_year(step):
        return str(timeline.start // MONTHS_PER_YEAR + row)
    name = step.name or ""
    if step.months == MONTHS_OF_ANY_YEAR:
        return f"every {calendar.month_name[row + 1]}"
    if step.months:
        return format_month(step.months[row])
    if name in MONTHS_OF:
        return f"month {row + 1} of the {MONTHS_OF[name]}"
    if "_by_stop_" in name:
        return f"a stop in {timeline.label(row + 1)}" if row < timeline.months else "no stop"
    if step.op != "input" and is_of_points(step, timeline):
        return timeline.label(row) if row else "today"
    return timeline.label(row + 1)
