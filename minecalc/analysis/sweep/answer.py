"""What a whole sweep says, for its readers: spreads and wins, each axis and its values in words and records.

Chunks are taken one after the other from a function, so that they may lie on disk; at most one figure of one plan is
in memory for all cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.questions import Answer
from minecalc.analysis.records import Entry, heading, rows, tree
from minecalc.analysis.sweep.cases import Axis, Chunk, IntArray, Sweep
from minecalc.arrays import FloatArray
from minecalc.document import Document, Table, Value
from minecalc.figures.labels import figure_unit, input_label
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.schema.numbers import unit_words
from minecalc.units import unit_of

Load = Callable[[int], Chunk]

_TURNS_MOST = 4

#: Figures that rank plans, the first that is there; what a plan is ahead of the baseline ranks as its worth does.
_WORTH = ("npv_at_scenario_rate_usd", "npv_difference_at_scenario_rate_usd", "npv_usd")


class Spread(NamedTuple):
    """One figure of one plan over all cases; None if no case has it. ``missing_cases`` counts those without, by reason.

    ``low_case`` and ``high_case`` are the first cases (from 0) with the smallest and the largest figure; ``turns`` are
    the first few cases after which the figure changes sign.
    """

    plan: str
    metric: str
    low: float | None
    median: float | None
    high: float | None
    low_case: int
    high_case: int
    positive_cases: int
    turns: tuple[int, ...]
    missing_cases: Mapping[str, int]


class Summary(NamedTuple):
    """The spreads by plan and metric, and in how many cases each plan is worth most (none without a worth).

    Plans are ranked at the scenario's rate where a figure at it is there, else by ``npv_usd``.

    Of plans worth the same the first counts.
    """

    spreads: Mapping[tuple[str, str], Spread]
    wins: Mapping[str, int]


def summary(sweep: Sweep, load: Load) -> Summary:
    """What all cases of a finished sweep say."""
    missing = {(plan, metric): Counter[str]() for plan in sweep.plans for metric in sweep.metrics}
    worth_by = next((name for name in _WORTH if name in sweep.metrics), "")
    wins = dict.fromkeys(sweep.plans, 0) if worth_by else {}
    for number in range(sweep.chunks):
        chunk = load(number)
        for p, m in np.argwhere(chunk.codes.any(axis=0)).tolist():
            codes, counts = np.unique(chunk.codes[:, p, m], return_counts=True)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                if code:
                    missing[sweep.plans[p], sweep.metrics[m]][chunk.reasons[code - 1]] += count
        if wins:
            worth = np.nan_to_num(chunk.figures[:, :, sweep.metrics.index(worth_by)], nan=-np.inf)
            for p, count in enumerate(np.bincount(worth.argmax(axis=1), minlength=len(wins)).tolist()):
                wins[sweep.plans[p]] += count
    spreads = {
        (plan, metric): _spread(sweep, load, p, m, missing[plan, metric])
        for p, plan in enumerate(sweep.plans)
        for m, metric in enumerate(sweep.metrics)
    }
    return Summary(spreads, wins)


def _spread(sweep: Sweep, load: Load, p: int, m: int, missing: Mapping[str, int]) -> Spread:
    values = np.empty(sweep.cases)
    for number in range(sweep.chunks):
        values[sweep.numbers(number)] = load(number).figures[:, p, m]
    plan, metric, known, above = sweep.plans[p], sweep.metrics[m], values[~np.isnan(values)], values > 0.0
    if not known.size:
        return Spread(plan, metric, None, None, None, 0, 0, 0, (), missing)
    ends = int(np.nanargmin(values)), int(np.nanargmax(values))
    low, high = (float(values[case]) for case in ends)
    turns = np.flatnonzero(np.diff(above))[:_TURNS_MOST].tolist()
    median = float(np.median(known, overwrite_input=True))
    return Spread(plan, metric, low, median, high, *ends, int(np.count_nonzero(above)), tuple(turns), missing)


def figures_at(sweep: Sweep, load: Load, cases: IntArray) -> FloatArray:
    """The figures of some cases, ``(cases, plans, metrics)``."""
    found = np.empty((cases.size, len(sweep.plans), len(sweep.metrics)))
    chunks = cases // sweep.chunk_cases
    for number in np.unique(chunks).tolist():
        here = np.flatnonzero(chunks == number)
        found[here] = load(number).figures[cases[here] - number * sweep.chunk_cases]
    return found


def reason_at(sweep: Sweep, load: Load, case: int, plan: str, metric: str) -> str:
    """Why a case has no figure; "" if it has one."""
    chunk = load(case // sweep.chunk_cases)
    code = int(chunk.codes[case % sweep.chunk_cases, sweep.plans.index(plan), sweep.metrics.index(metric)])
    return chunk.reasons[code - 1] if code else ""


NPV, GAP = "npv_usd", "npv_difference_at_scenario_rate_usd"

#: Parts of a value over time that are no input of their own.
_PARTS = ("start", "value", "scale", "shift")


@dataclass(frozen=True)
class Swept(Answer):
    """A sweep of ``scenario``, its figures by chunk, and what all of them say.

    ``plan`` and ``metric`` are what a screen shows where there is room for one; ``doubts`` are infeasible cases,
    ``flattened`` inputs whose course over time the cases replace. ``file`` holds all rows, unless it is "".
    ``replaced`` says which inputs the cases take the place of.
    """

    sweep: Sweep
    load: Load
    summary: Summary
    scenario: Scenario
    plan: str
    metric: str
    doubts: Sequence[tuple[int, str]] = ()
    flattened: Sequence[tuple[str, str]] = ()
    file: str = ""
    replaced: Sequence[str] = ()

    def document(self, *, in_full: bool = True, width: int = 100) -> Document:
        """A table or a map of the cases for a screen so many characters wide, and, ``in_full``, a row for each."""
        from minecalc.analysis.sweep.document import document

        return document(self, in_full=in_full, width=width)

    @property
    def exists(self) -> bool:
        """Whether the figure that is shown exists in any case."""
        return self.shown.low is not None

    @property
    def shown(self) -> Spread:
        """The spread of the figure that is shown where there is room for one."""
        return self.summary.spreads[self.plan, self.metric]

    @property
    def baseline(self) -> str:
        """What the plans are compared with, in words."""
        varies = any(axis.path == "baseline" for axis in self.sweep.axes)
        return "the baseline" if varies else self.scenario.baseline_plan.name


def best_shown(sweep: Sweep, summary: Summary, baseline: str, plan: str | None, metric: str | None) -> tuple[str, str]:
    """The plan and the figure to show: those asked for, else the gap of the rival that is worth most most often."""
    rivals = [name for name in sweep.plans if name != baseline] or [baseline]
    if plan is None:
        plan = max(rivals, key=lambda name: summary.wins.get(name, 0))
    if metric is None:
        metric = GAP if plan != baseline and GAP in sweep.metrics else sweep.metrics[0]
    return plan, metric


def axis_words(axis: Axis) -> tuple[str, str]:
    """What a reader calls an axis, and its unit: ``BTC price`` and ``USD``; "" for what has none."""
    *parts, last = split_path(axis.path)
    part = last if parts and last in _PARTS else ""
    path = axis.path.removesuffix(f".{part}") if part else axis.path
    label = input_label(path) + ("" if part in ("", "value") else f", {part}")
    unit = "" if axis.words or axis.is_month or part == "scale" else unit_words(unit_of(path))
    return label, "" if unit in ("count", "ratio", *label.split()) else unit


def axis_label(axis: Axis) -> str:
    """The heading of an axis, with its unit: ``BTC price, USD``."""
    return ", ".join(filter(None, axis_words(axis)))


def ticks(axis: Axis, values: Sequence[float]) -> list[str]:
    """Values of an axis as few characters as tell them apart."""
    if not axis.is_column or axis.is_month:
        return [axis.text(value) for value in values]
    for digits in (3, 4, 5, 6, 8):
        texts = [_rounded(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            return texts
    return [axis.text(value) for value in values]


def _rounded(value: float, digits: int) -> str:
    if abs(value) >= 10.0 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def records(answer: Swept) -> Table:
    """A row for each case and plan: what varied, and the figures in full."""

    def row(of: Mapping[str, Any]) -> dict[str, Entry]:
        reasons = of["reasons"]
        figures = {name: Value(one, figure_unit(name), reasons.get(name, "")) for name, one in of["metrics"].items()}
        return {"case": Value(of["case"], "count"), **of["inputs"], "plan": of["plan"], **figures}

    return rows("", map(row, _rows(answer)))


def _rows(answer: Swept) -> Iterator[dict[str, Any]]:
    """Each case and plan: the case (from 1), the axes' values, the plan, and its figures or the reasons why not."""
    sweep = answer.sweep
    for number in range(sweep.chunks):
        chunk, cases = answer.load(number), sweep.numbers(number)
        given = np.stack(sweep.given(cases), axis=1).tolist()
        figures, codes = chunk.figures.tolist(), chunk.codes.tolist()
        for row, case in enumerate(cases.tolist()):
            inputs = {axis.path: _plain(axis, value) for axis, value in zip(sweep.axes, given[row], strict=True)}
            for p, plan in enumerate(sweep.plans):
                missing = {
                    m: chunk.reasons[code - 1] for m, code in zip(sweep.metrics, codes[row][p], strict=True) if code
                }
                told = zip(sweep.metrics, figures[row][p], strict=True)
                metrics = {name: None if name in missing else figure for name, figure in told}
                yield {"case": case + 1, "inputs": inputs, "plan": plan, "metrics": metrics, "reasons": missing}


