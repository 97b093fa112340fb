"""At which value of an input do two plans draw level, or does one meet a target? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from minecalc.analysis.breakeven.answer import (
    Record,
    axis,
    frontier,
    frontiers,
    has_answer,
    head,
    overview,
    solved,
)
from minecalc.analysis.questions import Answer, QuestionError, plan_named
from minecalc.document import Document
from minecalc.figures import names_of, short_names
from minecalc.loading import reading_of
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movable
from minecalc.schema.names import did_you_mean
from minecalc.schema.scalars import number_written
from minecalc.solving.gap import Question
from minecalc.solving.solve import SolvedForError
from minecalc.timeline import parse_month
from minecalc.visible import visible

#: More values of a second input than this make no better line.
_POINTS_MOST = 1000


@dataclass(frozen=True)
class BreakEvens(Answer):
    """The record of one input solved, of its frontier over another, or of all inputs that matter."""

    record: Record

    def document(self) -> Document:
        """The answers of each plan, the nearest first."""
        from minecalc.analysis.breakeven.document import document

        return document(self.record)

    @property
    def exists(self) -> bool:
        """Whether any plan has an answer."""
        return has_answer(self.record)


def breakeven(
    scenario: Scenario,
    *,
    solve: str | None = None,
    plan: str | None = None,
    against: str | None = None,
    target: str | None = None,
    by: str | None = None,
) -> BreakEvens:
    """Where ``plan`` and ``against`` are worth the same, or a figure of ``plan`` is what ``target`` says.

    ``solve`` is the path of the input to solve for, else all that could do so; ``target`` is such as ``irr=0.12``;
    ``by`` such as ``market.btc_price_usd=40000:150000:12`` makes a line of it over a second input. Raises QuestionError
    for what is no input, plan, figure or range.
    """
    if solve == "":
        raise QuestionError("--solve names no input; write a path such as market.btc_price_usd")
    if solve is None and by is not None:
        raise QuestionError("--by needs an input to solve for; add --solve PATH")
    questions = _questions(scenario, plan, against, target)
    of = None if solve is None else _movable(scenario, solve)
    if of is None:
        record = overview(scenario, questions)
    elif by is None:
        record = solved(scenario, of, questions)
    else:
        record = _frontiers(scenario, of, questions, by)
    return BreakEvens(head(scenario, reading_of(scenario)) | record)


def _questions(scenario: Scenario, plan: str | None, against: str | None, target: str | None) -> list[Question]:
    """What is to be solved for: one question a plan. QuestionError for plans that cannot be compared."""
    baseline = scenario.baseline_plan.name
    if target is None and against is None and len(scenario.plans) == 1:
        target = "npv=0"  # nothing to compare it with
    if target is not None:
        if against is not None:
            raise QuestionError("--against and --target are two questions; give one of them")
        metric, number = _target(target)
        others = [name for name in scenario.plans if name != baseline] or [baseline]
        names = others if plan is None else [plan_named(scenario, plan)]
        return [Question(name, None, metric, number) for name in names]
    other = baseline if against is None else plan_named(scenario, against, "--against")
    names = [name for name in scenario.plans if name != other] if plan is None else [plan_named(scenario, plan)]
    if names in ([], [other]):
        raise QuestionError(f"{visible(other)} would be set against itself; name another plan with --plan or --against")
    return [Question(name, other) for name in names]


def _target(text: str) -> tuple[str, float]:
    """The figure and the number of ``--target``. QuestionError with the nearest name."""
    name, _, number = text.partition("=")
    name = name.strip()
    short, known = short_names(), names_of("plan", "corner", "debt")
    metric = short.get(name, name)
    if metric not in known:
        advice = did_you_mean(name, [*short, *known], f"it is one of {', '.join(short)} or a figure of compare")
        raise QuestionError(f"--target: there is no figure {visible(name)}; {advice}")
    return metric, _number(number, "--target", f"write {name}=0.12, say")


def _number(text: str, option: str, advice: str) -> float:
    """A number as a scenario could hold it. QuestionError for anything else."""
    number = number_written(text.strip())
    if number is None:
        raise QuestionError(f"{option}: {visible(text) or 'nothing'} is not a number; {advice}")
    return number


def _movable(scenario: Scenario, path: str) -> Movable:
    """The input at a path that a user wrote. QuestionError if there is none that moves."""
    try:
        return movable(scenario, path)
    except ValueError as error:
        raise QuestionError(str(error)) from None


def _frontiers(scenario: Scenario, of: Movable, questions: list[Question], by: str) -> Record:
    """The frontier of every question for the input ``of``. QuestionError for an axis that cannot be."""
    other, _, text = by.rpartition("=")
    parts = text.split(":")
    if not other or len(parts) != 3:
        raise QuestionError(f"--by: {visible(by)} is not PATH=LOW:HIGH:N, such as market.btc_price_usd=40000:150000:12")
    second = _movable(scenario, other)
    if second.path == of.path:
        raise QuestionError(f"--by: {visible(of.path)} is the input that is solved for; name another")
    low, high = (_value(second, part) for part in parts[:2])
    points = _number(parts[2], "--by", "N is how many values to look at")
    if not points.is_integer() or not 2 <= points <= _POINTS_MOST:
        raise QuestionError(f"--by: N is {visible(parts[2])}; it must be a whole number in 2..{_POINTS_MOST:,}")
    values = axis(second, low, high, int(points))
    try:
        found = [frontier(scenario, of.path, question, second, values) for question in questions]
    except SolvedForError as error:
        raise QuestionError(str(error)) from None
    return frontiers(scenario, found)


def _value(of: Movable, text: str) -> float:
    """A value of an input: a number, or a month for a date."""
    if not of.is_month:
        return _number(text, "--by", f"give {visible(of.path)} as numbers")
    try:
        return float(parse_month(text.strip()))
    except ValueError as error:
        raise QuestionError(f"--by: {visible(str(error))}") from None
