"""One file of a command: its scenario or exit code 2, and the plan that is meant or an error that names them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from minecalc.cli._scenario import one, plan_named
from minecalc.cli._usage import UsageError
from minecalc.loading import loads
from minecalc.scenario import Scenario
from tests.by_hand import LEASE, MARKET, MINER, SITE
from tests.cli.running import HILLTOP, run

PLANS = {"keep mining": MINER, "lease": LEASE}


def scenario_with(*names: str, **plans: object) -> Scenario:
    wanted = {name: PLANS[name] for name in names} | plans
    return loads(json.dumps({"name": "it", "site": SITE, "market": MARKET, "plans": wanted}))


def test_a_right_file_is_its_scenario_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reading, scenario = one(HILLTOP)
    assert (reading.file, reading.scenario) == (HILLTOP, scenario)
    assert scenario.site.gross_mw == 40
    assert capsys.readouterr() == ("", "")


def test_months_before_their_date_are_told_by_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    one(HILLTOP, ["start=2021-01"])
    out, err = capsys.readouterr()
    assert out == ""
    assert "note: market.fee_btc_per_block: not given, and no history is shipped for 2021-01 to 2026-05" in err


def test_assignments_are_applied() -> None:
    assert one(HILLTOP, ["site.gross_mw=41"])[1].site.gross_mw == 41


@pytest.mark.parametrize("text", ["name: x\nsite: {gross_mw: many}\n", "- a list\n"])
def test_a_wrong_file_ends_with_2_and_its_diagnostics(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(typer.Exit) as end:
        one(str(file))
    out, err = capsys.readouterr()
    assert (end.value.exit_code, out) == (2, "")
    assert err.startswith(f"{file}:")
    assert "error[" in err


@pytest.mark.parametrize("file", [".", "no such.yaml"])
def test_what_is_no_file_ends_with_2(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end:
        one(file)
    assert end.value.exit_code == 2
    assert "error[unreadable]" in capsys.readouterr().err


def test_the_only_plan_needs_no_name() -> None:
    assert plan_named(scenario_with("lease"), None) == "lease"
    assert plan_named(scenario_with("keep mining", "lease"), "lease") == "lease"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (None, 'the scenario has 2 plans; add --plan with one of "keep mining", "lease"'),
        ("keep minig", "--plan: there is no plan keep minig; did you mean keep mining? minecalc compare lists them"),
        ("Lease", "--plan: there is no plan Lease; did you mean lease? minecalc compare lists them"),
        ("xyz", "--plan: there is no plan xyz; it is one of keep mining, lease"),
        ("\x1b[31m", r"--plan: there is no plan \x1b[31m; it is one of keep mining, lease"),
    ],
)
def test_another_name_is_an_error_that_says_which_there_are(name: str | None, told: str) -> None:
    with pytest.raises(UsageError) as error:
        plan_named(scenario_with("keep mining", "lease"), name)
    assert str(error.value) == told


def test_another_option_may_name_the_plan() -> None:
    with pytest.raises(UsageError, match=r"^--against: there is no plan leese; did you mean lease\?"):
        plan_named(scenario_with("keep mining", "lease"), "leese", "--against")


def test_of_twenty_plans_the_error_says_what_lists_them() -> None:
    many = scenario_with(**{f"plan {letter}": LEASE for letter in "abcdefghijklmnopqrst"})
    with pytest.raises(UsageError, match=r"^--plan: there is no plan 777; minecalc compare lists them$"):
        plan_named(many, "777")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "FILE"),
        ("compare", "FILE"),
        ("compare", "FOLDER"),
        ("breakeven", "FILE"),
        ("cashflow", "FILE", "--plan", "keep mining"),
        ("diff", "FILE", HILLTOP),
        ("diff", HILLTOP, "FILE"),
        ("explain", "FILE", "npv_usd", "--plan", "keep mining"),
        ("sensitivity", "FILE"),
        ("simulate", "FILE", "--paths", "1024"),
        ("sweep", "FILE", "--vary", "site.gross_mw=40,41"),
        ("timing", "FILE"),
    ],
    ids=" ".join,
)
def test_confined_files_outside_the_folder_end_every_command(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("usd\n70000\n")
    (tmp_path / "inside").mkdir()
    file = tmp_path / "inside" / "site.yaml"
    file.write_text(Path(HILLTOP).read_text() + "market: {btc_price_usd: {csv: ../prices.csv, column: usd}}\n")
    named = [{"FILE": str(file), "FOLDER": str(file.parent)}.get(word, word) for word in arguments]
    confined = run(*named, "--confined")
    assert (confined.code, confined.out) == (2, "")
    assert "error[outside-folder]: ../prices.csv lies outside the scenario's folder" in confined.err
    if arguments[0] in ("check", "explain"):
        assert run(*named).code == 0, "any file, unless confined"
