"""Every command: listed, explained, and with an example that works as it is written."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.models import ArgumentInfo

from minecalc import __version__
from minecalc.cli import commands
from minecalc.cli._shared import Shared
from tests.cli import running
from tests.cli.running import ROOT, process, run

#: Options that mean the same everywhere, in the order in which every help ends in them.
SHARED = {
    f"--{name.strip('_')}": about for name, about in Shared._field_defaults.items() if name not in ("full", "chart")
}
_OF_SCENARIO = ("--set", "--confined", "--market")
#: Which of them a command lacks, and why: an option that would do nothing is left out.
LACKS = {
    "backtest": dict.fromkeys(_OF_SCENARIO, "it reads no scenario"),
    "catalog": dict.fromkeys(_OF_SCENARIO, "it reads no scenario"),
    "examples": dict.fromkeys(_OF_SCENARIO, "it reads no scenario"),
    "init": dict.fromkeys(set(SHARED) - {"--output"}, "it writes a scenario, which other commands read"),
    "import-fleet": dict.fromkeys(set(SHARED) - {"--output"}, "it writes a part of a scenario"),
    "help": dict.fromkeys(SHARED, "a page is text, and answers nothing about a scenario"),
    "workbook": {"--format": "a workbook is one"},
    "schema": {
        **dict.fromkeys(_OF_SCENARIO, "it reads no scenario"),
        "--quiet": "it prints one text without a headline",
    },
}
#: Those that a command has in its own words, and why.
OWN = {
    "init": {"--output": "a scenario is YAML, in whatever file"},
    "workbook": {"--output": "a workbook is xlsx, in whatever file or folder"},
    "import-fleet": {"--output": "the part of a scenario is YAML, in whatever file"},
    "schema": {"--format": "a JSON Schema is JSON, so it takes no other word"},
}

#: What stands for a value in a help. Of those in the second line a shell can know nothing.
NAMED = {"FILE", "FILE|DIR", "NAME", "TARGET", "PATH", "PATH=VALUE", "PATH=VALUES", "PATH=LOW:HIGH", "PATH=LOW:HIGH:N"}
NAMED |= {"FIGURE=NUMBER", "COLUMN", "COLUMN=VALUE", "TOPIC", "ID", "KIND"}
FREE = {"N", "MW", "USD", "USD_PER_MW", "YYYY-MM", "SHARE", "SITE", "TEXT", "CSV", "ADDRESS"}


def function(command: str) -> Any:
    """The function of a command."""
    name = command.replace("-", "_")
    return getattr(importlib.import_module(f"minecalc.cli.{name}"), name)


def declared(command: str) -> dict[str, Any]:
    """What a command declares of each argument and option but ``--chart``, by its name in Python."""
    declared = inspect.signature(function(command)).parameters.items()
    return {name: parameter.default for name, parameter in declared if name != "chart"}


def spelt(name: str, about: Any) -> list[str]:
    """How an option is written, in full first; an argument by what stands for its value."""
    if isinstance(about, ArgumentInfo):
        return [about.metavar or ""]
    return [*(about.param_decls or ())] or [f"--{name.replace('_', '-')}"]


def example(command: str) -> str:
    """The command line at the end of a command's help."""
    text = inspect.getdoc(function(command)) or ""
    lines = text.rstrip().splitlines()
    assert lines[-1].startswith("Example: "), f"the help of {command} ends in an example"
    assert len(lines) > 2
    return lines[-1].removeprefix("Example: ")


def test_the_folder_is_the_list_of_commands() -> None:
    files = {path.stem.replace("_", "-") for path in (ROOT / "minecalc" / "cli").glob("[!_]*.py")}
    assert set(commands()) == files
    assert {"compare", "check", "schema", "catalog"} <= files
    shown = process("--help")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.index("╭─ Begin with") < shown.out.index("╭─ What is it worth?") < shown.out.index(" compare ")
    assert set(re.findall(r"^│ ([a-z][a-z-]+)  ", shown.out, re.MULTILINE)) == files


@pytest.mark.parametrize("command", commands())
def test_help_says_what_it_does_and_names_every_option(command: str) -> None:
    done = run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out == run(command, "-h").out
    assert (inspect.getdoc(function(command)) or "").split(";")[0].split(".")[0].split(",")[0] in done.out
    for name, about in declared(command).items():
        for word in spelt(name, about):
            assert word in done.out, name


