"""The rows of a sweep: one for each case and plan, with what varied and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from minecalc.analysis.sweep.cases import Axis, Chunk, Sweep
from minecalc.arrays import FloatArray
from minecalc.tables import Batch, Column
from minecalc.timeline import format_month


def columns(sweep: Sweep) -> list[Column]:
    """The case (from 1), a column for each varied path, the plan, and a column for each figure."""
    return [
        Column("case", "whole"),
        *(_column(axis) for axis in sweep.axes),
        Column("plan", "text", sweep.plans),
        *(Column(name, "number") for name in sweep.metrics),
    ]


def batches(sweep: Sweep, load: Callable[[int], Chunk], chunks: Iterable[int]) -> Iterator[Batch]:
    """The rows of these chunks, a batch for each."""
    for number in chunks:
        yield _batch(sweep, number, load(number))


def _batch(sweep: Sweep, number: int, chunk: Chunk) -> Batch:
    cases, plans = sweep.numbers(number), len(sweep.plans)
    return [
        np.repeat(cases + 1.0, plans),
        *(np.repeat(_cells(axis, values), plans) for axis, values in zip(sweep.axes, sweep.given(cases), strict=True)),
        np.tile(np.arange(float(plans)), cases.size),
        *(np.ascontiguousarray(chunk.figures[:, :, m]).reshape(-1) for m in range(len(sweep.metrics))),
    ]


def _column(axis: Axis) -> Column:
    if axis.is_month:
        first, last = int(axis.values.min()), int(axis.values.max())
        return Column(axis.path, "text", tuple(format_month(month) for month in range(first, last + 1)))
    if axis.words:
        return Column(axis.path, "text", axis.words)
    return Column(axis.path, "whole" if axis.is_whole else "number")


def _cells(axis: Axis, values: FloatArray) -> FloatArray:
    return values - axis.values.min() if axis.is_month else values
