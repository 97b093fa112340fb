"""A choice of times solved, with Monte Carlo errors: what each way to choose is worth, and when it converts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.simulate.estimates import Estimate, probability
from minecalc.analysis.simulate.sampling import Sampling
from minecalc.analysis.simulate.statistics import Sample
from minecalc.analysis.timing.problems import Problem
from minecalc.analysis.timing.rule import fit
from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, best_with_foresight
from minecalc.analysis.timing.trigger import Conditions
from minecalc.analysis.timing.valuation import Valuation, value
from minecalc.arrays import BoolArray, FloatArray

#: Ways to choose the time, the plainest first: of equals that is the best.
NEVER, NOW, FIXED, TRIGGER, RULE = WAYS = ("never", "now", "fixed_date", "trigger", "rule")
#: What no way is worth more than on average: the tightest bound, and what knowing the future would be worth.
UPPER, FORESIGHT = BOUNDS = ("upper_bound", "foresight")


class Worth(NamedTuple):
    """An NPV at the scenario's rate, and how much more that is than converting now and than never, path by path."""

    npv: Estimate
    over_now: Estimate
    over_never: Estimate


class Dates(NamedTuple):
    """When a way converts: the share of worlds on each date, in which it never does, and the median date.

    The median counts months after the start; None: fewer than half of the worlds convert.
    """

    shares: Sequence[Estimate]
    never: Estimate
    median_months: int | None


class Solved(NamedTuple):
    """A choice among ``months`` after the start, for the whole plan or the phase ``name``.

    ``ways`` has what each of ``WAYS`` and ``BOUNDS`` is worth, ``paths_worth`` the NPV of ``best``, now and never by
    path; ``by_date`` what converting on each date is, fixed today; ``dates`` when the ways convert that wait for the
    market. ``conditions`` are the trigger's, None if it never converts; ``captured_fraction`` is its share of what the
    best way adds to fixed dates.
    """

    name: str
    months: tuple[int, ...]
    ways: dict[str, Worth]
    best: str
    by_date: Sequence[Worth]
    fixed_months: int | None
    conditions: Conditions | None
    captured_fraction: float | None
    dates: dict[str, Dates]
    paths_worth: dict[str, FloatArray]


def estimate(values: FloatArray) -> Estimate:
    """The mean of ``values (paths,)`` of independent paths, with its error."""
    return Sample(values, Sampling("independent", values.size)).mean


def worth(values: FloatArray, now: FloatArray, never: FloatArray) -> Worth:
    """What ``values (paths,)`` come to, beside those of converting now and never."""
    return Worth(estimate(values), estimate(values - now), estimate(values - never))


def solved(name: str, known: Problem, fresh: Problem) -> Solved:
    """Fitted to ``known``, valued on ``fresh``: other paths of the same choice."""
    found = value(known.switching, known.surprises, fresh.switching, fresh.surprises, now=fresh.now)
    policies = {NEVER: found.staying, NOW: found.now, FIXED: found.schedule, TRIGGER: found.triggered, RULE: found.rule}
    upper = min(found.upper, found.foresight, key=mean_over_paths)
    values = {way: policy.worth for way, policy in policies.items()} | {UPPER: upper, FORESIGHT: found.foresight}
    values = {way: each + fresh.before for way, each in values.items()}
    now, never = values[NOW], values[NEVER]
    best = max(WAYS, key=lambda way: policies[way].mean)
    fixed = np.flatnonzero(found.schedule.modes[:, 0])
    return Solved(
        name=name,
        months=known.months,
        ways={way: worth(each, now, never) for way, each in values.items()},
        best=best,
        by_date=[worth(each + fresh.before, now, never) for each in _on_each_date(found)],
        fixed_months=known.months[fixed[0]] if fixed.size else None,
        conditions=found.trigger.by_move[0],
        captured_fraction=found.captured_fraction,
        dates={way: _dates(policies[way].modes, known.months, now.size) for way in (TRIGGER, RULE)},
        paths_worth={"best": values[best], NOW: now, NEVER: never, UPPER: values[UPPER]},
    )


def _on_each_date(found: Valuation) -> list[FloatArray]:
    """What moving on each date is worth on each path, whatever happens until then."""
    quiet = found.quiet
    modes = [np.where(np.arange(quiet.dates) >= d, np.int8(1), np.int8(0))[:, None] for d in range(quiet.dates)]
    return [quiet.worth_of(each) for each in modes]


def _dates(modes: Modes, months: Sequence[int], paths: int) -> Dates:
    """When paths that are in ``modes (dates, 1|paths)`` first are in another than 0."""
    converted = np.broadcast_to(modes != 0, (len(modes), paths))
    before = np.concatenate([np.zeros((1, paths), dtype=np.bool_), converted[:-1]])
    is_sure = modes.shape[1] == 1
    shares = [
        _share(event, is_sure=is_sure or not month or bool(done.all()))
        for month, event, done in zip(months, converted & ~before, before, strict=True)
    ]
    never = _share(~converted[-1], is_sure=is_sure or (not months[0] and bool(converted[0].all())))
    half = np.flatnonzero(2 * np.count_nonzero(converted, axis=1) >= paths)
    return Dates(shares, never, months[int(half[0])] if half.size else None)


def _share(event: BoolArray, *, is_sure: bool) -> Estimate:
    """The share of paths on which ``event`` holds: without error where it is the same in every world there is.

    So it is today, whose market is known.
    """
    paths = event.size
    if is_sure:
        share = float(event[0])
        return Estimate(share, 0.0, share, share, paths)
    return probability(event, np.ones(paths, dtype=np.bool_), Sampling("independent", paths))


class Returning(NamedTuple):
    """The plan with a way back: what it is worth, and what that adds to the best way without it.

    ``rule_added`` is what the rule that uses it adds, below zero where it is worth less than not to follow it;
    ``converts`` and ``returns`` are the shares of worlds in which that rule does so.
    """

    worth: Worth
    added: Estimate
    rule_added: Estimate
    upper: Worth
    converts: Estimate
    returns: Estimate


def returning(known: Problem, fresh: Problem, without: Solved) -> Returning:
    """The plan ``and_back``, beside the same ``without``: nobody has to follow a rule that is worth less."""
    fitted = fit(known.switching, known.surprises)
    quiet = fitted.quiet(fresh.switching, fresh.surprises)
    modes = fitted.rule.modes(fresh.switching)
    rule = quiet.worth_of(modes) + fresh.before
    best, now, never = (without.paths_worth[way] for way in ("best", NOW, NEVER))
    added = estimate(rule - best)
    follows = (added.number or 0.0) > 0.0
    upper = best_with_foresight(quiet) + fresh.before
    back = quiet.flows.shape[1] - 1
    paths, known_paths = fresh.before.size, np.ones(fresh.before.size, dtype=np.bool_)
    sampling = Sampling("independent", paths)
    return Returning(
        worth=worth(rule if follows else best, now, never),
        added=added if follows else estimate(np.zeros(paths)),
        rule_added=added,
        upper=worth(upper, now, never),
        converts=probability((modes != 0).any(axis=0), known_paths, sampling),
        returns=probability((modes == back).any(axis=0), known_paths, sampling),
    )


def whole_worth(parts: Sequence[FloatArray], rest: FloatArray) -> FloatArray:
    """Worths by path ``(paths,)`` of phases and of all that does not wait, added in order."""
    total = rest.copy()
    for part in parts:
        total += part
    return total