@pytest.mark.parametrize("command", commands())
def test_no_option_is_cut_in_a_help_of_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running.ENVIRONMENT, "COLUMNS", "80")
    assert "…" not in run(command, "--help").out


@pytest.mark.parametrize("command", commands())
def test_every_command_ends_in_the_shared_options(command: str) -> None:
    options = {spelt(*item)[0]: item[1] for item in declared(command).items()}
    expected = [name for name in SHARED if name not in LACKS.get(command, {})]
    assert [name for name in options if name in SHARED] == expected
    assert list(options)[len(options) - len(expected) :] == expected
    for name in expected:
        assert (options[name] is SHARED[name]) == (name not in OWN.get(command, {}))


@pytest.mark.parametrize("command", commands())
def test_every_command_takes_color_last(command: str) -> None:
    panel = run(command, "--help").out.split("─ Options ─", 1)[1].split("╰", 1)[0]
    options = re.findall(r"^│ +(--[a-z-]+)", panel, re.MULTILINE)
    assert options[-2:] == ["--color", "--help"]
    wrong = run(*shlex.split(example(command))[1:], "--color", "sometimes")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "minecalc: --color sometimes is no choice; use auto, always, never\n"


def test_every_exception_is_one() -> None:
    for command, missing in [*LACKS.items(), *OWN.items()]:
        assert command in commands()
        assert all(missing.values())
    for command, missing in LACKS.items():
        for name in missing:
            done = run(command, name, "x")
            assert (done.code, done.out) == (2, "")
            assert f"No such option: {name}" in done.err


@pytest.mark.parametrize("command", commands())
def test_values_are_named_alike_and_completed(command: str) -> None:
    for name, about in declared(command).items():
        if about.default is False:
            assert about.metavar is None, name
        elif name in ("output", "save"):
            assert about.metavar == "FILE"  # any file, which every shell completes by itself
        else:
            assert about.metavar in NAMED | FREE, name
            assert (about.autocompletion is not None) == (about.metavar in NAMED), name


@pytest.mark.parametrize("width", [80, 120])
def test_the_list_of_commands_says_what_each_answers(width: int) -> None:
    shown = process("--help", environment={"COLUMNS": str(width)}).out
    assert max(map(len, shown.splitlines())) == width
    words = " ".join(shown.replace("│", " ").split())
    for command in commands():
        first = " ".join((inspect.getdoc(function(command)) or "").split("\n\n")[0].split())
        assert f"{command} {first}" in words
        assert len(first) <= 120
        assert first.endswith(".")


def test_the_help_is_of_minecalc_however_it_is_started() -> None:
    assert "Usage: minecalc [OPTIONS] COMMAND" in process("--help").out


@pytest.mark.parametrize("command", commands())
def test_example_works_in_an_empty_folder(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, name, *arguments = shlex.split(example(command))
    assert (program, name) == ("minecalc", command)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("minecalc.reports._html.can_draw", lambda: False)  # which takes longer than the answer
    done = run(name, *arguments)
    assert done.code == 0
    copied = "note: retrofit is a shipped example; minecalc init --from retrofit copies it here\n"
    assert done.err == copied * ("retrofit" in arguments) * (2 if command == "diff" else 1)
    assert done.out or [file for file in tmp_path.iterdir() if file.stat().st_size]


def test_version() -> None:
    assert process("--version").out == f"minecalc {__version__}\n"


def test_no_command_says_what_to_do_first_on_one_screen_and_an_unknown_one_is_refused() -> None:
    nothing = run()
    assert (nothing.code, nothing.err) == (0, "")
    lines = nothing.out.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith("minecalc init ")
    assert "What is it worth?                      cashflow  compare  diff  explain" in lines
    for command in commands():
        assert re.search(rf"\?? .*\b{command}\b", nothing.out)
    unknown = run("compar")
    assert (unknown.code, unknown.out) == (2, "")
    assert "No such command 'compar'" in unknown.err


@pytest.mark.parametrize("arguments", [("compare",), ("compare", "x.yaml", "--fromat", "json"), ("check", "--set")])
def test_a_wrong_use_exits_2_with_nothing_on_standard_output(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error" in done.err
    assert "Traceback" not in done.err
