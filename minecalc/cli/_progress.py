"""A progress bar for what takes longer than a second, on a terminal's standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE_SECONDS = 1.0


def progress(items: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
    """``items`` as they come; a bar appears after a second and goes when all are done."""
    if total < 2 or not sys.stderr.isatty():
        yield from items
        return
    begun, bar, done = time.monotonic(), None, 0
    try:
        for item in items:
            done += 1
            if bar is None and time.monotonic() - begun > _PATIENCE_SECONDS:
                from rich.console import Console
                from rich.progress import Progress

                bar = Progress(console=Console(stderr=True), transient=True)
                task = bar.add_task(doing, total=total)
                bar.start()
            if bar is not None:
                bar.update(task, completed=done)
            yield item
    finally:
        if bar is not None:
            bar.stop()
