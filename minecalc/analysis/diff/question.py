"""What differs between two scenarios, and what does each difference add? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from minecalc.analysis.diff.attribution import SAMPLES, SEED, Record
from minecalc.analysis.diff.attribution import diff as attributed
from minecalc.analysis.questions import Answer, QuestionError, plan_named
from minecalc.document import Document
from minecalc.loading import reading_of
from minecalc.scenario import Scenario
from minecalc.visible import visible


@dataclass(frozen=True)
class Difference(Answer):
    """The record of what differs and of what each difference adds to every plan that both have."""

    record: Record

    def document(self) -> Document:
        """The changes, and a table of each plan's shares."""
        from minecalc.analysis.diff.document import document

        return document(self.record)

    @property
    def exists(self) -> bool:
        """Whether the scenarios have a plan in common."""
        return bool(self.record["plans"])


def diff(
    before: Scenario, after: Scenario, *, plan: str | None = None, samples: int = SAMPLES, seed: int = SEED
) -> Difference:
    """What differs between two scenarios of a single case, as they were read, and how much each difference adds.

    ``plan`` is that of ``after`` which is wanted; ``samples`` orders are tried where changes are many. Raises
    QuestionError for a plan that both do not have, and NoMixtureError where no scenario lies between the two.
    """
    if samples < 4 or samples % 2:
        raise QuestionError(
            f"--samples is {samples}; it must be even and at least 4: each order is followed by its reverse"
        )
    if before.source.node is None or after.source.node is None:
        raise QuestionError("diff says where each input comes from, so it takes scenarios as they were read")
    wanted = None if plan is None else [plan_named(after, plan)]
    if wanted is not None and wanted[0] not in before.plans:
        both = ", ".join(visible(name) for name in after.plans if name in before.plans)
        raise QuestionError(f"--plan: there is no plan {visible(wanted[0])} in both; there are {both or 'none'}")
    return Difference(attributed(reading_of(before), reading_of(after), plans=wanted, samples=samples, seed=seed))
