"""``minecalc check``: what is right is one line, what is wrong a diagnostic, and nothing is computed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, HILLTOP, TEXAS, run

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
    first, *warnings = done.out.splitlines()
    assert first == f"{TEXAS}: ok, 4 plans, {len(warnings)} warnings"
    assert "  ! keep mining: 0.86 of the site's 50 MW stand idle" in warnings
    assert all(line.startswith("  ! ") for line in warnings)


def test_quiet_says_nothing_of_right_files(wrong: Path) -> None:
    assert run("check", TEXAS, HILLTOP, "--quiet") == run("check", EXAMPLES, "-q")
    assert run("check", TEXAS, "-q").out == ""
    assert run("check", wrong, "-q").err == MESSAGE.format(file=wrong)


def test_all_that_is_wrong_is_said_at_once(wrong: Path) -> None:
    done = run("check", wrong)
    assert (done.code, done.out, done.err) == (2, "", MESSAGE.format(file=wrong))


def test_a_wrong_file_does_not_hide_the_right_ones(wrong: Path) -> None:
    shutil.copy(HILLTOP, wrong.with_name("right.yaml"))
    done = run("check", wrong.parent)
    assert done.code == 2
    assert done.err == MESSAGE.format(file=wrong)
    assert done.out.startswith(f"{wrong.with_name('right.yaml')}: ok, 2 plans, ")


def test_json_has_the_same_diagnostics(wrong: Path) -> None:
    done = run("check", TEXAS, wrong, "--format", "json")
    assert (done.code, done.err) == (2, "")
    first, second = done.data
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
    assert run("check", TEXAS, "--format", "json").data == []


def test_assignments_are_checked_too(wrong: Path) -> None:
    fixed = ("--set", "site.electricity_price_usd_per_kwh=0.045", "--set", "plans.keep mining.hash_rate_eh_per_s=1.9")
    assert run("check", wrong, *fixed).err.count("error[") == 1, "the unknown key stays"
    done = run("check", HILLTOP, "--set", "site.gross_mw=4")
    assert done.code == 2
    assert "keep mining needs 1.9 EH/s x 17.5 J/TH x PUE 1.05 = 34.91 MW; it has 4 MW" in done.err


def test_other_formats_are_refused() -> None:
    done = run("check", TEXAS, "--format", "csv")
    assert (done.code, done.out, done.err) == (2, "", "minecalc: check prints terminal or json\n")
