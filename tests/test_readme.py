"""Every block of README.md, CONTRIBUTING.md and the manual does what it says.

A comment above a block says how it is run:

- ``<!-- run -->``: its commands print what stands below them, in the root of the repository;
- ``<!-- scenario [FILE] -->``: it can be compared; the commands of its page find it as FILE;
- ``<!-- file FILE -->``: the commands of its page find it as FILE;
- ``<!-- uncertainty -->``: it says what is uncertain in a scenario that has a place for it;
- ``<!-- python -->``: it prints what the block ``<!-- prints -->`` below it holds;
- ``<!-- setup -->``, ``<!-- tests -->``: the gate runs them in an empty clone;
- ``<!-- business NAME -->``, ``<!-- figure NAME -->``, ``<!-- format NAME -->``: see ``test_contributing.py``;
- ``<!-- shown: WHY -->``: it cannot be run here.

``MINECALC_UPDATE_README=1 pytest -n 0 tests/test_readme.py`` writes what commands and Python print anew.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from minecalc import compare, loads
from minecalc.engine import evaluate
from minecalc.randomness.streams import Sampler
from minecalc.simulation.world import World
from tests.cli.running import Run, run

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "minecalc" / "manual").glob("*.md"))]
BLOCK = re.compile(r"<!-- (?P<mark>[^\n]*) -->\n```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
FENCE = re.compile(r"^```\w+$", re.MULTILINE)
RUN, PYTHON, PRINTS = "run", "python", "prints"
UPDATING = bool(os.environ.get("MINECALC_UPDATE_README"))


def blocks(page: Path) -> list[tuple[str, str]]:
    """The blocks of a page, each with its mark."""
    return [(found["mark"], found["text"]) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def of_kind(kind: str) -> list[str]:
    """The blocks of all pages with a mark that begins with this word."""
    return [text for page in PAGES for mark, text in blocks(page) if mark.split()[0] == kind]


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown below it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def in_a_shell(command: str, given: str | None = None) -> str:
    """What a process of its own prints on both streams, 100 columns wide; ``given`` is its standard input."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=environment,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stdout


class Commands:
    """What the commands of a page print. ``minecalc`` runs in this process, and the same of it once for the files."""

    def __init__(self) -> None:
        self.ran: dict[str, Run] = {}

    def printed(self, command: str) -> str:
        """What is printed on both streams, without spaces at the ends of lines."""
        first, _, rest = command.partition(" | ")
        if not first.startswith("minecalc "):
            return stripped(in_a_shell(command))
        if first not in self.ran:
            self.ran[first] = run(*shlex.split(first)[1:])
        done = self.ran[first]
        return stripped(done.err + (in_a_shell(rest, done.out) if rest else done.out))


def printed_by(code: str) -> str:
    """What Python prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(code, {"__name__": "__main__"})
    return stripped(out.getvalue())


def stripped(text: str) -> str:
    """The text without spaces at the ends of lines."""
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, which looks like the root of the repository, and in which a page may leave files."""
    for name in ("scenarios", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # answers are the same, and other tests want the cores
    return tmp_path


def outputs(page: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """What the page shows of each command and each Python block: the text before, as shown, and as printed now."""
    code, ran = "", Commands()
    for mark, text in blocks(page):
        word, *file = mark.split()
        if word in ("scenario", "file") and file:
            (folder / file[0]).write_text(text, encoding="utf-8")
            ran = Commands()
        elif mark == RUN:
            for command, shown in commands(text):
                yield f"$ {command}\n", shown, ran.printed(command)
        elif mark == PYTHON:
            code = text
        elif mark == PRINTS:
            before = f"{code}```\n\n<!-- {PRINTS} -->\n```text\n"
            yield before, text, printed_by(code)


@pytest.mark.parametrize("page", [p for p in PAGES if {RUN, PYTHON} & dict(blocks(p)).keys()], ids=lambda p: p.stem)
def test_examples_print_what_their_page_shows(page: Path, folder: Path) -> None:
    for before, shown, now in outputs(page, folder):
        assert now, before
        if UPDATING:
            text = page.read_text(encoding="utf-8")
            assert text.count(before + shown) == 1
            page.write_text(text.replace(before + shown, before + now), encoding="utf-8")
        else:
            assert now == shown, before


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    marks = [mark for mark, _ in blocks(page)]
    assert len(FENCE.findall(text)) == len(marks), "a block without a mark"
    known = {RUN, "scenario", "file", "uncertainty", PYTHON, PRINTS, "setup", "tests", "business", "figure", "format"}
    assert {mark.split()[0] for mark in marks if not mark.startswith("shown: ")} <= known
    assert marks.count(PYTHON) == marks.count(PRINTS)


def test_there_is_something_of_every_kind() -> None:
    assert len([command for block in of_kind(RUN) for command in commands(block)]) > 15
    assert len(of_kind(PYTHON)) >= 3
    assert len(of_kind("scenario")) >= 4
    assert len(of_kind("uncertainty")) == 1


@pytest.mark.parametrize("text", of_kind("scenario"))
def test_scenarios_can_be_compared(text: str) -> None:
    plans = compare(loads(text))["plans"]
    assert all(plan["metrics"]["npv_usd"] is not None for plan in plans)
    assert len(plans) == 2


SITE = """
name: block of the manual
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9}
  lease:
    {kind: colocation, rent_usd_per_kw_per_month: 130, opex_fraction_of_rent: 0.15, term_months: 60,
     renewal: {rent_usd_per_kw_per_month: 130}, conversion: {starts: 2027-03, ready: 2028-03}}
"""


@pytest.mark.parametrize("text", of_kind("uncertainty"))
def test_uncertainty_says_what_is_uncertain(text: str) -> None:
    scenario = loads(SITE + text)
    world = World(scenario, Sampler(1))
    assert world.uncertain.given == {*scenario.uncertainty.factors} if scenario.uncertainty else False
    assert "electricity_price_usd_per_kwh" not in world.uncertain.factors
    worth = evaluate(world.paths(0).scenario).plans["lease"].npv_usd
    assert len(set(worth.tolist())) > 1000


@pytest.mark.parametrize("kind", ["setup", "tests"])
def test_commands_that_set_up_are_single_lines(kind: str) -> None:
    """The gate runs them in an empty clone; here: there is one of each, and what it names exists."""
    (text,) = of_kind(kind)
    assert len(text.splitlines()) == 1
    for name in re.findall(r"scenarios/[\w/.-]+", text):
        assert (ROOT / name).is_file()


LINK = re.compile(r"\]\(([^)#]+)\)")
NAMED = re.compile(r"`minecalc help ([a-z_-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_what_a_page_refers_to_is_there(page: Path) -> None:
    from minecalc.cli._pages import topics

    text = page.read_text(encoding="utf-8")
    assert {name for name in LINK.findall(text) if not (page.parent / name).exists()} == set()
    assert {*NAMED.findall(text)} <= {*topics()}
