"""A sweep that is killed, at whatever moment, and run again gives the bytes of one that was not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import tables
from minecalc.analysis.sweep.cases import Sweep
from minecalc.analysis.sweep.spool import Spool, batches, columns, put_together, spool_beside
from minecalc.tables import Batch, Column
from tests.analysis.sweep.sweeping import LEASE, MINE, POWER, READY, RENT, TENANT, computed, figures, swept

WHOLE = 'plans."a lease".term_months'


def test_columns_are_typed() -> None:
    sweep = swept(f"{RENT}=90,100", f"{READY}=2027-05,2027-07", f"{TENANT}=true,false", f"{WHOLE}=12,24")
    assert columns(sweep) == [
        Column("case", "whole"),
        Column(RENT, "number"),
        Column(READY, "text", ("2027-05", "2027-06", "2027-07")),
        Column(TENANT, "text", ("true", "false")),
        Column(WHOLE, "whole"),
        Column("plan", "text", (MINE, LEASE)),
        Column("npv_usd", "number"),
        Column("npv_difference_at_scenario_rate_usd", "number"),
    ]


def test_rows_are_cases_by_plans() -> None:
    sweep = swept(f"{RENT}=90,100", f"{READY}=2027-07,2027-05", f"{TENANT}=true,false", chunk_cases=3)
    found = list(batches(sweep, computed(sweep), range(sweep.chunks)))
    assert [batch[0].tolist() for batch in found] == [[1, 1, 2, 2, 3, 3], [4, 4, 5, 5, 6, 6], [7, 7, 8, 8]]
    together = [np.concatenate(parts).tolist() for parts in zip(*found, strict=True)]
    texts = columns(sweep)
    assert together[1] == [90.0] * 8 + [100.0] * 8
    assert [texts[2].texts[int(place)] for place in together[2]] == (["2027-07"] * 4 + ["2027-05"] * 4) * 2
    assert [texts[3].texts[int(place)] for place in together[3]] == ["true", "true", "false", "false"] * 4
    assert [texts[4].texts[int(place)] for place in together[4]] == [MINE, LEASE] * 8
    assert together[5:] == figures(sweep).reshape(16, 2).T.tolist()


def test_only_the_chunks_that_are_asked_for() -> None:
    sweep = swept(f"{RENT}=90:100:8", chunk_cases=2)
    found = batches(sweep, computed(sweep), [0, 3])
    assert [batch[0].tolist() for batch in found] == [[1, 1, 2, 2], [7, 7, 8, 8]]


ROOT = Path(__file__).parents[3]

#: Runs a sweep that kills itself at its nth look at or change of a file, then again to the end, for n = 1, 2, ...
DRIVER = """
import os, signal, sys
from pathlib import Path
import pyarrow.parquet  # once, not in every child
from tests.analysis.sweep.test_file import grid, run

folder, name, sweep = Path(sys.argv[1]), sys.argv[2], grid()
about = sweep.about()
WATCHED = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.listdir", "os.scandir", "os.truncate")

def in_child(work):
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]

def killed_at(moment):
    seen = 0
    def watch(event, arguments):
        nonlocal seen
        if event in WATCHED and str(folder) in str(arguments[0]):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    run(sweep, about, folder / "x", name)

reference = folder / "reference"
assert in_child(lambda: run(sweep, about, reference, name)) == 0
wanted = reference.read_bytes()
before = set(os.listdir(folder))
moment, kills, early = 0, 0, 0
while True:
    moment += 1
    status = in_child(lambda: killed_at(moment))
    if status == 0:
        break
    assert status == signal.SIGKILL, status
    kills += 1
    left = folder / "x"
    if left.exists():
        assert left.read_bytes() == wanted, moment
    else:
        early += 1
    assert in_child(lambda: run(sweep, about, folder / "x", name)) == 0, moment
    assert (folder / "x").read_bytes() == wanted, moment
    (folder / "x").unlink()
    assert set(os.listdir(folder)) == before, (moment, os.listdir(folder))
print(kills, early)
"""


def grid() -> Sweep:
    return swept(f"{RENT}=40:120:3", f"{POWER}=0.03:0.08:3", f"{TENANT}=true,false", metrics=("npv_usd", "moic_ratio"))


def run(sweep: Sweep, about: Mapping[str, Any], output: Path, name: str) -> None:
    """The whole way of a sweep to its file."""
    with spool_beside(output, sweep, about, restart=False) as spool:
        for _ in spool.fill():
            pass
        put_together(spool, name, output, range(sweep.chunks))
        spool.remove()


@pytest.mark.parametrize("name", tables.formats())
def test_killed_at_any_file_operation_and_run_again_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    # from Python 3.12 on a fork warns where a library has threads; the children here do not use them
    command = [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", DRIVER, str(tmp_path), name]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False, timeout=300)
    assert done.stderr == ""
    kills, early = map(int, done.stdout.split())
    assert kills > 25
    assert 10 < early < kills, "some kills come before the file is there, some after"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    found = Spool(tmp_path, grid())
    for number in range(found.sweep.chunks):
        found.save(number, found.sweep.chunk(number))
    return found


def test_a_part_of_the_chunks_makes_a_valid_file(spool: Spool, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    put_together(spool, "csv", whole, range(spool.sweep.chunks))
    put_together(spool, "csv", part, [0, 2])
    lines, some = whole.read_text().splitlines(), part.read_text().splitlines()
    assert len(lines) == 1 + 18 * 2
    assert some == [*lines[: 1 + 16], *lines[1 + 32 :]]


def test_a_file_is_replaced_behind_its_link_with_its_mode(spool: Spool, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    put_together(spool, "csv", link, [0])
    assert link.is_symlink()
    assert real.read_text().startswith("case,")
    assert real.stat().st_mode & 0o777 == 0o600


def test_the_old_file_stays_until_the_new_one_is_whole(spool: Spool, tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    output.write_text("old")
    (tmp_path / "000001.npz").unlink()
    with pytest.raises(FileNotFoundError):
        put_together(spool, "csv", output, range(spool.sweep.chunks))
    assert output.read_text() == "old"
    assert not spool.table.exists()


def test_the_spool_stands_beside_the_file_and_not_a_folder(tmp_path: Path) -> None:
    sweep = grid()
    with spool_beside(tmp_path / "x.csv", sweep, sweep.about(), restart=False) as spool:
        assert spool.folder == tmp_path / "x.csv.partial"
    with (
        pytest.raises(OSError, match="it is not a regular file"),
        spool_beside(tmp_path, sweep, sweep.about(), restart=False),
    ):
        pass
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(OSError, match="it is not a regular file"),
        spool_beside(tmp_path / "pipe", sweep, sweep.about(), restart=False),
    ):
        pass


def test_batches_can_be_watched(spool: Spool, tmp_path: Path) -> None:
    seen = []

    def watch(batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in batches:
            seen.append(len(batch[0]))
            yield batch

    put_together(spool, "csv", tmp_path / "x.csv", range(spool.sweep.chunks), watch)
    assert seen == [16, 16, 4]
