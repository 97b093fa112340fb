"""Finished chunks on disk: kept whole, found again, never mixed up with those of another sweep."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.questions import QuestionError
from minecalc.analysis.sweep.cases import Chunk, Sweep
from minecalc.analysis.sweep.spool import Spool, opened
from minecalc.work.processes import Processes
from minecalc.work.workers import Answer, Item
from tests.analysis.sweep.sweeping import POWER, RENT, figures, swept

ROOT = Path(__file__).parents[3]
METRICS = ("npv_usd", "payback_months")


@pytest.fixture
def sweep() -> Sweep:
    return swept(f"{RENT}=40:120:5", f"{POWER}=0.03:0.08:5", metrics=METRICS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "x.csv.partial"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_filled_spool_holds_every_chunk(workers: int, sweep: Sweep, folder: Path) -> None:
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        assert list(spool.missing()) == [0, 1, 2, 3]
        assert list(spool.fill(Processes(workers))) == [0, 1, 2, 3]
        assert spool.finished() == [0, 1, 2, 3]
        assert list(spool.fill(Processes(workers))) == []
        held = [spool.load(number) for number in range(4)]
    assert np.concatenate([chunk.figures for chunk in held]).tobytes() == figures(sweep).tobytes()
    for number, chunk in enumerate(held):
        computed = sweep.chunk(number)
        assert chunk.codes.tolist() == computed.codes.tolist()
        assert chunk.reasons == computed.reasons
    assert names(folder) == ["000000.npz", "000001.npz", "000002.npz", "000003.npz", "lock", "sweep.json"]


def test_what_is_there_is_not_computed_again(sweep: Sweep, folder: Path) -> None:
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        for number in spool.fill():
            if number == 1:
                break
    (folder / "unfinished").write_bytes(b"half a chunk")
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        assert (spool.finished(), list(spool.missing())) == ([0, 1], [2, 3])
        assert list(spool.fill()) == [2, 3]
        assert "unfinished" not in names(folder)


def test_another_sweep_is_refused_until_a_restart(sweep: Sweep, folder: Path) -> None:
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        next(iter(spool.fill()))
    other = swept(f"{RENT}=40:121:5", metrics=("npv_usd",))
    with (
        pytest.raises(QuestionError, match=r"differs in --vary or --cases and more; add --restart to drop it, or"),
        opened(folder, other, other.about(), restart=False),
    ):
        pass
    assert "000000.npz" in names(folder)
    with opened(folder, other, other.about(), restart=True) as spool:
        assert spool.finished() == []
        assert names(folder) == ["lock", "sweep.json"]


def refused(why: str, folder: Path, sweep: Sweep, *, restart: bool) -> None:
    """The folder is refused, and everything in it is as it was."""

    def held() -> dict[str, bytes | str]:
        return {
            str(path): path.read_bytes() if path.is_file() else os.path.realpath(path)
            for path in (folder, *folder.rglob("*"))
        }

    before = held()
    with pytest.raises(QuestionError, match=why), opened(folder, sweep, sweep.about(), restart=restart):
        pass
    assert held() == before


def finished(folder: Path, sweep: Sweep) -> None:
    """Leave a spool of which everything is finished."""
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        list(spool.fill())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"[" * 100_000, b'{"format'])
def test_a_damaged_description_asks_for_a_restart(text: bytes, sweep: Sweep, folder: Path) -> None:
    finished(folder, sweep)
    (folder / "sweep.json").write_bytes(text)
    refused("is damaged: what its sweep is cannot be read; add --restart", folder, sweep, restart=False)
    with opened(folder, sweep, sweep.about(), restart=True) as spool:
        assert spool.finished() == []


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "zeros", "another", "list"])
def test_a_damaged_chunk_asks_for_a_restart(damage: str, sweep: Sweep, folder: Path) -> None:
    finished(folder, sweep)
    chunk = folder / "000001.npz"
    whole = chunk.read_bytes()
    middle = len(whole) // 2
    damaged = {"cut": whole[:middle], "empty": b"", "text": b"not mine", "zeros": whole[:middle] + bytes(middle)}
    if damage == "another":
        np.savez(chunk, figures=np.zeros(3), codes=np.zeros(3), reasons=np.array(["x"]))
    elif damage == "list":
        np.savez(chunk, mine=np.zeros(3))
    else:
        chunk.write_bytes(damaged[damage])
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        spool.load(0)
        with pytest.raises(QuestionError, match=r"000001\.npz is damaged; add --restart to drop it, or delete"):
            spool.load(1)


@pytest.mark.parametrize("restart", [False, True])
def test_what_is_not_ours_is_left_alone(restart: bool, sweep: Sweep, folder: Path) -> None:
    folder.mkdir()
    refused("is no folder of an unfinished sweep; move it away", folder, sweep, restart=restart)
    for name in ("000000.npz", "lock", "sweep.json", "table", "unfinished"):
        (folder / name).write_text('{"format": "mine"}')
        refused("is no folder of an unfinished sweep; move it away", folder, sweep, restart=restart)
    (folder / "thesis.txt").write_text("mine")
    refused(r"holds other files, such as thesis\.txt; move it away", folder, sweep, restart=restart)


@pytest.mark.parametrize("restart", [False, True])
def test_a_link_to_a_spool_or_a_file_is_left_alone(restart: bool, sweep: Sweep, tmp_path: Path) -> None:
    finished(tmp_path / "there", sweep)
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file"):
        refused("is in the way, where finished cases are to be kept", tmp_path / name, sweep, restart=restart)


@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_in_a_spool_is_left_alone(restart: bool, sweep: Sweep, folder: Path) -> None:
    finished(folder, sweep)
    (folder / "000007.npz").mkdir()
    refused(r"holds other files, such as 000007\.npz; move it away", folder, sweep, restart=restart)


def test_a_spool_of_version_0_3_goes_on(sweep: Sweep, folder: Path) -> None:
    finished(folder, sweep)
    (folder / "lock").write_bytes(b"")  # it had no mark
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        assert list(spool.missing()) == []


def test_chunks_that_nothing_is_known_about_are_dropped(sweep: Sweep, folder: Path) -> None:
    finished(folder, sweep)
    (folder / "sweep.json").unlink()  # a removal that was cut short
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        assert spool.finished() == []


def test_a_folder_that_cannot_be_made_leaves_nothing(
    sweep: Sweep, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="No space left"), opened(folder, sweep, sweep.about(), restart=False):
        pass
    assert list(folder.parent.iterdir()) == []


def test_one_process_at_a_time(sweep: Sweep, folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from minecalc.analysis.sweep.spool import opened
from tests.analysis.sweep.sweeping import swept
sweep = swept({f"{RENT}=1,2"!r})
try:
    with opened(Path({str(folder)!r}), sweep, {{}}, restart=True):
        pass
except ValueError as error:
    print(error)
"""
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        next(iter(spool.fill()))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
        assert done.stdout.endswith("is in use; another sweep is writing the same file\n")
        assert spool.finished() == [0]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
    assert done.stdout == ""


