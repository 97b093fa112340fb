"""Every simulated path as a row of a table: its number, what was drawn, each plan's figures, why one is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from minecalc.analysis.simulate.run import NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.schema.names import quoted
from minecalc.tables import Batch, Column
from minecalc.uncertainty.factors import FACTORS


def drawn_column(name: str) -> str:
    """The column of what was drawn: the mean over the horizon of a factor over the scenario's, or one number a path."""
    factor = FACTORS.get(name)
    part = "" if factor is None else "mean_ratio" if factor.monthly else factor.drawn_as
    return f"{name}.{part}" if part else name


def columns(run: Run, reasons: list[str]) -> list[Column]:
    """The columns of the table; ``reasons`` are those known so far, and may become more."""
    found = [Column("path", "whole"), *(Column(drawn_column(name), "number") for name in run.drawn_names)]
    for plan in run.plans:
        for name in run.figures:
            column = f"plans.{quoted(plan)}.{name}"
            found.append(Column(column, "number"))
            if name != NPV:
                found.append(Column(f"{column}.reason", "text", reasons))
    return [*found, Column("reason", "text", reasons)]


def batches(run: Run, chunks: Iterable[Chunk], reasons: list[str]) -> Iterator[Batch]:
    """The rows of each of ``chunks``; adds to ``reasons`` what is new.

    The last column is why the path has no NPV.
    """
    first, known = 1, list[str]()
    for chunk in chunks:
        count = len(chunk.figures)
        known += [reason for reason in chunk.reasons if reason not in known]
        places = np.array([np.nan, *(float(known.index(reason)) for reason in chunk.reasons)])[chunk.codes]
        if not np.isnan(places).all():  # of what paths beyond the last lack nothing is told
            reasons += known[len(reasons) : int(np.nanmax(places)) + 1]
        batch = [np.arange(first, first + count, dtype=np.float64)]
        batch += [
            np.where(np.isfinite(row), row, np.nan) for row in chunk.drawn
        ]  # a default that never comes has no date
        for p in range(len(run.plans)):
            for f, name in enumerate(run.figures):
                batch.append(np.ascontiguousarray(chunk.figures[:, p, f]))
                if name != NPV:
                    batch.append(np.ascontiguousarray(places[:, p, f]))
        yield [*batch, _first_known(places[:, :, run.figures.index(NPV)])]
        first += count


def _first_known(reasons: FloatArray) -> FloatArray:
    """The first reason of each row of ``(paths, plans)``, NaN for none."""
    known = ~np.isnan(reasons)
    return np.take_along_axis(reasons, np.argmax(known, axis=1)[:, None], axis=1)[:, 0]
