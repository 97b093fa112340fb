"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minecalc.files.whole_file import whole_file


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    output.write_text("old")
    output.chmod(0o640)
    with whole_file(output) as file:
        file.write(b"new")
        assert output.read_text() == "old"
    assert output.read_text() == "new"
    assert output.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def half(output: Path, wrong: type[BaseException]) -> None:
    with whole_file(output) as file:
        file.write(b"half")
        raise wrong


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, OSError, ValueError])
def test_what_goes_wrong_leaves_what_was_there(wrong: type[BaseException], tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    for before in (None, "old"):
        if before is not None:
            output.write_text(before)
        with pytest.raises(wrong):
            half(output, wrong)
        assert [path.name for path in tmp_path.iterdir()] == ([] if before is None else ["x.csv"])
    assert output.read_text() == "old"


def test_a_link_keeps_pointing_and_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    for strange in (tmp_path, Path(os.devnull)):
        with pytest.raises(OSError, match="it is not a regular file"), whole_file(strange):
            pass
