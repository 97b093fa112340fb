"""The record behind ``minecalc breakeven``: one input solved, its frontier over another, or all inputs that matter.

A record is what ``--format json`` prints (``minecalc.breakeven/1``). A missing answer is None with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.breakeven import hash_costs
from minecalc.analysis.questions import QuestionError
from minecalc.analysis.records import heading
from minecalc.arrays import FloatArray
from minecalc.corners import UNLEVERED
from minecalc.engine import evaluate
from minecalc.figures.labels import figure_label
from minecalc.loading import Reading
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, flat_movable, movables_and_shared
from minecalc.scenario.movables import movable as movable_at
from minecalc.scenario.varying import vary
from minecalc.solving.delays import delay_note
from minecalc.solving.dependence import reads
from minecalc.solving.flat import Flat, flat_levels
from minecalc.solving.gap import OF_WORTH, Question
from minecalc.solving.solve import Solution, Solutions, solve, solve_all
from minecalc.solving.told import allowed, distance, over_now, reason, refusal, sign
from minecalc.timeline import format_month
from minecalc.units import unit_of

Record = dict[str, Any]


class Frontier(NamedTuple):
    """For each value of ``by`` (as people know it, of the first month, ``(points,)``) the answers of another input.

    It is a line on which two plans are worth the same. ``by_x`` are what the movable input takes for its values.
    """

    by: Movable
    by_values: FloatArray
    by_x: FloatArray
    solutions: Solutions


def axis(by: Movable, low: float, high: float, points: int) -> FloatArray:
    """Values of ``by`` from ``low`` to ``high``, evenly spread, each once; whole numbers for a count or a date.

    Raises QuestionError for values outside the range of the input, too few points or an input that cannot be scaled.
    """
    if points < 2 or not low < high:
        raise QuestionError(f"{by.path} takes low:high:n with low below high and at least 2 points")
    if by.base == 0.0:
        raise QuestionError(f"{by.path} begins at 0, so it cannot be scaled to another value")
    values = np.linspace(low, high, points)
    if by.whole:
        values = np.unique(np.rint(values))
    ends = [by.x_at(value) for value in values.tolist()]
    if min(ends) < by.low or max(ends) > by.high:
        raise QuestionError(f"{by.path} lies in {by.range[0]:,.12g}..{by.range[1]:,.12g}")
    return values


def frontier(scenario: Scenario, path: str, question: Question, by: Movable, by_values: FloatArray) -> Frontier:
    """Where the gap of ``question`` closes as the input at ``path`` moves, for every value of ``by``.

    The scenario must be a single case. Raises ValueError as ``solve``, and if both are one input.
    """
    by_x = np.array([by.x_at(value) for value in by_values.tolist()])
    return Frontier(by, by_values, by_x, solve(vary(scenario, {by.at: by_x}), path, question))


def head(scenario: Scenario, reading: Reading) -> Record:
    """What every record begins with."""
    return {
        **heading("breakeven", reading, scenario),
        "start": scenario.start,
        "baseline": scenario.baseline_plan.name,
        "headline_plans": list(scenario.headline_plans),
    }


def solved(scenario: Scenario, of: str | Movable, questions: Sequence[Question]) -> Record:
    """Every answer to each question for one input of a scenario of a single case, with the gap at the ends.

    Questions that the input has no bearing on are named under ``unmoved``, unless that are all.
    """
    found = solve_all(scenario, [(of, question) for question in questions], thorough=True)
    moved = [solutions for solutions in found if solutions.moves[0]] or found
    return {
        "solve": _input(scenario, moved[0].movable),
        "plans": [_solved(scenario, solutions) for solutions in moved],
        "unmoved": _unmoved(found, moved),
        "scaled": _scaled(scenario, [solutions for solutions in moved if solutions.movable.shifts]),
    }


def _scaled(scenario: Scenario, shifted: Sequence[Solutions]) -> list[Record]:
    """Where plans would be level by a scale of an input that is moved by a shift: the nearest answer of each."""
    rows = list[Record]()
    try:
        asked = [(movable_at(scenario, f"{one.movable.path}.scale"), one.question) for one in shifted]
    except ValueError:  # a hash price that follows from others and is shifted has no scale to move besides
        return rows
    found = solve_all(scenario, asked) if asked else []
    for solutions in found:
        scale = solutions.movable
        for answer in allowed(scenario, solutions)[:1]:
            row = {"plan": solutions.question.plan, "value": shown(scale, answer.value)}
            rows.append(row | {"scale": answer.x, "set": scale.setting(answer.x)})
    return rows


def _unmoved(found: Sequence[Solutions], moved: Sequence[Solutions]) -> list[str]:
    """The plans that are asked about and left out."""
    kept = {solutions.question.plan for solutions in moved}
    return [solutions.question.plan for solutions in found if solutions.question.plan not in kept]


def has_answer(record: Record) -> bool:
    """Whether any plan of a record has an answer."""
    rows = ("answers", "frontier", "break_evens")
    return any(row["value"] is not None for plan in record["plans"] for key in rows for row in plan.get(key, ()))


def _input(scenario: Scenario, of: Movable) -> Record:
    return {
        "path": of.path,
        "start": scenario.start,
        "is_path": flat_movable(scenario, of) is not None,
        "unit": unit_of(of.path),
        "present": shown(of, of.value),
        "low": shown(of, of.range[0]),
        "high": shown(of, of.range[1]),
        "whole": of.whole,
    }


def shown(movable: Movable, value: float) -> float | str:
    """A value of the input as a file would hold it: a number, or a month."""
    return format_month(round(value)) if movable.is_month else value + 0.0


def _question(question: Question) -> Record:
    figure = question.metric if question.against is None else "npv_difference_at_scenario_rate_usd"
    target = None if question.against is not None else question.target
    return {"plan": question.plan, "against": question.against, "figure": figure, "target": target}


def _solved(scenario: Scenario, solutions: Solutions) -> Record:
    question = solutions.question
    every = [
        _answer(solutions, answer) | {"refused": refusal(scenario, solutions.movable, answer.x)}
        for answer in solutions.answers()
    ]
    answers = [answer for answer in every if answer["kind"] != "jump" and answer["refused"] is None]
    return {
        **_question(question),
        "low": shown(solutions.movable, solutions.movable.range[0]),
        "high": shown(solutions.movable, solutions.movable.range[1]),
        "answers": answers,
        **_flat(scenario, solutions, bool(answers)),
        "not_answers": [answer for answer in every if answer not in answers],
        **_at_ends(solutions, partial(refusal, scenario)),
        "reason": None if answers else reason(scenario, solutions),
        "note": _note(scenario, solutions),
    }


def _note(scenario: Scenario, solutions: Solutions) -> str | None:
    """What being late is worth, where worth is asked about."""
    return delay_note(scenario, solutions.movable) if solutions.question.figure in OF_WORTH else None


def _flat(scenario: Scenario, solutions: Solutions, wanted: bool) -> Record:
    """The one number for all months of a path that does what the answer does, and what ``--set`` takes for it."""
    flat = flat_levels(scenario, [(solutions.movable, solutions.question)])[0] if wanted else Flat()
    return {"flat": flat.value, "flat_set": flat.set}


def _at_ends(solutions: Solutions, refused: Callable[[Movable, float], str | None]) -> Record:
    """The gap between two plans or the figure of one at the ends of the range and now, and why one does not exist.

    The end of a range that no file may hold, as ``refused`` says, has none: what the plans would be worth there says
    nothing.
    """
    question, movable, span = solutions.question, solutions.movable, solutions.span
    ends = {"at_low": float(span.low[0]), "at_present": None, "at_high": float(span.high[0])}
    missing = f"{question.plan} has no {figure_label(question.metric)} there"
    figures: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    for (key, x), gap in zip(ends.items(), solutions.gaps[:, 0].tolist(), strict=True):
        wrong = None if x is None else refused(movable, x)
        figures[key] = None if wrong else _figure(question, gap)
        if figures[key] is None:
            reasons[key] = f"check would refuse that: {wrong}" if wrong else missing
    return {**figures, "reasons": reasons}


def _figure(question: Question, gap: float) -> float | None:
    """The gap between two plans, or the figure of one that the gap is taken from."""
    return None if np.isnan(gap) else gap + question.target + 0.0


def _answer(solutions: Solutions, answer: Solution) -> Record:
    movable, question = solutions.movable, solutions.question
    beyond_gap = None if answer.beyond_gap is None else _figure(question, answer.beyond_gap)
    return {
        "kind": answer.kind,
        "value": shown(movable, answer.value),
        "scale": over_now(movable, answer.x),
        "shift": movable.shift(answer.x),
        "set": movable.setting(answer.x),
        "figure_there": _figure(question, answer.gap),
        "slope_per_unit": answer.slope,
        "beyond": None if answer.beyond is None else shown(movable, answer.beyond),
        "figure_beyond": beyond_gap,
        "sign_below": sign(answer.sign_below),
        "sign_above": sign(answer.sign_above),
    }


def frontiers(scenario: Scenario, found: Sequence[Frontier]) -> Record:
    """The answer nearest to the present, and the others, for every value of another input."""
    moved = [line for line in found if line.solutions.moves.any()] or found
    return {
        "solve": _input(scenario, found[0].solutions.movable),
        "by": _input(scenario, found[0].by),
        "plans": [{**_question(line.solutions.question), "frontier": list(_line(scenario, line))} for line in moved],
        "unmoved": _unmoved([line.solutions for line in found], [line.solutions for line in moved]),
    }


def _line(scenario: Scenario, line: Frontier) -> Iterator[Record]:
    solutions, movable = line.solutions, line.solutions.movable
    for case, (by_value, by_x) in enumerate(zip(line.by_values.tolist(), line.by_x.tolist(), strict=True)):
        at = vary(scenario, {line.by.at: by_x})
        answers = allowed(at, solutions, case)
        nearest = answers[0] if answers else None
        yield {
            "by": shown(line.by, by_value),
            "by_set": line.by.setting(by_x),
            "value": None if nearest is None else shown(movable, nearest.value),
            "set": None if nearest is None else movable.setting(nearest.x),
            "others": [shown(movable, answer.value) for answer in answers[1:]],
            "reason": reason(at, solutions, case) if nearest is None else None,
        }


def _rates(scenario: Scenario, question: Question) -> Record:
    """At which rate two plans are compared, and what their gap is at each one's own where one has another."""
    if question.against is None:
        return {}
    rate = scenario.discount_rate_fraction_per_year
    plans = evaluate(scenario, question.names).plans
    ours, theirs = (plans[name] for name in question.names)
    own = any(scenario.rate(plan.plan) != rate for plan in (ours, theirs))
    gap = float((ours.npv_usd - theirs.npv_usd)[0]) + 0.0
    found = {"discount_rate_fraction_per_year": rate, "npv_difference_at_own_rates_usd": gap if own else None}
    return found if ours.deepest == UNLEVERED else found | {"corner": ours.deepest}


