"""``minecalc sweep``: on screen, to a file, cut short and gone on with."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.analysis.sweep.sweeping import POWER, PRICE, RENT, TENANT, TEXT
from tests.cli.held import held_sweep, until_chunks
from tests.cli.running import HANGS_SECONDS, ROOT, TEXAS, Run, process, run

GRID = ("--vary", f"{RENT}=40:120:3", "--vary", f"{POWER}=0.03:0.08:4")


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    return str(file)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_case_is_what_compare_says_with_set(small: str) -> None:
    found = run("sweep", small, *GRID, "--format", "csv")
    assert (found.code, found.err) == (0, "")
    table = rows(found.out)
    assert len(table) == 3 * 4 * 2
    for row in table[::5]:
        given = [f"--set={path}={row[path]}" for path in (RENT, POWER)]
        plans = run("compare", small, *given, "--format", "json").scenarios[0]["plans"]
        (plan,) = (plan for plan in plans if plan["name"] == row["plan"])
        assert float(row["npv_usd"]) == plan["metrics"]["npv_usd"]
        assert (
            float(row["npv_difference_at_scenario_rate_usd"])
            == plan["vs_baseline"]["npv_difference_at_scenario_rate_usd"]
        )


def test_json_says_the_same_with_reasons(small: str) -> None:
    found = run("sweep", small, *GRID, "--metric", "npv_usd", "--metric", "payback_months", "--format", "json").data
    table = rows(run("sweep", small, *GRID, "--metric", "npv_usd", "--metric", "payback_months", "--format", "csv").out)
    assert (found["format"], found["metrics"]) == ("minecalc.sweep/1", ["npv_usd", "payback_months"])
    for ours, theirs in zip(found["rows"], table, strict=True):
        assert (str(ours["case"]), ours["plan"]) == (theirs["case"], theirs["plan"])
        assert ours["metrics"]["npv_usd"] == float(theirs["npv_usd"])
        payback = ours["metrics"]["payback_months"]
        assert theirs["payback_months"] == ("" if payback is None else repr(payback))
        assert (payback is None) == ("payback_months" in ours["reasons"])


def test_the_screen_and_its_headline(small: str) -> None:
    whole = run("sweep", small, *GRID)
    assert whole.out.startswith("a lease beats mine in ")
    assert "down: Rent, year 1 (a lease)" in whole.out
    quiet = run("sweep", small, *GRID, "--quiet")
    assert whole.out.startswith(quiet.out)
    assert len(quiet.out.splitlines()) <= 2
    assert run("sweep", small, *GRID, "--format", "markdown").out.startswith("# small: 12 cases\n")


def test_standard_input_is_a_scenario_too(small: str) -> None:
    words = ("--vary", f"{TENANT}=true,false", "--format", "csv")
    assert run("sweep", "-", *words, stdin=TEXT.encode()).out == run("sweep", small, *words).out


def test_plans_and_cases_from_a_file(small: str, tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(f"{POWER},{PRICE}\n0.03,20000\n0.05,60000\n")
    found = rows(run("sweep", small, "--cases", str(cases), "--plan", "a lease", "--format", "csv").out)
    assert [(row["case"], row[POWER], row[PRICE], row["plan"]) for row in found] == [
        ("1", "0.03", "20000.0", "a lease"),
        ("2", "0.05", "60000.0", "a lease"),
    ]
    zipped = ("--vary", f"{POWER}=0.03,0.05", "--vary", f"{PRICE}=20000,60000", "--zip", "--plan", "a lease")
    assert rows(run("sweep", small, *zipped, "--format", "csv").out) == found


WRONG = {
    "nothing varies": ([], "say what varies with --vary or with --cases, one of the two, such as --vary market.btc"),
    "both": (["--vary", "months=1,2", "--cases", "x.csv"], "say what varies with --vary or with --cases"),
    "zip of a file": (["--cases", "x.csv", "--zip"], "--zip is for --vary; the rows of a CSV file are taken as they"),
    "a bad value": (["--vary", f"{POWER}=0.05,45"], f"--vary {POWER}=45: must lie in -1..2"),
    "a metric": (["--vary", "months=1,2", "--metric", "irr"], "is no figure of a plan; did you mean "),
    "a plan": (["--vary", "months=1,2", "--plan", "a leas"], "--plan: there is no plan a leas; did you mean a lease?"),
    "a format": (["--vary", "months=1,2", "--format", "pdf"], "'pdf' is not a format; use "),
    "parquet on screen": (["--vary", "months=1,2", "--format", "parquet"], "parquet is not for the screen; add --outp"),
    "a chart of a table": (
        ["--vary", "months=1,2", "--output", "missing/x.csv", "--chart", "1"],
        "--chart is for pictures of one chart; add --format svg or png, not csv",
    ),
    "restart of nothing": (["--vary", "months=1,2", "--restart"], "--restart is for a sweep that goes to a table file"),
    "too many cases": (["--vary", f"{POWER}=0:1:4000", "--vary", f"{PRICE}=1:2:4000"], "the grid has 16,000,000 cases"),
    "too many to keep": (
        ["--vary", f"{POWER}=0:1:2000", "--vary", f"{PRICE}=1:2:2000"],
        "4,000,000 cases have 16,000,000 figures; at most 10,000,000 are kept in memory; add --output FILE.csv or",
    ),
    "too many to print": (
        ["--vary", f"{POWER}=0:1:60000", "--format", "json"],
        "60,000 cases have 120,000 rows; json takes at most 100,000 here; add --output FILE.csv",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_is_refused_in_a_line(arguments: list[str], message: str, small: str) -> None:
    done = run("sweep", small, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("minecalc: ")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_scenario_that_is_wrong_is_told_as_ever(tmp_path: Path) -> None:
    missing = run("sweep", tmp_path / "none.yaml", *GRID)
    assert (missing.code, missing.out) == (2, "")
    assert "none.yaml: error[unreadable]" in missing.err
    wrong = run("sweep", TEXAS, "--set", "site.gross_mw=0", *GRID)
    assert "error[out-of-range]" in wrong.err


def test_no_case_has_an_answer(small: str) -> None:
    done = run("sweep", small, *GRID, "--plan", "mine", "--metric", "irr_fraction_per_year")
    assert done.code == 3
    assert done.out.startswith("None of the 12 cases has a figure for the IRR of mine: the flows never change sign")


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "plain"])
def test_every_case_goes_to_a_file_and_the_screen_says_so(name: str, small: str, tmp_path: Path) -> None:
    output = tmp_path / "out" / name
    output.parent.mkdir()
    chosen = ("--format", "csv") if name == "plain" else ()
    done = run("sweep", small, *GRID, "--output", output, *chosen)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("a lease beats mine in ")
    assert f"All 24 rows (12 cases, 2 plans) are in {output}." in " ".join(done.out.split())
    assert [path.name for path in output.parent.iterdir()] == [name]
    printed = run("sweep", small, *GRID, "--format", "csv").out
    if name == "x.parquet":
        table = pq.read_table(output)
        assert table.column_names == ["case", RENT, POWER, "plan", "npv_usd", "npv_difference_at_scenario_rate_usd"]
        assert [row["npv_usd"] for row in table.to_pylist()] == [float(row["npv_usd"]) for row in rows(printed)]
    else:
        assert output.read_bytes().decode() == printed


def test_other_formats_to_a_file_are_reports(small: str, tmp_path: Path) -> None:
    for name in ("x.json", "x.md"):
        done = run("sweep", small, *GRID, "--output", tmp_path / name)
        assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads((tmp_path / "x.json").read_text())["cases"] == 12
    assert (tmp_path / "x.md").read_text().startswith("# small")


@pytest.mark.parametrize("output", ["none/x.csv", "."])
def test_a_place_that_cannot_be_written(output: str, small: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    done = run("sweep", small, *GRID, "--output", tmp_path / output, "--format", "csv")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"minecalc: cannot write {tmp_path / output}: ")
    assert sorted(tmp_path.iterdir()) == before


#: Eight chunks of cases that differ to both plans.
MANY = ("--vary", f"{POWER}=0.02:0.08:60000")
LONG = (*MANY, "--workers", "1")
OTHER = (*MANY, "--metric", "npv_difference_usd")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_leaves_a_valid_file_and_the_same_command_goes_on(
    workers: str, small: str, tmp_path: Path
) -> None:
    output = tmp_path / "x.csv"
    running = held_sweep(1, small, *OTHER, "--workers", workers, "--output", str(output))
    until_chunks(output, 2, running)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=HANGS_SECONDS)
    assert (running.returncode, out) == (130, "")
    table = rows(output.read_text(encoding="utf-8"))
    assert err == f"16,384 of 60,000 cases are in {output}; run the same command to go on\n"
    assert [row["case"] for row in table] == [str(case) for case in range(1, 16385) for _ in range(2)]

    other = run("sweep", small, *LONG, "--output", output)
    assert other.code == 2
    assert "x.csv.partial holds an unfinished sweep that differs in --metric; add --restart to drop it" in other.err

    done = run("sweep", small, *OTHER, "--output", output, "--quiet")
    assert done.code == 0
    assert done.err == "going on: 16,384 of 60,000 cases are there already\n"
    assert len(rows(output.read_text(encoding="utf-8"))) == 120_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml", "x.csv"]


def test_an_interrupt_keeps_the_file_that_was_there_before(small: str, tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    output.write_text("an earlier answer\n", encoding="utf-8")
    running = held_sweep(1, small, *OTHER, "--output", str(output))
    until_chunks(output, 2, running)
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=HANGS_SECONDS)
    assert running.returncode == 130
    assert output.read_text(encoding="utf-8") == "an earlier answer\n"
    assert f"16,384 of 60,000 cases are finished; {output} is as it was before; run the same command to go on\n" in err
    assert run("sweep", small, *OTHER, "--output", output, "--quiet").code == 0
    assert len(rows(output.read_text(encoding="utf-8"))) == 120_000


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_killed_at_random_moments_and_run_again_gives_the_same_bytes(name: str, small: str, tmp_path: Path) -> None:
    whole, output = tmp_path / f"whole{Path(name).suffix}", tmp_path / name
    done = run("sweep", small, *LONG, "--output", whole, "--quiet")
    assert done.code == 0
    for seed in range(3):
        running = held_sweep(7, small, *LONG, "--output", str(output), "--quiet")
        until_chunks(output, 2 * seed + 1, running)
        time.sleep(random.Random(seed).uniform(0.0, 0.1))
        running.kill()
        running.communicate(timeout=HANGS_SECONDS)
        assert running.returncode == -signal.SIGKILL
    again = run("sweep", small, *LONG, "--output", output, "--quiet")
    assert (again.code, again.out) == (0, done.out)
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["small.yaml", whole.name, name])


def test_any_number_of_workers_gives_the_same_bytes(small: str, tmp_path: Path) -> None:
    words = ("--vary", f"{POWER}=0.02:0.08:10000", "--vary", f"{TENANT}=true,false", "--quiet")
    for start, workers in ((run, "1"), (process, "2")):
        done = start("sweep", small, *words, "--workers", workers, "--output", tmp_path / f"{workers}.csv")
        assert done.code == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_is_one_line_and_loses_nothing(small: str, tmp_path: Path) -> None:
    output = tmp_path / "x.csv"
    words = ("--vary", f"{POWER}=0.02:0.08:12000", "--workers", "1", "--output", str(output), "--quiet")
    for size, left in ((50_000, []), (500_000, ["x.csv.partial"])):
        full: Run = process("sweep", small, *words, before=partial(limited, size))
        assert (full.code, full.out) == (2, "")
        assert full.err == f"minecalc: cannot write {output}: File too large\n"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml", *left]
    done = process("sweep", small, *words)
    assert done.err == "going on: 12,000 of 12,000 cases are there already\n"
    assert len(rows(output.read_text(encoding="utf-8"))) == 24_000


def test_a_million_cases_take_less_than_500_megabytes(small: str, tmp_path: Path) -> None:
    output = tmp_path / "x.parquet"
    million = ("--vary", f"{RENT}=40:120:100", "--vary", f"{POWER}=0.02:0.08:100", "--vary", f"{PRICE}=2e4:1e5:100")
    code = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "minecalc", "sweep", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    command = [sys.executable, "-c", code, small, *million, "--output", str(output)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=10 * HANGS_SECONDS)
    kilobytes = int(done.stdout) // (1 if sys.platform == "linux" else 1024)
    assert 10_000 < kilobytes < 500_000
    assert pq.ParquetFile(output).metadata.num_rows == 2_000_000


def test_an_interrupt_before_anything_is_finished(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object, number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("minecalc.analysis.sweep.cases.Sweep.chunk", interrupted)
    done = run("sweep", small, *GRID, "--output", tmp_path / "x.csv")
    assert (done.code, done.out, done.err) == (130, "", "none of 12 cases was finished\n")
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_an_interrupt_while_the_file_is_written(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "x.csv"
    output.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr("minecalc.tables.write", interrupted)
        done = run("sweep", small, *GRID, "--output", output)
    assert (done.code, done.out) == (130, "")
    assert done.err == f"all 12 cases are computed; run the same command to write {output}\n"
    assert output.read_text() == "old"
    again = run("sweep", small, *GRID, "--output", output)
    assert again.err == "going on: 12 of 12 cases are there already\n"
    assert len(rows(output.read_text())) == 24


def test_restart_drops_what_another_sweep_left(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "x.csv"
    with monkeypatch.context() as patch:
        patch.setattr("minecalc.tables.write", interrupted)
        assert run("sweep", small, *GRID, "--output", output).code == 130
    other = ("--vary", f"{RENT}=40,50", "--output", output)
    assert run("sweep", small, *other).code == 2
    assert run("sweep", small, *other, "--restart").code == 0
    assert len(rows(output.read_text())) == 4
