"""Each file of ``domain/`` and the whole text that a user sees for it; and no code of the domain without one.

Those of ``unmet/`` are right, but fail a requirement of their own.

To add one: write NAME.yaml (comments ``# --set path=value`` and ``# --confined`` stand for the options) and,
after reading it, what the failing test prints into NAME.txt.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Run, run

DOMAIN = Path(__file__).parent / "domain"
PACKAGE = Path(__file__).parents[2] / "minecalc"
SCENARIOS = sorted(DOMAIN.glob("*.yaml"))
UNMET = Path(__file__).parent / "unmet"
UNMET_SCENARIOS = sorted(UNMET.glob("*.yaml"))
LINES_MOST = 24


def seen_by_a_user(command: str, scenario: Path) -> Run:
    """What ``command`` prints for ``scenario``, run in its folder."""
    lines = scenario.read_text(encoding="utf-8").splitlines()
    assignments = [line.removeprefix("# --set ") for line in lines if line.startswith("# --set ")]
    options = [part for assignment in assignments for part in ("--set", assignment)]
    options += [line.removeprefix("# ") for line in lines if line == "# --confined"]
    return run(command, scenario.name, *options)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_text(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DOMAIN)
    checked = seen_by_a_user("check", scenario)
    assert checked.err == scenario.with_suffix(".txt").read_text(encoding="utf-8")
    assert checked.code == 2
    assert checked.out == ""
    assert len(checked.err.splitlines()) <= LINES_MOST
    assert seen_by_a_user("compare", scenario) == checked


@pytest.mark.parametrize("scenario", UNMET_SCENARIOS, ids=lambda path: path.stem)
def test_text_of_a_requirement_that_fails(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(UNMET)
    for command in ("check", "compare"):
        done = seen_by_a_user(command, scenario)
        assert done.err == scenario.with_suffix(".txt").read_text(encoding="utf-8")
        assert done.code == 3
        assert done.out


def test_every_text_has_a_scenario() -> None:
    assert {path.stem for path in DOMAIN.glob("*.txt")} == {path.stem for path in SCENARIOS}
    assert {path.stem for path in UNMET.glob("*.txt")} == {path.stem for path in UNMET_SCENARIOS}


def domain_files() -> list[Path]:
    """The modules above the schema, and the schema's names, whose codes only the domain gives."""
    above = (file for file in PACKAGE.rglob("*.py") if file.parent.name != "schema")
    return [*above, PACKAGE / "schema" / "names.py"]


def codes_listed(file: Path) -> set[str]:
    """The keys of the module-level ``CODES`` of ``file``."""
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(targets=[ast.Name("CODES")], value=ast.Dict() as codes):
                return set(ast.literal_eval(codes))
    return set()


def codes_given(file: Path) -> Iterator[str]:
    """The code of every ``Problem`` made in ``file``, and of every call that passes a code on to one."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match call:
            case ast.Call(args=[_, ast.Constant(str(code)), *_]) if re.fullmatch("[a-z]+(-[a-z]+)+|conflict", code):
                yield code


def shown_codes() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in [*DOMAIN.glob("*.txt"), *UNMET.glob("*.txt")])
    return {code for text in texts for code in re.findall(r": (?:error|warning|note)\[([a-z-]+)\]: ", text)}


def test_every_code_has_a_text() -> None:
    listed = {code for file in domain_files() for code in codes_listed(file)}
    given = {code for file in domain_files() for code in codes_given(file)}
    assert {"unknown-plan", "bad-csv", "conflict", "bad-shares", "unknown-name"} <= listed | given
    assert listed | given <= shown_codes()


def test_every_code_given_is_listed() -> None:
    everywhere = {code for file in PACKAGE.rglob("*.py") for code in codes_listed(file)}
    assert {code for file in domain_files() for code in codes_given(file)} <= everywhere
