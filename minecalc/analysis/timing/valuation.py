"""What it is worth to choose the time: never to move, the best dates fixed today, a rule, a rule that can be read.

Rules are fitted on some paths and valued on others, where they know nothing of the future: a lower bound of what the
best rule is worth. The best modes of each path with foresight, of worths without the noise that controls explain,
are worth more on average than any rule: an upper bound.
"""

from __future__ import annotations

from typing import NamedTuple

from minecalc.analysis.timing.control_variates import ControlVariates
from minecalc.analysis.timing.rule import fit
from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, Switching, best_schedule, best_with_foresight
from minecalc.analysis.timing.trigger import Trigger, best_trigger
from minecalc.arrays import FloatArray


class Policy(NamedTuple):
    """The modes ``(dates, 1|paths)`` that a policy leads to, and what it is worth on each path ``(paths,)``."""

    modes: Modes
    worth: FloatArray

    @property
    def mean(self) -> float:
        """What it is worth on average."""
        return float(mean_over_paths(self.worth))


class Valuation(NamedTuple):
    """What policies are worth on fresh paths, and what bounds them: ``upper`` and ``foresight``, both ``(paths,)``.

    ``staying`` never moves; ``now`` is as asked for; ``schedule`` has the dates that were best on the paths of the
    fit; ``rule`` is fitted there, and ``trigger`` searched for. The noise of controls is taken out of all worths, as
    it is out of ``quiet``, the fresh paths; out of ``foresight``, which knows the control variates, that of staying.
    """

    quiet: Switching
    staying: Policy
    now: Policy
    schedule: Policy
    rule: Policy
    trigger: Trigger
    triggered: Policy
    upper: FloatArray
    foresight: FloatArray

    @property
    def best(self) -> Policy:
        """The best policy on these paths, the plainest of equals: a rule worth less than fixed dates is not followed.

        So none of the others is worth more; the choice flatters it by less than the error of their differences.
        """
        return max(self.staying, self.now, self.schedule, self.triggered, self.rule, key=lambda policy: policy.mean)

    @property
    def captured_fraction(self) -> float | None:
        """The share that the trigger adds of what the best policy adds to fixed dates; None if that is nothing."""
        fixed = max(self.staying.mean, self.now.mean, self.schedule.mean)
        added = self.best.mean - fixed
        return (self.triggered.mean - fixed) / added if added > 0.0 else None


def value(
    known: Switching, controls: ControlVariates, fresh: Switching, fresh_controls: ControlVariates, *, now: Modes
) -> Valuation:
    """Fit to the paths of ``known``, and value on those of ``fresh``, which must be drawn independently of them.

    ``now (dates, 1)`` are the modes of moving at once. Raises ValueError where that is not allowed.
    """
    fitted = fit(known, controls)
    trigger = best_trigger(fitted.quiet(known, controls))
    quiet = fitted.quiet(fresh, fresh_controls)

    def policy(modes: Modes) -> Policy:
        return Policy(modes, quiet.worth_of(modes))

    staying = policy(fresh.staying())
    return Valuation(
        quiet=quiet,
        staying=staying,
        now=policy(now),
        schedule=policy(best_schedule(known)),
        rule=policy(fitted.rule.modes(fresh)),
        trigger=trigger,
        triggered=policy(trigger.modes(fresh)),
        upper=best_with_foresight(quiet),
        foresight=best_with_foresight(fresh) - fresh.worth_of(staying.modes) + staying.worth,
    )
