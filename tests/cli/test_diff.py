"""``minecalc diff``: two files or two lists of assignments, what is refused, and what programs read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from minecalc.analysis.diff.attribution import diff
from minecalc.loading import read
from tests.cli.running import HILLTOP, TEXAS, run

BTC, RENT = "market.btc_price_usd=90000", 'plans."lease to an AI tenant".rent_usd_per_kw_per_month=120'


def test_two_files() -> None:
    done = run("diff", TEXAS, HILLTOP)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Lead of rent out GPUs over keep mining: -$336M becomes $384M: ")
    assert f"A is {TEXAS}, B is {HILLTOP}." in " ".join(done.out.split())


def test_two_lists_of_assignments_for_one_file() -> None:
    done = run("diff", TEXAS, "--set-a", BTC, "--set-b", RENT, "--set", "months=60", "--format", "json")
    assert (done.code, done.err) == (0, "")
    record = diff(read(TEXAS, ["months=60", BTC]), read(TEXAS, ["months=60", RENT]))
    assert done.data == {"format": "minecalc.diff/1", "version": done.data["version"], **record}
    assert [change["path"] for change in record["changes"]] == [item.split("=")[0] for item in (BTC, RENT)]


def test_a_file_and_standard_input() -> None:
    text = Path(TEXAS).read_bytes().replace(b"rent_usd_per_kw_per_month: 130", b"rent_usd_per_kw_per_month: 131", 1)
    for files in ((TEXAS, "-"), ("-", TEXAS)):
        done = run("diff", *files, "--format", "json", stdin=text)
        assert done.code == 0
        assert [change["path"] for change in done.data["changes"]] == [RENT.split("=")[0]]


def test_no_difference_is_an_answer() -> None:
    assert run("diff", TEXAS, TEXAS, "--quiet") == run("diff", TEXAS, "--set-b", "months=120", "-q")
    done = run("diff", TEXAS, TEXAS, "--quiet")
    assert (done.code, done.out, done.err) == (0, "A and B do not differ.\n", "")


def test_one_plan() -> None:
    done = run("diff", TEXAS, "--set-b", BTC, "--plan", "half and half", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["plan"], row["change"]) for row in rows] == [("half and half", "market.btc_price_usd")]


def test_samples_and_seed_reach_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minecalc.analysis.diff.attribution.EXACT_MOST", 0)
    asked = run("diff", TEXAS, "--set-b", BTC, "--samples", "6", "--seed", "5", "--format", "json").data
    assert (asked["samples"], asked["seed"]) == (6, 5)
    usual = run("diff", TEXAS, "--set-b", BTC, "--format", "json").data
    assert (usual["samples"], usual["seed"]) == (1000, 0)


def test_no_plan_in_common_is_no_answer(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(Path(HILLTOP).read_text().replace("keep mining", "dig").replace("rent out GPUs", "cloud"))
    done = run("diff", TEXAS, other)
    assert (done.code, done.err) == (3, "")
    assert done.out.startswith("A and B have no plan in common, so no change can be attributed.\n")


def test_a_mixture_without_a_value_is_no_answer(tmp_path: Path) -> None:
    file = tmp_path / "it.yaml"
    file.write_text(
        "name: it\nsite: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}\nplans:\n"
        "  mine: {uses: {a: {kind: bitcoin_mining, hash_rate_eh_per_s: 0, gross_mw: 10},"
        " b: {kind: bitcoin_mining, hash_rate_eh_per_s: 0, gross_mw: 0}}}\n"
        "  let: {kind: colocation, rent_usd_per_kw_per_month: 100,"
        " conversion: {starts: 2027-03, ready: 2027-05, meanwhile: mine}}\n"
    )
    done = run("diff", file, "--set-b", "plans.mine.uses.a.gross_mw=0", "--set-b", "plans.mine.uses.b.gross_mw=10")
    assert (done.code, done.out) == (3, "")
    assert done.err == "minecalc: let has no NPV in some scenario between the two, so nothing can be attributed\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TEXAS,), "name a second file, or what differs with --set-a and --set-b"),
        ((TEXAS, HILLTOP, TEXAS), "diff takes two files, not 3"),
        (("-", "--set-b", BTC), "standard input can be read once; name a file for one of the two"),
        (("-", "-"), "standard input can be read once; name a file for one of the two"),
        ((TEXAS, HILLTOP, "--samples", "7"), "--samples is 7; it must be even"),
        ((TEXAS, HILLTOP, "--plan", "rent out"), "--plan: there is no plan rent out; did you mean rent out GPUs?"),
        ((HILLTOP, TEXAS, "--plan", "half and half"), "--plan: there is no plan half and half in both"),
        ((TEXAS, HILLTOP, "--format", "pdf"), "'pdf' is not a format"),
    ],
)
def test_what_cannot_be_asked_exits_2_and_says_what_to_type(arguments: tuple[str, ...], message: str) -> None:
    done = run("diff", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"minecalc: {message}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("side", ["--set-a", "--set-b", "--set"])
def test_a_wrong_side_exits_2_with_its_diagnostics(side: str) -> None:
    done = run("diff", TEXAS, HILLTOP, side, "site.gross_mw=many")
    assert (done.code, done.out) == (2, "")
    assert "error[not-a-number]: gross_mw is" in done.err


def test_it_is_written_whole_to_a_file(tmp_path: Path) -> None:
    done = run("diff", TEXAS, "--set-b", BTC, "--output", tmp_path / "what.md")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "what.md").read_text().startswith("# Texas 50 MW: what changed from A to B\n")
