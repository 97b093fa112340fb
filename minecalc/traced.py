"""A scenario whose numbers are traced: what the engine computes from it can be explained.

Every number, date, list and amount over time becomes an ``input`` that knows its path in the file, and every array that
the calendar decides a named ``constant``. Switches and names stay plain: they choose the formula and are no part of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.paths import TimedInputs, ValueOverTime
from minecalc.scenario import Plan, Plans, Scenario, Use
from minecalc.schema.names import quoted, split_path
from minecalc.shapes import Constant, Growth, Points, Recorded, Season, Series, Steps
from minecalc.timeline import MONTHS_OF_ANY_YEAR, Timeline, parse_month
from minecalc.trace import Traced, named


class TracedValue(ValueOverTime):
    """A value over time whose months an explanation calls by the input's ``name``."""

    name = ""

    def values(self, timeline: Timeline) -> FloatArray:
        """As those of ``ValueOverTime``, named."""
        return named(self.name, super().values(timeline))


class TracedTimeline(Timeline):
    """A timeline whose arrays are named constants."""

    @cached_property
    def _constants(self) -> dict[tuple[str, int], Any]:
        return {}

    def constant(self, name: str, values: Any) -> Any:
        """``values`` as the constant ``name``, always the same one for as many rows."""
        return self._constants.setdefault((name, np.size(values)), Traced(values, "constant", name=name))


def traced(scenario: Scenario) -> Scenario:
    """``scenario``, of a single case, with every number traced."""
    update = _fields(scenario, "") | {
        "site": _inputs(scenario.site, "site."),
        "market": _inputs(scenario.market, "market."),
        "plans": Plans({name: _plan(plan) for name, plan in scenario.plans.items()}),
    }
    copy = scenario.model_copy(update=update)
    copy._timeline = TracedTimeline(scenario.timeline.start, scenario.timeline.months)
    return copy


def _plan(plan: Plan) -> Plan:
    uses = tuple(_use(plan, use) for use in plan.uses)
    rate = plan.discount_rate_fraction_per_year
    if rate is not None:
        rate = _input(rate, f"plans.{quoted(plan.name)}.discount_rate_fraction_per_year")
    return plan._replace(uses=uses, discount_rate_fraction_per_year=rate)


def _use(plan: Plan, use: Use) -> Use:
    place = ".".join(quoted(part) for part in plan.place(use))
    return use._replace(inputs=_inputs(use.inputs, f"{place}."))


def _inputs(inputs: TimedInputs, prefix: str) -> TimedInputs:
    return inputs.model_copy(update=_fields(inputs, prefix))


def _fields(inputs: TimedInputs, prefix: str) -> dict[str, Any]:
    """What of a group of inputs can be traced, traced. The length of the horizon cannot: it is that of every array."""
    model = type(inputs)
    found: dict[str, Any] = {}
    for name in model.model_fields:
        value, path = getattr(inputs, name), prefix + name
        if isinstance(value, bool) or (model is Scenario and name == "months"):
            continue
        if isinstance(value, ValueOverTime):
            found[name] = _over_time(value, path)
        elif isinstance(value, TimedInputs):
            found[name] = _inputs(value, f"{path}.") if prefix else value
        elif isinstance(value, int | float):
            found[name] = _input(value, path)
        elif isinstance(value, tuple) and value and all(isinstance(item, int | float) for item in value):
            found[name] = Traced(np.array(value, dtype=np.float64)[:, None], "list", name=path)
        elif name in model.month_fields and isinstance(value, str) and value[:1].isdigit():
            found[name] = Traced(float(parse_month(value)), "date", name=path)
    return found


def _over_time(value: ValueOverTime, path: str) -> ValueOverTime:
    shape: Any = value.shape
    match shape:
        case Constant():
            shape = Constant(_input(shape.value, path))
        case Growth():
            growth = _input(shape.growth_fraction_per_year, f"{path}.growth_fraction_per_year")
            shape = Growth(_input(shape.start, f"{path}.start"), growth)
        case Steps() | Points() | Series():
            form = {Steps: "steps", Points: "points", Series: "csv"}[type(shape)]
            rows = np.array(shape.amounts, dtype=np.float64)[:, None]
            amounts: Any = Traced(rows, "input", (), f"{path}.{form}", _months(shape))
            shape = shape._replace(amounts=amounts)
        case Recorded(first, past):
            rows = np.array(past, dtype=np.float64)[:, None]
            amounts = Traced(rows, "input", (), path, tuple(range(first, first + len(past))))
            shape = Recorded(first, amounts)
        case Season(season, season_growth):
            rows = np.array(season, dtype=np.float64)[:, None]
            amounts = Traced(rows, "input", (), f"{path}.csv", MONTHS_OF_ANY_YEAR)
            if season_growth is not None:
                season_growth = _input(season_growth, f"{path}.growth_fraction_per_year")
            shape = Season(amounts, season_growth)
    scale: Any = value.scale if _is(value.scale, 1.0) else _input(value.scale, f"{path}.scale")
    shift: Any = value.shift if _is(value.shift, 0.0) else _input(value.shift, f"{path}.shift")
    found = TracedValue(shape, scale, shift=shift)
    found.name = split_path(path)[-1]
    return found


def _is(part: Any, neutral: float) -> bool:
    """Whether a scale or a shift moves nothing, so that it is no step of the computation."""
    return isinstance(part, float) and part == neutral


def _months(shape: Steps | Points | Series) -> tuple[int, ...]:
    """The calendar months of the amounts; none for those of the scenario's own months."""
    if not isinstance(shape, Series):
        return shape.months
    return () if shape.start is None else tuple(range(shape.start, shape.start + len(shape.amounts)))


def _input(value: Any, path: str) -> Any:
    return Traced(np.asarray(value, dtype=np.float64), "input", name=path)
