"""Many files: each its own answer, in order, the same from several processes as one by one."""

from __future__ import annotations

import concurrent.futures
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from minecalc import reports
from minecalc.analysis.compare.league import ComparedFile, answer_each, answers
from minecalc.analysis.compare.question import Comparison
from minecalc.loading import read
from tests.by_hand import LEASE, MARKET, MINER, SITE

MANY = 70


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A folder's worth of scenarios, one of them broken and one not there."""
    names = []
    for number in range(MANY):
        lease = LEASE | {"rent_usd_per_kw_per_month": 50 + number}
        scenario = {
            "name": f"number {number}",
            "months": 24,
            "site": SITE,
            "market": MARKET,
            "plans": {"mine": MINER, "lease": lease},
        }
        file = tmp_path / f"{number}.yaml"
        file.write_text("plans: {" if number == 7 else json.dumps(scenario))
        names.append(str(file))
    Path(names[9]).unlink()
    return names


def started(monkeypatch: pytest.MonkeyPatch, cores: int) -> list[int]:
    """How many processes each pool is started with, on a machine of ``cores``."""
    pools: list[int] = []

    class Pool(concurrent.futures.ProcessPoolExecutor):
        def __init__(self, max_workers: int, **options: Any) -> None:
            pools.append(max_workers)
            super().__init__(max_workers, **options)

    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    return pools


def test_several_processes_give_what_one_gives(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = [answer_each([file], in_full=False)[0] for file in files]
    pools = started(monkeypatch, 2)
    assert list(answers(files, in_full=False)) == one_by_one
    assert pools == [2]
    assert [found.file for found in one_by_one] == files
    missing = [number for number, found in enumerate(one_by_one) if found.record is None]
    assert missing == [7, 9]
    assert [one_by_one[number].diagnostics[0].code for number in missing] == ["syntax", "unreadable"]
    names = [found.record["name"] for found in one_by_one if found.record]
    assert names == [f"number {number}" for number in range(MANY) if number not in missing]


def test_several_processes_write_json_as_one_does(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each its own records, at their indent; what one process has read is not written ahead."""
    ahead = reports.ahead("json")
    assert ahead is not None
    write = partial(ahead, 2)
    started(monkeypatch, 1)
    alone = [one for one in answers(files, in_full=False, write=write) if one.record is not None]
    assert all(one.written is None for one in alone)
    started(monkeypatch, 2)
    several = [one for one in answers(files, in_full=False, write=write) if one.record is not None]
    written = [one.written for one in several if one.written is not None]
    records = [one.record for one in several if one.record is not None]
    assert len(written) == len(records) == MANY - 2
    assert records == [one.record for one in alone]
    whole, parts = (Comparison(records, written=texts).document("data") for texts in ((), written))
    assert reports.render(parts, "json") == reports.render(whole, "json")


@pytest.mark.parametrize(("count", "cores"), [(20, 8), (MANY, 1)])
def test_few_files_or_one_core_start_no_processes(
    count: int, cores: int, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = started(monkeypatch, cores)
    assert len(list(answers(files[:count], in_full=False))) == count
    assert pools == []


def test_answers_come_as_they_are_ready(files: list[str]) -> None:
    first = next(iter(answers(files[:3])))
    assert first.file == files[0]


def test_assignments_and_break_evens_reach_every_file(files: list[str]) -> None:
    plain, higher = (
        next(iter(answers(files[:1], partial(read, assignments=given))))
        for given in ((), ("plans.lease.rent_usd_per_kw_per_month=80",))
    )
    assert plain.record is not None
    assert higher.record is not None
    assert higher.record["plans"][1]["metrics"]["npv_usd"] > plain.record["plans"][1]["metrics"]["npv_usd"]
    assert plain.record["plans"][1]["vs_baseline"]["break_evens"]
    (quick,) = answers(files[:1], in_full=False)
    assert quick.record is not None
    whole, brief = plain.record, quick.record
    assert "break_evens" not in brief["plans"][1]["vs_baseline"]
    assert {name: whole[name] for name in brief if name != "plans"} == {n: v for n, v in brief.items() if n != "plans"}
    for ours, theirs in zip(brief["plans"], whole["plans"], strict=True):
        assert ours["metrics"]["npv_usd"] == theirs["metrics"]["npv_usd"]
        assert ours["vs_baseline"]["npv_difference_usd"] == theirs["vs_baseline"]["npv_difference_usd"]
    best = max(whole["plans"][1:], key=lambda plan: plan["vs_baseline"]["npv_difference_usd"])
    (same,) = [plan for plan in brief["plans"] if plan["name"] == best["name"]]
    name = "incremental_irr_fraction_per_year"
    assert same["vs_baseline"][name] == best["vs_baseline"][name]
    assert same["reasons"].get(name) == best["reasons"].get(name)


def test_failing_requirements_are_among_the_diagnostics(files: list[str]) -> None:
    given = ("require=[plans.lease.rent_usd_per_kw_per_month < 60, months == 24]",)
    for in_full in (True, False):
        found = list(answers([*files[:12:11], files[7]], partial(read, assignments=given), in_full=in_full))
        assert [[item.code for item in one.diagnostics] for one in found][:2] == [[], ["requirement-failed"]]
        assert [one.record is None for one in found] == [False, False, True]
        judged = [[v["holds"] for v in one.record["requirements"]] for one in found if one.record is not None]
        assert judged == [[True, True], [False, True]]


def test_no_files_no_answers() -> None:
    assert list(answers([])) == []
    assert ComparedFile("a", None, ()) == ComparedFile("a", None, ())


def test_files_together_are_answered_as_one_by_one(files: list[str]) -> None:
    assert answer_each(files[:12]) == [answer_each([file])[0] for file in files[:12]]
