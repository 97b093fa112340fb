"""Typed answers as trees and rows: fields are keys, what is no number is None, and units end the names of columns."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from minecalc.analysis.records import heading, rows, tree
from minecalc.document import Text, Value
from minecalc.loading import load, reading_of
from minecalc.statistics.estimates import Estimate
from minecalc.version import VERSION
from tests.cli.running import HILLTOP


class Found(NamedTuple):
    """An answer with an answer in it."""

    npv_usd: float | None
    by_month: np.typing.NDArray[np.float64]
    share: Estimate
    reasons: dict[str, str]


def test_a_typed_answer_is_a_tree_by_the_names_of_its_fields() -> None:
    share = Estimate(0.5, 0.1, 0.3, 0.7, 100)
    found = Found(math.nan, np.array([[1.0, math.nan]]), share, {"npv_usd": "none"})
    assert tree((found, None, True, "word")) == [
        {"npv_usd": None, "by_month": [[1.0, None]], "share": share.data(), "reasons": {"npv_usd": "none"}},
        None,
        True,
        "word",
    ]


def test_rows_have_a_column_for_each_name_and_a_unit_by_it() -> None:
    table = rows("some", [{"plan": "a", "ok": True, "npv_usd": 1.0}, {"plan": "b", "irr": None}])
    assert [column.key for column in table.columns] == ["plan", "ok", "npv_usd", "irr"]
    assert list(table.rows[0]) == [Text("a"), Text("true"), Value(1.0, "usd"), Text("")]
    assert list(table.rows[1]) == [Text("b"), Text(""), Text(""), Value(None, "ratio")]
    assert [column.key for column in rows("none", [], ("plan",)).columns] == ["plan"]


def test_a_heading_says_what_it_is_and_of_which_file() -> None:
    scenario = load(HILLTOP)
    reading = reading_of(scenario)
    assert heading("check") == {"format": "minecalc.check/1", "version": VERSION}
    assert list(heading("diff", reading, scenario)) == ["format", "version", "file", "sha256", "files", "name"]
    assert heading("diff", reading, scenario)["name"] == scenario.name
