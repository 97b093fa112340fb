"""Break-evens of a comparison: the value of each input that matters at which a plan and the baseline are level.

All inputs of a screen are solved together by ``solve_all``, which ``breakeven`` uses too, so that both give the same
answers. A value over time is moved as a whole. A delay is in whole months: the last at which the ranking holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minecalc.engine import Evaluation
from minecalc.levers import Lever, flat_lever, levers_and_shared
from minecalc.places import EVERY
from minecalc.scenario import Plan, Scenario
from minecalc.schema.names import quoted
from minecalc.solving.delays import gain_by_delay, late, residual_note
from minecalc.solving.flat import flat_levels
from minecalc.solving.gap import Question
from minecalc.solving.solve import Solution, Solutions, solve_all
from minecalc.solving.told import allowed, nearest_first, over_now, reason, sign

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


def break_evens(evaluation: Evaluation) -> dict[str, dict[str, BreakEven]]:
    """For every plan but the baseline, the break-even of each input that matters, by path.

    All inputs of all plans are solved together on columns. The scenario must be a single case.
    """
    scenario, baseline = evaluation.scenario, evaluation.baseline.plan.name
    rivals = [plan for name, plan in scenario.plans.items() if name != baseline]
    if not rivals:
        return {}
    known = levers_and_shared(scenario)
    pairs = [(plan.name, path) for plan in rivals for path in (*_OF_ALL, *_own(plan)) if path in known]
    found: dict[str, dict[str, BreakEven]] = {plan.name: {} for plan in rivals}
    solved = solve_all(scenario, [(path, Question(name, baseline)) for name, path in pairs])
    for (name, path), one in zip(pairs, solved, strict=True):
        note = _delay_note(evaluation, one) if path.endswith(_DELAY) else None
        found[name][path] = _result(scenario, one)._replace(note=note)
    told = max(scenario.headline_plans, key=lambda name: float(evaluation.difference_npv_at_scenario_rate_usd(name)[0]))
    levels = {one.lever.path: one for one in solved if one.question.plan == told}
    asked = [levels[path] for path, level_ in found[told].items() if level_.is_path and level_.value is not None]
    for one, flat in zip(asked, flat_levels(scenario, [(one.lever, one.question) for one in asked]), strict=True):
        found[told][one.lever.path] = found[told][one.lever.path]._replace(flat=flat.value, flat_set=flat.set)
    return found


def _delay_note(evaluation: Evaluation, solved: Solutions) -> str | None:
    """What to know of the break-even in a delay: what the lead rests on then, and whether being late is worth money."""
    leads, delay = solved.gaps[1, 0] > 0.0, solved.lever
    if not leads and not solved.rises[0]:
        return None
    plan = late(evaluation.plans[solved.question.plan], delay)
    told = [
        residual_note(plan, late(evaluation.baseline, delay), delay) if leads else None,
        gain_by_delay(plan, delay) if solved.rises[0] else None,
    ]
    return "; ".join(note for note in told if note is not None) or None


def _own(plan: Plan) -> Iterator[str]:
    """The paths of inputs of a plan's uses: those that several share first of all of them, by ``*``."""
    if not plan.flat:
        names = dict.fromkeys(name for use in plan.uses for name in use.inputs.worth_solving_for)
        yield from (f"plans.{quoted(plan.name)}.uses.{EVERY}.{name}" for name in names)
    for use in plan.uses:
        place = ".".join(quoted(part) for part in plan.place(use))
        yield from (f"{place}.{name}" for name in use.inputs.worth_solving_for)


def _result(scenario: Scenario, solved: Solutions) -> BreakEven:
    lever = solved.lever
    # these inputs lie in ranges of their own, so that only what is said of uncertainty could refuse one
    usable = nearest_first(solved) if scenario.uncertainty is None else allowed(scenario, solved)
    every = [*usable, *(answer for answer in solved.answers() if answer.kind == "jump")]
    nearest = level(lever, usable[0]) if usable else None
    low, high = lever.range
    return BreakEven(
        path=lever.path,
        present=lever.value,
        value=None if nearest is None else nearest.value,
        scale=None if nearest is None else nearest.scale,
        reason=reason(scenario, solved) if nearest is None else None,
        low=low,
        high=high,
        low_difference_usd=float(solved.gaps[0, 0]),
        high_difference_usd=float(solved.gaps[2, 0]),
        kind=None if nearest is None else nearest.kind,
        beyond=None if nearest is None else nearest.beyond,
        shift=None if nearest is None else nearest.shift,
        set=None if nearest is None else nearest.set,
        all=tuple(level(lever, answer) for answer in sorted(every, key=lambda answer: answer.value)),
        is_path=flat_lever(scenario, lever) is not None,
    )


def level(lever: Lever, answer: Solution) -> Level:
    """An answer as files have it."""
    scale = None if lever.whole else over_now(lever, answer.x)
    return Level(
        kind=answer.kind,
        value=answer.value,
        beyond=answer.beyond,
        scale=scale,
        shift=lever.shift(answer.x),
        set=lever.setting(answer.x),
        sign_below=sign(answer.sign_below),
        sign_above=sign(answer.sign_above),
    )
