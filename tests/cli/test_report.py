"""``minecalc report``: one page of a scenario, a folder of pages of a folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from minecalc.cli._site import page_names
from tests.cli.running import TEXAS, run

ALONE = """
name: Alone
months: 24
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9, efficiency_j_per_th: 18}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two scenarios, whose pages have no pictures: these take longer than the answers."""
    monkeypatch.setattr("minecalc.reports._html.can_draw", lambda: False)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("Hill & <top>.yaml", "deep/hill top.yaml"):
        (tmp_path / "in" / name).write_text(ALONE, encoding="utf-8")
    return tmp_path / "in"


def test_a_folder_becomes_a_league_with_a_page_for_each(folder: Path, tmp_path: Path) -> None:
    asked = ("report", folder, "--paths", "64", "--workers", "1", "-o", tmp_path / "out")
    done = run(*asked)
    assert (done.code, done.out) == (0, "")
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["hill-top-2.html", "hill-top.html", "index.html"]
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert sorted(re.findall(r'<a href="([^"]*)"', index)) == ["hill-top-2.html", "hill-top.html"]
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    assert run(*asked).code == 0
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", "out"]


def test_a_broken_file_hides_no_other(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.yaml").write_text("name: [")
    done = run("report", folder, "--paths", "64", "--workers", "1", "-o", tmp_path / "out")
    assert done.code == 2
    assert "broken.yaml:1:" in done.err
    assert len(list((tmp_path / "out").iterdir())) == 3
    (tmp_path / "all broken").mkdir()
    shutil.copy(folder / "broken.yaml", tmp_path / "all broken")
    done = run("report", tmp_path / "all broken", "-o", tmp_path / "none")
    assert done.code == 2
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_is_refused_before_the_work(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine.html").write_text("<p>mine</p>")
    for words, told in (
        ((), "the report of a folder is a folder of pages; add --output FOLDER"),
        (("-o", "-"), "the report of a folder is a folder of pages; add --output FOLDER"),
        (("--format", "json", "-o", tmp_path / "x"), "the report of a folder is pages, not json; leave --format out"),
        (("-o", tmp_path / "mine"), f"cannot write {tmp_path}/mine: it holds other things; name a new folder"),
        (("-o", tmp_path / "page"), f"cannot write {tmp_path}/page: it holds other things; name a new folder"),
        (("-o", tmp_path / "mine" / "notes.txt"), "it is a file; name a folder"),
    ):
        done = run("report", folder, *words)
        assert (done.code, done.out) == (2, "")
        assert told in done.err
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "page" / "mine.html").read_text() == "<p>mine</p>"


def test_a_page_says_what_the_command_line_says(tmp_path: Path) -> None:
    run("report", TEXAS, "--paths", "64", "--workers", "1", "-o", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_000_000
    headline = " ".join(run("compare", TEXAS, "--quiet").out.split())
    assert headline in " ".join(re.sub("&amp;", "&", page).split())


def test_names_of_pages_are_plain_and_none_is_twice() -> None:
    files = ["a/X y.yaml", "b/x-y.yml", "index.yaml", "日本.yaml", "é.yaml", "--.yaml"]
    names = ["x-y", "x-y-2", "index-2", "scenario", "scenario-2", "scenario-3"]
    assert page_names(files) == [f"{name}.html" for name in names]
