"""The sentence on top of a comparison: who is ahead, by how much, and what that hangs on. Made from the record alone.

Behind the lead stand at most three clauses, those first that move the lead most: without what is worth something at the
horizon, at the plans' own rates, with mining stopped at its best, at a default's published range, by the plan that is
told of apart, and the values at which the two draw level.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from minecalc.analysis.compare.levels import draws_level
from minecalc.analysis.level_words import word
from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED
from minecalc.document import Phrase, Value
from minecalc.figures.labels import input_label, mid_sentence, plan_label
from minecalc.schema.numbers import unit_words
from minecalc.units import unit_of

Record = Mapping[str, Any]
Words = list[str | Value]

#: Clauses behind the lead, and what moves the lead by less, as a share of it, than is worth one.
_CLAUSES_MOST, _LEAST = 3, 0.1

#: What of a lead exit values have to be to carry it, as a share of it.
_CARRIES = 0.5

#: Rounding: by how much a DSCR may lie below 1, and of what a lead is the difference of, the share that is none.
_ROUNDING = 1e-9

#: Parts of an exit value that are smaller, as a share of it, are not named.
_NAMED = 0.1

_GAP = "npv_difference_at_scenario_rate_usd"
_WITHOUT = "npv_difference_without_residual_at_scenario_rate_usd"
_OWN = "npv_difference_usd"


class _Clause(NamedTuple):
    """Words, and how much of the lead they are about: 1 or more turns it round.

    ``of`` is the plan that they are about, named in them or, if they are ``bare``, not; "" where they are of both.
    """

    weight: float
    words: Words
    of: str = ""
    bare: bool = False


def baseline_of(record: Record) -> Record:
    """The plan that the others are compared with."""
    return _named(record, record["baseline"])


def told_plan(record: Record) -> Record | None:
    """The alternative that the headline is about; None where the baseline is alone."""
    return None if record["headline_plan"] is None else _named(record, record["headline_plan"])


def headline(record: Record) -> Phrase:
    """The lead of the plan that is told, or the worth of the only one, and what that hangs on."""
    baseline, plan = baseline_of(record), told_plan(record)
    if plan is None:
        rate = Value(baseline["discount_rate_fraction_per_year"], "fraction")
        return [f"{_called(baseline)} is worth ", Value(baseline["metrics"]["npv_usd"], "usd"), " at ", rate, "."]
    own = _at_own_rates(record, plan)
    words = [*_lead(record, plan), " at ", Value(record["discount_rate_fraction_per_year"], "fraction"), *own]
    unserved = list(_unserved(plan))
    clauses = sorted(_clauses(record, plan), key=lambda clause: -clause.weight)
    most = max(_CLAUSES_MOST - bool(own) - len(unserved), 0)
    told = [one for one in clauses if one.weight >= _LEAST][:most]
    told.sort(key=lambda clause: clause.of not in ("", plan["name"], baseline["name"]))  # of a third plan last
    every = [*unserved, *_with_subjects(told, plan["name"])]
    return [*words, *(part for clause in every for part in ("; ", *clause)), "."]


def _with_subjects(clauses: Sequence[_Clause], told: str) -> Iterator[Words]:
    """The words of clauses, with the name of the plan ``told`` where they would be taken to be of the one before."""
    spoken_of = told
    for clause in clauses:
        yield [f"{told} is ", *clause.words] if clause.bare and spoken_of != told else clause.words
        spoken_of = clause.of or spoken_of


def hangs_on(record: Record) -> list[str]:
    """In a word each, what turns the lead of the plan that is told: summaries say it too."""
    plan = told_plan(record)
    if plan is None:
        return []
    gap, against = plan["vs_baseline"][_GAP], plan["vs_baseline"]
    before_debt = lead_before_debt(record, plan)
    turned = {
        "exit value": _lead_without_exit(record, plan),
        "debt": gap if before_debt is None else before_debt,
        "own rates": against[_OWN],
    }
    found = [name for name, other in turned.items() if gap * other < 0.0]
    return [*found, "a claim"] if plan["evidence"] == "claim" else found


def _named(record: Record, name: str) -> Record:
    found: Record = next(plan for plan in record["plans"] if plan["name"] == name)
    return found


def _gap(plan: Record) -> float:
    return float(plan["vs_baseline"][_GAP])


def _called(plan: Record) -> str:
    """A plan's name, with what qualifies its worth: that it is a claim, and after debt and tax or not."""
    return plan_label(plan["name"], plan.get("corner", UNLEVERED), claim=plan["evidence"] == "claim")


