"""``minecalc init``: from nothing to an answer about a site of one's own."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import numpy as np
import pytest

from minecalc.engine import evaluate
from minecalc.examples import examples
from minecalc.loading import load
from minecalc.templates import TEMPLATES
from tests.cli.running import run


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_written_and_answered(template: str) -> None:
    machine = () if template == "hosting" else ("--machine", "S19")
    done = run("init", "Hill top", "--from", template, "--gross-mw", "40", *machine)
    assert (done.code, done.err) == (0, "")
    assert "Wrote hill-top.yaml" in done.out
    assert ("host on" if template == "hosting" else "keep mining") in done.out
    assert run("compare", "hill-top.yaml", "--quiet").out.strip() in done.out
    assert run("check", "hill-top.yaml").code == 0
    assert load("hill-top.yaml").site.gross_mw == 40.0


def test_answers_stand_in_the_file() -> None:
    arguments = ["--electricity-price-usd-per-kwh", "0.05", "--machine-count", "4800", "--start", "2027-03"]
    assert run("init", "a", *arguments, "--rent-usd-per-kw-per-month", "150").code == 0
    text = Path("a.yaml").read_text(encoding="utf-8")
    assert "machine_count: 4800 " in text
    assert "Antminer S21 of 200 TH/s, 0.96 EH/s in all" in text
    assert "rent_usd_per_kw_per_month: 150 " in text
    assert "start: 2027-03" in text


@pytest.mark.parametrize("name", ["retrofit", "northern-data"])
def test_an_example_is_copied_with_the_series_it_reads(name: str) -> None:
    done = run("init", "--from", name)
    assert (done.code, done.err) == (0, "")
    mine, theirs = (evaluate(load(file)).plans for file in (f"{name}.yaml", examples()[name].file))
    assert list(mine) == list(theirs)
    assert all(np.array_equal(mine[plan].net_usd, theirs[plan].net_usd) for plan in theirs)
    assert run("check", f"{name}.yaml").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "retrofi"], "--from: there is no template or example retrofi; did you mean retrofit?"),
        (["--machine", "antminer-s22"], "--machine: there is no machine antminer-s22; did you mean antminer-s2"),
        (["--gross-mw", "-3"], "--gross-mw: -3 is not above 0"),
        (["--gross-mw", "nan"], "--gross-mw: nan is not above 0"),
        (["--start", "2027"], "--start: '2027' is not a month such as 2027-01"),
        (["--gpu", "h100"], "the template lease has no place for --gpu; leave it out"),
        (["--from", "gpu", "--gpu", "a100"], "--gpu: there is no gpu a100; did you mean"),
        (["--from", "gpu", "--gpu", "b300"], "no rate of a b300 is published; give --lease-usd-per-gpu-hour"),
        (["--from", "retrofit", "--gross-mw", "3"], "leave out --gross-mw and edit the copy"),
        (["--gross-mw", "1e9"], "--gross-mw: gross_mw is 1000000000; it must lie in 1e-06..100000; the key takes MW; "),
        (["--electricity-price-usd-per-kwh", "45"], "takes USD per kWh; 45 USD per MWh is 0.045\n"),
        (["--rent-usd-per-kw-per-month", "1e6"], "rent_usd_per_kw_per_month is 1000000; it must lie in 0..10000"),
        (["--start", "9999-12"], "these answers make no scenario, and nothing is written\n"),
        (["--output", "nowhere/a.yaml"], "cannot write nowhere/a.yaml"),
    ],
)
def test_a_slip_is_told_and_nothing_is_written(arguments: list[str], told: str, empty_folder: Path) -> None:
    done = run("init", "x", *arguments)
    assert done.code == 2
    assert told in done.err
    assert list(empty_folder.iterdir()) == []


def test_several_machines_are_fleets(empty_folder: Path) -> None:
    machines = ["--machine", "3,700 s19 xp and 4800 s21", "--gross-mw", "30"]
    assert run("init", "a", "--from", "part", "--ai-mw", "10", *machines).code == 0
    text = (empty_folder / "a.yaml").read_text()
    assert "S19 XP: {machine: antminer-s19-xp, machine_count: 3700," in text
    assert "fleets: [S19 XP]" in text
    assert run("init", "b", "--machine", "4800 s21").code == 0
    assert "machine_count: 4800" in (empty_folder / "b.yaml").read_text()
    (empty_folder / "rigs.csv").write_text("Model,Worker,Hashrate,Power\nS21,bob,200,3500\nHome made,amy,100,3000\n")
    assert run("init", "c", "--fleet", "rigs.csv").code == 0
    text = (empty_folder / "c.yaml").read_text()
    assert "Home made: {machine_count: 1, machine_hash_rate_th_per_s: 100, efficiency_j_per_th: 30," in text
    assert "bob" not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--machine", "3700 s19 xp, s21"], "'s21' has no count"),
        (["--machine", "s21, 3700 s19 xp"], "'s21' has no count"),
        (["--machine", "0 s21, 5 s19"], "0 machines are none"),
        (["--machine", "7 s12, 5 s19"], "there is no machine s12"),
        (["--machine", "7 s21", "--machine-count", "5"], "--machine-count counts one kind"),
        (["--fleet", "none.csv", "--machine", "s21"], "--machine stands beside --fleet"),
        (["--fleet", "none.csv"], "the file cannot be read"),
        (["--from", "part", "--ai-mw", "50"], "--from lease converts all"),
        (["--ai-mw", "5"], "the template lease has no place for --ai-mw"),
    ],
)
def test_machines_that_are_none_are_told(arguments: list[str], told: str, empty_folder: Path) -> None:
    done = run("init", "x", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert list(empty_folder.iterdir()) == []


def test_power_by_the_hour_is_a_recorded_year(empty_folder: Path) -> None:
    done = run("init", "a", "--power", "ERCOT hub average 2023", "--power-adder-usd-per-kwh", "0.012")
    assert (done.code, done.err) == (0, "")
    assert "{duration_curve: ercot-hub-average-2023, adder_usd_per_kwh: 0.012}" in Path("a.yaml").read_text()
    by_hand = {"duration_curve": "ercot-hub-average-2023", "adder_usd_per_kwh": 0.012}
    run("init", "b")
    text = Path("b.yaml").read_text().replace("usd_per_kwh: 0.045 ", f"usd_per_kwh: {by_hand} ".replace("'", ""))
    Path("b.yaml").write_text(text)
    mine, theirs = (evaluate(load(file)).plans for file in ("a.yaml", "b.yaml"))
    assert all(np.array_equal(mine[plan].net_usd, theirs[plan].net_usd) for plan in theirs)
    assert run("init", "c", "--power", "caiso-np15-2024").code == 0
    assert "adder_usd_per_kwh: 0.008}  # <- adder: wires" in Path("c.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--power", "ercot-hub-avrage-2023"], "there is no year of hourly prices ercot-hub-avrage-2023; did you mean"),
        (["--power", "ieso-ontario-2024"], "--power: ieso-ontario-2024 is in CAD, and minecalc counts in USD"),
        (["--power-adder-usd-per-kwh", "0.01"], "comes on top of --power, which is not given"),
        (["--power", "caiso-np15-2024", "--power-adder-usd-per-kwh", "8"], "adder_usd_per_kwh is 8; it must lie in"),
        (["--power", "caiso-np15-2024", "--electricity-price-usd-per-kwh", "0.05"], "stands beside --power"),
        (["--power", "caiso-np15-2024", "--from", "retrofit"], "leave out --power and edit the copy"),
    ],
)
def test_hours_that_are_none_are_told(arguments: list[str], told: str, empty_folder: Path) -> None:
    done = run("init", "x", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert list(empty_folder.iterdir()) == []


def test_a_file_that_is_there_is_never_overwritten() -> None:
    Path("x.yaml").write_text("mine", encoding="utf-8")
    done = run("init", "x")
    assert (done.code, Path("x.yaml").read_text(encoding="utf-8")) == (2, "mine")
    assert "x.yaml is there already" in done.err


def test_on_a_terminal_the_site_is_asked_about_until_the_answers_can_be_used(empty_folder: Path) -> None:
    keys = "Hilltop\n40\n0,05\n50\nercot hub\nercot-hub-average-2024\n0.01\ns21\n\n\n\n"
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(empty_folder)
        os.execv(sys.executable, [sys.executable, "-m", "minecalc", "init"])
    os.write(terminal, keys.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown.decode()
    assert "'0,05' is no number" in shown.decode()
    assert "50 USD per MWh is 0.05" in shown.decode()
    scenario = load(empty_folder / "hilltop.yaml")
    assert (scenario.name, scenario.site.gross_mw) == ("Hilltop", 40.0)
    assert "no year of hourly prices ercot hub; did you mean ercot-hub-average-2021?" in shown.decode()
    text = (empty_folder / "hilltop.yaml").read_text()
    assert "{duration_curve: ercot-hub-average-2024, adder_usd_per_kwh: 0.01}" in text
    assert "Wrote hilltop.yaml" in shown.decode()
