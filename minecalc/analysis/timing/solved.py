"""A choice of times solved, with Monte Carlo errors: what each way to choose is worth, and when it converts.

Rules are fitted on some paths and valued on others, where they know nothing of the future: a lower bound of what the
best rule is worth. The best modes of each path with foresight, of worths without the noise that controls explain,
are worth more on average than any rule: an upper bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from minecalc.analysis.timing.problems import Problem
from minecalc.analysis.timing.rule import fit
from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, best_date, best_with_foresight
from minecalc.analysis.timing.trigger import Conditions, best_trigger, triggered
from minecalc.arrays import BoolArray, FloatArray
from minecalc.statistics.estimates import Estimate, probability
from minecalc.statistics.sample import Sample
from minecalc.statistics.sampling import Sampling

#: Ways to choose the time, the plainest first: of equals that is the best.
NEVER, NOW, FIXED, TRIGGER, RULE = WAYS = ("never", "now", "fixed_date", "trigger", "rule")
#: What no way is worth more than on average: the tightest bound, and what knowing the future would be worth.
UPPER, FORESIGHT = BOUNDS = ("upper_bound", "foresight")


class Worth(NamedTuple):
    """An NPV at the scenario's rate, and how much more that is than converting now and than never, path by path."""

    npv: Estimate
    over_now: Estimate
    over_never: Estimate


class Worths(NamedTuple):
    """What something is worth on each path ``(paths,)``, without the noise of controls and with it: of one mean."""

    quiet: FloatArray
    raw: FloatArray

    @property
    def mean(self) -> Estimate:
        """The mean, from whichever tells it better."""
        return _sharper(self.quiet, self.raw)

    def over(self, other: Worths) -> Estimate:
        """By how much it is worth more than ``other`` on the same paths: what is alike in both has no error."""
        return _sharper(self.quiet - other.quiet, self.raw - other.raw)

    def plus(self, other: Worths) -> Worths:
        """Both together."""
        return Worths(self.quiet + other.quiet, self.raw + other.raw)


def _sharper(*values: FloatArray) -> Estimate:
    """The mean with the smaller error: samples ``(paths,)`` of one mean."""
    estimates = [Sample(each, Sampling("independent", each.size)).mean for each in values]
    return min(estimates, key=lambda estimate: math.inf if estimate.error is None else estimate.error)


def worth(of: Worths, now: Worths, never: Worths) -> Worth:
    """What something comes to, beside converting now and never."""
    return Worth(of.mean, of.over(now), of.over(never))


def tighter(one: Worth, other: Worth) -> Worth:
    """The lower of two upper bounds, for each of their numbers."""
    return Worth(*(min(pair, key=lambda bound: bound.number or 0.0) for pair in zip(one, other, strict=True)))


class Dates(NamedTuple):
    """When a way converts: the share of worlds on each date, in which it never does, and the median date.

    The median counts months after the start; None: fewer than half of the worlds convert.
    """

    shares: Sequence[Estimate]
    never: Estimate
    median_months: int | None


class Solved(NamedTuple):
    """A choice among ``months`` after the start, for the whole plan or the phase ``name``.

    The ``best`` way is that on these paths, the plainest of equals: a rule worth less than fixed dates is not followed.
    So none of the others is worth more; the choice flatters it by less than the error of their differences.
    ``ways`` has what each of ``WAYS`` and ``BOUNDS`` is worth, ``paths_worth`` the NPV of ``best`` and others by
    path; ``by_date`` what converting on each date is, fixed today; ``dates`` when the ways convert that wait for the
    market. ``conditions`` are the trigger's, None if it never converts; ``captured_fraction`` is its share of what the
    best way adds to fixed dates, None if that is nothing.
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
    paths_worth: dict[str, Worths]


def solved(name: str, known: Problem, fresh: Problem) -> Solved:
    """Fitted to ``known``, valued on ``fresh``: other paths of the same choice, drawn independently."""
    fitted = fit(known.switching, known.controls)
    conditions = best_trigger(fitted.quiet(known.switching, known.controls))
    here, quiet = fresh.switching, fitted.quiet(fresh.switching, fresh.controls)
    date = best_date(known.switching)
    modes = {way: here.converted_on(on) for way, on in ((NEVER, None), (NOW, 0), (FIXED, date))}
    modes |= {TRIGGER: triggered(here, conditions), RULE: fitted.modes(here)}

    def by_path(modes: Modes) -> Worths:
        if fresh.now_usd is not None and modes.all():
            alike = np.full(fresh.before.size, fresh.now_usd)
            return Worths(alike, alike)
        return Worths(quiet.worth_of(modes) + fresh.before, here.worth_of(modes) + fresh.before)

    values = {way: by_path(each) for way, each in modes.items()}
    upper, foresight = best_with_foresight(quiet) + fresh.before, best_with_foresight(here)
    values[UPPER] = Worths(upper, upper)
    # who knows the path knows its noise, but that of never converting is none of what he gains by it
    gained = foresight - here.worth_of(modes[NEVER]) + quiet.worth_of(modes[NEVER])
    values[FORESIGHT] = Worths(gained + fresh.before, foresight + fresh.before)
    now, never = values[NOW], values[NEVER]
    means = {way: float(mean_over_paths(quiet.worth_of(modes[way]))) for way in WAYS}
    best, fixed = max(WAYS, key=lambda way: means[way]), max(means[way] for way in (NEVER, NOW, FIXED))
    ways = {way: worth(each, now, never) for way, each in values.items()}
    ways[UPPER] = tighter(ways[UPPER], ways[FORESIGHT])
    return Solved(
        name=name,
        months=known.months,
        ways=ways,
        best=best,
        by_date=[worth(by_path(here.converted_on(d)), now, never) for d in range(here.dates)],
        fixed_months=None if date is None else known.months[date],
        conditions=conditions,
        captured_fraction=(means[TRIGGER] - fixed) / (means[best] - fixed) if means[best] > fixed else None,
        dates={way: _dates(modes[way], known.months, fresh.before.size) for way in (TRIGGER, RULE)},
        paths_worth={
            "best": values[best],
            NOW: now,
            NEVER: never,
            FIXED: values[FIXED],
            UPPER: min(values[UPPER], values[FORESIGHT], key=lambda each: mean_over_paths(each.quiet)),
        },
    )


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
    fitted = fit(known.switching, known.controls)
    quiet = fitted.quiet(fresh.switching, fresh.controls)
    modes = fitted.modes(fresh.switching)
    rule = Worths(quiet.worth_of(modes) + fresh.before, fresh.switching.worth_of(modes) + fresh.before)
    best, now, never = (without.paths_worth[way] for way in ("best", NOW, NEVER))
    added = rule.over(best)
    follows = (added.number or 0.0) > 0.0
    upper, foresight = (best_with_foresight(each) + fresh.before for each in (quiet, fresh.switching))
    back, paths = quiet.flows.shape[1] - 1, fresh.before.size
    every, sampling = np.ones(paths, dtype=np.bool_), Sampling("independent", paths)
    return Returning(
        worth=worth(rule if follows else best, now, never),
        added=added if follows else best.over(best),
        rule_added=added,
        upper=tighter(*(worth(Worths(each, each), now, never) for each in (upper, foresight))),
        converts=probability((modes != 0).any(axis=0), every, sampling),
        returns=probability((modes == back).any(axis=0), every, sampling),
    )


def all_worths(parts: Sequence[Worths], rest: FloatArray) -> Worths:
    """What phases and all that does not wait are worth together, added in order."""
    return reduce(Worths.plus, parts, Worths(rest, rest))