def _lead(record: Record, plan: Record) -> Words:
    gap, name, baseline = _gap(plan), _called(plan), record["baseline"]
    if gap == 0.0:
        return [f"{name} and {baseline} are worth the same"]
    if gap > 0.0:
        return [f"{name} beats {baseline} by ", Value(gap, "usd", tone="good"), " NPV"]
    rivals = [one for one in record["plans"] if one["name"] != baseline]
    behind = Value(-gap, "usd", tone="bad")
    if len(rivals) > 1 and max(map(_gap, rivals)) == gap:
        return [f"{baseline} beats every other plan: {name} is ", behind, " behind"]
    return [f"{name} is ", behind, f" NPV behind {baseline}"]


def _at_own_rates(record: Record, plan: Record) -> Words:
    """What the gap is at the plans' own rates, where one of them has another than the scenario's."""
    ours = [
        one
        for one in (plan, baseline_of(record))
        if one["discount_rate_fraction_per_year"] != record["discount_rate_fraction_per_year"]
    ]
    if not ours:
        return []
    rates = [Value(one["discount_rate_fraction_per_year"], "fraction") for one in ours]
    whose: Words = [" (at their own rates of ", rates[0], " and ", rates[-1], ": "]
    if len(ours) == 1:
        of = "its own rate" if ours[0] is plan else f"{ours[0]['name']}'s own rate"
        whose = [f" (at {of} of ", rates[0], ": "]
    return [*whose, *_ahead_or_behind(plan["vs_baseline"][_OWN]), ")"]


def _ahead_or_behind(usd: float) -> Words:
    return ["the same"] if usd == 0.0 else [Value(abs(usd), "usd"), " ahead" if usd > 0.0 else " behind"]


def _clauses(record: Record, plan: Record) -> Iterator[_Clause]:
    others = (
        _without_exit(record, plan),
        _before_debt(record, plan),
        _best_stop(record, plan),
        _better_plan(record, plan),
    )
    for words, lead, of in chain.from_iterable(others):
        yield _Clause(_share(_gap(plan), lead), words, of or plan["name"], bare=not of)
    yield from _defaults(record, plan)
    levels = draws_level(plan["vs_baseline"]["break_evens"], _gap(plan), plan["name"], record)
    if levels:
        yield _Clause(1.0, levels)


def _unserved(plan: Record) -> Iterator[Words]:
    """That a plan's cash does not pay its debt, whatever it leaves to equity then."""
    debt = plan.get("financing")
    least = None if debt is None else debt["dscr_min_ratio"]
    if debt is not None and least is not None and least < 1.0 - _ROUNDING:
        yield ["its cash does not serve the debt: DSCR is ", Value(least, "ratio"), f" in {debt['dscr_min_month']}"]


def _share(gap: float, lead: float) -> float:
    """How far the lead moves, as a share of it; everything where there is none."""
    return abs(lead - gap) / abs(gap) if gap else float(lead != 0.0)


#: Words, the lead of the plan that is told as they have it, and the plan that they name; "" if none.
_Told = tuple[Words, float, str]


def _without_exit(record: Record, plan: Record) -> Iterator[_Told]:
    """What the lead is without exit values, where it turns then, another plan leads, or most of it is gone."""
    gap, without = _gap(plan), _lead_without_exit(record, plan)
    of = f"without {_exit_words(record, plan)}"
    if gap * without < 0.0:
        ahead = plan["name"] if without > 0.0 else record["baseline"]
        yield [f"{of} {ahead} is ahead by ", Value(abs(without), "usd")], without, ahead
        return
    rivals = [one for one in record["plans"] if one["evidence"] != "claim" and one["name"] != record["baseline"]]
    best = max(rivals, key=lambda one: _lead_without_exit(record, one), default=plan)
    further = _lead_without_exit(record, best)
    if gap > 0.0 and gap == max(map(_gap, rivals), default=gap) and further > without:
        yield [f"{of} {best['name']} is the best, ", Value(further, "usd"), " ahead"], gap - abs(gap), best["name"]
    elif abs(without) < (1.0 - _CARRIES) * abs(gap):
        yield [*_ahead_or_behind(without), f" {of}"], without, ""


def _lead_without_exit(record: Record, plan: Record) -> float:
    """A plan's lead without exit values; 0 where it is what rounding leaves of its worth and the baseline's."""
    without = float(plan["vs_baseline"][_WITHOUT])
    worths = (one["metrics"]["npv_at_scenario_rate_usd"] or 0.0 for one in (plan, baseline_of(record)))
    return 0.0 if abs(without) <= _ROUNDING * max(map(abs, worths)) else without


