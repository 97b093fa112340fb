"""Where does a number of a plan come from? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from minecalc.analysis.explain.explanation import Explanation, find_target, plan_in, trace_plans
from minecalc.analysis.explain.explanation import explain as taken_apart
from minecalc.analysis.questions import Answer, QuestionError, plan_named
from minecalc.document import Document
from minecalc.loading import reading_of
from minecalc.loading.origins import Origins
from minecalc.scenario import Scenario


@dataclass(frozen=True)
class Explained(Answer):
    """A figure, a line or a month of it, taken apart; ``depth`` levels of formulas are shown, or what fits a screen."""

    scenario: Scenario
    explanation: Explanation
    depth: int | None = None

    def document(self) -> Document:
        """Each formula with names and numbers, and where every input came from."""
        from minecalc.analysis.explain.document import document

        reading = reading_of(self.scenario)
        timeline = self.scenario.timeline
        return document(self.explanation, Origins(reading), timeline, reading.file, self.depth)

    @property
    def exists(self) -> bool:
        """Whether there is such a number."""
        return self.explanation.target.reason is None


def explain(scenario: Scenario, target: str, *, plan: str | None = None, depth: int | None = None) -> Explained:
    """How ``target`` (``npv_usd``, ``rent_usd@2029-03``) of a plan is computed, down to the inputs.

    ``scenario`` is one as it was read, of a single case. Raises QuestionError for a plan or target that does not exist.
    """
    if scenario.source.node is None:
        raise QuestionError("explain says where each input comes from, so it takes a scenario as it was read")
    name = plan_named(scenario, plan if plan is not None else plan_in(target))
    evaluation = trace_plans(scenario)
    return Explained(scenario, taken_apart(evaluation, name, find_target(evaluation, name, target)), depth)
