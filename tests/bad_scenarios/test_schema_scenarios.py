"""Each file of ``schema/`` and the whole text that a user sees for it; and no code without such a file.

To add one: write NAME.yaml and, after reading it, what the failing test prints into NAME.txt.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from minecalc.schema.diagnostics import render
from minecalc.schema.reading import LARGEST_FILE, read_file

from .model import diagnose

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "minecalc" / "schema"
EXPECTED = sorted((HERE / "schema").glob("*.txt"))

#: Too large to keep as files.
GENERATED = {"too-large": b"#" * (LARGEST_FILE + 1)}
#: Where the parser in pure Python sees the error a column away.
DIFFERS_WITHOUT_LIBYAML = {"syntax-escape", "syntax-surrogate"}


def seen_by_a_user(name: str, folder: Path) -> str:
    """What is printed for scenario ``name``, which is put into ``folder``, the current one."""
    file = f"{name}.yaml"
    if name in GENERATED:
        (folder / file).write_bytes(GENERATED[name])
    elif (HERE / "schema" / file).exists():
        (folder / file).write_bytes((HERE / "schema" / file).read_bytes())
    data, problems = read_file(file)
    return render(problems if data is None else diagnose(data, file)) + "\n"


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_text(expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert seen_by_a_user(expected.stem, tmp_path) == expected.read_text(encoding="utf-8")


def test_text_without_libyaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(yaml, "CSafeLoader")
    differs = {
        path.stem for path in EXPECTED if seen_by_a_user(path.stem, tmp_path) != path.read_text(encoding="utf-8")
    }
    assert differs == DIFFERS_WITHOUT_LIBYAML


def test_every_scenario_has_a_text() -> None:
    assert {path.stem for path in (HERE / "schema").glob("*.yaml")} <= {path.stem for path in EXPECTED}


def codes_listed(package: Path) -> set[str]:
    """The keys of every module-level ``CODES`` below ``package``."""
    listed: set[str] = set()
    for file in package.rglob("*.py"):
        for statement in ast.parse(file.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name("CODES")], value=ast.Dict() as codes):
                    listed |= set(ast.literal_eval(codes))
    return listed


def codes_given(package: Path) -> Iterator[str]:
    """The code in every call that makes a problem or diagnostic below ``package``."""
    for file in package.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(
                    func=ast.Name("Problem") | ast.Attribute(attr="Problem" | "error" | "_refuse"),
                    args=[_, ast.Constant(str(code)), *_],
                ):
                    yield code


def test_every_code_given_is_listed() -> None:
    given = set(codes_given(SCHEMA))
    assert "unknown-key" in given
    assert given <= codes_listed(SCHEMA)


def test_every_code_has_a_text() -> None:
    texts = (path.read_text(encoding="utf-8") for path in EXPECTED)
    shown = {code for text in texts for code in re.findall(r": (?:error|warning|note)\[([a-z-]+)\]: ", text)}
    assert codes_listed(SCHEMA) == shown
