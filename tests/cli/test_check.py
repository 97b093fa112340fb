"""``minecalc check``: what is right is a line, what is wrong a diagnostic, and requirements decide the exit code."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from minecalc import __version__
from tests.cli.running import EXAMPLES, HILLTOP, TEXAS, Run, run

WRONG = """\
name: Hilltop
site:
  gross_mw: 40
  electricity_price_usd_per_kwh: 45
plans:
  keep mining: {kind: bitcoin_mining, hash_rate: 1.9}
"""
MESSAGE = """\
{file}:4:34: error[out-of-range]: electricity_price_usd_per_kwh is 45; it must lie in -1..2
     4 |   electricity_price_usd_per_kwh: 45
       |                                  ^^
       = help: the key takes USD per kWh; 45 USD per MWh is 0.045

{file}:6:39: error[unknown-key]: unknown key "hash_rate"
     6 |   keep mining: {{kind: bitcoin_mining, hash_rate: 1.9}}
       |                                       ^^^^^^^^^
       = help: did you mean hash_rate_eh_per_s?
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    return file


def test_a_right_file_is_a_line_and_its_warnings() -> None:
    done = run("check", TEXAS)
    assert (done.code, done.err) == (0, "")
    headline, warnings = done.out.split("\n\n")
    assert warnings.startswith("! ")
    assert "! keep mining: 0.86 of the site's 50 MW stand idle\n" in warnings
    assert headline.replace("\n", " ") == f"{TEXAS}: ok, 4 plans, {warnings.count('! ')} warnings"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder of two right files."""
    folder = tmp_path / "two"
    folder.mkdir()
    for file in (HILLTOP, TEXAS):
        shutil.copy(EXAMPLES / Path(file).name, folder)
    return folder


def test_many_files_are_a_table(two: Path) -> None:
    done = run("check", str(two))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("2 files: all ok, 13 warnings\n")
    rows = [line.split() for line in done.out.splitlines() if line.startswith("ok ")]
    assert [row[:4] for row in rows] == [["ok", "2", "6", "none"], ["ok", "4", "7", "none"]]


def test_quiet_is_the_headline_alone(wrong: Path, two: Path) -> None:
    assert run("check", HILLTOP, TEXAS, "--quiet") == run("check", str(two), "-q")
    assert run("check", str(two), "-q").out == "2 files: all ok, 13 warnings\n"
    assert run("check", wrong, "-q") == run("check", wrong)


def test_all_that_is_wrong_is_said_at_once(wrong: Path) -> None:
    done = run("check", wrong)
    assert (done.code, done.out, done.err) == (2, "", MESSAGE.format(file=wrong))


def test_a_wrong_file_does_not_hide_the_right_ones(wrong: Path) -> None:
    shutil.copy(HILLTOP, wrong.with_name("right.yaml"))
    done = run("check", wrong.parent)
    assert done.code == 2
    assert done.err == MESSAGE.format(file=wrong)
    assert done.out.startswith("2 files: 1 wrong, 6 warnings\n")
    assert re.findall(r"^(ok|wrong) ", done.out, re.MULTILINE) == ["ok", "wrong"]


def test_json_has_the_same_diagnostics(wrong: Path) -> None:
    done = run("check", TEXAS, wrong, "--format", "json")
    assert (done.code, done.err) == (2, "")
    assert (done.data["format"], done.data["version"]) == ("minecalc.check/1", __version__)
    right, found = done.data["files"]
    assert list(right) == list(found) == ["file", "ok", "plans", "warnings", "requirements", "diagnostics"]
    assert (right["file"], right["ok"], len(right["plans"]), right["diagnostics"]) == (TEXAS, True, 4, [])
    assert (found["file"], found["ok"], found["plans"], found["warnings"]) == (str(wrong), False, [], [])
    first, second = found["diagnostics"]
    assert first == {
        "file": str(wrong),
        "line": 4,
        "column": 34,
        "length": 2,
        "severity": "error",
        "code": "out-of-range",
        "message": "electricity_price_usd_per_kwh is 45; it must lie in -1..2",
        "help": "the key takes USD per kWh; 45 USD per MWh is 0.045",
        "path": ["site", "electricity_price_usd_per_kwh"],
    }
    assert (second["code"], second["line"]) == ("unknown-key", 6)


def test_assignments_are_checked_too(wrong: Path) -> None:
    fixed = ("--set", "site.electricity_price_usd_per_kwh=0.045", "--set", "plans.keep mining.hash_rate_eh_per_s=1.9")
    assert run("check", wrong, *fixed).err.count("error[") == 1, "the unknown key stays"
    done = run("check", HILLTOP, "--set", "site.gross_mw=4")
    assert done.code == 2
    assert "keep mining needs 1.9 EH/s x 17.5 J/TH x PUE 1.05 = 34.91 MW; it has 4 MW" in done.err


def test_other_formats_and_files(wrong: Path, tmp_path: Path) -> None:
    done = run("check", wrong, "--format", "csv")
    assert (done.code, done.err) == (2, MESSAGE.format(file=wrong))
    assert done.out.splitlines()[1] == f"{wrong},false,0,0,0,0,2"
    output = tmp_path / "found.json"
    assert run("check", TEXAS, "-o", output) == Run(0, "", "")
    assert json.loads(output.read_text()) == run("check", TEXAS, "--format", "json").data
    unknown = run("check", TEXAS, "--format", "yaml")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err.startswith("minecalc: 'yaml' is not a format; use ")


@pytest.mark.parametrize(("text", "code"), [("site.gross_mw < 60", 0), ("site.gross_mw < 30", 3)])
def test_requirements_decide_the_exit_code(text: str, code: int) -> None:
    done = run("check", HILLTOP, "--set", f"require=[{text}]")
    assert done.code == code
    assert ("requirement-failed" in done.err) == (code == 3)
    held = ("the requirement holds", "1 of 1 requirement not met")[code == 3]
    assert f"2 plans, 6 warnings, {held}" in done.out.replace("\n", " ")
    data = run("check", HILLTOP, "--set", f"require=[{text}]", "--format", "json").data
    (found,) = data["files"]
    (verdict,) = found["requirements"]
    assert (found["ok"], verdict["holds"], verdict["figures"]) == (code == 0, code == 0, {"site.gross_mw": 40.0})
    assert [item["code"] for item in found["diagnostics"]] == ["requirement-failed"] * (code == 3)


def test_a_wrong_file_outweighs_a_failing_requirement(wrong: Path) -> None:
    failing = wrong.with_name("failing.yaml")
    failing.write_text(Path(HILLTOP).read_text() + "require: [site.gross_mw < 30]\n")
    assert run("check", failing, HILLTOP).code == 3
    done = run("check", failing, wrong)
    assert done.code == 2
    assert f"{failing}:" in done.err
    assert f"{wrong}:" in done.err
