"""A folder appears whole or not at all, and never in the place of what is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.files.whole_folder import whole_folder


def never(_: Path) -> bool:
    return False


def test_it_appears_when_all_is_in_it(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out", never) as place:
        (place / "a").write_text("a")
        assert not (tmp_path / "out").exists()
    assert [(file.name, file.read_text()) for file in (tmp_path / "out").iterdir()] == [("a", "a")]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError])
def test_what_goes_wrong_leaves_what_was_there(tmp_path: Path, problem: type[BaseException]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")

    def breaks_off() -> None:
        with whole_folder(tmp_path / "out", lambda _: True) as place:
            (place / "new").write_text("new")
            raise problem

    with pytest.raises(problem):
        breaks_off()
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["old"]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_what_may_go_is_replaced_and_what_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with whole_folder(tmp_path / "empty", never) as place:
        (place / "a").write_text("a")
    with whole_folder(tmp_path / "empty", lambda folder: (folder / "a").exists()) as place:
        (place / "b").write_text("b")
    assert [file.name for file in (tmp_path / "empty").iterdir()] == ["b"]
    assert [one.name for one in tmp_path.iterdir()] == ["empty"]


def test_other_things_stay(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    for name, told in (("file", "it is a file; name a folder"), ("full", "it holds other things; name a new folder")):
        with pytest.raises(OSError, match=told), whole_folder(tmp_path / name, never):
            pass
    with pytest.raises(FileNotFoundError), whole_folder(tmp_path / "no" / "such", never):
        pass
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "full", "x"]


def test_a_swap_that_fails_puts_the_old_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    rename, calls = Path.rename, list[Path]()

    def fails_once(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_once)
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "out", lambda _: True):
        pass
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["old"]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
