"""What would a committee want to read of a scenario? The question, which puts the others, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from minecalc.analysis.timing.question import timing
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
    told = told_plan(scenario)
    compared = compare(scenario)
    parts = tuple(_parts(scenario, compared, told, paths, seed, timing, workers, watch))
    return Report(scenario, compared, told, parts, PATHS if paths is None else paths, seed)


def _parts(
    scenario: Scenario,
    compared: Comparison,
    told: str,
    paths: int | None,
    seed: int,
    with_timing: bool,
    workers: int | None,
    watch: Watch,
) -> Iterator[Part]:
    yield Part("What the plans are worth", "compare", compared)
    yield _asked("Cash year by year", "cashflow", lambda: cashflow(scenario, plan=told))
    if scenario.plans[told].inputs.financing is not None:
        yield _asked("Debt year by year", "debt", lambda: cashflow(scenario, plan=told, statement="debt"))
    baseline = scenario.baseline_plan.name
    if baseline != told:
        yield _asked("The baseline's cash", "baseline_cashflow", lambda: cashflow(scenario, plan=baseline))
    turns = "What would turn the choice" if baseline != told else "Where it breaks even"
    (plan,) = (one for one in compared.records[0]["plans"] if one["name"] == told)
    over = price_range(scenario, plan)
    if over is not None:
        yield _asked(turns, "sweep", lambda: sweep(scenario, vary=[over.vary], metrics=[_WORTH], workers=1))
        turns = ""
        own = solved_input(plan, over)
        if own is not None:
            yield _asked("", "frontier", lambda: breakeven(scenario, solve=own, plan=told, by=over.by))
    yield _asked(turns, "breakeven", lambda: breakeven(scenario, plan=told))
    yield _asked("What moves it", "sensitivity", lambda: sensitivity(scenario))
    yield Part(
        "What may come",
        "simulate",
        simulate(scenario, paths=paths, seed=seed, workers=workers, watch=watch),
    )
    if with_timing:
        yield _asked("When to convert", "timing", lambda: timing(scenario, seed=seed, workers=workers))


def _asked(title: str, name: str, ask: Callable[[], Answer]) -> Part:
    """The answer to a question, or why it cannot be put."""
    try:
        return Part(title, name, ask())
    except QuestionError as error:
        return Part(title, name, None, str(error))
