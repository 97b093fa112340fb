"""One file of a command: its scenario or exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from minecalc.cli._shared import UNSAID
from tests.cli.running import HILLTOP, run


def test_a_right_file_is_its_scenario_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = UNSAID.scenario(HILLTOP)
    assert scenario.source.name == HILLTOP
    assert scenario.site.gross_mw == 40
    assert capsys.readouterr() == ("", "")


def test_months_before_their_date_are_told_by_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    UNSAID._replace(set_=["start=2021-01"]).scenario(HILLTOP)
    out, err = capsys.readouterr()
    assert out == ""
    assert "note: market.fee_btc_per_block: not given, and no history is shipped for 2021-01 to 2026-05" in err


def test_assignments_are_applied() -> None:
    assert UNSAID._replace(set_=["site.gross_mw=41"]).scenario(HILLTOP).site.gross_mw == 41


@pytest.mark.parametrize("text", ["name: x\nsite: {gross_mw: many}\n", "- a list\n"])
def test_a_wrong_file_ends_with_2_and_its_diagnostics(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(typer.Exit) as end:
        UNSAID.scenario(str(file))
    out, err = capsys.readouterr()
    assert (end.value.exit_code, out) == (2, "")
    assert err.startswith(f"{file}:")
    assert "error[" in err


@pytest.mark.parametrize("file", [".", "no such.yaml"])
def test_what_is_no_file_ends_with_2(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end:
        UNSAID.scenario(file)
    assert end.value.exit_code == 2
    assert "error[unreadable]" in capsys.readouterr().err


#: Every command that reads scenarios.
COMMANDS = [
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
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
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


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command_reads_a_market_file(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, market, other = tmp_path / "site.yaml", tmp_path / "_market.yaml", tmp_path / "_other.yaml"
    file.write_text(Path(HILLTOP).read_text())
    market.write_text("market: {btc_price_usd: -1}\n")
    other.write_text("market: {fee_btc_per_block: -1}\n")
    named = [{"FILE": str(file), "FOLDER": str(file.parent)}.get(word, word) for word in arguments]
    wrong = run(*named, "--market", str(market))
    assert (wrong.code, wrong.out) == (2, "")
    assert f"{market}:1:25: error[out-of-range]: btc_price_usd is -1" in wrong.err
    monkeypatch.setenv("MINECALC_MARKET", str(other))
    both = run(*named, "--market", str(market))
    assert (both.code, both.out) == (2, "")
    assert f"{market}:1:25: error" in both.err
    assert f"{other}:1:29: error" in both.err


def test_a_market_file_is_taken_from_the_option_then_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "option.yaml").write_text("market: {btc_price_usd: 71000}\n")
    (tmp_path / "environment.yaml").write_text("market: {btc_price_usd: 72000, fee_btc_per_block: 0.03}\n")
    monkeypatch.chdir(tmp_path)

    def taken(*options: str) -> list[tuple[str, object, str | None]]:
        (scenario,) = run("compare", HILLTOP, "--full", "--format", "json", *options).data["scenarios"]
        found = [item for item in scenario["defaulted"] if item["path"].startswith("market.")]
        return [(item["path"].removeprefix("market."), item["value"], item["file"]) for item in found]

    monkeypatch.setenv("MINECALC_MARKET", "")
    snapshot = taken()
    assert [file for _, _, file in snapshot] == [None, None, None]
    monkeypatch.setenv("MINECALC_MARKET", "environment.yaml")
    fee = ("fee_btc_per_block", 0.03, "environment.yaml")
    assert taken() == [("btc_price_usd", 72000, "environment.yaml"), snapshot[1], fee]
    assert taken("--market", "option.yaml") == [("btc_price_usd", 71000, "option.yaml"), snapshot[1], fee]
    assert "option.yaml:1:25" in run("compare", HILLTOP, "--full", "--market", "option.yaml").out
    assert (
        run("compare", HILLTOP, "--full", "--market", "-").err
        == "minecalc: a market file is named; - is standard input, which holds the scenario\n"
    )
