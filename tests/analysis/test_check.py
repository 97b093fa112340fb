"""What a check finds in a file, and how one file and many are told: documents made from the findings alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from minecalc import checks
from minecalc.analysis.check import Check, Checked, check
from minecalc.document import Document, Note, Table, Text, Value
from minecalc.loading import load, read
from minecalc.reports import render
from minecalc.version import VERSION
from tests.reports.whole import WHOLE

EXAMPLES = Path(__file__).parents[1] / "examples"
TEXAS, HILLTOP = str(EXAMPLES / "texas.yaml"), str(EXAMPLES / "hilltop.yaml")
HOLDS, FAILS = "months > 100", "site.gross_mw < 10"


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: x\nplans: {}\n")
    return str(file)


def checked(file: str, assignments: Sequence[str] = ()) -> Checked:
    (found,) = check(file, assignments=assignments).files
    return found


def document(found: Sequence[Checked]) -> Document:
    return Check(found).document()


def requiring(*texts: str, file: str = HILLTOP) -> Checked:
    """A file with requirements of its own."""
    return checked(file, [f"require=[{', '.join(texts)}]"])


def headline(*found: Checked) -> str:
    first = document(found).blocks[0]
    assert isinstance(first, Note)
    assert first.kind == "headline"
    assert isinstance(first.text, str)
    return first.text


def warnings(found: Document) -> list[tuple[object, list[object]]]:
    """The notes of warning, each with its bullets."""
    return [(b.text, list(b.bullets)) for b in found.blocks if isinstance(b, Note) and b.kind == "warning"]


def test_a_file_without_requirements() -> None:
    found = checked(TEXAS)
    assert found.record() == {
        "file": TEXAS,
        "ok": True,
        "plans": ["keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"],
        "warnings": checks.warnings(load(TEXAS)),
        "requirements": [],
        "diagnostics": [],
    }
    assert (found.usable, found.unmet, found.diagnostics) == (True, [], [])


def test_a_file_that_is_wrong(wrong: str) -> None:
    found = checked(wrong)
    assert (found.usable, found.ok, found.plans, found.warnings) == (False, False, (), ())
    assert tuple(found.diagnostics) == read(wrong).diagnostics
    assert found.record()["diagnostics"] == [item.as_dict() for item in found.diagnostics]
    assert {item.code for item in found.diagnostics} >= {"missing-key"}


def test_requirements_are_judged_and_a_failing_one_is_a_diagnostic() -> None:
    found = requiring(HOLDS, FAILS)
    assert [verdict["holds"] for verdict in found.requirements] == [True, False]
    assert (found.usable, found.ok, len(found.unmet)) == (True, False, 1)
    assert [item.code for item in found.diagnostics] == ["requirement-failed"]
    assert requiring(HOLDS).ok


def test_the_headline_counts(wrong: str) -> None:
    bad, good = checked(wrong), checked(TEXAS, ["plans.keep mining.gross_mw=50"])
    told = len(good.warnings)
    assert headline(good) == f"{TEXAS}: ok, 4 plans, {told} warnings"
    assert headline(bad) == f"{wrong}: wrong"
    few = checked(str(EXAMPLES.parents[1] / "scenarios" / "archetypes" / "retrofit.yaml"))
    assert headline(few) == f"{few.file}: ok, 3 plans"
    assert headline(few, few) == "2 files: all ok"
    assert headline(few, good) == f"2 files: all ok, {told} warnings"
    assert headline(bad, few, bad) == "3 files: 2 wrong"
    seven = len(requiring(HOLDS).warnings)
    assert headline(requiring(HOLDS)) == f"{HILLTOP}: ok, 2 plans, {seven} warnings, the requirement holds"
    assert headline(requiring(HOLDS, HOLDS)).endswith(", all 2 requirements hold")
    assert headline(requiring(FAILS)) == (f"{HILLTOP}: fails, 2 plans, {seven} warnings, 1 of 1 requirement not met")
    assert headline(bad, requiring(HOLDS, FAILS), few) == (
        f"3 files: 1 wrong, 1 fails, {seven} warnings, 1 of 2 requirements not met"
    )


def test_one_file_has_its_failures_and_warnings_below() -> None:
    found = requiring(HOLDS, FAILS)
    told = f"requirement not met: {FAILS} (site.gross_mw is 40)"
    assert warnings(document([found])) == [(text, []) for text in [told, *found.warnings]]


def test_many_files_have_a_row_each_and_their_warnings_below(wrong: str) -> None:
    bad, failing, good = checked(wrong), requiring(HOLDS, FAILS), checked(TEXAS)
    made = document([bad, failing, good])
    (table,) = (block for block in made.blocks if isinstance(block, Table))
    shown = [[cell.text if isinstance(cell, Text) else cell.number for cell in row] for row in table.rows]
    counts = [len(item.warnings) for item in (failing, good)]
    assert shown == [
        ["wrong", "", "", "", wrong],
        ["fails", 2, counts[0], "1 of 2", HILLTOP],
        ["ok", 4, counts[1], "none", TEXAS],
    ]
    (first, below), (second, others) = warnings(made)
    assert (first, second) == (HILLTOP, TEXAS)
    assert below == [f"requirement not met: {FAILS} (site.gross_mw is 40)", *failing.warnings]
    assert others == good.warnings


def test_flat_rows_are_a_file_each(wrong: str) -> None:
    made = document([checked(wrong), requiring(HOLDS, FAILS)])
    names = [column.key for column in made.records.columns]
    rows = [[c.number if isinstance(c, Value) else c.text for c in row] for row in made.records.rows]
    assert [dict(zip(names, row, strict=True)) for row in rows] == [
        {
            "file": wrong,
            "ok": "false",
            "plans_count": 0,
            "warnings_count": 0,
            "requirements_count": 0,
            "requirements_not_met_count": 0,
            "errors_count": len(checked(wrong).diagnostics),
        },
        {
            "file": HILLTOP,
            "ok": "false",
            "plans_count": 2,
            "warnings_count": len(checked(HILLTOP).warnings),
            "requirements_count": 2,
            "requirements_not_met_count": 1,
            "errors_count": 0,
        },
    ]


def test_the_tree_is_the_records_under_a_format_and_version(wrong: str) -> None:
    found = [checked(wrong), checked(TEXAS)]
    assert document(found).data == {
        "format": "minecalc.check/1",
        "version": VERSION,
        "files": [item.record() for item in found],
    }


@pytest.mark.parametrize("name", WHOLE)
def test_every_format_takes_it(name: str, wrong: str) -> None:
    assert render(document([checked(wrong), requiring(FAILS)]), name)
    assert render(document([requiring(FAILS)]), name)
