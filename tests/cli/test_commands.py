"""Every command: listed, explained, and with an example that works as it is written."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from pathlib import Path

import pytest

from minecalc import __version__
from minecalc.cli import commands
from tests.cli.running import ROOT, process, run


def example(command: str) -> str:
    """The command line at the end of a command's help."""
    text = inspect.getdoc(getattr(importlib.import_module(f"minecalc.cli.{command}"), command)) or ""
    lines = text.rstrip().splitlines()
    assert lines[-1].startswith("Example: "), f"the help of {command} ends in an example"
    assert len(lines) > 2
    return lines[-1].removeprefix("Example: ")


def test_the_folder_is_the_list_of_commands() -> None:
    files = {path.stem for path in (ROOT / "minecalc" / "cli").glob("[!_]*.py")}
    assert set(commands()) == files
    assert {"compare", "check", "schema", "catalog"} <= files
    shown = process("--help")
    assert (shown.code, shown.err) == (0, "")
    assert set(re.findall(r"^│ ([a-z]+)  ", shown.out, re.MULTILINE)) == files


@pytest.mark.parametrize("command", commands())
def test_help_says_what_it_does_and_names_every_option(command: str) -> None:
    done = run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out == run(command, "-h").out
    function = getattr(importlib.import_module(f"minecalc.cli.{command}"), command)
    assert (inspect.getdoc(function) or "").split(";")[0].split(".")[0].split(",")[0] in done.out
    options = {name.strip("_") for name in inspect.signature(function).parameters} - {"file", "files", "kind"}
    assert {name for name in options if f"--{name.replace('_', '-')}" not in done.out} == set()


@pytest.mark.parametrize("command", commands())
def test_example_works(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, name, *arguments = shlex.split(example(command))
    assert (program, name) == ("minecalc", command)
    if "--output" in arguments:
        place = arguments.index("--output") + 1
        assert (ROOT / arguments[place]).parent.is_dir()
        arguments[place] = str(tmp_path / "output")
    monkeypatch.chdir(ROOT)
    done = run(name, *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out or (tmp_path / "output").stat().st_size


def test_version() -> None:
    assert process("--version").out == f"minecalc {__version__}\n"


def test_no_command_shows_the_help_and_an_unknown_one_is_refused() -> None:
    nothing = run()
    assert nothing.code == 2
    assert "COMMAND [ARGS]..." in nothing.out
    unknown = run("compar")
    assert (unknown.code, unknown.out) == (2, "")
    assert "No such command 'compar'" in unknown.err


@pytest.mark.parametrize("arguments", [("compare",), ("compare", "x.yaml", "--fromat", "json"), ("check", "--set")])
def test_a_wrong_use_exits_2_with_nothing_on_standard_output(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error" in done.err
    assert "Traceback" not in done.err
