"""Break-evens of a comparison: the value of each input that matters at which a plan and the baseline are level.

All inputs of a screen are solved together by ``solve_all``, which ``breakeven`` uses too, so that both give the same
answers. A value over time is moved as a whole. A delay is in whole months: the last at which the ranking holds.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.engine import Evaluation
from minecalc.scenario import Plan, Scenario
from minecalc.scenario.movables import Movable, flat_movable, movables_and_shared
from minecalc.scenario.places import EVERY
from minecalc.scenario.varying import taken
from minecalc.schema.names import dotted, quoted, split_path
from minecalc.solving.crossings import AT_JUMP
from minecalc.solving.delays import Gain, Late, gain_notes, largest_gain, residual_note
from minecalc.solving.dependence import Reads
from minecalc.solving.flat import Sought, flat_levels_of_each
from minecalc.solving.gap import Question
from minecalc.solving.solve import Solution, Solutions, needed, solve_each
from minecalc.solving.told import over_now, reason, sign, usable

#: Inputs of all plans that are worth solving for; those of a use its business names.
_OF_ALL = ("market.btc_price_usd", "market.hash_price_usd_per_ph_per_day", "site.electricity_price_usd_per_kwh")
_DELAY = ".delay_months"


class Level(NamedTuple):
    """One value at which the two are level, or one side of a stretch, a jump or a step, whose other is ``beyond``.

    ``set`` is what ``--set`` takes to put it in place; ``scale`` or ``shift`` is the number in it where it is one.
    ``sign_below`` and ``sign_above`` are 1 where the plan is ahead next to it on that side, -1 where it is behind, and
    None where nothing is left.
    """

    kind: str
    value: float
    beyond: float | None
    scale: float | None
    shift: float | None
    set: str
    sign_below: int | None = None
    sign_above: int | None = None


class BreakEven(NamedTuple):
    """Where a plan and the baseline are worth the same at the scenario's rate, for one input.

    ``value``, ``scale``, ``shift``, ``kind``, ``beyond`` and ``set`` are those of the answer nearest to ``present``,
    and ``all`` has every answer and jump, ascending (see ``Level``); values are of the first month. Without a value,
    ``reason`` says why. The differences are those at the ends of the range. ``note`` is what to know of the value.
    ``is_path``: the input now differs by month. Of the plan that the headline is about there is then, beside a value,
    ``flat``: the one number for all months at which the two are level, and ``flat_set``, what ``--set`` takes for it.
    """

    path: str
    present: float
    value: float | None
    scale: float | None
    reason: str | None
    low: float
    high: float
    low_difference_usd: float
    high_difference_usd: float
    note: str | None = None
    kind: str | None = None
    beyond: float | None = None
    shift: float | None = None
    set: str | None = None
    all: tuple[Level, ...] = ()
    is_path: bool = False
    flat: float | None = None
    flat_set: str | None = None


#: The break-evens of every plan but the baseline, by plan and path.
BreakEvens = dict[str, dict[str, BreakEven]]


def break_evens(evaluation: Evaluation) -> BreakEvens:
    """For every plan but the baseline, the break-even of each input that matters, by path.

    All inputs of all plans are solved together on columns. The scenario must be a single case.
    """
    return break_evens_of_each(evaluation, [evaluation.scenario])[0]


def break_evens_of_each(evaluation: Evaluation, scenarios: Sequence[Scenario]) -> list[BreakEvens]:
    """As ``break_evens`` for each of ``scenarios``, which are the cases of the one that was evaluated, in order."""
    baseline = evaluation.baseline.plan.name
    rivals = [plan for name, plan in evaluation.scenario.plans.items() if name != baseline]
    pairs = [(plan.name, path) for plan in rivals for path in (*_OF_ALL, *_own(plan))]
    movables = [_movables(scenario, [path for _, path in pairs]) for scenario in scenarios]
    found: list[BreakEvens] = [{plan.name: {} for plan in rivals} for _ in scenarios]
    for cases in _moved_alike(movables):
        scenario = evaluation.scenario
        if len(cases) < len(scenarios):
            scenario = taken(scenario, np.array(cases)) if len(cases) > 1 else scenarios[cases[0]]
        asked = [(name, path) for name, path in pairs if path in movables[cases[0]]]
        questions = [([movables[case][path] for case in cases], Question(name, baseline)) for name, path in asked]
        needs = needed(scenario, (question for _, question in questions), evaluation.plans)
        solved = solve_each(scenario, questions, needs=needs)
        by_path = [dict(zip(asked, own, strict=True)) for own in solved]
        notes = _delay_notes(evaluation, cases, by_path)
        for number, case in enumerate(cases):
            for (name, path), one in by_path[number].items():
                note = notes.get((number, name, path))
                found[case][name][path] = _result(scenarios[case], one)._replace(note=note)
        told = [evaluation.best_of(scenarios[case].headline_plans, case) for case in cases]
        _add_flat(scenario, [scenarios[case] for case in cases], told, by_path, [found[case] for case in cases], needs)
    return found


def _add_flat(
    scenario: Scenario,
    scenarios: Sequence[Scenario],
    told: Sequence[str | None],
    solved: Sequence[Mapping[tuple[str, str], Solutions]],
    found: Sequence[BreakEvens],
    needs: Mapping[str, Reads],
) -> None:
    """Of the plan ``told`` of each case, put the one number for all months beside what is found for a path."""
    asked = [
        Sought(case, own[plan, path].movable, own[plan, path].question)
        for case, (plan, own) in enumerate(zip(told, solved, strict=True))
        if plan is not None
        for path, one in found[case][plan].items()
        if one.is_path and one.value is not None
    ]
    for one, flat in zip(asked, flat_levels_of_each(scenario, scenarios, asked, usable, needs), strict=True):
        at, path = found[one.case][one.question.plan], one.movable.path
        at[path] = at[path]._replace(flat=flat.value, flat_set=flat.set)


def _movables(scenario: Scenario, paths: Sequence[str]) -> dict[str, Movable]:
    """The movable inputs of a scenario at those of ``paths`` that it has."""
    known = movables_and_shared(scenario, {split_path(path)[-1] for path in paths}) if paths else {}
    return {path: known[path] for path in dict.fromkeys(paths) if path in known}


def _moved_alike(movables: Sequence[Mapping[str, Movable]]) -> list[list[int]]:
    """The cases whose inputs move in the same way: by their value, scale or shift, alone or together."""
    found: dict[Hashable, list[int]] = {}
    for case, known in enumerate(movables):
        ways = tuple((path, one.at, one.whole, one.is_month, one.moves) for path, one in known.items())
        found.setdefault(ways, []).append(case)
    return list(found.values())


def _delay_notes(
    evaluation: Evaluation, cases: Sequence[int], solved: Sequence[Mapping[tuple[str, str], Solutions]]
) -> dict[tuple[int, str, str], str]:
    """What to know of the break-evens in delays, by the place of the case, plan and path.

    It is what a lead rests on then, and whether being late is worth money.
    """
    notes = dict[tuple[int, str, str], str]()
    for name, path in (key for key in solved[0] if key[1].endswith(_DELAY)):
        all_of = [own[name, path] for own in solved]
        told: dict[int, list[str | None]] = {}
        gains: dict[int, Gain] = {}
        for number, one in enumerate(all_of):
            ours, theirs = _late(one)
            told[number] = [residual_note(ours, theirs)] if one.gaps[1, 0] > 0.0 else []
            gain = largest_gain(ours)
            if gain is not None:
                gains[number] = gain
        if gains:
            places, delays = [cases[number] for number in gains], [all_of[number].movable for number in gains]
            words = gain_notes(evaluation.plans[name], places, delays, list(gains.values()))
            for number, text in zip(gains, words, strict=True):
                told[number].append(text)
        notes |= {(number, name, path): "; ".join(filter(None, texts)) for number, texts in told.items() if any(texts)}
    return notes


def _late(solved: Solutions) -> tuple[Late, Late]:
    """The plan and the baseline at each later delay of a single case, as the search for it has looked at them."""
    (steps,) = solved.steps
    later = (steps.x >= solved.span.present[0]) & (np.diff(steps.x, prepend=-np.inf) > 0.0)  # each once
    ours, theirs = (Late(steps.x[later], *(of[side, later] for of in steps[1:])) for side in (0, 1))
    return ours, theirs


def _own(plan: Plan) -> Iterator[str]:
    """The paths of inputs of a plan's uses: those that several share first of all of them, by ``*``."""
    if not plan.flat:
        names = dict.fromkeys(name for use in plan.uses for name in use.inputs.worth_solving_for)
        yield from (f"plans.{quoted(plan.name)}.uses.{EVERY}.{name}" for name in names)
    for use in plan.uses:
        place = dotted(plan.place(use))
        yield from (f"{place}.{name}" for name in use.inputs.worth_solving_for)


