"""``minecalc diff``: two files or two lists of assignments, what is refused, and what programs read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from minecalc.analysis.diff.attribution import diff
from minecalc.analysis.diff.mixtures import NoMixtureError
from minecalc.loading import read
from tests.cli.running import HILLTOP, TEXAS, run

BTC, RENT = "market.btc_price_usd=90000", 'plans."lease to an AI tenant".rent_usd_per_kw_per_month=120'


def test_two_files() -> None:
    done = run("diff", TEXAS, HILLTOP)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Lead of rent out GPUs over keep mining, each at its own rate: -$336M becomes $212M: ")
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


def test_a_mixture_without_a_value_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise NoMixtureError("let has no NPV in some scenario between the two, so nothing can be attributed")

    monkeypatch.setattr("minecalc.analysis.diff.attribution.npv_usd", refused)
    done = run("diff", TEXAS, "--set-b", "market.btc_price_usd=90000", "--set-b", "site.gross_mw=60")
    assert (done.code, done.out) == (3, "")
    assert done.err == "minecalc: let has no NPV in some scenario between the two, so nothing can be attributed\n"


def test_it_is_written_whole_to_a_file(tmp_path: Path) -> None:
    done = run("diff", TEXAS, "--set-b", BTC, "--output", tmp_path / "what.md")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "what.md").read_text().startswith("# Texas 50 MW: what changed from A to B\n")
