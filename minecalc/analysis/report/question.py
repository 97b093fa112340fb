"""What would a committee want to read of a scenario? The question, which puts the others, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from minecalc.analysis.breakeven.question import breakeven
from minecalc.analysis.cashflow.question import cashflow
from minecalc.analysis.compare.question import Comparison, compare
from minecalc.analysis.questions import Answer, QuestionError, Watch, demand_seed, told_plan, unwatched
from minecalc.analysis.records import heading
from minecalc.analysis.report.ranges import price_range, solved_input
from minecalc.analysis.sensitivity.question import sensitivity
from minecalc.analysis.simulate.question import PATHS, SEED, simulate
from minecalc.analysis.sweep.question import sweep
from minecalc.analysis.timing.question import timing as waiting
from minecalc.document import Document
from minecalc.loading import reading_of
from minecalc.scenario import Scenario

#: What a picture over prices shows of each plan.
_WORTH = "npv_at_scenario_rate_usd"


class Part(NamedTuple):
    """A question that was put under a heading: its ``name``, its answer, or why it cannot be put to the scenario."""

    heading: str
    name: str
    answer: Answer | None
    reason: str = ""


@dataclass(frozen=True)
class Report(Answer):
    """The answers to all questions about a scenario, ``told`` of one plan, and how its worlds were drawn."""

    scenario: Scenario
    compared: Comparison
    told: str
    parts: tuple[Part, ...]
    paths: int
    seed: int

    def document(self) -> Document:
        """One page: the headline first, then what each question says, then every input and how all was made."""
        from minecalc.analysis.report.document import document

        return document(self)

    def data(self) -> Mapping[str, Any]:
        """What each question's own ``--format json`` prints, by the name of the question."""
        found = heading("report", reading_of(self.scenario), self.scenario)
        answers = {part.name: None if part.answer is None else part.answer.data() for part in self.parts}
        reasons = {part.name: part.reason for part in self.parts if part.reason}
        return found | {"plan": self.told, "paths": self.paths, "seed": self.seed, "parts": answers, "reasons": reasons}

    @property
    def exists(self) -> bool:
        """Whether every requirement of the scenario holds."""
        return self.compared.exists

    @property
    def fault(self) -> str:
        """What of the first answer that contradicts itself does."""
        return next((part.answer.fault for part in self.parts if part.answer is not None and part.answer.fault), "")


def report(
    scenario: Scenario,
    *,
    paths: int | None = None,
    seed: int = SEED,
    timing: bool = False,
    workers: int | None = None,
    watch: Watch = unwatched,
) -> Report:
    """All questions about ``scenario``, each as its own command puts it, so that their figures agree with these.

    ``paths`` and ``seed`` are those of simulated worlds, ``timing`` asks what waiting is worth too, which takes as long
    as the rest. Raises QuestionError for numbers that cannot be drawn.
    """
    demand_seed(seed)
    told, baseline = told_plan(scenario), scenario.baseline_plan.name
    compared = compare(scenario)
    parts = [Part("What the plans are worth", "compare", compared)]

    def put(title: str, name: str, question: Callable[[], Answer]) -> None:
        """Add the answer to a question, or why it cannot be put."""
        try:
            parts.append(Part(title, name, question()))
        except QuestionError as error:
            parts.append(Part(title, name, None, str(error)))

    put("Cash year by year", "cashflow", lambda: cashflow(scenario, plan=told))
    if scenario.plans[told].inputs.financing is not None:
        put("Debt year by year", "debt", lambda: cashflow(scenario, plan=told, statement="debt"))
    if baseline != told:
        put("The baseline's cash", "baseline_cashflow", lambda: cashflow(scenario, plan=baseline))
    turns = "What would turn the choice" if baseline != told else "Where it breaks even"
    (plan,) = (one for one in compared.records[0]["plans"] if one["name"] == told)
    over = price_range(scenario, plan)
    if over is not None:
        put(turns, "sweep", lambda: sweep(scenario, vary=[over.vary], metrics=[_WORTH], workers=1))
        turns = ""
        own = solved_input(plan, over)
        if own is not None:
            put("", "frontier", lambda: breakeven(scenario, solve=own, plan=told, by=over.by))
    put(turns, "breakeven", lambda: breakeven(scenario, plan=told))
    put("What moves it", "sensitivity", lambda: sensitivity(scenario))
    simulated = simulate(scenario, paths=paths, seed=seed, workers=workers, watch=watch)
    parts.append(Part("What may come", "simulate", simulated))
    if timing:
        put("When to convert", "timing", lambda: waiting(scenario, seed=seed, workers=workers))
    return Report(scenario, compared, told, tuple(parts), PATHS if paths is None else paths, seed)
