"""``minecalc sensitivity``: which plan and figure, whose ranges, all inputs at once, and what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import HILLTOP, TEXAS, run
from tests.test_architecture import imported_by

GPUS = "rent out GPUs"


def answered(*arguments: str) -> dict[str, Any]:
    """What ``--format json`` prints on standard output."""
    done = run("sensitivity", "--format", "json", *arguments)
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = done.data
    return found


def inputs(found: dict[str, Any]) -> dict[str, Any]:
    return {entry["path"]: entry for entry in found["inputs"]}


def test_the_best_rival_and_the_gap_are_asked_about_unless_said_otherwise() -> None:
    found = answered(TEXAS)
    assert (found["plan"], found["baseline"], found["metric"]) == (
        "lease to an AI tenant",
        "keep mining",
        "npv_difference_at_scenario_rate_usd",
    )
    chosen = answered(TEXAS, "--plan", GPUS, "--metric", "irr_fraction_per_year")
    assert (chosen["plan"], chosen["metric"]) == (GPUS, "irr_fraction_per_year")
    assert set(chosen["present"]) == {"irr_fraction_per_year", "npv_difference_at_scenario_rate_usd", "npv_usd"}
    baseline = answered(HILLTOP, "--plan", "keep mining")
    assert (baseline["metric"], set(baseline["present"])) == ("npv_usd", {"npv_usd"})


def test_the_figures_are_those_of_compare() -> None:
    found = answered(HILLTOP)
    entry = inputs(found)["market.btc_price_usd"]
    done = run("compare", HILLTOP, "--format", "json", "--set", f"market.btc_price_usd={entry['high']}")
    ((_, rival),) = [scenario["plans"] for scenario in done.scenarios]
    assert (
        entry["effects"]["npv_difference_at_scenario_rate_usd"]["high"]
        == rival["vs_baseline"]["npv_difference_at_scenario_rate_usd"]
    )
    assert entry["effects"]["npv_usd"]["high"] == rival["metrics"]["npv_usd"]


def test_ranges_and_the_spread_are_choices_and_set_comes_first() -> None:
    price = "site.electricity_price_usd_per_kwh"
    found = inputs(
        answered(
            HILLTOP,
            *("--set", f"{price}=0.1", "--spread", "0.5"),
            *("--range", "market.btc_price_usd=40000:120000", "--range", "site.fixed_cost_usd_per_year=0:1e6"),
        )
    )
    assert (found[price]["low"], found[price]["high"], found[price]["basis"]) == (0.05, pytest.approx(0.15), "±50%")
    btc = found["market.btc_price_usd"]
    assert (btc["low"], btc["high"], btc["basis"]) == (40_000, 120_000, "given")
    assert found["site.fixed_cost_usd_per_year"]["effects"]["npv_usd"]["swing"] > 1e6


def test_global_moves_the_top_inputs_and_repeats_itself() -> None:
    arguments = (HILLTOP, "--global", "--samples", "64", "--top", "3")
    found = answered(*arguments)
    shares = found["global"]
    assert (shares["samples"], shares["seed"], shares["evaluations"]) == (64, 0, 64 * 5)
    assert [entry["path"] for entry in shares["inputs"]] == [entry["path"] for entry in found["inputs"][:3]]
    assert answered(*arguments) == found
    assert answered(*arguments, "--seed", "1")["global"]["inputs"] != shares["inputs"]
    screen = run("sensitivity", *arguments)
    assert "alone explains" in screen.out
    assert "64 samples, 320 evaluations, seed 0" in " ".join(screen.out.split())


def test_without_global_scipy_stays_away() -> None:
    assert "scipy" not in imported_by("sensitivity", "tests/examples/hilltop.yaml")


def test_csv_has_a_row_for_each_input_and_quiet_is_the_headline() -> None:
    done = run("sensitivity", HILLTOP, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    found = answered(HILLTOP)
    assert [row["input"] for row in rows] == [entry["path"] for entry in found["inputs"]]
    swings = [float(row["npv_difference_at_scenario_rate_usd_swing"]) for row in rows]
    assert swings == [entry["effects"]["npv_difference_at_scenario_rate_usd"]["swing"] for entry in found["inputs"]]
    quiet = run("sensitivity", HILLTOP, "--quiet")
    assert quiet.out.startswith(f"{GPUS} is $")
    assert "\n\n" not in quiet.out


def test_the_output_file_has_what_its_suffix_says(tmp_path: Path) -> None:
    target = tmp_path / "drivers.md"
    done = run("sensitivity", HILLTOP, "--output", target)
    assert (done.code, done.out) == (0, "")
    assert target.read_text(encoding="utf-8").startswith("# Hilltop: what drives rent out GPUs\n")


def test_what_has_no_answer_exits_3_with_the_reason() -> None:
    done = run("sensitivity", HILLTOP, "--plan", "keep mining", "--metric", "irr_fraction_per_year")
    assert done.code == 3
    headline = " ".join(done.out.split("\n\n")[0].split())
    assert headline.startswith("The IRR of keep mining is n/a (")
    arguments = (HILLTOP, "--metric", "payback_months", "--global", "--samples", "64")
    wide = f'plans."{GPUS}".lease_usd_per_gpu_hour=0.1:3'
    mostly = run("sensitivity", *arguments, "--range", wide)
    assert mostly.code == 3
    assert "! There are no shares of the variance: payback_months has no value in " in mostly.out
    tree = run("sensitivity", *arguments, "--range", wide, "--format", "json").data["global"]
    assert tree["inputs"] is None
    assert tree["reason"].endswith("cases; narrow the ranges")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plan", "keep minin"), "--plan: there is no plan keep minin; did you mean keep mining?"),
        (("--metric", "irr"), "--metric irr is no figure of rent out GPUs; did you mean irr_fraction_per_year?"),
        (("--metric", "wealth"), "--metric wealth is no figure of rent out GPUs; there are npv_usd, "),
        (("--metric", "npv_us"), "--metric npv_us is no figure of rent out GPUs; did you mean npv_usd?"),
        (
            ("--plan", "keep mining", "--metric", "npv_difference_at_scenario_rate_usd"),
            "--metric npv_difference_at_scenario_rate_usd is no figure of keep mining, the baseline; ",
        ),
        (("--range", "market.btc_price_usd=5"), "--range market.btc_price_usd=5 is no range; write PATH=low:high"),
        (("--range", "market.btc=1:2"), "--range market.btc is no number or date of this scenario; "),
        (
            ("--range", "market.btc_price_usd=1:2", "--range", "market.btc_price_usd=1:3"),
            "--range names market.btc_price_usd twice",
        ),
        (("--spread", "0"), "--spread is 0; it must lie above 0 and be at most 1: 0.2 is 20%"),
        (("--spread", "20"), "--spread is 20; "),
        (("--spread", "nan"), "--spread is nan; "),
        (("--samples", "64"), "--top, --samples and --seed say how --global samples; add --global"),
        (("--top", "3"), "add --global"),
        (("--seed", "3"), "add --global"),
        (("--global", "--samples", "1000"), "--samples is 1000; it must be a power of two in 2..32768, such as 4096"),
        (("--global", "--samples", "65536"), "--samples is 65536; "),
        (("--global", "--top", "1"), "--top is 1; it must lie in 2..50"),
        (("--global", "--seed", "-1"), "--seed is -1; it must be at least 0"),
        (("--format", "jsn"), "'jsn' is not a format"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = run("sensitivity", HILLTOP, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.startswith("minecalc: ")
    assert done.err.count("\n") == 1


def test_a_broken_scenario_is_told_like_everywhere() -> None:
    done = run("sensitivity", "-", stdin=b"name: x\n")
    assert (done.code, done.out) == (2, "")
    assert "error[missing-key]: site, plans are missing" in done.err
