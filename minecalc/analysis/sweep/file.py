"""A sweep as rows, and as a file: resumable, whole or not there, the same bytes however often it was interrupted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from minecalc import tables
from minecalc.analysis.sweep.cases import Axis, Chunk, Sweep
from minecalc.analysis.sweep.spool import Spool, opened
from minecalc.arrays import FloatArray
from minecalc.files.whole_file import place_to_write, renamed
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
    plans = len(sweep.plans)
    for number in chunks:
        chunk, cases = load(number), sweep.numbers(number)
        given = zip(sweep.axes, sweep.given(cases), strict=True)
        yield [
            np.repeat(cases + 1.0, plans),
            *(np.repeat(_cells(axis, values), plans) for axis, values in given),
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


@contextmanager
def spool_beside(output: Path, sweep: Sweep, about: Mapping[str, Any], *, restart: bool) -> Iterator[Spool]:
    """The spool of a sweep that is to be written to ``output``: the folder of its name with ``.partial`` added.

    QuestionError as for ``opened``, OSError as for ``place_to_write``.
    """
    target = place_to_write(output)
    folder = target.with_name(f"{target.name}.partial")
    with opened(folder, sweep, about, restart=restart, replaces=target.exists()) as spool:
        yield spool


def put_together(
    spool: Spool,
    name: str,
    output: Path,
    chunks: Iterable[int],
    watch: Callable[[Iterator[Batch]], Iterator[Batch]] = iter,
) -> None:
    """Write the rows of finished chunks to ``output`` in the table format called ``name``, at once when it is whole.

    What was there, perhaps behind a link, stays until then. ``watch`` sees the batches pass.
    """
    target = Path(os.path.realpath(output))
    with renamed(spool.table, target) as file:
        tables.write(name, file, columns(spool.sweep), watch(batches(spool.sweep, spool.load, chunks)))
