"""Do values over time fit the months of a scenario? What does not is an error, what is held or unused is told.

A file without dates begins with the scenario, so it has no more rows than there are months; a dated file has a row for
each of them unless it says ``outside: hold``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from minecalc.reference.machines import machines
from minecalc.scenario import Scenario, Use
from minecalc.scenario.places import Path, Place, places, places_in
from minecalc.schema.diagnostics import Problem, number_text
from minecalc.schema.fields import field_meta
from minecalc.timeline import Timeline, format_month, parse_month, span
from minecalc.units import MONTHS_PER_YEAR, unit_of
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Points, Series, Steps

CODES = {
    "too-many-rows": "a file without dates has more rows than the scenario has months",
    "months-not-covered": "a dated file lacks months of the scenario and does not say that its ends hold",
}


def values_over_time(scenario: Scenario, beside: Iterable[Path] | None = None) -> Iterator[Place]:
    """Every value over time of a scenario, however deep it stands, in the order of the file format.

    Only those of the plans, the site or the market that the inputs at the paths ``beside`` are of, if these are given.
    """
    if beside is None:
        factors = {} if scenario.uncertainty is None else scenario.uncertainty.factors
        every = chain(places(scenario), places_in(factors, ("uncertainty",)))
    else:
        parts = dict.fromkeys(path[: 2 if path[0] == "plans" else 1] for path in beside)
        owners = ((scenario.plans[part[1]] if part[1:] else getattr(scenario, part[0]), part) for part in parts)
        every = chain.from_iterable(places_in(owner, part) for owner, part in owners)
    return (place for place in every if isinstance(place.value, ValueOverTime))


def called(place: Place) -> str:
    """How a warning names an input: the site's and the market's by two names, those of plans by plan and use."""
    *above, name = place.path
    if above[0] == "plans":
        plan, *inner = (part for part in above[1:] if part != "uses")
        return f"{plan}: " + "".join(f"{part}: " for part in inner) + name
    return ".".join(place.path)


def problems(scenario: Scenario, over_time: Iterable[Place]) -> Iterator[Problem]:
    """Files of monthly values, some of those ``over_time``, that do not fit the months of the scenario."""
    timeline = scenario.timeline
    for place in over_time:
        shape = place.value.shape
        if isinstance(shape, Series):
            yield from _misfit(place, shape, timeline)


def _misfit(place: Place, shape: Series, timeline: Timeline) -> Iterator[Problem]:
    rows, at = len(shape.amounts), (*place.path, "csv")
    runs = f"the scenario runs from {timeline.label(1)} to {timeline.label(timeline.months)}"
    if shape.start is None:
        if rows > timeline.months:
            months = "1 month" if timeline.months == 1 else f"{timeline.months:,} months"
            message = f"{place.name}: the file has {rows:,} rows for {months}, and no dates"
            advice = "one row is one month: of hours or days take the mean, and date a longer file with a column month"
            yield Problem(at, "too-many-rows", message, advice)
        return
    before, after = _outside(shape.start, rows, timeline)
    if (before or after) and not shape.held:
        has = f"{format_month(shape.start)} to {format_month(shape.start + rows - 1)}"
        message = f"{place.name}: the file covers {has}; {runs}"
        advice = f"add {' and '.join(part for part in (before, after) if part)}, or outside: hold, which holds its ends"
        yield Problem(at, "months-not-covered", message, advice)


def _outside(first: int, rows: int, timeline: Timeline) -> tuple[str, str]:
    """The months of the timeline before the first of ``rows`` months and after the last; "" for none."""
    start, end = timeline.start, timeline.start + timeline.months - 1
    before = span(start, min(first - 1, end)) if first > start else ""
    after = span(max(first + rows, start), end) if first + rows <= end else ""
    return before, after


def warnings(scenario: Scenario) -> list[str]:
    """What is late for the horizon, and what of values over time is held, used before its date, or dated outside."""
    found = [*_before_their_date(scenario), *unready(scenario)]
    for place in values_over_time(scenario):
        match place.value.shape:
            case Series() as shape:
                told = _held(shape, scenario.timeline)
            case Steps() | Points() as shape:
                told = _all_outside(shape, scenario.timeline)
            case _:
                told = ""
        if told:
            found.append(f"{called(place)}: {told}")
    return list(dict.fromkeys(found))


def unready(scenario: Scenario) -> Iterator[str]:
    """Conversions that a delay makes ready after the horizon."""
    for plan, use in scenario.uses():
        conversion, timeline = use.inputs.conversion, scenario.timeline
        ready = 0 if conversion is None else int(conversion.ready_in(timeline))
        if conversion is not None and ready > timeline.months:
            whose = plan.name if plan.flat else f"{plan.name}: {use.name}"
            months, last = float(conversion.delay_months), timeline.label(timeline.months)
            late = f"{months:g} month{'' if months == 1.0 else 's'} late"
            yield (
                f"{whose}: {late}, it is ready in {timeline.label(ready)}, after the horizon, which ends with {last}: "
                "nothing counts that it earns or costs after that"
            )


def _before_their_date(scenario: Scenario) -> Iterator[str]:
    """Figures that a scenario leaves out and that stand for months before they were known."""
    if scenario.earns_hash_price:
        for name, past in scenario.market.past(scenario.timeline).items():
            if past.uncovered:
                yield (
                    f"market.{name}: not given, and no history is shipped for {past.uncovered}: the snapshot of "
                    f"{past.snapshot_as_of}, {past.snapshot:g}, stands for these months"
                )
    for plan, use in scenario.uses():
        later = list(_later_prices(scenario.timeline, use))
        if later:
            whose = plan.name if plan.flat else f"{plan.name}: {use.name}"
            yield f"{whose}: {'; '.join(later)}"


def _later_prices(timeline: Timeline, use: Use) -> Iterator[str]:
    """Prices from records and defaults, and machines, that are of a later date than the use's first month."""
    conversion = use.inputs.conversion
    first = timeline.start if conversion is None else parse_month(conversion.ready)
    idle = use.inputs.idle
    for name in type(use.inputs).model_fields:
        if name in idle:
            continue
        figure = use.sourced.get(name)
        as_of = (
            figure.as_of if figure else "" if name in use.given else field_meta(type(use.inputs), name).default_as_of
        )
        if as_of and (unit_of(name) or "").startswith("usd") and _earliest(as_of) > first:
            yield f"{name} is not given; its price of {as_of} stands for months from {format_month(first)} on"
    groups = [use.inputs, *(fleet for name, fleet in use.inputs.stopping.items() if name)]
    named = [(word, getattr(group, word, None), group) for group in groups for word in ("machine", "gpu")]
    for word, of, group in named:
        if of is None:
            continue
        from minecalc.reference.gpus import gpus

        begins = max(first, min(map(parse_month, getattr(group, "arrivals", ())), default=first))
        year = (machines()[of] if word == "machine" else gpus()[of]).year
        if year * MONTHS_PER_YEAR > begins:
            yield f"{of} was announced in {year}, and is used from {format_month(begins)} on"


