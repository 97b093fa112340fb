"""A sweep in a process of its own that waits at one of its chunks for as long as a test wants."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.running import HANGS_SECONDS, ROOT
from tests.clusters import until

#: The command, but when it has kept a chunk it waits for the end of its input, and a cluster for nothing sooner.
CODE = """
import sys
from minecalc.__main__ import run
from minecalc.analysis.sweep.spool import Spool
from minecalc.work import cluster
at, seconds = int(sys.argv.pop(1)), float(sys.argv.pop(1))
def held(spool, number, chunk):
    save(spool, number, chunk)
    if number == at:
        sys.stdin.read()
save, Spool.save = Spool.save, held
cluster._CONNECT_SECONDS = cluster._FIRST_WORKER_SECONDS = seconds
run()
"""


def held_sweep(at: int, *arguments: str) -> subprocess.Popen[str]:
    """``minecalc sweep``, which goes on after its chunk number ``at`` (from 0) when its standard input is closed."""
    command, pipe = [sys.executable, "-c", CODE, str(at), str(HANGS_SECONDS), "sweep", *arguments], subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT, text=True, start_new_session=True)


def until_chunks(output: Path, count: int, running: subprocess.Popen[str]) -> None:
    """Wait until so many chunks of the sweep to ``output`` are kept."""
    spool = output.with_name(f"{output.name}.partial")
    until(lambda: len(list(spool.glob("*.npz"))) >= count or running.poll() is not None)
    assert running.poll() is None
