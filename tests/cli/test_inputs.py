"""Files, folders and names of shipped examples that a command is to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.cli._inputs import named_file, wanted_files
from minecalc.examples import examples
from tests.cli.running import run

NOTE = "note: retrofit is a shipped example; minecalc init --from retrofit copies it here\n"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a file, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_name_that_is_no_file_is_the_shipped_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert wanted_files(["retrofit"]) == [str(examples()["retrofit"].file)]
    assert capsys.readouterr() == ("", NOTE)


@pytest.mark.parametrize("name", ["-", "nowhere.yaml", "retrofit.yaml", "re\0trofit"])
def test_any_other_name_stays_as_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert named_file(name) == name
    assert capsys.readouterr() == ("", "")


def test_a_word_that_is_nothing_is_told_of_the_example_near_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert named_file("retrofitt") == "retrofitt"
    assert capsys.readouterr() == ("", "note: retrofitt is no shipped example; did you mean retrofit?\n")
    assert named_file("zzz") == "zzz"
    assert capsys.readouterr().err == "note: zzz is no shipped example; minecalc examples lists them\n"


def test_a_file_or_folder_of_that_name_goes_first(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty_folder / "retrofit").mkdir()
    (empty_folder / "retrofit" / "mine.yaml").touch()
    assert wanted_files(["retrofit"]) == ["retrofit/mine.yaml"]
    assert capsys.readouterr() == ("", "")


def test_an_example_answers_as_its_file_does() -> None:
    file = examples()["retrofit"].file
    asked = ("--solve", "site.electricity_price_usd_per_kwh", "--quiet")
    by_name, by_file = run("breakeven", "retrofit", *asked), run("breakeven", file, *asked)
    assert (by_name.out, by_name.err) == (by_file.out, NOTE)
    both = run("diff", "retrofit", "wait-or-convert", "--quiet")
    assert (both.code, both.err.count("note: ")) == (0, 2)
