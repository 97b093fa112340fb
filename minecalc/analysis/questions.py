"""What all questions have in common: what cannot be asked, which plan and figure are meant, and what an answer is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from minecalc.visible import visible

if TYPE_CHECKING:
    import pandas as pd

    from minecalc.document import Document
    from minecalc.scenario import Scenario
    from minecalc.work.workers import Workers

Item = TypeVar("Item")
Word = TypeVar("Word", bound=str)

#: Pieces of work that make another process worth its start.
_PIECES_PER_PROCESS = 8


class QuestionError(ValueError):
    """What was asked cannot be answered as it was put; the message says why, in one line, and what to write instead."""


class Answer(ABC):
    """The answer to a question: as a screen, as plain data, as a table."""

    @abstractmethod
    def document(self) -> Document:
        """What people read, in blocks that every format can render."""

    def data(self) -> Mapping[str, Any]:
        """What ``--format json`` prints: a tree of plain values, None where there is no answer."""
        return self.document().data

    def frame(self) -> pd.DataFrame:
        """What ``--format csv`` prints: a row a record, NaN where there is no number."""
        from minecalc.frames import records_frame

        return records_frame(self.document().records)

    @property
    def exists(self) -> bool:
        """Whether the question has an answer; the exit code is 3 if not."""
        return True

    @property
    def fault(self) -> str:
        """In a line what of the answer contradicts itself, so that it must not be trusted; "" if nothing does.

        It is a fault of this package, and the exit code is 1.
        """
        return ""


class Watch(Protocol):
    """Whoever wants to see work go on: passes items on as they come, ``total`` of them."""

    def __call__(self, items: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
        """``items`` as they are."""


def unwatched(items: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
    """``items``, which nobody watches."""
    return iter(items)


def plan_named(scenario: Scenario, name: str | None, option: str = "--plan") -> str:
    """The plan that ``option`` names, or the only one. QuestionError, with those there are, for none of them."""
    if name is None:
        if len(scenario.plans) == 1:
            return next(iter(scenario.plans))
        known = ", ".join(f'"{visible(plan)}"' for plan in scenario.plans)
        raise QuestionError(f"the scenario has {len(scenario.plans)} plans; add {option} with one of {known}")
    return demand_name(option, "plan", name, scenario.plans, see="minecalc compare")


def told_plan(scenario: Scenario) -> str:
    """The plan that headlines are about, of every question: ``compare``'s; the baseline where it is alone."""
    from minecalc.engine import evaluate

    told = evaluate(scenario, scenario.headline_plans).best_of(scenario.headline_plans)
    return scenario.baseline_plan.name if told is None else told


def demand_name(option: str, noun: str, name: str, known: Iterable[str], see: str = "") -> str:
    """``name``, which ``option`` says, if it is one of ``known``. QuestionError, with the nearest, if it is none."""
    from minecalc.schema.names import unknown_name

    if name in known:
        return name
    wrong = unknown_name((), noun, name, known, see)
    raise QuestionError("; ".join(visible(part) for part in (f"{option}: {wrong.message}", wrong.help) if part))


def demand_figure(name: str, known: Sequence[str], option: str, whose: str = "a plan") -> None:
    """QuestionError for what is no figure of ``known``, with the nearest name."""
    from minecalc.schema.names import did_you_mean

    if name not in known:
        advice = did_you_mean(name, known, f"there are {', '.join(known)}")
        raise QuestionError(f"{option} {visible(name)} is no figure of {visible(whose)}; {advice}")


def demand_word(option: str, word: str, known: Sequence[Word], what: str) -> Word:
    """The one of ``known`` that ``word`` is. QuestionError, with all of them, for none."""
    for one in known:
        if one == word:
            return one
    raise QuestionError(f"{option} {visible(word)} is no {what}; use {', '.join(known)}")


def demand_seed(seed: int) -> None:
    """QuestionError for a seed below zero."""
    if seed < 0:
        raise QuestionError(f"--seed is {seed}; it must be at least 0")


@contextmanager
def chosen_workers(count: int | None, dask: str | None, pieces: int) -> Iterator[Workers]:
    """The workers that ``--workers`` or ``--dask`` ask for, else processes by the cores and the pieces of work.

    QuestionError for both, and for a cluster that cannot be had, is unfit, or is lost before the end.
    """
    from minecalc.work.workers import WorkersError

    if count is not None and dask is not None:
        raise QuestionError(
            "--workers are processes of this machine, --dask has workers of its own; give one of the two"
        )
    try:
        if dask is None:
            from minecalc.work.processes import Processes, cores

            yield Processes(count or max(1, min(cores(), pieces // _PIECES_PER_PROCESS)))
        else:
            from minecalc.work.cluster import connected

            with connected(dask) as cluster:
                yield cluster
    except WorkersError as error:
        raise QuestionError(str(error)) from None
