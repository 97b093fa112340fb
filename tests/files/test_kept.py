"""What is kept for the next command: as it was or not at all, where the platform has it, bounded, and never told of."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from minecalc.files import kept as module
from minecalc.files.kept import keep, kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINECALC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def names(folder: Path) -> list[str]:
    return sorted(path.name.partition(".")[0] for path in folder.iterdir())


def test_an_entry_is_as_it_was_or_not_there(folder: Path) -> None:
    keep("a", b"held")
    keep("b", b"")
    assert (kept("a"), kept("b"), kept("c")) == (b"held", b"", None)
    keep("a", b"other")
    assert kept("a") == b"other"
    whole = (folder / "a.minecalc-kept").read_bytes()
    for place in range(len(whole)):
        for wrong in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            (folder / "a.minecalc-kept").write_bytes(wrong)
            assert kept("a") is None
    (folder / "c.minecalc-kept").write_bytes(whole)
    assert kept("c") is None, "an entry of another name"


def test_what_is_kept_is_for_nobody_else(folder: Path) -> None:
    keep("a", b"held")
    if sys.platform != "win32":
        assert [path.stat().st_mode & 0o777 for path in (folder, folder / "a.minecalc-kept")] == [0o700, 0o600]


@pytest.mark.parametrize("said", ["off", "OFF", "0"])
def test_nothing_is_kept_where_that_is_switched_off(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MINECALC_CACHE", said)
    keep("a", b"held")
    assert kept("a") is None
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("platform", "variable", "value", "place"),
    [
        ("linux", "XDG_CACHE_HOME", "/somewhere", "/somewhere/minecalc"),
        ("linux", "XDG_CACHE_HOME", "relative", "/home/.cache/minecalc"),
        ("linux", "XDG_CACHE_HOME", "", "/home/.cache/minecalc"),
        ("darwin", "XDG_CACHE_HOME", "/somewhere", "/home/Library/Caches/minecalc"),
        ("win32", "LOCALAPPDATA", "/local", "/local/minecalc/Cache"),
        ("win32", "LOCALAPPDATA", "", None),
    ],
)
def test_entries_are_where_the_platform_has_caches(
    platform: str, variable: str, value: str, place: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINECALC_CACHE", "")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(Path, "home", lambda: Path("/home"))
    monkeypatch.setattr(sys, "platform", platform)
    assert module._folder() == (None if place is None else Path(place))


@pytest.mark.parametrize("said", ["on", "yes", "1", "auto", "cache", "./cache", "~/cache"])
def test_what_names_no_place_in_full_is_the_usual_folder(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "usual"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("MINECALC_CACHE", said)
    keep("a", b"held")
    assert kept("a") == b"held"
    assert [path.name for path in tmp_path.iterdir()] == ["usual"], "none where the command runs"


def test_nobody_without_a_home_keeps_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError

    monkeypatch.setenv("MINECALC_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", home)
    keep("a", b"held")
    assert kept("a") is None


def test_a_place_that_takes_nothing_is_not_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    for said in ("file", "file/in", "x" * 300, "a" + "/b" * 3000):
        monkeypatch.setenv("MINECALC_CACHE", str(tmp_path / said))
        keep("a", b"held")
        assert kept("a") is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, OSError])
def test_what_goes_wrong_leaves_what_was_there(
    wrong: type[BaseException], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise wrong

    keep("a", b"old")
    monkeypatch.setattr(Path, "replace", stop)
    if wrong is OSError:
        keep("a", b"new")
    else:
        with pytest.raises(KeyboardInterrupt):
            keep("a", b"new")
    assert kept("a") == b"old"
    assert names(folder) == ["a"]


def test_those_used_last_are_kept_and_nothing_else_is_touched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    for mine in ("mine.txt", "half.part", "new.minecalc-part"):
        (folder / mine).write_text("mine")
    (folder / "old.minecalc-part").write_text("what a kill left")
    os.utime(folder / "old.minecalc-part", (time.time() - 7200,) * 2)
    for number in range(64):
        keep(f"{number:02}", b"held")
        os.utime(folder / f"{number:02}.minecalc-kept", (time.time() - 200_000 + number,) * 2)
    assert kept("00") == b"held", "which notes that it was used"
    keep("64", b"held")
    assert names(folder) == ["00", *(f"{number:02}" for number in range(2, 65)), "half", "mine", "new"]
    monkeypatch.setattr(module, "_BYTES_MOST", 3 * (folder / "64.minecalc-kept").stat().st_size)
    keep("65", b"held")
    assert names(folder) == ["00", "64", "65", "half", "mine", "new"]


def test_many_at_once_find_an_entry_whole(folder: Path) -> None:
    held = {f"{number}": bytes([number]) * 50_000 for number in range(3)}

    def work(turn: int) -> bool:
        name = f"{turn % 3}"
        keep(name, held[name])
        return kept(name) == held[name]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(300)))
    assert names(folder) == [*held]