def _before_debt(record: Record, plan: Record) -> Iterator[_Told]:
    """What the lead is if nobody borrows, at the same rate: cheap debt makes no better site."""
    left = lead_before_debt(record, plan)
    if left is None:
        return
    if left * _gap(plan) < 0.0:
        ahead = plan["name"] if left > 0.0 else record["baseline"]
        yield ["before debt ", ahead, " is ahead by ", Value(abs(left), "usd")], left, ahead
    else:
        yield [*_ahead_or_behind(left), " before debt"], left, ""


def lead_before_debt(record: Record, plan: Record) -> float | None:
    """By how much a plan is ahead of the baseline at the scenario's rate if nobody borrows; None where nobody does."""
    both = plan, baseline_of(record)
    if not any(one.get("corner") in (LEVERED, TO_EQUITY) for one in both):
        return None
    ours, theirs = (_worth_before_debt(one) for one in both)
    return None if ours is None or theirs is None else ours - theirs


def _worth_before_debt(plan: Record) -> float | None:
    """What a plan is worth at the scenario's rate before debt, after tax where that decides."""
    if "corners" not in plan:
        found: float | None = plan["metrics"]["npv_at_scenario_rate_usd"]
        return found
    corner = AFTER_TAX if plan.get("corner") in (TO_EQUITY, AFTER_TAX) else UNLEVERED
    number = plan["corners"][corner]["npv_at_scenario_rate_usd"]
    return None if number is None else float(number)


def _exit_words(record: Record, plan: Record) -> str:
    """What the difference in exit values is of: all that make up a good part of it."""
    sums: dict[str, float] = {}
    for one, side in ((plan, 1.0), (baseline_of(record), -1.0)):
        for item in one["worth_at_the_end"]:
            sums[item["what"]] = sums.get(item["what"], 0.0) + side * item["npv_at_scenario_rate_usd"]
    whole = sum(abs(usd) for usd in sums.values())
    named = [what for what, usd in sums.items() if abs(usd) > _NAMED * whole]
    return " and ".join(named) if 1 <= len(named) <= 2 else "exit values"


def _best_stop(record: Record, plan: Record) -> Iterator[_Told]:
    """What the lead is when mining stops in the month that is best for the baseline, and for the plan."""
    baseline = baseline_of(record)["metrics"]
    stopped = baseline["npv_at_best_stop_at_scenario_rate_usd"]
    if stopped is None or stopped == baseline["npv_at_scenario_rate_usd"]:
        return
    ours = plan["metrics"]["npv_at_best_stop_at_scenario_rate_usd"]
    left = (plan["metrics"]["npv_at_scenario_rate_usd"] if ours is None else ours) - stopped
    best = baseline["best_stop"]
    when = "when mining never stops, its best" if best == "never" else f"when mining stops at its best ({best})"
    yield [*_ahead_or_behind(left), f" {when}"], left, ""


def _better_plan(record: Record, plan: Record) -> Iterator[_Told]:
    """A plan that is further ahead than the one that is told, because it is a claim or the file tells of another."""
    rivals = [one for one in record["plans"] if one["name"] != record["baseline"]]
    best = max(rivals, key=_gap)
    if _gap(best) > _gap(plan):
        yield [f"{_called(best)} is ", *_ahead_or_behind(_gap(best))], _gap(best), best["name"]


def _defaults(record: Record, plan: Record) -> Iterator[_Clause]:
    """Inputs that nobody gave and that turn the lead within what is published of them."""
    found: Sequence[Record] = record["deciding_defaults"]
    if not found:
        return
    words: Words = ["assuming "]
    for number, item in enumerate(found):
        path = item["path"]
        low, high = word(item["low"], path), word(item["high"], path)
        words += [" and " if number else "", mid_sentence(input_label(path, plan["name"])), " of "]
        words += [word(item["value"], path), _per(path), " (not given; published: ", low, " to ", high, ")"]
    gap = _gap(plan)
    moved = max(_share(gap, item[end]) for item in found for end in ("difference_at_low_usd", "difference_at_high_usd"))
    yield _Clause(moved, words)


def _per(path: str) -> str:
    """`` per critical MW`` of dollars per critical MW; nothing where the look of the number has its unit."""
    unit = unit_of(path) or ""
    return f" {unit_words(unit).removeprefix('USD ')}" if unit.startswith("usd_per_") and "kwh" not in unit else ""
