"""Every simulated path as a row of a table: its number, what was drawn, each plan's figures, why one is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from minecalc.analysis.simulate.run import NPV, Chunk, Run
from minecalc.arrays import FloatArray
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.schema.names import quoted
from minecalc.tables import Batch, Column
from minecalc.uncertainty.factors import FACTORS

#: Rows of one batch, whatever the chunks: the bytes of a file depend on it.
_ROWS = 8 * BLOCK_PATHS


class Rows(NamedTuple):
    """Some consecutive paths: ``figures`` and ``reasons`` (places in a list, NaN for none) ``(paths, plans, figures)``,
    and ``drawn (names, paths)``."""

    figures: FloatArray
    reasons: FloatArray
    drawn: FloatArray


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
    """The rows of ``chunks``, in batches that do not depend on how these are cut; adds to ``reasons`` what is new.

    The last column is why the path has no NPV.
    """
    first, known = 1, list[str]()
    for rows in _regrouped(_numbered(chunks, known)):
        count = len(rows.figures)
        if not np.isnan(rows.reasons).all():  # of what chunks to come know nothing is told
            reasons += known[len(reasons) : int(np.nanmax(rows.reasons)) + 1]
        batch = [np.arange(first, first + count, dtype=np.float64)]
        batch += [
            np.where(np.isfinite(row), row, np.nan) for row in rows.drawn
        ]  # a default that never comes has no date
        for p in range(len(run.plans)):
            for f, name in enumerate(run.figures):
                batch.append(np.ascontiguousarray(rows.figures[:, p, f]))
                if name != NPV:
                    batch.append(np.ascontiguousarray(rows.reasons[:, p, f]))
        yield [*batch, _first_known(rows.reasons[:, :, run.figures.index(NPV)])]
        first += count


def _first_known(reasons: FloatArray) -> FloatArray:
    """The first reason of each row of ``(paths, plans)``, NaN for none."""
    known = ~np.isnan(reasons)
    return np.take_along_axis(reasons, np.argmax(known, axis=1)[:, None], axis=1)[:, 0]


def _numbered(chunks: Iterable[Chunk], reasons: list[str]) -> Iterator[Rows]:
    """Chunks whose reasons are places in one list for all."""
    for chunk in chunks:
        reasons += [reason for reason in chunk.reasons if reason not in reasons]
        places = np.array([np.nan, *(float(reasons.index(reason)) for reason in chunk.reasons)])
        yield Rows(chunk.figures, places[chunk.codes], chunk.drawn)


def _regrouped(parts: Iterable[Rows]) -> Iterator[Rows]:
    """The same rows, so many at a time."""
    waiting: list[Rows] = []
    for part in parts:
        waiting.append(part)
        while sum(len(rows.figures) for rows in waiting) >= _ROWS:
            together = _joined(waiting)
            yield _taken(together, slice(None, _ROWS))
            waiting = [_taken(together, slice(_ROWS, None))]
    if waiting and len((rest := _joined(waiting)).figures):
        yield rest


def _joined(parts: list[Rows]) -> Rows:
    figures, reasons = (np.concatenate([part[k] for part in parts]) for k in range(2))
    return Rows(figures, reasons, np.concatenate([part.drawn for part in parts], axis=1))


def _taken(rows: Rows, which: slice) -> Rows:
    return Rows(rows.figures[which], rows.reasons[which], rows.drawn[:, which])