def _result(scenario: Scenario, solved: Solutions) -> BreakEven:
    movable = solved.movable
    answers = usable(scenario, solved)
    levels = [level(movable, answer) for answer in answers]
    nearest = levels[0] if levels else None
    if solved.found.kind.size and np.any(solved.found.kind == AT_JUMP):
        levels += (level(movable, answer) for answer in solved.answers() if answer.kind == "jump")
    low, high = movable.range
    return BreakEven(
        path=movable.path,
        present=movable.value,
        reason=reason(scenario, solved) if nearest is None else None,
        low=low,
        high=high,
        low_difference_usd=float(solved.gaps[0, 0]),
        high_difference_usd=float(solved.gaps[2, 0]),
        all=tuple(sorted(levels, key=lambda one: one.value)),
        is_path=flat_movable(scenario, movable) is not None,
        **{name: getattr(nearest, name, None) for name in ("value", "scale", "kind", "beyond", "shift", "set")},
    )


def level(movable: Movable, answer: Solution) -> Level:
    """An answer as files have it."""
    scale = None if movable.whole else over_now(movable, answer.x)
    return Level(
        kind=answer.kind,
        value=answer.value,
        beyond=answer.beyond,
        scale=scale,
        shift=movable.shift(answer.x),
        set=movable.setting(answer.x),
        sign_below=sign(answer.sign_below),
        sign_above=sign(answer.sign_above),
    )
