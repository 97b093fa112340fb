"""Many scenario files compared, each on its own: one broken file does not hide the others."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from minecalc.analysis.compare.record import Record, compare_readings
from minecalc.document import Written
from minecalc.loading import Reading, read
from minecalc.schema.diagnostics import Diagnostic

#: Fewer files than this are not worth starting processes for.
_FILES_FOR_PROCESSES = 64

#: So many files are compared together at the most, which bounds the memory.
_FILES_AT_ONCE = 250


class ComparedFile(NamedTuple):
    """What came of one file: its record, or None, and its diagnostics, those of its failing requirements included.

    ``written`` is the record as the wanted format has it, where the process that compared the file wrote that too.
    """

    file: str
    record: Record | None
    diagnostics: tuple[Diagnostic, ...]
    written: Written | None = None


def answer_each(
    files: Sequence[str],
    reads: Callable[[str], Reading] = read,
    in_full: bool = True,
    with_break_evens: bool = True,
    write: Callable[[Record], Written] | None = None,
) -> list[ComparedFile]:
    """Files, read and compared together: of each the whole record, or its summary."""
    readings = [reads(file) for file in files]
    usable = [reading for reading in readings if reading.scenario is not None]
    records = iter(compare_readings(usable, in_full=in_full, with_break_evens=with_break_evens))
    found = [_compared(reading, None if reading.scenario is None else next(records)) for reading in readings]
    if write is None:
        return found
    return [one if one.record is None else one._replace(written=write(one.record)) for one in found]


def _compared(reading: Reading, record: Record | None) -> ComparedFile:
    """What came of a file, with what its failing requirements say."""
    diagnostics = reading.diagnostics
    if record is not None and record["requirements"]:
        from minecalc.analysis.requirements import failures

        diagnostics = (*diagnostics, *failures(reading, record["requirements"]))
    return ComparedFile(reading.file, record, diagnostics)


def answers(
    files: Sequence[str],
    reads: Callable[[str], Reading] = read,
    *,
    in_full: bool = True,
    with_break_evens: bool = True,
    write: Callable[[Record], Written] | None = None,
) -> Iterator[ComparedFile]:
    """Every file's answer, in order, with whole records or summaries; many files are shared out to a process a core.

    ``reads`` reads a file. Each of several processes can ``write`` its records too, which else one has to do after all
    others.
    """
    work = partial(answer_each, reads=reads, in_full=in_full, with_break_evens=with_break_evens)
    if len(files) < _FILES_FOR_PROCESSES or "-" in files:
        for several in _batches(files, 1, in_full):
            yield from work(several)
        return
    from minecalc.work.processes import Processes, cores

    if cores() > 1:
        work = partial(work, write=write)
    for found in Processes(cores()).share_out(work, _batches(files, cores(), in_full)):
        yield from found


def _batches(files: Sequence[str], processes: int, in_full: bool) -> list[Sequence[str]]:
    """The files that are compared together, of each of so many processes."""
    together = min(_FILES_AT_ONCE, -(-len(files) // processes)) if in_full else 1
    return [files[begin : begin + together] for begin in range(0, len(files), together or 1)]
