"""``minecalc simulate`` from outside: what it answers, the same bytes always, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from minecalc.analysis.simulate.saving import batches
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.tables import Batch
from minecalc.work import cluster as work_cluster
from tests.analysis.simulate.worlds import TWO
from tests.cli.running import HANGS_SECONDS, ROOT, process, run
from tests.clusters import local_cluster, until

RENT = "plans.lease.rent_usd_per_kw_per_month"
CERTAIN = ("--set", "uncertainty={others: fixed}")
FEW = ("--paths", "1024")


@pytest.fixture
def two(tmp_path: Path) -> str:
    file = tmp_path / "two.yaml"
    file.write_text(TWO, encoding="utf-8")
    return str(file)


def data(*arguments: str | Path) -> Any:
    done = run("simulate", *arguments, "--format", "json")
    assert done.code == 0
    assert all(line.startswith("note: ") for line in done.err.splitlines())
    return done.data


def beats(found: Any, plan: int = 1) -> Any:
    return found["plans"][plan]["vs_baseline"]["beats"]


def test_the_screen_answers_in_a_sentence(two: str) -> None:
    done = run("simulate", two)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("lease beats mine in ")
    assert "10,240 independent paths, seed 1" in done.out
    quiet = run("simulate", two, "--quiet")
    assert done.out.startswith(quiet.out)
    assert quiet.out.count("\n") < 5


def test_every_number_comes_with_its_error(two: str) -> None:
    found = data(two, *FEW)
    assert found["format"] == "minecalc.simulate/1"
    rival = found["plans"][1]
    for estimate in (*rival["figures"]["npv_usd"].values(), *rival["vs_baseline"].values()):
        if isinstance(estimate, dict) and "estimate" in estimate:
            assert estimate["standard_error"] >= 0.0
            assert estimate["low"] <= estimate["estimate"] <= estimate["high"]


def test_two_processes_any_workers_and_any_order_of_keys_give_the_same_bytes(two: str, tmp_path: Path) -> None:
    outs, files = set(), set()
    for start, workers in ((run, "1"), (process, "2")):
        save = tmp_path / "paths.parquet"
        words = ("--paths", "10000", "--format", "json", "--workers", workers, "--save", save)
        done = start("simulate", two, *words)
        assert (done.code, done.err) == (0, "")
        outs.add(done.out)
        files.add(save.read_bytes())
    assert len(outs) == len(files) == 1


def test_the_order_of_keys_changes_nothing(tmp_path: Path) -> None:
    factors = {
        "delay_months": "{distribution: uniform, low: 0, high: 9}",
        "btc_price_usd": "{volatility_fraction_per_year: 0.5}",
        "electricity_price_usd_per_kwh": "{volatility_fraction_per_year: 0.2}",
    }
    found = []
    for names in (list(factors), list(factors)[::-1]):
        file = tmp_path / "two.yaml"
        block = "uncertainty:\n" + "".join(f"  {name}: {factors[name]}\n" for name in names)
        file.write_text(TWO + block if names == list(factors) else block + TWO, encoding="utf-8")
        found.append(data(file, *FEW) | {"sha256": ""})
    assert found[0] == found[1]


def test_seeds_draws_and_volatility_change_the_draws(two: str) -> None:
    found = [
        beats(data(two, *(words if "--paths" in words else ("--paths", "8192", *words))))["estimate"]
        for words in (
            (),
            ("--seed", "2"),
            ("--draws", "antithetic"),
            ("--draws", "sobol", "--paths", "16384"),  # sobol takes no fewer
            ("--set", "uncertainty.btc_price_usd={volatility_fraction_per_year: 0.5}"),
            ("--set", "uncertainty.correlations={btc_price_usd: {network_hash_rate_eh_per_s: 0.6}}"),
        )
    ]
    assert len(set(found)) == 6
    assert np.ptp(found[:4]) < 0.03


def test_without_volatility_every_percentile_is_the_deterministic_one(two: str) -> None:
    found = data(two, *FEW, *CERTAIN)
    scenario = evaluate(load(two))
    for plan in found["plans"]:
        npv = plan["figures"]["npv_usd"]
        expected = scenario.plans[plan["name"]].npv_usd[0]
        for name in ("without_uncertainty", "mean", "p10", "p50", "p90"):
            value = npv[name] if name == "without_uncertainty" else npv[name]["estimate"]
            assert value == expected
            assert name == "without_uncertainty" or npv[name]["standard_error"] == 0.0
    assert beats(found)["estimate"] == 1.0
    rent = next(item for item in found["break_evens"] if item["path"] == RENT)
    solved = run("breakeven", two, "--solve", RENT, "--format", "json").data
    assert rent["value"]["estimate"] == pytest.approx(_first_value(solved), rel=1e-9)


def _first_value(solved: Any) -> float:
    text = json.dumps(solved)
    return float(text.split('"value": ', 1)[1].split(",")[0])


def test_identical_plans_differ_by_nothing(tmp_path: Path) -> None:
    file = tmp_path / "same.yaml"
    mine = "{kind: bitcoin_mining, hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 17}"
    file.write_text(TWO.split("plans:")[0] + f"plans:\n  a: {mine}\n  b: {mine}\n", encoding="utf-8")
    found = data(file, *FEW)
    rival = found["plans"][1]["vs_baseline"]
    for name in ("mean", "standard_deviation", "p5", "p50", "p95"):
        assert rival["npv_difference_usd"][name]["estimate"] == 0.0
        assert rival["npv_difference_usd"][name]["standard_error"] == 0.0
    assert [rival[key]["estimate"] for key in ("beats", "behind", "level")] == [0.0, 0.0, 1.0]
    assert found["value_of_perfect_information_usd"]["estimate"] == 0.0
    assert {item["reason"] for item in found["break_evens"]} == {"it does not change the difference"}


def test_a_break_even_at_a_confidence_plugged_back_gives_that_confidence(two: str) -> None:
    found = data(two, "--solve", RENT, "--confidence", "0.8", "--paths", "8192")
    (item,) = found["break_evens"]
    assert (item["confidence"], item["needed"], item["value"]["paths"]) == (0.8, "at least", 8192)
    again = beats(data(two, "--paths", "8192", "--set", item["set"]))
    assert again["estimate"] == pytest.approx(0.8, abs=1.5 / 8192)
    other = beats(data(two, "--paths", "8192", "--seed", "5", "--set", item["set"]))
    assert abs(other["estimate"] - 0.8) < 4.0 * (2.0**0.5) * other["standard_error"]


def test_the_plan_whose_input_is_solved_for_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "three.yaml"
    file.write_text(TWO + "  poor: {kind: colocation, rent_usd_per_kw_per_month: 1}\n", encoding="utf-8")
    assert data(file, *FEW)["plan"] == "lease"
    assert data(file, *FEW, "--solve", "plans.poor.rent_usd_per_kw_per_month")["plan"] == "poor"
    assert data(file, *FEW, "--plan", "poor")["plan"] == "poor"


def test_a_tolerance_is_met_with_as_many_paths_as_it_takes(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minecalc.analysis.simulate.question.TOLERANCE_LEAST", 4096)
    found = data(two, "--tolerance", "0.034", "--workers", "1")
    assert found["paths"] == 8192
    assert found["tolerance"]["met"]
    lead = found["plans"][1]["vs_baseline"]["npv_difference_at_scenario_rate_usd"]["mean"]
    assert found["tolerance"]["error"] == abs(lead["standard_error"] / lead["estimate"]) <= 0.034
    straight = data(two, "--paths", "8192", "--workers", "1")
    assert found["plans"] == straight["plans"]


def test_one_that_is_not_met_is_a_warning_and_exit_code_3(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minecalc.analysis.simulate.question.TOLERANCE_LEAST", 1024)
    monkeypatch.setattr("minecalc.analysis.simulate.outcomes.TOLERANCE_MOST", 4096)
    done = run("simulate", two, "--tolerance", "0.0001", "--workers", "1")
    assert done.code == 3
    assert "! The mean lead over mine is known to 0.0" in done.out
    assert "--tolerance 0.0001 is not met after 4,096" in " ".join(done.out.split())


def test_nothing_to_count_is_exit_code_3(two: str) -> None:
    drawn = "{distribution: discrete, values: [-1, 6], probabilities: [0.8, 0.2]}"
    odd = f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}"
    done = run("simulate", two, *FEW, "--set", odd)
    assert done.code == 3
    assert done.out.startswith("lease has no NPV in any of 1,024 simulated worlds: ")
    assert (
        run("simulate", two, *FEW, "--set", odd, "--format", "json").data["plans"][1]["figures"]["npv_usd"]["mean"][
            "estimate"
        ]
        is None
    )


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_every_path_is_saved_as_a_row(name: str, two: str, tmp_path: Path) -> None:
    output = tmp_path / name
    found = data(two, "--paths", "3000", "--save", output, "--figure", "payback_months")
    assert found["saved"] == str(output)
    if name == "x.csv":
        rows = list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"))))
        npvs = [float(row["plans.lease.npv_usd"]) for row in rows]
        missing = sum(bool(row["plans.lease.payback_months.reason"]) for row in rows)
    else:
        table = pq.read_table(output)
        npvs = table.column("plans.lease.npv_usd").to_pylist()
        missing = table.column("plans.lease.payback_months").null_count
    lease = found["plans"][1]["figures"]
    assert len(npvs) == 3000
    assert np.median(npvs) == pytest.approx(lease["npv_usd"]["p50"]["estimate"], rel=1e-12)
    assert missing == sum(lease["payback_months"]["undefined"].values())


WRONG = {
    "--paths 0": "--paths is 0; it must lie in 1..10,000,000",
    "--paths 5 --tolerance 0.1": "--tolerance finds the number of paths, --paths gives it; give one of the two",
    "--tolerance 0": "--tolerance is 0; it must lie between 0 and 1: 0.01 is 1%",
    "--seed -1": "--seed is -1; it must be at least 0",
    "--draws halton": "--draws halton is no way to draw; use independent, antithetic, sobol",
    "--draws sobol --paths 20000": (
        "--draws sobol takes multiples of 16,384 paths, for its error's sake; write --paths 16384"
    ),
    "--confidence 90": "--confidence is 90; it must lie between 0 and 1: 0.9 is in 90% of worlds",
    "--plan mine": "--plan mine is the baseline; name a plan to compare with it: lease",
    "--plan leese": "--plan: there is no plan leese; did you mean lease? minecalc compare lists them",
    "--figure npv": "--figure npv is no figure of a plan; did you mean npv_usd?",
    "--solve market.btc": (
        "--solve market.btc is no number or date of this scenario; did you mean market.btc_price_usd?"
    ),
    "--solve plans.lease.conversion.ready": (
        "--solve plans.lease.conversion.ready is a date; give an input that is a number"
    ),
    "--save x.json": "--save x.json ends in neither .parquet nor .csv; rename it",
    "--format pdf": "'pdf' is not a format; use csv, html, json, markdown, parquet, png, svg, terminal",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_cannot_be_asked_is_refused_in_a_line(arguments: str, two: str) -> None:
    done = run("simulate", two, *arguments.split())
    assert (done.code, done.out, done.err) == (2, "", f"minecalc: {WRONG[arguments]}\n")


def test_a_lone_plan_has_nothing_to_solve_for(tmp_path: Path) -> None:
    file = tmp_path / "lone.yaml"
    file.write_text(TWO.split("  lease:")[0], encoding="utf-8")
    done = run("simulate", file, "--solve", "market.btc_price_usd")
    assert done.code == 2
    assert done.err == "minecalc: --solve asks when a plan beats the baseline, but the scenario has one plan\n"
    assert run("simulate", file, *FEW).out.startswith("mine is worth $")


def test_a_wrong_block_is_told_with_its_place(two: str) -> None:
    done = run("simulate", two, "--set", "uncertainty.btc_price_usd={volatility_fraction_per_year: -1}")
    assert (done.code, done.out) == (2, "")
    assert "volatility_fraction_per_year is -1; it must lie in 0..5" in done.err


@pytest.mark.parametrize("output", ["none/x.csv", "folder.csv"])
def test_a_place_that_cannot_be_written(output: str, two: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = run("simulate", two, *FEW, "--save", tmp_path / output)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"minecalc: cannot write {tmp_path / output}: ")
    assert done.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_full_disk_is_one_line_and_leaves_what_was_there(name: str, two: str, tmp_path: Path) -> None:
    output = tmp_path / name
    output.write_text("old")
    words = ("--paths", "30000", "--save", str(output), "--quiet")
    full = process("simulate", two, *words, before=partial(limited, 200_000))
    assert (full.code, full.out, full.err) == (2, "", f"minecalc: cannot write {output}: File too large\n")
    assert output.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["two.yaml", name])


def runs(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def start(*arguments: str) -> subprocess.Popen[str]:
    command, pipe = [sys.executable, "-m", "minecalc", *arguments], subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=ROOT, text=True, start_new_session=True)


def until_written(folder: Path, running: subprocess.Popen[str]) -> None:
    """Wait until a part of a file is written."""
    end = time.monotonic() + HANGS_SECONDS
    while not any(path.name.startswith(".minecalc-") and path.stat().st_size > 5000 for path in folder.iterdir()):
        assert running.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_leaves_no_file_and_no_process(workers: str, two: str, tmp_path: Path) -> None:
    output = tmp_path / "x.parquet"
    running = start("simulate", two, "--paths", "5000000", "--workers", workers, "--save", str(output))
    until_written(tmp_path, running)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=HANGS_SECONDS)
    assert (running.returncode, out, err) == (130, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["two.yaml"]
    end = time.monotonic() + HANGS_SECONDS
    while runs(running.pid):  # until what has ended is known to have
        assert time.monotonic() < end
        time.sleep(0.01)


def test_on_a_cluster_whose_worker_is_killed_the_bytes_are_the_same(
    two: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--paths", "20000", "--format", "json")
    folder = tmp_path / "work"
    folder.mkdir()
    output = folder / "x.parquet"
    monkeypatch.setattr(work_cluster, "_CONNECT_SECONDS", HANGS_SECONDS)
    with local_cluster(2, tmp_path) as cluster, monkeypatch.context() as patch:
        first, _ = cluster.on_workers(os.getpid)

        def killing(*arguments: Any) -> Iterator[Batch]:
            for count, batch in enumerate(batches(*arguments)):
                yield batch
                if count == 1:
                    os.kill(first, signal.SIGKILL)

        patch.setattr("minecalc.analysis.simulate.question.batches", killing)
        there = run("simulate", two, *words, "--save", output, "--dask", cluster.address)
        assert (there.code, there.err) == (0, "")
        until(lambda: cluster.tasks() == 0)
    bytes_there = output.read_bytes()
    here = run("simulate", two, *words, "--save", output, "--workers", "1")
    assert (here.code, here.out) == (0, there.out)
    assert output.read_bytes() == bytes_there
    assert list(folder.iterdir()) == [output]


def test_a_million_paths_stay_below_300_megabytes(two: str) -> None:
    code = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "minecalc", "simulate", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    once = "uncertainty={others: fixed, delay_months: {distribution: uniform, low: 0, high: 6}}"
    command = [sys.executable, "-c", code, two, "--paths", "1000000", "--set", once, "--set", "months=12"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=10 * HANGS_SECONDS)
    kilobytes = int(done.stdout) // (1 if sys.platform == "linux" else 1024)
    assert 10_000 < kilobytes < 300_000
