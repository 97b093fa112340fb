"""Files that are read without waiting, and remembered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minecalc.files.regular_file import note, noting, read_as, regular_file, remembering
from minecalc.files.whole_file import whole_file


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/", "pipe"])
def test_what_could_be_without_end_is_refused(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is not a regular file"):
        regular_file(tmp_path / name)


def test_a_file_that_was_read_is_not_written_over_by_any_name(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("mine")
    (tmp_path / "soft").symlink_to(file)
    (tmp_path / "hard").hardlink_to(file)
    (tmp_path / "folder").mkdir()
    with remembering():
        with regular_file(file) as opened:
            assert opened.read() == b"mine"
        for name in ("x.yaml", "soft", "hard", "./x.yaml", "folder/../x.yaml"):
            output = Path(f"{tmp_path}/{name}")
            assert read_as(output) == str(file)
            with pytest.raises(OSError, match=r"it is .*x\.yaml, which the same command reads"), whole_file(output):
                pass
    assert read_as(file) == ""
    assert file.read_text() == "mine"


def test_tables_are_noted_with_their_checksums_for_whom_it_concerns() -> None:
    note("nobody.csv", b"asks")
    with noting() as found:
        note("a.csv", b"")
    note("a.csv", b"later")
    assert found == {"a.csv": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}


def test_an_empty_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with regular_file(tmp_path / "empty") as file:
        assert file.read() == b""
