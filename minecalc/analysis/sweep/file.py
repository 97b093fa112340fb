"""A sweep written to a file: resumable, whole or not there, the same bytes however often it was interrupted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minecalc import tables
from minecalc.analysis.sweep.cases import Sweep
from minecalc.analysis.sweep.spool import Spool, opened
from minecalc.analysis.sweep.table import batches, columns
from minecalc.tables import Batch
from minecalc.whole_file import place_to_write


@contextmanager
def spool_beside(output: Path, sweep: Sweep, about: Mapping[str, Any], *, restart: bool) -> Iterator[Spool]:
    """The spool of a sweep that is to be written to ``output``: the folder of its name with ``.partial`` added.

    SweepError as for ``opened``, OSError as for ``place_to_write``.
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
    try:
        with spool.table.open("wb") as file:
            tables.write(name, file, columns(spool.sweep), watch(batches(spool.sweep, spool.load, chunks)))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, spool.table)
        spool.table.replace(target)
    finally:
        spool.table.unlink(missing_ok=True)
