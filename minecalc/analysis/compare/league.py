"""Many scenario files compared, each on its own: one broken file does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from minecalc.analysis.compare.record import Record, compare_reading
from minecalc.loading import read
from minecalc.schema.diagnostics import Diagnostic
from minecalc.work.processes import Processes, cores

#: Fewer files than this are not worth starting processes for.
_FILES_FOR_PROCESSES = 64


class ComparedFile(NamedTuple):
    """What came of one file: its record, or None, and its diagnostics, those of its failing requirements included."""

    file: str
    record: Record | None
    diagnostics: tuple[Diagnostic, ...]


def answer(
    file: str, assignments: Sequence[str], in_full: bool, with_break_evens: bool = True, confined: bool = False
) -> ComparedFile:
    """One file, read and compared: the whole record, or its summary."""
    reading = read(file, assignments, confined=confined)
    if reading.scenario is None:
        return ComparedFile(file, None, reading.diagnostics)
    record = compare_reading(reading, in_full=in_full, with_break_evens=with_break_evens)
    diagnostics = reading.diagnostics
    if record["requirements"]:
        from minecalc.analysis.requirements import failures

        diagnostics = (*diagnostics, *failures(reading, record["requirements"]))
    return ComparedFile(file, record, diagnostics)


def answers(
    files: Sequence[str],
    assignments: Sequence[str] = (),
    *,
    in_full: bool = True,
    with_break_evens: bool = True,
    confined: bool = False,
) -> Iterator[ComparedFile]:
    """Every file's answer, in order, with whole records or summaries; many files are shared out to a process a core."""
    work = partial(
        answer,
        assignments=tuple(assignments),
        in_full=in_full,
        with_break_evens=with_break_evens,
        confined=confined,
    )
    few = len(files) < _FILES_FOR_PROCESSES or "-" in files
    yield from Processes(1 if few else cores()).share_out(work, files)
