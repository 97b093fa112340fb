"""One file of a command: its scenario or exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from minecalc.cli._scenario import one
from tests.cli.running import HILLTOP, run


def test_a_right_file_is_its_scenario_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = one(HILLTOP)
    assert scenario.source.name == HILLTOP
    assert scenario.site.gross_mw == 40
    assert capsys.readouterr() == ("", "")


def test_months_before_their_date_are_told_by_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    one(HILLTOP, ["start=2021-01"])
    out, err = capsys.readouterr()
    assert out == ""
    assert "note: market.fee_btc_per_block: not given, and no history is shipped for 2021-01 to 2026-05" in err


def test_assignments_are_applied() -> None:
    assert one(HILLTOP, ["site.gross_mw=41"]).site.gross_mw == 41


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
