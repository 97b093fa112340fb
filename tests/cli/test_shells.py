"""Shell completion as each shell asks for it: what is broken into words, quoted and taken apart on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.cli._shells import answered
from tests.cli.completing import bash, fish, offered, powershell, zsh
from tests.cli.running import TEXAS, process

PLANS = ("cashflow", TEXAS, "--plan")


def test_bash_gets_names_that_it_can_insert() -> None:
    assert offered(*PLANS, "keep") == ["keep\\ mining"]
    assert offered(*PLANS, "keep\\ m") == ["keep\\ mining"]
    assert offered(*PLANS, '"keep m') == ["keep mining"]
    assert offered(*PLANS, "'keep m") == ["keep mining"]
    assert offered(*PLANS, "kept") == []


def test_bash_gets_the_piece_that_it_replaces() -> None:
    assert offered("compare", TEXAS, "--set", "plans.keep\\ mining.curtail", "=", "f") == ["false"]
    assert offered("compare", TEXAS, "--set", "plans.keep\\ mining.curtail", "=") == ["true", "false"]
    assert offered("compare", TEXAS, "--set", 'plans."keep mining".curtail', "=", "f") == ["false"]
    assert offered("compare", TEXAS, "--set", "'plans.keep mining.curtail=f") == ["plans.keep mining.curtail=false"]
    assert "keep mining.curtail=" in offered("compare", TEXAS, "--set", 'plans."keep mi')
    assert offered("cashflow", TEXAS, "--plan", "=", "keep") == ["keep\\ mining"]
    assert offered("explain", TEXAS, "net_usd", "@", "2027-1") == ["2027-10", "2027-11", "2027-12"]


def test_in_bash_quotes_and_dollars_are_text(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    text = Path(TEXAS).read_text(encoding="utf-8")
    file.write_text(text.replace("  rent out GPUs:", "  'pay $5, \"Bob''s\" `x`':"), encoding="utf-8")
    assert offered("cashflow", str(file), "--plan", "pay") == [r"pay\ \$5,\ \"Bob\'s\"\ \`x\`"]
    assert offered("cashflow", str(file), "--plan", '"pay') == [r"pay \$5, \"Bob's\" \`x\`"]


def test_a_word_is_joined_to_what_it_touches_only() -> None:
    """After ``--set path=`` and a space a new word begins, and nothing typed behind the cursor counts."""
    assert "csv" in offered("compare", TEXAS, "--set", "site.gross_mw", "=", "5", "--format", "")
    assert "-" in offered("compare", TEXAS, "--set", "site.gross_mw", "=", "")
    done = bash("compa", TEXAS)
    assert done.out.splitlines() == []
    assert offered("compa") == ["compare"]


def test_zsh_and_fish_show_what_they_are_told() -> None:
    shown = zsh(f"cashflow {TEXAS} --plan ke")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == '_arguments \'*: :(("keep mining":"the baseline"))\'\n'
    assert fish(f"cashflow {TEXAS} --plan ke").out == "keep mining\tthe baseline\n"
    assert fish(f"cashflow {TEXAS} --plan 'keep m").out == "keep mining\tthe baseline\n"
    now = fish(f"compare {TEXAS} --set site.gro").out.splitlines()
    assert now[0].startswith("site.gross_mw=\t50: ")
    assert now[1:] == ["site.gross_mw=50"]


def test_an_explanation_stays_on_its_line() -> None:
    for line in fish("sweep --").out.splitlines():
        assert line.startswith("--")


def test_zsh_is_not_offered_what_it_would_lose(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    text = Path(TEXAS).read_text(encoding="utf-8")
    file.write_text(text.replace("  rent out GPUs:", "  lease v1.2:"), encoding="utf-8")
    assert 'plans."lease v1.2".gpu=' in fish(f"compare {file} --set plans.").out
    assert "v1.2" not in zsh(f"compare {file} --set plans.").out
    assert "keep mining" in zsh(f"compare {file} --set plans.").out


def test_powershell_gets_names_in_quotes() -> None:
    assert powershell(f"cashflow {TEXAS} --plan ke", "ke").out == "'keep mining':::the baseline\n"
    assert powershell(f"cashflow {TEXAS} --plan 'keep m", "'keep m").out == "'keep mining':::the baseline\n"
    assert powershell("compa", "compa").out.startswith("compare:::")


@pytest.mark.parametrize("words", [("compare", ""), ("nothing", "x"), ("--version", ""), ("cashflow", "--plan", "")])
def test_nothing_but_the_answer_is_printed(words: tuple[str, ...]) -> None:
    done = bash(*words)
    assert (done.code, done.err) == (0, "")
    assert "Usage" not in done.out
    assert "0.1" not in done.out


def test_a_failure_is_silent_unless_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        print("half an answer")
        raise ZeroDivisionError

    monkeypatch.setattr("minecalc.reports.formats", fails)
    done = bash("compare", TEXAS, "--format", "")
    assert (done.code, done.out, done.err) == (0, "", "")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MINECALC_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        answered(fails)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_program_answers_and_has_a_script_for_every_shell(shell: str) -> None:
    script = process(environment={"_MINECALC_COMPLETE": f"source_{shell}"})
    assert (script.code, script.err) == (0, "")
    assert "_MINECALC_COMPLETE" in script.out
    assert "-m minecalc" not in script.out
    asked = {"_MINECALC_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "minecalc compa"}
    asked |= {"COMP_WORDS": "minecalc\ncompa", "COMP_CWORD": "1", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    answer = process(environment=asked | {"_TYPER_COMPLETE_WORD_TO_COMPLETE": "compa"})
    assert (answer.code, answer.err) == (0, "")
    assert "compare" in answer.out
    assert "sweep" not in answer.out