def test_nothing_stays_behind_if_nothing_was_finished(sweep: Sweep, folder: Path) -> None:
    with opened(folder, sweep, sweep.about(), restart=False):
        pass
    assert not folder.exists()


def test_a_chunk_that_cannot_be_written_leaves_nothing(
    sweep: Sweep, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Any, **arrays: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        spool.save(0, sweep.chunk(0))
        monkeypatch.setattr(np, "savez", full)
        with pytest.raises(OSError, match="No space left"):
            spool.save(1, sweep.chunk(1))
        assert names(folder) == ["000000.npz", "lock", "sweep.json"]


def test_a_removal_takes_the_description_after_the_chunks(sweep: Sweep, folder: Path) -> None:
    removed: list[str] = []
    watching = [True]

    def watch(event: str, arguments: Sequence[object]) -> None:
        if watching and event == "os.remove" and ".minecalc-x.csv.partial" in str(arguments[0]):
            removed.append(Path(str(arguments[0])).name)

    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        list(spool.fill())
        sys.addaudithook(watch)
        spool.remove()
        watching.clear()
    assert removed[-2:] == ["sweep.json", "lock"]
    assert len(removed) == 6
    assert not folder.exists()


def test_a_chunk_without_reasons_and_one_with_many(sweep: Sweep, tmp_path: Path) -> None:
    spool = Spool(tmp_path, sweep)
    for number, reasons in enumerate([(), ("ein Grund", "なし", "x" * 300)]):
        figures = sweep.chunk(number).figures
        chunk = Chunk(np.full_like(figures, np.nan), np.full(figures.shape, len(reasons), dtype=np.uint16), reasons)
        spool.save(number, chunk)
        assert spool.load(number).reasons == reasons


class Interrupted:
    """Workers of which somebody tires after one answer."""

    def share_out(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
        yield work(items[0])
        raise KeyboardInterrupt


def test_interrupted_filling_keeps_what_is_finished(sweep: Sweep, folder: Path) -> None:
    with opened(folder, sweep, sweep.about(), restart=False) as spool:
        with pytest.raises(KeyboardInterrupt):
            list(spool.fill(Interrupted()))
        assert spool.finished() == [0]
    assert "000000.npz" in names(folder)