def _earliest(as_of: str) -> int:
    """The first calendar month that a date, month or year may mean."""
    return parse_month(f"{as_of}-01"[:7])


def _held(shape: Series, timeline: Timeline) -> str:
    """The months for which the file has no row."""
    rows = len(shape.amounts)
    first = timeline.start if shape.start is None else shape.start
    before, after = _outside(first, rows, timeline)
    ends = []
    if before:
        ends.append(f"the first value of the file, {number_text(shape.amounts[0])}, is held in {before}")
    if after:
        ends.append(f"the last value of the file, {number_text(shape.amounts[-1])}, is held in {after}")
    hint = ""
    if shape.start is None and rows == MONTHS_PER_YEAR and after:
        hint = "; repeat: yearly makes a season of 12 rows, January first"
    return "; ".join(ends) + hint


def _all_outside(shape: Steps | Points, timeline: Timeline) -> str:
    """What is used where every date of steps or points lies outside the horizon."""
    start, end = timeline.start, timeline.start + timeline.months - 1
    if any(start <= month <= end for month in shape.months):
        return ""
    form = "steps" if isinstance(shape, Steps) else "points"
    dates = f"{span(shape.months[0], shape.months[-1])} lies" if len(shape.months) == 1 else ""
    dates = dates or f"all dates, {format_month(shape.months[0])} to {format_month(shape.months[-1])}, lie"
    values = np.asarray(shape.values(timeline))[:, 0]
    low, high = float(np.min(values)), float(np.max(values))
    used = number_text(low) if low == high else f"{low:.6g} to {high:.6g}"
    return (
        f"{dates} outside the horizon, {timeline.label(1)} to {timeline.label(timeline.months)}; its {form} give {used}"
    )
