"""Rules of timing in the words of the field: when to convert, and what a way of choosing is called."""

from __future__ import annotations

from collections.abc import Sequence

from minecalc.analysis.timing.project import Project
from minecalc.analysis.timing.solved import Solved
from minecalc.analysis.timing.trigger import Condition, Conditions
from minecalc.document import Value
from minecalc.uncertainty.factors import FACTORS
from minecalc.units import unit_of

Words = list[str | Value]

#: What a number of the market is called, and what its figure is per; a business's own factors say so themselves.
_STATES = {
    "hash_price_usd_per_ph_per_day": ("the hash price", " per PH/s a day"),
    "electricity_price_usd_per_kwh": ("the price of power", ""),
}


def state_label(name: str) -> str:
    """What a number of the market is called within a sentence."""
    return _words_of(name)[0]


def _words_of(name: str) -> tuple[str, str]:
    return _STATES[name] if name in _STATES else FACTORS[name].in_words


def when(project: Project, states: Sequence[str], solved: Solved) -> Words:
    """When the trigger of ``solved`` converts, to follow "convert"; ``states`` are what its conditions number."""
    conditions = solved.conditions
    if conditions is None:
        return ["never"]
    words: Words = []
    for condition in conditions:
        if condition.feature is not None:
            name = states[condition.feature]
            label, per = _words_of(name)
            unit = unit_of(name) or "ratio"
            words += [
                f"{' and' if words else 'when'} {label} is {_is(condition)} ",
                Value(condition.threshold, unit),
                per,
            ]
    return [*words, *_dates(project, solved, conditions, alone=not words)]


def in_short(project: Project, states: Sequence[str], solved: Solved) -> str:
    """The same in a few words, for a table, with thresholds as they were rounded when they were found."""
    conditions = solved.conditions
    if conditions is None:
        return "never"
    words = []
    for condition in conditions:
        if condition.feature is not None:
            name = states[condition.feature]
            cents = name.endswith("_usd_per_kwh")
            number = f"{condition.threshold * (100.0 if cents else 1.0):.10g}"
            amount = f"{number} c/kWh" if cents else f"${number}"
            words.append(f"{state_label(name).removeprefix('the ')} {_is(condition)} {amount}")
    return ", ".join(words) + "".join(map(str, _dates(project, solved, conditions, alone=not words)))


def _is(condition: Condition) -> str:
    return "at least" if condition.above else "below"


def _dates(project: Project, solved: Solved, conditions: Conditions, *, alone: bool) -> Words:
    """The conditions of date, which are a date where there are no others."""
    since = max((int(c.threshold) for c in conditions if c.feature is None and c.above), default=0)
    until = min((int(c.threshold) for c in conditions if c.feature is None and not c.above), default=None)
    if alone:
        return [_in(project, solved.months[since])]
    words = [f", from {project.label(solved.months[since])} on"] if since else []
    return [*words, *([] if until is None else [f", before {project.label(solved.months[until])}"])]


def _in(project: Project, months: int) -> str:
    return f"in {project.label(months)}" if months else "now"


def fixed(project: Project, solved: Solved) -> Words:
    """The best date fixed today, to follow "convert"."""
    return ["never" if solved.fixed_months is None else _in(project, solved.fixed_months)]


def way_label(way: str, project: Project, solved: Solved) -> str:
    """What a way of choosing the time is called, as the label of a row."""
    if way == "now":
        return "Convert as scheduled" if project.phases[-1].after_months else "Convert now"
    if way == "fixed_date":
        label = "never" if solved.fixed_months is None else project.label(solved.fixed_months)
        return f"Best fixed date: {label}"
    return {
        "never": "Never convert",
        "trigger": "By the trigger",
        "rule": "By the fitted rule",
        "upper_bound": "No rule is above",
        "foresight": "With perfect foresight",
    }[way]
