"""The benchmarks' ratios by version: runs the scripts named, or the quick ones, and appends a row for each figure.

    python -m tests.bench.history [bench_engine bench_start ...]

A row has the version, the commit, the machine, and what the script printed: name, value, unit, and whether the bound is
met.
Ratios of one run compare across machines better than seconds do; seconds are kept with their machine.
"""

from __future__ import annotations

import csv
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from minecalc import __version__

FILE = Path(__file__).with_name("history.csv")
COLUMNS = ("date", "version", "commit", "machine", "python", "numpy", "bench", "figure", "value", "unit", "verdict")
QUICK = ("bench_engine", "bench_start")

#: ``name  value unit  at most 4  met``, as the scripts print what has a bound.
_LINE = re.compile(
    r"(?P<figure>.+?)  +(?P<value>-?[0-9][0-9.e+-]*) *(?P<unit>[^ ]*) +at (?:most|least) .*?  (?P<verdict>met|NOT MET)"
)


def rows(bench: str, text: str) -> list[tuple[str, ...]]:
    """What a script printed of figures with bounds, a row each."""
    found = filter(None, map(_LINE.fullmatch, text.splitlines()))
    return [(bench, line["figure"].strip(), line["value"], line["unit"], line["verdict"]) for line in found]


def head() -> tuple[str, ...]:
    """When, which version, and on what."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    now = datetime.now(UTC)
    return (f"{now:%Y-%m-%d}", __version__, commit.stdout.strip(), machine, platform.python_version(), np.__version__)


def main(benches: list[str]) -> None:
    """Run the scripts one after the other, and append what they say."""
    is_new = not FILE.exists()
    with FILE.open("a", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        if is_new:
            out.writerow(COLUMNS)
        for bench in benches or QUICK:
            done = subprocess.run(
                [sys.executable, "-m", f"tests.bench.{bench}"], stdout=subprocess.PIPE, text=True, check=True
            )
            print(done.stdout, end="", flush=True)
            out.writerows((*head(), *row) for row in rows(bench, done.stdout))


if __name__ == "__main__":
    main(sys.argv[1:])
