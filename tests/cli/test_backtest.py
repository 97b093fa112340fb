"""``minecalc backtest``: what it prints, what its options change, and what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import process, run

QUICK = ("--model", "gbm", "--from", "2022-01", "--to", "2022-06", "--paths", "200")


def answered(*arguments: str) -> dict[str, Any]:
    done = run("backtest", "--format", "json", *arguments)
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = done.data
    return found


def test_all_models_by_default() -> None:
    found = answered("--from", "2022-01", "--to", "2022-02")
    assert (found["format"], found["from"], found["to"]) == ("minecalc.backtest/1", "2022-01", "2022-02")
    assert [(run["model"], run["numbers"]) for run in found["runs"]] == [
        *(("gbm", "shipped"), ("gbm", "known then")),
        *(("student_t", "shipped"), ("student_t", "known then")),
        *(("bootstrap", "shipped"), ("bootstrap", "known then")),
    ]


def test_from_all_months_by_default_the_bands_of_the_default_model_hold_about_what_they_say() -> None:
    """Chance explains every coverage, with either origin of the numbers.

    The shipped volatility knows the calmer years of late, so that it holds less of the wild ones before them.
    """
    found = answered("--model", "gbm")
    assert (found["from"], found["to"]) == ("2017-10", "2026-03")
    dates = {leaf["horizon_months"]: leaf["dates_count"] for leaf in found["runs"][0]["coverage"]}
    assert dates == {3: 102, 6: 99, 12: 93, 24: 81}
    for run_, most in zip(found["runs"], (0.1, 0.08), strict=True):
        assert run_["distance_fraction"] < most, run_["numbers"]
        for leaf in run_["coverage"]:
            assert (
                leaf["p10_p90_chance_low_fraction"] <= leaf["p10_p90_fraction"] <= leaf["p10_p90_chance_high_fraction"]
            )


def test_options_choose_model_months_paths_and_seed() -> None:
    found = answered(*QUICK)
    assert (found["from"], found["to"], found["paths"], found["seed"]) == ("2022-01", "2022-06", 200, 1)
    assert {run["model"] for run in found["runs"]} == {"gbm"}
    assert found["runs"][0]["coverage"][0]["dates_count"] == 6
    other = answered(*QUICK, "--seed", "2")
    assert [_pit(it) for it in found["runs"]] != [_pit(it) for it in other["runs"]]
    more = answered(*QUICK[:-1], "1500")
    assert [_pit(it) for it in found["runs"]] != [_pit(it) for it in more["runs"]]
    assert answered("--model", "student_t", *QUICK[2:])["runs"][0]["model"] == "student_t"


def _pit(found: dict[str, Any]) -> float:
    network = next(leaf for leaf in found["coverage"] if leaf["variable"] == "network_hash_rate_eh_per_s")
    return float(network["mean_pit_fraction"])


def test_two_processes_print_the_same_bytes() -> None:
    arguments = ("backtest", "--from", "2023-01", "--to", "2023-03", "--paths", "300", "--format", "json")
    one, other = process(*arguments), run(*arguments)
    assert (one.code, one.err) == (0, "")
    assert one.out == other.out


def test_formats_output_and_quiet(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("backtest", *QUICK, "--format", "csv").out)))
    assert len(rows) == 24
    assert rows[0]["variable"] == "btc_price_usd"
    file = tmp_path / "backtest.md"
    done = run("backtest", *QUICK, "--output", file)
    assert (done.code, done.out) == (0, "")
    assert "| If right |" in file.read_text(encoding="utf-8")
    quiet = run("backtest", *QUICK, "--quiet")
    assert quiet.out.startswith("Run at the ends of the 6 months 2022-01 to 2022-06")
    assert len(quiet.out.splitlines()) <= 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "garch"], "--model garch is no model of the factors; use gbm, student_t, bootstrap"),
        (["--from", "2022"], "--from: '2022' is not a month such as 2027-01"),
        (
            ["--from", "2017-09"],
            "--from 2017-09 has too little history before or after it; it must lie in 2017-10..2026-03",
        ),
        (
            ["--to", "2026-04"],
            "--to 2026-04 has too little history before or after it; it must lie in 2017-10..2026-03",
        ),
        (["--from", "2022-02", "--to", "2022-01"], "--to 2022-01 lies before --from 2022-02; swap them"),
        (
            ["--to", "2016-01"],
            "--to 2016-01 has too little history before or after it; it must lie in 2017-10..2026-03",
        ),
        (["--paths", "99"], "--paths is 99; it must lie in 100..100000"),
        (["--paths", "100001"], "--paths is 100001; it must lie in 100..100000"),
        (["--seed", "-1"], "--seed is -1; it must be at least 0"),
        (["--format", "pdf"], "'pdf' is not a format; use "),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: list[str], message: str) -> None:
    done = run("backtest", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in " ".join(done.err.split())