def data(answer: Swept) -> dict[str, Any]:
    """The answer as plain data, with every case."""
    sweep, scenario = answer.sweep, answer.scenario
    return {
        **heading("sweep"),
        **sweep.source.identity,
        "name": scenario.name,
        "baseline": scenario.baseline_plan.name,
        "axes": [
            {"path": axis.path, "unit": unit_of(axis.path), "values": [_plain(axis, v) for v in axis.values.tolist()]}
            for axis in sweep.axes
        ],
        "zipped": sweep.zipped,
        "cases": sweep.cases,
        "plans": list(sweep.plans),
        "metrics": list(sweep.metrics),
        "worth_most_cases": dict(answer.summary.wins),
        "summary": [_spread_record(spread) for spread in answer.summary.spreads.values()],
        "doubtful_cases": [{"case": case + 1, "reason": why} for case, why in answer.doubts],
        "rows": list(_rows(answer)),
    }


def _plain(axis: Axis, value: float) -> float | str:
    if axis.words or axis.is_month:
        return axis.text(value)
    return int(value) if axis.is_whole else value


def _spread_record(spread: Spread) -> dict[str, Any]:
    counted = {} if spread.low is None else {"low_case": spread.low_case + 1, "high_case": spread.high_case + 1}
    none = {"low_case": None, "high_case": None}
    return {name: value for name, value in tree(spread).items() if name != "turns"} | none | counted