def overview(scenario: Scenario, questions: Sequence[Question]) -> Record:
    """The nearest break-even of every input of a scenario of a single case that moves the gap, and the hash costs."""
    known = movables_and_shared(scenario)
    names = dict.fromkeys(name for question in questions for name in question.names)
    needs = {name: reads(scenario, name) for name in names}
    asked = [
        (path, question)
        for question in questions
        for path in known
        if any(needs[name].input(path) for name in question.names)
    ]
    found: dict[Question, list[Record]] = {question: [] for question in questions}
    at_end = cache(partial(refusal, scenario))
    for solutions in solve_all(scenario, asked):
        row = _nearest(scenario, solutions, at_end)
        if row is not None:
            found[solutions.question].append(row)
    plans = [
        {**_question(question), **_rates(scenario, question), "break_evens": sorted(rows, key=_distance)}
        for question, rows in found.items()
    ]
    own = hash_costs.reference_fleet(scenario)
    return {
        "plans": plans,
        "fleets": [cost._asdict() for cost in hash_costs.fleets(scenario)],
        "btc_prices_at_network_of": hash_costs.network_of(scenario),
        "machines_run_as": None if own is None else own.name,
        "machines": [cost._asdict() for cost in hash_costs.catalogue(scenario)],
    }


def _nearest(scenario: Scenario, solutions: Solutions, at_end: Callable[[Movable, float], str | None]) -> Record | None:
    """The answer nearest to the present that a file may hold, or why none; None for an input without effect.

    ``at_end`` is why no file may hold the end of a range, which questions share.
    """
    if not solutions.moves[0]:
        return None
    movable, answers = solutions.movable, allowed(scenario, solutions)
    nearest = _answer(solutions, answers[0]) if answers else {}
    return {
        "path": movable.path,
        "present": shown(movable, movable.value),
        **{key: nearest.get(key) for key in ("value", "scale", "shift", "set", "kind", "beyond")},
        "is_path": flat_movable(scenario, movable) is not None,
        **_flat(scenario, solutions, bool(answers)),
        "others": [shown(movable, answer.value) for answer in answers[1:]],
        "sets_of_others": [movable.setting(answer.x) for answer in answers[1:]],
        "low": shown(movable, movable.range[0]),
        "high": shown(movable, movable.range[1]),
        **_at_ends(solutions, at_end),
        "reason": None if answers else reason(scenario, solutions),
        "note": _note(scenario, solutions),
    }


def _distance(row: Record) -> tuple[bool, bool, float]:
    """Break-evens first, those that can be measured against the present value first, the nearest first.

    A count that is the last to keep the order as it is now has no other value to be told first.
    """
    scale, stays = row["scale"], row["kind"] == "step" and row["value"] == row["present"]
    return row["value"] is None, scale is None or stays, 0.0 if scale is None else distance(scale - 1.0)
