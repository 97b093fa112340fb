"""The value of waiting of one plan: the whole at once, phase by phase, and with a way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from minecalc.analysis.assumptions import Assumption, assumptions
from minecalc.analysis.bridge import Step
from minecalc.analysis.outlook import Outlook, outlook
from minecalc.analysis.questions import told_plan
from minecalc.analysis.timing.closed import Closed, closed
from minecalc.analysis.timing.dated import Block, Dated
from minecalc.analysis.timing.problems import Simulated
from minecalc.analysis.timing.project import Project
from minecalc.analysis.timing.solved import (
    NEVER,
    NOW,
    UPPER,
    Returning,
    Solved,
    Worth,
    all_worths,
    returning,
    solved,
    worth,
)
from minecalc.analysis.timing.walk import walk
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import World
from minecalc.statistics.estimates import Estimate
from minecalc.statistics.sampling import Sampling


@dataclass(frozen=True)
class Asked:
    """What is simulated: a project, so many paths twice over, a seed, and the cost of a way back, if there is one.

    A plan whose worth is one (``Project.joined_by``) has neither dates of phases nor a way back: what they bring is no
    sum of what phases do.
    """

    project: Project
    paths: int
    seed: int
    back_usd_per_mw: float | None = None

    @property
    def dates(self) -> tuple[int, ...]:
        """Months after the start on which something may be decided: for a way back, on to the end of the horizon."""
        project = self.project
        if project.joined_by:
            return project.delays
        found = {phase.after_months + delay for phase in project.phases for delay in project.delays}
        if self.goes_back:
            found |= set(range(0, project.scenario.months, project.every_months))
        return tuple(sorted(found | set(project.delays)))

    @property
    def goes_back(self) -> bool:
        """Whether a way back is valued."""
        return self.back_usd_per_mw is not None and not self.project.joined_by

    @cached_property
    def dated(self) -> Dated:
        """The work: a block of paths at a time."""
        world = World(self.project.scenario, Sampler(self.seed))
        return Dated(world, self.project, self.dates, self.goes_back)

    @property
    def blocks(self) -> int:
        """How many blocks there are for one of the two samples: the first are valued, as many more teach the rule."""
        return -(-self.paths // BLOCK_PATHS)


class ByPhase(NamedTuple):
    """Each phase at its own best time: what that is worth, what it adds to moving all at once, and its upper bound."""

    phases: Sequence[Solved]
    worth: Worth
    added: Estimate
    upper: Worth


class TimingNumbers(NamedTuple):
    """All that is said of waiting.

    ``undefined`` are paths that could not be computed, of both samples, by reason; ``certain_usd`` is what converting
    now and never are worth without uncertainty, ``told`` the plan that ``compare`` tells of; ``steps`` lead from what
    that says to the best way to choose the time.
    """

    asked: Asked
    whole: Solved
    by_phase: ByPhase | None
    back: Returning | None
    closed: Closed
    paths: int
    undefined: Mapping[str, int]
    assumptions: Sequence[Assumption]
    certain_usd: tuple[float, float]
    told: str
    steps: Sequence[Step]
    outlook: Outlook | None

    @property
    def project(self) -> Project:
        """What may wait."""
        return self.asked.project

    @property
    def scenario(self) -> Scenario:
        """The scenario, as it was made ready."""
        return self.asked.project.scenario

    @property
    def world(self) -> World:
        """The world that is simulated."""
        return self.asked.dated.world

    @property
    def states(self) -> list[str]:
        """What rules look at."""
        return [known.name for known in self.asked.dated.known]


def answered(asked: Asked, blocks: Iterator[Block]) -> TimingNumbers | None:
    """What ``blocks`` say, twice ``asked.blocks`` of them in order; None if no path could be computed."""
    dated = asked.dated
    done = list(blocks)
    fresh, missing = Simulated.of(dated, done[: asked.blocks], asked.paths)
    known, more = Simulated.of(dated, done[asked.blocks :], asked.paths)
    if not (fresh.paths and known.paths):
        return None
    whole = solved("", known.whole(), fresh.whole())
    by_phase = _by_phase(known, fresh, whole)
    back = asked.back_usd_per_mw if asked.goes_back else None
    return TimingNumbers(
        asked=asked,
        whole=whole,
        by_phase=by_phase,
        back=None if back is None else returning(known.and_back(back), fresh.and_back(back), whole),
        closed=closed(known.whole()),
        paths=fresh.paths,
        undefined={reason: missing.get(reason, 0) + more.get(reason, 0) for reason in {**missing, **more}},
        assumptions=[
            item
            for item in assumptions(dated.world)
            if not (item.factor in asked.project.signed_later and item.name == "signed")
        ],
        certain_usd=dated.certain(),
        told=told_plan(asked.project.given),
        steps=walk(
            dated, asked.paths, whole, None if by_phase is None else (by_phase.worth.over_never, by_phase.added)
        ),
        outlook=outlook(dated.world, fresh.block.market, Sampling("independent", fresh.paths)),
    )


def _by_phase(known: Simulated, fresh: Simulated, whole: Solved) -> ByPhase | None:
    phases = fresh.dated.project.phases
    if len(phases) < 2 or fresh.dated.project.joined_by:
        return None
    found = [solved(phase.name, known.alone(n), fresh.alone(n)) for n, phase in enumerate(phases)]
    best = all_worths([one.paths_worth["best"] for one in found], fresh.block.rest)
    upper = all_worths([one.paths_worth[UPPER] for one in found], fresh.block.rest)
    now, never = whole.paths_worth[NOW], whole.paths_worth[NEVER]
    return ByPhase(found, worth(best, now, never), best.over(whole.paths_worth["best"]), worth(upper, now, never))
