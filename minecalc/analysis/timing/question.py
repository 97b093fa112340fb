"""What is waiting worth, and for what? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from minecalc.analysis.questions import Answer, QuestionError, Watch, chosen_workers, demand_seed, plan_named, unwatched
from minecalc.analysis.timing.answer import Asked, answered
from minecalc.analysis.timing.answer import TimingNumbers as Found
from minecalc.analysis.timing.project import converting, longest_wait_months, project
from minecalc.engine import evaluate
from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.document import Document
    from minecalc.scenario import Scenario

#: Paths, their seed, months between dates and to the last of them, unless said otherwise.
PATHS, SEED, EVERY, UNTIL = 4096, 1, 6, 60
_PATHS_LEAST, _PATHS_MOST, _COST_MOST = 256, 32_768, 1e9

#: A block takes as long as several pieces of other work: a second process is worth its start for few of them.
_PIECES_PER_BLOCK = 3


@dataclass(frozen=True)
class Timing(Answer):
    """What waiting is worth to a plan of a scenario, or the ``reason`` why there is no answer."""

    scenario: Scenario
    found: Found | None
    reason: str = ""

    def document(self) -> Document:
        """The value of each way to wait, and the rule by which to convert."""
        from minecalc.analysis.timing.document import document, unanswered

        if self.found is None:
            return unanswered(self.scenario, self.reason)
        return document(self.found)

    @property
    def exists(self) -> bool:
        """Whether a plan can wait, and any simulated world can be computed."""
        return self.found is not None


def timing(
    scenario: Scenario,
    *,
    plan: str | None = None,
    every: int = EVERY,
    until: int | None = None,
    switch_back: float | None = None,
    paths: int = PATHS,
    seed: int = SEED,
    workers: int | None = None,
    watch: Watch = unwatched,
) -> Timing:
    """What it is worth to ``plan`` to convert later: on the best fixed date, or when the market says so.

    Dates are ``every`` so many months, ``until`` so many months from now; ``switch_back`` is what going back to mining
    costs, USD per MW. Raises QuestionError for a plan that has nothing to wait with, and for numbers out of range.
    """
    _check_numbers(every, until, switch_back, paths, seed)
    if not converting(scenario):
        return Timing(scenario, None, "no plan of this scenario has a conversion, which could wait")
    name = _chosen(scenario, plan)
    most = longest_wait_months(scenario, scenario.plans[name])
    if until is not None and until > most >= 0:
        raise QuestionError(f"--until is {until}, but {visible(name)} can wait for {most} months and still end in time")
    wait = min(UNTIL, most) if until is None else until
    if wait < every:
        when = f"only {most} months before the horizon ends" if most >= 0 else "after the horizon ends"
        return Timing(scenario, None, f"{name} cannot wait: it is ready {when}; make months longer")
    asked = Asked(project(scenario, name, every, wait), paths, seed, switch_back)
    dated, blocks = asked.dated, 2 * asked.blocks
    with chosen_workers(workers, None, _PIECES_PER_BLOCK * blocks) as those:
        done = watch(those.share_out(dated.block, range(blocks)), blocks, "simulating")
        found = answered(asked, done)
    return Timing(scenario, found, "" if found is not None else f"no simulated world of {name} can be computed")


def _check_numbers(every: int, until: int | None, switch_back: float | None, paths: int, seed: int) -> None:
    """QuestionError for a number that no question has."""
    if every < 1:
        raise QuestionError(f"--every is {every}; it must be at least 1 month")
    if until is not None and until < every:
        raise QuestionError(f"--until is {until}, before the first date after now; write at least --every, {every}")
    if switch_back is not None and not 0.0 <= switch_back <= _COST_MOST:
        raise QuestionError(f"--switch-back is {switch_back:g}; it must lie in 0..{_COST_MOST:g} USD per MW")
    if not _PATHS_LEAST <= paths <= _PATHS_MOST:
        raise QuestionError(f"--paths is {paths:,}; it must lie in {_PATHS_LEAST:,}..{_PATHS_MOST:,}")
    demand_seed(seed)


def _chosen(scenario: Scenario, plan: str | None) -> str:
    """The plan that may wait: the one named, or that of which ``compare`` tells, or the best of the others."""
    names = converting(scenario)
    if plan is None:
        told = [name for name in scenario.headline_plans if name in names]
        best = evaluate(scenario, names).best_of(told or names)
        return names[0] if best is None else best
    name = plan_named(scenario, plan)
    if name not in names:
        known = ", ".join(f'"{visible(other)}"' for other in names)
        raise QuestionError(f"--plan {visible(name)} has no conversion that could wait; name one of {known}")
    return name
