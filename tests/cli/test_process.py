"""Standard streams that are closed or full, and signals: an answer in a line, and nothing left."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from minecalc.cli._process import told
from tests.cli.running import HANGS_SECONDS, HILLTOP, TEXAS, process, run
from tests.cli.test_simulate import start, until_written


@pytest.mark.parametrize("arguments", [("compare", HILLTOP), ("--help",), ("schema",)])
def test_a_closed_standard_output_is_said_in_a_line(arguments: tuple[str, ...]) -> None:
    done = process(*arguments, before=lambda: os.close(1))
    assert done.code == 2
    assert done.err.endswith("standard output is closed\n")
    assert done.err.count("\n") == 1


def full() -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


@pytest.mark.parametrize("arguments", [("compare", HILLTOP), ("--help",)])
def test_a_full_device_behind_standard_output_is_said_in_a_line(arguments: tuple[str, ...]) -> None:
    done = process(*arguments, before=full)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.endswith("No space left on device\n")


def test_both_streams_may_be_closed() -> None:
    done = process("compare", HILLTOP, before=lambda: os.closerange(0, 3))
    assert (done.code, done.out, done.err) == (2, "", "")


def test_what_a_command_reads_is_not_written_over(tmp_path: Path) -> None:
    file, cases = tmp_path / "x.json", tmp_path / "cases.csv"
    shutil.copy(TEXAS, file)
    cases.write_text("market.btc_price_usd\n60000\n")
    before = {path: path.read_bytes() for path in (file, cases)}
    for arguments in (
        ("compare", file, "--output", file),
        ("sweep", file, "--cases", cases, "--output", cases),
        ("simulate", file, "--paths", "8", "--save", cases, "--output", cases, "--format", "csv"),
    ):
        done = run(*arguments)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(tmp_path.iterdir()) == sorted(before)


@pytest.mark.parametrize("name", ["/dev/zero", "/proc/self/pagemap", "pipe"])
def test_cases_without_end_are_refused(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run("sweep", HILLTOP, "--cases", tmp_path / name)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


def test_a_name_that_is_too_long_does_not_hide_others() -> None:
    done = run("compare", "x" * 5000 + ".yaml", HILLTOP, "--quiet")
    assert done.code == 2
    assert "File name too long" in done.err
    assert done.out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_to_end_leaves_no_file(workers: str, tmp_path: Path) -> None:
    words = ("--paths", "5000000", "--workers", workers, "--save", str(tmp_path / "x.csv"))
    running = start("simulate", TEXAS, *words)
    until_written(tmp_path, running)
    os.killpg(running.pid, signal.SIGTERM)
    out, err = running.communicate(timeout=HANGS_SECONDS)
    assert (running.returncode, out, err) == (143, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_one_line() -> None:
    assert told(OSError(28, "No space left", "a\nb")) == "a\\nb: No space left"
    assert told(MemoryError()) == "there is not enough memory for this"


@pytest.mark.parametrize("price", ["market.btc_price_usd=0", "market.hash_price_usd_per_ph_per_day=0"])
def test_a_price_of_nothing_is_simulated(price: str) -> None:
    done = run("simulate", HILLTOP, "--paths", "64", "--set", price)
    assert (done.code, done.err) == (0, "")
