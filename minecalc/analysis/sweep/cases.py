"""A sweep: many cases of one scenario, in chunks that are pure functions of the sweep and their number.

Cases are counted from 0 here and from 1 where people see them. Columns of numbers and dates go through one evaluation
(``vary``); for other inputs the scenario is read again, once per combination of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from minecalc.analysis.figures_of_cases import Reasons, figures
from minecalc.analysis.questions import QuestionError
from minecalc.arrays import FloatArray
from minecalc.loading import read_again
from minecalc.scenario import Scenario, ScenarioText
from minecalc.scenario.varying import vary
from minecalc.schema.diagnostics import Diagnostic
from minecalc.timeline import format_month

CASES_MOST = 10_000_000

#: Cases of one chunk: what an interruption costs at the most, for each process.
CHUNK_CASES = 8192

IntArray = NDArray[np.intp]


class Axis(NamedTuple):
    """An input that varies, by ``--set`` path: its numbers, calendar months, or positions in ``words``."""

    path: str
    values: FloatArray
    words: tuple[str, ...] = ()
    is_month: bool = False
    is_whole: bool = False

    @property
    def is_column(self) -> bool:
        """Whether many values go through one evaluation."""
        return not self.words

    def text(self, value: float) -> str:
        """A value as ``--set`` takes it."""
        if self.words:
            return self.words[int(value)]
        if self.is_month:
            return format_month(int(value))
        return repr(float(value)).removesuffix(".0")


class Chunk(NamedTuple):
    """Some consecutive cases: figures ``(cases, plans, metrics)``, NaN where there is none.

    ``codes`` of the same shape are 0 where there is one and else say why not: 1 is the first of ``reasons``.
    """

    figures: FloatArray
    codes: NDArray[np.uint16]
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What is to be computed. ``zipped`` axes have the same length and vary together; else the last varies fastest."""

    source: ScenarioText
    axes: tuple[Axis, ...]
    zipped: bool
    plans: tuple[str, ...]
    metrics: tuple[str, ...]
    chunk_cases: int = CHUNK_CASES
    #: What was read for combinations of words.
    _scenarios: dict[int, Scenario] = field(default_factory=dict, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # another machine may not have the files that the scenarios were read with
        return {**vars(self), "_scenarios": {words: self.scenario(words) for words in self.words}}

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return grid_size(self.axes, zipped=self.zipped)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.cases // self.chunk_cases)

    def numbers(self, chunk: int) -> IntArray:
        """The cases of a chunk."""
        first = chunk * self.chunk_cases
        return np.arange(first, min(first + self.chunk_cases, self.cases))

    def given(self, cases: IntArray) -> list[FloatArray]:
        """The value of every axis in these cases, ``(cases,)`` each."""
        if self.zipped:
            return [axis.values[cases] for axis in self.axes]
        places = np.unravel_index(cases, tuple(axis.values.size for axis in self.axes))
        return [axis.values[place] for axis, place in zip(self.axes, places, strict=True)]

    def assignments(self, case: int) -> tuple[str, ...]:
        """What ``--set`` takes to make one case."""
        given = self.given(np.array([case]))
        return tuple(f"{axis.path}={axis.text(float(value[0]))}" for axis, value in zip(self.axes, given, strict=True))

    @cached_property
    def words(self) -> Mapping[int, tuple[int, int]]:
        """The combinations of words of axes that are no columns, each with the first and the last case that has it.

        Only combination 0 if all axes are columns.
        """
        if all(axis.is_column for axis in self.axes):
            return {0: (0, self.cases - 1)}
        if self.zipped:
            cases = np.arange(self.cases)
        else:  # of a grid the ends of its columns are enough
            sizes = tuple(axis.values.size for axis in self.axes)
            places = [range(size) if axis.words else (0, size - 1) for axis, size in zip(self.axes, sizes, strict=True)]
            cases = np.ravel_multi_index(np.ix_(*places), sizes).ravel()
        codes = self._combinations(self.given(cases))
        found, begins = np.unique(codes, return_index=True)
        ends = cases.size - 1 - np.unique(codes[::-1], return_index=True)[1]
        return dict(zip(found.tolist(), zip(cases[begins].tolist(), cases[ends].tolist(), strict=True), strict=True))

    def scenario(self, words: int) -> Scenario:
        """The scenario with a combination of words in place, and columns as in the first or last case that has it.

        QuestionError if neither can be read.
        """
        if words not in self._scenarios:
            first, last = map(self.assignments, self.words[words])
            reading = read_again(self.source, first)
            scenario = reading.scenario or read_again(self.source, last).scenario
            if scenario is None:
                raise QuestionError(f"{', '.join(first)}: {one_line(reading.diagnostics)}")
            self._scenarios[words] = scenario
        return self._scenarios[words]

    def _combinations(self, given: Sequence[FloatArray]) -> IntArray:
        """The combination of words that each case has, from the values of all axes."""
        of_words = [(axis, values) for axis, values in zip(self.axes, given, strict=True) if not axis.is_column]
        if not of_words:
            return np.zeros(given[0].size, dtype=np.intp)
        places = tuple(values.astype(np.intp) for _, values in of_words)
        return np.ravel_multi_index(places, tuple(len(axis.words) for axis, _ in of_words))

    def chunk(self, number: int) -> Chunk:
        """The figures of chunk ``number``; they do not depend on how the cases are cut into chunks."""
        given = self.given(self.numbers(number))
        shape = (given[0].size, len(self.plans), len(self.metrics))
        found, codes, reasons = np.empty(shape), np.zeros(shape, dtype=np.uint16), Reasons()
        combinations = self._combinations(given)
        for words in np.unique(combinations).tolist():
            places = np.flatnonzero(combinations == words)
            columns = {a.path: v[places] for a, v in zip(self.axes, given, strict=True) if a.is_column}
            varied = vary(self.scenario(words), columns, used_ranges=False)  # checked before
            found[places], codes[places] = figures(varied, self.plans, self.metrics, reasons)
        return Chunk(found, codes, tuple(reasons))

    def about(self) -> dict[str, Any]:
        """What the figures depend on, as plain data: two sweeps of which this is the same give the same figures."""
        resolved = json.dumps([_plain(self.scenario(words)) for words in self.words], sort_keys=True)
        return {
            "scenario": _sha256(self.source.data),
            "--set": list(self.source.assignments),
            "--vary or --cases": [
                [a.path, a.values.size, _sha256(a.values.tobytes()), list(a.words), a.is_month] for a in self.axes
            ],
            "--zip": self.zipped,
            "--plan": list(self.plans),
            "--metric": list(self.metrics),
            "chunk": self.chunk_cases,
            "the files it reads": _sha256(resolved.encode()),
        }


def grid_size(axes: Sequence[Axis], *, zipped: bool) -> int:
    """The number of cases that axes make: their length if zipped, else the product of their lengths."""
    return axes[0].values.size if zipped else prod(axis.values.size for axis in axes)


def one_line(diagnostics: Sequence[Diagnostic]) -> str:
    """The first error of a reading with its advice, in one line."""
    first = next(found for found in diagnostics if found.severity == "error")
    return first.message + (f" ({first.help})" if first.help else "")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _plain(value: Any) -> Any:
    """Inputs as plain data, without an order that differs from process to process."""
    match value:
        case BaseModel():
            return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case frozenset():
            return sorted(value)
        case tuple() | list():
            return [_plain(member) for member in value]
        case _:
            return value
