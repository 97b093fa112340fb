"""The value of waiting as files have it: a tree for JSON, and a row for each way of each choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minecalc.analysis import assumptions, bridge, outlook
from minecalc.analysis.records import Entry, heading, rows, tree
from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.solved import Dates, Solved, Worth
from minecalc.document import Table, Value
from minecalc.loading import reading_of
from minecalc.scenario import Scenario

#: What the numbers of a worth are called, each with its error.
_WORTH = {
    "npv_usd": "npv_error_usd",
    "over_now_usd": "over_now_error_usd",
    "over_never_usd": "over_never_error_usd",
}


def data(answer: TimingNumbers) -> dict[str, Any]:
    """The whole answer as a tree, every number in full."""
    project, phases, back = answer.project, answer.by_phase, answer.back
    rest: dict[str, Any] = tree(
        {
            "plan": project.plan.name,
            "reason": None,
            "corner": project.corner,
            "valued_together": project.joined_by,
            "discount_rate_fraction_per_year": project.scenario.discount_rate_fraction_per_year,
            "every_months": project.every_months,
            "until_months": project.until_months,
            "paths": answer.paths,
            "seed": answer.asked.seed,
            "undefined": answer.undefined,
            "assumed_meanwhile": project.assumed_meanwhile or None,
            "rent_signed_at_decision": bool(project.signed_later),
            "known": answer.states,
            "without_uncertainty": dict(zip(("now_usd", "never_usd"), answer.certain_usd, strict=True)),
            "compared_plan": answer.told,
            "bridge": bridge.data(answer.steps, "over_never_usd"),
            "whole": _solved(answer, answer.whole),
            "by_phase": phases
            and {
                "phases": [{"name": one.name, **_solved(answer, one)} for one in phases.phases],
                **_worth(phases.worth),
                "added_usd": phases.added,
                "upper_bound": _worth(phases.upper),
            },
            "switch_back": back
            and {
                "cost_usd_per_mw": answer.asked.back_usd_per_mw,
                **_worth(back.worth),
                "added_usd": back.added,
                "rule_added_usd": back.rule_added,
                "upper_bound": _worth(back.upper),
                "converts_fraction": back.converts,
                "returns_fraction": back.returns,
            },
            "horizon": outlook.data(answer.outlook),
            "closed_form": answer.closed._asdict() | {"reason": answer.closed.reason or None},
            **assumptions.data(answer.world, answer.assumptions),
        }
    )
    return heading("timing", reading_of(project.given), project.given) | rest


def without_answer(scenario: Scenario, reason: str) -> dict[str, Any]:
    """The tree where nothing can wait: no plan, and the reason."""
    return heading("timing", reading_of(scenario), scenario) | {"plan": None, "reason": reason}


def _solved(answer: TimingNumbers, solved: Solved) -> dict[str, Any]:
    label = answer.project.label
    return {
        "best": solved.best,
        "value_of_waiting_usd": min(solved.ways[solved.best][1:], key=lambda gain: gain.number or 0.0),
        "ways": {way: _worth(worth) for way, worth in solved.ways.items()},
        "fixed_date": None if solved.fixed_months is None else label(solved.fixed_months),
        "trigger": solved.conditions
        and [
            {
                "of": "date" if condition.feature is None else answer.states[condition.feature],
                "is": "at least" if condition.above else "below",
                "threshold": label(solved.months[int(condition.threshold)])
                if condition.feature is None
                else condition.threshold,
            }
            for condition in solved.conditions
        ],
        "trigger_captures_fraction": solved.captured_fraction,
        "converts": {way: _dates(answer, solved, dates) for way, dates in solved.dates.items()},
        "dates": [
            {"month": label(months), **_worth(worth)}
            for months, worth in zip(solved.months, solved.by_date, strict=True)
        ],
    }


def _dates(answer: TimingNumbers, solved: Solved, dates: Dates) -> dict[str, Any]:
    label, median = answer.project.label, dates.median_months
    by_month = dict(zip(map(label, solved.months), dates.shares, strict=True))
    return {"by_month": by_month, "never": dates.never, "median": None if median is None else label(median)}


def _worth(worth: Worth) -> dict[str, Any]:
    return dict(zip(_WORTH, worth, strict=True))


def flat(answer: TimingNumbers | None) -> Table:
    """A row for each way and each fixed date of the whole plan and of its phases, with errors; none without answer."""
    columns = ["choice", "way", "month", *(name for pair in _WORTH.items() for name in pair)]
    return rows("", [] if answer is None else _rows(answer), columns)


def _rows(answer: TimingNumbers) -> Iterator[dict[str, Entry]]:
    phases = answer.by_phase
    for solved in (answer.whole, *(() if phases is None else phases.phases)):
        for way, worth in solved.ways.items():
            yield _row(solved.name, way, "", worth)
        for months, worth in zip(solved.months, solved.by_date, strict=True):
            yield _row(solved.name, "on_date", answer.project.label(months), worth)
    if phases is not None:
        yield _row("", "phase_by_phase", "", phases.worth)
        yield _row("", "phase_by_phase_upper_bound", "", phases.upper)
    if answer.back is not None:
        yield _row("", "with_way_back", "", answer.back.worth)
        yield _row("", "with_way_back_upper_bound", "", answer.back.upper)


def _row(choice: str, way: str, month: str, worth: Worth) -> dict[str, Entry]:
    found: dict[str, Entry] = {"choice": choice, "way": way, "month": month}
    for (name, error), estimate in zip(_WORTH.items(), worth, strict=True):
        found |= {name: Value(estimate.number, "usd"), error: Value(estimate.error, "usd", "too few paths")}
    return found
