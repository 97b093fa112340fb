"""The value of waiting as files have it: a tree for JSON, and a row for each way of each choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minecalc.analysis import bridge, outlook
from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.solved import Dates, Solved, Worth
from minecalc.document import Cell, Column, Table, Text, Value
from minecalc.loading import Reading
from minecalc.scenario import Scenario
from minecalc.statistics.estimates import Estimate

FORMAT = "minecalc.timing/1"


def data(answer: TimingNumbers, version: str) -> dict[str, Any]:
    """The whole answer as a tree, every number in full."""
    project, phases, back = answer.project, answer.by_phase, answer.back
    return {
        **_head(answer.reading, answer.scenario, version),
        "plan": project.plan.name,
        "reason": None,
        "discount_rate_fraction_per_year": project.scenario.discount_rate_fraction_per_year,
        "every_months": project.every_months,
        "until_months": project.until_months,
        "paths": answer.paths,
        "seed": answer.asked.seed,
        "undefined": dict(answer.undefined),
        "assumed_meanwhile": project.assumed_meanwhile or None,
        "rent_signed_at_decision": bool(project.signed_later),
        "known": list(answer.states),
        "without_uncertainty": {"now_usd": answer.certain_usd[0], "never_usd": answer.certain_usd[1]},
        "compared_plan": answer.told,
        "bridge": bridge.data(answer.steps, "over_never_usd"),
        "whole": _solved(answer, answer.whole),
        "by_phase": None
        if phases is None
        else {
            "phases": [{"name": one.name, **_solved(answer, one)} for one in phases.phases],
            **_worth(phases.worth),
            "added_usd": phases.added.data(),
            "upper_bound": _worth(phases.upper),
        },
        "switch_back": None
        if back is None
        else {
            "cost_usd_per_mw": answer.asked.back_usd_per_mw,
            **_worth(back.worth),
            "added_usd": back.added.data(),
            "rule_added_usd": back.rule_added.data(),
            "upper_bound": _worth(back.upper),
            "converts_fraction": back.converts.data(),
            "returns_fraction": back.returns.data(),
        },
        "horizon": outlook.data(answer.outlook),
        "closed_form": answer.closed._asdict() | {"reason": answer.closed.reason or None},
        "assumptions": [item._asdict() | {"unit": item.unit or None} for item in answer.assumptions],
        "fixed_factors": list(answer.fixed),
        "stops_fixed": dict(answer.stops),
        "stops_assumed": {path: {"unpaid_months": months} for path, months in answer.stops_assumed.items()},
    }


def without_answer(reading: Reading, scenario: Scenario, reason: str, version: str) -> dict[str, Any]:
    """The tree where nothing can wait: no plan, and the reason."""
    return {**_head(reading, scenario, version), "plan": None, "reason": reason}


def _head(reading: Reading, scenario: Scenario, version: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": version,
        **reading.identity,
        "name": scenario.name,
    }


def _solved(answer: TimingNumbers, solved: Solved) -> dict[str, Any]:
    label = answer.project.label
    return {
        "best": solved.best,
        "value_of_waiting_usd": min(solved.ways[solved.best][1:], key=lambda gain: gain.number or 0.0).data(),
        "ways": {way: _worth(worth) for way, worth in solved.ways.items()},
        "fixed_date": None if solved.fixed_months is None else label(solved.fixed_months),
        "trigger": None
        if solved.conditions is None
        else [
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
    by_month = {label(months): share.data() for months, share in zip(solved.months, dates.shares, strict=True)}
    return {"by_month": by_month, "never": dates.never.data(), "median": None if median is None else label(median)}


def _worth(worth: Worth) -> dict[str, Any]:
    return {
        "npv_usd": worth.npv.data(),
        "over_now_usd": worth.over_now.data(),
        "over_never_usd": worth.over_never.data(),
    }


def flat(answer: TimingNumbers | None) -> Table:
    """A row for each way and each fixed date of the whole plan and of its phases, with errors; none without answer."""
    columns = [Column("choice", "Choice", "left"), Column("way", "Way", "left"), Column("month", "Month", "left")]
    for name in ("npv_usd", "over_now_usd", "over_never_usd"):
        columns += [Column(name, name), Column(f"{name.removesuffix('_usd')}_error_usd", f"Error of {name}")]
    return Table("", columns, [] if answer is None else list(_rows(answer)))


def _rows(answer: TimingNumbers) -> Iterator[list[Cell]]:
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


def _row(choice: str, way: str, month: str, worth: Worth) -> list[Cell]:
    cells: list[Cell] = [Text(choice), Text(way), Text(month)]
    return [*cells, *(cell for estimate in worth for cell in _number(estimate))]


def _number(estimate: Estimate) -> list[Cell]:
    return [Value(estimate.number, "usd"), Value(estimate.error, "usd", "too few paths")]
