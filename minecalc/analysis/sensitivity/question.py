"""What drives a plan's worth, and what would turn the choice round? The question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minecalc.analysis.figures_of_cases import metric_names
from minecalc.analysis.questions import Answer, QuestionError, demand_figure, demand_seed, plan_named, told_plan
from minecalc.analysis.sensitivity.ranges import SPREAD, Span, given_range, input_ranges
from minecalc.analysis.sensitivity.tornado import GAP, NPV, answer, explained
from minecalc.analysis.sensitivity.tornado import SensitivityNumbers as Found
from minecalc.document import Document
from minecalc.loading import reading_of
from minecalc.scenario import Scenario
from minecalc.visible import visible

#: Inputs that are moved together, and samples of them, unless said otherwise; and the most of each.
TOP, SAMPLES = 10, 1024
_TOP_MOST, _SAMPLES_MOST = 50, 32_768


@dataclass(frozen=True)
class Sensitivity(Answer):
    """The tornado of a plan of a scenario, how far each input is from turning the choice, and perhaps shares."""

    scenario: Scenario
    found: Found

    def document(self) -> Document:
        """The inputs that matter, the one that moves the figure most first."""
        from minecalc.analysis.sensitivity.document import document

        return document(self.found, reading_of(self.scenario), self.scenario.name)

    @property
    def exists(self) -> bool:
        """Whether every question has an answer."""
        return self.found.exists


def sensitivity(
    scenario: Scenario,
    *,
    plan: str | None = None,
    metric: str | None = None,
    ranges: Sequence[str] = (),
    spread: float = SPREAD,
    is_global: bool = False,
    top: int | None = None,
    samples: int | None = None,
    seed: int | None = None,
) -> Sensitivity:
    """What moves the ``metric`` of ``plan``: each input alone, and, if ``is_global``, the first ``top`` together.

    ``plan`` is by default the best rival of the baseline, ``metric`` what it is ahead by; ``ranges`` are texts as
    ``--range`` takes, ``spread`` is how far other inputs move, as a share. Raises QuestionError for what is no plan,
    figure or range, and for numbers that cannot be sampled.
    """
    if not is_global and not top is samples is seed is None:
        raise QuestionError("--top, --samples and --seed say how --global samples; add --global")
    if not 0.0 < spread <= 1.0:
        raise QuestionError(f"--spread is {spread:g}; it must lie above 0 and be at most 1: 0.2 is 20%")
    top, samples, seed = (TOP if top is None else top), (SAMPLES if samples is None else samples), seed or 0
    _check_samples(top, samples, seed)
    name = told_plan(scenario) if plan is None else plan_named(scenario, plan)
    is_baseline = name == scenario.baseline_plan.name
    figure = (NPV if is_baseline else GAP) if metric is None else metric
    known = metric_names()
    if is_baseline:
        known = [other for other in known if "difference" not in other and "incremental" not in other]
    demand_figure(figure, known, "--metric", f"{name}, the baseline" if is_baseline else name)
    found = answer(scenario, name, figure, input_ranges(scenario, spread, _given(scenario, ranges)))
    if is_global:
        shares = explained(scenario, found.tornado, top=top, samples=samples, seed=seed)
        found = found._replace(explained=shares)
    return Sensitivity(scenario, found)


def _check_samples(top: int, samples: int, seed: int) -> None:
    """QuestionError for a size that cannot be sampled."""
    if not 2 <= top <= _TOP_MOST:
        raise QuestionError(f"--top is {top}; it must lie in 2..{_TOP_MOST}")
    demand_seed(seed)
    if not 2 <= samples <= _SAMPLES_MOST or samples & (samples - 1):
        raise QuestionError(f"--samples is {samples}; it must be a power of two in 2..{_SAMPLES_MOST}, such as 4096")


def _given(scenario: Scenario, texts: Sequence[str]) -> dict[str, Span]:
    """The ranges of ``--range`` by path. QuestionError for one that cannot be used."""
    found: dict[str, Span] = {}
    for text in texts:
        try:
            span = given_range(scenario, text)
        except ValueError as error:
            raise QuestionError(f"--range {visible(str(error))}") from None
        if span.movable.path in found:
            raise QuestionError(f"--range names {visible(span.movable.path)} twice")
        found[span.movable.path] = span
    return found
