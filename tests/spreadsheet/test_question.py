"""The question: what has no workbook, and what its files are called."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc import QuestionError, loads, vary, workbook
from minecalc.document import Note
from minecalc.spreadsheet.question import file_names
from minecalc.trace.operations import OPERATIONS

SITE = """
name: north
start: 2027-01
months: 12
discount_rate_fraction_per_year: 0.1
market: {hash_price_usd_per_ph_per_day: 50}
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.4, efficiency_j_per_th: 20}
"""


def test_a_scenario_that_was_not_read_has_no_workbook() -> None:
    with pytest.raises(QuestionError, match="at least one"):
        workbook()
    with pytest.raises(QuestionError, match="as it was read"):
        workbook(vary(loads(SITE), {"site.gross_mw": np.array([12.0])}))


def test_files_have_names_of_their_own() -> None:
    assert file_names(["a/x.yaml", "b/x.yaml", "league.yaml", "-"]) == [
        "x.xlsx",
        "x-2.xlsx",
        "league-2.xlsx",
        "workbook.xlsx",
    ]


def test_of_several_those_without_a_workbook_are_told_and_the_others_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "mean_of_hours", OPERATIONS["mean_of_hours"]._replace(cell=""))
    hourly = SITE.replace("0.05}", "{duration_curve: ercot-hub-average-2024}}")
    with pytest.raises(QuestionError, match="no formula for this"):
        _ = workbook(loads(hourly)).files
    answer = workbook(loads(hourly), loads(SITE))
    (refused,) = answer.refused
    (written,) = answer.files.keys() - {"league.xlsx"}
    assert refused != written
    assert "no formula for this" in answer.refused[refused]
    assert [one["file"] for one in answer.data()["workbooks"]] == [written]
    notes = [block.text for block in answer.document().blocks if isinstance(block, Note)]
    assert any(refused in str(text) for text in notes)
