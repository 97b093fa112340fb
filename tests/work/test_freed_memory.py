"""That memory of arrays is used again, however much of it is freed at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FAULTS = """
import resource
import numpy as np
from minecalc.work.freed_memory import keep_freed_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        arrays = [np.ones(250_000) for _ in range(60)]  # 120 MB, all of it freed before the next round
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
before = faults()
keep_freed_memory()
faults()
print(before, faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of Linux")
def test_pages_of_freed_arrays_are_not_fetched_anew() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, check=True, cwd=ROOT, text=True)
    before, after = map(int, done.stdout.split())
    assert after < before / 10
